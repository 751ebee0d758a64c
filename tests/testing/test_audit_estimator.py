"""An audit names what voids certificates, and finds voters that change where they must not."""

import re
from typing import ClassVar

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin, TransformerMixin
from sklearn.dummy import DummyClassifier
from sklearn.exceptions import NotFittedError
from sklearn.frozen import FrozenEstimator
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import NearestCentroid
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, Normalizer, StandardScaler
from sklearn.tree import DecisionTreeClassifier

from sklearn_certify import (
    BaggingCertifiedClassifier,
    CertifiedKNN,
    CertifiedRNN,
    DPAClassifier,
    FiniteAggregationClassifier,
    TemporalAggregationClassifier,
    audit_estimator,
)
from sklearn_certify.audit import find_unsound_steps
from sklearn_certify.exceptions import InvalidInputError
from sklearn_certify.testing import AuditReport

TREE = DecisionTreeClassifier(max_depth=3)
SOUND = {
    "dpa": DPAClassifier(GaussianNB(), n_partitions=6),
    "run-off": DPAClassifier(GaussianNB(), n_partitions=6, aggregation="runoff"),
    "fa": FiniteAggregationClassifier(TREE, n_partitions=4, spreading_degree=2),
    "bagging": BaggingCertifiedClassifier(TREE, 12, 30),
    "knn": CertifiedKNN(7),
    "rnn": CertifiedRNN(2.0),
    "pipeline": make_pipeline(Normalizer(), DPAClassifier(TREE, n_partitions=6)),
}


@pytest.fixture(scope="module")
def rows():
    rng = np.random.default_rng(0)
    y = rng.integers(0, 3, size=120)
    return rng.normal(size=(120, 3)) + np.eye(3)[y], y


@pytest.mark.parametrize("name", SOUND)
@pytest.mark.filterwarnings("ignore::sklearn_certify.exceptions.OutlierWarning")
def test_nothing_is_found_where_nothing_is_wrong(name, rows):
    report = audit_estimator(SOUND[name], *rows, empirical=True)
    assert list(report) == [], str(report)
    assert report.sound
    assert not report
    assert "no proof" in str(report)
    for change in ("another order", "far row", "row removed", "label changed"):
        assert change in str(report)


def test_steps_are_named_with_what_to_do():
    model = make_pipeline(StandardScaler(), Normalizer(), CertifiedKNN())
    report = audit_estimator(model)
    (unsound,) = find_unsound_steps(model)
    (finding,) = report
    assert (finding.severity, finding.step) == ("error", "standardscaler")
    assert unsound.reason in finding.why
    assert finding.mend == unsound.mend
    assert not report.sound
    assert len(report) == 1
    assert report


class Halve(TransformerMixin, BaseEstimator):
    def fit(self, X, y=None):
        return self

    def transform(self, X):
        return X / 2

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.requires_fit = False
        return tags


class Centre(Halve):
    def transform(self, X):
        return X - X.mean(axis=0)


def test_steps_of_an_unknown_kind_are_tried_on_rows(rows):
    X, y = rows
    for step, faulty in ((Halve(), False), (Centre(), True)):
        model = make_pipeline(step, CertifiedKNN())
        (doubt,) = audit_estimator(model)
        assert doubt.severity == "warning"
        assert "Pass X" in doubt.mend
        for report in (audit_estimator(model, X, y), audit_estimator(model.fit(X, y), X)):
            assert report.sound == (not faulty)
            assert [f.step for f in report if f.severity == "error"] == ["centre"] * faulty
        assert len(find_unsound_steps(model, X)) == faulty


def test_every_faulty_step_is_found_at_once(rows):
    X, y = rows
    model = make_pipeline(StandardScaler(), Centre(), FunctionTransformer(Centre().transform))
    model.steps.append(("knn", CertifiedKNN()))
    report = audit_estimator(model, X, y)
    steps = {finding.step for finding in report if finding.severity == "error"}
    assert steps == {"standardscaler", "centre", "functiontransformer"}
    # the rows tell as well that they were scaled together
    assert "mean 0" in report[-1].why


