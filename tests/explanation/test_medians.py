"""An explanation of a number says what the regressor's certificates say."""

import re

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.dummy import DummyRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import Normalizer
from sklearn.tree import DecisionTreeRegressor

from sklearn_certify import (
    CertifiedKNNRegressor,
    DPARegressor,
    FiniteAggregationRegressor,
    certified_radius,
    explain,
    predict_interval,
)
from sklearn_certify.exceptions import InvalidInputError
from sklearn_certify.explanation import RegressionExplanation

from .cases import REGRESSORS, make_rows

every_regressor = pytest.mark.parametrize("name", REGRESSORS)


def make_numbers():
    """Return rows, targets and queries."""
    X, _, queries = make_rows()
    return X, X @ [30.0, -20.0, 10.0] + np.sin(37 * X[:, 0]), queries


@pytest.fixture(scope="module")
def fitted():
    X, y, _ = make_numbers()
    return {name: clone(model).fit(X, y) for name, model in REGRESSORS.items()}


def interval_of(found, size):
    """The interval that an explanation has for a poison size."""
    steps = [step for step in found.intervals if step["poison_size"] <= size]
    return steps[-1]["low"], steps[-1]["high"]


@every_regressor
def test_it_agrees_with_the_regressor(fitted, name):
    regressor = fitted[name]
    for x in make_numbers()[2]:
        row = x[np.newaxis]
        found = explain(regressor, x)
        assert isinstance(found, RegressionExplanation)
        assert found.prediction == regressor.predict(row)[0]
        sizes = np.arange(14)
        expected = regressor.predict_interval(row, sizes)[0]
        assert [interval_of(found, size) for size in sizes] == [*zip(*expected, strict=True)]
        assert found.radius is None
        infinite = np.flatnonzero(np.isinf(expected).any(axis=0))
        if len(infinite):
            assert found.unbounded_from == infinite[0]
        ends = [(step["low"], step["high"]) for step in found.intervals]
        assert len(set(ends)) == len(ends)


@every_regressor
def test_within_a_tolerance(fitted, name):
    regressor = fitted[name]
    for x in make_numbers()[2]:
        row = x[np.newaxis]
        for tolerance in (0, 5.5, 20):
            found = explain(regressor, x, tolerance=tolerance)
            radius = regressor.certified_radius(row, regressor.predict(row), tolerance)[0]
            assert found.radius == radius
            if radius:
                claimed = re.search(r"at least ([\d,]+) ", found.sentence)
                assert int(claimed[1].replace(",", "")) == radius + 1
                assert f"up to {radius} " in found.remarks[0]
            else:
                assert "may be enough to move it by more than" in found.sentence
            assert f"more than {tolerance}" in found.sentence


@every_regressor
def test_the_sentence_claims_what_is_proven(fitted, name):
    regressor = fitted[name]
    for x in make_numbers()[2]:
        found = explain(regressor, x)
        row, sentence = x[np.newaxis], found.sentence
        between = re.search(r"leaves? it between (\S+) and ([^\s,]+),", sentence)
        moved = re.search(r"at least (\d+) [\w ]+ to move it, which leave", sentence)
        unbounded = re.search(r"at least (\d+)[\w ]* to move it without bound", sentence)
        if between is not None:
            size = int(moved[1]) if moved is not None else 1
            low, high = regressor.predict_interval(row, size)[0]
            assert float(between[1]) <= low  # rounded outwards
            assert high <= float(between[2])
            assert float(between[1]) == pytest.approx(low, rel=1e-5)
            assert float(between[2]) == pytest.approx(high, rel=1e-5)
            if moved is not None:
                assert np.ptp(regressor.predict_interval(row, size - 1)) == 0
        if unbounded is not None:
            size = int(unbounded[1])
            assert np.isfinite(regressor.predict_interval(row, size - 1)).all()
            assert np.isinf(regressor.predict_interval(row, size)).any()
        assert between is not None or "move it" in sentence


@every_regressor
def test_the_table_of_sizes_is_proven(fitted, name):
    regressor = fitted[name]
    for x in make_numbers()[2]:
        head, *rows = explain(regressor, x)._numbers()[1]
        assert head[:3] == ["poison size", "from", "to"]
        assert len(rows) <= 12
        for size, low, high, _ in rows:
            size = int(re.search(r"\d+", size)[0])
            expected = regressor.predict_interval(x[np.newaxis], size)[0]
            slack = 1e-5 * np.abs(expected) if low == high else 0  # the prediction itself
            assert (np.array([float(low), -float(high)]) <= expected * [1, -1] + slack).all()


