"""Altered copies of rows: images and tables.

A copy is a function of its row, of its number and of a seed. So it stays the same when other rows
come or go, and one poisoned row makes poisoned copies of itself and of no other.

_base      what all augmentations share, one file each
_draws     numbers that follow from a seed; _sampling, images between their pixels
_make      rows and their copies; _copies, `AugmentedCopies`, which makes them once for all voters
"""

from ._affine import RandomAffine
from ._base import Augmentation, ImageAugmentation
from ._column_noise import ColumnNoise
from ._copies import AugmentedCopies
from ._function import FunctionAugmentation
from ._make import make_copies, own_augmentation
from ._noise import GaussianNoise

__all__ = [
    "Augmentation",
    "AugmentedCopies",
    "ColumnNoise",
    "FunctionAugmentation",
    "GaussianNoise",
    "ImageAugmentation",
    "RandomAffine",
    "make_copies",
    "own_augmentation",
]
