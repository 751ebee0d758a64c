"""All transformers of images, with settings for images of 10 x 12 pixels in three colours."""

import numpy as np

from sklearn_certify.image import (
    HOG,
    ColorGrid,
    ColorHistogram,
    ContrastNormalizer,
    Deskew,
    FlatPixels,
    GrayImages,
    HistogramEqualizer,
    ResizedCrop,
)

SHAPE = (10, 12, 3)
FEATURES = [
    HOG(3),
    HOG((2, (5, 4)), orientations=5, block_norm="L1-sqrt", transform_sqrt=True, interpolate=True),
    HOG(3, cells_per_block=(1, 3), block_norm="L2", signed=True),
    HOG((2, 5), cells_per_block=3, block_norm="L1-sqrt", center_surround=True),
    ColorGrid(3),
    ColorGrid((2, 5), color_space="normalized_opponent", with_std=True),
    ColorGrid(color_space=None),
    ColorGrid(3, color_space="normalized_opponent", with_brightness=False),
    ColorHistogram(grid=2),
    ColorHistogram(5, color_space=None, value_range=(10, 200)),
    FlatPixels(scale=1 / 255),
]
FILTERS = [
    ContrastNormalizer(),
    ContrastNormalizer("stretch", per_channel=True),
    ContrastNormalizer("local", sigma=2),
    ContrastNormalizer("local", per_channel=True),
    Deskew(),
    Deskew(255, center=False),
    Deskew(spread=(2.5, 2)),
    GrayImages(),
    HistogramEqualizer(),
    HistogramEqualizer(adaptive=False, n_bins=16),
    ResizedCrop(7),
    ResizedCrop((20, 13), crop=8.5, sigma=0.7),
]
TRANSFORMERS = FEATURES + FILTERS


def make_images(n_images=9, shape=SHAPE, seed=0):
    """Return images of whole numbers with edges, gradual light, noise and flat parts."""
    rng = np.random.RandomState(seed)
    rows, columns = np.indices(shape[:2])
    images = np.empty((n_images, *shape), dtype=np.uint8)
    for image in images:
        angle, contrast = rng.uniform(0, np.pi), rng.uniform(20, 120)
        wave = np.sin(rows * np.sin(angle) + columns * np.cos(angle) + rng.uniform(6))
        values = 125 + contrast * np.sign(wave) + rng.normal(0, 3, shape[:2])
        values = values.reshape(*shape[:2], *[1] * (len(shape) - 2))
        values = values + rng.uniform(-20, 20, shape[2:]) if len(shape) > 2 else values
        image[...] = np.clip(values, 0, 255)
        image[: shape[0] // 3, : shape[1] // 3] = rng.randint(256)
    return images
