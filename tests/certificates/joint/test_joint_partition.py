"""The joint certificate of partition ensembles against every attack, and its bounds against it."""

from functools import cache
from itertools import combinations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog
from scipy.sparse import csr_matrix, diags, hstack, vstack

from sklearn_certify.certificates._margins import count_votes, rival_gaps
from sklearn_certify.certificates.joint import (
    _exhaustive_search,
    _flips_together,
    _moment_bound,
    _partition,
    joint_partition_accuracy,
)
from sklearn_certify.certificates.joint._exhaustive_search import flips_by_search
from sklearn_certify.certificates.joint._moment_bound import second_moment_bound
from sklearn_certify.certificates.joint._multiplier_bound import multiplier_bound
from sklearn_certify.certificates.joint._partition_shares import fill_shares
from sklearn_certify.certificates.joint._partition_votes import PartitionVotes
from sklearn_certify.certificates.overlap import overlap_radius
from sklearn_certify.certificates.plurality import plurality_radius
from sklearn_certify.exceptions import InvalidInputError

from ..brute_force import can_change, elect

# --- the attacker, in plain Python -------------------------------------------------------------


can_change_cached = cache(can_change)  # rows and parts of attacks come back


def worst_accuracies(votes, y, most_corrupted, spread, n_classes, phantom):
    """The accuracy under the worst attack on at most 0, 1, ... `most_corrupted` partitions."""
    rows = [tuple(row) for row in votes.tolist()]
    correct = [row for row, t in zip(rows, y.tolist(), strict=True) if elect(row, n_classes) == t]
    least = [len(correct)]
    for size in range(1, min(most_corrupted, len(spread)) + 1):
        attacks = [frozenset().union(*c) for c in combinations(spread.tolist(), size)]
        flips = [
            sum(can_change_cached(row, touched, n_classes, phantom) for row in correct)
            for touched in set(attacks)
        ]
        least.append(len(correct) - max(flips))
    return np.minimum.accumulate(least) / len(rows)


def most_in_common(shares, budget):
    """The most rows whose shares of the same `budget` partitions sum to 1 or more."""
    choices = combinations(range(shares.shape[1]), budget)
    shares = shares.astype(np.float64)
    return max((shares[:, list(chosen)].sum(axis=1) >= 1).sum() for chosen in choices)


# --- votes --------------------------------------------------------------------------------------


@st.composite
def small_cases(draw):
    n_voters = draw(st.integers(1, 6))
    n_classes = draw(st.integers(1, 3))
    n_rows = draw(st.integers(1, 5))
    vote = st.integers(-1, n_classes - 1)
    # what most voters say; the others decide how hard a row is to flip
    row = st.lists(vote | st.just(n_classes - 1), min_size=n_voters, max_size=n_voters)
    votes = draw(st.lists(row, min_size=n_rows, max_size=n_rows))
    y = [elect(row, n_classes) for row in votes]
    y[0] = draw(st.sampled_from([y[0], -1, 0]))
    kind = draw(st.sampled_from(["plain", "cyclic", "any"]))
    if kind == "plain":
        spread = None
    elif kind == "cyclic":
        degree = draw(st.integers(1, min(2, n_voters)))
        spread = (np.arange(n_voters)[:, None] + np.arange(degree)) % n_voters
    else:
        degree = draw(st.integers(1, min(3, n_voters)))
        voters = st.permutations(range(n_voters)).map(lambda order: order[:degree])
        spread = np.array(draw(st.lists(voters, min_size=1, max_size=5)))
    return np.array(votes, dtype=np.int8), np.array(y), spread, n_classes, draw(st.booleans())


def ensemble(seed, n_rows, n_voters, degree=None, n_classes=4):
    """Votes of an ensemble whose rows differ in difficulty, true classes, and a spread."""
    rng = np.random.default_rng(seed)
    y = rng.integers(0, n_classes, n_rows)
    ease = rng.uniform(0.1, 1, (n_rows, 1))
    other = rng.integers(-1, n_classes, (n_rows, n_voters))
    votes = np.where(rng.random((n_rows, n_voters)) < ease, y[:, None], other).astype(np.int8)
    if degree is None:
        return votes, y, None
    offsets = rng.permutation(n_voters)[:degree]
    return votes, y, (np.arange(n_voters)[:, None] + offsets) % n_voters


