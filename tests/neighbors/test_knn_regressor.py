"""The nearest-neighbour regressor: real attacks on fitted models, and the same face as others."""

import pickle
from inspect import getdoc, signature
from itertools import product

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_diabetes
from sklearn.exceptions import NotFittedError
from sklearn.neighbors import KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from sklearn_certify import CertifiedKNNRegressor
from sklearn_certify._compat import InvalidParameterError
from sklearn_certify.exceptions import InvalidInputError, UnsoundPipelineError
from sklearn_certify.threat import THREAT_MODELS

QUERIES = np.array([[0.4], [2.6], [9.0]])
SIZES = [0, 1, 2]


@pytest.mark.filterwarnings("ignore::sklearn_certify.exceptions.FingerprintWarning")
@parametrize_with_checks(
    [
        CertifiedKNNRegressor(),
        CertifiedKNNRegressor(1, "euclidean", threat_model="modify"),
        CertifiedKNNRegressor(3, "canberra", threat_model="delete"),
    ]
)
def test_scikit_learn_checks(estimator, check):
    check(estimator)


@pytest.fixture(scope="module")
def diabetes():
    X, y = load_diabetes(return_X_y=True, scaled=False)
    order = np.random.RandomState(0).permutation(len(y))
    return X[order[:300]], y[order[:300]], X[order[300:]], y[order[300:]]


def poisoned_sets(X, y, threat_model, targets, places):
    """All training sets that one unit of poison makes of this one."""
    rows = range(len(y))
    if threat_model in ("insert", "insert_delete", "modify"):
        for target, place in product(targets, places):
            yield np.append(X, [[place]], axis=0), np.append(y, target)
    if threat_model in ("delete", "insert_delete", "modify"):
        for row in rows:
            yield np.delete(X, row, axis=0), np.delete(y, row)
    if threat_model in ("label_flip", "modify"):
        for row, target in product(rows, targets):
            flipped = y.copy()
            flipped[row] = target
            yield X, flipped


def poisoned_twice(X, y, threat_model, targets, places):
    """As `poisoned_sets`, for two units, told apart by their rows alone."""
    seen = set()
    for once in poisoned_sets(X, y, threat_model, targets, places):
        for X_poisoned, y_poisoned in poisoned_sets(*once, threat_model, targets, places):
            rows = tuple(sorted(zip(X_poisoned[:, 0].tolist(), y_poisoned.tolist(), strict=True)))
            if len(rows) and rows not in seen:
                seen.add(rows)
                yield X_poisoned, y_poisoned


@pytest.mark.parametrize("n_neighbors", [2, 3, 9])
@pytest.mark.parametrize("threat_model", THREAT_MODELS)
def test_intervals_are_what_attacks_on_fitted_models_reach(threat_model, n_neighbors):
    X = np.array([[0.0], [1.0], [2.0], [3.5], [5.0]])
    y = np.array([4.0, 1.0, 3.0, 5.0, 2.0])
    regressor = CertifiedKNNRegressor(n_neighbors, threat_model=threat_model).fit(X, y)
    intervals = regressor.predict_interval(QUERIES, SIZES)
    radii = regressor.certified_radius(QUERIES, [3.0] * 3, tolerance=1)
    lowest, highest = -1e6, 1e6
    # rows right beside a query are nearer than all others, and the far ones are never asked
    places = [query + shift for query in QUERIES[:, 0] for shift in (1e-3, -2e-3)]
    for size, attacks in ((1, poisoned_sets), (2, poisoned_twice)):
        if size == 2 and threat_model in ("insert_delete", "modify"):
            places = places[::2]
        predictions = np.array(
            [
                CertifiedKNNRegressor(n_neighbors).fit(*poisoned).predict(QUERIES)
                for poisoned in attacks(X, y, threat_model, [lowest, highest], places)
            ]
        )
        low, high = intervals[:, :, size].T
        reached = predictions.min(axis=0), predictions.max(axis=0)
        inside = (predictions >= low).all(axis=0) & (predictions <= high).all(axis=0)
        assert inside.all()
        np.testing.assert_array_equal(reached[0], np.where(low == -np.inf, lowest, low))
        np.testing.assert_array_equal(reached[1], np.where(high == np.inf, highest, high))
        stays = ((predictions >= 2) & (predictions <= 4)).all(axis=0)
        np.testing.assert_array_equal(stays, radii >= size)
    assert (intervals[:, 0, 0] == intervals[:, 1, 0]).all()


def test_predictions_are_the_medians_of_the_nearest(diabetes):
    X, y, X_test, _ = diabetes
    regressor = CertifiedKNNRegressor(9).fit(X, y)
    numbers = KNeighborsRegressor(9, metric="manhattan").fit(X, y).kneighbors(X_test)[1]
    np.testing.assert_array_equal(regressor.predict(X_test), np.median(y[numbers], axis=1))
    # in the same order but for rows that are as far away, up to rounding
    own = np.sort(regressor.kneighbors(X_test)[1], axis=1)
    np.testing.assert_array_equal(own, np.sort(numbers, axis=1))
    assert regressor.kneighbors()[1].shape == (300, 9)


