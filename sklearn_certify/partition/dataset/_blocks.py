"""Blocks of rows with labels and groups, checked and hashed one by one."""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
from scipy.sparse import issparse

from ..._compute.settings import muted
from ..._rows import check_groups, check_labels, check_targets
from ..._rows.columns import column_values, is_series
from ..._rows.lists import without_lists
from ..._rows.tables import canonical_table, is_table
from ...exceptions import InvalidInputError
from ..content_hash import combine_hashes, hash_labels, hash_rows

__all__ = ["HashedBlock", "checked_block", "hashed_block", "plain_rows"]

_SAID_OF_FEW_ROWS = "The number of unique classes is greater than 50%"  # of a block: it has few


class HashedBlock(NamedTuple):
    """Rows with labels and groups, and what their partitions and checks follow from.

    Attributes
    ----------
    X : table, CSR matrix or ndarray of shape (n_rows, ...)
        Rows.
    y : ndarray of shape (n_rows,)
        Labels, or numbers.
    groups : ndarray of str objects, of shape (n_rows,), or None
        Contributors.
    row_hashes, label_hashes : ndarray of uint64, of shape (n_rows,)
        Content hashes.
    checks : ndarray of uint64, of shape (n_rows,)
        Hashes of all of it.
    """

    X: object
    y: np.ndarray
    groups: np.ndarray | None
    row_hashes: np.ndarray
    label_hashes: np.ndarray
    checks: np.ndarray


def checked_block(X, y, groups, target_type):
    """Return rows, labels and groups as a data set keeps them.

    Parameters
    ----------
    X, y, groups : array-like
        As ``fit`` of an ensemble takes them; groups may be None.
    target_type : {"labels", "numbers"}
        What y holds.

    Returns
    -------
    X, y, groups

    Raises
    ------
    ValueError
        If they have different lengths, or are none that ``fit`` would take.
    """
    X, y, groups = plain_rows(X), _checked_y(y, target_type), check_groups(groups)
    lengths = [X.shape[0], len(y), *([] if groups is None else [len(groups)])]
    if len(set(lengths)) > 1:
        raise InvalidInputError(f"X, y and groups have different numbers of rows: {lengths}.")
    return X, y, groups


def _checked_y(y, target_type):
    if y is None:
        raise InvalidInputError(
            f"Rows need {target_type}: give blocks as (X, y) or (X, y, groups), or name the column "
            f"of {target_type} in tables, as in target='{target_type[:-1]}'."
        )
    if target_type == "numbers":
        return check_targets("PartitionedDataset", y)
    with muted(_SAID_OF_FEW_ROWS):
        return check_labels("PartitionedDataset", y)


def plain_rows(X):
    """Return rows as arrays, CSR matrices or tables, without a trace of how they came."""
    X = without_lists(X)
    if isinstance(X, pa.RecordBatch):
        X = pa.table(X)
    if is_table(X):
        if not X.shape[1]:
            raise InvalidInputError("X must have rows of at least one cell, got no columns.")
        return X if isinstance(X, pa.Table) else canonical_table(X)
    if issparse(X):
        X = X.tocsr(copy=True)
        X.sum_duplicates()
        X.eliminate_zeros()
        return X
    X = column_values(X) if is_series(X) else np.asarray(X)
    X = X.astype(object) if X.dtype.kind in "UST" else X
    if X.ndim == 0 or (X.ndim == 1 and X.dtype.kind != "O"):
        raise InvalidInputError(f"X must be rows, got an array of shape {X.shape}.")
    return X


def hashed_block(X, y, groups):
    """Return a block with its hashes; tables of Arrow become those of pandas, as voters get them.

    Parameters
    ----------
    X, y, groups
        As `checked_block` returns them.

    Returns
    -------
    HashedBlock
    """
    if isinstance(X, pa.Table):
        X = canonical_table(X)
    row_hashes, label_hashes = hash_rows(X), hash_labels(y)
    checks = combine_hashes(row_hashes, label_hashes)
    if groups is not None:
        checks = combine_hashes(checks, hash_labels(groups))
    return HashedBlock(X, y, groups, row_hashes, label_hashes, checks)
