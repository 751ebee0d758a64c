"""Check rows, and bring them into the one form in which voters get them."""

import numpy as np
from scipy.sparse import issparse
from sklearn.utils import get_tags
from sklearn.utils.validation import validate_data

from ..exceptions import InvalidInputError
from .columns import column_values, is_series
from .lists import without_lists
from .names import check_columns
from .tables import canonical_table, column_names, is_table, table_to_array
from .taking import c_ordered

__all__ = ["check_rows", "is_c_ordered"]


def check_rows(classifier, X, base_estimator, *, reset):
    """Validate X and return it as the voters get it.

    A table stays a table and an image stays an image; a list becomes numbers or objects, and
    arrays of texts become arrays of objects, so that no cell knows of the longest. Arrays are
    C-ordered. What only the base estimator can judge, such as missing values before an imputer in
    a pipeline, is left to it.

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
    table, CSR matrix or ndarray

    Raises
    ------
    ValueError
        If X does not fit the base estimator or the rows of ``fit``.
    """
    X = without_lists(X)
    table, fitted_on_texts = is_table(X), not reset and classifier._row_shape == ()
    if reset:
        classifier._rows_were_c_ordered = is_c_ordered(X)
    elif table and fitted_on_texts:
        raise InvalidInputError(
            f"X is a table, but {type(classifier).__name__} was fitted on one text per row; pass "
            f"the column of texts, such as X[{column_names(X)[0]!r}]."
        )
    if table:
        X = canonical_table(X)
        check_columns(classifier, X, reset=reset)
        fitted_on_table = reset or classifier._row_shape is None
        X = X if fitted_on_table else table_to_array(X)
        row_shape = None if fitted_on_table else X.shape[1:]
    elif (texts := _texts(X, expected=fitted_on_texts)) is not None:
        row_shape, X = (), texts
        if reset:  # forget the columns of an earlier fit on a table
            vars(classifier).pop("n_features_in_", None)
            vars(classifier).pop("feature_names_in_", None)
    else:
        X = validate_data(
            classifier,
            X=_with_cells_as_objects(X),
            reset=reset,
            dtype=None,
            allow_nd=True,
            accept_sparse="csr",
            ensure_all_finite=_finiteness(base_estimator),
        )
        row_shape, X = X.shape[1:], _canonical(X) if issparse(X) else c_ordered(X)
    if reset:
        classifier._row_shape = row_shape  # None: a table, whose columns are compared by name
        if not table:
            vars(classifier).pop("_column_names", None)
    else:
        _compare_shapes(classifier, row_shape)
    return X


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


def _canonical(X):
    """Store equal sparse rows alike: sorted columns, no duplicates, no explicit zeros."""
    if not (X.has_canonical_format and np.all(X.data)):
        X = X.copy()
        X.sum_duplicates()
        X.eliminate_zeros()
    return X


def _compare_shapes(classifier, row_shape):
    fitted, name = classifier._row_shape, type(classifier).__name__
    if row_shape == fitted or row_shape is None:
        return
    if fitted is None:
        if len(row_shape) == 1:
            return  # an array of as many columns
        fitted_on = "a table"
    else:
        fitted_on = f"rows of shape {fitted}" if fitted else "one text per row"
    given = f"rows of shape {row_shape}" if row_shape else "one text per row"
    raise InvalidInputError(f"X has {given}, but {name} was fitted on {fitted_on}.")
