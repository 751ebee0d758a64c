"""Classifiers of all kinds, and rows to explain."""

import numpy as np
from sklearn.tree import DecisionTreeClassifier

from sklearn_certify import (
    BaggingCertifiedClassifier,
    CertifiedKNN,
    CertifiedRNN,
    DPAClassifier,
    FiniteAggregationClassifier,
)

__all__ = ["CLASSIFIERS", "make_rows"]

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


def make_rows(seed=0, n_rows=150):
    """Return training rows in three overlapping classes, and queries."""
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 3, size=n_rows)
    X = rng.normal(size=(n_rows, 3)) + 1.2 * np.eye(3)[y]
    return X, np.array(["a", "b", "c"])[y], rng.normal(size=(25, 3)) * 1.5
