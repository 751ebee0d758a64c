"""What all augmentations share."""

from abc import abstractmethod
from typing import ClassVar

import numpy as np
from sklearn.base import BaseEstimator

from .._compat import check_parameters
from ..exceptions import InvalidInputError

__all__ = ["Augmentation", "ImageAugmentation", "check_rows_of_numbers"]


def check_rows_of_numbers(X):
    """Return rows as augmentations get them: C-ordered arrays of float32 or float64.

    Whole numbers of 8 and 16 bits become float32, which holds them exactly, all others float64.

    Parameters
    ----------
    X : ndarray of shape (n_rows, ...)
        Rows of numbers.

    Returns
    -------
    ndarray of shape (n_rows, ...)
    """
    dtype = np.float32 if np.can_cast(X.dtype, np.float32) else np.float64
    return np.ascontiguousarray(X, dtype=dtype)


class Augmentation(BaseEstimator):
    """Base class of augmentations: what makes an altered copy of a row.

    A copy is a function of its row and of a seed, so that it stays the same when other rows come
    or go. A subclass writes `_augment`.
    """

    _parameter_constraints: ClassVar[dict] = {}

    def fit(self, X):
        """Learn from the rows what the copies depend on: nothing.

        Parameters
        ----------
        X : ndarray of shape (n_rows, ...)
            Rows.

        Returns
        -------
        self : object
        """
        return self

    def augment(self, X, seeds):
        """Return an altered copy of each row.

        Parameters
        ----------
        X : ndarray of shape (n_rows, ...)
            Rows of numbers.
        seeds : ndarray of uint64, of shape (n_rows,)
            The seed of each copy. Row i of what is returned follows from row i of X and from seed
            i alone, to the last bit.

        Returns
        -------
        ndarray of float32 or float64, of the shape of X

        Raises
        ------
        InvalidInputError
            If the rows are not of the kind that can be altered so.
        """
        check_parameters(self)
        return self._augment(check_rows_of_numbers(X), seeds)

    @abstractmethod
    def _augment(self, X, seeds):
        """Return altered copies of C-ordered rows of floats; X is not written to."""

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.requires_fit = False
        return tags


class ImageAugmentation(Augmentation):
    """Base class of augmentations of images.

    A subclass has a parameter `image_shape` and writes `_augment_images`.
    """

    _parameter_constraints: ClassVar[dict] = {"image_shape": [tuple, list, None]}

    def _augment(self, X, seeds):
        images = X.reshape(len(X), *self._shape_of_images(X))
        return self._augment_images(images, seeds).reshape(X.shape)

    @abstractmethod
    def _augment_images(self, images, seeds):
        """Return altered copies of images of shape (n_rows, height, width, n_channels)."""

    def _shape_of_images(self, X):
        shape = X.shape[1:] if self.image_shape is None else tuple(self.image_shape)
        name = type(self).__name__
        if len(shape) not in (2, 3):
            raise InvalidInputError(
                f"{name} alters images, but the rows have shape {shape}; pass image_shape="
                "(height, width), or (height, width, n_channels)."
            )
        if X.shape[1:] not in (shape, (np.prod(shape),)):
            raise InvalidInputError(
                f"{name} has image_shape={shape}, but the rows have shape {X.shape[1:]}."
            )
        return shape if len(shape) == 3 else (*shape, 1)
