"""Scikit-learn classifiers that prove how many poisoned training examples a prediction survives."""

from .ensemble import (
    BaggingCertifiedClassifier,
    DPAClassifier,
    FiniteAggregationClassifier,
    TemporalAggregationClassifier,
)
from .explanation import explain
from .neighbors import CertifiedKNN, CertifiedRNN
from .pipelines import certified_accuracy, certified_radius, certify, predict_certified
from .testing import audit_estimator

__version__ = "0.2.0.dev0"

__all__ = [  # noqa: RUF022 - in the order in which reports show them
    "DPAClassifier",
    "FiniteAggregationClassifier",
    "BaggingCertifiedClassifier",
    "CertifiedKNN",
    "CertifiedRNN",
    "TemporalAggregationClassifier",
    "audit_estimator",
    "certified_accuracy",
    "certified_radius",
    "certify",
    "explain",
    "predict_certified",
]
