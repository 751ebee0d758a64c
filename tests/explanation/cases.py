"""Classifiers and regressors of all kinds, and rows to explain."""

import numpy as np
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from sklearn_certify import (
    BaggingCertifiedClassifier,
    CertifiedKNN,
    CertifiedKNNRegressor,
    CertifiedRNN,
    DPAClassifier,
    DPARegressor,
    FiniteAggregationClassifier,
    FiniteAggregationRegressor,
    TemporalAggregationClassifier,
)
from sklearn_certify.learners import StackedRidgeClassifier

__all__ = ["CLASSIFIERS", "FLIPS", "REGRESSORS", "TEMPORAL", "make_rows"]

_TREE = DecisionTreeClassifier(max_depth=3)
CLASSIFIERS = {
    "dpa": DPAClassifier(_TREE, n_partitions=9),
    "dpa, run-off": DPAClassifier(_TREE, n_partitions=9, aggregation="runoff"),
    "fa": FiniteAggregationClassifier(_TREE, n_partitions=6, spreading_degree=2),
    "fa, tight": FiniteAggregationClassifier(_TREE, 6, 2, tighten=True, threat_model="modify"),
    "fa, run-off": FiniteAggregationClassifier(_TREE, 6, 2, aggregation="runoff"),
    "bagging": BaggingCertifiedClassifier(_TREE, 60, 20, random_state=0),
    "knn": CertifiedKNN(9),
    "knn, deletions": CertifiedKNN(9, threat_model="delete", classes=["a", "b", "c"]),
    "knn, modified": CertifiedKNN(9, threat_model="modify"),
    "rnn": CertifiedRNN(2.5),
    "rnn, outliers": CertifiedRNN(2.5, outlier_label="none", threat_model="delete"),
}
FLIPS = DPAClassifier(
    StackedRidgeClassifier(10.0, store_rows=True),
    5,
    threat_model="label_flip",
    classes=["a", "b", "c"],
    label_flips="white_box",
)
_TREE_OF_NUMBERS = DecisionTreeRegressor(max_depth=3)
REGRESSORS = {
    "dpa": DPARegressor(_TREE_OF_NUMBERS, n_partitions=9),
    "dpa, modified": DPARegressor(_TREE_OF_NUMBERS, n_partitions=12, threat_model="modify"),
    "fa": FiniteAggregationRegressor(_TREE_OF_NUMBERS, n_partitions=6, spreading_degree=2),
    "knn": CertifiedKNNRegressor(9),
    "knn, deletions": CertifiedKNNRegressor(9, threat_model="delete"),
    "knn, flips": CertifiedKNNRegressor(9, threat_model="label_flip"),
}
TEMPORAL = {
    "declared": TemporalAggregationClassifier(_TREE, first_period=0, last_period=29),
    "declared, wide": TemporalAggregationClassifier(_TREE, 3, first_period=0, last_period=29),
    "open": TemporalAggregationClassifier(_TREE),
    "open, wide": TemporalAggregationClassifier(_TREE, 2, classes=["a", "b", "c"]),
}


def make_rows(seed=0, n_rows=150):
    """Return training rows in three overlapping classes, and queries."""
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 3, size=n_rows)
    X = rng.normal(size=(n_rows, 3)) + 1.2 * np.eye(3)[y]
    return X, np.array(["a", "b", "c"])[y], rng.normal(size=(25, 3)) * 1.5
