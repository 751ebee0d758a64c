"""Data sets to measure defences on: backdoors put into training sets that you bring."""

from ._backdoor import Backdoor, make_backdoor
from ._feature_trigger import FeatureTrigger
from ._image_trigger import ImageTrigger

__all__ = ["Backdoor", "FeatureTrigger", "ImageTrigger", "make_backdoor"]