def rows_to_flip(votes, spread, budget, n_classes=4, phantom=True):
    """The rows, in the form that the bounds take, that `budget` partitions may flip."""
    spread = np.arange(votes.shape[1])[:, None] if spread is None else spread
    radius = overlap_radius(votes, spread, n_classes, phantom=phantom)[1]
    votes = votes[radius < budget]
    counts = count_votes(votes, n_classes)
    predicted = counts.argmax(axis=1)
    return PartitionVotes(votes, predicted, rival_gaps(counts, predicted, phantom=phantom), spread)


def pointwise_accuracy(votes, y, sizes, spread, n_classes, *, cost=1, phantom=True):
    """The fraction of rows that are correct and certified each by itself."""
    options = {"cost": cost, "phantom": phantom}
    if spread is None:
        predicted, radius = plurality_radius(votes, n_classes, **options)
    else:
        predicted, radius = overlap_radius(votes, spread, n_classes, tighten=True, **options)
    return np.array([np.mean((predicted == y) & (radius >= size)) for size in sizes])


@pytest.fixture
def without_search(monkeypatch):
    monkeypatch.setattr(_partition, "flips_by_search", lambda rows, budget: None)


# --- the certificate ----------------------------------------------------------------------------


@settings(max_examples=150, deadline=None, derandomize=True)
@given(small_cases(), st.sampled_from([1, 1, 2]))
def test_worst_of_all_attacks(case, cost):
    votes, y, spread, n_classes, phantom = case
    partitions = np.arange(votes.shape[1])[:, None] if spread is None else spread
    options = {"spread": spread, "n_classes": n_classes, "cost": cost, "phantom": phantom}
    sizes = np.arange(len(partitions) + 2)
    accuracies = joint_partition_accuracy(votes, y, sizes, **options)
    pointwise = pointwise_accuracy(votes, y, sizes, spread, n_classes, cost=cost, phantom=phantom)
    assert (accuracies >= pointwise).all()
    truth = worst_accuracies(votes, y, len(partitions), partitions, n_classes, phantom)
    few = cost * sizes < len(partitions)
    np.testing.assert_array_equal(accuracies[few], truth[cost * sizes[few]])
    assert (accuracies[~few] <= truth[-1]).all()


@settings(max_examples=150, deadline=None, derandomize=True)
@given(small_cases(), st.integers(2, 4))
@example((np.int8([[0, -1, 0, 0, 0]]), np.array([0]), np.array([[0], [0]]), 1, True), 2)
def test_bounds_never_exceed_the_worst_of_all_attacks(case, size):
    votes, y, spread, n_classes, phantom = case
    partitions = np.arange(votes.shape[1])[:, None] if spread is None else spread
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_partition, "flips_by_search", lambda rows, budget: None)
        options = {"spread": spread, "n_classes": n_classes, "phantom": phantom}
        accuracy = joint_partition_accuracy(votes, y, size, **options)
    assert accuracy <= worst_accuracies(votes, y, size, partitions, n_classes, phantom)[-1]
    assert accuracy >= pointwise_accuracy(votes, y, [size], spread, n_classes, phantom=phantom)


@pytest.mark.parametrize("degree", [None, 3])
@pytest.mark.parametrize("phantom", [True, False])
def test_never_below_pointwise_and_never_rises(degree, phantom, without_search):
    votes, y, spread = ensemble(0, 300, 40, degree)
    sizes = np.arange(20)
    joint = joint_partition_accuracy(votes, y, sizes, spread=spread, n_classes=4, phantom=phantom)
    pointwise = pointwise_accuracy(votes, y, sizes, spread, 4, phantom=phantom)
    assert (joint >= pointwise).all()
    assert (joint > pointwise).sum() >= 5
    assert (np.diff(joint) <= 0).all()
    assert joint[0] == pointwise[0] == np.mean(count_votes(votes, 4).argmax(axis=1) == y)


