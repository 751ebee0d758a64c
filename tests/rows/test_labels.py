"""Labels keep their kind, or the message says which kinds are mixed."""

import datetime
import warnings
from enum import IntEnum

import numpy as np
import pandas as pd
import pytest
from sklearn.exceptions import DataConversionWarning

from sklearn_certify import BaggingCertifiedClassifier, DPAClassifier, FiniteAggregationClassifier
from sklearn_certify._rows import check_labels
from sklearn_certify.exceptions import InvalidInputError

from .witness import Witness, seen_by

pl = pytest.importorskip("polars")
pa = pytest.importorskip("pyarrow")

N_ROWS = 48
X = np.array([[float(i % 7), i / 4] for i in range(N_ROWS)])


def objects(labels):
    cells = np.empty(len(labels), dtype=object)
    for place, label in enumerate(labels):
        cells[place] = label
    return cells


HOLDERS = {
    "list": list,
    "tuple": tuple,
    "objects": objects,
    "series": lambda labels: pd.Series(labels, dtype=object),
    "polars": lambda labels: pl.Series(labels, strict=True),
    "arrow": lambda labels: pa.array(labels),
}
KINDS = {
    "whole numbers": [0, 7, -3],
    "floats": [0.0, 7.0, -3.0],
    "booleans": [True, False, True],
    "texts": ["a", "bc", ""],
}
ODD = ["x", 2.0, 7, None, True, np.nan, pd.NA, pd.NaT, -5, "a longer label", "0", b"x", 2**70]
ODD += [datetime.date(2024, 1, 1), [1], (1, 2), np.int8(3), np.bool_(True), np.str_("z"), 1j]


def fit(ensemble, X, y):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ensemble.fit(X, y)


