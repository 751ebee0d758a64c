"""Check targets: the numbers that a regressor is to predict."""

import numpy as np
from sklearn.utils.validation import check_array

from ..exceptions import InvalidInputError
from .labels import column_cells

__all__ = ["check_targets", "read_numbers"]


def check_targets(regressor, y):
    """Validate targets and return them as a 1-D array of finite float64.

    Each of them becomes a number alone, so that none knows of the others' types.

    Parameters
    ----------
    regressor : estimator
        Named in errors.
    y : array-like of shape (n_rows,)
        Numbers, in an array, a list, or a column of pandas, polars or Arrow.

    Returns
    -------
    ndarray of float64, of shape (n_rows,)
        Zeros are positive.

    Raises
    ------
    ValueError
        If y is missing, not one-dimensional, or holds something that is no finite number.
    """
    if y is None:
        raise InvalidInputError(
            f"{type(regressor).__name__} requires y to be passed, but the target y is None."
        )
    numbers = read_numbers(y, "y", warn=True)
    return check_array(numbers, ensure_2d=False, input_name="y", estimator=regressor) + 0.0


def read_numbers(values, name, *, warn=False):
    """Return what a user gave for one number per row as float64, NaN among them.

    Parameters
    ----------
    values : array-like of shape (n_rows,), or a table of one column
        Numbers.
    name : str
        What errors call it.
    warn : bool, default=False
        Whether to warn of a table or a column-vector, as scikit-learn does.

    Returns
    -------
    ndarray of float64, of shape (n_rows,)

    Raises
    ------
    InvalidInputError
        If there is not one value per row, or one of them is no number.
    """
    cells = column_cells(values, name, warn=warn)
    texts = [row for row, cell in enumerate(cells) if isinstance(cell, (str, bytes))]
    if len(cells) and (cells.dtype.kind not in "biufO" or texts):
        other = cells[texts[0] if texts else 0]
        raise InvalidInputError(f"{name} must hold numbers, but holds others: {other!r:.60}.")
    try:
        return cells.astype(np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise InvalidInputError(f"{name} must hold numbers, but holds others: {error}") from error
