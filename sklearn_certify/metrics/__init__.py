"""Scores: of certified predictions and intervals, of backdoors and the filters for them."""

from .._deprecation import moved as _moved
from ._backdoors import false_negatives, false_positives, targeted_misclassification_rate
from ._certified import (
    certified_accuracy_curve,
    certified_accuracy_score,
    median_certified_radius,
)
from ._intervals import certified_interval_width, certified_within_tolerance_score

__all__ = [
    "certified_accuracy_curve",
    "certified_accuracy_score",
    "certified_interval_width",
    "certified_within_tolerance_score",
    "false_negatives",
    "false_positives",
    "median_certified_radius",
    "targeted_misclassification_rate",
]

__getattr__ = _moved(
    __name__,
    {
        name: f"sklearn_certify.pipelines.{name}"
        for name in ("certified_accuracy", "certified_radius", "certify")
    },
)
