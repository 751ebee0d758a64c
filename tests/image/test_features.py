"""Colours and pixels as features."""

import numpy as np
import pytest

from sklearn_certify.exceptions import InvalidInputError
from sklearn_certify.image import (
    HOG,
    ColorGrid,
    ColorHistogram,
    ContrastNormalizer,
    Deskew,
    FlatPixels,
    make_hog_pipeline,
)

from .cases import make_images


def in_cells(images, n_rows, n_columns):
    """Yield the pixels of each cell, of shape (n_images, n_pixels, n_channels)."""
    height, width = images.shape[1:3]
    for i in range(n_rows):
        for j in range(n_columns):
            rows = slice(height * i // n_rows, height * (i + 1) // n_rows)
            columns = slice(width * j // n_columns, width * (j + 1) // n_columns)
            yield images[:, rows, columns].reshape(len(images), -1, images.shape[3])


def opponent(images):
    red, green, blue = np.moveaxis(images.astype(float), -1, 0)
    channels = [
        (red - green) / np.sqrt(2),
        (red + green - 2 * blue) / np.sqrt(6),
        (red + green + blue) / np.sqrt(3),
    ]
    return np.stack(channels, axis=-1)


@pytest.mark.parametrize("grid", [1, 3, (2, 5), (10, 12)])
def test_means_and_deviations_of_cells(grid):
    images = make_images()
    n_rows, n_columns = np.broadcast_to(grid, 2)
    for color_space, converted in (("opponent", opponent(images)), (None, images)):
        cells = list(in_cells(converted, n_rows, n_columns))
        means = np.hstack([cell.mean(axis=1) for cell in cells])
        deviations = np.hstack([cell.std(axis=1) for cell in cells])
        found = ColorGrid(grid, color_space=color_space).transform(images)
        np.testing.assert_allclose(found, means, rtol=1e-5, atol=1e-5)
        found = ColorGrid(grid, color_space=color_space, with_std=True).transform(images)
        np.testing.assert_allclose(found, np.hstack([means, deviations]), rtol=1e-5, atol=1e-4)


def test_cells_may_be_of_gray_images():
    images = make_images(shape=(6, 6))
    features = ColorGrid(3, color_space=None)
    expected = images.reshape(len(images), 3, 2, 3, 2).mean(axis=(2, 4)).reshape(len(images), 9)
    np.testing.assert_array_equal(features.transform(images), expected.astype(np.float32))
    np.testing.assert_array_equal(features.transform(images[..., np.newaxis]), expected)


def test_normalised_colours_do_not_tell_how_much_light_there_is():
    images = make_images() / 255
    features = ColorGrid(2, color_space="normalized_opponent")
    bright, dark = (features.transform(light * images).reshape(-1, 4, 3) for light in (1, 0.1))
    np.testing.assert_allclose(dark[..., :2], bright[..., :2], atol=1e-6)
    np.testing.assert_allclose(dark[..., 2], 0.1 * bright[..., 2], rtol=1e-5)
    exact = opponent(images)
    least = 0.1 * exact[..., 2].mean(axis=(1, 2))[:, None, None]
    exact[..., :2] /= (exact[..., 2] + least)[..., None]
    expected = np.stack([cell.mean(axis=1) for cell in in_cells(exact, 2, 2)], axis=1)
    np.testing.assert_allclose(bright, expected, atol=1e-5)


@pytest.mark.parametrize("color_space", ["opponent", "normalized_opponent"])
def test_the_brightness_may_be_left_out(color_space):
    images = make_images()
    features = ColorGrid((2, 3), color_space=color_space)
    with_all = features.transform(images).reshape(-1, 6, 3)
    without = features.set_params(with_brightness=False).transform(images)
    np.testing.assert_array_equal(without, with_all[..., :2].reshape(-1, 12))
    channels = ColorGrid(2, color_space=None, with_brightness=False).transform(images)
    assert channels.shape[1] == 12  # there is none to leave out


@pytest.mark.parametrize("epsilon", [0, 0.1])
def test_black_has_no_colour(epsilon):
    features = ColorGrid(2, color_space="normalized_opponent", epsilon=epsilon)
    black_and_white = np.zeros((1, 4, 4, 3))
    black_and_white[0, 2:] = 1
    colors = features.transform(black_and_white).reshape(4, 3)
    assert not colors[:, :2].any()
    np.testing.assert_allclose(colors[:, 2], [0, 0, 3**0.5, 3**0.5], rtol=1e-6)
    assert not features.transform(0 * black_and_white).any()


@pytest.mark.parametrize("value_range", [(0, 255), (30, 99.5)])
def test_values_are_counted(value_range):
    images = make_images()
    low, high = value_range
    found = ColorHistogram(5, grid=2, color_space=None, value_range=value_range).transform(images)
    expected = [
        np.histogram(np.clip(cell[i, :, channel], low, high), 5, value_range)[0] / cell.shape[1]
        for i in range(len(images))
        for cell in in_cells(images, 2, 2)
        for channel in range(3)
    ]
    np.testing.assert_allclose(found.ravel(), np.ravel(expected), atol=1e-6)


def test_opponent_colours_are_counted_between_their_extremes():
    corners = np.array(np.meshgrid([0, 255], [0, 255], [0, 255])).T.reshape(1, 1, 8, 3)
    found = ColorHistogram(2).transform(corners).reshape(3, 2)
    # of the corners of the cube: red above green 2, green above red 2, equal (upper bin) 4
    np.testing.assert_allclose(found, [[1 / 4, 3 / 4], [3 / 8, 5 / 8], [1 / 2, 1 / 2]])
    fractions = ColorHistogram(2, value_range=(0, 1)).transform(corners / 255)
    np.testing.assert_array_equal(fractions.reshape(3, 2), found)


@pytest.mark.parametrize("value_range", [(1, 0), (0, np.inf), (0, 1, 2), ("a", "b"), (3, 3)])
def test_odd_ranges_are_refused(value_range):
    with pytest.raises(InvalidInputError, match="value_range must be two finite numbers"):
        ColorHistogram(value_range=value_range).fit(make_images())


@pytest.mark.parametrize("features", [ColorGrid, ColorHistogram])
def test_grids_must_fit_images(features):
    with pytest.raises(InvalidInputError, match="grid of 5 x 5 cells has more cells"):
        features(grid=5).fit(np.zeros((2, 4, 9, 3)))
    with pytest.raises(InvalidInputError, match="three channels, red, green and blue"):
        features(grid=2).fit(np.zeros((2, 4, 9)))
    with pytest.raises(InvalidInputError, match="grid holds"):
        features(grid=(2, 0)).fit(np.zeros((2, 4, 9, 3)))


def test_pixels_are_laid_in_a_row():
    images = make_images()
    flat = FlatPixels(scale=0.5).transform(images)
    np.testing.assert_array_equal(flat, images.reshape(len(images), -1) / 2)


def test_the_usual_steps_are_put_together():
    images = make_images(shape=(12, 12, 3))
    params = {"orientations": 5, "block_norm": "L1"}
    features = make_hog_pipeline((3, 4), contrast="local", deskew=True, color_grid=2, **params)
    assert list(dict(features.transformer_list)) == ["shapes", "colors"]
    upright = Deskew().transform(ContrastNormalizer("local").transform(images))
    expected = [HOG((3, 4), **params).transform(upright), ColorGrid(2).transform(images)]
    np.testing.assert_array_equal(features.transform(images), np.hstack(expected))
    np.testing.assert_array_equal(make_hog_pipeline(3).transform(images), HOG(3).transform(images))


def test_the_usual_steps_take_flat_rows_too():
    images = make_images(shape=(12, 12, 3))
    of_images, of_rows = (
        make_hog_pipeline(3, contrast="stretch", deskew=True, color_grid=2, image_shape=shape)
        for shape in (None, (12, 12, 3))
    )
    np.testing.assert_array_equal(
        of_rows.transform(images.reshape(len(images), -1)), of_images.transform(images)
    )
