"""Labels of the nearest rows, in order, are those of a stable sort of all distances."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sklearn_certify._compute.first_work import FirstWork
from sklearn_certify._compute.sorting import stable_order
from sklearn_certify.neighbors._search import (
    METRICS,
    OrderedRows,
    TrainingRows,
    batches,
    list_nearest,
    listed_rows,
    product_rows,
    tree_of_rows,
)
from sklearn_certify.neighbors._search.dense_rows import DenseRows
from sklearn_certify.neighbors._search.filtered_rows import FilteredRows
from sklearn_certify.neighbors._search.selection import N_COUNTERS, order_by_bits

PARAMETERS = {
    "seuclidean": {"V": np.arange(1.0, 7.0)},
    "mahalanobis": {"VI": np.eye(6)},
    "minkowski": {"p": 3},
    "p": {"p": 3},
}
KINDS = ("normal", "integers", "few values", "duplicates", "one value", "outliers", "huge")


@pytest.fixture(autouse=True)
def few_rows_take_kernels(monkeypatch):
    monkeypatch.setattr(product_rows, "_FEWEST_CELLS", 0)
    monkeypatch.setattr(FirstWork, "takes", lambda self, n_operations: False)


def rows_and_queries(kind, n_rows=300, n_features=6):
    """Training rows, some of which are queries, and others."""
    rng = np.random.default_rng(3)
    X = rng.normal(size=(n_rows + 20, n_features))
    if kind == "integers":
        X = np.round(20 * X)
    elif kind == "few values":
        X = np.round(X)
    elif kind == "duplicates":
        X = X[rng.integers(0, 9, size=len(X))]
    elif kind == "one value":
        X[:] = 0.3
    elif kind == "outliers":
        X[-30:-26] *= 1e9
        X[-26:-24] *= 1e200
    elif kind == "huge":
        X *= 1e300
    return X[:-20], np.concatenate([X[-20:], X[:7]]), rng.integers(0, 5, n_rows)


def distances_to(rows, queries):
    """The distances of all pairs, as lists of neighbours are made of them."""
    tables = listed_rows._tables(rows, queries, None)
    return np.concatenate([table for _, table in tables])


@pytest.mark.filterwarnings("ignore:(overflow|invalid value) encountered")  # of huge numbers
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("metric", ["manhattan", "euclidean", "chebyshev", "canberra"])
def test_they_are_those_of_a_stable_sort(metric, kind):
    X, queries, y = rows_and_queries(kind)
    rows = TrainingRows(X, y, 5, metric, None)
    order = np.argsort(distances_to(rows, queries), axis=1, kind="stable")
    positions = OrderedRows(X, metric, None)
    for n_nearest in (1, 7, 100, 299, 300):
        expected = order[:, :n_nearest]
        for dtype in (np.int8, np.int64):
            labels = rows.find_nearest(queries, n_nearest, dtype=dtype)
            assert labels.dtype == dtype
            np.testing.assert_array_equal(labels, y[expected])
        np.testing.assert_array_equal(positions.find_nearest(queries, n_nearest), expected)
        np.testing.assert_array_equal(list_nearest(rows, queries, n_nearest)[1], expected)


@pytest.mark.parametrize("metric", sorted(METRICS))
def test_they_are_those_of_a_stable_sort_by_every_metric(metric):
    X, queries, y = rows_and_queries("few values")
    if metric == "haversine":
        X, queries = X[:, :2].copy(), queries[:, :2].copy()
    rows = TrainingRows(X, y, 5, metric, PARAMETERS.get(metric))
    order = np.argsort(distances_to(rows, queries), axis=1, kind="stable")
    np.testing.assert_array_equal(rows.find_nearest(queries, 100), y[order[:, :100]])


@pytest.mark.parametrize("metric", ["manhattan", "euclidean"])
@pytest.mark.parametrize("kind", ["normal", "integers", "outliers"])
def test_codes_and_doubles_list_alike_on_any_number_of_threads(metric, kind, monkeypatch):
    X, queries, y = rows_and_queries(kind, n_rows=2000, n_features=30)
    rows = TrainingRows(X, y, 5, metric, None)
    assert isinstance(rows._all_rows, FilteredRows)
    coded = rows.find_nearest(queries, 400)
    monkeypatch.setattr(batches, "_DISTANCES_AT_A_TIME", 1)  # one query at a time
    np.testing.assert_array_equal(rows.find_nearest(queries, 400, n_threads=1), coded)
    rows._all_rows = DenseRows(X, y, rows.compiled)
    np.testing.assert_array_equal(rows.find_nearest(queries, 400), coded)


@pytest.mark.parametrize("metric", ["manhattan", "euclidean", "chebyshev"])
def test_a_tree_lists_alike(metric, monkeypatch):
    X, queries, y = rows_and_queries("few values", n_features=2)
    expected = TrainingRows(X, y, 5, metric, None).find_nearest(queries, 9)
    monkeypatch.setattr(tree_of_rows, "_ROWS_FOR_TWO_FEATURES", 1)
    monkeypatch.setattr(tree_of_rows, "_SMALL_SHARE", 8)  # some queries are left to the kernels
    tree = TrainingRows(X, y, 5, metric, None)
    assert tree._tree is not None
    np.testing.assert_array_equal(tree.find_nearest(queries, 9), expected)


def test_small_work_waits_for_no_compiler(monkeypatch):
    X, queries, y = rows_and_queries("few values")
    rows = TrainingRows(X, y, 5, "manhattan", None)
    expected = rows.find_nearest(queries, 50)
    monkeypatch.setattr(FirstWork, "takes", lambda self, n_operations: True)
    monkeypatch.setattr(rows, "_all_rows", None)  # which is not asked
    np.testing.assert_array_equal(rows.find_nearest(queries, 50), expected)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    seed=st.integers(0, 2**32),
    n_values=st.integers(1, 400),
    most=st.sampled_from([0, 1, 30, 2**24, 2**24 + 1, 2**30, 2**52, 2**63 - 1]),
    low=st.sampled_from([0, 1, 2**62]),
)
def test_bits_are_ordered_as_by_a_stable_sort(seed, n_values, most, low):
    rng = np.random.default_rng(seed)
    bits = np.maximum(rng.integers(0, most, n_values, endpoint=True), low)
    bits[rng.random(n_values) < 0.3] = bits[0]
    order = order_by_bits(bits, np.empty(N_COUNTERS, np.int64))
    np.testing.assert_array_equal(order, np.argsort(bits, kind="stable"))
    np.testing.assert_array_equal(order, stable_order(bits))
