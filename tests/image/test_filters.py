"""Images of images: gray, deskewed, with the same contrast."""

import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.ndimage import affine_transform
from skimage.color import rgb2gray
from skimage.exposure import equalize_adapthist, equalize_hist

from sklearn_certify.exceptions import InvalidInputError, MissingExtraError
from sklearn_certify.image import (
    ContrastNormalizer,
    Deskew,
    GrayImages,
    HistogramEqualizer,
    ResizedCrop,
)

from .cases import make_images

sides = st.integers(1, 12)


def deskewed(image, *, center=True, spread=None):
    """Return an image deskewed by scipy, and where it takes its pixels from, or None."""
    places = np.indices(image.shape)
    mass = image.sum()
    if not mass:
        return None
    mean = (places * image).sum(axis=(1, 2)) / mass
    row, column = places - mean[:, None, None]
    if not (row**2 * image).sum():
        return None
    shear = np.eye(2)
    shear[1, 0] = (row * column * image).sum() / (row**2 * image).sum()
    if spread is not None:
        across = column - shear[1, 0] * row
        variances = np.array([(row**2 * image).sum(), (across**2 * image).sum()]) / mass
        shear = shear @ np.diag(np.sqrt(variances + 1 / 12) / spread)
    target = (np.array(image.shape) - 1) / 2 if center else mean
    offset = mean - shear @ target
    sources = np.tensordot(shear, places, axes=1) + offset[:, None, None]
    return affine_transform(image, shear, offset, order=1), sources


@settings(max_examples=150, deadline=None)
@given(
    image=st.tuples(sides, sides).flatmap(
        lambda shape: arrays(np.float64, shape, elements=st.integers(0, 9).map(float))
    ),
    center=st.booleans(),
    spread=st.sampled_from([None, 2.5, (3, 1.5)]),
)
def test_strokes_are_set_upright_as_by_scipy(image, center, spread):
    found = Deskew(center=center, spread=spread, dtype=np.float64).transform([image])[0]
    expected = deskewed(image, center=center, spread=spread)
    if expected is None:
        np.testing.assert_array_equal(found, image)
        return
    expected, sources = expected
    # rounding decides whether what comes from the very edge is inside
    ends = np.array(image.shape)[:, None, None] - 1
    inside = (np.minimum(abs(sources), abs(sources - ends)) > 1e-6).all(axis=0)
    np.testing.assert_allclose(found[inside], expected[inside], rtol=0, atol=1e-6)


def test_strokes_of_any_size_get_the_same():
    rows, columns = np.indices((30, 40)) - np.array([14.5, 19.5])[:, None, None]
    ellipses = [
        (rows / height) ** 2 + (columns / width) ** 2 < 1
        for height, width in ((4, 3), (6, 6), (13, 7), (5, 18))
    ]
    for ellipse in Deskew(spread=(3, 5)).transform(ellipses):
        deviations = [
            np.sqrt((place**2 * ellipse).sum() / ellipse.sum()) for place in (rows, columns)
        ]
        np.testing.assert_allclose(deviations, (3, 5), rtol=0.03)


@pytest.mark.parametrize("spread", [0, -1.0, (2, 0), (1, 2, 3), "wide", [None, 1], (np.nan, 2)])
def test_a_spread_is_one_or_two_positive_numbers(spread):
    with pytest.raises(ValueError, match="spread"):
        Deskew(spread=spread).transform(make_images(2))


def test_channels_are_sheared_together():
    images = make_images(3, shape=(9, 8)).astype(float)
    colored = np.stack([images, images / 2, 0 * images], axis=-1)
    upright = Deskew(dtype=np.float64).transform(colored)
    expected = Deskew(dtype=np.float64).transform(images)
    expected = np.stack([expected, expected / 2, 0 * expected], axis=-1)
    np.testing.assert_allclose(upright, expected, atol=1e-9)


def test_ink_may_be_dark():
    images = make_images(4, shape=(9, 8))
    np.testing.assert_allclose(
        Deskew(255).transform(255 - images), 255 - Deskew().transform(images), atol=1e-4
    )


def test_images_without_a_slant_stay_as_they_are():
    flat = np.stack([np.full((5, 7), value) for value in (0, 0.1, 1 / 3, 255)])
    for center in (True, False):
        np.testing.assert_allclose(Deskew(center=center).transform(flat), flat, rtol=1e-6)
    for images in (np.full((2, 1, 1), 7), np.arange(5).reshape(1, 1, 5), -np.eye(3)[None] * 0):
        np.testing.assert_array_equal(Deskew().transform(images), images)


def test_gray_is_that_of_scikit_image():
    images = make_images()
    np.testing.assert_allclose(
        GrayImages().transform(images), rgb2gray(images / 255) * 255, atol=1e-4
    )
    np.testing.assert_array_equal(GrayImages().transform(images[..., 0]), images[..., 0])
    np.testing.assert_array_equal(GrayImages().transform(images[..., :1]), images[..., 0])
    np.testing.assert_array_equal(GrayImages([0, 1, 0]).transform(images), images[..., 1])


@pytest.mark.parametrize("weights", [None, [1, 2, 3], [1, 2, np.nan, 0]])
def test_gray_needs_a_weight_for_each_channel(weights):
    with pytest.raises(InvalidInputError, match="weights"):
        GrayImages(weights).fit(np.zeros((2, 5, 5, 4)))