class Careless(ClassifierMixin, BaseEstimator):
    """A learner with a fault."""

    fits: ClassVar[list] = []

    def __init__(self, fault):
        self.fault = fault

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        self.offset_ = 0.0
        if self.fault == "unseeded":
            self.offset_ = np.random.default_rng().normal()
        if self.fault == "shared":
            self.fits.append(len(y))
            self.offset_ = 1e-9 * len(self.fits)
        if self.fault == "fails" and len(y) % 2:
            raise ValueError("odd")
        if self.fault == "type":
            self.offset_ = float(X.dtype != np.float64)
        return self

    def predict(self, X):
        return self.classes_[self.decision_function(X).argmax(axis=1)]

    def decision_function(self, X):
        scores = np.outer(np.asarray(X, dtype=float).sum(axis=1) + self.offset_, self.classes_)
        return scores if len(self.classes_) != 2 else scores[:, 1]


class Guessing(ClassifierMixin, BaseEstimator):
    """Votes at random, and after each fit otherwise."""

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        self.seed_ = np.random.default_rng().integers(2**60)
        return self

    def predict(self, X):
        return np.random.default_rng(self.seed_).choice(self.classes_, len(X))


@pytest.mark.parametrize("fault", ["unseeded", "shared"])
def test_voters_that_share_something_are_found(fault, rows):
    model = DPAClassifier(Careless(fault), n_partitions=5)
    assert audit_estimator(model, *rows).sound
    report = audit_estimator(model, *rows, empirical=True)
    assert not report.sound
    whys = " ".join(finding.why for finding in report)
    assert "fitted once more: 5 voters changed that must not (0, 1, 2, 3, 4)" in whys
    # the voter that learns from the row may change
    assert "one row removed: 4 voters changed" in whys


def test_voters_of_other_periods_must_be_what_they_were(rows):
    periods = np.repeat(np.arange(12), 10)
    model = TemporalAggregationClassifier(TREE, window=2)
    report = audit_estimator(model, *rows, periods=periods, empirical=True)
    assert list(report) == [], str(report)
    model.set_params(estimator=Guessing())
    report = audit_estimator(model, *rows, periods=periods, empirical=True)
    whys = " ".join(finding.why for finding in report)
    n_voters, n_untouched = (
        int(re.search(rf"{change}: (\d+) voters changed", whys)[1])
        for change in ("fitted once more", "one row removed")
    )
    assert n_voters == n_untouched + 2 == 13


def test_who_sees_all_periods_is_found(rows):
    X, y = rows
    periods = np.repeat(np.arange(12), 10)
    nearest = NearestCentroid()  # one far row moves all others together
    model = make_pipeline(StandardScaler(), TemporalAggregationClassifier(nearest, window=2))
    report = audit_estimator(model, X * [1, 100, 1], y, periods=periods, empirical=True)
    assert any("one far row added" in f.why and "voters changed" in f.why for f in report)


def test_periods_are_asked_for_where_they_count(rows):
    report = audit_estimator(TemporalAggregationClassifier(TREE), *rows)
    assert any("fit was given no periods" in finding.why for finding in report)
    with pytest.raises(InvalidInputError, match="count no periods: leave periods out"):
        audit_estimator(CertifiedKNN(), *rows, periods=np.arange(120))


def test_voters_that_see_the_type_of_all_numbers_are_found(rows):
    X, y = rows
    whole = np.round(X).astype(np.int64)
    report = audit_estimator(DPAClassifier(Careless("type"), 5), whole, y, empirical=True)
    assert any("rows as float64" in finding.why for finding in report)
    assert any("widest type" in finding.mend for finding in report)


