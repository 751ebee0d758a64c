"""Rows or contributors: what one unit of poison is, and who decides it."""

import numpy as np
import pytest
from sklearn import config_context
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, GroupKFold, cross_val_score
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline

from sklearn_certify import (
    BaggingCertifiedClassifier,
    DPAClassifier,
    FiniteAggregationClassifier,
    certified_accuracy,
)
from sklearn_certify.exceptions import InvalidInputError
from sklearn_certify.threat import THREAT_MODELS

NEAREST = KNeighborsClassifier(1)
ENSEMBLES = {
    "dpa": DPAClassifier(NEAREST, n_partitions=15),
    "fa": FiniteAggregationClassifier(NEAREST, n_partitions=6, spreading_degree=2),
    "bagging": BaggingCertifiedClassifier(NEAREST, n_estimators=60, max_samples=4, random_state=0),
}
every_ensemble = pytest.mark.parametrize("name", ENSEMBLES)


@pytest.fixture(scope="module")
def contributed(digits):
    X, y, queries, truth = digits
    return X[:400], y[:400], np.arange(400) % 80, queries[:40], truth[:40]


@every_ensemble
def test_the_unit_is_what_fit_was_given(name, contributed):
    X, y, groups, queries, _ = contributed
    ensemble = clone(ENSEMBLES[name])
    assert ensemble.fit(X, y).poison_unit_ == "row"
    by_row = ensemble.votes(queries)
    assert ensemble.fit(X, y, groups=groups).poison_unit_ == "group"
    by_group = ensemble.votes(queries)
    assert (by_row != by_group).any()
    ensemble.set_params(poison_unit="group").fit(X, y, groups=groups)
    assert ensemble.poison_unit_ == "group"
    np.testing.assert_array_equal(ensemble.votes(queries), by_group)
    ensemble.set_params(poison_unit="row").fit(X, y)
    assert ensemble.poison_unit_ == "row"
    np.testing.assert_array_equal(ensemble.votes(queries), by_row)


@every_ensemble
def test_groups_that_are_missing_or_too_many_are_refused(name, contributed):
    X, y, groups, _, _ = contributed
    ensemble = clone(ENSEMBLES[name])
    with pytest.raises(InvalidInputError, match=r"needs fit\(X, y, groups=.*set_fit_request"):
        ensemble.set_params(poison_unit="group").fit(X, y)
    with pytest.raises(InvalidInputError, match="poison_unit='row' counts rows, but fit was given"):
        ensemble.set_params(poison_unit="row").fit(X, y, groups=groups)
    with pytest.raises(ValueError, match="The 'poison_unit' parameter"):
        ensemble.set_params(poison_unit="contributor").fit(X, y, groups=groups)
    assert not hasattr(ensemble, "poison_unit_")


def search_over(ensemble, **params):
    name = "n_estimators" if "n_estimators" in ensemble.get_params() else "n_partitions"
    return GridSearchCV(
        ensemble,
        {name: [4, 6]},
        scoring=certified_accuracy(poison_size=1),
        cv=GroupKFold(2),
        **params,
    )


@every_ensemble
@pytest.mark.parametrize("error_score", [np.nan, "raise"])
def test_a_search_that_keeps_the_groups_to_itself_says_how_to_route_them(
    name, error_score, contributed
):
    X, y, groups, _, _ = contributed
    grouped = clone(ENSEMBLES[name]).set_params(poison_unit="group")
    for model in (grouped, make_pipeline("passthrough", grouped)):
        with pytest.raises(ValueError) as caught:
            if model is grouped:
                search_over(model, error_score=error_score).fit(X, y, groups=groups)
            else:
                model.fit(X, y)
        text = str(caught.value)
        assert "sklearn.set_config(enable_metadata_routing=True)" in text
        assert "estimator.set_fit_request(groups=True)" in text
        assert "splitter alone" in text


@every_ensemble
def test_the_call_in_the_message_works(name, contributed):
    X, y, groups, queries, truth = contributed
    with config_context(enable_metadata_routing=True):
        model = clone(ENSEMBLES[name]).set_params(poison_unit="group")
        model.set_fit_request(groups=True)
        search = search_over(model).fit(X, y, groups=groups)
        assert search.best_estimator_.poison_unit_ == "group"
        assert 0 <= search.score(queries, truth) <= 1
        scores = cross_val_score(
            model, X, y, cv=GroupKFold(2), params={"groups": groups}, error_score="raise"
        )
        assert scores.min() > 0.2


@pytest.mark.parametrize("name", ["dpa", "fa"])
@pytest.mark.parametrize("threat_model", THREAT_MODELS)
def test_one_contributor_with_many_rows_breaks_no_radius_of_a_search(
    name, threat_model, contributed
):
    X, y, groups, queries, _ = contributed
    parameter = "n_partitions"
    value = ENSEMBLES[name].n_partitions
    with config_context(enable_metadata_routing=True):
        model = clone(ENSEMBLES[name]).set_params(poison_unit="group", threat_model=threat_model)
        model.set_fit_request(groups=True)
        search = GridSearchCV(model, {parameter: [value]}, cv=GroupKFold(2))
        ensemble = search.fit(X, y, groups=groups).best_estimator_
        labels, radii = ensemble.predict_certified(queries)
        assert radii.max() >= 1
        rivals = (labels + 1) % 10
        for contributor in (0, 7, 31):
            for attack in contributions(threat_model, X, y, groups, contributor, queries, rivals):
                found = search.fit(*attack[:2], groups=attack[2]).best_estimator_.predict(queries)
                np.testing.assert_array_equal(found[radii >= 1], labels[radii >= 1])


def contributions(threat_model, X, y, groups, contributor, queries, rivals):
    """What one contributor can do: send hundreds of rows, none, or turn all of its labels."""
    own = groups == contributor
    many = np.repeat(np.arange(len(queries)), 15)
    near = queries[many] + np.arange(len(many))[:, np.newaxis] * 1e-9  # in all partitions
    if threat_model in ("insert", "insert_delete", "modify"):
        newcomer = 1000 + contributor
        yield (
            np.vstack([X, near]),
            np.r_[y, rivals[many]],
            np.r_[groups, np.full(len(many), newcomer)],
        )
    if threat_model in ("delete", "insert_delete", "modify"):
        yield X[~own], y[~own], groups[~own]
    if threat_model == "modify":
        yield (
            np.vstack([X[~own], near]),
            np.r_[y[~own], rivals[many]],
            np.r_[groups[~own], np.full(len(many), contributor)],
        )
    if threat_model == "label_flip":
        yield X, np.where(own, (y + 1) % 10, y), groups


def test_without_routing_the_same_attack_breaks_radii_that_count_rows(contributed):
    """So that the test above can fail: hundreds of rows reach every voter."""
    X, y, groups, queries, _ = contributed
    ensemble = clone(ENSEMBLES["dpa"]).fit(X, y)
    labels, radii = ensemble.predict_certified(queries)
    (attack, *_) = contributions("insert", X, y, groups, 0, queries, (labels + 1) % 10)
    found = clone(ensemble).fit(*attack[:2]).predict(queries)
    assert (found != labels)[radii >= 1].any()
