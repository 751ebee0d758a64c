"""Copies of rows, next to the rows that they are copies of."""

import numpy as np
from sklearn.base import clone
from sklearn.utils import get_tags

from ._base import check_rows_of_numbers
from ._draws import copy_seeds
from ._function import FunctionAugmentation

__all__ = ["is_known_augmentation", "learns_from_rows", "make_copies", "own_augmentation"]


def own_augmentation(augmentation):
    """Return an augmentation that may be fitted: a clone, or a function made into one.

    Parameters
    ----------
    augmentation : augmentation or callable
        What a user gave. A callable is as `FunctionAugmentation` takes it.

    Returns
    -------
    augmentation
    """
    if hasattr(augmentation, "augment"):
        return clone(augmentation)
    return FunctionAugmentation(augmentation)


def learns_from_rows(augmentation):
    """Say whether the copies that an augmentation makes depend on more than each row.

    Parameters
    ----------
    augmentation : augmentation or callable
        What a user gave.

    Returns
    -------
    bool
    """
    return hasattr(augmentation, "augment") and get_tags(augmentation).requires_fit


def is_known_augmentation(augmentation):
    """Say whether an augmentation is one of this package, which alters one row after the other.

    Parameters
    ----------
    augmentation : augmentation or callable
        What a user gave. Functions are called for one row at a time, too.

    Returns
    -------
    bool
    """
    if not hasattr(augmentation, "augment"):
        return True
    is_ours = type(augmentation).__module__.rpartition(".")[0] == __name__.rpartition(".")[0]
    return is_ours and all(map(is_known_augmentation, getattr(augmentation, "augmentations", ())))


def make_copies(augmentation, X, n_copies, random_state):
    """Return rows, each followed by altered copies.

    Parameters
    ----------
    augmentation : augmentation
        Fitted, if it has something to learn.
    X : ndarray of shape (n_rows, ...)
        Rows of numbers.
    n_copies : int
        Copies of each row.
    random_state : int
        Seeds of copies follow from it, from the row's content and from the copy's number.

    Returns
    -------
    ndarray of float32 or float64, of shape (n_rows, 1 + n_copies, ...)
        The row comes first.
    """
    X = check_rows_of_numbers(X)
    copies = np.empty((len(X), 1 + n_copies, *X.shape[1:]), dtype=X.dtype)
    copies[:, 0] = X
    if n_copies and len(X):
        seeds = copy_seeds(X, n_copies, random_state)
        repeated = np.repeat(X, n_copies, axis=0)
        altered = augmentation.augment(repeated, seeds.ravel())
        copies[:, 1:] = np.reshape(altered, (len(X), n_copies, *X.shape[1:]))
    return copies
