"""Rows as users bring them: arrays of any dimension, sparse matrices, DataFrames, texts."""

import numpy as np
from scipy.sparse import issparse
from sklearn.utils import get_tags
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_array, column_or_1d, validate_data

from .exceptions import InvalidInputError
from .partition import MISSING, cell_tokens

__all__ = ["all_rows", "check_groups", "check_labels", "check_rows", "protected", "take_rows"]


def check_rows(classifier, X, base_estimator, *, reset):
    """Validate X and return it as the voters get it.

    A DataFrame stays a DataFrame, an image stays an image, texts become an object array. What
    only the base estimator can judge, such as missing values before an imputer in a pipeline, is
    left to it.

    Parameters
    ----------
    classifier : estimator
        The classifier that was given X; its ``n_features_in_`` is set or compared.
    X : array-like
        Rows.
    base_estimator : estimator
        Its tags say what it takes.
    reset : bool
        True in ``fit``, False for queries.

    Returns
    -------
    DataFrame, CSR matrix or ndarray

    Raises
    ------
    ValueError
        If X does not fit the base estimator or the rows of ``fit``.
    """
    if _is_frame(X):
        validate_data(classifier, X=X, reset=reset, skip_check_array=True)
        if len(X) == 0:
            raise InvalidInputError("Found array with 0 sample(s), but at least 1 is required.")
        fitted_on_frame = reset or classifier._row_shape is None
        row_shape, X = (None, X) if fitted_on_frame else (X.shape[1:], X.to_numpy())
    elif _is_text(X):
        row_shape, X = (), np.asarray(X, dtype=object)
        if reset:  # forget the columns of an earlier fit on a table
            vars(classifier).pop("n_features_in_", None)
            vars(classifier).pop("feature_names_in_", None)
    else:
        X = validate_data(
            classifier,
            X=X,
            reset=reset,
            dtype=None,
            allow_nd=True,
            accept_sparse="csr",
            ensure_all_finite=_finiteness(base_estimator),
        )
        row_shape, X = X.shape[1:], _canonical(X)
    if reset:
        classifier._row_shape = row_shape  # None: a DataFrame, whose columns are compared by name
    elif None not in (row_shape, classifier._row_shape) and row_shape != classifier._row_shape:
        raise InvalidInputError(
            f"X has rows of shape {row_shape}, but {type(classifier).__name__} was fitted on rows "
            f"of shape {classifier._row_shape}."
        )
    return X


def _finiteness(base_estimator):
    """Return the `ensure_all_finite` of scikit-learn's checks that suits the base estimator.

    A pipeline's tags do not tell that its first step fills in missing values, so composites
    decide for themselves when they are fitted.
    """
    if any(hasattr(value, "fit") for value in base_estimator.get_params(deep=True).values()):
        return False
    try:
        allow_nan = get_tags(base_estimator).input_tags.allow_nan
    except (AttributeError, NotImplementedError):  # not derived from BaseEstimator
        return False
    return "allow-nan" if allow_nan else True


def _is_frame(X):
    return hasattr(X, "iloc") and hasattr(X, "columns")


def _is_text(X):
    """Say whether X is one text per row."""
    if isinstance(X, (list, tuple)):
        return len(X) > 0 and all(isinstance(text, str) for text in X)
    if getattr(X, "ndim", None) != 1:
        return False
    return len(X) > 0 and all(isinstance(text, str) for text in X)


def _canonical(X):
    """Store equal sparse rows alike: sorted columns, no duplicates, no explicit zeros."""
    if issparse(X) and not (X.has_canonical_format and np.all(X.data)):
        X = X.copy()
        X.sum_duplicates()
        X.eliminate_zeros()
    return X


def check_labels(classifier, y):
    """Validate labels and return them as a 1-D array.

    Parameters
    ----------
    classifier : estimator
        Named in errors.
    y : array-like of shape (n_rows,)
        Labels.

    Returns
    -------
    ndarray of shape (n_rows,)

    Raises
    ------
    ValueError
        If y is missing, not one-dimensional, not finite, or no classification target.
    """
    if y is None:
        raise InvalidInputError(
            f"{type(classifier).__name__} requires y to be passed, but the target y is None."
        )
    y = column_or_1d(y, warn=True)
    if y.dtype.kind == "f":
        check_array(y, ensure_2d=False, input_name="y", estimator=classifier)
    check_classification_targets(y)
    return y


def check_groups(groups):
    """Validate the names of the rows' groups and return them as a 1-D array.

    Parameters
    ----------
    groups : array-like of shape (n_rows,) or None
        The contributor of each row.

    Returns
    -------
    ndarray of shape (n_rows,) or None

    Raises
    ------
    InvalidInputError
        If a row has no group.
    """
    if groups is None:
        return None
    if hasattr(groups, "to_numpy") and not isinstance(getattr(groups, "dtype", None), np.dtype):
        groups = groups.to_numpy(dtype=object)  # whole numbers of pandas would become floats
    groups = column_or_1d(groups, dtype=None if hasattr(groups, "dtype") else object)
    n_missing = np.count_nonzero(cell_tokens(groups) == MISSING)
    if n_missing:
        raise InvalidInputError(
            f"groups has no name for {n_missing} of the rows; name a contributor for each, one of "
            "its own for a row whose contributor is unknown."
        )
    return groups


def take_rows(X, rows):
    """Return some rows of X, without a trace of where they stood.

    Parameters
    ----------
    X : DataFrame, CSR matrix or ndarray of shape (n_rows, ...)
        Rows.
    rows : ndarray of int
        Row numbers.

    Returns
    -------
    The type of X, of shape (len(rows), ...)
    """
    if _is_frame(X):
        return X.iloc[rows].reset_index(drop=True)  # an index would tell the row numbers
    return X[rows]


def all_rows(X):
    """Return a copy of X that may be written to.

    Parameters
    ----------
    X : DataFrame, CSR matrix or ndarray of shape (n_rows, ...)
        Rows.

    Returns
    -------
    The type of X
    """
    return take_rows(X, np.arange(X.shape[0]))


def protected(X):
    """Return X in a form that can be read without being changed for anyone else.

    A step such as ``StandardScaler(copy=False)`` in one voter would otherwise change the queries
    of the voters after it, and a poisoned voter would reach them all.

    Parameters
    ----------
    X : DataFrame, CSR matrix or ndarray of shape (n_rows, ...)
        Rows.

    Returns
    -------
    The type of X: a copy of a DataFrame, else a view that cannot be written to.
    """
    if _is_frame(X):
        return X.copy()
    if issparse(X):
        arrays = [array.view() for array in (X.data, X.indices, X.indptr)]
        for array in arrays:
            array.flags.writeable = False
        return type(X)(tuple(arrays), shape=X.shape)
    X = X.view()
    X.flags.writeable = False
    return X
