"""A network is a function of its rows and its seed, to the last bit, whoever is trained with it."""

import numpy as np
import pytest
import torch
from sklearn.base import clone
from sklearn.datasets import load_digits
from torch import nn

from sklearn_certify.augmentation import RandomAffine
from sklearn_certify.exceptions import CertifyWarning
from sklearn_certify.networks import (
    MultilayerPerceptron,
    NetworkInNetwork,
    RandomAffineOnDevice,
    SmallConvNet,
    StackedNetClassifier,
)

DIGITS, LABELS = load_digits(return_X_y=True)
DIGITS = DIGITS.astype(np.float32)


class Mixed(nn.Module):
    """Batch normalization, dropout of both kinds, pooling, and sizes that fill no cache line."""

    def __init__(self, n_classes):
        super().__init__()
        self.images = nn.Sequential(
            nn.Conv2d(1, 7, 3, padding=1),
            nn.BatchNorm2d(7),
            nn.ReLU(),
            nn.Dropout2d(0.2),
            nn.AvgPool2d(3, 2, 1),
            nn.Conv2d(7, 9, 1, bias=False),
            nn.Flatten(),
        )
        self.vectors = nn.Sequential(
            nn.Linear(9 * 16, 21), nn.BatchNorm1d(21), nn.Tanh(), nn.Dropout(0.3)
        )
        self.output = nn.Linear(21, n_classes)

    def forward(self, images):
        return self.output(self.vectors(self.images(images)))


def half_turned(images):
    """Mirror some images: what a user's function may do."""
    return torch.where(torch.rand(len(images), 1, 1, 1) < 0.5, images.flip(3), images)


SMALL = {"n_epochs": 3, "n_stacked": 4, "random_state": 0}
IMAGES = {**SMALL, "image_shape": (8, 8)}
NETS = {
    "table": StackedNetClassifier(**SMALL),
    "odd sizes": StackedNetClassifier(
        MultilayerPerceptron,
        module_params={"hidden_layer_sizes": (13, 5), "dropout": 0.2},
        batch_size=7,
        optimizer="sgd",
        learning_rate=0.05,
        schedule="step",
        label_smoothing=0.1,
        **SMALL,
    ),
    "images": StackedNetClassifier(**IMAGES),
    "mixed": StackedNetClassifier(Mixed, schedule="cosine", **IMAGES),
    "network in network": StackedNetClassifier(
        NetworkInNetwork, module_params={"width": 12}, **{**IMAGES, "n_epochs": 1}
    ),
    "affine": StackedNetClassifier(augmentation=RandomAffine(rotation=20), **IMAGES),
    "affine on device": StackedNetClassifier(
        augmentation=RandomAffineOnDevice(shear=5, horizontal_flip=True), **IMAGES
    ),
    "a function": StackedNetClassifier(augmentation=half_turned, **IMAGES),
    "half precision": StackedNetClassifier(precision="bfloat16", **IMAGES),
    "one place": StackedNetClassifier(**{**SMALL, "n_stacked": 1}),
}
every_net = pytest.mark.parametrize("net", NETS.values(), ids=NETS)


def samples_of(seed, n_voters, dtype=np.float32):
    """Rows, labels and seeds: some voters have few rows, some lack labels."""
    rng = np.random.default_rng(seed)
    samples = []
    for number in range(n_voters):
        rows = rng.permutation(len(DIGITS))[: rng.integers(3, 40)]
        X, y = DIGITS[rows].astype(dtype), LABELS[rows] % rng.integers(3, 11)
        y[:2] = 0, 1
        samples.append((X * rng.uniform(0.5, 2), y, 1000 * seed + number))
    return samples


def state_of(net):
    state = {name: tensor.numpy() for name, tensor in net.module_.state_dict().items()}
    return {**state, "mean": net.input_mean_, "deviation": net.input_deviation_, "l": net.loss_}


def assert_same(net, expected):
    ours, theirs = state_of(net), state_of(expected)
    assert ours.keys() == theirs.keys()
    for name, value in ours.items():
        np.testing.assert_array_equal(value, theirs[name], err_msg=name)
    np.testing.assert_array_equal(net.classes_, expected.classes_)


@every_net
def test_it_is_the_same_at_every_place_in_any_company_and_alone(net):
    own = samples_of(1, 1)[0]
    alone = clone(net).set_params(random_state=own[2]).fit(*own[:2])
    for place in range(4):
        others = samples_of(2 + place, 6)
        samples = [*others[:place], own, *others[place:]]
        assert_same(net.fit_stack(samples)[place], alone)


@every_net
@pytest.mark.parametrize("dtype", [np.float64, np.uint8])
def test_the_rows_of_others_move_nothing(net, dtype):
    samples = samples_of(3, 6, dtype=dtype)
    samples = [(X.astype(dtype), y, seed) for X, y, seed in samples]
    expected = net.fit_stack(samples)
    X, y, seed = samples[2]
    changed = list(samples)
    changed[2] = (X[:-1], np.roll(y[:-1], 1), seed)
    changed[5] = (np.full_like(X, 200), y, seed)
    for number, (found, voter) in enumerate(zip(net.fit_stack(changed), expected, strict=True)):
        if number not in (2, 5):
            assert_same(found, voter)
    assert not np.array_equal(
        net.fit_stack(changed)[2].module_.state_dict().popitem()[1],
        expected[2].module_.state_dict().popitem()[1],
    )


