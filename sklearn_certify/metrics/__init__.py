"""Scores: of certified predictions and intervals, of voters, of backdoors and their filters."""

from .._deprecation import moved as _moved
from ._backdoors import false_negatives, false_positives, targeted_misclassification_rate
from ._certified import (
    certified_accuracy_curve,
    certified_accuracy_score,
    median_certified_radius,
)
from ._gains import certified_radius_gain
from ._intervals import certified_interval_width, certified_within_tolerance_score
from ._targeted import certified_attack_success_rate
from ._voters import mean_voter_accuracy

__all__ = [
    "certified_accuracy_curve",
    "certified_accuracy_score",
    "certified_attack_success_rate",
    "certified_interval_width",
    "certified_radius_gain",
    "certified_within_tolerance_score",
    "false_negatives",
    "false_positives",
    "mean_voter_accuracy",
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
