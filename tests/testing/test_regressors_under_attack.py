"""check_soundness on regressors: nothing against those that are sound, and planted bugs found."""

import numpy as np
import pytest
from sklearn.datasets import load_diabetes
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import Normalizer, StandardScaler

from sklearn_certify import (
    CertifiedKNNRegressor,
    DPARegressor,
    FiniteAggregationRegressor,
    audit_estimator,
)
from sklearn_certify.exceptions import UnsoundPipelineError
from sklearn_certify.testing import check_soundness
from sklearn_certify.threat import THREAT_MODELS

NEAREST = KNeighborsRegressor(1)  # a single row turns it


@pytest.fixture(scope="module")
def rows():
    X, y = load_diabetes(return_X_y=True, scaled=False)
    return X[:160], y[:160]


@pytest.mark.parametrize("threat_model", THREAT_MODELS)
@pytest.mark.parametrize(
    "regressor",
    [
        DPARegressor(NEAREST, n_partitions=11),
        FiniteAggregationRegressor(NEAREST, n_partitions=5, spreading_degree=2, tighten=True),
        CertifiedKNNRegressor(9),
    ],
    ids=["dpa", "fa", "knn"],
)
def test_nothing_is_found_against_certified_regressors(regressor, threat_model, rows):
    report = check_soundness(regressor, *rows, threat_model=threat_model, n_attacks=12)
    assert report.sound, report
    assert report.radii.max() >= 1 and report.n_attacks > report.n_refused + 15


def test_regressors_inside_others(rows):
    X, y = rows
    dpa = DPARegressor(NEAREST, n_partitions=11)
    for estimator in (
        NEAREST,
        make_pipeline(Normalizer(norm="max"), dpa),
        GridSearchCV(dpa, {"n_partitions": [7, 11]}, cv=2),
    ):
        report = check_soundness(estimator, X, y, n_attacks=6)
        assert report.sound and report.radii.max() >= 1, report
    grouped = check_soundness(dpa, X, y, groups=np.arange(len(y)) // 4, n_attacks=8)
    assert grouped.sound, grouped
    with pytest.raises(UnsoundPipelineError, match="standardscaler"):
        check_soundness(make_pipeline(StandardScaler(), dpa), X, y, n_attacks=3)


class TooLarge(DPARegressor):
    """Certifies one unit more than it may."""

    def _radii_within(self, X, low, high):
        return super()._radii_within(X, low, high) + 1


class TooCheap(DPARegressor):
    """Forgets that a changed row has two partitions."""

    def _partitions_per_unit(self):
        return 1


class Uncounted(FiniteAggregationRegressor):
    """Forgets that a partition reaches several voters."""

    def _radii_within(self, X, low, high):
        return 2 * super()._radii_within(X, low, high)


class Scaled(DPARegressor):
    """Scales targets by all of them."""

    def _fit(self, X, y, groups):
        return super()._fit(X, (y - np.mean(y)) / np.std(y), groups)


class Orderly(DPARegressor):
    """Looks at which row came first."""

    def _fit(self, X, y, groups):
        return super()._fit(X, np.append(y[:1] + 0.125, y[1:]), groups)


@pytest.mark.parametrize(
    ("regressor", "threat_model", "kinds"),
    [
        (TooLarge(NEAREST, n_partitions=11), "insert", {"prediction"}),
        (TooLarge(NEAREST, n_partitions=11), "label_flip", {"prediction"}),
        (TooCheap(NEAREST, n_partitions=11), "modify", {"prediction"}),
        (Uncounted(NEAREST, n_partitions=6, spreading_degree=2), "insert", {"prediction"}),
        (Scaled(NEAREST, n_partitions=11), "insert", {"prediction", "voter"}),
        (Orderly(NEAREST, n_partitions=11), "delete", {"prediction", "voter"}),
    ],
    ids=lambda case: type(case).__name__ if hasattr(case, "fit") else None,
)
def test_planted_bugs_are_found(regressor, threat_model, kinds, rows):
    report = check_soundness(regressor, *rows, threat_model=threat_model, n_attacks=60)
    assert not report.sound
    assert report.counterexample.kind in kinds
    assert "within [" in str(report) or report.counterexample.kind == "voter"


class Mutable(KNeighborsRegressor):
    """Adds up how often any of it was fitted."""

    n_fits = 0

    def fit(self, X, y):
        Mutable.n_fits += 1
        return super().fit(X, y + Mutable.n_fits)


def test_an_audit_looks_at_voters(rows):
    for regressor in (DPARegressor(NEAREST, n_partitions=7), CertifiedKNNRegressor(9)):
        report = audit_estimator(regressor, *rows, empirical=True)
        assert report.sound and not report, report
    report = audit_estimator(DPARegressor(Mutable(1), n_partitions=7), *rows, empirical=True)
    assert not report.sound and "7 voters changed" in str(report)
    scaled = make_pipeline(StandardScaler(), DPARegressor(NEAREST, n_partitions=7))
    report = audit_estimator(scaled, *rows, empirical=True)
    assert not report.sound and "standardscaler" in str(report)
