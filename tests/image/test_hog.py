"""Histograms of oriented gradients, beside scikit-image's."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from skimage.feature import hog

from sklearn_certify._compat import InvalidParameterError
from sklearn_certify.exceptions import InvalidInputError
from sklearn_certify.image import HOG

from .cases import make_images

sides = st.integers(1, 17)
pairs = st.tuples(st.integers(1, 5), st.integers(1, 5))


def of_scikit_image(images, cell, **params):
    return np.array([hog(image, pixels_per_cell=cell, **params) for image in images])


@settings(max_examples=150, deadline=None)
@given(
    data=st.data(),
    shape=st.tuples(st.integers(1, 3), sides, sides),
    n_channels=st.sampled_from([None, 1, 2, 3, 4]),
    cell=pairs,
    block=pairs,
    orientations=st.integers(1, 13),
    norm=st.sampled_from(["L1", "L1-sqrt", "L2", "L2-Hys"]),
    root=st.booleans(),
)
def test_values_are_those_of_scikit_image(
    data, shape, n_channels, cell, block, orientations, norm, root
):
    assume(all(s >= c * b for s, c, b in zip(shape[1:], cell, block, strict=True)))
    # diagonals are on an edge of a bin then, and roots go astray of it by rounding
    assume(not root or orientations % 4)
    shape = shape if n_channels is None else (*shape, n_channels)
    highest = data.draw(st.sampled_from([1, 3, 255]))
    images = data.draw(arrays(np.int64, shape, elements=st.integers(0, highest)))
    found = HOG(
        [cell],
        orientations=orientations,
        cells_per_block=block,
        block_norm=norm,
        transform_sqrt=root,
        dtype=np.float64,
    ).transform(images)
    expected = of_scikit_image(
        images.astype(float),
        cell,
        orientations=orientations,
        cells_per_block=block,
        block_norm=norm,
        transform_sqrt=root,
        channel_axis=None if n_channels is None else -1,
    )
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-6)


def test_fractions_have_the_values_of_scikit_image_too():
    images = np.random.RandomState(0).uniform(-1, 1, (20, 16, 15))
    for params in ({}, {"orientations": 7, "block_norm": "L1"}):
        expected = of_scikit_image(images, (4, 5), cells_per_block=(2, 2), **params)
        found = HOG([(4, 5)], **params).transform(images)
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-6)


def test_a_gradient_a_hair_off_the_horizontal_counts_as_in_scikit_image():
    image = np.zeros((3, 3))
    image[1] = [0, 1, 1]
    for nearly in (1e-17, -1e-17):
        image[0, 1], image[2, 1] = 0, nearly
        for mirrored in (image, image[:, ::-1].copy()):
            expected = of_scikit_image([mirrored], (1, 1), cells_per_block=(1, 1))
            found = HOG(1, cells_per_block=1).transform([mirrored])
            np.testing.assert_allclose(found, expected, rtol=0, atol=1e-6)


def test_several_sizes_stand_side_by_side():
    images = make_images()
    parts = [HOG([size]).transform(images) for size in (2, (5, 4), 3)]
    both = HOG((2, (5, 4), 3)).transform(images)
    np.testing.assert_array_equal(both, np.hstack(parts))
    np.testing.assert_array_equal(HOG(3).transform(images), HOG([(3, 3)]).transform(images))


def test_the_steepest_channel_counts():
    images = make_images(shape=(9, 9))
    faint = images // 3
    both = np.stack([faint, images, faint], axis=-1)
    np.testing.assert_array_equal(HOG(3).transform(both), HOG(3).transform(images))


def test_whole_numbers_and_fractions_have_the_same_features():
    images = make_images(shape=(12, 12))
    for params in ({}, {"transform_sqrt": True}, {"signed": True, "interpolate": True}):
        features = HOG(4, **params)
        np.testing.assert_allclose(
            features.transform(images), features.transform(images / 255), rtol=0, atol=1e-3
        )


def test_epsilon_leaves_faint_blocks_faint():
    faint = make_images(shape=(8, 8)) / 255 * 1e-3
    usual, damped = HOG(4).transform(faint), HOG(4, epsilon=0.1).transform(faint)
    assert np.linalg.norm(usual, axis=1).min() > 0.9
    assert np.linalg.norm(damped, axis=1).max() < 0.1


def ramp(angle, size=9):
    rows, columns = np.indices((size, size))
    return np.sin(np.deg2rad(angle)) * rows + np.cos(np.deg2rad(angle)) * columns


@pytest.mark.parametrize(("signed", "full_turn"), [(False, 180), (True, 360)])
def test_directions_fall_into_their_bins(signed, full_turn):
    for angle in range(5, 360, 10):
        features = HOG(1, orientations=9, cells_per_block=1, signed=signed)
        histogram = features.transform([ramp(angle)]).reshape(9, 9, 9)[4, 4]
        assert histogram.argmax() == angle % full_turn // (full_turn // 9)
        assert np.count_nonzero(histogram) == 1


@pytest.mark.parametrize(("signed", "full_turn"), [(False, 180), (True, 360)])
def test_votes_are_shared_among_the_nearest_directions(signed, full_turn):
    features = HOG(
        3, orientations=6, cells_per_block=1, block_norm="L1", signed=signed, interpolate=True
    )
    for angle in (0, 1, 17, 45, 95, 179, 200, 355):
        # gradients at the border lean: look at a cell that is far from it
        histogram = features.transform([ramp(angle, 15)]).reshape(5, 5, 6)[2, 2]
        place = angle % full_turn / (full_turn / 6) - 0.5
        expected = np.zeros(6)
        expected[int(np.floor(place)) % 6] += 1 - place % 1
        expected[int(np.floor(place) + 1) % 6] += place % 1
        np.testing.assert_allclose(histogram, expected, atol=1e-4)


def test_votes_are_shared_among_the_nearest_cells():
    image, cell, scale = np.zeros((12, 12)), 4, 1e6
    image[4, 6] = image[9, 2] = 1
    down, across = np.zeros_like(image), np.zeros_like(image)
    down[1:-1], across[:, 1:-1] = image[2:] - image[:-2], image[:, 2:] - image[:, :-2]
    expected = np.zeros((3, 3))
    for (row, column), steepness in np.ndenumerate(np.hypot(down, across)):
        for (i, j), _ in np.ndenumerate(expected):
            away = abs((row + 0.5) / cell - i - 0.5), abs((column + 0.5) / cell - j - 0.5)
            expected[i, j] += steepness * max(1 - away[0], 0) * max(1 - away[1], 0)
    # an epsilon that drowns the block leaves its values in proportion
    features = HOG(
        cell, orientations=1, cells_per_block=3, block_norm="L1", interpolate=True, epsilon=scale
    )
    histogram = features.transform([image]).reshape(3, 3) * scale * cell**2
    np.testing.assert_allclose(histogram, expected, atol=1e-4)


@pytest.mark.parametrize("norm", ["L1", "L1-sqrt", "L2", "L2-Hys"])
def test_cells_are_normalised_by_their_surroundings(norm):
    """Away from the edge, a cell is the middle of its block, before "L2-Hys" normalises again."""
    images = make_images(shape=(17, 14))
    params = {"orientations": 5, "cells_per_block": (3, 1), "interpolate": True}
    blocks = HOG(3, block_norm="L2" if norm == "L2-Hys" else norm, **params).transform(images)
    expected = blocks.reshape(-1, 3, 4, 3, 5)[:, :, :, 1]
    expected = np.minimum(expected, 0.2) if norm == "L2-Hys" else expected
    found = HOG(3, block_norm=norm, center_surround=True, **params).transform(images)
    found = found.reshape(-1, 5, 4, 5)
    np.testing.assert_allclose(found[:, 1:4], expected, atol=1e-6)


def test_surroundings_beyond_the_edge_are_like_the_rest():
    cells = np.random.RandomState(0).uniform(size=(6, 6)).repeat(2, axis=0).repeat(2, axis=1)
    alone = HOG(2, cells_per_block=1, orientations=1, epsilon=1e6, block_norm="L1")
    steepness = alone.transform([cells]).reshape(6, 6) * 1e6
    around = HOG(2, cells_per_block=5, orientations=1, block_norm="L1", center_surround=True)
    found = around.transform([cells]).reshape(6, 6)
    for row, column in np.ndindex(6, 6):
        near = steepness[max(row - 2, 0) : row + 3, max(column - 2, 0) : column + 3]
        expected = steepness[row, column] / (25 * near.mean())
        np.testing.assert_allclose(found[row, column], expected, rtol=1e-3)


@pytest.mark.parametrize("block", [2, (3, 4)])
def test_a_cell_is_in_the_middle_of_its_surroundings(block):
    with pytest.raises(InvalidInputError, match="odd number of cells_per_block"):
        HOG(2, cells_per_block=block, center_surround=True).fit(np.zeros((2, 20, 20)))


def test_flat_images_have_no_gradients():
    flat = np.stack([np.zeros((8, 8)), np.full((8, 8), 0.1), np.full((8, 8), 255)])
    for norm in ("L1", "L1-sqrt", "L2", "L2-Hys"):
        assert not HOG(4, block_norm=norm).transform(flat).any()
    assert not HOG(1, cells_per_block=1).transform([[[3]]]).any()


@pytest.mark.parametrize("params", [{"cell_sizes": 5}, {"cell_sizes": (2, 5)}])
def test_images_smaller_than_a_block_are_refused(params):
    with pytest.raises(
        InvalidInputError, match="needs images of at least 10 x 10 pixels, but .* 9"
    ):
        HOG(**params).fit(np.zeros((2, 9, 20)))


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"cell_sizes": ()}, "holds no size"),
        ({"cell_sizes": [2.5]}, r"cell_sizes holds 2\.5"),
        ({"cell_sizes": [(2, 3, 4)]}, "cell_sizes holds"),
        ({"cells_per_block": (0, 2)}, "cells_per_block holds"),
    ],
)
def test_odd_sizes_are_refused(params, message):
    for use in (HOG(**params).fit, HOG(**params).transform):
        with pytest.raises(InvalidInputError, match=message):
            use(np.zeros((2, 20, 20)))


@pytest.mark.parametrize("params", [{"block_norm": "L3"}, {"orientations": 0}, {"epsilon": 0.0}])
def test_parameters_are_checked_without_a_fit_too(params):
    for use in (HOG(**params).fit, HOG(**params).transform):
        with pytest.raises(InvalidParameterError):
            use(np.zeros((2, 20, 20)))


def test_roots_of_negative_values_are_refused():
    with pytest.raises(InvalidInputError, match="negative"):
        HOG(2, transform_sqrt=True).transform([[[1, -1, 1, 1]] * 4])
