"""Scores of radii against plain definitions."""

import pickle

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sklearn_certify import certified_accuracy
from sklearn_certify.exceptions import InvalidInputError
from sklearn_certify.metrics import (
    certified_accuracy_curve,
    certified_accuracy_score,
    median_certified_radius,
)

rows = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 2), st.integers(-1, 6)), min_size=1, max_size=12
)


@settings(derandomize=True, deadline=None)
@given(rows, st.integers(0, 8))
def test_scores_follow_their_definitions(rows, size):
    y_true, y_pred, radii = map(list, zip(*rows, strict=True))
    share = sum(t == p and r >= size for t, p, r in rows) / len(rows)
    assert certified_accuracy_score(y_true, y_pred, radii, size) == pytest.approx(share)
    np.testing.assert_allclose(certified_accuracy_score(y_true, y_pred, radii, [size, 0])[0], share)
    sizes, accuracies = certified_accuracy_curve(y_true, y_pred, radii)
    assert sizes[0] == 0 and accuracies[-1] == 0 and (np.diff(sizes) > 0).all()
    assert accuracies[np.searchsorted(sizes, size, side="right") - 1] == pytest.approx(share)
    median = median_certified_radius(y_true, y_pred, radii)
    for other in range(8):
        at_least_half = certified_accuracy_score(y_true, y_pred, radii, other) >= 0.5
        assert at_least_half == (other <= median)


TEXTS = ["a", "b", "a"]
HOLDERS = [
    list,
    tuple,
    np.array,
    pd.Series,
    pd.Categorical,
    lambda y: pd.Series(y).convert_dtypes(),
]
HOLDERS += [lambda y: np.array(y, dtype=object), lambda y: np.array(y)[:, np.newaxis]]


@pytest.mark.parametrize("hold", HOLDERS)
@pytest.mark.parametrize("hold_other", HOLDERS)
def test_labels_in_whatever_holds_them(hold, hold_other):
    for labels in (TEXTS, [0, 1, 0], [False, True, False]):
        y_true, y_pred = hold(labels), hold_other([labels[0]] * 3)
        assert certified_accuracy_score(y_true, y_pred, [3, 3, 0], 1) == pytest.approx(1 / 3)
        assert median_certified_radius(y_true, y_pred, [3, 3, 0]) == 0


@pytest.mark.parametrize(
    ("y_true", "y_pred", "share"),
    [
        ([0, 1], [0.0, 0.0], 0.5),
        ([True, False], [1, 1], 0.5),
        (np.array([0, 1], dtype=np.uint8), np.array([0, -1]), 0.5),
        ([7, 1], [0, 1], 0.5),  # a label that is never predicted
        (["a", None], ["a", "a"], 0.5),
        ([np.nan, 1.0], [0, 1], 0.5),
        (pd.array([None, 1], dtype="Int64"), [0, 1], 0.5),
        (np.array(["2024-01-01", "NaT"], dtype="M8[D]"), np.array(["2024-01-01"] * 2, "M8"), 0.5),
        ([2**70, 0], [0, 0], 0.5),
    ],
)
def test_unknown_and_missing_labels_are_wrong(y_true, y_pred, share):
    assert certified_accuracy_score(y_true, y_pred, [3, 3], 1) == share


@pytest.mark.parametrize(
    ("y_true", "y_pred", "words"),
    [
        (
            ["0", "1"],
            [0, 1],
            r"y_true holds texts \(such as '0' in row 0\), but y_pred holds whole",
        ),
        ([0, "1"], [0, 1], r"y_true holds texts \(such as '1' in row 1\)"),
        (np.array([0, 1]), np.array(["0", "1"]), r"y_pred holds texts \(such as '0'\); give all"),
        ([0.5, 1], [0, 1], r"floats that are no whole numbers \(such as 0.5 in row 0\)"),
        (np.array([1, np.inf]), [0, 1], r"floats that are no whole numbers \(such as inf in row 1"),
        ([b"a", b"b"], ["a", "b"], "y_true holds bytes"),
        ([[0], {}], [0, 1], "y_true holds a list"),
        (np.array(["2024"] * 2, dtype="M8[s]"), [0, 1], "y_true holds times"),
    ],
)
def test_labels_of_another_kind_are_an_error(y_true, y_pred, words):
    for score in (
        lambda *a: certified_accuracy_score(*a, 0),
        certified_accuracy_curve,
        median_certified_radius,
    ):
        with pytest.raises(InvalidInputError, match=words):
            score(y_true, y_pred, [1, 1])


def test_the_scorer_is_a_value():
    scorer = certified_accuracy(poison_size=np.int64(3), joint=True)
    assert (
        repr(pickle.loads(pickle.dumps(scorer))) == "certified_accuracy(poison_size=3, joint=True)"
    )


@pytest.mark.parametrize("size", [-1, 0.5, [1, 2], "1", None])
def test_a_scorer_needs_one_whole_number(size):
    with pytest.raises(InvalidInputError, match="poison_size"):
        certified_accuracy(poison_size=size)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([0], [0], [1.0]), "radii must be integers"),
        (([], [], []), "no rows"),
        (([0, 1], [0], [1]), "inconsistent numbers of samples"),
        (([0, 1], [0, 1], [[1, 2]]), "should be a 1d array"),
    ],
)
def test_bad_input(arguments, message):
    for score in (
        lambda *a: certified_accuracy_score(*a, 0),
        certified_accuracy_curve,
        median_certified_radius,
    ):
        with pytest.raises(ValueError, match=message):
            score(*arguments)


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.uint64])
def test_narrow_and_unsigned_radii(dtype):
    radii = np.array([127, 127], dtype=dtype)
    sizes, accuracies = certified_accuracy_curve([0, 1], [0, 1], radii)
    assert sizes.tolist() == [0, 128] and accuracies.tolist() == [1, 0]
    assert median_certified_radius([0, 1], [1, 0], radii) == -1
