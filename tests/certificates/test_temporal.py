"""Durations and earlinesses against every attack, and the ways to find them against each other."""

from functools import cache
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sklearn_certify._compute.first_work import FirstWork
from sklearn_certify.certificates import (
    _temporal_kernels,
    plurality_radius,
    temporal,
    temporal_earliness,
    temporal_radius,
)
from sklearn_certify.exceptions import InvalidInputError

from .brute_force import ABSTAINS, can_change

MANY = settings(derandomize=True, max_examples=150, deadline=None)


@cache
def some_votes_change_it(untouched, reached, n_classes, phantom):
    """Whether voters may vote so that another class wins; voters of either kind are sorted."""
    return can_change(
        untouched + reached, range(len(untouched), len(untouched + reached)), n_classes, phantom
    )


def by_all_attacks(row, first, last, n_classes, phantom, *, until_the_end=False):
    """The largest number of periods that no attack is too long for, by trying each."""
    begin, end = min(first), max(last)
    for length in range(1, end - begin + 2):
        starts = [end - length + 1] if until_the_end else range(begin - 1, end + 2)
        for start in starts:
            meets = [f < start + length and start <= e for f, e in zip(first, last, strict=True)]
            reached = [vote for vote, met in zip(row, meets, strict=True) if met]
            rest = [vote for vote, met in zip(row, meets, strict=True) if not met]
            votes = tuple(sorted(rest)), tuple(sorted(reached))
            if reached and some_votes_change_it(*votes, n_classes, phantom):
                return length - 1
    return end - begin + 1


def check_all_attacks(rows, first, last, n_classes):
    for phantom in (False, True):
        predicted, durations = temporal_radius(rows, first, last, n_classes, phantom=phantom)
        again, earlinesses = temporal_earliness(rows, first, last, n_classes, phantom=phantom)
        np.testing.assert_array_equal(predicted, again)
        np.testing.assert_array_equal(predicted, plurality_radius(rows, n_classes)[0])
        for row, duration, earliness in zip(rows, durations, earlinesses, strict=True):
            case = list(row), first, last, n_classes, phantom
            assert duration == by_all_attacks(*case), case
            assert earliness == by_all_attacks(*case, until_the_end=True), case


@pytest.mark.parametrize("window", [1, 2, 3, 7])
@pytest.mark.parametrize(("n_classes", "n_voters"), [(1, 7), (2, 7), (3, 5)])
def test_no_attack_within_and_one_just_beyond(n_classes, n_voters, window):
    for n in range(1, n_voters + 1):
        rows = list(product([ABSTAINS, *range(n_classes)], repeat=n))
        first = list(range(-2, n - 2))
        check_all_attacks(rows, first, [period + window - 1 for period in first], n_classes)


@st.composite
def elections(draw, most_voters):
    """Votes that come in runs, as they do where a concept drifts, and spans of several kinds."""
    n_classes, n_voters = draw(st.sampled_from([1, 2, 3, 9])), draw(st.integers(1, most_voters))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    votes = rng.integers(ABSTAINS, n_classes, size=(draw(st.integers(0, 6)), n_voters))
    runs = np.repeat(votes, rng.integers(1, 8), axis=1)[:, :n_voters]
    votes = np.where(rng.random(votes.shape) < rng.random((len(votes), 1)), runs, votes)
    kind = draw(st.sampled_from(["even", "strides", "any"]))
    length = draw(st.integers(1, 6))
    if kind == "any":
        first = rng.integers(-5, 2 * n_voters, size=n_voters)
        return votes, first, first + rng.integers(0, length, size=n_voters), n_classes
    first = 100 + np.arange(n_voters) * (1 if kind == "even" else draw(st.integers(1, 4)))
    return votes, first, first + length - 1, n_classes


@MANY
@given(election=elections(most_voters=8))
def test_spans_of_any_kind(election):
    votes, first, last, n_classes = election
    check_all_attacks(votes, first.tolist(), last.tolist(), n_classes)


