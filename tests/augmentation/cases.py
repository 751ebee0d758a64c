"""Augmentations, and rows for them."""

import numpy as np

from sklearn_certify.augmentation import (
    BrightnessContrast,
    ColumnNoise,
    Compose,
    Cutout,
    ElasticDeformation,
    FeatureDropout,
    FunctionAugmentation,
    GaussianNoise,
    HorizontalFlip,
    RandomAffine,
    RandomChoice,
    RandomShift,
)
from sklearn_certify.augmentation._draws import copy_seeds

SHAPE = (7, 5, 2)


def jumbled(row, random_state):
    """A function of a user's."""
    return row + random_state.normal(size=row.shape)


OF_IMAGES = {
    "affine": RandomAffine(40, shear=20, scale=(0.5, 2), translation=0.3),
    "affine-edge": RandomAffine(40, translation=0.3, mode="edge"),
    "shift": RandomShift(3),
    "shift-edge": RandomShift(3, mode="edge"),
    "elastic": ElasticDeformation(4, 1.5),
    "elastic-edge": ElasticDeformation(4, 1.5, mode="edge"),
    "cutout": Cutout(0.5),
    "light": BrightnessContrast(0.5, 0.5),
    "flip": HorizontalFlip(),
}
OF_ROWS = {
    "noise": GaussianNoise(0.5),
    "dropout": FeatureDropout(0.3),
    "function": FunctionAugmentation(jumbled),
}
OF_SEVERAL = {
    "compose": Compose([RandomShift(1), jumbled, Cutout(0.5)]),
    "choice": RandomChoice([RandomAffine(30), HorizontalFlip(1.0), GaussianNoise(0.1)]),
}
ROW_ALONE = {**OF_IMAGES, **OF_ROWS, **OF_SEVERAL}
EVERY = {**ROW_ALONE, "column": ColumnNoise(0.3)}


def make_images(n_images=30, dtype=float):
    images = np.random.default_rng(0).integers(0, 200, size=(n_images, *SHAPE))
    return images.astype(dtype)


def seeds_of(X, n_copies=1):
    return copy_seeds(X, n_copies, 0).ravel()
