"""Ensembles around learners of other projects, which the same release fits the same way."""

import numpy as np
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.linear_model import Perceptron, RidgeClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from sklearn_certify import (
    BaggingCertifiedClassifier,
    DPAClassifier,
    FiniteAggregationClassifier,
)
from sklearn_certify.learners import StackedRidgeClassifier

from .data import clustered_rows, texts
from .observe import observe
from .values import Cases

CASES = Cases()


def _seen(classifier, **options):
    X, y = clustered_rows(10, 300)
    return observe(classifier.fit(X, y), *clustered_rows(11, 40), **options)


@CASES.add("sklearn")
def default_estimator():
    return _seen(DPAClassifier(n_partitions=15))


@CASES.add("sklearn")
def flips_inside_voters():
    classifier = DPAClassifier(
        StackedRidgeClassifier(alpha=10, store_rows=True),
        n_partitions=8,
        threat_model="label_flip",
        label_flips="white_box",
        classes=[0, 1, 2, 3],
    )
    return _seen(classifier, threat_models=("label_flip",), joint=False)


@CASES.add("sklearn")
def decision_tree():
    return _seen(DPAClassifier(DecisionTreeClassifier(), n_partitions=15))


@CASES.add("sklearn")
def naive_bayes():
    return _seen(DPAClassifier(GaussianNB(), n_partitions=15, random_state=1))


@CASES.add("sklearn")
def random_forest():
    forest = RandomForestClassifier(n_estimators=4)
    return _seen(DPAClassifier(forest, n_partitions=10, random_state=2))


@CASES.add("sklearn")
def scaled_features():
    pipeline = make_pipeline(StandardScaler(), RidgeClassifier(alpha=10))
    return _seen(DPAClassifier(pipeline, n_partitions=10))


@CASES.add("sklearn")
def runoff_of_trees():
    classifier = DPAClassifier(
        DecisionTreeClassifier(max_depth=2), n_partitions=15, aggregation="runoff"
    )
    return _seen(classifier, joint=False)


@CASES.add("sklearn")
def finite_aggregation():
    return _seen(FiniteAggregationClassifier(n_partitions=10, spreading_degree=4))


@CASES.add("sklearn")
def finite_aggregation_of_trees():
    tree = DecisionTreeClassifier(max_depth=3)
    return _seen(FiniteAggregationClassifier(tree, n_partitions=8, spreading_degree=4))


@CASES.add("sklearn")
def bagging():
    classifier = BaggingCertifiedClassifier(n_estimators=60, max_samples=20, random_state=0)
    return _seen(classifier, joint=False)


@CASES.add("sklearn")
def bagging_of_naive_bayes():
    classifier = BaggingCertifiedClassifier(
        GaussianNB(), 60, 30, sampling="without_replacement", random_state=1
    )
    return _seen(classifier, joint=False)


@CASES.add("sklearn")
def bagging_of_trees():
    classifier = BaggingCertifiedClassifier(
        DecisionTreeClassifier(max_depth=3), 60, 30, sampling="bernoulli", random_state=2
    )
    return _seen(classifier, joint=False)


@CASES.add("sklearn")
def pipeline_of_texts():
    words = HashingVectorizer(n_features=64, norm=None, alternate_sign=False)
    classifier = DPAClassifier(make_pipeline(words, Perceptron(max_iter=20)), n_partitions=12)
    X, y = texts(12, 250)
    return observe(classifier.fit(X, y), *texts(13, 40))


@CASES.add("torch", "skorch")
def networks():
    from .networks import network

    X, y = clustered_rows(14, 200)
    queries, truth = clustered_rows(15, 40)
    classifier = DPAClassifier(network(), n_partitions=8).fit(X.astype(np.float32), y)
    return observe(classifier, queries.astype(np.float32), truth)
