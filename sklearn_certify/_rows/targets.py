"""Check targets: the numbers that a regressor is to predict."""

import numpy as np
from sklearn.utils.validation import check_array

from ..exceptions import InvalidInputError
from .labels import column_cells

__all__ = ["check_targets"]


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
    cells = column_cells(y, "y", warn=True)
    texts = [row for row, cell in enumerate(cells) if isinstance(cell, (str, bytes))]
    if cells.dtype.kind not in "biufO" or texts:
        raise InvalidInputError(
            f"{type(regressor).__name__} predicts numbers, but y holds others, such as "
            f"{cells[texts[0] if texts else 0]!r:.60}."
        )
    try:
        numbers = cells.astype(np.float64)
    except (TypeError, ValueError) as error:
        raise InvalidInputError(
            f"{type(regressor).__name__} predicts numbers, but y holds others ({error})."
        ) from error
    return check_array(numbers, ensure_2d=False, input_name="y", estimator=regressor) + 0.0
