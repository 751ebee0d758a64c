"""Devices that run out of memory: fewer voters at a time, and each as it would have been."""

import numpy as np
import pytest
import torch
from sklearn.base import clone
from sklearn.datasets import load_digits
from torch import nn

from sklearn_certify import DPAClassifier
from sklearn_certify.exceptions import CertifyWarning, LearnerError, VoterError
from sklearn_certify.networks import StackedNetClassifier, _places, _stack, _stack_training
from sklearn_certify.networks._short_memory import is_out_of_memory

from .test_company import assert_same, samples_of

DIGITS, LABELS = load_digits(return_X_y=True)
DIGITS = DIGITS.astype(np.float32)
QUICK = {"n_epochs": 6, "n_stacked": 8}


@pytest.fixture(autouse=True)
def nothing_is_known_of_places(monkeypatch):
    monkeypatch.setattr(_places, "_found", {})


class _Filling(torch.autograd.Function):
    """Asks for more memory than there is, if there are many voters."""

    generate_vmap_rule = False
    most, calls_left = np.inf, np.inf  # voters; calls in which all is well
    sizes = ()

    @staticmethod
    def forward(values):
        return values.clone()

    @staticmethod
    def setup_context(ctx, inputs, output):
        pass

    @staticmethod
    def backward(ctx, gradient):
        return gradient

    @staticmethod
    def vmap(info, in_dims, values):
        _Filling.sizes.append(info.batch_size)
        _Filling.calls_left -= 1
        if info.batch_size > _Filling.most and _Filling.calls_left < 0:
            torch.empty(2**50)
        return values.clone(), 0


class Hungry(nn.Module):
    def __init__(self, n_classes):
        super().__init__()
        self.layers = nn.Sequential(nn.Conv2d(1, 8, 3), nn.ReLU(), nn.Flatten())
        self.output = nn.Linear(8 * 36, n_classes)

    def forward(self, images):
        return self.output(self.layers(_Filling.apply(images)))


@pytest.fixture
def limit(monkeypatch):
    """Let there be room for so many voters at once, from the start or from some call on."""

    def set_to(most, calls_left=0):
        monkeypatch.setattr(_Filling, "most", most)
        monkeypatch.setattr(_Filling, "calls_left", calls_left)
        monkeypatch.setattr(_Filling, "sizes", [])
        return _Filling.sizes

    return set_to


HUNGRY = StackedNetClassifier(Hungry, image_shape=(8, 8), random_state=0, **QUICK)


def test_errors_that_mean_that_memory_ran_out():
    for message in (
        "CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`",
        "CUDA error: out of memory",
    ):
        assert is_out_of_memory(RuntimeError(message))
    assert is_out_of_memory(torch.cuda.OutOfMemoryError("Tried to allocate 2 GiB"))
    for ask in (lambda: torch.empty(2**50), lambda: np.empty(2**50)):
        with pytest.raises((RuntimeError, MemoryError)) as caught:
            ask()
        assert is_out_of_memory(caught.value)
    assert not is_out_of_memory(RuntimeError("shapes do not match"))
    assert not is_out_of_memory(ValueError("out of memory"))


@pytest.mark.parametrize("most", [7, 3, 2])
@pytest.mark.parametrize("good_calls", [0, 8, 12])  # places are tried in eight
def test_fewer_voters_learn_at_once_and_come_out_the_same(limit, most, good_calls):
    samples = samples_of(20, 11)
    limit(np.inf)
    expected = HUNGRY.fit_stack(samples)
    sizes = limit(most, good_calls)
    _places._found.clear()
    with pytest.warns(CertifyWarning, match="^Device 'cpu' ran out of memory; ") as warned:
        found = HUNGRY.fit_stack(samples)
    assert len(warned) == 1
    assert max(sizes[-8:]) <= most
    for voter, other in zip(found, expected, strict=True):
        assert_same(voter, other)
    n_tries = len(sizes)
    if not good_calls:  # what was found out stays so
        HUNGRY.fit_stack(samples)
        assert max(sizes[n_tries:]) <= most


@pytest.mark.parametrize("most", [5, 2])
@pytest.mark.parametrize("good_calls", [0, 1, 2])  # places are tried in one
def test_fewer_voters_answer_at_once_and_say_the_same(limit, most, good_calls):
    limit(np.inf)
    voters = HUNGRY.fit_stack(samples_of(21, 8))
    voters[3] = None
    queries, classes = DIGITS[:150], np.arange(11)
    expected = HUNGRY.score_stack(voters, queries, classes)
    limit(most, good_calls)
    _places._found.clear()
    with pytest.warns(CertifyWarning, match="^Device 'cpu' ran out of memory; ") as warned:
        found = HUNGRY.score_stack(voters, queries, classes)
    assert len(warned) == 1
    np.testing.assert_array_equal(found, expected)


