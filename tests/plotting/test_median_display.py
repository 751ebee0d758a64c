"""Answers stand at the size that reaches them, over intervals that grow."""

import numpy as np
import pytest
from sklearn.datasets import load_diabetes

from sklearn_certify import CertifiedKNNRegressor, explain
from sklearn_certify.exceptions import InvalidInputError
from sklearn_certify.plotting import MedianDisplay

pytest.importorskip("matplotlib").use("Agg")

INTERVALS = [
    {"poison_size": 0, "low": 3.0, "high": 3.0},
    {"poison_size": 2, "low": 2.0, "high": 5.0},
    {"poison_size": 3, "low": -np.inf, "high": np.inf},
]


def test_dots_are_answers():
    display = MedianDisplay([1.0, 2.0, 3.0, 5.0], [3, 2, 0, 2], INTERVALS, prediction=3.0).plot()
    assert display.dots_.get_offsets().tolist() == [[1, 3], [2, 2], [3, 0], [5, 2]]
    low, high = display.ax_.get_xlim()
    assert low < 1
    assert high > 5


def test_an_interval_holds_up_to_the_next():
    display = MedianDisplay([1.0, 2.0, 3.0, 5.0], [3, 2, 0, 2], INTERVALS, prediction=3.0).plot()
    (bounded,) = display.band_.get_paths()
    x, y = bounded.vertices.T
    assert (x.min(), x.max()) == (2, 5)
    assert (y.min(), y.max()) == (-0.5, 2.5)
    assert y[x < 3].min() == 1.5  # a point until poison of size 2


def test_answers_that_nothing_reaches_stand_above():
    display = MedianDisplay([1.0, 3.0], [None, 0], INTERVALS[:2], prediction=3.0).plot()
    assert display.dots_.get_offsets()[0, 1] > 2


def test_a_tolerance_is_drawn():
    display = MedianDisplay([2.0, 3.0, 5.0], [2, 0, 2], INTERVALS, prediction=3.0, tolerance=1.5)
    lines = [line.get_xdata() for line in display.plot(name="mine").ax_.lines]
    assert [1.5, 1.5] in [[*line] for line in lines]
    assert [4.5, 4.5] in [[*line] for line in lines]
    assert display.ax_.get_title() == "mine"


def test_nobody_answers():
    with pytest.raises(InvalidInputError, match="no answers"):
        MedianDisplay([], [], INTERVALS, prediction=np.nan).plot()


def test_an_explanation_is_drawn():
    X, y = load_diabetes(return_X_y=True)
    found = explain(CertifiedKNNRegressor(9).fit(X, y), X[0], tolerance=40)
    display = found.plot(dot_kwargs={"s": 5})
    assert display.dots_.get_offsets()[:, 0].tolist() == [c["value"] for c in found.carriers]
    assert f"radius {found.radius} within 40" in display.ax_.get_title()
    assert "rows inserted or deleted" in display.ax_.get_ylabel()