@pytest.mark.parametrize("per_channel", [False, True])
def test_images_get_mean_0_and_variance_1(per_channel):
    found = ContrastNormalizer(per_channel=per_channel).transform(make_images())
    axes = (1, 2) if per_channel else (1, 2, 3)
    np.testing.assert_allclose(found.mean(axis=axes), 0, atol=1e-5)
    np.testing.assert_allclose(found.std(axis=axes), 1, atol=1e-5)


@pytest.mark.parametrize("percentiles", [(2, 98), (0, 100), (25, 60.5)])
def test_percentiles_become_0_and_1(percentiles):
    images = make_images(shape=(9, 8))
    low, high = np.percentile(images, percentiles, axis=(1, 2), keepdims=True)
    found = ContrastNormalizer("stretch", percentiles=percentiles).transform(images)
    np.testing.assert_allclose(found, np.clip((images - low) / (high - low), 0, 1), atol=1e-6)


@pytest.mark.parametrize("percentiles", [(98, 2), (50, 50), (-1, 50), (1, 2, 3), (0, 101)])
def test_odd_percentiles_are_refused(percentiles):
    with pytest.raises(InvalidInputError, match="percentiles must be two numbers"):
        ContrastNormalizer("stretch", percentiles=percentiles).transform(make_images())


def test_shadows_vanish_locally():
    """The two halves of a picture look alike though one lies in the dark."""
    stripes = np.indices((32, 64))[0] % 4 < 2
    light = np.where(np.arange(64) < 32, 40, 200)
    found = ContrastNormalizer("local", sigma=2).transform([stripes * light])[0]
    np.testing.assert_allclose(found[8:-8, 8:20], found[8:-8, -20:-8], rtol=0.2)
    darker = ContrastNormalizer().transform([stripes * light])[0]
    assert np.ptp(darker[:, :20]) < 0.3 * np.ptp(darker[:, -20:])


@pytest.mark.parametrize("method", ["standardize", "stretch", "local"])
def test_the_scale_of_values_does_not_matter(method):
    images, normalizer = make_images(), ContrastNormalizer(method)
    np.testing.assert_allclose(
        normalizer.transform(images), normalizer.transform(images / 255), atol=1e-5
    )


@pytest.mark.parametrize(
    "normalizer",
    [
        *(
            ContrastNormalizer(method, per_channel=per_channel)
            for method in ("standardize", "stretch", "local")
            for per_channel in (False, True)
        ),
        HistogramEqualizer(),
        HistogramEqualizer(adaptive=False),
    ],
)
def test_images_of_one_value_become_0(normalizer):
    for shape in ((4, 5), (4, 5, 3), (1, 1)):
        flat = np.stack([np.full(shape, value) for value in (0, 0.1, 1 / 3, 255, -1e-9)])
        assert not normalizer.transform(flat).any()


def test_histograms_are_equalised_by_scikit_image():
    images = make_images(3)
    scaled = (images - images.min((1, 2), keepdims=True)) / np.ptp(images, (1, 2), keepdims=True)
    whole = HistogramEqualizer(adaptive=False, n_bins=32).transform(images)
    parts = HistogramEqualizer(clip_limit=0.1, tile_size=4).transform(images)
    for i in range(3):
        for channel in range(3):
            values = scaled[i, ..., channel]
            np.testing.assert_allclose(whole[i, ..., channel], equalize_hist(values, 32), 1e-5)
            np.testing.assert_allclose(
                parts[i, ..., channel], equalize_adapthist(values, 4, 0.1), atol=1e-5
            )


@settings(max_examples=100, deadline=None)
@given(
    shape=st.tuples(sides, sides),
    size=st.tuples(sides, sides),
    kept=st.floats(0.1, 1),
    sigma=st.sampled_from([0.5, 1, 3]),
)
def test_new_pixels_are_gaussian_means(shape, size, kept, sigma):
    image = np.random.RandomState(0).uniform(size=shape)
    crop = kept * min(shape)
    found = ResizedCrop(size, crop=crop, sigma=sigma, dtype=np.float64).transform([image])[0]
    weights = []
    for n_pixels, n_new in zip(shape, size, strict=True):
        centers = n_pixels / 2 + crop * ((np.arange(n_new) + 0.5) / n_new - 0.5)
        away = np.arange(n_pixels) + 0.5 - centers[:, np.newaxis]
        gaussian = np.exp(-((away / sigma) ** 2) / 2)
        weights.append(gaussian / gaussian.sum(axis=1, keepdims=True))
    # pixels beyond four standard deviations are left out
    np.testing.assert_allclose(found, weights[0] @ image @ weights[1].T, rtol=0, atol=1e-3)


def test_narrow_gaussians_take_the_nearest_pixels():
    images = make_images(3, shape=(6, 8, 2))
    for sigma in (1e-300, 0.05):
        same = ResizedCrop((6, 8), sigma=sigma).transform(images)
        np.testing.assert_allclose(same, images, atol=1e-3)
        larger = ResizedCrop((12, 24), sigma=sigma).transform(images)
        expected = images.repeat(2, axis=1).repeat(3, axis=2)
        np.testing.assert_allclose(larger, expected, atol=1e-3)
    middle = ResizedCrop(4, crop=4, sigma=0.05).transform(images)
    np.testing.assert_allclose(middle, images[:, 1:5, 2:6], atol=1e-3)


def test_crops_larger_than_images_are_refused():
    with pytest.raises(InvalidInputError, match="crop=7 pixels are more than images of 9 x 6"):
        ResizedCrop(crop=7).fit(np.zeros((2, 9, 6)))


def test_a_missing_scikit_image_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "skimage.exposure", None)
    with pytest.raises(MissingExtraError, match=r'pip install "sklearn-certify\[image\]"'):
        HistogramEqualizer().transform(make_images())