@every_regressor
def test_answers_stand_in_order(fitted, name):
    regressor = fitted[name]
    X, y, queries = make_numbers()
    for x in queries[:4]:
        found = explain(regressor, x)
        frame = found.to_frame()
        assert (np.diff(frame["value"]) >= 0).all()
        (median,) = frame[frame["from_median"] == 0]["value"]
        assert median == found.prediction
        if name.startswith("knn"):
            np.testing.assert_array_equal(frame["value"], y[frame["row"]])
            np.testing.assert_allclose(frame["distance"], np.abs(X[frame["row"]] - x).sum(axis=1))
        else:
            voter = "voter" if name == "fa" else "partition"
            answers = regressor.values(x[np.newaxis])[0]
            np.testing.assert_array_equal(frame["value"], answers[frame[voter]])
        for value, size in zip(frame["value"], frame["reached_by"], strict=True):
            if np.isnan(size):
                continue
            low, high = regressor.predict_interval(x[np.newaxis], int(size))[0]
            assert low <= value <= high
            if size:
                low, high = regressor.predict_interval(x[np.newaxis], int(size) - 1)[0]
                assert not low <= value <= high
        assert "next to it stand" in str(found)


@pytest.mark.parametrize("kind", [DPARegressor, FiniteAggregationRegressor])
def test_contributors_fill_partitions(kind):
    X, y, queries = make_numbers()
    groups = np.array([f"person {i % 40}" for i in range(len(X))])
    model = kind(DecisionTreeRegressor(max_depth=2), n_partitions=6).fit(X, y, groups=groups)
    found = explain(model, queries[0], groups=groups)
    assert found.unit == "group"
    assert "contributor" in found.sentence
    for carrier in found.carriers:
        partitions = (
            [carrier["partition"]]
            if kind is DPARegressor
            else np.flatnonzero((model.spread_ == carrier["voter"]).any(axis=1))
        )
        rows = np.isin(model.partition_, partitions)
        assert carrier["contributors"] == sorted(set(groups[rows]))
        assert carrier["n_rows"] == rows.sum()
    with pytest.raises(InvalidInputError, match="not those that fit was given"):
        explain(model, queries[0], groups=groups[::-1])
    with pytest.raises(InvalidInputError, match="leave groups out"):
        explain(CertifiedKNNRegressor().fit(X, y), queries[0], groups=groups)


class Stubborn(DecisionTreeRegressor):
    """Fails on few rows."""

    def fit(self, X, y):
        if len(X) < 3:
            raise ValueError("too few")
        return super().fit(X, y)


@pytest.mark.filterwarnings("ignore::sklearn_certify.exceptions.VoterWarning")
def test_voters_without_a_model_abstain():
    X, y, queries = make_numbers()
    model = DPARegressor(Stubborn(), 60, on_voter_error="abstain").fit(X, y)
    without = sum(fitted is None for fitted in model.estimators_)
    found = explain(model, queries[0])
    assert 0 < without == found.n_without_model == found.n_abstaining
    assert f"{60 - without} of 60 voters answer" in found.sentence
    assert "poison may give them an answer" in str(found)
    assert found.to_frame()["value"].isna().sum() == without
    found.plot()


def test_it_looks_through_pipelines():
    X, y, queries = make_numbers()
    pipeline = make_pipeline(Normalizer(), CertifiedKNNRegressor(9)).fit(X, y)
    found = explain(pipeline, queries[0], tolerance=10)
    center = pipeline.predict(queries[:1])
    assert found.radius == certified_radius(pipeline, queries[:1], y=center, tolerance=10)[0]
    assert interval_of(found, 2) == tuple(predict_interval(pipeline, queries[:1], 2)[0])


def test_what_makes_no_sense_is_refused(fitted):
    x = make_numbers()[2][0]
    with pytest.raises(InvalidInputError, match="target is for classifiers"):
        explain(fitted["knn"], x, target=3)
    for tolerance in (-1, np.inf, np.nan, "wide", [1, 2]):
        with pytest.raises(InvalidInputError, match="tolerance must be a finite number"):
            explain(fitted["dpa"], x, tolerance=tolerance)
    with pytest.raises(InvalidInputError, match="gives no certificates"):
        explain(DummyRegressor().fit([[0.0]], [1.0]), [0.0])


def test_one_answer_is_told():
    found = explain(CertifiedKNNRegressor(1).fit([[0.0], [9.0]], [3.0, 4.0]), [1.0])
    assert "may be enough to move it to any number" in found.sentence
    alike = explain(CertifiedKNNRegressor(3).fit([[0.0], [1.0], [2.0]], [5.0] * 3), [1.0])
    assert "have targets of 5" in alike.sentence


@every_regressor
def test_what_it_looks_like(fitted, name):
    pytest.importorskip("matplotlib").use("Agg")
    for tolerance in (None, 10):
        found = explain(fitted[name], make_numbers()[2][0], tolerance=tolerance)
        assert found._repr_html_().count("<table") == 2
        display = found.plot()
        assert len(display.dots_.get_offsets()) == found.n_voters
        assert display.ax_.get_title().startswith(found.regressor)
