"""The displays draw what the metrics say, never more, and say in which unit."""

import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib import pyplot as plt
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.datasets import load_iris
from sklearn.linear_model import RidgeClassifier
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import Normalizer, StandardScaler

from sklearn_certify import DPAClassifier, TemporalAggregationClassifier, certified_radius
from sklearn_certify.exceptions import InvalidInputError, MissingExtraError, UnsoundPipelineError
from sklearn_certify.metrics import certified_accuracy_score
from sklearn_certify.plotting import CertifiedAccuracyDisplay, CertifiedRadiusDisplay
from sklearn_certify.threat import THREAT_MODELS

DISPLAYS = [CertifiedAccuracyDisplay, CertifiedRadiusDisplay]
every_display = pytest.mark.parametrize("display_class", DISPLAYS, ids=lambda d: d.__name__)

predictions = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 2), st.integers(-1, 90)), min_size=1, max_size=40
)


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def height_of_line(line, x):
    """Return the height of a curve drawn with steps that reach back."""
    assert line.get_drawstyle() == "steps-pre"
    return line.get_ydata()[np.searchsorted(line.get_xdata(), x)]


@settings(max_examples=30, deadline=None, derandomize=True)
@given(predictions)
def test_curve_has_the_certified_accuracy_at_every_whole_size(rows):
    y_true, y_pred, radii = np.array(rows).T
    display = CertifiedAccuracyDisplay.from_predictions(y_true, y_pred, radii)
    end = int(display.poison_sizes[-1])
    sizes = np.arange(end + 1)
    expected = certified_accuracy_score(y_true, y_pred, radii, sizes)
    assert_array_equal(height_of_line(display.line_, sizes), expected)
    assert expected[-1] == 0
    plt.close(display.figure_)


def test_curve_is_nowhere_too_high_between_given_sizes():
    radii = np.array([0, 1, 4, 6, 7, 7, 9])
    labels = np.zeros(7, dtype=int)
    given_sizes = [0, 3, 8]
    accuracies = certified_accuracy_score(labels, labels, radii, given_sizes)
    display = CertifiedAccuracyDisplay(given_sizes, accuracies).plot()
    sizes = np.arange(9)
    drawn = height_of_line(display.line_, sizes)
    assert (drawn <= certified_accuracy_score(labels, labels, radii, sizes)).all()
    assert_array_equal(drawn[given_sizes], accuracies)


def test_curve_that_does_not_start_at_zero():
    display = CertifiedAccuracyDisplay([5, 10], [0.8, 0.3]).plot()
    assert display.line_.get_xdata()[0] == 5


def test_curves_on_shared_axes_stay_in_view():
    display = CertifiedAccuracyDisplay([0, 3], [0.9, 0.0], name="short").plot()
    longer = CertifiedAccuracyDisplay([0, 30], [0.8, 0.0], name="long").plot(ax=display.ax_)
    assert longer.ax_ is display.ax_
    assert longer.figure_ is display.figure_
    left, right = display.ax_.get_xlim()
    assert left == 0
    assert right >= 30.5
    assert display.ax_.get_ylim() == (-0.01, 1.01)
    texts = [text.get_text() for text in display.ax_.get_legend().get_texts()]
    assert texts == ["short", "long"]


def test_axis_of_poison_sizes_counts_in_whole_numbers():
    display = CertifiedAccuracyDisplay([0, 2], [0.9, 0.0]).plot()
    ticks = display.ax_.get_xticks()
    assert_array_equal(ticks, np.round(ticks))
    display.ax_.set_xscale("symlog")
    display.plot(ax=display.ax_)
    assert display.ax_.get_xscale() == "symlog"


def test_name_and_style_of_the_curve():
    display = CertifiedAccuracyDisplay([0, 3], [0.9, 0.0])
    assert display.plot().ax_.get_legend() is None
    display.plot(name="other", curve_kwargs={"color": "red", "linestyle": ":"})
    assert display.line_.get_label() == "other"
    assert display.line_.get_color() == "red"
    assert display.line_.get_linestyle() == ":"
    assert display.name is None


