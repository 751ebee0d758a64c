"""Targets of regression: one finite number for each row, which no other row decides."""

from numbers import Real

import numpy as np
from sklearn.utils.validation import check_array

from ..exceptions import InvalidInputError
from .labels import column_cells
from .missing import is_missing

__all__ = ["check_targets"]


def check_targets(regressor, y):
    """Validate targets and return them as float64, with one zero alone: -0.0 becomes 0.0.

    Parameters
    ----------
    regressor : estimator
        Named in errors.
    y : array-like of shape (n_rows,)
        Numbers, in an array, a list, or a column of pandas, polars or Arrow.

    Returns
    -------
    ndarray of float64, of shape (n_rows,)

    Raises
    ------
    ValueError
        If y is missing, not one-dimensional, or holds anything but finite numbers.

    Examples
    --------
    >>> from sklearn_certify._rows import check_targets
    >>> check_targets(None, [3, -0.0])
    array([3., 0.])
    """
    if y is None:
        raise InvalidInputError(
            f"{type(regressor).__name__} requires y to be passed, but the target y is None."
        )
    cells = column_cells(y, "y", warn=True)
    if cells.dtype.kind == "O":
        _refuse_what_is_no_number(cells)
    elif cells.dtype.kind not in "biuf":
        raise InvalidInputError(f"y must hold numbers, got an array of {cells.dtype}.")
    with np.errstate(over="ignore"):  # said below
        targets = cells.astype(np.float64) + 0.0
    return check_array(targets, ensure_2d=False, input_name="y", estimator=regressor)


def _refuse_what_is_no_number(cells):
    for row, cell in enumerate(cells):
        if is_missing(cell):
            raise InvalidInputError(
                f"y contains missing targets (Input y contains NaN): row {row} holds {cell}. Drop "
                "these rows."
            )
        if not isinstance(cell, Real):
            raise InvalidInputError(
                f"y must hold numbers, but row {row} holds {cell!r:.60}, a {type(cell).__name__}."
            )
