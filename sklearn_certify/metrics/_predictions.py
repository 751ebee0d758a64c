"""Predictions with radii and the truth about them, as users bring them."""

import numpy as np
from sklearn.utils.validation import check_consistent_length, column_or_1d

from .._rows import check_same_kind, column_cells, equal_labels
from ..exceptions import InvalidInputError

__all__ = ["read_predictions"]


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
    radii = column_or_1d(radii)
    check_consistent_length(y_true, y_pred, radii)
    if len(radii) == 0:
        raise InvalidInputError("There are no rows, so there is nothing to score or to draw.")
    if radii.dtype.kind not in "iu":
        raise InvalidInputError(f"radii must be integers, got {radii.dtype}.")
    check_same_kind(y_true, y_pred, ("y_true", "y_pred"))
    return radii.astype(np.int64), equal_labels(y_true, y_pred)
