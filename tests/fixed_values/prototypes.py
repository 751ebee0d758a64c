"""Models of whole numbers, whose answers tell what they were given and what they drew."""

from hashlib import sha256

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin

_PRIMES = np.array([2, 3, 5, 7, 11, 13, 17, 19])


class Prototypes(ClassifierMixin, BaseEstimator):
    """The first row of each class stands for it; its seed and all its rows blur the distances.

    Everything is computed in whole numbers, so the votes are the same on every machine.
    """

    def __init__(self, random_state=None):
        self.random_state = random_state

    def fit(self, X, y):
        self.classes_, first = np.unique(y, return_index=True)
        self.prototypes_ = X[first].astype(np.int64)
        content = X.astype("<f8").tobytes() + "\n".join(map(str, y.tolist())).encode()
        self.seen_ = int.from_bytes(sha256(content).digest()[:4], "little")
        self.drawn_ = self._draw(len(self.classes_))
        return self

    def _draw(self, n_numbers):
        random = np.random.RandomState(self.random_state)
        return random.randint(8, size=n_numbers, dtype=np.int64)

    def predict_proba(self, X):
        X = X.astype(np.int64)
        distances = np.abs(X[:, np.newaxis] - self.prototypes_).sum(axis=2)
        blur = (X @ _PRIMES)[:, np.newaxis] + self.seen_ // 8 ** np.arange(len(self.classes_))
        return 1 / (1 + distances + blur % 8 + self.drawn_)

    def predict(self, X):
        return self.classes_[self.predict_proba(X).argmax(axis=1)]


class DrawingPrototypes(Prototypes):
    """Has no seed of its own and draws from NumPy's global generator."""

    def __init__(self):
        pass

    def _draw(self, n_numbers):
        return np.floor(8 * np.random.rand(n_numbers)).astype(np.int64)


class ShyPrototypes(Prototypes):
    """Fails with every third seed."""

    def fit(self, X, y):
        if self.random_state % 3 == 0:
            raise ValueError("this seed is one of those that fail")
        return super().fit(X, y)


class NearestTargets(RegressorMixin, BaseEstimator):
    """Answers the target of the nearest row, the first of several, and a little of all rows."""

    def fit(self, X, y):
        self.rows_, self.targets_ = X.astype(np.int64), y
        content = X.astype("<f8").tobytes() + y.astype("<f8").tobytes()
        self.seen_ = sha256(content).digest()[0]
        return self

    def predict(self, X):
        distances = np.abs(X.astype(np.int64)[:, np.newaxis] - self.rows_).sum(axis=2)
        return self.targets_[distances.argmin(axis=1)] + self.seen_ % 3
