"""Several augmentations: one after the other, or one of them."""

from typing import ClassVar

import numpy as np

from ..exceptions import InvalidInputError
from ._base import Augmentation
from ._draws import draw_uniforms, seeds_of_part
from ._make import learns_from_rows, own_augmentation

__all__ = ["Compose", "RandomChoice"]


class _Several(Augmentation):
    """Base class of what is made of several augmentations."""

    _parameter_constraints: ClassVar[dict] = {"augmentations": [list, tuple]}

    def __init__(self, augmentations):
        self.augmentations = augmentations

    def fit(self, X):
        """Let each augmentation learn what it has to learn.

        Parameters
        ----------
        X : ndarray of shape (n_rows, ...)
            Rows.

        Returns
        -------
        self : object
        """
        self.augmentations_ = [part.fit(X) for part in self._own_parts()]
        return self

    def _own_parts(self):
        if not self.augmentations:
            raise InvalidInputError(f"{type(self).__name__} needs at least one augmentation.")
        return [own_augmentation(part) for part in self.augmentations]

    def _fitted_parts(self):
        return getattr(self, "augmentations_", None) or self._own_parts()

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.requires_fit = any(map(learns_from_rows, self.augmentations))
        return tags


class Compose(_Several):
    """Alter rows by several augmentations, one after the other.

    Parameters
    ----------
    augmentations : list of augmentation or callable
        The first one first. Functions are as `FunctionAugmentation` takes them.

    Attributes
    ----------
    augmentations_ : list of augmentation
        Those that `fit` has fitted.

    See Also
    --------
    RandomChoice : One of several.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn_certify.augmentation import AugmentedCopies, Compose, Cutout, RandomShift
    >>> both = Compose([RandomShift(1), Cutout(0.25)])
    >>> AugmentedCopies(both, n_copies=2).fit_transform(load_digits().images).shape
    (1797, 3, 8, 8)
    """

    def _augment(self, X, seeds):
        for number, part in enumerate(self._fitted_parts()):
            X = part.augment(X, seeds_of_part(seeds, number))
        return X


class RandomChoice(_Several):
    """Alter each row by one of several augmentations, all as likely.

    Parameters
    ----------
    augmentations : list of augmentation or callable
        Functions are as `FunctionAugmentation` takes them.

    Attributes
    ----------
    augmentations_ : list of augmentation
        Those that `fit` has fitted.

    See Also
    --------
    Compose : Several, one after the other.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn_certify.augmentation import AugmentedCopies, Cutout, RandomChoice, RandomShift
    >>> one = RandomChoice([RandomShift(1), Cutout(0.25)])
    >>> AugmentedCopies(one, n_copies=2).fit_transform(load_digits().images).shape
    (1797, 3, 8, 8)
    """

    def _augment(self, X, seeds):
        parts, out = self._fitted_parts(), np.empty_like(X)
        chosen = (draw_uniforms(seeds, 1)[:, 0] * len(parts)).astype(int)
        for number, part in enumerate(parts):
            rows = chosen == number
            if rows.any():
                out[rows] = part.augment(X[rows], seeds_of_part(seeds[rows], number))
        return out
