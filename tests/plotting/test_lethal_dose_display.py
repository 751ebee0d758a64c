"""The display of forecasts shows what was forecast, and says what it is."""

import sys

import matplotlib.pyplot as plt
import numpy as np
import pytest

from sklearn_certify.exceptions import MissingExtraError
from sklearn_certify.lethal_dose import lethal_dose_curve
from sklearn_certify.plotting import LethalDoseDisplay


@pytest.fixture(scope="module")
def curve(digits):
    return lethal_dose_curve(None, *digits[:2], partition_counts=[20, 200])


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def test_a_curve_and_a_band_for_each_number_of_partitions(curve):
    display = LethalDoseDisplay.from_result(curve)
    assert len(display.lines_) == len(display.bands_) == 2
    for line, expected in zip(display.lines_, curve.certified_accuracy, strict=True):
        np.testing.assert_array_equal(line.get_xdata(), curve.poison_sizes)
        np.testing.assert_array_equal(line.get_ydata(), expected)
    assert display.lines_[1].get_label() == "200 (7.99 rows each)"
    assert display.ax_.get_xlabel() == "Poison size (rows inserted or deleted)"
    assert display.ax_.get_ylabel() == "Expected certified accuracy"
    assert "forecast" in display.ax_.get_legend().get_title().get_text()
    assert curve.lethal_dose_is == "about"
    assert display.dose_line_.get_xdata()[0] == curve.lethal_dose
    assert "conjecture" in display.dose_line_.get_label()


def test_axes_and_styles_of_the_caller(curve):
    _, ax = plt.subplots()
    display = LethalDoseDisplay(curve).plot(
        ax, curve_kwargs={"color": "red"}, band_kwargs={"alpha": 0.5}
    )
    assert display.ax_ is ax and display.figure_ is ax.figure
    assert display.lines_[0].get_color() == "red" and display.bands_[0].get_alpha() == 0.5


def test_no_dose_where_the_learning_curve_ends(digits):
    X, y, _, _ = digits
    display = LethalDoseDisplay.from_estimator(None, X, y, partition_counts=10)
    assert display.result.lethal_dose_is == "at least"
    assert display.dose_line_ is None


def test_missing_matplotlib_is_said_in_one_line(curve, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(MissingExtraError, match=r'^Plots.*"sklearn-certify\[plot\]"$'):
        LethalDoseDisplay.from_result(curve)
