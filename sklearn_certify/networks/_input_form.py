"""Rows as networks take them: vectors, or images with the channels first."""

import numpy as np

from ..exceptions import InvalidInputError

__all__ = ["as_inputs", "is_understood"]

_MOST_CHANNELS = 4


def is_understood(X):
    """Say whether rows are plain numbers, in the shape of vectors or of images.

    Parameters
    ----------
    X : array-like
        Rows.

    Returns
    -------
    bool
    """
    return type(X) is np.ndarray and X.ndim in (2, 3, 4) and X.dtype.kind in "fiub" and X[:1].size


def as_inputs(X, image_shape):
    """Return rows in the form in which a network takes them.

    Parameters
    ----------
    X : ndarray of shape (n_rows, n_features), (n_rows, height, width), \
            (n_rows, height, width, channels) or (n_rows, channels, height, width)
        Rows. With four axes the last one is that of the channels if it is 4 or less.
    image_shape : tuple of int or None
        Shape of the image that each row is, if it is not that of the rows.

    Returns
    -------
    C-contiguous ndarray of shape (n_rows, n_features) or (n_rows, channels, height, width)
        Of uint8, float32 or float64.

    Raises
    ------
    InvalidInputError
        If rows have another shape.
    """
    if image_shape is not None:
        if X[0].size != np.prod(image_shape):
            raise InvalidInputError(
                f"image_shape={tuple(image_shape)} has {np.prod(image_shape)} values, but rows "
                f"have {X[0].size}."
            )
        X = X.reshape(len(X), *image_shape)
    if X.ndim == 3:
        X = X[:, np.newaxis]
    elif X.ndim == 4 and X.shape[3] <= _MOST_CHANNELS:
        X = np.moveaxis(X, 3, 1)
    if X.ndim not in (2, 4):
        raise InvalidInputError(
            f"Rows have shape {X.shape[1:]}, but a network takes vectors, or images of shape "
            "(height, width), (height, width, channels) or (channels, height, width)."
        )
    if X.dtype not in (np.uint8, np.float32, np.float64):
        is_exact = np.can_cast(X.dtype, np.float32)
        X = X.astype(np.float32 if is_exact else np.float64)
    return np.ascontiguousarray(X)
