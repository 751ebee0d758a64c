"""Read images from whatever holds them."""

import math
from numbers import Integral

import numpy as np
from sklearn.utils.validation import validate_data

from ..exceptions import InvalidInputError

__all__ = ["check_image_shape", "read_images"]

_FEWEST_AXES, _MOST_AXES = 2, 3  # of an image


def read_images(estimator, X, image_shape, *, reset):
    """Return images as an array of finite numbers, whatever they came in.

    What a number becomes is a matter of the number alone, and not of the type that the others
    have led to: nothing is scaled.

    Parameters
    ----------
    estimator : estimator
        What was given X. scikit-learn's ``n_features_in_`` and ``feature_names_in_`` are set on
        it, or compared.
    X : array-like of shape (n_samples, height, width[, n_channels]) or (n_samples, n_pixels)
        Images, or flat rows.
    image_shape : tuple of int or None
        Shape of an image; None: X holds images, not rows.
    reset : bool
        Whether this is a fit.

    Returns
    -------
    ndarray of shape (n_samples, height, width[, n_channels])

    Raises
    ------
    ValueError
        If X holds something else, or images of several shapes.
    """
    name = type(estimator).__name__
    X = validate_data(estimator, _of_one_shape(X), reset=reset, dtype="numeric", allow_nd=True)
    if X.dtype.kind not in "biuf":
        raise InvalidInputError(f"{name} takes numbers, but X is of type {X.dtype}.")
    shape = X.shape[1:]
    if image_shape is None:
        if not _FEWEST_AXES <= len(shape) <= _MOST_AXES:
            raise InvalidInputError(
                f"{name} takes images, X of shape (n_samples, height, width) or (n_samples, "
                f"height, width, n_channels), but X has the shape {X.shape}; of flat rows, tell "
                f"the shape of an image, such as {name}(image_shape=(28, 28))."
            )
        if min(shape) == 0:
            raise InvalidInputError(f"The images of X have no pixels: their shape is {shape}.")
        _refuse_channels_first(shape)
        return X
    if shape not in (image_shape, (math.prod(image_shape),)):
        raise InvalidInputError(
            f"X has rows of shape {shape}, which are no images of image_shape={image_shape}, flat "
            "or not."
        )
    return X.reshape(len(X), *image_shape)


def check_image_shape(image_shape):
    """Return a parameter `image_shape` as a tuple, or raise if it is none of an image.

    Parameters
    ----------
    image_shape : array-like of int
        (height, width) or (height, width, n_channels).

    Returns
    -------
    tuple of int

    Raises
    ------
    InvalidInputError
        If it is something else.
    """
    shape = tuple(image_shape)
    if not _FEWEST_AXES <= len(shape) <= _MOST_AXES or not all(
        isinstance(length, Integral) and length >= 1 for length in shape
    ):
        raise InvalidInputError(
            "image_shape must be (height, width) or (height, width, n_channels), whole numbers "
            f"from 1 up, got {image_shape!r}."
        )
    shape = tuple(map(int, shape))
    _refuse_channels_first(shape)
    return shape


def _of_one_shape(X):
    """Return images of a list, or of an array of objects, as one array."""
    is_array_of_objects = getattr(getattr(X, "dtype", None), "kind", None) == "O" and X.ndim == 1
    if not (isinstance(X, (list, tuple)) or is_array_of_objects):
        return X
    images = [np.asarray(image) for image in X]
    shapes = list(dict.fromkeys(image.shape for image in images))
    if len(shapes) > 1:
        raise InvalidInputError(
            f"X holds images of differing shapes, such as {shapes[0]} and {shapes[1]}; resize "
            "them to one shape first, for example with skimage.transform.resize."
        )
    return np.stack(images) if images else np.empty((0, 1))


def _refuse_channels_first(shape):
    if len(shape) == _MOST_AXES and shape[2] > 4 and shape[0] in (1, 3, 4):
        raise InvalidInputError(
            f"Images of shape {shape} look as if channels came first; channels come last here: "
            "np.moveaxis(X, 1, -1)."
        )
