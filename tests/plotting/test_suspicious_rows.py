"""The plots of filters show every row once, the most suspicious ones first."""

import re
import sys

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib import pyplot as plt
from matplotlib.colors import to_hex
from numpy.testing import assert_allclose, assert_array_equal
from scipy.sparse import csr_matrix
from sklearn.dummy import DummyClassifier
from sklearn.exceptions import NotFittedError

from sklearn_certify.exceptions import InvalidInputError, MissingExtraError
from sklearn_certify.plotting import SuspiciousRowsDisplay, VoteShareDisplay
from sklearn_certify.sanitize import InverseSelfPacedFilter, SanitizedClassifier, TrimmedLossFilter
from sklearn_certify.sanitize._base import TrainingSetFilter

pytestmark = pytest.mark.filterwarnings("ignore:.* keeps no row of")


class Ballot(TrainingSetFilter):
    """A filter with ready-made votes: voter v votes for (y + X[:, v]) modulo the classes."""

    _parameter_constraints = {"threshold": "no_validation"}  # noqa: RUF012

    def __init__(self, threshold=0.5):
        self.threshold = threshold

    def _keep_rows(self, X, y):
        self.votes_ = (y[:, np.newaxis] + X.reshape(len(X), -1).astype(int)) % len(self.classes_)
        self.vote_share_ = (self.votes_ == y[:, np.newaxis]).mean(axis=1)
        self.suspicion_ = 1 - self.vote_share_
        self.threshold_ = self.threshold
        return self.vote_share_ > self.threshold


class Silent(TrainingSetFilter):
    """A filter that says nothing but what it keeps."""

    _parameter_constraints = {}  # noqa: RUF012

    def _keep_rows(self, X, y):
        return np.ones(len(y), dtype=bool)


X = np.array([[0, 0, 0, 0], [1, 1, 1, 0], [0, 0, 1, 0], [2, 2, 1, 2], [0, 0, 0, 0], [2, 2, 2, 2]])
LABELS = np.array(["a", "b", "c", "a", "b", "c"])
POISONED = np.array([False, True, False, True, True, False])


@pytest.fixture
def ballot():
    return Ballot().fit(X, LABELS)


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def heights(bars):
    return np.array([bar.get_height() for bar in bars])


# Vote shares

shares_and_masks = st.lists(
    st.tuples(st.sampled_from([i / 7 for i in range(8)]), st.booleans(), st.booleans()),
    min_size=1,
    max_size=40,
)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(shares_and_masks)
def test_bars_hold_every_row_once(rows):
    shares, keep, poisoned = map(np.array, zip(*rows, strict=True))
    display = VoteShareDisplay(shares, keep, poisoned=poisoned).plot()
    for label, rows_of_label in {
        "clean, kept": ~poisoned & keep,
        "clean, dropped": ~poisoned & ~keep,
        "poisoned, kept": poisoned & keep,
        "poisoned, dropped": poisoned & ~keep,
    }.items():
        bars = display.bars_[label]
        sign = -1 if label.endswith("dropped") else 1
        assert (sign * heights(bars) >= 0).all()
        assert sign * heights(bars).sum() == rows_of_label.sum()
        assert bars.get_label() == f"{label} ({rows_of_label.sum()})"
        # a share's bar is beside the share, and no other share has that bar
        for share in np.unique(shares):
            inside = [abs(bar.get_x() + bar.get_width() / 2 - share) < 1 / 28 for bar in bars]
            counted = sign * heights(bars)[inside].sum()
            assert counted == (np.isclose(shares, share) & rows_of_label).sum()
    plt.close(display.figure_)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_shares_of_any_kind_have_a_bar(shares):
    keep = np.arange(len(shares)) % 2 == 0
    display = VoteShareDisplay(shares, keep).plot()
    assert heights(display.bars_["kept"]).sum() == keep.sum()
    assert heights(display.bars_["dropped"]).sum() == -(~keep).sum()
    assert 10 <= len(display.bars_["kept"]) <= 40
    plt.close(display.figure_)


