"""Regressors through pipelines, searches and scorers."""

import pickle
import re
from inspect import getdoc, signature

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.compose import TransformedTargetRegressor
from sklearn.datasets import load_diabetes
from sklearn.model_selection import GridSearchCV, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import Normalizer, StandardScaler

from sklearn_certify import (
    CertifiedKNN,
    CertifiedKNNRegressor,
    DPARegressor,
    FiniteAggregationRegressor,
    certified_accuracy,
    certified_radius,
    certify,
    predict_certified,
    predict_interval,
)
from sklearn_certify.exceptions import (
    FingerprintWarning,
    InvalidInputError,
    UnsoundPipelineError,
)
from sklearn_certify.metrics import certified_interval_width, certified_within_tolerance_score

REGRESSORS = {
    "dpa": DPARegressor(n_partitions=15),
    "fa": FiniteAggregationRegressor(n_partitions=9, spreading_degree=2),
    "knn": CertifiedKNNRegressor(25),
}
every_regressor = pytest.mark.parametrize("regressor", REGRESSORS.values(), ids=REGRESSORS)


@pytest.fixture(scope="module")
def diabetes():
    X, y = load_diabetes(return_X_y=True, scaled=False)
    order = np.random.RandomState(0).permutation(len(y))
    return X[order[:300]], y[order[:300]], X[order[300:]], y[order[300:]]


@every_regressor
def test_functions_ask_the_regressor_behind_the_steps(regressor, diabetes):
    X, y, X_test, y_test = diabetes
    pipeline = make_pipeline(Normalizer(), clone(regressor)).fit(X, y)
    behind, rows = pipeline[-1], Normalizer().transform(X_test)
    options = {"y": y_test, "tolerance": 50.0}
    intervals = predict_interval(pipeline, X_test, [0, 2])
    np.testing.assert_array_equal(intervals, behind.predict_interval(rows, [0, 2]))
    np.testing.assert_array_equal(intervals[:, 0, 0], pipeline.predict(X_test))
    radii = certified_radius(pipeline, X_test, **options)
    np.testing.assert_array_equal(radii, behind.certified_radius(rows, y_test, 50.0))
    certified = certify(pipeline, X_test, [0, 2], **options)
    np.testing.assert_array_equal(certified, radii[:, np.newaxis] >= [0, 2])
    accuracy = certified_accuracy(poison_size=2, tolerance=50)(pipeline, X_test, y_test)
    assert accuracy == certified[:, 1].mean()
    score = certified_within_tolerance_score(y_test, intervals, tolerance=50)
    assert score[0] == certified[:, 0].mean() and 0 < score[1] <= accuracy


@every_regressor
def test_steps_that_saw_all_rows_are_refused(regressor, diabetes):
    X, y, X_test, y_test = diabetes
    pipeline = make_pipeline(StandardScaler(), clone(regressor)).fit(X, y)
    for use in (
        lambda: predict_interval(pipeline, X_test, 1),
        lambda: certified_radius(pipeline, X_test, y=y_test, tolerance=50),
        lambda: certified_accuracy(poison_size=1, tolerance=50)(pipeline, X_test, y_test),
    ):
        with pytest.raises(UnsoundPipelineError, match="standardscaler"):
            use()
    # who changes targets alone does not reach the scaler
    flips = pipeline.set_params(**{f"{pipeline.steps[-1][0]}__threat_model": "label_flip"})
    assert predict_interval(flips, X_test, 1).shape == (len(X_test), 2)


def test_searches_and_several_scorers(diabetes):
    X, y, X_test, y_test = diabetes
    pipeline = make_pipeline(Normalizer(), CertifiedKNNRegressor())
    scoring = {str(size): certified_accuracy(poison_size=size, tolerance=60) for size in (0, 9)}
    scores = cross_validate(pipeline, X, y, scoring=scoring, cv=2, error_score="raise")
    assert (scores["test_0"] >= scores["test_9"]).all()
    grid = {"certifiedknnregressor__n_neighbors": [3, 75]}
    search = GridSearchCV(pipeline, grid, scoring=scoring["9"], cv=2, error_score="raise")
    search.fit(X, y)
    assert search.best_params_ == {"certifiedknnregressor__n_neighbors": 75}
    assert 0 < search.best_score_ < 1
    radii = certified_radius(search, X_test, y=y_test, tolerance=60)
    assert search.score(X_test, y_test) == (radii >= 9).mean()


def test_scorers_can_be_read_and_pickled():
    scorer = certified_accuracy(poison_size=2, tolerance=0.5)
    assert repr(scorer) == "certified_accuracy(poison_size=2, joint=False, tolerance=0.5)"
    assert repr(pickle.loads(pickle.dumps(scorer))) == repr(scorer)
    assert repr(certified_accuracy(poison_size=2)) == (
        "certified_accuracy(poison_size=2, joint=False)"
    )
    for tolerance in (-1, np.nan, "1", [1.0]):
        with pytest.raises(InvalidInputError, match="tolerance must be"):
            certified_accuracy(poison_size=1, tolerance=tolerance)


