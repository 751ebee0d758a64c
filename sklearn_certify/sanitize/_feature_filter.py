"""What the filters share that look at features of the rows, one class after the other."""

from abc import abstractmethod
from typing import ClassVar

import numpy as np
from scipy.sparse import csr_matrix, issparse
from sklearn.decomposition import PCA
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils import check_random_state

from .._compat import HasMethods
from .._compute.global_generators import seeded_global_generators
from .._compute.seeds import LARGEST_SEED, fit_seeded_clone
from .._rows import all_rows, check_rows
from ..exceptions import InvalidInputError
from ._base import TrainingSetFilter

__all__ = ["FeatureFilter", "principal_projections"]

_FEW_DIMENSIONS = 200  # for which a full decomposition is quick


class FeatureFilter(TrainingSetFilter):
    """Base class of the filters that judge the rows of a class by their features.

    A subclass says how (`_judge_class`), and has the parameters `features`, `random_state` and
    `verbose`.
    """

    _parameter_constraints: ClassVar[dict] = {
        "features": [None, callable, HasMethods(["fit", "transform"])],
        "random_state": ["random_state"],
        "verbose": ["verbose"],
    }

    @abstractmethod
    def _judge_class(self, features, seed):
        """Return the suspicion of every row of a class, and which rows to keep.

        features has shape (n_rows_of_class, n_features) and may be sparse; the results have shape
        (n_rows_of_class,).
        """

    def _check_rows(self, X):
        if self.features is None:
            return super()._check_rows(X)
        if isinstance(self.features, type) and hasattr(self.features, "fit"):
            raise InvalidInputError(
                f"features must be an instance of {self.features.__name__}, not the class itself."
            )
        # what `features` makes of missing values is its own affair, as for a pipeline
        step = self.features if hasattr(self.features, "transform") else FunctionTransformer()
        X, _ = check_rows(self, X, make_pipeline(step))
        return X

    def _keep_rows(self, X, y):
        n_seeds = len(self.classes_) + 1
        first_seed, *seeds = check_random_state(self.random_state).randint(
            LARGEST_SEED, size=n_seeds
        )
        features = _flat_features(self._make_features(X, y, int(first_seed)), len(y))
        self.suspicion_ = np.zeros(len(y))
        keep = np.ones(len(y), dtype=bool)
        for index, label in enumerate(self.classes_.tolist()):
            rows = np.flatnonzero(y == index)
            of_class = features[rows].astype(np.float64)
            # rows that are all alike give no ground to prefer one to another
            if _differ(of_class):
                judged = self._judge_class(of_class, int(seeds[index]))
                self.suspicion_[rows], keep[rows] = judged
            if self.verbose:
                n_dropped = len(rows) - np.count_nonzero(keep[rows])
                print(f"{type(self).__name__}: drops {n_dropped} of {len(rows)} rows of {label!r}")
        return keep

    def _make_features(self, X, y, seed):
        if self.features is None:
            return X
        # copies: what makes features may write to its rows
        if hasattr(self.features, "transform"):
            fitted = fit_seeded_clone(self.features, all_rows(X), self.classes_[y], seed)
            make = fitted.transform
        else:
            make = self.features
        with seeded_global_generators(seed, watch=False):
            return make(all_rows(X))


def _flat_features(features, n_rows):
    """Return what was made of the rows as a table of finite numbers, one row per row."""
    if hasattr(features, "detach"):  # a tensor
        features = features.detach().cpu().numpy()
    features = csr_matrix(features) if issparse(features) else np.asarray(features)
    if features.dtype.kind == "O":
        try:
            features = features.astype(np.float64)
        except (TypeError, ValueError) as error:
            raise InvalidInputError("The features of the rows must be numbers.") from error
    if features.dtype.kind not in "biuf":
        raise InvalidInputError(f"The features of the rows must be numbers, got {features.dtype}.")
    if features.ndim == 0 or features.shape[0] != n_rows:
        raise InvalidInputError(
            f"The features have shape {features.shape}, but there are {n_rows} rows; give one "
            "entry per row."
        )
    if not issparse(features):
        features = features.reshape(n_rows, -1)
    if features.shape[1] == 0:
        raise InvalidInputError("The rows have no features.")
    if not np.isfinite(features.data if issparse(features) else features).all():
        raise InvalidInputError("The features of the rows must be finite, got NaN or infinity.")
    return features


def _differ(features):
    return abs(features.max(axis=0) - features.min(axis=0)).sum() > 0


def principal_projections(features, n_components, seed):
    """Project rows, less their mean, onto their top right singular vectors.

    Parameters
    ----------
    features : {ndarray, CSR matrix} of float64, of shape (n_rows, n_features)
        Rows.
    n_components : int
        Number of vectors; no more are used than there are rows or features.
    seed : int
        Seed of the iteration for large tables.

    Returns
    -------
    ndarray of float64, of shape (n_rows, n_used)
        One column per vector; its sign means nothing.
    """
    smallest = min(features.shape)
    if n_components < smallest and (issparse(features) or smallest > _FEW_DIMENSIONS):
        solver = "arpack"
    else:
        solver, features = "full", features.toarray() if issparse(features) else features
        n_components = min(n_components, smallest)
    pca = PCA(n_components, svd_solver=solver, random_state=seed)
    return pca.fit_transform(features)
