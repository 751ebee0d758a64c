"""Counts of near rows: those of distances summed feature by feature, to the last bit."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sklearn_certify.learners import _near_rows
from sklearn_certify.learners._near_rows import METRICS, count_near


def distances_of(metric, rows, queries):
    differences = np.abs(queries[:, None].astype(np.float64) - rows)
    if metric == "chebyshev":
        return differences.max(axis=2)
    terms = differences if metric == "manhattan" else differences * differences
    sums = terms.cumsum(axis=2)[:, :, -1]  # one after the other
    return sums if metric == "manhattan" else np.sqrt(sums)


def counts_of(metric, rows, places, queries, radius):
    counts = np.zeros((len(queries), places.max() + 1), dtype=np.int64)
    count_near(metric, rows, places, queries.astype(np.float64), radius, counts)
    return counts


@settings(derandomize=True, deadline=None, max_examples=150)
@given(
    st.sampled_from(METRICS),
    st.sampled_from([1, 2, 7, 8, 9, 40]),
    st.integers(1, 40),
    st.sampled_from([0.0, 1.0, -1e4, 1e8]),
    st.sampled_from([1.0, 1e-3, 1e-20, 1e-160, 1e12, 1e25, 1e150]),
    st.booleans(),
    st.integers(0, 2**20),
)
def test_counts_are_those_of_exact_distances(
    metric, n_features, n_rows, offset, scale, are_whole, seed
):
    rng = np.random.default_rng(seed)
    rows, queries = rng.normal(size=(n_rows, n_features)), rng.normal(size=(6, n_features))
    if are_whole:  # many distances are equal
        rows, queries = np.rint(2 * rows), np.rint(2 * queries)
    rows, queries = (rows + offset) * scale, (queries + offset) * scale
    queries[0] = rows[-1]
    places = rng.integers(0, 3, size=n_rows)
    distances = distances_of(metric, rows, queries)
    met = rng.choice(distances.ravel(), size=3)
    for radius in (0.0, *met, *np.nextafter(met, 0), *np.nextafter(met, np.inf), np.inf):
        near = distances <= radius
        expected = np.stack([near[:, places == place].sum(axis=1) for place in range(3)], axis=1)
        counts = counts_of(metric, rows, places, queries, radius)
        np.testing.assert_array_equal(counts, expected[:, : places.max() + 1])


def test_distances_in_doubt_are_computed(monkeypatch):
    """Here they are as close to the radius as they get."""
    rng = np.random.default_rng(0)
    rows, queries = rng.normal(size=(700, 60)), rng.normal(size=(300, 60))
    places = np.zeros(700, dtype=np.int64)
    distances = distances_of("euclidean", rows, queries)
    radii = np.sort(distances.ravel())[[500, 105_000, 209_000]]
    right = [counts_of("euclidean", rows, places, queries, radius) for radius in radii]
    for radius, counts in zip(radii, right, strict=True):
        np.testing.assert_array_equal(counts[:, 0], (distances <= radius).sum(axis=1))
    # with other bounds nothing changes: the one that is taken is larger than it need be
    compiled = _near_rows._count_or_compute
    for factor in (0.5, 1e6):
        with monkeypatch.context() as patch:
            patch.setattr(
                _near_rows,
                "_count_or_compute",
                lambda products, of_queries, of_rows, precision, *rest, factor=factor: compiled(
                    products, of_queries, of_rows, precision * factor, *rest
                ),
            )
            for radius, counts in zip(radii, right, strict=True):
                again = counts_of("euclidean", rows, places, queries, radius)
                np.testing.assert_array_equal(again, counts)


@pytest.mark.parametrize("metric", METRICS)
def test_company_and_order_change_nothing(metric):
    rng = np.random.default_rng(1)
    rows, queries = rng.normal(size=(90, 33)), rng.normal(size=(20, 33))
    places = np.arange(90) % 5
    radius = float(np.median(distances_of(metric, rows, queries)))
    counts = counts_of(metric, rows, places, queries, radius)
    order = rng.permutation(90)
    np.testing.assert_array_equal(
        counts_of(metric, rows[order], places[order], queries, radius), counts
    )
    rows[45:] = 1e200
    alone = counts_of(metric, rows[:45], places[:45], queries, radius)
    np.testing.assert_array_equal(counts_of(metric, rows, places, queries, radius), alone)