def test_search_is_never_below_the_bounds():
    votes, y, _ = ensemble(1, 200, 14)
    sizes = [2, 3, 4, 5]
    exact = joint_partition_accuracy(votes, y, sizes)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_exhaustive_search, "_MOST_STEPS", 10)
        bounds = joint_partition_accuracy(votes, y, sizes)
    assert (exact >= bounds).all()
    assert (exact > bounds).any()
    assert (bounds > pointwise_accuracy(votes, y, sizes, None, 4)).any()


def test_one_attack_cannot_flip_what_two_attacks_can():
    # the first row falls to the last partition alone, the second to the first
    votes, y = [[-1, -1, 0], [0, -1, -1]], [0, 0]
    pointwise = pointwise_accuracy(np.array(votes), np.array(y), [1], None, 2, phantom=False)
    assert pointwise == 0
    assert joint_partition_accuracy(votes, y, 1, n_classes=2, phantom=False) == 0.5


def test_sizes_in_any_order_and_of_any_magnitude():
    votes, y, spread = ensemble(2, 50, 12, 2)
    sizes = np.array([7, 0, 1, 2**62, 1, 12])
    accuracies = joint_partition_accuracy(votes, y, sizes, spread=spread)
    assert accuracies.shape == sizes.shape
    order = np.argsort(sizes)
    assert (np.diff(accuracies[order]) <= 0).all()
    assert accuracies[2] == accuracies[4] > accuracies[3] == accuracies[5] == 0
    single = joint_partition_accuracy(votes, y, 1, spread=spread)
    assert isinstance(single, float)
    assert single == accuracies[2]
    assert joint_partition_accuracy(votes, y, [], spread=spread).shape == (0,)


@pytest.mark.parametrize("degree", [None, 2])
def test_cost_multiplies_the_size(degree):
    votes, y, spread = ensemble(3, 80, 20, degree)
    cheap = joint_partition_accuracy(votes, y, [0, 1, 2, 3], spread=spread, cost=3)
    same = joint_partition_accuracy(votes, y, [0, 3, 6, 9], spread=spread)
    np.testing.assert_array_equal(cheap, same)


def test_unknown_labels_count_as_wrong():
    votes = np.zeros((4, 5), dtype=np.int8)
    y = np.array([0, -1, 7, 0])
    accuracies = joint_partition_accuracy(votes, y, [0, 1, 3], n_classes=2)
    np.testing.assert_array_equal(accuracies, [0.5, 0.5, 0])
    assert joint_partition_accuracy(votes, [-1] * 4, 1) == 0


def test_no_row_can_flip():
    votes = np.zeros((3, 9), dtype=np.int8)
    accuracies = joint_partition_accuracy(votes, [0, 0, 0], [1, 4, 5], n_classes=2, phantom=False)
    np.testing.assert_array_equal(accuracies, [1, 1, 0])
    one_class = joint_partition_accuracy(votes, [0, 0, 0], [0, 9], phantom=False)
    np.testing.assert_array_equal(one_class, [1, 1])


def test_everybody_abstains():
    votes = np.full((3, 4), -1)
    assert joint_partition_accuracy(votes, [0, 0, 1], 0, n_classes=2) == pytest.approx(2 / 3)
    assert joint_partition_accuracy(votes, [0, 0, 1], 1, n_classes=2) == 0


def test_number_of_classes_comes_from_votes_and_labels():
    votes = np.zeros((2, 3), dtype=np.int8)
    assert joint_partition_accuracy(votes, [0, 0], 2, phantom=False) == 1  # no other class
    assert joint_partition_accuracy(votes, [0, 1], 1, phantom=False) == 0.5
    assert joint_partition_accuracy(votes, [0, 1], 2, phantom=False) == 0
    assert joint_partition_accuracy(np.array([[127] * 5], dtype=np.int8), [127], 1) == 1


@pytest.mark.parametrize("dtype", [np.int16, np.int32, np.int64, np.uint8])
def test_any_integer_type(dtype, without_search):
    votes, y, spread = ensemble(4, 60, 20, 2)
    votes[votes < 0] = 0
    expected = joint_partition_accuracy(votes, y, [1, 2, 3], spread=spread)
    votes, y = votes.astype(dtype), y.astype(dtype)
    actual = joint_partition_accuracy(votes, y, [1, 2, 3], spread=spread)
    np.testing.assert_array_equal(actual, expected)


