"""Votes stand in the middle of their periods, a lane for each role."""

import pandas as pd
import pytest

from sklearn_certify.exceptions import InvalidInputError
from sklearn_certify.plotting import VotesInTimeDisplay

pytest.importorskip("matplotlib").use("Agg")

ROLES = ["prediction", "other", "prediction", "runner-up", "abstains"]


def test_bars_are_voters():
    display = VotesInTimeDisplay(range(5), range(1, 6), ROLES, names={"prediction": "cat"}).plot()
    assert {role: len(bars) for role, bars in display.bars_.items()} == {
        "prediction": 2,
        "runner-up": 1,
        "other": 1,
        "abstains": 1,
    }
    middles = [bar.get_x() + bar.get_width() / 2 for bar in display.bars_["prediction"]]
    assert middles == pytest.approx([0.5, 2.5])
    marks = [text.get_text() for text in display.ax_.get_yticklabels()]
    assert marks[0] == "cat (prediction): 2"
    assert display.ax_.get_legend() is None


def ends(patch):
    """Return where a patch begins and ends, a rectangle or, by an older matplotlib, a polygon."""
    box = patch.get_extents().transformed(patch.axes.transData.inverted())
    return box.x0, box.x1


def test_the_weakest_periods_are_marked():
    display = VotesInTimeDisplay(range(5), range(1, 6), ROLES, weakest=(2, 3)).plot(name="mine")
    reached, weakest = map(ends, display.ax_.patches[:2])
    assert reached == pytest.approx((1, 4))
    assert weakest == pytest.approx((1.5, 3.5))
    words = [text.get_text() for text in display.ax_.get_legend().get_texts()]
    assert words == ["voters reached", "weakest 2 periods"]
    assert display.ax_.get_title() == "mine"


def test_periods_have_names():
    days = pd.period_range("2026-01-01", periods=5, freq="D")
    numbers = [day.ordinal for day in days]
    display = VotesInTimeDisplay(
        numbers,
        numbers,
        ROLES,
        name_of_period=lambda number: pd.Period(ordinal=number, freq="D"),
    ).plot()
    display.figure_.canvas.draw()
    assert "2026-01-03" in [text.get_text() for text in display.ax_.get_xticklabels()]


def test_nobody_votes():
    with pytest.raises(InvalidInputError, match="no voters"):
        VotesInTimeDisplay([], [], []).plot()