def test_a_scaler_in_front_moves_what_it_must_not(rows):
    model = make_pipeline(StandardScaler(), DPAClassifier(TREE, n_partitions=6))
    report = audit_estimator(model, *rows, empirical=True)
    assert any("one far row added" in f.why and f.severity == "error" for f in report)
    X, y = rows
    model = make_pipeline(StandardScaler(), CertifiedKNN(7))
    report = audit_estimator(model, X * [1, 100, 1], y, empirical=True)
    assert any("the votes on" in f.why for f in report)


def test_contributors_are_units(rows):
    X, y = rows
    groups = [f"person {i % 20}" for i in range(len(y))]
    model = DPAClassifier(GaussianNB(), n_partitions=4)
    assert list(audit_estimator(model, X, y, groups=groups, empirical=True)) == []


def test_what_fit_warns_of_or_refuses_is_told(rows):
    X, y = rows
    fails = DPAClassifier(Careless("fails"), 20, on_voter_error="abstain")
    report = audit_estimator(fails, X, y)
    assert any("voters failed" in finding.why for finding in report)
    assert report.sound
    fails.set_params(on_voter_error="raise")
    (finding,) = audit_estimator(fails, X, y)
    assert "failed to fit voter" in finding.why
    frozen = DPAClassifier(FrozenEstimator(GaussianNB().fit(X, y)))
    for report in (audit_estimator(frozen), audit_estimator(frozen, X, y)):
        (finding,) = report
        assert "all voters would be the same" in finding.why
        assert finding.severity == "error"
    learns = DPAClassifier(GaussianNB(), transformer=StandardScaler())
    (finding,) = audit_estimator(learns)
    assert "transformer holds StandardScaler" in finding.why


def test_parameters_are_looked_at(rows):
    X, y = rows
    report = audit_estimator(BaggingCertifiedClassifier(max_samples=0.1, random_state=0))
    assert [finding.step for finding in report] == ["random_state", "max_samples"]
    assert report.sound
    report = audit_estimator(DPAClassifier(hash_function=lambda X, y: X[:, 0] > 0))
    assert [finding.step for finding in report] == ["hash_function"]
    search = GridSearchCV(
        make_pipeline(StandardScaler(), CertifiedKNN()), {"certifiedknn__n_neighbors": [3, 5]}, cv=2
    )
    for report in (audit_estimator(search), audit_estimator(search, X, y, empirical=True)):
        assert report[0].step == "standardscaler"
        (of_search,) = (finding for finding in report if finding.step == "GridSearchCV")
        assert "chooses parameters" in of_search.why
        assert len({(finding.step, finding.why[:20]) for finding in report}) == len(report)


def test_the_estimator_is_left_as_it_was(rows):
    model = DPAClassifier(GaussianNB(), n_partitions=4)
    audit_estimator(model, *rows, empirical=True)
    with pytest.raises(NotFittedError):
        model.predict(rows[0])


def test_what_makes_no_sense_is_refused(rows):
    X, y = rows
    with pytest.raises(InvalidInputError, match="pass X and y"):
        audit_estimator(CertifiedKNN(), X, empirical=True)
    with pytest.raises(InvalidInputError, match="without X"):
        audit_estimator(CertifiedKNN(), y=y)
    with pytest.raises(InvalidInputError, match="gives no certificates"):
        audit_estimator(DummyClassifier(), X, y)
    with pytest.raises(NotFittedError):
        audit_estimator(CertifiedKNN(), X)


def test_tables():
    report = audit_estimator(make_pipeline(StandardScaler(), CertifiedKNN()))
    frame = report.to_frame()
    assert isinstance(frame, pd.DataFrame)
    assert frame.columns.tolist() == ["severity", "step", "why", "mend"]
    assert len(frame) == 1
    html = report._repr_html_()
    assert '<th scope="row">error</th>' in html
    assert "certificates do not hold" in html
    empty = AuditReport("<b>", [], ["x"])
    assert "&lt;b&gt;: nothing was found" in empty._repr_html_()
    assert empty.to_frame().columns.tolist() == ["severity", "step", "why", "mend"]