@pytest.mark.parametrize("n_classes", [255, 256])
def test_labels_that_the_type_of_the_votes_cannot_hold(n_classes, without_search):
    # cut to one byte, an invented label 255 would be an abstention and 256 the first class
    rng = np.random.default_rng(10)
    votes = rng.choice([0, -1], size=(60, 20), p=[0.7, 0.3]).astype(np.int8)
    options = {"y": np.zeros(60, int), "poison_size": [4, 5, 6, 7]}
    expected = joint_partition_accuracy(votes, n_classes=2, **options)
    assert len(set(expected)) == 4
    actual = joint_partition_accuracy(votes, n_classes=n_classes, **options)
    np.testing.assert_array_equal(actual, expected)


@pytest.mark.parametrize("degree", [None, 2])
def test_rows_beyond_the_memory_limit_count_as_flipped(degree, monkeypatch, without_search):
    votes, y, spread = ensemble(5, 200, 30, degree)
    sizes = [3, 5, 7]
    expected = joint_partition_accuracy(votes, y, sizes, spread=spread)
    monkeypatch.setattr(_flips_together, "_MOST_SHARES", 5 * 30)
    actual = joint_partition_accuracy(votes, y, sizes, spread=spread)
    assert (actual < expected).any()
    assert (actual <= expected).all()
    assert (actual >= pointwise_accuracy(votes, y, sizes, spread, 4)).all()


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"votes": [[0.0, 1.0]]}, "votes must be integers"),
        ({"votes": [0, 1]}, "votes must have shape"),
        ({"votes": np.empty((0, 2), int), "y": np.empty(0, int)}, "at least one row"),
        ({"votes": [[0, 5]], "n_classes": 2}, "votes must lie between"),
        ({"y": [0, 1]}, "one class index per row"),
        ({"y": [0.0]}, "y must be"),
        ({"y": [[0]]}, "y must be"),
        ({"poison_size": -1}, "must not be negative"),
        ({"poison_size": 1.5}, "whole number"),
        ({"spread": [[0, 0]]}, "twice"),
        ({"spread": [[0, 2]]}, "voter numbers"),
        ({"cost": 0}, "cost must be"),
    ],
)
def test_bad_input(changed, message):
    arguments = {"votes": [[0, 1]], "y": [0], "poison_size": 1} | changed
    with pytest.raises(InvalidInputError, match=message):
        joint_partition_accuracy(**arguments)


# --- shares and bounds --------------------------------------------------------------------------


@settings(max_examples=100, deadline=None, derandomize=True)
@given(small_cases(), st.integers(1, 4))
def test_shares_of_whatever_flips_a_row_sum_to_one(case, budget):
    votes, _, spread, n_classes, phantom = case
    partitions = np.arange(votes.shape[1])[:, None] if spread is None else spread
    budget = min(budget, len(partitions))
    rows = rows_to_flip(votes, partitions, budget, n_classes, phantom)
    shares = fill_shares(rows, budget).astype(np.float64)
    assert ((shares >= 0) & (shares < 1 + 1e-6)).all()
    for chosen in combinations(range(len(partitions)), budget):
        touched = frozenset(partitions[list(chosen)].ravel().tolist())
        for row, share in zip(rows.votes, shares, strict=True):
            if can_change_cached(tuple(row.tolist()), touched, n_classes, phantom):
                assert share[list(chosen)].sum() >= 1


def test_shares_of_distant_rivals_are_shifted():
    # Class 1 needs damage 3 to win, class 2 needs damage 4, and 2 partitions can do that. The
    # voters of class 1 can do 1/4 toward class 2, those of class 2 can do 1/3 toward class 1.
    votes = np.array([[0] * 4 + [1] * 2 + [2]], dtype=np.int8)
    shares = fill_shares(rows_to_flip(votes, None, 2, n_classes=3, phantom=False), 2)
    # with a = 1, toward class 2: (1/4 - a/2) / (1 - a), which is below 0 for any large a
    np.testing.assert_allclose(shares, [[2 / 3] * 4 + [0] * 2 + [1 / 3]], atol=1e-6)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.integers(0, 10**6), st.integers(1, 4), st.integers(1, 12), st.integers(5, 8))
