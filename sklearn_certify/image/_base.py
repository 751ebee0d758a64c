"""What all transformers of images have in common."""

from abc import ABC, abstractmethod
from itertools import pairwise
from typing import ClassVar

import numpy as np
from joblib import Parallel, delayed, effective_n_jobs
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils.metaestimators import available_if

from .._compat import Integral, Options, StrOptions, _fit_context, check_parameters
from ..exceptions import InvalidInputError
from ._reading import check_image_shape, read_images

__all__ = ["ImageFilter", "ImageTransformer"]

_VALUES_PER_BLOCK = 1 << 16  # numbers of images that are worked on at once: they fit in a cache
_TASKS_PER_JOB = 4  # several, so that a slow one does not leave the other threads idle


class ImageTransformer(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator, ABC):
    """Base of the transformers that make something of each image, by itself.

    A subclass says what shape an image has afterwards (`_shape_of_output`) and makes it of a few
    images at a time (`_transform_images`), with kernels that go image by image: what becomes of
    an image is a function of its numbers, whatever else there is in a batch, however many threads
    there are, and however the numbers lie in memory.
    """

    _parameter_constraints: ClassVar[dict] = {
        "image_shape": ["array-like", None],
        "dtype": [Options(type, {np.float32, np.float64}), StrOptions({"float32", "float64"})],
        "n_jobs": [Integral, None],
    }

    @abstractmethod
    def _shape_of_output(self, image_shape):
        """Return what shape an image has afterwards, or raise if it cannot be taken."""

    @abstractmethod
    def _transform_images(self, images):
        """Return what becomes of images.

        Parameters
        ----------
        images : ndarray of float64, of shape (n_images, height, width, n_channels), C-ordered
            A few images; may be overwritten.

        Returns
        -------
        ndarray of float64, of shape (n_images, ...)
            As many numbers per image as `_shape_of_output` tells.
        """

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y=None):
        """Check the parameters and the shape of images; there is nothing to learn.

        Parameters
        ----------
        X : array-like of shape (n_samples, height, width[, n_channels]) or (n_samples, n_pixels)
            Images; flat rows if there is an `image_shape`.
        y : None
            Ignored.

        Returns
        -------
        self
        """
        shape = self._read_images(X, reset=True).shape[1:]
        self._shape_of_output(shape)
        self.image_shape_ = shape
        return self

    def transform(self, X):
        """Transform each image by itself.

        Parameters
        ----------
        X : array-like of shape (n_samples, height, width[, n_channels]) or (n_samples, n_pixels)
            Images; flat rows if there is an `image_shape`.

        Returns
        -------
        ndarray of shape (n_samples, n_features) or (n_samples, height, width[, n_channels])
            What became of them, of type `dtype`: features, or images; flat rows if there is an
            `image_shape`.

        Raises
        ------
        InvalidInputError
            If X holds no images, or images of another shape than in ``fit``, if there was one.
        """
        check_parameters(self)
        images = self._read_images(X, reset=False)
        shape = images.shape[1:]
        fitted_shape = getattr(self, "image_shape_", shape)
        if shape != fitted_shape:
            raise InvalidInputError(
                f"X has images of shape {shape}, but {type(self).__name__} was fitted on images "
                f"of shape {fitted_shape}."
            )
        output = np.empty((len(images), *self._shape_of_output(shape)), dtype=self.dtype)
        n_at_once = max(_VALUES_PER_BLOCK // int(np.prod(shape)), 1)
        n_blocks = -(-len(images) // n_at_once)
        n_jobs = min(effective_n_jobs(self.n_jobs), n_blocks)
        if n_jobs == 1:
            self._fill(images, output, n_at_once)
        else:
            n_tasks = min(n_jobs * _TASKS_PER_JOB, n_blocks)
            edges = [len(images) * i // n_tasks for i in range(n_tasks + 1)]
            # kernels release the lock of the interpreter
            Parallel(n_jobs=n_jobs, require="sharedmem")(
                delayed(self._fill)(images[start:stop], output[start:stop], n_at_once)
                for start, stop in pairwise(edges)
            )
        return output if self.image_shape is None else output.reshape(len(output), -1)

    def _fill(self, images, output, n_at_once):
        """Write what becomes of images, a few at a time."""
        height, width = images.shape[1:3]
        for start in range(0, len(images), n_at_once):
            block = images[start : start + n_at_once]
            block = np.array(block, dtype=np.float64, order="C").reshape(
                len(block), height, width, -1
            )
            into = output[start : start + n_at_once]
            with np.errstate(over="ignore", invalid="ignore"):
                into[...] = self._transform_images(block).reshape(into.shape)
            if not np.isfinite(into).all():
                raise InvalidInputError(
                    f"{type(self).__name__} makes infinite numbers of X, which holds numbers too "
                    "large for pixels; scale the images first."
                )

    def _read_images(self, X, *, reset):
        return read_images(self, X, self._given_shape(), reset=reset)

    def _given_shape(self):
        return None if self.image_shape is None else check_image_shape(self.image_shape)

    @property
    def _n_features_out(self):
        """How many numbers there are per image: what feature names need to know."""
        shape = getattr(self, "image_shape_", None) or self._given_shape()
        if shape is None:
            raise AttributeError("the shape of images is not known before fit")
        return int(np.prod(self._shape_of_output(shape)))

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.requires_fit = False
        tags.input_tags.two_d_array = self.image_shape is not None
        tags.input_tags.three_d_array = True
        tags.transformer_tags.preserves_dtype = []
        return tags


def _gives_rows(transformer):
    return transformer.image_shape is not None


class ImageFilter(ImageTransformer):
    """Base of the transformers that make another image of each image.

    They give images for images and flat rows for flat rows (`image_shape`). Images do not fit in
    a table: they stay arrays, whatever ``set_output`` asks for.
    """

    @available_if(_gives_rows)
    def get_feature_names_out(self, input_features=None):
        """Return names of the pixels of flat rows.

        Parameters
        ----------
        input_features : array-like of str, default=None
            Ignored.

        Returns
        -------
        ndarray of str objects
        """
        return super().get_feature_names_out(input_features)

    def set_output(self, *, transform=None):
        """Set in which container flat rows come out; images always come as arrays.

        Parameters
        ----------
        transform : {"default", "pandas", "polars"}, default=None
            The container; None leaves it as it is.

        Returns
        -------
        self
        """
        return super().set_output(transform=transform) if _gives_rows(self) else self
