"""Altered copies of rows: images and tables.

A copy is a function of its row, of its number and of a seed. So it stays the same when other rows
come or go, and one poisoned row makes poisoned copies of itself and of no other.

_base      what all augmentations share, one file each
_draws     numbers that follow from a seed; _sampling, images between their pixels
_make      rows and their copies; _copies, `AugmentedCopies`, which makes them once for all voters
"""

from ._affine import RandomAffine
from ._base import Augmentation, ImageAugmentation
from ._brightness_contrast import BrightnessContrast
from ._column_noise import ColumnNoise
from ._copies import AugmentedCopies
from ._cutout import Cutout
from ._dropout import FeatureDropout
from ._elastic import ElasticDeformation
from ._flip import HorizontalFlip
from ._function import FunctionAugmentation
from ._noise import GaussianNoise
from ._several import Compose, RandomChoice
from ._shift import RandomShift

__all__ = [
    "Augmentation",
    "AugmentedCopies",
    "BrightnessContrast",
    "ColumnNoise",
    "Compose",
    "Cutout",
    "ElasticDeformation",
    "FeatureDropout",
    "FunctionAugmentation",
    "GaussianNoise",
    "HorizontalFlip",
    "ImageAugmentation",
    "RandomAffine",
    "RandomChoice",
    "RandomShift",
]