@every_net
def test_one_that_diverges_is_one_and_moves_nobody(net):
    net = clone(net).set_params(normalize=False, n_epochs=20)
    samples = samples_of(8, 6)
    expected = net.fit_stack(samples)
    X, y, seed = samples[2]
    samples[2] = (np.full_like(X, 3e38), y, seed)
    found = net.fit_stack(samples)
    assert found[2] is None
    for number in (0, 1, 3, 4, 5):
        assert_same(found[number], expected[number])


@every_net
def test_what_it_says_depends_on_nobody_else(net):
    voters = net.fit_stack(samples_of(4, net.n_stacked))
    strangers = net.fit_stack(samples_of(5, net.n_stacked))
    queries, classes = DIGITS[:150], np.arange(12)
    scores = net.score_stack(voters, queries, classes)
    votes = net.vote_stack(voters, queries, classes)
    np.testing.assert_array_equal(votes, scores.argmax(axis=2))
    for place, voter in enumerate(voters):
        company = [voter if i == place else strangers[i] for i in range(net.n_stacked)]
        lonely = [voter if i == place else None for i in range(net.n_stacked)]
        moved = [voter if i == 0 else strangers[i] for i in range(net.n_stacked)]
        for there in (company, lonely):
            again = net.score_stack(there, queries, classes)
            np.testing.assert_array_equal(again[place], scores[place])
        np.testing.assert_array_equal(net.score_stack(moved, queries, classes)[0], scores[place])
        columns = np.searchsorted(classes, voter.classes_)
        expected = voter.predict_proba(queries)
        np.testing.assert_array_equal(scores[place][:, columns], expected)
        unknown = np.setdiff1d(np.arange(12), columns)
        assert (scores[place][:, unknown] == -np.inf).all()
        np.testing.assert_array_equal(voter.predict(queries), classes[votes[place]])


@every_net
def test_other_queries_move_nothing(net):
    voter = net.fit_stack(samples_of(6, 1))[0]
    queries = DIGITS[:150]
    expected = voter.predict_proba(queries)
    order = np.random.default_rng(0).permutation(len(queries))
    np.testing.assert_array_equal(voter.predict_proba(queries[order]), expected[order])
    np.testing.assert_array_equal(voter.predict_proba(queries[70:73]), expected[70:73])
    np.testing.assert_array_equal(voter.predict_proba(queries[[149]]), expected[[149]])
    others = np.concatenate([queries[:1], 1e3 * queries[1:]])
    np.testing.assert_array_equal(voter.predict_proba(others)[0], expected[0])


class Sums(nn.Module):
    """What is summed up differs from place to place, as on a machine that rounds by places."""

    def __init__(self, n_classes):
        super().__init__()
        self.output = nn.Linear(64, n_classes)

    def forward(self, rows):
        return _ByPlace.apply(self.output(rows))


class _ByPlace(torch.autograd.Function):
    generate_vmap_rule = False

    @staticmethod
    def forward(outputs):
        return outputs.clone()

    @staticmethod
    def setup_context(ctx, inputs, output):
        pass

    @staticmethod
    def backward(ctx, gradient):
        return gradient

    @staticmethod
    def vmap(info, in_dims, outputs):
        places = torch.arange(len(outputs)).view(-1, 1, 1)
        return outputs * (1 + 1e-6 * places), 0


def test_a_module_whose_places_differ_is_trained_one_by_one():
    net = StackedNetClassifier(Sums, **SMALL)
    samples = samples_of(7, 3)
    with pytest.warns(
        CertifyWarning, match="depends on its place in a stack here, so voters are tr"
    ):
        voters = net.fit_stack(samples)
    for voter, (X, y, seed) in zip(voters, samples, strict=True):
        assert_same(clone(net).set_params(random_state=seed).fit(X, y), voter)
    with pytest.warns(CertifyWarning, match="voters are asked one by one"):
        scores = net.score_stack([None, *voters], DIGITS[:9], np.arange(10))
    reverse = net.score_stack([*voters[::-1], None], DIGITS[:9], np.arange(10))
    np.testing.assert_array_equal(scores[1:], reverse[2::-1])


def test_seeds_and_epochs_matter():
    X, y = DIGITS[:40], LABELS[:40]
    nets = [
        StackedNetClassifier(SmallConvNet, **IMAGES),
        StackedNetClassifier(SmallConvNet, **{**IMAGES, "random_state": 1}),
        StackedNetClassifier(SmallConvNet, **{**IMAGES, "n_epochs": 4}),
        StackedNetClassifier(SmallConvNet, augmentation=RandomAffine(), **IMAGES),
        StackedNetClassifier(SmallConvNet, module_params={"dropout": 0.5}, **IMAGES),
    ]
    weights = [net.fit(X, y).module_.output.weight.numpy(force=True) for net in nets]
    for other in weights[1:]:
        assert np.abs(weights[0] - other).max() > 1e-4
