"""On a GPU, too, a network is a function of its rows and its seed; skipped where there is none."""

import numpy as np
import pytest
import torch
from sklearn.base import clone

from sklearn_certify import DPAClassifier
from sklearn_certify.augmentation import RandomAffine
from sklearn_certify.networks import NetClassifier, StackedNetClassifier

from .modules import Convolution, shared_settings
from .test_company import DIGITS, IMAGES, LABELS, NETS, assert_same, samples_of

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU")
every_net = pytest.mark.parametrize("name", NETS)


def on_gpu(net):
    return clone(net).set_params(device="cuda")


@every_net
def test_it_is_the_same_at_every_place_in_any_company_and_alone(name):
    net, own = on_gpu(NETS[name]), samples_of(1, 1)[0]
    alone = clone(net).set_params(random_state=own[2]).fit(*own[:2])
    for place in range(4):
        others = samples_of(2 + place, 6)
        assert_same(net.fit_stack([*others[:place], own, *others[place:]])[place], alone)


@every_net
def test_what_it_says_depends_on_nobody_else(name):
    net = on_gpu(NETS[name])
    voters = net.fit_stack(samples_of(4, net.n_stacked))
    classes = np.arange(12)
    scores = net.score_stack(voters, DIGITS[:600], classes)
    for place, voter in enumerate(voters):
        lonely = [voter if i == place else None for i in range(net.n_stacked)]
        again = net.score_stack(lonely, DIGITS[:600], classes)
        np.testing.assert_array_equal(again[place], scores[place])


def test_nothing_is_left_changed_and_ensembles_repeat():
    torch.zeros(1, device="cuda")
    before = shared_settings()
    images = DIGITS.reshape(-1, 8, 8)
    for net in (
        StackedNetClassifier(augmentation=RandomAffine(), device="cuda", **IMAGES),
        NetClassifier(Convolution, max_epochs=2, device="cuda"),
    ):
        dpa = DPAClassifier(net, n_partitions=6)
        votes = dpa.fit(images[:200], LABELS[:200]).votes(images[200:300])
        again = clone(dpa).fit(images[199::-1], LABELS[199::-1])
        np.testing.assert_array_equal(again.votes(images[200:300]), votes)
        assert shared_settings() == before
