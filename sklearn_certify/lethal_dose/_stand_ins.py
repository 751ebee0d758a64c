"""A cheap stand-in for every voter: the nearest mean of the classes in its partition.

Class means cost one pass over the rows, so there can be one stand-in for each of the voters that
are not fitted. What a voter gets wrong it often gets wrong for the rows it has, and its stand-in
has the same ones: how the stand-ins of the fitted voters differ from those of all tells how the
fitted voters differ from all.
"""

import numpy as np
from scipy.sparse import csr_array, diags, issparse
from sklearn.preprocessing import StandardScaler

from .._rows.tables import is_table

__all__ = ["numbers_of", "stand_in_votes"]

_BLOCK_SCORES = 2**22


def numbers_of(X):
    """Return rows as flat finite numbers, or None if they are not such.

    Parameters
    ----------
    X : table, CSR matrix or ndarray of shape (n_rows, ...)
        Rows.

    Returns
    -------
    ndarray or CSR matrix of float, of shape (n_rows, n_features), or None
    """
    if is_table(X):
        X = X.to_numpy() if hasattr(X, "to_numpy") else np.array(None)
    if X.dtype.kind not in "fiub" or X.ndim < 2 or 0 in X.shape:
        return None
    X = X.astype(np.result_type(X.dtype, np.float32), copy=False)
    if not np.isfinite(X.data if issparse(X) else X).all():
        return None
    return X if issparse(X) else X.reshape(len(X), -1)


def stand_in_votes(X, codes, partition, n_partitions, queries, n_classes):
    """Let the nearest class mean of every partition vote on every query.

    Parameters
    ----------
    X : ndarray or CSR matrix of float, of shape (n_rows, n_features)
        Training rows, as `numbers_of` returns them.
    codes : ndarray of int, of shape (n_rows,)
        The class of each row.
    partition : ndarray of int, of shape (n_rows,)
        The partition of each row.
    n_partitions : int
        Number of partitions.
    queries : ndarray or CSR matrix of float, of shape (n_queries, n_features)
        Rows to ask about.
    n_classes : int
        Number of classes.

    Returns
    -------
    ndarray of int, of shape (n_queries, n_partitions)
        Index of the class; -1 for a partition without rows.
    """
    # features count alike, but none that hardly varies is blown up
    spreads = np.sqrt(StandardScaler(with_mean=False).fit(X).var_)
    least = np.quantile(spreads[spreads > 0], 0.25) if spreads.any() else 1.0
    weights = (1 / np.maximum(spreads, least)).astype(X.dtype)
    owners, place = np.unique(
        partition.astype(np.int64) * n_classes + codes, return_inverse=True
    )  # voter and class of each mean
    shares = (1 / np.bincount(place))[place].astype(X.dtype)
    means = csr_array((shares, (place, np.arange(len(place))))) @ X
    if issparse(X):
        scale = diags(weights, format="csr")
        means, queries = means @ scale, queries @ scale
        levels = np.asarray(means.multiply(means).sum(axis=1)).ravel() / 2
    else:
        means, queries = means * weights, queries * weights
        levels = np.einsum("mf,mf->m", means, means) / 2
    n_queries = queries.shape[0]
    votes = np.full((n_queries, n_partitions), -1, dtype=np.min_scalar_type(-n_classes))
    width = max(_BLOCK_SCORES // max(n_queries * n_classes, 1), 1)
    for first in range(0, n_partitions, width):
        last = min(first + width, n_partitions)
        some = slice(*np.searchsorted(owners, [first * n_classes, last * n_classes]))
        products = queries @ means[some].T
        scores = np.full((n_queries, (last - first) * n_classes), -np.inf)
        scores[:, owners[some] - first * n_classes] = (
            products.toarray() if issparse(products) else products
        ) - levels[some]
        scores = scores.reshape(n_queries, last - first, n_classes)
        has_rows = np.isfinite(scores).any(axis=2)
        votes[:, first:last] = np.where(has_rows, scores.argmax(axis=2), -1)
    return votes