def test_voters_have_no_gaps_between_their_bars():
    """With 24 voters, equal bars of 0.05 would hold one share here and two there."""
    shares = np.repeat(np.arange(25) / 24, 3)
    display = VoteShareDisplay(shares, np.ones(75, dtype=bool)).plot()
    assert_array_equal(heights(display.bars_["kept"]), np.full(25, 3))


def test_a_filter_is_drawn_with_its_threshold(ballot):
    display = VoteShareDisplay.from_filter(ballot)
    assert display.threshold == 0.5
    assert_allclose(display.line_.get_xdata(), 0.5)
    assert display.ax_.get_title() == "Ballot"
    texts = [text.get_text() for text in display.ax_.get_legend().get_texts()]
    assert texts == ["threshold 0.5", "kept (3)", "dropped (3)"]
    assert VoteShareDisplay(ballot.vote_share_, ballot.keep_mask_).plot().line_ is None
    ballot.set_params(threshold=0.9)  # what fit did stays
    assert VoteShareDisplay.from_filter(ballot).threshold == 0.5
    ballot.threshold_ = None  # such a filter has none
    assert VoteShareDisplay.from_filter(ballot).line_ is None


def test_scale_is_logarithmic_and_symmetric():
    shares = np.repeat([0.0, 1.0], [10, 10_000])
    ax = VoteShareDisplay(shares, shares > 0.5).plot().ax_
    assert ax.get_yscale() == "symlog"
    bottom, top = ax.get_ylim()
    assert bottom == -top
    assert top > 10_000
    ax.figure.canvas.draw()
    ticks = [text.get_text() for text in ax.get_yticklabels()]
    assert "1,000" in ticks
    assert not any("-" in tick or "\N{MINUS SIGN}" in tick for tick in ticks)


def test_axes_name_and_style_of_bars(ballot):
    _, ax = plt.subplots()
    display = VoteShareDisplay.from_filter(
        ballot, POISONED, name="mine", ax=ax, bar_kwargs={"edgecolor": "black"}
    )
    assert display.ax_ is ax
    assert ax.get_title() == "mine"
    assert display.bars_["clean, kept"][0].get_edgecolor() == (0, 0, 0, 1)
    assert display.plot(name="other").ax_.get_title() == "other"
    assert display.name == "mine"


def test_a_sanitized_classifier_shows_its_filter():
    model = SanitizedClassifier(DummyClassifier(), Ballot()).fit(X, LABELS)
    assert_array_equal(VoteShareDisplay.from_filter(model).keep_mask, model.keep_mask_)
    display = SuspiciousRowsDisplay.from_filter(model, X, LABELS, n_rows=2)
    assert_array_equal(display.row_numbers, [3, 5])


@pytest.mark.parametrize(
    ("shares", "keep", "poisoned", "message"),
    [
        ([0.5, 1.5], [True, False], None, "between 0 and 1"),
        ([0.5, np.nan], [True, False], None, "between 0 and 1"),
        ([0.5, 1.0], [1, 0], None, "keep_mask must be a mask of bool, got int"),
        ([0.5, 1.0], [True, False], [0.0, 1.0], "poisoned must be a mask of bool, got float"),
        ([0.5, 1.0], [True], None, "inconsistent numbers of samples"),
        ([0.5, 1.0], [True, True], [True], "inconsistent numbers of samples"),
        ([], np.zeros(0, dtype=bool), None, "no rows to plot"),
    ],
)
def test_bad_votes(shares, keep, poisoned, message):
    with pytest.raises(ValueError, match=message):
        VoteShareDisplay(shares, keep, poisoned=poisoned).plot()


