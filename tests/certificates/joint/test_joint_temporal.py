"""The joint certificate of durations against every attack, and its two ways against each other."""

from functools import cache
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sklearn_certify._compute.first_work import FirstWork
from sklearn_certify.certificates import joint_temporal_accuracy, temporal_radius
from sklearn_certify.certificates.joint import _temporal
from sklearn_certify.exceptions import InvalidInputError

from ..brute_force import can_change, elect

MANY = settings(derandomize=True, max_examples=150, deadline=None)

can_change_cached = cache(can_change)  # rows and parts of attacks come back


def windows(first, last, n_periods):
    """The voters within reach of each attack of so many consecutive periods."""
    reached = set()
    for start in range(min(first) - 1, max(last) + 2):
        spans = enumerate(zip(first, last, strict=True))
        reached.add(frozenset(v for v, (f, e) in spans if f < start + n_periods and start <= e))
    return reached


def worst_number(rows, y, first, last, n_periods, n_classes, phantom):
    """How many rows stay correct under the worst attack, by trying each on each row."""
    correct = [row for row, t in zip(rows, y, strict=True) if elect(row, n_classes) == t]
    return min(
        sum(not (w and can_change_cached(row, w, n_classes, phantom)) for row in correct)
        for w in windows(first, last, n_periods)
    )


def check_all_attacks(votes, y, first, last, n_classes, phantom):
    rows = [tuple(row) for row in np.asarray(votes).tolist()]
    sizes = range(max(last) - min(first) + 3)
    spans = {"first_period": first, "last_period": last}
    found = joint_temporal_accuracy(
        votes, y, list(sizes), n_classes=n_classes, phantom=phantom, **spans
    )
    case = rows, y, first, last, n_classes, phantom
    expected = [
        worst_number(rows, y, first, last, size, n_classes, phantom) if size else None
        for size in sizes
    ]
    expected[0] = sum(elect(row, n_classes) == t for row, t in zip(rows, y, strict=True))
    assert np.rint(found * len(rows)).tolist() == expected, case
    return len(sizes)


@pytest.fixture(params=["kernel", "numpy"], autouse=True)
def way(request, monkeypatch):
    monkeypatch.setattr(FirstWork, "takes", lambda self, n_operations: request.param == "numpy")
    return request.param


@pytest.mark.parametrize("window", [1, 2])
@pytest.mark.parametrize("phantom", [False, True])
def test_every_pair_of_rows(window, phantom):
    """Pairs are the smallest sets of rows that an attack cannot flip as each by itself."""
    rows, n_voters = list(product([-1, 0, 1], repeat=4)), 4
    first = list(range(n_voters))
    last = [period + window - 1 for period in first]
    n_cases = 0
    for one in rows[::2]:
        for other in rows[::3]:
            y = [elect(one, 2), elect(other, 2)]
            n_cases += check_all_attacks([one, other], y, first, last, 2, phantom)
    assert n_cases > 6000


def test_every_vote_of_all_rows_at_once():
    """The attacker tells every reached voter what to say on every row; nothing is taken apart."""
    rng = np.random.default_rng(0)
    n_attacks = 0
    for _ in range(20):
        votes = rng.integers(-1, 2, size=(2, 4))
        y = np.array([elect(row, 2) for row in votes.tolist()])
        first, last = np.arange(4), np.arange(4) + int(rng.integers(2))
        for n_periods in (1, 2):
            least = 2
            for reached in windows(first, last, n_periods):
                reached = sorted(reached)
                for said in product([-1, 0, 1, 2], repeat=2 * len(reached)):
                    poisoned = votes.copy()
                    poisoned[:, reached] = np.reshape(said, (2, -1))
                    winners = [elect(row, 2) for row in poisoned.tolist()]
                    least = min(least, int((winners == y).sum()))
                    n_attacks += 1
            spans = {"first_period": first, "last_period": last}
            found = joint_temporal_accuracy(votes, y, n_periods, n_classes=2, **spans)
            assert found == least / 2
    assert n_attacks > 10_000


