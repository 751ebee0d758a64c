"""Rows with equal hashes never keep the order in which they came."""

import datetime
import itertools
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from sklearn_certify import BaggingCertifiedClassifier, DPAClassifier, FiniteAggregationClassifier
from sklearn_certify.partition import ExactContent, canonical_order, hash_labels, hash_rows

from .witness import Witness, seen_by

pl = pytest.importorskip("polars")
pa = pytest.importorskip("pyarrow")

ENSEMBLES = [
    DPAClassifier(Witness(), n_partitions=2),
    FiniteAggregationClassifier(Witness(), n_partitions=3, spreading_degree=2),
    BaggingCertifiedClassifier(Witness(), n_estimators=4, max_samples=12, random_state=0),
]


def cells(values):
    column = np.empty((len(values), 1), dtype=object)
    column[:, 0] = values
    return column


def nans():
    bits = [0x7FF8000000000000, 0x7FF8000000000001, 0xFFF8000000000000]
    return np.array(bits, dtype=np.uint64).view(np.float64)[:, np.newaxis]


def long_doubles(padding):
    X = (
        np.full((4, 1), padding, dtype=np.uint8)
        .repeat(32, axis=1)
        .view(np.longdouble)[:, :1]
        .copy()
    )
    X[:] = np.array([[1], [1], [3], [3]], dtype=np.longdouble) / 3
    X[1] += np.finfo(np.longdouble).eps / 4
    return X


MOMENT = pd.Timestamp("2024-01-01")
TIED = {
    "missing": cells([None, np.nan, pd.NA, pd.NaT]),
    "ones": cells([1, 1.0, True, np.float32(1), np.int8(1), Decimal(1), Decimal("1.0")]),
    "zeros": np.array([[0.0], [-0.0]]),
    "zeros in objects": cells([0.0, -0.0, 0, False]),
    "large": np.array([[2**53], [2**53 + 1]]),
    "large in objects": cells([2**53, 2**53 + 1, float(2**53)]),
    "not a number": nans(),
    "nanoseconds": np.array([[0], [1], [2]], dtype="M8[ns]"),
    "spans": np.array([[0], [1], [2]], dtype="m8[ns]"),
    "stamps": cells([MOMENT, MOMENT + pd.Timedelta(1), MOMENT.to_pydatetime(), MOMENT.date()]),
    "zones": cells(
        [
            datetime.datetime(
                2024, 1, 1, hour, tzinfo=datetime.timezone(datetime.timedelta(hours=hour))
            )
            for hour in (1, 2, 3)
        ]
    ),
    "texts": cells(["a", np.str_("a")]),
    "images": np.array([0.0, -0.0, 0.0, 0.0, 0.0, -0.0]).reshape(3, 2, 1),
    "Int64": pd.DataFrame({"a": pd.array([2**53, 2**53 + 1, 2**53 + 1], dtype="Int64")}),
    "Int64 with missing": pd.DataFrame({"a": pd.array([2**53, 2**53 + 1, None], dtype="Int64")}),
    "nanoseconds in a frame": pd.DataFrame({"a": np.array([0, 1, 2], dtype="M8[ns]")}),
    "zones in a frame": pd.DataFrame({"a": pd.to_datetime([0, 1, 2]).tz_localize("UTC")}),
    "objects in a frame": pd.DataFrame({"a": cells([None, np.nan, pd.NA])[:, 0], "b": 1.0}),
    "floats in a frame": pd.DataFrame({"a": [0.0, -0.0], "b": "x"}),
    "categories": pd.DataFrame({"a": pd.Categorical([2**53, 2**53 + 1])}),
    "polars": pl.DataFrame({"a": [2**53, 2**53 + 1, None]}),
    "polars floats": pl.DataFrame({"a": [None, float("nan"), 1.0]}),
    "polars moments": pl.DataFrame({"a": pl.Series([0, 1, 2]).cast(pl.Datetime("ns"))}),
    "polars times": pl.DataFrame({"a": pl.Series([0, 1, 2]).cast(pl.Time)}),
    "arrow": pa.table({"a": [2**53, 2**53 + 1, None]}),
    "arrow floats": pa.table({"a": pa.array([None, float("nan")], pa.float64())}),
    "arrow moments": pa.table({"a": pa.array([0, 1, 2]).cast(pa.timestamp("ns"))}),
    "arrow times": pa.table({"a": pa.array([0, 1, 2]).cast(pa.time64("ns"))}),
    "arrow in pandas": pd.DataFrame({"a": pd.array([2**53, 2**53 + 1], dtype="int64[pyarrow]")}),
}


