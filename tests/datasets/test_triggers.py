"""Triggers that are made by hand."""

import numpy as np
import pandas as pd
import pytest

from sklearn_certify.datasets import FeatureTrigger, ImageTrigger, make_backdoor
from sklearn_certify.exceptions import InvalidInputError


def make_frame():
    columns = {
        "whole": [1, 2],
        "real": np.array([0.5, 1.5], dtype="float32"),
        "nullable": pd.Series([1, 2], dtype="Int64"),
        "category": pd.Categorical(["x", "y"]),
        "time": pd.date_range("2020-01-01", periods=2),
        "flag": [True, False],
    }
    return pd.DataFrame(columns)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("whole", 0.5),
        ("whole", "x"),
        ("whole", None),
        ("nullable", 0.5),
        ("category", "w"),
        ("real", "x"),
        ("flag", 2),
        ("time", "never"),
        ("absent", 1),
    ],
)
def test_values_that_a_column_cannot_hold(column, value):
    trigger = FeatureTrigger([column], [value])
    with pytest.raises(InvalidInputError, match=f"olumn '{column}'"):
        trigger(make_frame())


@pytest.mark.parametrize(("value", "dtype"), [(0.5, int), (-1, np.uint8), ("x", float), (2, bool)])
def test_values_that_an_array_cannot_hold(value, dtype):
    with pytest.raises(InvalidInputError, match="cannot hold"):
        FeatureTrigger([0], [value])(np.zeros((2, 2), dtype=dtype))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: ImageTrigger("dot", (0, 0), 1, (4, 4)), "shape must be one of"),
        (lambda: ImageTrigger("pixel", (0, 0), "per_image", (4, 4)), "color_range"),
        (
            lambda: ImageTrigger("pixel", (0, 0), "per_image", (4, 4), color_range=[(2, 1)]),
            "color_range",
        ),
        (lambda: FeatureTrigger([0, 1], [1]), "2 columns and 1 values"),
        (lambda: FeatureTrigger([], []), "one value for each"),
        (lambda: FeatureTrigger([0, 0], [1, 1]), "twice"),
    ],
)
def test_triggers_of_your_own_are_checked(make, message):
    with pytest.raises(InvalidInputError, match=message):
        make()


def test_columns_with_numbers_as_names_are_called_by_them():
    frame = pd.DataFrame([[1, 2, 3], [4, 4, 5]] * 5, columns=[2, 0, 1])
    assert FeatureTrigger([2], [9])(frame)[2].tolist() == [9] * 10
    trigger = make_backdoor(
        frame, np.arange(10) % 2, source=0, target=1, trigger="features", n_columns=2
    ).trigger
    for name, value in zip(trigger.columns, trigger.values, strict=True):
        assert value in frame[name].tolist()
    with pytest.raises(InvalidInputError, match="no single column 0"):
        FeatureTrigger([0], [9])(frame.set_axis([0, 0, 1], axis=1))


def test_an_empty_batch_and_the_wrong_batch():
    trigger = ImageTrigger("pixel", (0, 0), "per_image", (4, 4), color_range=[(0, 9)])
    assert trigger(np.zeros((0, 4, 4))).shape == (0, 4, 4)
    with pytest.raises(InvalidInputError, match="no images"):
        trigger(np.zeros((4, 4)))  # one image is no batch
