"""The joint certificate of the run-off election against every attack, and beside other bounds."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sklearn_certify.certificates import (
    joint_partition_accuracy,
    joint_runoff_accuracy,
    runoff_radius,
    runoff_votes,
)
from sklearn_certify.certificates.joint import _flips_together, _partition, _runoff
from sklearn_certify.certificates.joint._runoff_ballots import runoff_ballots
from sklearn_certify.certificates.joint._runoff_rows import (
    RunoffRows,
    fill_runoff_shares,
    runoff_flips_by_search,
    runoff_flips_by_single_partitions,
)
from sklearn_certify.exceptions import InvalidInputError

from ..runoff_attacks import NEVER, can_change, elect, random_camps, random_scores, random_spread

# --- the attacker, in plain Python --------------------------------------------------------------


def worst_accuracies(scores, y, spread, **options):
    """The accuracy under the worst attack on at most 0, 1, ... all partitions."""
    correct = [row for row, t in zip(scores, y, strict=True) if elected(row, options) == t]
    least = [len(correct)]
    for size in range(1, len(spread) + 1):
        attacks = {touched_by(chosen, spread) for chosen in combinations(range(len(spread)), size)}
        flips = [sum(can_change(row, touched, **options) for row in correct) for touched in attacks]
        least.append(len(correct) - max(flips))
    return np.minimum.accumulate(least) / len(scores)


def elected(row, options):
    return elect(row, options["may_abstain"])


def touched_by(partitions, spread):
    return tuple(sorted(set(spread[list(partitions)].ravel().tolist())))


def random_case(rng, most_voters=5, most_rows=3):
    """Scores, true classes, a spread or None, the partitions, and the rules of the election."""
    n_voters, n_classes = rng.integers(1, most_voters + 1), rng.integers(1, 4)
    draw = random_scores if rng.random() < 0.6 else random_camps
    n_rows = rng.integers(1, most_rows + 1)
    scores = np.stack([draw(rng, n_voters, n_classes) for _ in range(n_rows)])
    if rng.random() < 0.5:  # rows that different voters decide: the others agree, or abstain
        decided = rng.random((n_rows, n_voters)) < 0.5
        scores[decided] = rng.choice([NEVER, 0.0])
        scores[decided, rng.integers(n_classes)] = rng.choice([NEVER, 3.0])
    kind = rng.choice(["plain", "cyclic", "any"])
    spread = None if kind == "plain" else random_spread(rng, n_voters, kind)
    partitions = np.arange(n_voters)[:, None] if spread is None else spread
    options = dict(zip(("phantom", "may_abstain"), rng.integers(2, size=2) > 0, strict=True))
    y = np.array([elected(row, options) for row in scores])
    if rng.random() < 0.2:
        y[0] = -1
    return scores, y, spread, partitions, options


def ensemble(seed, n_rows, n_voters, degree=None, n_classes=4):
    """Scores of an ensemble whose rows differ in difficulty, true classes, and a spread."""
    rng = np.random.default_rng(seed)
    y = rng.integers(0, n_classes, n_rows)
    scores = rng.normal(size=(n_rows, n_voters, n_classes)).astype(np.float32)
    scores[np.arange(n_rows), :, y] += rng.uniform(0.2, 3, (n_rows, 1))
    if degree is None:
        return scores, y, None
    offsets = rng.permutation(n_voters)[:degree]
    return scores, y, (np.arange(n_voters)[:, None] + offsets) % n_voters


def rows_to_flip(scores, spread, budget, *, phantom=True, may_abstain=False):
    """The rows, in the form that the bounds take, that `budget` partitions may flip."""
    options = {"phantom": phantom, "may_abstain": may_abstain}
    predicted, radius = runoff_radius(scores, spread=spread, **options)
    ballots = runoff_ballots(scores, predicted, radius, np.flatnonzero(radius < budget))
    n_classes = scores.shape[2]
    counts = [np.bincount(row[row >= 0], minlength=n_classes + 1) for row in ballots.votes]
    counts = np.array(counts, dtype=np.int64).reshape(-1, n_classes + 1)
    spread = np.arange(scores.shape[1])[:, None] if spread is None else spread
    return RunoffRows(ballots, counts, np.asarray(spread), **options)


def pointwise_accuracy(scores, y, sizes, **options):
    predicted, radius = runoff_radius(scores, **options)
    return np.array([np.mean((predicted == y) & (radius >= size)) for size in sizes])


@pytest.fixture
def without_search(monkeypatch):
    monkeypatch.setattr(_runoff, "runoff_flips_by_search", lambda rows, budget: None)


# --- the certificate ----------------------------------------------------------------------------


def compare_with_all_attacks(seed, n_cases):
    """Try all attacks on small elections; return how often the joint bound is the higher one."""
    rng = np.random.default_rng(seed)
    gains = 0
    for _ in range(n_cases):
        scores, y, spread, partitions, options = random_case(rng)
        sizes = np.arange(len(partitions) + 1)
        accuracies = joint_runoff_accuracy(scores, y, sizes, spread=spread, **options)
        truth = worst_accuracies(scores, y, partitions, **options)
        np.testing.assert_array_equal(accuracies[:-1], truth[:-1])
        assert accuracies[-1] <= truth[-1]
        pointwise = pointwise_accuracy(scores, y, sizes, spread=spread, **options)
        assert (accuracies >= pointwise).all()
        gains += (accuracies > pointwise).sum()
    return gains


@pytest.mark.parametrize("seed", range(4))
def test_worst_of_all_attacks(seed):
    assert compare_with_all_attacks(seed, 150) > 1


@pytest.mark.parametrize("seed", range(4))
def test_bounds_never_exceed_the_worst_of_all_attacks(seed, without_search, n_cases=100):
    rng = np.random.default_rng(100 + seed)
    for _ in range(n_cases):
        scores, y, spread, partitions, options = random_case(rng, most_voters=6, most_rows=6)
        sizes = np.arange(len(partitions) + 1)
        accuracies = joint_runoff_accuracy(scores, y, sizes, spread=spread, **options)
        assert (accuracies <= worst_accuracies(scores, y, partitions, **options)).all()
        pointwise = pointwise_accuracy(scores, y, sizes, spread=spread, **options)
        assert (accuracies >= pointwise).all()


@pytest.mark.parametrize("degree", [None, 3])
@pytest.mark.parametrize("phantom", [True, False])
def test_never_below_pointwise_and_never_rises(degree, phantom, without_search):
    scores, y, spread = ensemble(0, 300, 40, degree)
    sizes = np.arange(20)
    options = {"spread": spread, "phantom": phantom}
    joint = joint_runoff_accuracy(scores, y, sizes, **options)
    pointwise = pointwise_accuracy(scores, y, sizes, **options)
    assert (joint >= pointwise).all()
    assert (joint > pointwise).sum() >= 5
    assert (np.diff(joint) <= 0).all()
    assert joint[0] == pointwise[0]


def test_two_classes_are_a_plurality(monkeypatch, without_search):
    # with two classes that every voter has seen, both elections are the same
    monkeypatch.setattr(_partition, "flips_by_search", lambda rows, budget: None)
    scores, y, _ = ensemble(1, 200, 40, n_classes=2)
    sizes = np.array([0, 1, 5, 8, 12, 15])
    runoff = joint_runoff_accuracy(scores, y, sizes, phantom=False)
    plurality = joint_partition_accuracy(runoff_votes(scores), y, sizes, phantom=False)
    np.testing.assert_array_equal(runoff, plurality)
    assert len(set(runoff)) == 6


@pytest.mark.parametrize("degree", [None, 2])
def test_search_is_never_below_the_bounds(degree):
    scores, y, spread = ensemble(2, 120, 14, degree)
    sizes = [2, 3, 4]
    exact = joint_runoff_accuracy(scores, y, sizes, spread=spread)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_runoff, "runoff_flips_by_search", lambda rows, budget: None)
        bounds = joint_runoff_accuracy(scores, y, sizes, spread=spread)
    assert (exact >= bounds).all()
    assert (exact > bounds).any()
    assert (bounds > pointwise_accuracy(scores, y, sizes, spread=spread)).any()


def test_sizes_in_any_order_and_of_any_magnitude():
    scores, y, spread = ensemble(3, 50, 12, 2)
    sizes = np.array([7, 0, 1, 2**62, 1, 12])
    accuracies = joint_runoff_accuracy(scores, y, sizes, spread=spread)
    assert (np.diff(accuracies[np.argsort(sizes)]) <= 0).all()
    assert accuracies[2] == accuracies[4] > accuracies[3] == accuracies[5] == 0
    single = joint_runoff_accuracy(scores, y, 1, spread=spread)
    assert isinstance(single, float)
    assert single == accuracies[2]
    assert joint_runoff_accuracy(scores, y, [], spread=spread).shape == (0,)


def test_cost_multiplies_the_size(without_search):
    scores, y, spread = ensemble(4, 80, 20, 2)
    cheap = joint_runoff_accuracy(scores, y, [0, 1, 2, 3], spread=spread, cost=3)
    same = joint_runoff_accuracy(scores, y, [0, 3, 6, 9], spread=spread)
    np.testing.assert_array_equal(cheap, same)


def test_unknown_labels_count_as_wrong():
    scores = np.tile([1.0, 0.0], (4, 5, 1))
    accuracies = joint_runoff_accuracy(scores, [0, -1, 7, 0], [0, 1, 3])
    np.testing.assert_array_equal(accuracies, [0.5, 0.5, 0])
    assert joint_runoff_accuracy(scores, [-1] * 4, 1) == 0


@pytest.mark.parametrize("n_classes", [7, 8, 9, 255, 256])
def test_many_classes(n_classes, without_search):
    # the bits of all rivals and of an invented label; classes that nobody votes for change nothing
    scores, y, _ = ensemble(5, 60, 20, n_classes=3)
    expected = joint_runoff_accuracy(scores, y, [1, 3, 5, 7])
    assert len(set(expected)) == 4
    more = np.full((60, 20, n_classes), -np.inf, dtype=np.float32)
    more[:, :, :3] = scores
    np.testing.assert_array_equal(joint_runoff_accuracy(more, y, [1, 3, 5, 7]), expected)


@pytest.mark.parametrize("dtype", [np.float16, np.float64, np.int32])
def test_any_type_and_layout(dtype, without_search):
    scores, y, spread = ensemble(6, 60, 20, 2)
    scores = np.round(4 * scores)
    expected = joint_runoff_accuracy(scores, y, [1, 2, 3], spread=spread)
    scores = np.asfortranarray(scores.astype(dtype))
    actual = joint_runoff_accuracy(scores, y.astype(np.int16), [1, 2, 3], spread=spread)
    np.testing.assert_array_equal(actual, expected)


def test_rows_beyond_the_memory_limit_count_as_flipped(monkeypatch, without_search):
    scores, y, _ = ensemble(7, 200, 30)
    sizes = [3, 5, 7]
    expected = joint_runoff_accuracy(scores, y, sizes)
    monkeypatch.setattr(_flips_together, "_MOST_SHARES", 5 * 30)
    actual = joint_runoff_accuracy(scores, y, sizes)
    assert (actual < expected).any()
    assert (actual <= expected).all()
    assert (actual >= pointwise_accuracy(scores, y, sizes)).all()


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"scores": [[0.0, 1.0]]}, "scores must have shape"),
        ({"scores": [[[np.nan, 1.0]]]}, "NaN"),
        ({"scores": np.empty((0, 2, 2)), "y": np.empty(0, int)}, "at least one row"),
        ({"y": [0, 1]}, "one class index per row"),
        ({"y": [0.0]}, "y must be"),
        ({"poison_size": -1}, "must not be negative"),
        ({"spread": [[0, 2]]}, "voter numbers"),
        ({"cost": 0}, "cost must be"),
    ],
)
def test_bad_input(changed, message):
    arguments = {"scores": [[[0.0, 1.0], [1.0, 0.0]]], "y": [0], "poison_size": 1} | changed
    with pytest.raises(InvalidInputError, match=message):
        joint_runoff_accuracy(**arguments)


# --- shares, and single partitions --------------------------------------------------------------


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.integers(0, 10**6), st.integers(1, 4))
def test_shares_of_whatever_flips_a_row_sum_to_one(seed, budget):
    scores, _, spread, partitions, options = random_case(np.random.default_rng(seed), 6, 3)
    budget = min(budget, len(partitions))
    rows = rows_to_flip(scores, spread, budget, **options)
    shares = fill_runoff_shares(rows, budget).astype(np.float64)
    assert ((shares >= 0) & (shares < 1 + 1e-6)).all()
    weak = runoff_radius(scores, spread=spread, **options)[1] < budget
    for chosen in combinations(range(len(partitions)), budget):
        for row, share in zip(scores[weak], shares, strict=True):
            if can_change(row, touched_by(chosen, partitions), **options):
                assert share[list(chosen)].sum() >= 1


def test_the_hardest_condition_of_each_way_decides_the_shares():
    # Three voters can lift two rivals before class 0, and nobody beats it in round two. Classes 1
    # and 2 together need 6, with class 3 either needs 7, and voters for class 0 give 9 at most.
    votes = np.repeat(np.arange(4), [5, 3, 3, 2])
    scores = 2.0 * np.eye(4)[[votes]] + np.eye(4)[0]
    shares = fill_runoff_shares(rows_to_flip(scores, None, 3, phantom=False), 3)
    # with a = 3/7, for 1 and 3: (3/7 - a/3) / (1 - a) for class 0, (1/7 - a/3) / (1 - a) for 2
    expected = np.array([1 / 2, 0, 0, 1 / 6])[votes]
    np.testing.assert_allclose(shares, [expected], atol=1e-6)


@pytest.mark.parametrize("degree", [None, 3])
def test_single_partitions_are_searched_for(degree):
    scores, _, spread = ensemble(8, 200, 20, degree)
    rows = rows_to_flip(scores, spread, 1)
    flips = runoff_flips_by_single_partitions(rows)
    assert flips.shape == (20,)
    assert 0 < flips.max() < len(rows.counts)
    assert flips.max() == runoff_flips_by_search(rows, 1)
