"""One query row, in any of the ways in which people hold one."""

import numpy as np
from scipy.sparse import issparse

from .._compat import _num_samples
from .._rows.columns import is_series
from .._rows.tables import is_table
from ..exceptions import InvalidInputError

__all__ = ["as_one_row"]

_UNKNOWN = "unknown"


def as_one_row(x, classifier=None):
    """Return one row as a batch of one.

    Parameters
    ----------
    x : object
        A row by itself (numbers, an image, a text, a pandas Series), or a batch of one.
    classifier : estimator, default=None
        The fitted classifier that gets the row as it is, and so knows its shape; None where steps
        come before it.

    Returns
    -------
    array-like of shape (1, ...)

    Raises
    ------
    InvalidInputError
        If there are several rows, or none.
    """
    row = _batch(x, getattr(getattr(classifier, "_row_form", None), "shape", _UNKNOWN))
    n_rows = _num_samples(row)
    if n_rows != 1:
        raise InvalidInputError(
            f"explain takes one row, got {n_rows}; pass one of them, such as X[[0]], or "
            "X.iloc[[0]] of a table. A single image or other array is passed as x[np.newaxis]."
        )
    return row


def _batch(x, shape):
    if is_table(x):
        return x
    if is_series(x) and hasattr(x, "to_frame"):
        # a row of a pandas table, whose cells have one type until they are columns again
        return x.to_frame().T.infer_objects() if hasattr(x, "iloc") else x
    if issparse(x):
        return x.reshape(1, -1) if x.ndim == 1 else x
    if isinstance(x, (str, bytes)):
        return np.array([x], dtype=object)
    if isinstance(x, (list, tuple)):
        alone = not any(isinstance(cell, (list, tuple, np.ndarray)) for cell in x)
        is_text = alone and len(x) == 1 and isinstance(x[0], str)
        return list(x) if not alone or (is_text and shape in (_UNKNOWN, ())) else [list(x)]
    x = np.asarray(x)
    if shape not in (_UNKNOWN, None):
        return x[np.newaxis] if x.shape == shape else x
    is_text = x.shape == (1,) and isinstance(x.tolist()[0], str)
    return x[np.newaxis] if x.ndim == 1 and not is_text else x