@pytest.mark.parametrize("metric", ["manhattan", "euclidean", "chebyshev", "canberra"])
def test_neither_order_nor_batch_nor_threads_matter(metric, diabetes):
    X, y, X_test, _ = diabetes
    X, X_test = np.round(X / 20), np.round(X_test / 20)  # with many equal distances
    regressor = CertifiedKNNRegressor(8, metric).fit(X, y)
    order = np.random.RandomState(1).permutation(len(y))
    again = CertifiedKNNRegressor(8, metric, n_jobs=2).fit(X[order].tolist(), pd.Series(y[order]))
    alone = np.concatenate([again.predict(row[np.newaxis]) for row in X_test])
    np.testing.assert_array_equal(regressor.predict(X_test), alone)
    intervals = regressor.predict_interval(X_test, SIZES)
    np.testing.assert_array_equal(again.predict_interval(X_test, SIZES), intervals)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(regressor)).predict(X_test), alone)


@pytest.mark.parametrize("threat_model", THREAT_MODELS)
def test_radii_and_intervals_agree(threat_model, diabetes):
    X, y, X_test, y_test = diabetes
    regressor = CertifiedKNNRegressor(20, threat_model=threat_model).fit(X, y)
    radii = regressor.certified_radius(X_test, y_test, tolerance=40)
    sizes = np.append(np.arange(25), [300, 2**62])
    intervals = regressor.predict_interval(X_test, sizes)
    near = intervals - y_test[:, np.newaxis, np.newaxis]
    within = (near[:, 0] >= -40) & (near[:, 1] <= 40)
    np.testing.assert_array_equal(within, radii[:, np.newaxis] >= sizes)
    np.testing.assert_array_equal(regressor.certify(X_test, y_test, sizes, 40), within)
    accuracy = regressor.certified_accuracy(X_test, y_test, sizes, tolerance=40)
    np.testing.assert_array_equal(accuracy, within.mean(axis=0))
    assert (np.diff(accuracy) <= 0).all() and 0.3 < accuracy[0] < 1
    assert (intervals[:, 0, 1:] <= intervals[:, 0, :-1]).all()
    assert (intervals[:, 1, 1:] >= intervals[:, 1, :-1]).all()
    assert np.isinf(intervals[:, :, -1]).all()
    # what is near the prediction itself: how much poison moves it by no more
    radii = regressor.certified_radius(X_test, regressor.predict(X_test), tolerance=40)
    assert radii.min() >= 0


def test_whole_targets_and_columns_of_one(diabetes):
    X, y, X_test, _ = diabetes
    expected = CertifiedKNNRegressor().fit(X, y).predict(X_test)
    for targets in (y.astype(int), y.tolist(), pd.Series(y), y.astype(object)):
        predictions = CertifiedKNNRegressor().fit(X, targets).predict(X_test)
        np.testing.assert_array_equal(predictions, expected)
        assert predictions.dtype == np.float64


@pytest.mark.parametrize(
    "y", [["a", "b", "c"], [1.0, np.nan, 2.0], [1, 2, "3"], [1, None, 2], [1j, 2, 3], [[1, 2]] * 3]
)
def test_targets_are_finite_numbers(y):
    with pytest.raises(ValueError, match="y "):
        CertifiedKNNRegressor().fit([[0.0], [1.0], [2.0]], y)


def test_parameters_that_rest_on_fit(diabetes):
    X, y, X_test, y_test = diabetes
    regressor = CertifiedKNNRegressor(9).fit(X, y)
    fewer = regressor.set_params(n_neighbors=3, threat_model="modify").predict(X_test)
    np.testing.assert_array_equal(fewer, CertifiedKNNRegressor(3).fit(X, y).predict(X_test))
    for use in (
        lambda r: r.predict(X_test),
        lambda r: r.predict_interval(X_test, 1),
        lambda r: r.certified_radius(X_test, y_test, 1),
    ):
        with pytest.raises(InvalidInputError, match="metric is 'euclidean' but was 'manhattan'"):
            use(regressor.set_params(metric="euclidean"))
        with pytest.raises(NotFittedError):
            use(CertifiedKNNRegressor())
    for name in signature(CertifiedKNNRegressor).parameters:
        with pytest.raises(InvalidParameterError, match=name):
            CertifiedKNNRegressor().set_params(**{name: object()}).fit(X, y)
        assert f"\n{name} : " in getdoc(CertifiedKNNRegressor)


def test_rows_go_through_the_transformer_alone(diabetes):
    X, y, X_test, _ = diabetes
    halves = CertifiedKNNRegressor(transformer=FunctionTransformer(lambda X: X / 2)).fit(X, y)
    np.testing.assert_array_equal(
        halves.predict(X_test), CertifiedKNNRegressor().fit(X, y).predict(X_test)
    )
    with pytest.raises(UnsoundPipelineError, match="StandardScaler"):
        CertifiedKNNRegressor(transformer=make_pipeline(StandardScaler())).fit(X, y)
