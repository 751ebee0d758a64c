"""The display of interval widths draws what regressors say, and never less."""

import numpy as np
import pytest
from matplotlib import pyplot as plt
from sklearn.datasets import load_diabetes
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import Normalizer, StandardScaler

from sklearn_certify import CertifiedKNNRegressor, DPAClassifier
from sklearn_certify.exceptions import InvalidInputError, UnsoundPipelineError
from sklearn_certify.plotting import CertifiedAccuracyDisplay, IntervalWidthDisplay


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def diabetes():
    return load_diabetes(return_X_y=True, scaled=False)


def height_of_line(line, x):
    """Return the height of a curve drawn with steps that reach back."""
    assert line.get_drawstyle() == "steps-pre"
    return line.get_ydata()[np.searchsorted(line.get_xdata(), x)]


def test_line_is_the_median_width_and_nowhere_too_low(diabetes):
    X, y = diabetes
    regressor = CertifiedKNNRegressor(25).fit(X[:300], y[:300])
    display = IntervalWidthDisplay.from_estimator(regressor, X[300:401], poison_sizes=[0, 3, 7])
    widths = regressor.certified_interval_width(X[300:401], np.arange(8))
    medians = np.median(widths, axis=0)
    drawn = height_of_line(display.line_, np.arange(8))
    np.testing.assert_array_equal(drawn[[0, 3, 7]], medians[[0, 3, 7]])
    assert (drawn >= medians).all()
    assert display.ax_.get_ylim()[0] == 0
    assert display.line_.get_label() == "CertifiedKNNRegressor"


def test_infinite_widths_leave_the_picture_at_the_top():
    intervals = np.zeros((3, 2, 2))
    intervals[:, 1] = [[0, np.inf], [0, np.inf], [0, 5]]
    display = IntervalWidthDisplay.from_predictions(intervals, [0, 1], name="some")
    top = display.ax_.get_ylim()[1]
    assert height_of_line(display.line_, 0) == 0
    assert 0 < top < height_of_line(display.line_, 1) < np.inf
    other = IntervalWidthDisplay.from_predictions(intervals[2:], [0, 1], ax=display.ax_)
    assert 5 < other.ax_.get_ylim()[1] < height_of_line(display.line_, 1)
    all_of_them = IntervalWidthDisplay.from_predictions(intervals[:2, :, 1:], [1])
    assert height_of_line(all_of_them.line_, 1) > all_of_them.ax_.get_ylim()[1] > 0


def test_sizes_end_where_most_intervals_are_infinite(diabetes):
    X, y = diabetes
    for n_neighbors in (1, 20, 300):
        regressor = CertifiedKNNRegressor(n_neighbors).fit(X[:300], y[:300])
        display = IntervalWidthDisplay.from_estimator(regressor, X[300:])
        medians = np.median(display.widths, axis=0)
        assert np.isinf(medians[-1]) and np.isfinite(medians[0])
        assert len(display.poison_sizes) <= 50 and display.poison_sizes[0] == 0
        assert np.isfinite(medians[-3:]).any() or n_neighbors == 1


def test_through_a_pipeline(diabetes):
    X, y = diabetes
    pipeline = make_pipeline(Normalizer(), CertifiedKNNRegressor(5, threat_model="delete"))
    display = IntervalWidthDisplay.from_estimator(pipeline.fit(X, y), X[:20], poison_sizes=[0, 2])
    assert display.ax_.get_xlabel() == "Poison size (rows deleted)"
    pipeline = make_pipeline(StandardScaler(), CertifiedKNNRegressor())
    with pytest.raises(UnsoundPipelineError):
        IntervalWidthDisplay.from_estimator(pipeline.fit(X, y), X[:20])


def test_what_does_not_fit_is_refused(diabetes):
    X, y = diabetes
    intervals = np.zeros((3, 2, 2))
    for sizes in ([0], [1, 0], [0, 1, 2]):
        with pytest.raises(InvalidInputError, match="intervals must have shape"):
            IntervalWidthDisplay.from_predictions(intervals, sizes)
    with pytest.raises(InvalidInputError, match="nothing to draw"):
        IntervalWidthDisplay.from_predictions(intervals[:0], [0, 1])
    with pytest.raises(InvalidInputError, match="middle_share"):
        IntervalWidthDisplay([0], [[1.0]]).plot(middle_share=2)
    with pytest.raises(InvalidInputError, match="predicts labels"):
        IntervalWidthDisplay.from_estimator(DPAClassifier().fit(X, y > 100), X)
    with pytest.raises(InvalidInputError, match="predicts numbers"):
        CertifiedAccuracyDisplay.from_estimator(CertifiedKNNRegressor().fit(X, y), X, y)