def test_filters_that_cannot_be_drawn():
    with pytest.raises(NotFittedError):
        VoteShareDisplay.from_filter(Ballot())
    with pytest.raises(NotFittedError):
        SuspiciousRowsDisplay.from_filter(Ballot(), X, LABELS)
    silent = Silent().fit(X, LABELS)
    with pytest.raises(InvalidInputError, match="Silent has no vote_share_"):
        VoteShareDisplay.from_filter(silent)
    with pytest.raises(InvalidInputError, match="Silent has no suspicion_"):
        SuspiciousRowsDisplay.from_filter(silent, X, LABELS)


def test_missing_matplotlib_is_said_in_one_line(monkeypatch, ballot):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    for draw in (
        lambda: VoteShareDisplay([0.5], [True]).plot(),
        lambda: VoteShareDisplay.from_filter(ballot),
        lambda: SuspiciousRowsDisplay.from_filter(ballot, X, LABELS),
        lambda: SuspiciousRowsDisplay(X[:1], [0], ["a"], [0.5], [True]).plot(),
    ):
        with pytest.raises(MissingExtraError, match=r'^Plots.*"sklearn-certify\[plot\]"$'):
            draw()
    display = SuspiciousRowsDisplay.from_filter(ballot, X, LABELS, draw=False)
    assert len(display.to_text().splitlines()) == 7  # the terminal needs no plots


# Suspicious rows


def test_the_most_suspicious_rows_come_first(ballot):
    display = SuspiciousRowsDisplay.from_filter(ballot, X, LABELS, n_rows=5)
    assert_array_equal(display.row_numbers, [3, 5, 1, 2, 0])  # 3 and 5 tie, as do 0 and 4
    assert_array_equal(display.rows, X[[3, 5, 1, 2, 0]])
    assert_array_equal(display.labels, ["a", "c", "b", "c", "a"])
    assert_array_equal(display.voted_labels, ["c", "b", "c", "c", "a"])
    assert_array_equal(display.suspicion, ballot.suspicion_[[3, 5, 1, 2, 0]])
    assert_array_equal(display.keep_mask, [False, False, False, True, True])
    everything = SuspiciousRowsDisplay.from_filter(ballot, X, LABELS, n_rows=100)
    assert_array_equal(np.sort(everything.row_numbers), np.arange(6))


def test_rows_of_equal_suspicion_keep_their_order():
    rows = np.tile(X[:3], (40, 1))
    filter = Ballot().fit(rows, np.tile(LABELS[:3], 40))
    display = SuspiciousRowsDisplay.from_filter(
        filter, rows, np.tile(LABELS[:3], 40), n_rows=120, draw=False
    )
    order = [range(1, 120, 3), range(2, 120, 3), range(0, 120, 3)]
    assert_array_equal(display.row_numbers, np.concatenate(order))


def test_text_for_the_terminal(ballot):
    frame = pd.DataFrame(X, columns=["one", "two", "three", "four"])
    frame["word"] = "a word that is much too long for a table"
    display = SuspiciousRowsDisplay.from_filter(
        ballot, frame, LABELS, n_rows=2, max_features=5, draw=False
    )
    assert str(display) == display.to_text()
    assert display.to_text().splitlines() == [
        "row  given  voted  suspicion  kept  one  two  three  four  word",
        "  3  a      c              1  no      2    2      1     2  a word that is much t...",
        "  5  c      b              1  no      2    2      2     2  a word that is much t...",
    ]
    assert not plt.get_fignums()


def test_the_table_says_what_the_text_says(ballot):
    display = SuspiciousRowsDisplay.from_filter(ballot, X, LABELS, max_features=2, n_rows=3)
    cells = display.table_.get_celld()
    lines = [[cells[i, j].get_text().get_text() for j in range(8)] for i in range(4)]
    assert lines == [re.split(r"  +", line.strip()) for line in str(display).splitlines()]
    assert lines[0][-3:] == ["x0", "x1", "4 features"]
    assert display.axes_ is None
    assert display.ax_.get_title() == "Ballot"
    display.figure_.canvas.draw()
    right = max(cell.get_window_extent().x1 for cell in cells.values())
    assert right <= display.figure_.bbox.x1