@st.composite
def test_sets(draw, most_voters, most_rows):
    n_classes, n_voters = draw(st.sampled_from([1, 2, 3])), draw(st.integers(1, most_voters))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    votes = rng.integers(-1, n_classes, size=(draw(st.integers(1, most_rows)), n_voters))
    agreeing = rng.random((len(votes), 1))
    votes = np.where(rng.random(votes.shape) < agreeing, votes[:, :1], votes)
    y = rng.integers(-1, n_classes, size=len(votes))
    likely = rng.random(len(votes)) < 0.8
    y = np.where(likely, [elect(row, n_classes) for row in votes.tolist()], y)
    first = rng.integers(-3, 8, size=n_voters) if draw(st.booleans()) else np.arange(n_voters)
    last = first + rng.integers(0, 4, size=n_voters if draw(st.booleans()) else 1)
    return votes, y, first, last, n_classes


test_sets.__test__ = False


@MANY
@given(case=test_sets(most_voters=7, most_rows=5), phantom=st.booleans())
def test_rows_and_spans_of_any_kind(case, phantom):
    votes, y, first, last, n_classes = case
    check_all_attacks(votes, y.tolist(), first.tolist(), last.tolist(), n_classes, phantom)


@MANY
@given(case=test_sets(most_voters=60, most_rows=30), phantom=st.booleans())
def test_what_is_known_of_all_votes(case, phantom):
    votes, y, first, last, n_classes = case
    sizes = np.arange(last.max() - first.min() + 3)
    rules = {"n_classes": n_classes, "phantom": phantom}
    spans = {"first_period": first, "last_period": last}
    together = joint_temporal_accuracy(votes, y, sizes, **rules, **spans)
    predicted, duration = temporal_radius(votes, first, last, n_classes, phantom=phantom)
    alone = ((predicted == y) & (duration >= sizes[:, np.newaxis])).mean(axis=1)
    assert (together >= alone).all() and together[0] == alone[0]
    assert (np.diff(together) <= 0).all()
    each = [
        joint_temporal_accuracy(votes[[i]], y[[i]], sizes, **rules, **spans)
        for i in range(len(votes))
    ]
    assert (together >= np.mean(each, axis=0) - 1e-12).all()  # of a single row it is the duration
    with pytest.MonkeyPatch.context() as patch:  # rows by and by
        patch.setattr(_temporal, "_MOST_NUMBERS", 3 * len(first))
        again = joint_temporal_accuracy(votes, y, sizes[::-1], **rules, **spans)
    np.testing.assert_array_equal(again[::-1], together)


def test_more_than_each_row_by_itself():
    """Rows that lean on voters of different times cannot be flipped together."""
    votes = np.full((10, 30), -1)
    for row in range(10):
        votes[row, 3 * row : 3 * row + 3] = 0
    spans = {"first_period": np.arange(30), "last_period": np.arange(30)}
    y = np.zeros(10, dtype=int)
    together = joint_temporal_accuracy(votes, y, [1, 2, 3, 4, 30], phantom=False, **spans)
    assert together.tolist() == [1, 1, 1, 1, 1]  # one class: nobody is a rival
    together = joint_temporal_accuracy(votes, y, [1, 2, 4, 30], **spans)
    durations = temporal_radius(votes, np.arange(30), np.arange(30), 1)[1]
    assert (durations == 1).all()
    # two voters turned to an invented label flip the rows that lean on them, at most two
    assert together.tolist() == [1, 0.8, 0, 0]


def test_edges_and_what_is_refused():
    spans = {"first_period": [0, 1], "last_period": [0, 1]}
    assert joint_temporal_accuracy([[0, 0]], [0], 0, **spans) == 1.0
    assert joint_temporal_accuracy([[0, 0]], [5], 0, n_classes=1, **spans) == 0.0
    assert joint_temporal_accuracy([[0, 0]], [0], 10**18, **spans) == 0.0
    assert joint_temporal_accuracy([[0, 0]], [0], [], **spans).shape == (0,)
    with pytest.raises(InvalidInputError, match="at least one row"):
        joint_temporal_accuracy(np.empty((0, 2), int), np.empty(0, int), 1, **spans)
    with pytest.raises(InvalidInputError, match="last_period lies before first_period"):
        joint_temporal_accuracy([[0]], [0], 1, first_period=[1], last_period=[0])
    with pytest.raises(InvalidInputError, match="must not be negative"):
        joint_temporal_accuracy([[0, 0]], [0], -1, **spans)
