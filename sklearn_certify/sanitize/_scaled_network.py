"""The learner of the filters for those who bring none."""

import warnings

import numpy as np
from scipy.sparse import csr_matrix, issparse
from sklearn.base import BaseEstimator
from sklearn.neural_network import MLPClassifier
from sklearn.utils.sparsefuncs import inplace_column_scale, mean_variance_axis

__all__ = ["ScaledNetwork"]

_FARTHEST = 3.0  # standard deviations


class ScaledNetwork(BaseEstimator):
    """A small network on features brought to one scale.

    The scale of each feature is that of the rows of the first call. Values far out are brought
    near, so that a rare value does not speak louder than others.

    Parameters
    ----------
    random_state : int or None, default=None
        Seed of the network.
    """

    def __init__(self, random_state=None):
        self.random_state = random_state

    def partial_fit(self, X, y, classes=None):
        """Train for one epoch."""
        if not hasattr(self, "network_"):
            self._find_scale(X)
            self.network_ = MLPClassifier(
                hidden_layer_sizes=(64,),
                solver="sgd",
                learning_rate_init=0.05,
                momentum=0.9,
                batch_size=16,
                random_state=self.random_state,
            )
        with warnings.catch_warnings():  # of fewer rows than a batch
            warnings.filterwarnings("ignore", message=".*batch_size.*")
            self.network_.partial_fit(self._scaled(X), y, classes=classes)
        return self

    def predict_proba(self, X):
        """Return the probability of every class on every row."""
        return self.network_.predict_proba(self._scaled(X))

    def _find_scale(self, X):
        if issparse(X):  # zeros stay zeros
            variance = mean_variance_axis(X.astype(np.float64), axis=0)[1]
            self.center_ = 0.0
        else:
            variance = X.var(axis=0, dtype=np.float64)
            self.center_ = X.mean(axis=0, dtype=np.float64)
        deviation = np.sqrt(variance)
        self.scale_ = np.where(deviation > 0, deviation, 1)

    def _scaled(self, X):
        if issparse(X):
            X = csr_matrix(X, dtype=np.float64, copy=True)
            inplace_column_scale(X, 1 / self.scale_)
            X.data = np.clip(X.data, -_FARTHEST, _FARTHEST)
            return X
        return np.clip((X - self.center_) / self.scale_, -_FARTHEST, _FARTHEST)
