"""Data to measure defences on: backdoors in rows that you bring, tasks of known lethal dose."""

from ._backdoor import Backdoor, make_backdoor
from ._feature_trigger import FeatureTrigger
from ._image_trigger import ImageTrigger
from ._known_dose import (
    KnownDoseTask,
    make_bijection_uncovering,
    make_instance_memorization,
    make_isotropic_gaussians,
)

__all__ = [
    "Backdoor",
    "FeatureTrigger",
    "ImageTrigger",
    "KnownDoseTask",
    "make_backdoor",
    "make_bijection_uncovering",
    "make_instance_memorization",
    "make_isotropic_gaussians",
]
