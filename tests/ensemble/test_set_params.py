"""What ``set_params`` does after ``fit``: a documented effect, or a refusal."""

import io
import pickle

import joblib
import numpy as np
import pytest
from joblib import Memory
from sklearn.base import clone
from sklearn.ensemble import StackingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import Normalizer
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

from sklearn_certify import (
    BaggingCertifiedClassifier,
    DPAClassifier,
    FiniteAggregationClassifier,
)
from sklearn_certify.exceptions import InvalidInputError

ENSEMBLES = {
    "dpa": DPAClassifier(n_partitions=6),
    "fa": FiniteAggregationClassifier(n_partitions=3, spreading_degree=2),
    "bagging": BaggingCertifiedClassifier(n_estimators=12, max_samples=30, random_state=0),
}

# a value other than the fitted one for every parameter; what is not listed here is not covered
EFFECTIVE = {
    "threat_model": "modify",
    "n_jobs": 2,
    "verbose": 0,
    "on_voter_error": "abstain",
    "memory": Memory(None),
    "aggregation": "runoff",
    "tighten": True,
    "alpha": 0.2,
}
FIXED = {
    "transformer": Normalizer(),
    "estimator": GaussianNB(),
    "n_partitions": 7,
    "spreading_degree": 3,
    "partition_by": "sample",
    "hash_function": lambda X, y: X.sum(axis=1).astype(int),
    "classes": list(range(10)),
    "random_state": 5,
    "sampling": "bernoulli",
    "max_samples": 9,
    "n_estimators": 13,
    "poison_unit": "row",
    "label_flips": "white_box",
}
WRONG = {
    "threat_model": "typo",
    "n_jobs": "many",
    "on_voter_error": "shrug",
    "memory": 5,
    "aggregation": "typo",
    "tighten": "very",
    "alpha": 1.0,
}
METHODS = ("predict", "votes", "vote_counts", "predict_certified", "certified_radius")


def parameters_of(values):
    return [
        pytest.param(name, parameter, id=f"{name}-{parameter}")
        for name, ensemble in ENSEMBLES.items()
        for parameter in values
        if parameter in ensemble.get_params(deep=False)
    ]


@pytest.fixture(scope="module")
def fitted(digits):
    X, y, _, _ = (part[:300] for part in digits)
    return {name: clone(ensemble).fit(X, y) for name, ensemble in ENSEMBLES.items()}


@pytest.fixture
def queries(digits):
    return digits[2][:40]


def test_every_parameter_is_looked_at():
    for ensemble in ENSEMBLES.values():
        assert set(ensemble.get_params(deep=False)) <= {*EFFECTIVE, *FIXED}


@pytest.mark.parametrize(("name", "parameter"), parameters_of(FIXED))
def test_what_votes_rest_on_is_refused(name, parameter, fitted, queries):
    ensemble = pickle.loads(pickle.dumps(fitted[name]))
    votes = ensemble.votes(queries)
    before = getattr(ensemble, parameter)
    ensemble.set_params(**{parameter: FIXED[parameter]})
    for method in METHODS:
        with pytest.raises(InvalidInputError, match=rf"^{parameter} is .* but was .* call fit"):
            getattr(ensemble, method)(queries)
    ensemble.set_params(**{parameter: before})
    np.testing.assert_array_equal(ensemble.votes(queries), votes)


@pytest.mark.parametrize(("name", "parameter"), parameters_of(EFFECTIVE))
def test_what_has_an_effect_has_that_of_a_new_fit(name, parameter, fitted, queries, digits):
    X, y, _, _ = (part[:300] for part in digits)
    ensemble = pickle.loads(pickle.dumps(fitted[name]))
    ensemble.set_params(**{parameter: EFFECTIVE[parameter]})
    anew = clone(ensemble).fit(X, y)
    for method in METHODS:
        np.testing.assert_array_equal(
            getattr(ensemble, method)(queries), getattr(anew, method)(queries)
        )


@pytest.mark.parametrize(("name", "parameter"), parameters_of(WRONG))
def test_values_are_checked_as_in_fit(name, parameter, fitted, queries):
    ensemble = pickle.loads(pickle.dumps(fitted[name]))
    ensemble.set_params(**{parameter: WRONG[parameter]})
    for method in METHODS:
        with pytest.raises(ValueError, match=f"The '{parameter}' parameter"):
            getattr(ensemble, method)(queries)