@pytest.mark.parametrize("container", [csr_matrix, pd.DataFrame, lambda X: X.tolist()])
def test_rows_of_any_type(container, ballot):
    names = list("wxyz")
    display = SuspiciousRowsDisplay.from_filter(
        ballot, container(X), LABELS.tolist(), feature_names=names, draw=False
    )
    expected = SuspiciousRowsDisplay.from_filter(ballot, X, LABELS, feature_names=names, draw=False)
    assert str(display) == str(expected)
    with pytest.raises(InvalidInputError, match="4 features but 2 feature_names"):
        SuspiciousRowsDisplay.from_filter(ballot, container(X), LABELS, feature_names=["a", "b"])


def test_texts_have_one_column():
    display = SuspiciousRowsDisplay(["some text"], [8], [1], [0.5], [False])
    assert display.to_text().splitlines()[1] == "  8      1        0.5  no    some text"


@pytest.mark.parametrize("flat", [False, True])
def test_images_are_drawn_in_a_grid(flat):
    images = np.arange(6 * 4).reshape(6, 2, 2)
    rows = images.reshape(6, 4) if flat else images
    filter = Ballot(threshold=-1).fit(rows, LABELS)
    display = SuspiciousRowsDisplay.from_filter(
        filter, rows, LABELS, image_shape=(2, 2) if flat else None, n_rows=5
    )
    assert len(display.axes_) == 5
    for ax, number in zip(display.axes_, display.row_numbers, strict=True):
        assert_array_equal(ax.images[0].get_array(), images[number])
        shown = ax.get_title()
        assert f"row {number}, kept" in shown
        assert f"given {LABELS[number]}, voted" in shown
        assert ax.images[0].get_clim() == (rows[display.row_numbers].min(), 23)
    assert display.table_ is None
    header = "row given voted suspicion kept"  # a terminal shows no pixels
    assert str(display).splitlines()[0].split() == header.split()


@pytest.mark.parametrize("kept", [True, False])
def test_captions_tell_kept_rows_from_dropped_ones(kept):
    display = SuspiciousRowsDisplay(np.zeros((1, 2, 2)), [3], [7], [0.25], [kept]).plot()
    word, color = ("kept", "#0072b2") if kept else ("dropped", "#d55e00")
    assert display.axes_[0].get_title() == f"row 3, {word}\ngiven 7\nsuspicion 0.25"
    assert to_hex(display.axes_[0].title.get_color()) == color


@pytest.mark.parametrize(
    ("shape", "drawn"),
    [
        ((4, 5), (4, 5)),
        ((4, 5, 1), (4, 5)),
        ((1, 4, 5), (4, 5)),
        ((4, 5, 3), (4, 5, 3)),
        ((3, 4, 5), (4, 5, 3)),
        ((4, 5, 4), (4, 5, 4)),
    ],
)
@pytest.mark.parametrize("low_high", [(0, 1), (-3.0, 9.0), (0, 255)])
def test_channels_and_ranges(shape, drawn, low_high):
    images = np.random.RandomState(0).uniform(*low_high, size=(3, *shape))
    display = SuspiciousRowsDisplay(images, range(3), "abc", np.ones(3), np.ones(3, bool)).plot()
    array = display.axes_[0].images[0].get_array()
    assert array.shape == drawn
    if len(drawn) == 3:
        assert 0 <= array.min() <= array.max() <= 1
        assert (array == 1).sum() <= 1  # nothing is cut off
        assert array.std() > 0.2
    bytes = SuspiciousRowsDisplay(
        np.full((1, *shape), 200, np.uint8), [0], [0], [0.0], [True]
    ).plot()
    assert bytes.axes_[0].images[0].get_array().max() == 200


