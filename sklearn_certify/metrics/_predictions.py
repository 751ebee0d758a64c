"""Predictions with radii and the truth about them, as users bring them."""

import numpy as np
from sklearn.utils.validation import check_consistent_length, column_or_1d

from .._rows import check_same_kind, column_cells, equal_labels
from ..exceptions import InvalidInputError

__all__ = ["are_label", "read_predictions", "read_radii"]


def are_label(labels, label):
    """Say which labels, as `column_cells` returns them, are the one given."""
    return equal_labels(labels, np.full(len(labels), label, dtype=object))


def read_predictions(y_true, y_pred, radii):
    """Return the radii of predictions, and which of these are right.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n_samples,)
        True and predicted labels. A true label that is missing is predicted wrongly.
    radii : array-like of int of shape (n_samples,)
        Certified radii, -1 = abstains.

    Returns
    -------
    radii : ndarray of int64, of shape (n_samples,)
    correct : ndarray of bool, of shape (n_samples,)

    Raises
    ------
    InvalidInputError
        If radii are no whole numbers, there are no rows, or true labels are of another kind
        than predicted ones, such as texts and numbers.
    """
    y_true, y_pred = column_cells(y_true, "y_true"), column_cells(y_pred, "y_pred")
    radii = read_radii(radii, y_true, y_pred)
    check_same_kind(y_true, y_pred, ("y_true", "y_pred"))
    return radii, equal_labels(y_true, y_pred)


def read_radii(radii, *labels):
    """Return radii as int64; there must be one for each of the labels, and whole numbers."""
    radii = column_or_1d(radii)
    check_consistent_length(*labels, radii)
    if len(radii) == 0:
        raise InvalidInputError("There are no rows, so there is nothing to score or to draw.")
    if radii.dtype.kind not in "iu":
        raise InvalidInputError(f"radii must be integers, got {radii.dtype}.")
    return radii.astype(np.int64)