@every_display
@pytest.mark.parametrize("threat_model", THREAT_MODELS)
def test_axis_names_the_unit_of_the_threat_model(display_class, threat_model):
    display = display_class.from_predictions([0, 1], [0, 1], [2, 3], threat_model=threat_model)
    quantity, _, unit = display.ax_.get_xlabel().partition(" (")
    assert quantity in ("Poison size", "Certified radius")
    expected = {"delete": "rows deleted)", "label_flip": "labels changed)"}
    assert unit == expected.get(threat_model, unit)
    assert len(unit) > len("rows )")


@every_display
def test_axis_without_a_unit_that_is_not_known(display_class):
    display = display_class.from_predictions([0, 1], [0, 1], [2, 3])
    assert display.ax_.get_xlabel() in ("Poison size", "Certified radius")
    with pytest.raises(InvalidInputError, match="threat_model must be one of"):
        display_class.from_predictions([0, 1], [0, 1], [2, 3], threat_model="magic")


@every_display
def test_display_of_groups_counts_contributors(display_class, digits):
    X, y, X_test, y_test = digits
    classifier = DPAClassifier(n_partitions=5).fit(X[:200], y[:200], groups=np.arange(200) // 4)
    display = display_class.from_estimator(classifier, X_test, y_test)
    assert display.ax_.get_xlabel().endswith("(contributors)")


@every_display
def test_display_looks_inside_pipelines_and_searches(display_class, digits):
    X, y, X_test, y_test = digits
    pipeline = make_pipeline(Normalizer(), DPAClassifier(RidgeClassifier(), n_partitions=5))
    search = GridSearchCV(pipeline, {"dpaclassifier__n_partitions": [5, 7]}, cv=2).fit(X, y)
    display = display_class.from_estimator(search, X_test, y_test)
    labels, radii = search.best_estimator_[-1].predict_certified(Normalizer().transform(X_test))
    expected = display_class.from_predictions(y_test, labels, radii)
    assert display.name == "DPAClassifier"
    assert "rows inserted or deleted" in display.ax_.get_xlabel()
    if display_class is CertifiedAccuracyDisplay:
        assert_array_equal(display.accuracies, expected.accuracies)
    else:
        assert_array_equal(display.radii, expected.radii)
        assert_array_equal(display.correct, expected.correct)


@every_display
def test_display_refuses_an_unsound_pipeline(display_class, digits):
    X, y, X_test, y_test = digits
    pipeline = make_pipeline(StandardScaler(), DPAClassifier(n_partitions=5)).fit(X, y)
    with pytest.raises(UnsoundPipelineError, match="standardscaler"):
        display_class.from_estimator(pipeline, X_test, y_test)


@every_display
def test_missing_matplotlib_is_said_in_one_line(display_class, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(MissingExtraError, match=r'^Plots.*"sklearn-certify\[plot\]"$'):
        display_class.from_predictions([0], [0], [1])
    with pytest.raises(MissingExtraError):
        display_class([0, 1], [1, 0]).plot()


@every_display
@pytest.mark.parametrize(
    ("y_pred", "radii", "message"),
    [
        ([0, 1], [0.5, 1.0], "radii must be integers"),
        ([0, 1, 1], [1, 2, 3], "inconsistent numbers of samples"),
    ],
)
def test_bad_predictions(display_class, y_pred, radii, message):
    with pytest.raises(ValueError, match=message):
        display_class.from_predictions([0, 1], y_pred, radii)


@every_display
def test_labels_of_another_kind_are_an_error(display_class):
    with pytest.raises(InvalidInputError, match="y_true holds texts .* but y_pred holds whole"):
        display_class.from_predictions(["0", "1"], [0, 1], [1, 2])


@every_display
def test_no_rows_at_all(display_class):
    with pytest.raises(InvalidInputError, match="no rows"):
        display_class.from_predictions([], [], np.array([], dtype=int))


def bar_heights(bars):
    return np.array([bar.get_height() for bar in bars])


@settings(max_examples=20, deadline=None, derandomize=True)
@given(predictions)
def test_bars_hold_every_row_once(rows):
    y_true, y_pred, radii = np.array(rows).T
    display = CertifiedRadiusDisplay.from_predictions(y_true, y_pred, radii)
    right, wrong = map(bar_heights, display.bars_)
    assert (right >= 0).all()
    assert (wrong <= 0).all()
    assert_allclose(right.sum(), (y_true == y_pred).mean())
    assert_allclose(-wrong.sum(), (y_true != y_pred).mean())
    assert len(right) <= 32
    # abstentions have a bar to themselves
    abstains = (radii < 0).mean()
    ends = [bar.get_x() + bar.get_width() for bar in display.bars_[0]]
    alone = sum(right[i] - wrong[i] for i, end in enumerate(ends) if end <= 0)
    assert_allclose(alone, abstains)
    assert ("abstains" in display.ax_.get_xlabel()) == (abstains > 0)
    plt.close(display.figure_)


def test_radius_of_a_bar():
    display = CertifiedRadiusDisplay([0, 0, 2, 2, 2, 3], [True, False, True, True, False, True])
    display.plot(name="votes", bar_kwargs={"edgecolor": "black"})
    right, wrong = display.bars_
    assert_allclose([bar.get_x() + bar.get_width() / 2 for bar in right], [0, 1, 2, 3])
    assert_allclose(6 * bar_heights(right), [1, 0, 2, 1])
    assert_allclose(6 * bar_heights(wrong), [-1, 0, -1, 0], atol=1e-12)
    assert display.ax_.get_title() == "votes"
    assert right[0].get_edgecolor() == (0, 0, 0, 1)


def test_legend_of_the_histogram_covers_no_bar():
    display = CertifiedRadiusDisplay.from_predictions(
        np.zeros(60, dtype=int), np.arange(60) % 3, np.repeat(np.arange(20), 3)
    )
    display.figure_.canvas.draw()
    legend = display.ax_.get_legend().get_window_extent()
    for bar in [*display.bars_[0], *display.bars_[1]]:
        assert not legend.overlaps(bar.get_window_extent())


def test_the_legend_of_radii_covers_no_bar():
    radii = np.append(np.full(90, 20), np.arange(20))
    display = CertifiedRadiusDisplay(radii, np.arange(110) % 7 > 0, name="a title").plot()
    display.figure_.draw_without_rendering()
    legend = display.ax_.get_legend().get_window_extent()
    bars = [bar.get_window_extent() for bars in display.bars_ for bar in bars]
    assert not any(legend.overlaps(bar) for bar in [*bars, display.ax_.title.get_window_extent()])


@pytest.fixture(scope="module")
def in_time():
    rng = np.random.RandomState(0)
    y = np.arange(120) % 3
    X = rng.normal(size=(120, 4)) + y[:, np.newaxis]
    classifier = TemporalAggregationClassifier(window=3).fit(X, y, periods=np.arange(120) // 5)
    return classifier, X, y


def test_displays_of_classifiers_in_time_count_periods(in_time):
    curve = CertifiedAccuracyDisplay.from_estimator(*in_time)
    assert curve.ax_.get_xlabel() == "Poison size (consecutive periods)"
    bars = CertifiedRadiusDisplay.from_estimator(*in_time)
    assert bars.ax_.get_xlabel() == "Certified radius (consecutive periods)"
    assert_array_equal(bars.radii, in_time[0].certified_duration(in_time[1]))


def test_histogram_toward_a_label_names_it_and_has_its_radii():
    X, y = load_iris(return_X_y=True)
    names = np.array(["setosa", "versicolor", "virginica"])[y]
    pipeline = make_pipeline(Normalizer(), DPAClassifier(n_partitions=15)).fit(X, names)
    display = CertifiedRadiusDisplay.from_estimator(pipeline, X, names, target="virginica")
    assert display.ax_.get_xlabel() == (
        "Certified radius toward 'virginica', -1 = no proof (rows inserted or deleted)"
    )
    radii = certified_radius(pipeline, X, target="virginica")
    assert_array_equal(display.radii, radii)
    assert_array_equal(display.radii == -1, pipeline.predict(X) == "virginica")
    # what none is taken for has nothing below zero to explain
    other = CertifiedRadiusDisplay.from_estimator(pipeline, X, names, target="lily")
    assert other.ax_.get_xlabel() == "Certified radius toward 'lily' (rows inserted or deleted)"
    with pytest.raises(InvalidInputError, match="target"):
        CertifiedRadiusDisplay.from_estimator(pipeline, X, names, target=1)
