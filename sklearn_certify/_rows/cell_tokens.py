"""One 64-bit token per cell: equal values have equal tokens, whatever type holds them."""

import numpy as np

from ..exceptions import InvalidInputError
from .columns import column_values, is_instance
from .object_tokens import object_tokens
from .token_parts import MISSING, number_tokens, time_tokens

__all__ = ["MISSING", "cell_tokens"]


def cell_tokens(column):
    """Return a token for every cell of a column.

    A number's token is the bits of its float64 value, with one zero and one NaN; so ``1``,
    ``1.0``, ``True`` and ``float32(1)`` are alike. A string's token is a digest of its UTF-8
    bytes. ``None``, NaN, NaT and pandas' NA are all the same missing value. Categories count by
    value, not by code, and so do times, whatever their unit and zone, and time spans.

    Parameters
    ----------
    column : array-like of shape (n_rows,)
        A numpy array, or a column of pandas, polars or Arrow, of numbers, strings, times,
        periods, intervals, UUIDs, categories, or a mixture of them.

    Returns
    -------
    ndarray of uint64, of shape (n_rows,)

    Raises
    ------
    InvalidInputError
        If a cell holds something else, or a complex number.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_certify._rows import cell_tokens
    >>> a = cell_tokens(np.array([0.5, 2.0], dtype=np.float32))
    >>> b = cell_tokens(np.array([0.5, 2], dtype=object))
    >>> (a == b).all()
    np.True_
    """
    dtype = getattr(column, "dtype", None)
    if is_instance(dtype, "pandas", "CategoricalDtype"):
        categorical = getattr(column, "cat", column)  # of a Series, or an Index itself
        return _categorical_tokens(categorical.categories, categorical.codes)
    if hasattr(dtype, "na_value"):  # pandas' own: nullable numbers, strings, zones, Arrow
        return _extension_tokens(column)
    values = column_values(column)
    dtype = values.dtype
    if dtype.kind in "biuf":
        return number_tokens(values)
    if dtype.kind in "mM":
        return time_tokens(values)
    if dtype.kind in "OUST":
        return object_tokens(values)
    raise InvalidInputError(f"Cannot hash values of type {dtype}; pass a hash_function.")


def _categorical_tokens(categories, codes):
    # the code -1 stands for a missing value and finds it at the end
    tokens = np.append(cell_tokens(categories), MISSING)
    return tokens[np.asarray(codes)]


def _extension_tokens(column):
    kind = getattr(column.dtype, "kind", None)
    if kind in "biuf":
        return number_tokens(column.to_numpy(dtype=np.float64, na_value=np.nan))
    if kind in "mM":
        present = ~np.asarray(column.isna())
        tokens = np.full(len(column), MISSING)
        tokens[present] = time_tokens(column[present].to_numpy(dtype=f"{kind}8[us]"))
        return tokens
    return object_tokens(column.to_numpy(dtype=object))
