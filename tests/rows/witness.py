"""A voter that looks hard: it keeps all that its rows and labels could tell of other rows."""

import numpy as np
from scipy.sparse import issparse
from sklearn.base import BaseEstimator, ClassifierMixin


class Witness(ClassifierMixin, BaseEstimator):
    """Keeps a description of what it was given, and votes by it."""

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        self.seen_ = f"{describe(X)} | {describe(np.asarray(y))}"
        return self

    def predict(self, X):
        vote = sum(map(ord, self.seen_ + describe(X))) % len(self.classes_)
        return np.full(X.shape[0], self.classes_[vote])

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = tags.input_tags.allow_nan = tags.input_tags.string = True
        return tags


def describe(X):
    """Tell types, layout and cells, to the last bit."""
    if issparse(X):
        return " ".join(map(describe, (X.data, X.indices, X.indptr))) + type(X).__name__
    if isinstance(X, np.ndarray):
        cells = [(type(cell).__name__, cell) for cell in X.ravel().tolist()]
        bits = X.tobytes().hex() if X.dtype.kind in "biufmMUS" and X.dtype != "g" else ""
        flags = X.flags.c_contiguous, X.flags.aligned, type(X).__name__
        return f"{X.dtype} {X.shape} {X.strides} {flags} {cells} {bits}"
    if hasattr(X, "iloc"):
        columns = [f"{X.dtypes.iloc[j]} {X.iloc[:, j].tolist()}" for j in range(X.shape[1])]
        layout = describe(X.to_numpy()) if len(set(X.dtypes)) == 1 else ""
        return f"{list(X.columns)} {list(X.index)} {columns} {layout}"
    if hasattr(X, "to_dict"):
        return f"{X.schema} {X.to_dict(as_series=False)} {X.n_chunks()}"
    chunks = [column.num_chunks for column in X.columns]
    return f"{X.schema} {X.to_pydict()} {chunks}"


def seen_by(ensemble):
    """What every voter was given; None for those that no witness sat in."""
    return [getattr(voter, "seen_", None) for voter in ensemble.estimators_]