def test_effects(digits):
    X, y, queries, _ = digits
    dpa = DPAClassifier(n_partitions=20).fit(X, y)
    radii = dpa.certified_radius(queries)
    dpa.set_params(threat_model="modify")
    np.testing.assert_array_equal(dpa.certified_radius(queries), radii // 2)
    fa = FiniteAggregationClassifier(n_partitions=20, spreading_degree=16).fit(X, y)
    radii = fa.certified_radius(queries)
    tightened = fa.set_params(tighten=True).certified_radius(queries)
    assert (tightened >= radii).all() and (tightened > radii).any()


NESTED = {
    "a parameter": (LogisticRegression(), {"estimator__C": 3.0}),
    "in a pipeline": (
        make_pipeline(SimpleImputer(), LogisticRegression()),
        {"estimator__simpleimputer__strategy": "median"},
    ),
    "a step": (
        make_pipeline(SimpleImputer(), LogisticRegression()),
        {"estimator__simpleimputer": "passthrough"},
    ),
    "a list": (
        StackingClassifier([("a", GaussianNB())], cv=2),
        {"estimator__estimators": [("a", GaussianNB()), ("b", DecisionTreeClassifier())]},
    ),
    "a dict": (
        LogisticRegression(class_weight={0: 1.0, 1: 1.0}),
        {"estimator__class_weight": {0: 1.0, 1: 2.0}},
    ),
    "an array": (
        GaussianNB(priors=np.array([0.5, 0.5])),
        {"estimator__priors": np.array([0.4, 0.6])},
    ),
}


@pytest.mark.parametrize("kind", NESTED)
def test_nested_parameters_are_refused_too(kind, queries, digits):
    X, y = digits[0][:300], digits[1][:300] % 2
    estimator, changes = NESTED[kind]
    ensemble = DPAClassifier(clone(estimator), n_partitions=3).fit(X, y)
    ensemble.set_params(**changes)
    with pytest.raises(InvalidInputError, match="estimator__.* but was .* call fit again"):
        ensemble.predict(queries)
    ensemble.fit(X, y).predict(queries)


def by_hand(ensemble):
    ensemble.estimator.steps.append(("last", GaussianNB()))
    return ensemble


def test_changes_in_place_are_seen(queries, digits):
    X, y = digits[0][:300], digits[1][:300]
    ensemble = DPAClassifier(make_pipeline(SimpleImputer(), RidgeClassifier()), n_partitions=3)
    by_hand(ensemble.fit(X, y))
    with pytest.raises(InvalidInputError, match="estimator__steps is"):
        ensemble.predict(queries)


@pytest.mark.parametrize("load", ["pickle", "joblib"])
def test_nothing_is_refused_that_only_looks_changed(load, queries, digits):
    """NaN, arrays and functions come back from a file as other objects."""
    X, y = digits[0][:300], digits[1][:300]
    ensemble = DPAClassifier(
        make_pipeline(
            SimpleImputer(missing_values=np.float32("nan")),
            SVC(gamma=np.float64(0.001), class_weight=dict.fromkeys(range(10), 1.0)),
        ),
        n_partitions=3,
        classes=np.arange(10),
        random_state=np.random.RandomState(0),
    ).fit(X, y)
    votes = ensemble.votes(queries)
    if load == "pickle":
        ensemble = pickle.loads(pickle.dumps(ensemble))
    else:
        file = io.BytesIO()
        joblib.dump(ensemble, file)
        file.seek(0)
        ensemble = joblib.load(file)
    np.testing.assert_array_equal(ensemble.votes(queries), votes)
    ensemble.set_params(estimator=clone(ensemble.estimator), n_partitions=3.0, classes=range(10))
    ensemble.set_params(n_partitions=3, classes=np.arange(10.0))
    np.testing.assert_array_equal(ensemble.votes(queries), votes)


def test_what_is_remembered_is_small(digits):
    X, y = digits[0][:100], digits[1][:100]
    big = np.ones(10**6)
    priors = np.full(10, 0.1)
    ensemble = DPAClassifier(GaussianNB(priors=priors), n_partitions=1).fit(X, y)
    ensemble.estimator.big = big  # held by the estimator, not by what is remembered
    kept = ensemble._parameters_of_fit
    assert kept["estimator"] is ensemble.estimator and kept["estimator__priors"] is priors
