"""Images as people have them, and what is refused."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from scipy.sparse import csr_array

from sklearn_certify.exceptions import InvalidInputError
from sklearn_certify.image import HOG, Deskew, FlatPixels

from .cases import TRANSFORMERS, make_images

IMAGES = make_images(shape=(6, 8))


@pytest.mark.parametrize(
    "X",
    [
        list(IMAGES),
        tuple(IMAGES),
        IMAGES.tolist(),
        pd.Series(list(IMAGES)),
        [Image.fromarray(image) for image in IMAGES],
        IMAGES.astype(object),
    ],
    ids=["list", "tuple", "nested lists", "column", "Pillow", "objects"],
)
def test_images_in_many_containers(X):
    np.testing.assert_array_equal(HOG(2).fit_transform(X), HOG(2).transform(IMAGES))


def test_an_array_of_images():
    X = np.empty(len(IMAGES), dtype=object)
    X[:] = list(IMAGES)
    np.testing.assert_array_equal(HOG(2).transform(X), HOG(2).transform(IMAGES))


@pytest.mark.parametrize("shape", [(6, 8), [6, 8], np.array([6, 8])])
def test_flat_rows(shape):
    features, rows = HOG(2, image_shape=shape), IMAGES.reshape(len(IMAGES), -1)
    expected = HOG(2).transform(IMAGES)
    for X in (rows, pd.DataFrame(rows), rows.tolist(), IMAGES):
        np.testing.assert_array_equal(features.transform(X), expected)
    upright = Deskew(image_shape=shape).transform(rows)
    np.testing.assert_array_equal(upright, Deskew().transform(IMAGES).reshape(rows.shape))
    np.testing.assert_array_equal(Deskew(image_shape=shape).transform(IMAGES), upright)


def test_flat_rows_with_channels():
    images = make_images()
    rows = images.reshape(len(images), -1)
    np.testing.assert_array_equal(
        HOG(2, image_shape=images.shape[1:]).transform(rows), HOG(2).transform(images)
    )


@pytest.mark.parametrize(
    ("X", "message"),
    [
        (IMAGES.reshape(len(IMAGES), -1), r"of flat rows, tell the shape .* HOG\(image_shape="),
        (np.zeros((2, 3, 4, 3, 2)), "HOG takes images, X of shape"),
        ([np.zeros((28, 28)), np.zeros((30, 28))], r"\(28, 28\) and \(30, 28\); resize them"),
        ([np.zeros((4, 4)), np.zeros((4, 4, 3))], r"\(4, 4\) and \(4, 4, 3\); resize them"),
        (np.full((2, 5, 5), "a"), "strings"),
        (np.full((2, 5, 5), "2020-01-01", dtype="M8[D]"), "takes numbers, but X is of type"),
        (np.zeros((2, 5, 5), dtype=complex), "Complex data not supported"),
        (np.full((2, 5, 5), None), "NaN"),
        (np.zeros((0, 5, 5)), "0 sample"),
        ([], "0 sample"),
        (np.zeros((2, 0, 5)), "no pixels"),
        (np.zeros((2, 5, 0)), "no pixels"),
        (np.zeros((2, 3, 32, 32)), r"channels come last here: np\.moveaxis\(X, 1, -1\)"),
        (np.zeros(5), "1D array"),
        (csr_array(np.eye(5)), "Sparse data was passed"),
    ],
)
def test_what_is_no_image_is_refused(X, message):
    for use in (HOG(2).fit, HOG(2).transform):
        with pytest.raises((ValueError, TypeError), match=message):
            use(X)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("transformer", TRANSFORMERS, ids=lambda t: type(t).__name__)
def test_missing_and_infinite_values_are_refused(transformer, value):
    images = make_images().astype(float)
    images[3, 2, 1, 0] = value
    for use in (transformer.fit, transformer.transform):
        with pytest.raises(ValueError, match="NaN|infinity"):
            use(images)


@pytest.mark.parametrize("transformer", TRANSFORMERS, ids=lambda t: type(t).__name__)
def test_no_finite_value_makes_an_infinite_one(transformer):
    images = make_images().astype(float)
    for scale in (1e-300, 1e-150, 1e150, 1e305):
        try:
            found = transformer.transform(images * scale)
        except InvalidInputError as error:
            assert "too large for pixels" in str(error)
            assert scale > 1
        else:
            assert np.isfinite(found).all()


@pytest.mark.parametrize(
    "shape", [5, (5,), (5, 0), (2.0, 4), ("2", 4), (1, 2, 3, 4), (-1, 8), ((2, 2), 4), (3, 32, 32)]
)
def test_odd_image_shapes_are_refused(shape):
    for use in (HOG(image_shape=shape).fit, HOG(image_shape=shape).transform):
        with pytest.raises((InvalidInputError, ValueError), match="image_shape|channels come last"):
            use(np.zeros((2, 8)))


def test_rows_of_another_length_are_refused():
    with pytest.raises(InvalidInputError, match=r"no images of image_shape=\(6, 8\)"):
        HOG(2, image_shape=(6, 8)).transform(np.zeros((2, 49)))


def test_images_of_another_shape_than_in_fit_are_refused():
    features = FlatPixels().fit(np.zeros((2, 6, 8)))
    with pytest.raises(InvalidInputError, match=r"\(6, 9\), but FlatPixels was fitted on .*6, 8"):
        features.transform(np.zeros((2, 6, 9)))
    assert features.transform(np.zeros((2, 6, 8))).shape == (2, 48)


def test_tensors_are_arrays():
    """What offers itself as an array, as torch's tensors on a CPU do."""
    tensor = SimpleNamespace(__array__=None)

    class Tensor:
        def __init__(self, values):
            self.values, self.shape, self.dtype = values, values.shape, tensor

        def __array__(self, dtype=None, copy=None):
            return self.values

        def __len__(self):
            return len(self.values)

    np.testing.assert_array_equal(HOG(2).transform(Tensor(IMAGES)), HOG(2).transform(IMAGES))
