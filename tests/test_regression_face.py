"""Regressors through pipelines, searches and scorers."""

import pickle

import numpy as np
import pytest
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
from sklearn_certify.exceptions import InvalidInputError, UnsoundPipelineError
from sklearn_certify.metrics import certified_within_tolerance_score

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
    pipeline = make_pipeline(Normalizer(), regressor).fit(X, y)
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
    pipeline = make_pipeline(StandardScaler(), regressor).fit(X, y)
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
