"""Scores of certified predictions: arrays in, numbers out."""

import numpy as np

from ..threat import check_poison_sizes
from ._predictions import read_predictions

__all__ = [
    "certified_accuracy_curve",
    "certified_accuracy_score",
    "median_certified_radius",
]


def _certified_radii(y_true, y_pred, radii):
    """Return the radius of every row, -1 where the prediction is wrong."""
    radii, correct = read_predictions(y_true, y_pred, radii)
    return np.where(correct, radii, -1)


def certified_accuracy_score(y_true, y_pred, radii, poison_size):
    """Return the share of rows that are predicted correctly and survive the given poison size.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n_samples,)
        True and predicted labels. A true label that is missing is predicted wrongly.
    radii : array-like of int of shape (n_samples,)
        Certified radii, -1 = abstains.
    poison_size : int or array-like of int of shape (n_sizes,)
        Poison sizes in the same units.

    Returns
    -------
    float or ndarray of float64 of shape (n_sizes,)

    Raises
    ------
    InvalidInputError
        If radii or poison sizes are no whole numbers, there are no rows, or true labels are of
        another kind than predicted ones, such as texts and numbers.

    Examples
    --------
    >>> from sklearn_certify.metrics import certified_accuracy_score
    >>> certified_accuracy_score([0, 1, 1, 0], [0, 1, 0, 0], [5, 2, 7, 0], poison_size=2)
    0.5
    """
    sizes = check_poison_sizes(poison_size)
    certified = _certified_radii(y_true, y_pred, radii)
    score = (certified[:, np.newaxis] >= np.atleast_1d(sizes)).mean(axis=0)
    return float(score[0]) if sizes.ndim == 0 else score


def certified_accuracy_curve(y_true, y_pred, radii):
    """Return certified accuracy at every poison size, until it reaches zero.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n_samples,)
        True and predicted labels. A true label that is missing is predicted wrongly.
    radii : array-like of int of shape (n_samples,)
        Certified radii, -1 = abstains.

    Returns
    -------
    poison_sizes : ndarray of int64, of shape (n_sizes,)
        0 and every size at which the accuracy changes, ascending; the last has accuracy 0.
    accuracies : ndarray of float64, of shape (n_sizes,)
        Certified accuracy from that size up to the next.

    Raises
    ------
    InvalidInputError
        If radii are no whole numbers, there are no rows, or true labels are of another kind
        than predicted ones, such as texts and numbers.

    Examples
    --------
    >>> from sklearn_certify.metrics import certified_accuracy_curve
    >>> certified_accuracy_curve([0, 1, 1, 0], [0, 1, 0, 0], [5, 2, 7, 5])
    (array([0, 3, 6]), array([0.75, 0.5 , 0.  ]))
    """
    certified = _certified_radii(y_true, y_pred, radii)
    sizes = np.unique(np.append(certified[certified >= 0] + 1, 0))
    return sizes, certified_accuracy_score(y_true, y_pred, radii, sizes)


def median_certified_radius(y_true, y_pred, radii):
    """Return the largest poison size at which half of the rows are certified correct.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n_samples,)
        True and predicted labels. A true label that is missing is predicted wrongly.
    radii : array-like of int of shape (n_samples,)
        Certified radii, -1 = abstains.

    Returns
    -------
    int
        -1 if fewer than half of the rows are predicted correctly without any poison.

    Raises
    ------
    InvalidInputError
        If radii are no whole numbers, there are no rows, or true labels are of another kind
        than predicted ones, such as texts and numbers.

    Examples
    --------
    >>> from sklearn_certify.metrics import median_certified_radius
    >>> median_certified_radius([0, 1, 1, 0], [0, 1, 0, 0], [5, 2, 7, 5])
    5
    """
    certified = np.sort(_certified_radii(y_true, y_pred, radii))
    return int(certified[len(certified) // 2])
