"""Rows that are taken, stacked or lent out tell nothing of the others, and stay as they are."""

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from sklearn_certify._rows import all_rows, protected, slice_rows, stack_rows, take_rows
from sklearn_certify._rows.taking import c_ordered

from .witness import describe

pl = pytest.importorskip("polars")
pa = pytest.importorskip("pyarrow")

X = np.arange(24.0).reshape(6, 4)
HELD = {
    "array": X,
    "columns first": np.asfortranarray(X),
    "images": X.reshape(6, 2, 2),
    "objects": X.astype(object),
    "sparse": sparse.csr_array(X),
    "pandas": pd.DataFrame(X, columns=list("abcd"), index=np.arange(6) + 7),
    "polars": pl.DataFrame(X, schema=list("abcd")),
}
every_container = pytest.mark.parametrize("held", HELD.values(), ids=HELD)


def cells(held):
    held = held.toarray() if sparse.issparse(held) else np.asarray(held)
    return held.reshape(len(held), 4).astype(float).tolist()


@every_container
def test_what_is_taken_looks_the_same_wherever_it_stood(held):
    again = stack_rows([held, held])
    for rows in ([4, 1, 1], [2], []):
        rows = np.array(rows, dtype=int)
        taken = take_rows(held, rows)
        assert type(taken) is type(held) and cells(taken) == X[rows].tolist()
        assert describe(taken) == describe(take_rows(again, rows + 6))


@every_container
def test_slices_are_the_rows_in_between(held):
    part = slice_rows(held, slice(1, 4))
    assert type(part) is type(held) and cells(part) == X[1:4].tolist()


@every_container
def test_a_copy_may_be_written_to(held):
    copy = all_rows(held)
    if sparse.issparse(copy):
        copy.data[:] = -1
    elif isinstance(copy, np.ndarray):
        copy[:] = -1
    elif isinstance(copy, pd.DataFrame):
        copy.iloc[:, :] = -1
    assert cells(held) == X.tolist()


@every_container
def test_what_is_protected_cannot_be_changed_for_others(held):
    lent = protected(held)
    assert type(lent) is type(held) and cells(lent) == X.tolist()
    if isinstance(lent, pd.DataFrame):
        lent.iloc[0, 0] = -1
    elif not isinstance(lent, pl.DataFrame):
        with pytest.raises(ValueError, match="read-only"):
            (lent.data if sparse.issparse(lent) else lent)[:1] = -1
    assert cells(held) == X.tolist()


@pytest.mark.parametrize(
    ("parts", "whole"),
    [
        ([[1], [2, 3]], [1, 2, 3]),
        ([np.array(["a"]), np.array(["bc"])], ["a", "bc"]),
        ([pd.Series([1]), pd.Series([2])], [1, 2]),
        ([pd.Index([1]), pd.Index([2])], [1, 2]),
        ([pl.Series([1]), pl.Series([2])], [1, 2]),
        ([pa.array([1]), pa.chunked_array([[2], [3]])], [1, 2, 3]),
    ],
    ids=lambda parts: type(parts[0]).__name__,
)
def test_values_are_stacked_in_what_holds_them(parts, whole):
    stacked = stack_rows(parts)
    assert getattr(stacked, "to_pylist", lambda: list(stacked))() == whole


def test_arrow_tables_are_stacked():
    table = pa.table({"a": [1, 2]})
    assert stack_rows([table, table])["a"].to_pylist() == [1, 2, 1, 2]


def test_c_order_is_made_only_where_it_is_missing():
    assert c_ordered(X) is X
    for other in (np.asfortranarray(X), X[:, ::-1], X[::2], X.T, X[:, :1]):
        ordered = c_ordered(other)
        assert ordered.flags.c_contiguous and ordered.tolist() == other.tolist()
        assert describe(ordered) == describe(np.array(other.tolist()))

    class Odd(np.ndarray):
        pass

    assert type(c_ordered(X.view(Odd))) is np.ndarray