def test_votes_of_an_ensemble_do_not_tell_how_much_memory_there_was(limit):
    dpa = DPAClassifier(HUNGRY, n_partitions=9)
    limit(np.inf)
    votes = dpa.fit(DIGITS[:250], LABELS[:250]).votes(DIGITS[250:300])
    limit(3, 12)
    _places._found.clear()
    with pytest.warns(CertifyWarning, match="ran out of memory"):
        again = clone(dpa).fit(DIGITS[:250], LABELS[:250]).votes(DIGITS[250:300])
    np.testing.assert_array_equal(again, votes)


def test_a_single_voter_without_room_is_an_error(limit):
    samples = samples_of(22, 3)
    limit(0)
    words = "no memory on device 'cpu' for a single voter to be trained; make the module smaller"
    with pytest.raises(LearnerError, match=words) as caught:
        HUNGRY.fit_stack(samples)
    assert is_out_of_memory(caught.value.__cause__)
    for n_stacked in (1, 8):  # with one place, none are tried
        with pytest.raises(LearnerError, match=words):
            clone(HUNGRY).set_params(n_stacked=n_stacked).fit(*samples[0][:2])
    with pytest.raises(VoterError, match=f"voter 0 on its .* rows .*{words}"):
        DPAClassifier(HUNGRY, n_partitions=2).fit(DIGITS[:60], LABELS[:60])
    limit(np.inf)
    voter = HUNGRY.fit_stack(samples)[0]
    limit(0)
    _places._found.clear()
    with pytest.raises(LearnerError, match="for a single voter to be asked"):
        voter.predict(DIGITS[:5])


def test_voters_are_not_halved_where_that_changes_them(limit, monkeypatch):
    plain = _stack.Stack.state_at

    def by_size(self, place):
        return {**plain(self, place), "size": np.array(self.n_places)}

    monkeypatch.setattr(_stack.Stack, "state_at", by_size)
    limit(7, 12)
    with pytest.raises(LearnerError, match="4 would differ in their last digits; set n_stacked=4"):
        HUNGRY.fit_stack(samples_of(23, 8))


def out_of_memory(monkeypatch, most):
    """Let a device have room for so many voters' rows."""
    plain, sizes = _stack.Stack.__init__, []

    def init(self, trainees, *arguments):
        sizes.append(len(trainees))
        if len(trainees) > most:
            raise torch.cuda.OutOfMemoryError("CUDA out of memory.")
        plain(self, trainees, *arguments)

    monkeypatch.setattr(_stack_training.Stack, "__init__", init)
    return sizes


def test_the_rows_of_fewer_voters_are_kept_on_a_device_without_room(monkeypatch):
    net = StackedNetClassifier(n_epochs=3, n_stacked=4)
    samples = samples_of(10, 21)
    expected = net.fit_stack(samples)
    sizes = out_of_memory(monkeypatch, most=8)
    with pytest.warns(CertifyWarning, match="half as many voters, 12, are kept there") as warned:
        found = net.fit_stack(samples)
    assert sizes == [21, 12, 8, 8, 5]
    assert len(warned) == 1
    for voter, other in zip(found, expected, strict=True):
        assert_same(voter, other)


def test_voters_come_in_parts_if_their_rows_are_many(monkeypatch):
    net = StackedNetClassifier(n_epochs=3, n_stacked=4)
    samples = samples_of(11, 11)
    expected = net.fit_stack(samples)
    monkeypatch.setattr(_stack_training, "free_memory", lambda device: 64 * 4 * 40 * 5)
    sizes = out_of_memory(monkeypatch, most=99)
    for voter, other in zip(net.fit_stack(samples), expected, strict=True):
        assert_same(voter, other)
    assert sizes == [8, 3]


def test_a_checkpoint_is_where_a_voter_goes_on_from_when_memory_ran_out(
    limit, monkeypatch, tmp_path
):
    net = clone(HUNGRY).set_params(checkpoint_folder=tmp_path, checkpoint_interval=0)
    samples = samples_of(24, 8)
    limit(np.inf)
    expected = HUNGRY.fit_stack(samples)
    plain, taken = _stack.Stack.step, []

    def step(self):
        taken.append([voter.step for voter in self.voters if voter is not None])
        return plain(self)

    limit(4, 8 + 5)  # after eight trials the sixth step finds no room
    _places._found.clear()
    monkeypatch.setattr(_stack.Stack, "step", step)
    with pytest.warns(CertifyWarning, match="4 voters are trained at once, with the same results"):
        found = net.fit_stack(samples)
    assert [set(steps) for steps in taken[8:14]] == [{number} for number in range(6)]
    assert set(taken[14 + 8]) == {5}  # after the trials with four places
    for voter, other in zip(found, expected, strict=True):
        assert_same(voter, other)
