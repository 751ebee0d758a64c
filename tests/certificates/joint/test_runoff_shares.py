"""What makes the joint bounds of a run-off quick changes nothing in them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sklearn_certify.certificates import joint_runoff_accuracy, runoff_radius
from sklearn_certify.certificates.joint import _runoff_rows
from sklearn_certify.certificates.joint._partition_shares import sum_of_largest_sums
from sklearn_certify.certificates.joint._runoff_rows import fill_runoff_shares
from sklearn_certify.certificates.joint._runoff_ways import list_ways, room_for_ways
from sklearn_certify.certificates.runoff import check_scores, elect_and_certify

from .test_joint_runoff import ensemble, random_case, rows_to_flip

SPREADS = ("none", "shifted", "permuted", "cyclic", "any")


def spread_of(kind, n_voters, rng):
    """Partitions that are voters, in order or not, or that share them."""
    voters = np.arange(n_voters)[:, np.newaxis]
    if kind == "shifted":
        return (voters + 5) % n_voters
    if kind == "permuted":
        return rng.permutation(n_voters)[:, np.newaxis]
    if kind == "cyclic":
        return (voters + rng.permutation(n_voters)[:5]) % n_voters
    if kind == "any":
        return np.array([rng.permutation(n_voters)[:3] for _ in range(25)])
    return None


@settings(max_examples=80, deadline=None, derandomize=True)
@given(
    seed=st.integers(0, 2**32),
    most=st.sampled_from([0, 1, 9, 255, 400]),
    n_sums=st.sampled_from([1, 5, 127, 128, 129, 700]),
    dtype=st.sampled_from([np.uint8, np.uint16]),
)
def test_sum_of_the_largest(seed, most, n_sums, dtype):
    rng = np.random.default_rng(seed)
    sums = rng.integers(0, min(most, np.iinfo(dtype).max), n_sums, endpoint=True).astype(dtype)
    for budget in {1, n_sums // 2 + 1, n_sums}:
        assert sum_of_largest_sums(sums, budget) == np.sort(sums)[-budget:].sum(dtype=int)


@pytest.mark.parametrize("kind", SPREADS)
@pytest.mark.parametrize("rules", [(True, False), (False, True)])
def test_radii_are_cut_off(kind, rules):
    rng = np.random.default_rng(1)
    scores, _, _ = ensemble(1, 60, 30)
    scores[::2] = np.round(scores[::2])
    scores[rng.random(scores.shape) < 0.1] = -np.inf
    spread = spread_of(kind, 30, rng)
    phantom, may_abstain = rules
    predicted, radius = runoff_radius(
        scores, spread=spread, phantom=phantom, may_abstain=may_abstain
    )
    assert len(np.unique(radius)) >= 3
    for most in (0, 1, 2, 5, 29, 1000):
        results = elect_and_certify(check_scores(scores), spread, phantom, may_abstain, most)
        np.testing.assert_array_equal(results, (predicted, np.minimum(radius, most)))


@pytest.mark.parametrize("kind", SPREADS)
def test_shares_are_those_of_all_conditions(kind):
    """Each row's ways by the conditions of all of them, in plain NumPy."""
    rng = np.random.default_rng(2)
    scores, _, _ = ensemble(2, 60, 30)
    scores[::2] = np.round(scores[::2])
    scores[rng.random(scores.shape) < 0.1] = -np.inf
    spread, budget = spread_of(kind, 30, rng), 5
    rows = rows_to_flip(scores, spread, budget, may_abstain=True)
    shares = fill_runoff_shares(rows, budget)
    assert len(shares) > 10
    corruption, dtype = rows.corruption(budget), rows.sum_type()
    room = _runoff_rows.room_for_sums(30, rows.spread, 3, dtype)
    reached = np.empty((5, len(rows.spread)), dtype)
    for row, of_row in enumerate(shares):
        ballots = _runoff_rows._ballots_of_row(rows.for_kernels(), row, corruption, room, reached)
        ways = room_for_ways(4)
        n_conditions, n_ways = list_ways(ballots, corruption, room, ways, False)
        conditions, reach, members, ends = ways
        sums = np.empty((n_conditions, len(rows.spread)), dtype=int)
        for condition in range(n_conditions):
            _runoff_rows.write_weights(ballots, conditions[condition], room[0])
            sums[condition] = room[0][:30].astype(int)[rows.spread].sum(axis=1)
            largest = np.sort(sums[condition])[-budget:].sum()
            assert reach[condition] == largest / conditions[condition, 3] >= 1
        starts = [0, *ends[: max(n_ways - 1, 0)]]
        hardest = [
            min(members[start:end], key=lambda condition: reach[condition])
            for start, end in zip(starts, ends[:n_ways], strict=True)
            if start < end
        ]
        expected = np.full(len(rows.spread), float(len(hardest) < n_ways))
        farthest = max(reach[hardest], default=1.0)
        for condition in hardest:
            times = reach[condition]
            shift = min((farthest - times) / (farthest - 1), 0.95) if times < farthest else 0.0
            share = sums[condition] / conditions[condition, 3] - shift / budget
            expected = np.maximum(expected, share / (1 - shift))
        np.testing.assert_allclose(of_row, np.minimum(expected, 1), rtol=1e-6, atol=1e-9)


def test_partitions_that_are_voters_are_like_others(monkeypatch):
    """The same voters as a spread whose order is none that kernels know."""
    scores, y, _ = ensemble(3, 150, 40, n_classes=6)
    sizes = [1, 4, 7, 10, 13]
    permuted = np.random.default_rng(0).permutation(40)[:, np.newaxis]
    monkeypatch.setattr("sklearn_certify.certificates.joint._runoff.runoff_flips_by_search", never)
    plain = joint_runoff_accuracy(scores, y, sizes)
    assert 0 < plain[-1] < plain[0]
    np.testing.assert_allclose(
        joint_runoff_accuracy(scores, y, sizes, spread=permuted), plain, atol=1.5 / 150
    )
    of_budget = rows_to_flip(scores, None, 7)
    others = of_budget._replace(spread=permuted)
    np.testing.assert_array_equal(
        fill_runoff_shares(others, 7), fill_runoff_shares(of_budget, 7)[:, permuted[:, 0]]
    )


def never(rows, budget):
    return None


def test_small_elections_of_every_kind():
    rng = np.random.default_rng(4)
    for _ in range(150):
        scores, _, spread, partitions, options = random_case(rng)
        predicted, radius = runoff_radius(scores, spread=spread, **options)
        for most in range(len(partitions) + 1):
            results = elect_and_certify(
                check_scores(scores), spread, *map(bool, options.values()), most
            )
            np.testing.assert_array_equal(results, (predicted, np.minimum(radius, most)))