def test_captions_and_title_do_not_lie_on_each_other():
    images = np.zeros((7, 8, 8))
    display = SuspiciousRowsDisplay(
        images, range(7), range(7), np.ones(7), np.ones(7, bool), name="The filter"
    ).plot(n_columns=3, image_kwargs={"cmap": "viridis"})
    display.figure_.canvas.draw()
    title = next(
        text for ax in display.figure_.axes for text in ax.texts if text.get_text() == "The filter"
    )
    boxes = [title.get_window_extent()]
    for ax in display.axes_:
        boxes += [ax.title.get_window_extent(), ax.images[0].get_window_extent()]
    for place, box in enumerate(boxes):
        assert not any(box.overlaps(other) for other in boxes[place + 1 :])
        assert display.figure_.bbox.containsx(box.x0)
        assert display.figure_.bbox.containsx(box.x1)
        assert display.figure_.bbox.containsy(box.y1)
    assert display.axes_[0].images[0].get_cmap().name == "viridis"


def test_images_and_tables_on_given_axes(ballot):
    figure, (left, right) = plt.subplots(1, 2, layout="constrained")
    images = SuspiciousRowsDisplay.from_filter(ballot, X, LABELS, image_shape=(2, 2), ax=left)
    table = SuspiciousRowsDisplay.from_filter(ballot, X, LABELS, ax=right, name="rows")
    assert images.ax_ is left
    assert table.ax_ is right
    assert images.figure_ is table.figure_ is figure
    figure.canvas.draw()
    middle = figure.bbox.width / 2
    assert all(ax.get_window_extent().x1 < middle for ax in images.axes_)
    loose = plt.figure().add_axes((0, 0, 1, 1))
    with pytest.raises(InvalidInputError, match=r"plt\.subplots"):
        images.plot(ax=loose)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"image_shape": (3, 2)}, r"image_shape=\(3, 2\) does not fit rows of 4 values"),
        ({"n_rows": 0}, "n_rows must be at least 1"),
    ],
)
def test_bad_settings(ballot, settings, message):
    with pytest.raises(InvalidInputError, match=message):
        SuspiciousRowsDisplay.from_filter(ballot, X, LABELS, **settings)


def test_other_rows_than_those_of_fit(ballot):
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        SuspiciousRowsDisplay.from_filter(ballot, X[:5], LABELS[:5])
    with pytest.raises(InvalidInputError, match="no rows to show"):
        SuspiciousRowsDisplay(X[:0], [], [], [], []).plot()


def test_real_filters(digits):
    rows, y = digits[0][:300], digits[1][:300]
    y_bad = np.where(np.arange(300) % 20 == 0, (y + 1) % 10, y)
    trimmed = TrimmedLossFilter(keep_share=0.9).fit(rows, y_bad)
    display = SuspiciousRowsDisplay.from_filter(trimmed, rows, y_bad, image_shape=(8, 8))
    assert not display.keep_mask.any()
    assert display.voted_labels is None
    voting = InverseSelfPacedFilter().fit(rows, y_bad)
    shares = VoteShareDisplay.from_filter(voting, y_bad != y)
    assert shares.threshold == voting.threshold_ == 0.5
    assert sum(abs(heights(bars)).sum() for bars in shares.bars_.values()) == 300
    display = SuspiciousRowsDisplay.from_filter(voting, rows, y_bad, image_shape=(8, 8))
    assert (np.diff(display.suspicion) <= 0).all()
    assert len(display.voted_labels) == 16


def test_the_legend_covers_no_bar():
    shares = np.repeat([0.0, 0.4, 0.9], 25)
    display = VoteShareDisplay(shares, shares > 0.5).plot()
    display.figure_.canvas.draw()
    renderer = display.figure_.canvas.get_renderer()
    legend = display.ax_.get_legend().get_window_extent(renderer)
    assert not legend.overlaps(display.ax_.get_window_extent(renderer))
