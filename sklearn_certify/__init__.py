"""Scikit-learn classifiers that prove how many poisoned training examples a prediction survives."""

from .ensemble import (
    BaggingCertifiedClassifier,
    DPAClassifier,
    DPARegressor,
    FiniteAggregationClassifier,
    FiniteAggregationRegressor,
    TemporalAggregationClassifier,
)
from .explanation import explain
from .neighbors import CertifiedKNN, CertifiedKNNRegressor, CertifiedRNN
from .pipelines import (
    certified_accuracy,
    certified_radius,
    certify,
    neg_certified_attack_success_rate,
    predict_certified,
    predict_interval,
)
from .testing import audit_estimator

__version__ = "0.2.0.dev0"

__all__ = [  # noqa: RUF022 - in the order in which reports show them
    "DPAClassifier",
    "FiniteAggregationClassifier",
    "BaggingCertifiedClassifier",
    "CertifiedKNN",
    "CertifiedRNN",
    "TemporalAggregationClassifier",
    "DPARegressor",
    "FiniteAggregationRegressor",
    "CertifiedKNNRegressor",
    "audit_estimator",
    "certified_accuracy",
    "certified_radius",
    "certify",
    "explain",
    "neg_certified_attack_success_rate",
    "predict_certified",
    "predict_interval",
]
