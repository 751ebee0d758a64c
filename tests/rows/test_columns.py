"""A column becomes an array in which no cell has changed, whatever library holds it."""

import datetime

import numpy as np
import pandas as pd
import pytest

from sklearn_certify._rows.columns import column_values, is_instance, is_series, plain_arrow

pl = pytest.importorskip("polars")
pa = pytest.importorskip("pyarrow")

DAY = datetime.date(2024, 1, 1)


@pytest.mark.parametrize(
    ("column", "dtype", "cells"),
    [
        (np.array([1, 2], dtype=np.int8), "int8", [1, 2]),
        (pd.Series([1.5, np.nan]), "float64", [1.5, np.nan]),
        (pd.Series([1, 2], dtype="Int16"), "int16", [1, 2]),
        (pd.Series([1, None], dtype="Int64"), "object", [1, pd.NA]),
        (pd.Series([0.5, 1], dtype="Float32"), "float32", [0.5, 1]),
        (pd.Series([True, None], dtype="boolean"), "object", [True, pd.NA]),
        (pd.Series(["a", "b"], dtype="string"), "object", ["a", "b"]),
        (pd.Series(["a", None], dtype="category"), "object", ["a", np.nan]),
        (pd.Categorical([3, 4]), "object", [3, 4]),
        (pd.Index([3, 4]), "int64", [3, 4]),
        (pd.Series([3, 4], dtype="int8[pyarrow]"), "int8", [3, 4]),
        (pl.Series([1, 2], dtype=pl.UInt8), "uint8", [1, 2]),
        (pl.Series([1, None]), "object", [1, None]),
        (pl.Series([True, False]), "bool", [True, False]),
        (pl.Series(["a", None]), "object", ["a", None]),
        (pl.Series([2**100], dtype=pl.Object), "object", [2**100]),
        (pl.Series([DAY]), "datetime64[D]", [DAY]),
        (pl.Series([datetime.time(1, 2)]), "object", [datetime.time(1, 2)]),
        (pa.array([1, 2], pa.int16()), "int16", [1, 2]),
        (pa.chunked_array([[0.5], [1.5]]), "float64", [0.5, 1.5]),
        (pa.array([1, None]), "object", [1, None]),
        (pa.array(["a", None]).dictionary_encode(), "object", ["a", None]),
        (pa.array([DAY]), "datetime64[D]", [DAY]),
        (pa.array([10**9], pa.time64("ns")), "object", [datetime.time(0, 0, 1)]),
    ],
    ids=lambda value: f"{type(value).__name__}-{getattr(value, 'dtype', '')}",
)
def test_cells_keep_their_value_and_numbers_their_type(column, dtype, cells):
    values = column_values(column)
    assert type(values) is np.ndarray and values.dtype == dtype
    for value, cell in zip(values.tolist(), cells, strict=True):
        assert value is cell or value == cell or (value != value and cell != cell)


def test_only_columns_are_columns():
    for column in (
        pd.Series([1]),
        pd.Index([1]),
        pd.array([1]),
        pd.Categorical([1]),
        pl.Series([1]),
        pa.array([1]),
        pa.chunked_array([[1]]),
    ):
        assert is_series(column)
    for other in ([1], np.array([1]), pd.DataFrame([1]), pl.DataFrame([1]), pa.table({"a": [1]})):
        assert not is_series(other)


def test_a_package_that_is_not_imported_has_no_instances():
    assert not is_instance(3, "a_package_that_nobody_has", "Thing")
    assert is_instance(pd.NA, "pandas", "Series") is False
    assert is_instance(pd.Series([1]), "pandas", "Index", "Series")


def test_arrow_without_dictionaries():
    plain = plain_arrow(pa.chunked_array([["a", "b"], ["a"]]).dictionary_encode())
    assert plain.type == pa.string() and plain.to_pylist() == ["a", "b", "a"]