@pytest.mark.parametrize("odd", ODD, ids=repr)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("hold", HOLDERS.values(), ids=HOLDERS)
def test_an_odd_label_is_refused_or_goes_alone(hold, kind, odd):
    clean = [KINDS[kind][i // 2 % 3] for i in range(N_ROWS)]
    ensemble = DPAClassifier(Witness(), n_partitions=5, partition_by="sample")
    before, partition = seen_by(fit(ensemble, X, hold(clean))), ensemble.partition_
    type_of_labels = getattr(hold(clean), "type", None) or getattr(hold(clean), "dtype", None)
    try:
        y = hold([*clean, odd])
    except (TypeError, ValueError, OverflowError, pa.ArrowException):
        return  # nothing such can be held
    if (getattr(y, "type", None) or getattr(y, "dtype", None)) != type_of_labels:
        return  # the library made other labels of all of them before we see any
    try:
        fit(ensemble, np.vstack([X, [[5.0, 5.0]]]), y)
    except ValueError as error:
        assert len(str(error)) < 400 and "'<'" not in str(error)
        return
    np.testing.assert_array_equal(ensemble.partition_[:-1], partition)
    for voter, seen in enumerate(zip(before, seen_by(ensemble), strict=True)):
        assert voter == ensemble.partition_[-1] or seen[0] == seen[1]


@pytest.mark.parametrize("first", KINDS)
@pytest.mark.parametrize("second", KINDS)
@pytest.mark.parametrize("hold", [list, objects])
def test_kinds_that_are_mixed_are_both_named(first, second, hold):
    y = hold([*KINDS[first] * 2, KINDS[second][1]])
    if first == second:
        assert len(check_labels(None, y)) == 7
        return
    with pytest.raises(InvalidInputError) as raised:
        check_labels(None, y)
    assert f"y mixes {first} ({KINDS[first][0]!r} in row 0)" in str(raised.value)
    assert f"{second} ({KINDS[second][1]!r} in row 6)" in str(raised.value)


@pytest.mark.parametrize("missing", [None, np.nan, pd.NA, pd.NaT, np.datetime64("NaT")], ids=repr)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("hold", [list, objects, lambda y: pd.Series(y, dtype=object)])
def test_missing_labels_are_named_by_their_row(hold, kind, missing):
    y = hold([*KINDS[kind], missing, *KINDS[kind], missing])
    with pytest.raises(InvalidInputError, match=r"y contains missing labels .* row 3 .* 2 of 8"):
        check_labels(None, y)


@pytest.mark.parametrize(
    "y",
    [
        np.array([1.0, np.nan, 0.0]),
        pd.array([1, None, 0], dtype="Int64"),
        pd.Series(["a", None, "b"], dtype="string"),
        pd.Series(["a", None, "b"], dtype="category"),
        pd.Series([True, None, False], dtype="boolean"),
        pd.Series([1, None, 2], dtype="int64[pyarrow]"),
        pl.Series([1, None, 2]),
        pl.Series(["a", None, "b"]),
        pa.array(["a", None, "b"]),
        pa.chunked_array([[True], [None, False]]),
        np.array(["2024-01-01", "NaT", "2024-01-02"], dtype="M8[D]"),
    ],
    ids=lambda y: f"{type(y).__name__}-{getattr(y, 'dtype', getattr(y, 'type', ''))}",
)
def test_missing_labels_of_every_library(y):
    with pytest.raises(InvalidInputError, match="y contains missing labels .* row 1 "):
        check_labels(None, y)


class Colour(IntEnum):
    RED = 1
    BLUE = 2


@pytest.mark.parametrize(
    ("y", "expected"),
    [
        ([0, 1], np.array([0, 1])),
        ([np.int8(0), np.uint64(1)], np.array([0, 1])),
        ([Colour.RED, Colour.BLUE], np.array([1, 2])),
        ([True, np.bool_(False)], np.array([True, False])),
        ([0.0, np.float32(1)], np.array([0.0, 1.0])),
        (["a", np.str_("b\0")], np.array(["a", "b\0"], dtype=object)),
        (range(2), np.array([0, 1])),
        ([np.array(0), np.array(1)], np.array([0, 1])),
        (pd.array([0, 1], dtype="Int64"), np.array([0, 1])),
        (pd.Series([True, False], dtype="boolean"), np.array([True, False])),
        (pd.Series(["a", "b"], dtype="category"), np.array(["a", "b"], dtype=object)),
        (pd.Series([3, 4], dtype="category"), np.array([3, 4])),
        (pd.Categorical(["a", "b"]), np.array(["a", "b"], dtype=object)),
        (pd.Index(["a", "b"], dtype=object), np.array(["a", "b"], dtype=object)),
        (pd.Series([3, 4], dtype="int8[pyarrow]"), np.array([3, 4], dtype=np.int8)),
        (pl.Series(["a", "b"]), np.array(["a", "b"], dtype=object)),
        (pl.Series(["a", "b"], dtype=pl.Categorical), np.array(["a", "b"], dtype=object)),
        (pl.Series([3, 4], dtype=pl.Int8), np.array([3, 4], dtype=np.int8)),
        (pl.Series([True, False]), np.array([True, False])),
        (pa.array(["a", "b"]), np.array(["a", "b"], dtype=object)),
        (pa.array(["a", "b"]).dictionary_encode(), np.array(["a", "b"], dtype=object)),
        (pa.chunked_array([[3], [4]]), np.array([3, 4])),
        (pa.array([2.0, 3.0]), np.array([2.0, 3.0])),
        (np.array([0, 1], dtype=np.uint8), np.array([0, 1], dtype=np.uint8)),
        (np.array(["a", "bc"]), np.array(["a", "bc"])),
    ],
)
def test_labels_of_every_library(y, expected):
    labels = check_labels(None, y)
    assert labels.dtype == expected.dtype
    np.testing.assert_array_equal(labels, expected)


def test_whole_numbers_beyond_floats_stay_apart():
    y = [2**53, 2**53 + 1, -(2**63)]
    assert check_labels(None, y).tolist() == y
    assert check_labels(None, objects(y)).tolist() == y
    with pytest.raises(InvalidInputError, match=r"y holds 9223372036854775808 in row 1"):
        check_labels(None, [0, 2**63])


@pytest.mark.parametrize(
    ("y", "message"),
    [
        ([0, 1j], "complex in row 1"),
        ([b"a", b"b"], "decode them into texts"),
        (np.array([b"a", b"b"]), "decode them into texts"),
        ([[0, 1], [1, 0]], "y should be a 1d array"),
        ([[0, 1], [1]], "holds a list in row 0"),
        (np.zeros((2, 2)), "y should be a 1d array"),
        (pd.DataFrame({"a": [0, 1], "b": [1, 2]}), "y should be a 1d array"),
        (pa.table({"a": [0, 1], "b": [1, 2]}), "y should be a 1d array"),
        (3, "y should be a 1d array"),
        ({0, 1}, "y is a set, whose values belong to no rows"),
        ({0: 0, 1: 1}, "y is a dict, whose values belong to no rows"),
        ([datetime.date(2024, 1, 1)], "date in row 0"),
        ([0.5, 1.5], "continuous"),
        ([0.0, np.inf], "Input y contains infinity"),
    ],
)
def test_what_is_no_label_is_one_sentence(y, message):
    with pytest.raises(ValueError, match=message):
        check_labels(DPAClassifier(), y)


@pytest.mark.parametrize("column", [np.array, pd.DataFrame, lambda y: pl.DataFrame({"y": [0, 1]})])
def test_a_column_of_labels_is_taken_with_a_warning(column):
    with pytest.warns(DataConversionWarning, match="column-vector") as warned:
        assert check_labels(None, column([[0], [1]])).tolist() == [0, 1]
    assert warned[0].filename == __file__


# ---- declared labels


@pytest.mark.parametrize(
    "ensemble",
    [
        DPAClassifier(n_partitions=3),
        FiniteAggregationClassifier(n_partitions=3, spreading_degree=2),
        BaggingCertifiedClassifier(n_estimators=5, max_samples=9, random_state=0),
    ],
    ids=lambda e: type(e).__name__,
)
def test_declared_labels_are_of_the_kind_of_those_given(ensemble):
    numbers = [i // 2 % 3 for i in range(N_ROWS)]
    texts = [str(label) for label in numbers]
    for y, classes in ((numbers, ["0", "1", "2"]), (texts, [0, 1, 2])):
        with pytest.raises(InvalidInputError, match=r"classes holds .* but y holds"):
            ensemble.set_params(classes=classes).fit(X, y)
    with pytest.raises(InvalidInputError, match="classes mixes whole numbers .* and texts"):
        ensemble.set_params(classes=[0, 1, 2, "x"]).fit(X, numbers)
    with pytest.raises(InvalidInputError, match="classes contains missing labels"):
        ensemble.set_params(classes=[0, 1, 2, None]).fit(X, numbers)
    with pytest.raises(InvalidInputError, match="y holds labels that classes lacks"):
        ensemble.set_params(classes=[0, 1]).fit(X, numbers)
    for y, classes in (
        (numbers, [0.0, 1.0, 2.0]),
        (np.array(numbers, dtype=float), range(3)),
        (texts, np.array(["0", "1", "2", "10"])),
        (np.array(texts), pd.Series(["0", "1", "2", "10"])),
        (pl.Series(texts), pl.Series(["0", "1", "2"])),
    ):
        fitted = ensemble.set_params(classes=classes).fit(X, y)
        assert len(fitted.classes_) == len(classes)
        assert set(fitted.predict(X).tolist()) <= set(fitted.classes_.tolist())


# ---- true labels


@pytest.mark.parametrize("odd", [None, np.nan, pd.NA, 2**70, 7.0], ids=repr)
@pytest.mark.parametrize("hold", [list, objects, lambda y: pd.Series(y, dtype=object)])
def test_an_unknown_true_label_is_wrong_and_no_more(hold, odd):
    y = [i // 2 % 3 for i in range(N_ROWS)]
    fitted = DPAClassifier(n_partitions=3).fit(X, y)
    expected = fitted.certified_accuracy(X, y, [0, 1]) * N_ROWS
    expected -= (fitted.predict(X)[:1] == y[0]) * (fitted.certified_radius(X)[0] >= np.arange(2))
    for joint in (False, True):
        bound = fitted.certified_accuracy(X, hold([odd, *y[1:]]), [0, 1], joint=joint) * N_ROWS
        assert (bound >= expected - 1e-9).all() and bound[0] == pytest.approx(expected[0])


def test_true_labels_of_every_library():
    y = [i // 2 % 3 for i in range(N_ROWS)]
    fitted = DPAClassifier(n_partitions=3).fit(X, y)
    expected = fitted.certified_accuracy(X, y, 1)
    held = [np.array(y, dtype=float), pl.Series(y), pa.array(y), pd.Categorical(y), tuple(y)]
    held += [pd.Series(y, dtype="Int64"), np.array(y)[:, np.newaxis]]
    for truth in held:
        assert fitted.certified_accuracy(X, truth, 1) == expected
