"""An explanation in time counts periods, as they were given."""

import re

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

from sklearn_certify import TemporalAggregationClassifier, explain
from sklearn_certify.exceptions import InvalidInputError
from sklearn_certify.explanation import TemporalExplanation

from .cases import TEMPORAL, make_rows

PERIODS = np.arange(150) // 5
every_classifier = pytest.mark.parametrize("name", TEMPORAL)


@pytest.fixture(scope="module")
def fitted():
    X, y, _ = make_rows()
    return {name: clone(model).fit(X, y, periods=PERIODS) for name, model in TEMPORAL.items()}


@every_classifier
def test_it_agrees_with_the_classifier(fitted, name):
    classifier = fitted[name]
    for x in make_rows()[2]:
        found = explain(classifier, x)
        row = x[np.newaxis]
        assert isinstance(found, TemporalExplanation)
        assert found.prediction == classifier.predict(row)[0]
        assert found.radius == classifier.certified_duration(row)[0]
        assert found.earliness == classifier.certified_earliness(row)[0]
        assert list(found.votes) == sorted(found.votes, key=lambda label: -found.votes[label])


@every_classifier
def test_the_sentence_claims_what_is_proven(fitted, name):
    for x in make_rows()[2]:
        found = explain(fitted[name], x)
        claimed = re.search(r"within (any single period|(\d+) consecutive)", found.sentence)
        last = re.search(r"within the last (period|(\d+) periods)", found.sentence)
        if found.radius:
            assert int(claimed[2] or 1) == found.radius
            assert "cannot change that" in found.sentence
        else:
            assert "within a single period may be enough" in found.sentence
        assert (last is not None) == (found.earliness > found.radius)
        if last is not None:
            assert int(last[2] or 1) == found.earliness
        assert f"{found.radius + 1} consecutive periods anywhere" in str(found) or not found.radius


@every_classifier
def test_the_weakest_periods_reach_the_voters_that_are_listed(fitted, name):
    classifier = fitted[name]
    seen = 0
    for x in make_rows()[2]:
        found = explain(classifier, x)
        weakest = found.weakest
        start, stop = weakest["first_period"], weakest["last_period"]
        assert stop - start == found.radius
        spans = classifier.spans_
        reached = np.flatnonzero((spans[:, 0] <= stop) & (spans[:, 1] >= start))
        frame = found.to_frame()
        assert frame["voter"].tolist() == reached.tolist()
        assert frame["first_period"].tolist() == spans[reached, 0].tolist()
        assert frame["at_stake"].sum() + weakest["n_added"] == weakest["damage"]
        assert weakest["damage"] > weakest["bears"]
        assert weakest["rival"] == found.runner_up == found.rivals[0]
        for_it = frame["votes_for"] == "prediction"
        assert (for_it == (frame["vote"] == found.prediction)).all()
        assert f"{start} to {stop}" in str(found) or f"period {start}" in str(found)
        assert len(found.timeline) == classifier.n_voters_
        seen += weakest["n_added"] > 0
    assert seen == 0 or name.startswith("open")


def test_periods_are_named_as_they_were_given():
    X, y, queries = make_rows()
    days = pd.period_range("2026-01-01", periods=30, freq="D")[PERIODS]
    by_day = TemporalAggregationClassifier(TEMPORAL["open"].estimator, 2).fit(X, y, periods=days)
    found = explain(by_day, queries[0])
    assert found.first_period == pd.Period("2026-01-01", "D")
    assert isinstance(found.weakest["first_period"], pd.Period)
    assert str(found.weakest["last_period"]) in str(found)
    assert found.to_frame()["first_period"].dtype == "period[D]"
    numbers = TemporalAggregationClassifier(TEMPORAL["open"].estimator, 2)
    numbers.fit(X, y, periods=PERIODS + 20454)  # the same days, as pandas counts them
    plain = explain(numbers, queries[0])
    assert plain.radius == found.radius
    assert plain.weakest["first_period"] == found.weakest["first_period"].ordinal


def test_no_other_label_can_win():
    X = make_rows()[0]
    alone = TemporalAggregationClassifier(classes=["a"], first_period=0, last_period=29)
    found = explain(alone.fit(X, ["a"] * 150, periods=PERIODS), X[0])
    assert (found.radius, found.weakest, found.rivals) == (30, None, [])
    assert len(found.to_frame()) == 30
    assert "No other label can win" in str(found)
    found.plot()


def test_there_are_no_partitions(fitted):
    with pytest.raises(InvalidInputError, match="leave groups out"):
        explain(fitted["open"], make_rows()[2][0], groups=PERIODS)


@every_classifier
def test_what_it_looks_like(fitted, name):
    pytest.importorskip("matplotlib").use("Agg")
    found = explain(fitted[name], make_rows()[2][0])
    assert "reaches" in found._repr_html_()
    display = found.plot()
    assert sum(len(bars) for bars in display.bars_.values()) == fitted[name].n_voters_
    assert f"duration {found.radius}" in display.ax_.get_title()
