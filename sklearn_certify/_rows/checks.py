"""Check rows, and bring them into the one form in which voters get them."""

import numpy as np
from scipy.sparse import issparse
from sklearn.utils import get_tags
from sklearn.utils.validation import validate_data

from ..exceptions import InvalidInputError
from .columns import column_values, is_series
from .form import RowForm
from .lists import without_lists
from .names import check_columns, names_to_remember
from .tables import canonical_table, column_names, is_table, table_to_array
from .taking import c_ordered as c_ordered_rows

__all__ = ["check_rows", "is_c_ordered"]


def check_rows(estimator, X, taker, fitted=None):
    """Validate X and return it as voters get it, with the form that it came in.

    A table stays a table and an image stays an image; a list becomes numbers or objects, and
    arrays of texts become arrays of objects, so that no cell knows of the longest. Arrays are
    C-ordered. What only the taker can judge, such as missing values before an imputer in a
    pipeline, is left to it.

    Parameters
    ----------
    estimator : estimator
        What was given X. scikit-learn's ``n_features_in_`` and ``feature_names_in_`` are set on
        it, or compared; the form is for it to keep.
    X : array-like
        Rows.
    taker : estimator
        What the rows go to; its tags say what it takes.
    fitted : RowForm, default=None
        The form of the rows of ``fit``, for queries; None in ``fit``.

    Returns
    -------
    X : table, CSR matrix or ndarray
        The rows.
    form : RowForm
        Their form; for queries `fitted`.

    Raises
    ------
    ValueError
        If X does not fit the taker or the rows of ``fit``.
    """
    X, reset = without_lists(X), fitted is None
    table, fitted_on_texts = is_table(X), not reset and fitted.shape == ()
    if table and fitted_on_texts:
        raise InvalidInputError(
            f"X is a table, but {type(estimator).__name__} was fitted on one text per row; pass "
            f"the column of texts, such as X[{column_names(X)[0]!r}]."
        )
    c_ordered = reset and is_c_ordered(X)
    names = None
    if table:
        X = canonical_table(X)
        check_columns(estimator, X, reset=reset)
        shape, names = None, names_to_remember(X)
        if not reset:
            fitted.compare_names(names)
            if fitted.shape is not None:
                X = table_to_array(X)
                shape = X.shape[1:]
    elif (texts := _texts(X, expected=fitted_on_texts)) is not None:
        shape, X = (), texts
        if reset:
            _forget_columns(estimator)
    else:
        X = validate_data(
            estimator,
            X=_with_cells_as_objects(X),
            reset=reset,
            dtype=None,
            allow_nd=True,
            accept_sparse="csr",
            ensure_all_finite=_finiteness(taker),
        )
        shape, X = X.shape[1:], _canonical(X) if issparse(X) else c_ordered_rows(X)
    if reset:
        return X, RowForm(shape, names, c_ordered)
    fitted.compare_shape(shape, type(estimator).__name__)
    return X, fitted


def _forget_columns(estimator):
    """Take back what scikit-learn has set on an estimator that was fitted on columns before."""
    for name in ("n_features_in_", "feature_names_in_"):
        vars(estimator).pop(name, None)


def is_c_ordered(X):
    """Say whether the cells of rows lie in memory one after the other, row by row.

    Steps in front of the classifier may have summed them up in the order in which they lie.

    Parameters
    ----------
    X : table, sparse matrix, ndarray or list of shape (n_rows, ...)
        Rows.

    Returns
    -------
    bool
        True as well where there is a single order.
    """
    if is_table(X):
        if not hasattr(X, "to_numpy"):
            return True  # Arrow's
        dtypes = list(X.dtypes)
        plain = all(isinstance(dtype, np.dtype) and dtype == dtypes[0] for dtype in dtypes)
        X = X.to_numpy() if plain and dtypes and dtypes[0].kind in "biuf" else None
    if not isinstance(X, np.ndarray) or X.ndim < 2:
        return True
    return min(X.shape[:2]) < 2 or X.flags.c_contiguous


def _texts(X, *, expected):
    """Return X as an array of objects if it is one text per row, else None."""
    if not is_series(X) and getattr(X, "ndim", None) != 1:
        return None
    X = column_values(X)
    if X.dtype.kind in "UST":
        X = X.astype(object)
    if X.dtype.kind != "O" or not (expected or any(isinstance(x, (str, bytes)) for x in X)):
        return None
    for row, text in enumerate(X):
        if not isinstance(text, (str, bytes)):
            raise InvalidInputError(
                f"X holds one text per row, but row {row} is {text!r:.60}; give it a text, which "
                "may be empty, or drop it."
            )
    return X


def _with_cells_as_objects(X):
    """Return X, with texts as objects: the width of an array of texts is that of the longest."""
    dtype = getattr(X, "dtype", None)
    if isinstance(dtype, np.dtype) and dtype.kind in "UST":
        return np.asarray(X).astype(object)
    if isinstance(dtype, np.dtype) and dtype.kind == "V":
        raise InvalidInputError(
            "X is a structured array; pass a DataFrame, which has columns with types, instead."
        )
    return X


def _finiteness(taker):
    """Return the `ensure_all_finite` of scikit-learn's checks that suits the taker.

    A pipeline's tags do not tell that its first step fills in missing values, so composites
    decide for themselves when they are fitted.
    """
    if any(hasattr(value, "fit") for value in taker.get_params(deep=True).values()):
        return False
    try:
        allow_nan = get_tags(taker).input_tags.allow_nan
    except (AttributeError, NotImplementedError):  # not derived from BaseEstimator
        return False
    return "allow-nan" if allow_nan else True


def _canonical(X):
    """Store equal sparse rows alike: sorted columns, no duplicates, no explicit zeros."""
    if not (X.has_canonical_format and np.all(X.data)):
        X = X.copy()
        X.sum_duplicates()
        X.eliminate_zeros()
    return X
