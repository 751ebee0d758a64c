"""A list of rows is numbers or texts, else one sentence says which rows mix them."""

import datetime
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from sklearn_certify import DPAClassifier
from sklearn_certify._rows.lists import read_list
from sklearn_certify.exceptions import InvalidInputError
from sklearn_certify.partition import hash_rows


@pytest.mark.parametrize(
    "rows",
    [
        [[1, 2], [3, 4]],
        [[True, False], [False, True]],
        [[1, 2.5], [None, True]],
        [(1, 2), [3, np.nan]],
        [[np.float32(0.1), np.int8(1)]],
        [np.array([0.1, 2], dtype=np.float32), np.array([1, 2])],
        [[Decimal("0.5"), Fraction(1, 2)], [1, pd.NA]],
        [[[1, 2], [3, 4]], [[5, 6], [7, 8]]],
        [np.zeros((2, 3)), np.ones((2, 3), dtype=bool)],
        [range(3), range(3, 6)],
        [pd.Series([1, 2]), pd.Series([3.5, None])],
        ((1, 2), (2**62, 2**70)),
        [[2**63, -1]],
        [np.array([1, None], dtype=object), [2, 3]],
        [[np.array(3), 4]],
        [1, 2, 3],
        [[], []],
    ],
    ids=repr,
)
def test_numbers_are_float64(rows):
    read = read_list(rows)
    assert read.dtype == np.float64
    expected = (
        [[None if cell is pd.NA else cell for cell in row] for row in rows]
        if np.ndim(rows[0]) == 1
        else rows
    )
    np.testing.assert_array_equal(read, np.array(expected, dtype=np.float64))


@pytest.mark.parametrize(
    "rows",
    [
        [["a", "bcd"], ["", "e\0"]],
        [["a", None], [np.nan, "b"]],
        [np.array(["a", "bc"]), np.array(["d", "e"])],
        ["a", "b", "c"],
        [[b"a", "b"]],
        [[["a"], ["b"]], [["c"], ["d"]]],
        ["a", None],
    ],
    ids=repr,
)
def test_texts_are_objects_as_they_are(rows):
    read = read_list(rows)
    assert read.dtype == object
    expected = np.array(
        [row.tolist() if isinstance(row, np.ndarray) else row for row in rows], object
    )
    assert [*map(repr, read.ravel())] == [*map(repr, expected.ravel())]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([[1, 2]] * 7 + [["x", 0.0]], r"mixes numbers \(1 in row 0\) and texts \('x' in row 7\)"),
        (
            [["a", "b"]] * 7 + [["x", 0.5]],
            r"mixes texts \('a' in row 0\) and numbers \(0.5 in row 7",
        ),
        (
            [[1, "a"], [2, "b"]],
            r"mixes numbers \(1 in row 0\) and texts \('a' in row 0\).*DataFrame",
        ),
        ([[1, "17"]], "mixes numbers"),
        ([np.array([1, 2]), np.array(["a", "b"])], "mixes numbers"),
        ([[None, None], [np.nan, pd.NA]], "every cell is missing"),
        ([None, None], "every cell is missing"),
        ([[1, 2], [3]], "rows differ in shape"),
        ([["a", "b"], ["c"]], "rows differ in shape"),
        ([[1, 2], 3], "rows differ in shape"),
        ([np.zeros((2, 2)), np.zeros((2, 3))], "rows differ in shape"),
        ([{"a": 1}, {"a": 2}], "row 0 holds a dict"),
        ([[1, datetime.date(2024, 1, 1)]], r"row 0 holds a date \(2024-01-01\)"),
        ([[1, np.timedelta64(1, "D")]], "row 0 holds a timedelta64"),
        ([[1, 2], [1, 2j]], "row 1 holds a complex"),
        ([[1, 2], [10**400, 2]], "row 1 holds a whole number too large"),
        ([[1, object()]], "row 0 holds a object"),
    ],
)
def test_what_is_neither_is_one_sentence(rows, message):
    with pytest.raises(InvalidInputError, match=message) as raised:
        read_list(rows)
    assert len(str(raised.value)) < 300
    with pytest.raises(InvalidInputError, match=message):
        DPAClassifier().fit(rows, [0, 1] * len(rows))
    with pytest.raises(InvalidInputError, match=message):
        hash_rows(rows)


@pytest.mark.parametrize("hold", [list, tuple, lambda t: np.array(t, dtype=object), pd.Series])
@pytest.mark.parametrize("odd", [None, np.nan, 3, ["a"], pd.NA])
def test_a_text_that_is_missing_is_named_by_its_row(hold, odd):
    texts = [f"text {i}" for i in range(20)]
    texts[13] = odd
    if hold not in (list, tuple):
        cells = np.empty(20, dtype=object)
        for place, text in enumerate(texts):
            cells[place] = text
        texts = cells
    with pytest.raises(InvalidInputError, match=r"row 13|rows differ in shape"):
        DPAClassifier().fit(hold(texts), [0, 1] * 10)


def test_lists_hash_and_vote_as_arrays():
    X = np.random.default_rng(0).integers(0, 9, size=(60, 3))
    y = [0, 1, 2] * 20
    fitted, as_array = DPAClassifier(n_partitions=4), DPAClassifier(n_partitions=4)
    votes = fitted.fit(X.tolist(), y).votes(X.tolist())
    np.testing.assert_array_equal(votes, as_array.fit(X.astype(float), y).votes(X.astype(float)))
    np.testing.assert_array_equal(fitted.partition_, as_array.partition_)
