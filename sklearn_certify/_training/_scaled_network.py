"""A small network on scaled features, for those who bring no learner."""

import warnings

import numpy as np
from scipy.sparse import csr_matrix, issparse
from sklearn.base import BaseEstimator
from sklearn.neural_network import MLPClassifier
from sklearn.utils import check_random_state
from sklearn.utils.sparsefuncs import inplace_column_scale, mean_variance_axis, min_max_axis

from .._compute.seeds import LARGEST_SEED

__all__ = ["ScaledNetwork"]

_FARTHEST = 3.0  # standard deviations
_TAIL = 0.05  # share of the rows on either side that do not count for the scale
_DEVIATIONS_BETWEEN_TAILS = 3.29  # of normally distributed values
_HIDDEN_SHARE = 0.2  # of the values in every row that is learned from
_DENSE = 0.1  # share of stored values from which sparse rows are treated as dense ones


class ScaledNetwork(BaseEstimator):
    """A small network on features brought to one scale.

    The scale of each feature is that of most rows of the first call, so that a few rows far out
    cannot make the others look alike; they are brought near. In every row that it learns from some
    values, drawn anew in every epoch, are hidden. That hinders what depends on few features, as
    triggers do, more than what many features tell.

    Parameters
    ----------
    random_state : int or None, default=None
        Seed of the network and of what is hidden.
    """

    def __init__(self, random_state=None):
        self.random_state = random_state

    def partial_fit(self, X, y, classes=None):
        """Train for one epoch."""
        if not hasattr(self, "network_"):
            self._find_scale(X)
            self._draws = check_random_state(self.random_state)
            self.network_ = MLPClassifier(
                hidden_layer_sizes=(64,),
                solver="sgd",
                learning_rate_init=0.05,
                momentum=0.9,
                batch_size=16,
                random_state=self._draws.randint(LARGEST_SEED),
            )
        with warnings.catch_warnings():  # of fewer rows than a batch
            warnings.filterwarnings("ignore", message=".*batch_size.*")
            self.network_.partial_fit(self._partly_hidden(self._scaled(X)), y, classes=classes)
        return self

    def predict_proba(self, X):
        """Return the probability of every class on every row."""
        return self.network_.predict_proba(self._scaled(X))

    def _find_scale(self, X):
        self._dense = not issparse(X) or X.nnz > _DENSE * X.shape[0] * X.shape[1]
        X = self._numbers(X)
        largest = abs(X).max(axis=0) if self._dense else np.abs(min_max_axis(X, axis=0)).max(axis=0)
        self.unit_ = np.where(largest >= np.finfo(np.float64).tiny, largest, 1)
        X = self._divided(X, self.unit_)  # no square of what is at most 1 overflows
        if self._dense:
            low, self.center_, high = np.quantile(X, [_TAIL, 0.5, 1 - _TAIL], axis=0)
            spread = (high - low) / _DEVIATIONS_BETWEEN_TAILS
            deviation = np.where(spread > 0, spread, X.std(axis=0))
        else:
            self.center_ = 0.0  # zeros stay zeros
            deviation = np.sqrt(mean_variance_axis(X, axis=0)[1])
        self.scale_ = np.where(deviation > 0, deviation, 1)

    def _numbers(self, X):
        """Return a copy of the rows that may be written to."""
        if not issparse(X):
            return X.astype(np.float64)
        X = csr_matrix(X, dtype=np.float64, copy=True)
        return X.toarray() if self._dense else X

    def _scaled(self, X):
        X = self._divided(self._numbers(X), self.unit_)
        if self._dense:
            X -= self.center_
        X = self._divided(X, self.scale_)
        values = X.data if issparse(X) else X
        np.clip(values, -_FARTHEST, _FARTHEST, out=values)
        return X

    @staticmethod
    def _divided(X, units):
        """Divide the columns of X in place; what is too large for a number becomes infinite."""
        with np.errstate(over="ignore"):
            if issparse(X):
                inplace_column_scale(X, 1 / units)
            else:
                X /= units
        return X

    def _partly_hidden(self, X):
        """Set some values of X, in place, to the middle of their feature."""
        values = X.data if issparse(X) else X
        values *= self._draws.uniform(size=values.shape) >= _HIDDEN_SHARE
        return X
