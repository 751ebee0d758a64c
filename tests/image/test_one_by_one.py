"""Each image goes alone: nothing around it matters, to the last bit."""

import numpy as np
import pytest
from sklearn.base import clone

from sklearn_certify.image import HOG

from .cases import TRANSFORMERS, make_images

every_transformer = pytest.mark.parametrize(
    "transformer", TRANSFORMERS, ids=lambda transformer: repr(transformer).replace("\n", "")
)


@pytest.fixture(scope="module")
def images():
    """Images with much and with little contrast, of several scales and with nothing in them."""
    images = make_images(40).astype(float)
    images[10:20] = images[10:20] ** 0.5
    images[20] = 0
    images[21] = 1 / 3
    images[22:25] /= 1e4
    return images


@every_transformer
def test_batches_do_not_matter(transformer, images):
    together = transformer.transform(images)
    for row in range(len(images)):
        np.testing.assert_array_equal(
            transformer.transform(images[row : row + 1])[0], together[row]
        )
    for rows in (slice(7), slice(30, 2, -3), [5, 5, 20, 11]):
        np.testing.assert_array_equal(transformer.transform(images[rows]), together[rows])


@every_transformer
def test_threads_do_not_matter(transformer, images, monkeypatch):
    monkeypatch.setattr("sklearn_certify.image._base._VALUES_PER_BLOCK", 800)  # two images
    alone = transformer.transform(images)
    for n_jobs in (2, 3, -1):
        threaded = clone(transformer).set_params(n_jobs=n_jobs)
        np.testing.assert_array_equal(threaded.transform(images), alone)


@every_transformer
def test_blocks_do_not_matter(transformer, images, monkeypatch):
    together = transformer.transform(images)
    monkeypatch.setattr("sklearn_certify.image._base._VALUES_PER_BLOCK", 5000)
    np.testing.assert_array_equal(transformer.transform(images), together)


@every_transformer
def test_memory_does_not_matter(transformer, images):
    expected = transformer.transform(images)
    wide = np.zeros((40, 20, 12, 6))
    wide[:, ::2, :, 1:4] = images
    for other in (
        np.asfortranarray(images),
        wide[:, ::2, :, 1:4],
        np.moveaxis(np.ascontiguousarray(np.moveaxis(images, 3, 1)), 1, 3),
        images[::-1].copy()[::-1],
        images.astype(">f8"),
        list(images),
        [image.tolist() for image in images],
    ):
        np.testing.assert_array_equal(transformer.transform(other), expected)
    read_only = images.copy()
    read_only.flags.writeable = False
    np.testing.assert_array_equal(transformer.transform(read_only), expected)


@every_transformer
def test_types_of_numbers_do_not_matter(transformer):
    images = make_images()
    expected = transformer.transform(images)
    for dtype in (np.int16, np.uint64, np.float16, np.float32, np.float64, np.longdouble, object):
        np.testing.assert_array_equal(transformer.transform(images.astype(dtype)), expected)
    fraction = images[0] + 0.5  # turns whole numbers in a list into fractions
    beside = transformer.transform([*images, fraction])
    np.testing.assert_array_equal(beside[:-1], expected)


@every_transformer
def test_what_comes_in_stays_as_it_is(transformer):
    images = make_images().astype(np.float64)
    before = images.copy()
    transformer.transform(images)
    np.testing.assert_array_equal(images, before)


@every_transformer
def test_the_type_asked_for_comes_out(transformer):
    images = make_images()
    single = transformer.transform(images)
    double = clone(transformer).set_params(dtype="float64").transform(images)
    assert (single.dtype, double.dtype) == (np.float32, np.float64)
    np.testing.assert_array_equal(double.astype(np.float32), single)


def test_many_blocks_and_threads_cover_all_images(monkeypatch):
    monkeypatch.setattr("sklearn_certify.image._base._VALUES_PER_BLOCK", 200)
    images = make_images(31, shape=(6, 6))
    for n_jobs in (1, 2, 7):
        features = HOG(3, n_jobs=n_jobs).transform(images)
        alone = np.vstack([HOG(3).transform([image]) for image in images])
        np.testing.assert_array_equal(features, alone)
