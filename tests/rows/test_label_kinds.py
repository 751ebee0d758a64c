"""Labels of one kind can be equal; those of another kind are an error."""

import datetime
from decimal import Decimal
from enum import IntEnum
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from sklearn_certify._rows import check_same_kind, equal_labels, truth_of
from sklearn_certify.exceptions import InvalidInputError

pl = pytest.importorskip("polars")
pa = pytest.importorskip("pyarrow")


def objects(labels):
    cells = np.empty(len(labels), dtype=object)
    for place, label in enumerate(labels):
        cells[place] = label
    return cells


class Colour(IntEnum):
    RED = 1
    BLUE = 2


CLASSES = {
    "whole numbers": np.array([0, 7]),
    "floats": np.array([0.0, 7.0]),
    "booleans": np.array([False, True]),
    "texts": np.array(["a", "bc"]),
    "objects": np.array(["a", "bc"], dtype=object),
}
COMPARED = [
    (0, "numbers"),
    (1.0, "numbers"),
    (True, "numbers"),
    (np.int8(3), "numbers"),
    (np.float32(2), "numbers"),
    (Colour.RED, "numbers"),
    (2**70, "numbers"),
    (Fraction(4, 2), "numbers"),
    ("a", "texts"),
    (np.str_("zz"), "texts"),
    ("0", "texts"),
    (2.5, "neither"),
    (-np.inf, "neither"),
    (Fraction(1, 2), "neither"),
    (b"a", "neither"),
    ([1], "neither"),
    ({}, "neither"),
    (1j, "neither"),
    (Decimal(1), "neither"),
    (datetime.date(2024, 1, 1), "neither"),
    (np.datetime64("2024"), "neither"),
    (datetime.timedelta(1), "neither"),
    (None, "either"),
    (np.nan, "either"),
    (pd.NA, "either"),
    (pd.NaT, "either"),
    (np.datetime64("NaT"), "either"),
    (Decimal("nan"), "either"),
]


@pytest.mark.parametrize(("label", "kind"), COMPARED, ids=lambda value: f"{value!r:.20}")
@pytest.mark.parametrize("known", CLASSES)
@pytest.mark.parametrize("hold", [list, objects, lambda y: pd.Series(y, dtype=object)])
def test_true_labels_are_of_the_kind_of_the_classes(hold, known, label, kind):
    classes = CLASSES[known]
    fits = kind == "either" or kind == ("texts" if known in ("texts", "objects") else "numbers")
    y = hold([classes[1], label, classes[0]])
    if fits:
        assert len(truth_of(y, classes)) == 3
        return
    with pytest.raises(InvalidInputError, match=r"^y holds .* in row 1\), but classes_ holds"):
        truth_of(y, classes)


@pytest.mark.parametrize(
    ("y", "kind"),
    [
        (np.array([0, 1], dtype=np.uint8), "numbers"),
        (np.array([0.0, np.nan]), "numbers"),
        (np.array([True, False]), "numbers"),
        (np.array(["a", "bc"]), "texts"),
        (np.array(["a", "bc"], dtype="S"), "neither"),
        (np.array([0.0, 1.5]), "neither"),
        (np.array(["2024", "2025"], dtype="M8[ns]"), "neither"),
        (np.array([1, 2], dtype="m8[s]"), "neither"),
        (np.array([1j]), "neither"),
        (np.array([np.nan]), "either"),
        (np.array([], dtype="M8[s]"), "either"),
        (pd.Series([1, None], dtype="Int64"), "numbers"),
        (pd.Series(["a", None], dtype="category"), "texts"),
        (pl.Series(["a", None]), "texts"),
        (pa.array([1, None]), "numbers"),
        ([], "either"),
    ],
    ids=lambda y: f"{type(y).__name__}-{getattr(y, 'dtype', getattr(y, 'type', ''))}",
)
def test_arrays_of_true_labels_are_of_the_kind_of_the_classes(y, kind):
    for known, classes in CLASSES.items():
        if kind in ("either", "texts" if known in ("texts", "objects") else "numbers"):
            truth_of(y, classes)
        else:
            with pytest.raises(InvalidInputError, match="give all labels one kind"):
                truth_of(y, classes)
    assert len(truth_of(y)) == len(y)


def test_fractions_are_of_one_kind_with_declared_fractions():
    for y in ([0.5, 2, 1.5], np.array([0.5, 2, 1.5]), [2.0], [3]):
        truth_of(y, np.array([0.0, 0.5]))
        truth_of(y, np.array([0.5, 1.5]))
    with pytest.raises(InvalidInputError, match="y holds texts"):
        truth_of(["0.5"], np.array([0.5, 1.5]))


def test_the_first_label_of_another_kind_is_named():
    y = [0, None, 1, "b", "a", 0.5]
    with pytest.raises(InvalidInputError, match=r"texts \(such as 'b' in row 3\).*\(such as 0\)"):
        check_same_kind(y, np.array([0, 1]))
    check_same_kind(y, [])  # nothing to compare with
    check_same_kind([], [0])


def test_equal_labels_are_equal_whatever_holds_them():
    first = objects(["a", "b", None, np.nan, pd.NA, "c"])
    second = objects(["a", "c", None, np.nan, pd.NA, np.str_("c")])
    assert equal_labels(first, second).tolist() == [True, False, False, False, False, True]
    numbers = np.array([0.0, np.nan, 2.0])
    assert equal_labels(numbers, np.array([False, True, True])).tolist() == [True, False, False]
    assert equal_labels(numbers, objects([0, 1, 2])).tolist() == [True, False, True]
    assert equal_labels(np.array(["a", "bc"]), objects(["a", "b"])).tolist() == [True, False]
