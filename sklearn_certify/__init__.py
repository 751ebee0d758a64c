"""Scikit-learn classifiers that prove how many poisoned training examples a prediction survives."""

from .ensemble import DPAClassifier, FiniteAggregationClassifier
from .metrics import certified_accuracy, certified_radius, certify

__version__ = "0.1.0"

__all__ = [
    "DPAClassifier",
    "FiniteAggregationClassifier",
    "certified_accuracy",
    "certified_radius",
    "certify",
]
