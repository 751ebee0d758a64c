"""Check rows for what takes finite numbers and nothing else."""

import numpy as np
from sklearn.utils.validation import validate_data

from ..exceptions import InvalidInputError
from .checks import is_c_ordered
from .lists import without_lists
from .names import compare_names, refuse_repeated_names
from .tables import canonical_table, column_names, column_of, is_table

__all__ = ["check_number_rows"]

_OTHERS = {"U": "texts", "S": "texts", "T": "texts", "M": "times", "m": "time spans"}
_NO_NUMBER = ("could not convert", "argument must be", "Cannot cast", "numeric", "must be real")


def check_number_rows(estimator, X, *, reset, dtype=np.float64, **check_params):
    """Validate rows of numbers and return them as a C-ordered array.

    Parameters
    ----------
    estimator : estimator
        The estimator that was given X; its ``n_features_in_`` and ``feature_names_in_`` are set
        or compared.
    X : array-like or table
        Rows.
    reset : bool
        True in ``fit``, False for queries.
    dtype : dtype or "numeric", default=numpy.float64
        The type of the result; "numeric" leaves that of an array of numbers as it is.
    **check_params
        As `sklearn.utils.check_array` takes them, such as ``allow_nd`` and ``accept_sparse``.

    Returns
    -------
    ndarray or sparse matrix of shape (n_rows, ...)

    Raises
    ------
    ValueError
        If X holds something that is no finite number, or does not fit the rows of ``fit``.
    """
    X = without_lists(X)
    if reset:
        estimator._rows_were_c_ordered = is_c_ordered(X)
    table = is_table(X)
    if table:
        X = canonical_table(X)
        refuse_repeated_names(X)
        for position, name in enumerate(column_names(X)):
            _refuse_others(estimator, column_of(X, position), f"column {name!r} of X")
    else:
        _refuse_others(estimator, X, "X")
    try:
        rows = validate_data(estimator, X=X, reset=reset, dtype=dtype, order="C", **check_params)
    except (TypeError, ValueError) as error:
        if not any(words in str(error) for words in _NO_NUMBER):
            raise
        raise InvalidInputError(_message(estimator, f"X holds others ({error})")) from error
    if rows.dtype.kind not in "biuf":
        raise InvalidInputError(_message(estimator, f"X holds others (of type {rows.dtype})"))
    if table:
        compare_names(estimator, X, reset=reset)
    elif reset:
        vars(estimator).pop("_column_names", None)
    return rows


def _refuse_others(estimator, values, what):
    kind = getattr(getattr(values, "dtype", None), "kind", None)
    if kind in _OTHERS:
        raise InvalidInputError(_message(estimator, f"{what} holds {_OTHERS[kind]}"))


def _message(estimator, what):
    return (
        f"{type(estimator).__name__} takes numbers, but {what}; encode categories and texts, and "
        "turn times into numbers, first."
    )