def test_bounds_hold_for_any_shares(seed, budget, n_rows, n_partitions):
    rng = np.random.default_rng(seed)
    shape = n_rows, n_partitions
    # few values: many sums are 1 exactly
    shares = rng.choice([0, 0.125, 0.25, 0.5, 1], p=[0.3, 0.2, 0.2, 0.2, 0.1], size=shape)
    if seed % 2:
        shares = rng.random(shape) * rng.uniform(0, 1, (n_rows, 1))
    shares = shares.astype(np.float32)
    if not shares.any():
        return
    most = most_in_common(shares, budget)
    assert multiplier_bound(shares, budget) >= most
    assert multiplier_bound(shares, budget, known=most) >= most
    assert second_moment_bound(shares, budget) >= most


@pytest.mark.parametrize("degree", [None, 2])
@pytest.mark.parametrize("seed", range(3))
def test_bounds_hold_for_an_ensemble(seed, degree):
    votes, _, spread = ensemble(seed, 150, 24, degree)
    for budget in (2, 3):
        rows = rows_to_flip(votes, spread, budget)
        exact = flips_by_search(rows, budget)
        shares = fill_shares(rows, budget)
        assert exact < len(rows.votes)
        assert multiplier_bound(shares, budget) >= exact
        assert second_moment_bound(shares, budget) >= exact


@pytest.mark.parametrize("budget", [3, 12])
def test_multipliers_are_near_the_best(budget):
    votes, _, _ = ensemble(7, 150, 60)
    shares = fill_shares(rows_to_flip(votes, None, budget), budget)
    n_rows, n_partitions = shares.shape
    smallest = np.sort(shares.astype(float), axis=1)[:, :budget].sum(axis=1)
    # most of sum_t f_t with f_t <= 1 and f_t <= (z_t - smallest_t) / (1 - smallest_t)
    per_row = hstack([-csr_matrix(shares), diags(1 - smallest)])
    in_all = hstack([csr_matrix(np.ones((1, n_partitions))), csr_matrix((1, n_rows))])
    result = linprog(
        -np.r_[np.zeros(n_partitions), np.ones(n_rows)],
        A_ub=vstack([per_row, in_all]),
        b_ub=np.r_[-smallest, budget],
        bounds=(0, 1),
    )
    bound = multiplier_bound(shares, budget)
    assert -result.fun - 1e-6 <= bound <= np.floor(-result.fun) + 1


def test_second_moments_see_what_multipliers_do_not():
    # independent rows, all of them some way above the mean of what an attack can do
    rng = np.random.default_rng(0)
    shares = rng.choice([0, 2], size=(2_000, 100), p=[0.3, 0.7]).astype(np.float32) / 33
    assert shares.sum(axis=1).mean() * 20 / 100 < 0.9
    assert multiplier_bound(shares, 20) > 1_600
    assert second_moment_bound(shares, 20) < 1_200


def test_second_moments_of_rows_left_out(monkeypatch):
    shares = fill_shares(rows_to_flip(ensemble(8, 300, 40)[0], None, 9), 9)
    whole = second_moment_bound(shares, 9)
    monkeypatch.setattr(_moment_bound, "_LARGEST_MATRIX", 30)
    part = second_moment_bound(shares, 9)
    assert whole < part <= len(shares) + 1e-3


def test_search_gives_up_in_time(monkeypatch):
    rows = rows_to_flip(ensemble(9, 200, 30)[0], None, 4)
    exact = flips_by_search(rows, 4)
    assert 0 < exact < len(rows.votes)
    for name, value in (("_MOST_STEPS", 1_000), ("_HOPED_FOR", 0), ("_MOST_NUMBERS", 100)):
        with monkeypatch.context() as patch:
            patch.setattr(_exhaustive_search, name, value)
            assert flips_by_search(rows, 4) is None
