"""Medians of voters: the certificate against all attacks on small cases."""

from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sklearn_certify.certificates import lower_median, median_interval, median_radius
from sklearn_certify.exceptions import InvalidInputError

ANSWERS = np.array([np.nan, 0.0, 1.0, 2.0])
# what a corrupted voter may answer: nothing, anything between others', below or above them all
CORRUPTED = np.array([np.nan, -np.inf, 0.0, 0.5, 1.0, 1.5, 2.0, np.inf])


def reachable(values, reached):
    """The medians that an attacker makes who corrupts the voters in `reached`, in ascending order.

    Whoever corrupts a voter gains nothing by answers other than these: they are all places among
    the others that an answer can take.
    """
    attacked = np.repeat([values], len(CORRUPTED) ** len(reached), axis=0)
    for row, answers in zip(attacked, product(CORRUPTED, repeat=len(reached)), strict=True):
        row[list(reached)] = answers
    return lower_median(attacked)


def reachable_with(values, groups, n_groups):
    """All medians after an attack on any `n_groups` of groups of voters."""
    medians = [
        reachable(values, sorted(set().union(*chosen)))
        for chosen in combinations(groups, min(n_groups, len(groups)))
    ]
    return np.concatenate(medians)


def check_exact(values, low, high, groups, *, most):
    """Compare radius and interval with all attacks, up to `most` units; return their number."""
    radius = int(median_radius([values], low, high)[0])
    n_attacks = 0
    for size in range(most + 1):
        medians = reachable_with(values, groups, size)
        n_attacks += len(medians)
        stays = bool(((medians >= low) & (medians <= high)).all())  # no NaN either
        assert stays == (radius >= size), (values, low, high, size)
        (lowest,), (highest,) = median_interval([values], poison_size=size)
        if np.isnan(medians).any():
            assert (lowest, highest) == (-np.inf, np.inf)
        else:
            assert (lowest, highest) == (medians.min(), medians.max()), (values, size)
    return n_attacks


