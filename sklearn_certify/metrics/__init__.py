"""Scores: of certified predictions, and of backdoors and the filters that look for them."""

from ._backdoors import false_negatives, false_positives, targeted_misclassification_rate
from ._certified import (
    certified_accuracy,
    certified_accuracy_curve,
    certified_accuracy_score,
    certified_radius,
    certify,
    median_certified_radius,
)

__all__ = [
    "certified_accuracy",
    "certified_accuracy_curve",
    "certified_accuracy_score",
    "certified_radius",
    "certify",
    "false_negatives",
    "false_positives",
    "median_certified_radius",
    "targeted_misclassification_rate",
]
