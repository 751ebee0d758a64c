"""Class scores that are linear in the query, of many voters at once."""

import numpy as np
from numba import njit

__all__ = ["WIDTH", "LinearStack"]

WIDTH = 64  # voters in one product
_ROWS = 128  # queries in one product


class LinearStack:
    """Linear class scores of at most `WIDTH` voters.

    All products have the same shape, whatever the voters know: `_ROWS` queries by `WIDTH` voters,
    one product a class, and a voter has the same column in each. So what another voter has
    learned, or how many labels there are, cannot even change how a score is rounded.

    Parameters
    ----------
    models : sequence of tuple or None
        ``(columns, weights, intercepts)`` of each voter: the classes it knows, of shape
        (n_known,), its weights, of shape (n_known, n_features), and what is added, of shape
        (n_known,). None is a place without a voter.
    n_classes : int
        Number of classes.
    n_features : int
        Number of features.
    dtype : dtype
        float32 or float64, in which scores are computed.
    """

    def __init__(self, models, n_classes, n_features, dtype):
        self.n_voters = len(models)
        self._weights = [None] * n_classes
        self._intercepts = np.full((n_classes, WIDTH), -np.inf, dtype=dtype)
        for place, model in enumerate(models):
            if model is None:
                continue
            columns, weights, intercepts = model
            self._intercepts[columns, place] = intercepts
            for column, weight in zip(columns, weights, strict=True):
                if self._weights[column] is None:
                    self._weights[column] = np.zeros((WIDTH, n_features), dtype=dtype)
                self._weights[column][place] = weight

    def votes(self, X):
        """Return the class of the highest score; the first of several.

        Parameters
        ----------
        X : C-contiguous ndarray of shape (n_samples, n_features)
            Queries.

        Returns
        -------
        ndarray of the smallest integer type, of shape (n_voters, n_samples)
            -1 where there is no voter, or all scores are NaN.
        """
        votes = np.empty((len(X), WIDTH), np.min_scalar_type(-len(self._weights)))
        best = np.empty((_ROWS, WIDTH), dtype=self._intercepts.dtype)
        for rows, products in self._products(X):
            best[:] = -np.inf
            votes[rows] = -1
            for column, product in products:
                _raise(best, votes[rows], product, self._intercepts[column], column)
        return votes.T[: self.n_voters]

    def scores(self, X):
        """Return the score of each class.

        Parameters
        ----------
        X : C-contiguous ndarray of shape (n_samples, n_features)
            Queries.

        Returns
        -------
        ndarray of float64, of shape (n_voters, n_samples, n_classes)
            -inf for a class that a voter does not know; NaN only where a product overflows.
        """
        all_scores = np.full((self.n_voters, len(X), len(self._weights)), -np.inf)
        for rows, products in self._products(X):
            for column, product in products:
                scores = product + self._intercepts[column]
                all_scores[:, rows, column] = scores[: rows.stop - rows.start, : self.n_voters].T
        return all_scores

    def _products(self, X):
        """Yield, for some queries at a time, their numbers and the product of each known class."""
        for start in range(0, len(X), _ROWS):
            rows = slice(start, min(start + _ROWS, len(X)))
            block = X[rows]
            if len(block) < _ROWS or block.dtype != self._intercepts.dtype:
                padded = np.zeros((_ROWS, X.shape[1]), dtype=self._intercepts.dtype)
                padded[: len(block)] = block
                block = padded
            yield rows, self._product_by_class(block)

    def _product_by_class(self, block):
        for column, weights in enumerate(self._weights):
            if weights is not None:
                yield column, block @ weights.T


@njit(cache=True, nogil=True)
def _raise(best, votes, product, intercepts, column):
    """Let a class have the votes where its score is the best so far."""
    for row in range(votes.shape[0]):
        for voter in range(votes.shape[1]):
            score = product[row, voter] + intercepts[voter]
            if score > best[row, voter]:
                best[row, voter] = score
                votes[row, voter] = column