@MANY
@given(election=elections(most_voters=150), phantom=st.booleans())
def test_numpy_alone_and_each_kernel_agree(election, phantom):
    expected = [f(*election, phantom=phantom) for f in (temporal_radius, temporal_earliness)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(temporal, "_durations", _temporal_kernels.durations)
        np.testing.assert_array_equal(temporal_radius(*election, phantom=phantom), expected[0])
        patch.setattr(FirstWork, "takes", lambda self, n_operations: True)
        np.testing.assert_array_equal(temporal_radius(*election, phantom=phantom), expected[0])
        np.testing.assert_array_equal(temporal_earliness(*election, phantom=phantom), expected[1])


@pytest.mark.parametrize("window", [1, 3, 40, 700])
def test_many_voters_of_many_classes(window):
    """Blocks of voters, sums beyond 8 bits, and rows that threads share."""
    rng = np.random.default_rng(0)
    predicted, agreeing = rng.integers(0, 20, size=(400, 1)), rng.random((400, 1))
    votes = rng.integers(ABSTAINS, 20, size=(400, 600))
    votes = np.where(rng.random(votes.shape) < agreeing, predicted, votes)
    votes[::4, 200:330] = votes[::4, :1]
    first = np.arange(600)
    expected = np.empty(400, dtype=np.int64)
    counts = np.stack([(votes == label).sum(axis=1) for label in range(20)], axis=1)
    winners = counts.argmax(axis=1)
    gaps = temporal.rival_gaps(counts, winners, phantom=True)
    temporal.durations_by_numpy(votes, winners, gaps, first, first + window - 1, expected)
    found = temporal_radius(votes, first, first + window - 1, 20)
    np.testing.assert_array_equal(found, [winners, expected])
    assert window > 300 or len(np.unique(expected)) > 50


@pytest.mark.parametrize("n_voters", [63, 64, 65, 16383, 16384, 16385])
def test_damage_at_the_end_of_a_type(monkeypatch, n_voters):
    monkeypatch.setattr(FirstWork, "takes", lambda self, n_operations: False)
    unanimous, first = np.zeros((1, n_voters), dtype=int), np.arange(n_voters)
    assert temporal_radius(unanimous, first, first, 2)[1] == [(n_voters - 1) // 2]


@MANY
@given(election=elections(most_voters=40), phantom=st.booleans(), data=st.data())
def test_what_is_known_of_all_votes(election, phantom, data):
    votes, first, last, n_classes = election
    _, duration = temporal_radius(*election, phantom=phantom)
    _, earliness = temporal_earliness(*election, phantom=phantom)
    assert (duration >= 0).all() and (duration <= earliness).all()
    _, fixed = temporal_radius(*election, phantom=False)
    assert (duration <= fixed).all()
    # voters that learn from more are reached by more
    longer = last + data.draw(st.integers(0, 3), "more periods")
    _, shorter = temporal_radius(votes, first, longer, n_classes, phantom=phantom)
    assert ((shorter <= duration) | (n_classes == 1)).all()
    # neither the order of the voters nor the number of the first period matters
    order = np.array(data.draw(st.permutations(range(len(first))), "order"))
    shift = data.draw(st.integers(-1000, 1000), "shift")
    moved = votes[:, order], first[order] + shift, last[order] + shift, n_classes
    np.testing.assert_array_equal(temporal_radius(*moved, phantom=phantom)[1], duration)
    np.testing.assert_array_equal(temporal_earliness(*moved, phantom=phantom)[1], earliness)


@pytest.mark.parametrize("radius", [temporal_radius, temporal_earliness])
def test_edges(radius):
    none = np.empty((0, 4), dtype=int)
    assert radius(none, range(4), range(4), 2)[1].shape == (0,)
    for phantom in (False, True):
        assert radius([[ABSTAINS] * 4], range(4), range(4), 3, phantom=phantom)[1] == [0]
    assert radius([[0, 0, 0]], [5, 6, 7], [6, 7, 12], 1, phantom=False)[1] == [8]
    far = np.array([-(2**61), 2**61])
    assert radius([[0, 0]], far, far, 1, phantom=False)[1] == [2**62 + 1]


@pytest.mark.parametrize("radius", [temporal_radius, temporal_earliness])
@pytest.mark.parametrize(
    ("first", "last", "message"),
    [
        ([0, 1], [0, 1], "first_period must hold one period for each of the 3 voters"),
        ([0, 1, 2], [[0, 1, 2]], "last_period must hold one period for each"),
        ([0, 1, 2.0], [0, 1, 2], "first_period must hold whole numbers"),
        ([0, 1, 2], [False, True, True], "last_period must hold whole numbers"),
        ([0, 1, 2], [0, 0, 2], "last_period lies before first_period for voter 1: 0 and 1"),
        ([0, 1, 2], [0, 1, 2**62], "last_period must lie between"),
    ],
)
def test_bad_spans(radius, first, last, message):
    with pytest.raises(InvalidInputError, match=message):
        radius([[0, 1, 0]], first, last, 2)
