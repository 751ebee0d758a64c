"""The curve of attack success rates is what the metric says, and nowhere too low."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib import pyplot as plt
from numpy.testing import assert_array_equal
from sklearn.datasets import load_iris
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import Normalizer, StandardScaler

from sklearn_certify import DPAClassifier, TemporalAggregationClassifier, certified_radius
from sklearn_certify.exceptions import InvalidInputError, UnsoundPipelineError
from sklearn_certify.metrics import certified_attack_success_rate
from sklearn_certify.plotting import AttackSuccessRateDisplay

rows = st.lists(st.tuples(st.integers(0, 2), st.integers(-1, 60)), min_size=1, max_size=40)


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def height_of_line(line, x):
    """Return the height of a curve drawn with steps that reach back."""
    assert line.get_drawstyle() == "steps-pre"
    return line.get_ydata()[np.searchsorted(line.get_xdata(), x)]


@settings(max_examples=30, deadline=None, derandomize=True)
@given(rows)
def test_curve_has_the_rate_at_every_whole_size(rows):
    y_true, radii = np.array([*rows, (0, 5)]).T
    display = AttackSuccessRateDisplay.from_predictions(y_true, radii, target=2)
    sizes = np.arange(int(display.poison_sizes[-1]) + 1)
    expected = certified_attack_success_rate(y_true, radii, sizes, target=2)
    assert_array_equal(height_of_line(display.line_, sizes), expected)
    assert expected[-1] == 1
    plt.close(display.figure_)


def test_curve_is_nowhere_too_low_between_given_sizes():
    display = AttackSuccessRateDisplay([0, 4], [0.1, 0.6], target="50").plot()
    assert height_of_line(display.line_, 1) == 0.6
    assert display.ax_.get_ylabel() == "Attack success rate toward '50', at most"
    assert display.ax_.get_legend() is None


def test_of_a_pipeline():
    X, y = load_iris(return_X_y=True)
    pipeline = make_pipeline(Normalizer(), DPAClassifier(n_partitions=15)).fit(X, y)
    display = AttackSuccessRateDisplay.from_estimator(pipeline, X, y, target=1, source=2)
    radii = certified_radius(pipeline, X, target=1)
    sizes = display.poison_sizes
    expected = certified_attack_success_rate(y, radii, sizes, target=1, source=2)
    assert_array_equal(display.rates, expected)
    assert display.ax_.get_xlabel() == "Poison size (rows inserted or deleted)"
    assert display.ax_.get_legend().get_texts()[0].get_text() == "DPAClassifier"
    unsound = make_pipeline(StandardScaler(), DPAClassifier(n_partitions=15)).fit(X, y)
    with pytest.raises(UnsoundPipelineError):
        AttackSuccessRateDisplay.from_estimator(unsound, X, y, target=1)


def test_periods_are_told():
    X, y = load_iris(return_X_y=True)
    in_time = TemporalAggregationClassifier(window=3).fit(X, y, periods=np.arange(150) % 30)
    display = AttackSuccessRateDisplay.from_estimator(in_time, X, y, target=1)
    assert display.ax_.get_xlabel() == "Poison size (consecutive periods)"


@pytest.mark.parametrize(
    ("radii", "target", "message"),
    [([1, 2], "b", "nothing to score"), ([0.5, 2], "a", "integers"), ([1, 2], 3, "texts")],
)
def test_what_makes_no_sense_is_refused(radii, target, message):
    with pytest.raises(InvalidInputError, match=message):
        AttackSuccessRateDisplay.from_predictions(["b", "b"], radii, target=target)