def take(X, rows):
    if hasattr(X, "iloc"):
        return X.iloc[rows].reset_index(drop=True)
    return X.take(rows) if isinstance(X, pa.Table) else X[rows]


@pytest.mark.parametrize("ensemble", ENSEMBLES, ids=lambda e: type(e).__name__)
@pytest.mark.parametrize("kind", TIED)
@pytest.mark.filterwarnings("ignore")
def test_rows_that_hash_alike_are_ordered_by_what_they_are(kind, ensemble):
    n_kinds = TIED[kind].shape[0]
    X, labels = take(TIED[kind], np.tile(np.arange(n_kinds), 6)), np.repeat([0, 1], 3 * n_kinds)
    assert len(np.unique(hash_rows(X))) < n_kinds
    seen = seen_by(ensemble.fit(X, labels))
    assert any(seen)
    for seed in range(4):
        order = np.random.default_rng(seed).permutation(len(labels))
        assert seen_by(ensemble.fit(take(X, order), labels[order])) == seen


@pytest.mark.skipif(np.finfo(np.longdouble).nmant <= 52, reason="long doubles are doubles here")
def test_long_doubles_are_ordered_by_value_not_by_what_fills_them_up():
    orders = []
    for padding in (0, 255):
        X = long_doubles(padding)
        y = np.zeros(4, dtype=int)
        for rows in itertools.permutations(range(4)):
            rows = list(rows)
            order = canonical_order(hash_rows(X[rows]), hash_labels(y), ExactContent(X[rows], y))
            orders.append(X[rows][order].ravel().tolist())
    assert all(order == orders[0] for order in orders)


def test_whole_number_labels_that_hash_alike_are_ordered():
    X = np.zeros((6, 1))
    y = 2**53 + np.array([0, 1, 0, 1, 0, 1])
    assert len(np.unique(hash_labels(y))) == 1
    orders = [
        y[list(rows)][
            canonical_order(hash_rows(X), hash_labels(y), ExactContent(X, y[list(rows)]))
        ].tolist()
        for rows in itertools.permutations(range(6))
    ]
    assert all(order == orders[0] for order in orders)


@pytest.mark.parametrize(
    "hold", [np.array, sparse.csr_array, pd.DataFrame, lambda X: cells(list(X[:, 0]))]
)
def test_crafted_collisions_are_ordered(hold):
    # whoever knows the hash finds two rows that share it: give them the same one
    rng = np.random.default_rng(0)
    X = rng.integers(1, 4, size=(12, 3)).astype(float)
    y = rng.integers(0, 2, size=12)
    one_hash = np.zeros(12, dtype=np.uint64)
    orders = []
    for seed in range(5):
        rows = np.random.default_rng(seed).permutation(12)
        held = hold(X[rows])
        order = canonical_order(one_hash, one_hash, ExactContent(held, y[rows]))
        whole = np.c_[X[:, :1] if held.shape[1] == 1 else X, y]
        orders.append(whole[rows][order].tolist())
    assert all(order == orders[0] for order in orders)


@settings(derandomize=True, deadline=None)
@given(st.data())
def test_any_rows_in_any_order(data):
    values = st.sampled_from(
        [0.0, -0.0, 0, False, None, np.nan, "a", b"a", 1, True, 2**53, 2**53 + 1]
    )
    column = data.draw(st.lists(values, min_size=1, max_size=12))
    X = cells(column)
    y = np.array(data.draw(st.lists(st.sampled_from([0, 1]), min_size=len(X), max_size=len(X))))
    rows = np.array(data.draw(st.permutations(range(len(X)))))
    first, second = (
        [repr(pair) for pair in zip(X[o, 0], y[o], strict=True)]
        for o in (
            canonical_order(hash_rows(X), hash_labels(y), ExactContent(X, y)),
            rows[
                canonical_order(
                    hash_rows(X[rows]), hash_labels(y[rows]), ExactContent(X[rows], y[rows])
                )
            ],
        )
    )
    assert first == second


@pytest.mark.parametrize(
    "hold", [np.array, sparse.csr_array, pd.DataFrame, lambda X: X.astype(object)]
)
def test_equal_rows_keep_their_order_and_are_not_digested(hold, monkeypatch):
    X, y = hold(np.ones((1000, 3))), np.arange(1000) // 500
    monkeypatch.setattr(ExactContent, "keys", None)
    order = canonical_order(hash_rows(X), hash_labels(y), ExactContent(X, y))
    assert sorted(order.tolist()) == list(range(1000))
