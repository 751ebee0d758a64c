"""Warnings of types that a few cells may have chosen for a whole column."""

import io

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_breast_cancer, load_digits, load_iris, load_wine

from sklearn_certify._rows import warn_of_form

from .traces import messages

pl = pytest.importorskip("polars")
pa = pytest.importorskip("pyarrow")


CSV = "x,colour,n\n" + "\n".join(f"{i / 3:.3f},red,{i}" for i in range(60)) + "\n"


@pytest.mark.parametrize(
    ("row", "column", "words"),
    [
        (
            "oops,red,1",
            "x",
            ["60 of its 61 cells are numbers", "row 60 holds 'oops'", "to_numeric"],
        ),
        ("1.5,red,?", "n", ["row 60 holds '?'", "dtype=float"]),
        ("1.5,red,2.5", "n", ["60 of 61 are whole numbers", "row 60 holds 2.5", "Int64"]),
        ("1.5,red,", "n", ["60 of 60 are whole numbers", "row 60 holds nan", "Int64"]),
    ],
)
@pytest.mark.parametrize("hold", [lambda f: f, pl.from_pandas, pa.Table.from_pandas])
def test_one_cell_of_a_file_that_changes_a_column_is_told(row, column, words, hold):
    assert messages(warn_of_form, hold(pd.read_csv(io.StringIO(CSV)))) == ""
    frame = pd.read_csv(io.StringIO(CSV + row))
    message = messages(warn_of_form, hold(frame))
    assert f"Column {column!r} holds" in message and message.count("Column") == 1
    if hold is pa.Table.from_pandas or words[1] != "row 60 holds nan":
        for word in words:
            assert word in message


@pytest.mark.parametrize(
    ("cells", "suspicious"),
    [
        (["1", "2", "3", "x"], True),
        (["1", "2", "x", "y"], False),
        (["1", "2", "3", "4"], False),  # read as texts on purpose
        (["1", "2", None, "x"], True),
        (["007", "008", "009", "01O"], True),
        (["a", "b", "c", 3], True),
        ([1, 2, 3, "4"], True),
        ([1, 2, 3, "x"], True),
        ([1, 2, 3, None], True),  # floats, because of the missing one
        (["a", "b", None, "c"], False),
        (["nan", "inf", "infinity", "x"], False),
        ([1.0, 2.0, 3.0, 4.0], False),
        ([1.0, 2.0, 3.0, 4.0, 0.5], True),
        ([1.0, 2.0, 3.5, 0.5], False),
        ([1.0, 2.0, np.nan, 4.0], True),
        ([np.nan, np.nan], False),
        ([1, 2, 3], False),
        ([True, False, None], False),
        ([pd.Timestamp("2024"), None], False),
        ([[1], [2]], False),
    ],
    ids=repr,
)
def test_columns_that_look_chosen_by_a_few_cells(cells, suspicious):
    frame = pd.DataFrame({"x": cells})
    assert (messages(warn_of_form, frame) != "") == suspicious
    if isinstance(cells[0], str):
        for dtype in ("category", object):
            assert (messages(warn_of_form, frame.astype(dtype)) != "") == suspicious


def test_many_columns_are_one_warning():
    frame = pd.DataFrame({f"c{i}": ["1", "2", "3", "x"] for i in range(9)})
    message = messages(warn_of_form, frame)
    assert "'c2'" in message and "'c3'" not in message and "6 more" in message


def test_real_tables_are_not_suspicious():
    for load in (load_iris, load_wine, load_digits, load_breast_cancer):
        assert messages(warn_of_form, load(as_frame=True).data.iloc[:, :5]) == ""


@pytest.mark.parametrize("odd", ["x", "?"])
def test_numbers_that_numpy_turned_into_texts_are_told(odd):
    numbers = np.arange(40.0).reshape(20, 2)
    message = messages(warn_of_form, np.vstack([numbers, [[odd, "0"]]]).astype(object))
    assert "Column 0 holds texts or objects, but 20 of its 21 cells are numbers" in message
    assert f"row 20 holds {odd!r}" in message and "Column 1" not in message
    as_objects = np.vstack([numbers.astype(object), np.array([[odd, 0]], dtype=object)])
    assert messages(warn_of_form, as_objects) == ""  # one cell that changes no other
    labels = np.append(np.arange(20) % 2, odd)
    assert "y holds texts or objects" in messages(warn_of_form, np.zeros((21, 2)), labels)
    assert messages(warn_of_form, np.zeros((21, 2)), np.where(labels == "0", "no", "yes")) == ""


def test_a_long_column_of_texts_is_looked_at_quickly():
    texts = np.array([f"word {i}" for i in range(200_000)], dtype=object)
    assert messages(warn_of_form, pd.DataFrame({"x": texts})) == ""
