"""Use a hash function that a user wrote, and check what can be checked of it."""

import numpy as np

from .._rows import protected, take_rows
from ..exceptions import InvalidInputError

__all__ = ["apply_hash_function"]

_N_CHECKED = 20


def apply_hash_function(hash_function, X, y):
    """Return the hashes of rows, after a look at whether each depends on its row alone.

    Parameters
    ----------
    hash_function : callable
        Called as ``hash_function(X, y)``; returns non-negative integers, one per row.
    X : DataFrame, CSR matrix or ndarray of shape (n_rows, ...)
        Rows.
    y : ndarray of shape (n_rows,) or None
        Labels; None if the partition must not depend on them.

    Returns
    -------
    ndarray of uint64, of shape (n_rows,)

    Raises
    ------
    InvalidInputError
        If the hashes are no non-negative integers, or if a row's hash changes with the rows
        around it.
    """
    n_rows = X.shape[0]
    hashes = _call(hash_function, protected(X), y, n_rows)
    for row in np.linspace(n_rows - 1, 0, num=min(n_rows, _N_CHECKED), dtype=np.int64):
        alone = _call(hash_function, take_rows(X, [row]), None if y is None else y[[row]], 1)
        if alone[0] != hashes[row]:
            raise InvalidInputError(
                f"hash_function gives row {row} another hash when no other rows are around it; "
                "a certificate needs a hash of each row alone."
            )
    return hashes


def _call(hash_function, X, y, n_rows):
    try:
        hashes = np.asarray(hash_function(X, y))
    except Exception as error:
        hint = "" if y is not None else " (y is None unless partition_by='sample')"
        raise InvalidInputError(
            f"hash_function failed{hint}: {type(error).__name__}: {error}"
        ) from error
    if hashes.shape != (n_rows,) or hashes.dtype.kind not in "iu" or hashes.min() < 0:
        raise InvalidInputError(
            "hash_function must return one non-negative integer per row, got "
            f"{hashes.dtype} of shape {hashes.shape}."
        )
    return hashes.astype(np.uint64)