def test_lower_median_by_definition():
    for values in product(ANSWERS, repeat=4):
        answers = sorted(v for v in values if not np.isnan(v))
        expected = answers[(len(answers) - 1) // 2] if answers else np.nan
        np.testing.assert_equal(lower_median([values])[0], expected)


@pytest.mark.parametrize("n_voters", [1, 2, 3, 4])
def test_voters_without_shared_rows_exactly(n_voters):
    groups = [{voter} for voter in range(n_voters)]
    n_attacks = 0
    for values in product(ANSWERS, repeat=n_voters):
        if n_voters == 4 and list(values) != sorted(values, key=str):
            continue  # another order of the same answers
        for low, high in [(0.0, 1.0), (1.0, 1.0), (0.5, 2.0), (-np.inf, 1.0), (1.0, np.inf)]:
            n_attacks += check_exact(values, low, high, groups, most=2)
    assert n_attacks > 100 * 5**n_voters / 2


def voters_of(spread, partitions):
    return sorted(set().union(*(spread[partition] for partition in partitions)))


@pytest.mark.parametrize("tighten", [False, True])
@settings(max_examples=60, deadline=None, derandomize=True)
@given(data=st.data())
def test_voters_that_share_rows(tighten, data):
    """No attack breaks the bound, which is exact for a single partition."""
    n_voters = data.draw(st.integers(1, 5))
    values = data.draw(st.lists(st.sampled_from(ANSWERS), min_size=n_voters, max_size=n_voters))
    degree = data.draw(st.integers(1, min(n_voters, 2)))
    spread = data.draw(
        st.lists(
            st.lists(st.integers(0, n_voters - 1), min_size=degree, max_size=degree, unique=True),
            min_size=1,
            max_size=4,
        )
    )
    options = {"spread": spread, "tighten": tighten}
    low, high = data.draw(st.sampled_from([(0.0, 1.0), (1.0, 1.0), (-np.inf, 1.0), (1.0, np.inf)]))
    (radius,) = median_radius([values], low, high, **options)
    sizes = range(min(len(spread), 2) + 1)
    lows, highs = median_interval([values], poison_size=sizes, **options)
    assert (lows[:, 1:] <= lows[:, :-1]).all() and (highs[:, 1:] >= highs[:, :-1]).all()
    for size in sizes:
        medians = reachable_with(values, spread, size)
        if size <= radius:
            assert ((medians >= low) & (medians <= high)).all()
        elif size <= 1:
            assert not ((medians >= low) & (medians <= high)).all()
        if np.isfinite(lows[0, size]) or np.isfinite(highs[0, size]):
            assert ((medians >= lows[0, size]) & (medians <= highs[0, size])).all()
        if size == 0 and not np.isnan(medians).any():
            assert lows[0, 0] == highs[0, 0] == medians[0]


def test_cost_counts_partitions_and_not_units():
    values = np.arange(11.0)
    for cost in (1, 2, 3, 7):
        (radius,) = median_radius([values], 1, 9, cost=cost)
        assert radius == 4 // cost
        low, high = median_interval([values], poison_size=[0, 1, 2], cost=cost)
        reached = np.array([0, cost, 2 * cost])
        assert low[0].tolist() == [5 - r if r <= 5 else -np.inf for r in reached]
        assert high[0].tolist() == [5 + r if r <= 5 else np.inf for r in reached]
        alone = [[voter] for voter in range(11)]
        shared = median_interval([values], poison_size=[0, 1, 2], cost=cost, spread=alone)
        np.testing.assert_array_equal(shared, (low, high))
        assert median_radius([values], 1, 9, cost=cost, spread=alone) == radius


def test_where_nobody_answers_nothing_is_certain():
    nobody = [[np.nan, np.nan]]
    assert np.isnan(lower_median(nobody)).all()
    for options in ({}, {"spread": [[0], [1]]}):
        assert median_interval(nobody, poison_size=0, **options) == (-np.inf, np.inf)
        assert median_radius(nobody, -np.inf, np.inf, **options) == -1
    # and one of two who answer may be made silent
    assert median_radius([[1.0, 2.0, np.nan]], -np.inf, np.inf).tolist() == [1]


@settings(max_examples=60, deadline=None, derandomize=True)
@given(data=st.data())
def test_tightened_radii_and_intervals_are_never_worse(data):
    n_voters = 12
    values = data.draw(st.lists(st.integers(0, 9), min_size=n_voters, max_size=n_voters))
    offsets = data.draw(st.lists(st.integers(0, 11), min_size=3, max_size=3, unique=True))
    spread = (np.arange(n_voters)[:, np.newaxis] + offsets) % n_voters
    plain, tight = (
        median_interval([values], poison_size=range(5), spread=spread, tighten=tighten)
        for tighten in (False, True)
    )
    middle = lower_median([values])[0]
    for interval, tighten in ((plain, False), (tight, True)):
        low, high = interval
        for size in range(5):  # what the interval says, the radius says as well
            options = {"spread": spread, "tighten": tighten}
            radius = median_radius([values], low[0, size], high[0, size], **options)
            if np.isfinite(low[0, size]) or np.isfinite(high[0, size]):
                assert radius >= size
        assert (low <= middle).all() and (high >= middle).all()
    low, high = middle - 2, middle + 2
    assert median_radius([values], low, high, spread=spread, tighten=True) >= median_radius(
        [values], low, high, spread=spread
    )


def test_only_numbers_that_float64_holds_are_compared():
    assert median_radius([[2**53, 2**53 - 1, 0]], 0, 2**53).tolist() == [1]
    for values in ([[2**53 + 1, 1]], [["1", "2"]], [1.0, 2.0], [[]], [[True]]):
        with pytest.raises(InvalidInputError, match="values"):
            lower_median(values)
    for ends in ({"low": np.nan, "high": 1}, {"low": [0, 1], "high": 1}, {"low": 0, "high": [[1]]}):
        with pytest.raises(InvalidInputError, match="must be a number or hold one"):
            median_radius([[1.0], [2.0], [3.0]], **ends)
    for size in (-1, 0.5):
        with pytest.raises(InvalidInputError, match="poison_size"):
            median_interval([[1.0]], poison_size=size)
    with pytest.raises(InvalidInputError, match="cost"):
        median_radius([[1.0]], 0, 1, cost=0)
    with pytest.raises(InvalidInputError, match="spread"):
        median_interval([[1.0]], poison_size=1, spread=[[1]])
