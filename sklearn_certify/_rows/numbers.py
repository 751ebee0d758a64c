"""Check rows for what takes finite numbers and nothing else."""

import numpy as np
from sklearn.utils.validation import validate_data

from ..exceptions import InvalidInputError
from .checks import is_c_ordered
from .form import RowForm
from .lists import without_lists
from .names import names_to_remember, refuse_repeated_names
from .tables import canonical_table, column_names, column_of, is_table

__all__ = ["check_number_rows"]

_OTHERS = {"U": "texts", "S": "texts", "T": "texts", "M": "times", "m": "time spans"}
_NO_NUMBER = ("could not convert", "argument must be", "Cannot cast", "numeric", "must be real")


def check_number_rows(estimator, X, fitted=None, *, dtype=np.float64, **check_params):
    """Validate rows of numbers and return them as a C-ordered array, with the form they came in.

    Parameters
    ----------
    estimator : estimator
        What was given X. scikit-learn's ``n_features_in_`` and ``feature_names_in_`` are set on
        it, or compared; the form is for it to keep.
    X : array-like or table
        Rows.
    fitted : RowForm, default=None
        The form of the rows of ``fit``, for queries; None in ``fit``.
    dtype : dtype or "numeric", default=numpy.float64
        The type of the result; "numeric" leaves that of an array of numbers as it is.
    **check_params
        As `sklearn.utils.check_array` takes them, such as ``allow_nd`` and ``accept_sparse``.

    Returns
    -------
    X : ndarray or sparse matrix of shape (n_rows, ...)
        The rows.
    form : RowForm
        Their form; for queries `fitted`.

    Raises
    ------
    ValueError
        If X holds something that is no finite number, or does not fit the rows of ``fit``.
    """
    X, reset = without_lists(X), fitted is None
    c_ordered = reset and is_c_ordered(X)
    names = None
    if is_table(X):
        X = canonical_table(X)
        names = names_to_remember(X)
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
    if reset:
        return rows, RowForm(rows.shape[1:], names, c_ordered)
    if names is not None:
        fitted.compare_names(names)
    return rows, fitted


def _refuse_others(estimator, values, what):
    kind = getattr(getattr(values, "dtype", None), "kind", None)
    if kind in _OTHERS:
        raise InvalidInputError(_message(estimator, f"{what} holds {_OTHERS[kind]}"))


def _message(estimator, what):
    return (
        f"{type(estimator).__name__} takes numbers, but {what}; encode categories and texts, and "
        "turn times into numbers, first."
    )