def test_tolerances_are_for_regressors_and_labels_for_classifiers(diabetes):
    X, y, X_test, y_test = diabetes
    regressor = CertifiedKNNRegressor().fit(X, y)
    classifier = CertifiedKNN().fit(X, y > 100)
    for use in (
        lambda: certify(regressor, X_test, 1),
        lambda: certified_radius(regressor, X_test, y=y_test),
        lambda: certified_radius(regressor, X_test, tolerance=1.0),
        lambda: certified_accuracy(poison_size=1)(regressor, X_test, y_test),
        lambda: predict_certified(regressor, X_test),
    ):
        with pytest.raises(InvalidInputError, match="CertifiedKNNRegressor predicts numbers"):
            use()
    for use in (
        lambda: certify(classifier, X_test, 1, y=y_test > 100),
        lambda: certified_radius(classifier, X_test, tolerance=1.0),
        lambda: certified_accuracy(poison_size=1, tolerance=1.0)(classifier, X_test, y_test > 100),
        lambda: predict_interval(classifier, X_test, 1),
    ):
        with pytest.raises(InvalidInputError, match="CertifiedKNN predicts labels"):
            use()
    joint = certified_accuracy(poison_size=1, joint=True, tolerance=1.0)
    with pytest.raises(InvalidInputError, match="joint=True is for classifiers"):
        joint(regressor, X_test, y_test)


@every_regressor
def test_the_contract(regressor, diabetes):
    X, y, X_test, y_test = diabetes
    fitted = clone(regressor).fit(X, y)
    predicted = fitted.predict(X_test)
    assert predicted.dtype == np.float64 and predicted.shape == (len(X_test),)
    assert fitted.score(X_test, y_test) > 0
    sizes = np.arange(6)
    intervals = fitted.predict_interval(X_test, sizes)
    assert intervals.shape == (len(X_test), 2, 6) and intervals.dtype == np.float64
    np.testing.assert_array_equal(fitted.predict_interval(X_test, 3), intervals[:, :, 3])
    np.testing.assert_array_equal(intervals[:, :, 0], np.stack([predicted] * 2, axis=1))
    assert (intervals[:, 0, 1:] <= intervals[:, 0, :-1]).all()
    assert (intervals[:, 1, 1:] >= intervals[:, 1, :-1]).all()
    widths = fitted.certified_interval_width(X_test, sizes)
    np.testing.assert_array_equal(widths, certified_interval_width(intervals))
    for tolerance in (30, np.linspace(0, 90, len(X_test))):
        radii = fitted.certified_radius(X_test, y_test, tolerance)
        assert radii.dtype == np.int64
        within = np.abs(predicted - y_test) <= tolerance
        np.testing.assert_array_equal(radii >= 0, within)
        certified = fitted.certify(X_test, y_test, sizes, tolerance)
        np.testing.assert_array_equal(certified, radii[:, np.newaxis] >= sizes)
    for copy in (pickle.loads(pickle.dumps(fitted)), clone(fitted).fit(X, y)):
        np.testing.assert_array_equal(copy.predict_interval(X_test, sizes), intervals)
    order = np.random.RandomState(1).permutation(len(y))
    shuffled = clone(regressor).fit(X[order], y[order])
    np.testing.assert_array_equal(shuffled.predict_interval(X_test, sizes), intervals)
    alone = np.concatenate([fitted.predict_interval(row[np.newaxis], sizes) for row in X_test[:9]])
    # a voter's product of matrices rounds otherwise for another batch of queries
    exact = isinstance(regressor, CertifiedKNNRegressor)
    np.testing.assert_allclose(alone, intervals[:9], rtol=0 if exact else 1e-12)


@every_regressor
def test_it_is_told_what_it_does_not_take(regressor, diabetes):
    X, y, X_test, y_test = diabetes
    fitted = clone(regressor).fit(X, y)
    for size in (-1, 1.5, "3", None, [[1]], True):
        with pytest.raises(InvalidInputError, match="poison_size must"):
            fitted.predict_interval(X_test, size)
        with pytest.raises(InvalidInputError, match="poison_size must"):
            fitted.certify(X_test, y_test, size, 1)
    assert np.isinf(fitted.predict_interval(X_test, 2**62)).all()
    for wrong in (y_test.astype(str), y_test + np.nan, y_test[:, np.newaxis] + [0, 1]):
        with pytest.raises(InvalidInputError, match="y "):
            fitted.certified_radius(X_test, wrong, 1)
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        fitted.certified_radius(X_test, y_test[:-1], 1)
    with pytest.warns(FingerprintWarning, match="y has mean 0"):
        clone(regressor).fit(X, (y - y.mean()) / y.std())
    scaled = TransformedTargetRegressor(clone(regressor), transformer=StandardScaler())
    with pytest.warns(FingerprintWarning, match="y has mean 0"):
        scaled.fit(X, y)
    with pytest.raises(InvalidInputError, match="gives no certificates"):
        predict_interval(scaled, X_test, 1)


def documented(regressor, start, end):
    """The names that a section of a class's docstring explains."""
    section = getdoc(type(regressor)).split(f"{start}\n")[1].split(f"{end}\n")[0]
    return [line.split(" : ")[0] for line in section.splitlines() if re.match(r"\w+ : ", line)]


@every_regressor
def test_what_is_documented_is_there(regressor, diabetes):
    X, y, _, _ = diabetes
    fitted = clone(regressor).fit(pd.DataFrame(X[:, [0, 2, 5]], columns=["a", "b", "c"]), y)
    names = {name for name in dir(fitted) if name.endswith("_") and not name.startswith("_")}
    assert set(documented(regressor, "Attributes", "See Also")) == names
    parameters = documented(regressor, "Parameters", "Attributes")
    assert sorted(parameters) == sorted(signature(type(regressor)).parameters)
    changed = clone(regressor).set_params(threat_model="modify")
    assert "threat_model='modify'" in repr(changed)
    assert type(regressor).__name__ in changed._repr_html_()
