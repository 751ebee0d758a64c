"""Medians of nearest neighbours: the certificate against all attacks on small cases."""

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sklearn_certify.certificates import knn_median_interval, knn_median_radius, lower_median
from sklearn_certify.exceptions import InvalidInputError
from sklearn_certify.threat import THREAT_MODELS

from .test_neighbors import one_unit

# what a poisoned row may have for a target: any place among 0, 1 and 2, below or above all
POISONED = (-np.inf, 0.0, 0.5, 1.0, 1.5, 2.0, np.inf)


@cache
def reached(ranking, threat_model, size, targets=POISONED):
    """All rankings that are that many units of poison away, none of them empty."""
    rankings = {ranking}
    for _ in range(size):
        rankings |= {
            poisoned
            for before in rankings
            for poisoned in one_unit(before, targets, threat_model)
            if poisoned
        }
    return rankings


def medians_of(rankings, n_neighbors):
    """The medians of the nearest rows, whatever their number."""
    nearest = {ranking[:n_neighbors] for ranking in rankings}
    return np.array([sorted(targets)[(len(targets) - 1) // 2] for targets in nearest])


def check_exact(ranking, n_neighbors, threat_model, most):
    """Compare with all attacks of up to `most` units; return how many there are."""
    options = {"threat_model": threat_model, "n_rows": len(ranking)}
    intervals = [(0.0, 1.0), (1.0, 1.0), (-np.inf, 1.0), (1.0, np.inf)]
    n_attacks = 0
    radii = [knn_median_radius([ranking], n_neighbors, *ends, **options)[0] for ends in intervals]
    for size in range(most + 1):
        rankings = reached(ranking, threat_model, size)
        n_attacks += len(rankings)
        medians = medians_of(rankings, n_neighbors)
        all_deleted = size >= len(ranking) and threat_model not in ("insert", "label_flip")
        (low,), (high,) = knn_median_interval([ranking], n_neighbors, poison_size=size, **options)
        if all_deleted:
            assert low <= medians.min() and high >= medians.max()
        else:
            assert (low, high) == (medians.min(), medians.max()), (ranking, n_neighbors, size)
        for (low, high), radius in zip(intervals, radii, strict=True):
            stays = bool(((medians >= low) & (medians <= high)).all())
            if all_deleted:
                assert stays or radius < size
            else:
                assert stays == (radius >= size), (ranking, n_neighbors, low, high, size)
    return n_attacks


@pytest.mark.parametrize(
    ("threat_model", "most_rows", "most"),
    [
        ("insert", 4, 3),
        ("delete", 8, 4),
        ("insert_delete", 5, 2),
        ("modify", 4, 2),
        ("label_flip", 4, 3),
    ],
)
@settings(max_examples=30, deadline=None, derandomize=True)
@given(data=st.data())
def test_intervals_and_radii_are_the_truth(threat_model, most_rows, most, data):
    targets = st.sampled_from([0.0, 1.0, 2.0])
    ranking = tuple(data.draw(st.lists(targets, min_size=1, max_size=most_rows)))
    n_neighbors = data.draw(st.integers(1, most_rows))
    assert check_exact(ranking, n_neighbors, threat_model, most) > most


@settings(max_examples=100, deadline=None, derandomize=True)
@given(data=st.data())
def test_unknown_rows_are_never_counted_on(data):
    ranking = data.draw(st.lists(st.integers(0, 3), min_size=1, max_size=12))
    n_neighbors = data.draw(st.integers(1, len(ranking)))
    n_columns = data.draw(st.integers(n_neighbors, len(ranking)))
    options = {"threat_model": data.draw(st.sampled_from(THREAT_MODELS))}
    known = [ranking[:n_columns]]
    exact = knn_median_radius([ranking], n_neighbors, 1, 2, n_rows=len(ranking), **options)
    low, high = knn_median_interval(
        [ranking], n_neighbors, poison_size=range(8), n_rows=len(ranking), **options
    )
    for n_rows in (None, len(ranking)):
        less = {**options, "n_rows": n_rows}
        assert knn_median_radius(known, n_neighbors, 1, 2, **less) <= exact
        lower, higher = knn_median_interval(known, n_neighbors, poison_size=range(8), **less)
        assert (lower <= low).all() and (higher >= high).all()
    assert (low[:, 1:] <= low[:, :-1]).all() and (high[:, 1:] >= high[:, :-1]).all()
    assert low[0, 0] == high[0, 0] == lower_median([ranking[:n_neighbors]])[0]


def test_what_is_no_target_is_refused():
    with pytest.raises(InvalidInputError, match="neighbor_targets must hold no NaN"):
        knn_median_radius([[1.0, np.nan]], 1, 0, 1)
    with pytest.raises(InvalidInputError, match="neighbor_targets must be numbers"):
        knn_median_interval([["a"]], 1, poison_size=0)
    with pytest.raises(InvalidInputError, match="n_neighbors"):
        knn_median_interval([[1.0]], 0, poison_size=0)
    with pytest.raises(InvalidInputError, match="threat_model"):
        knn_median_radius([[1.0]], 1, 0, 1, threat_model="magic")
