"""Ensembles of voters that compute in whole numbers: nothing here hangs on other projects."""

import warnings

import numpy as np
from sklearn.preprocessing import FunctionTransformer

from sklearn_certify import (
    BaggingCertifiedClassifier,
    DPAClassifier,
    FiniteAggregationClassifier,
    TemporalAggregationClassifier,
    certified_accuracy,
    certified_radius,
    certify,
)
from sklearn_certify.threat import THREAT_MODELS

from .data import clustered_rows, integers
from .observe import SIZES, observe, shares
from .prototypes import DrawingPrototypes, Prototypes, ShyPrototypes
from .values import Cases

CASES = Cases()

NAMES = np.array(["ash", "birch", "cedar", "dogwood"])


def _fitted(classifier, *, names=False, noise=5, **fit):
    """Fit on rows with some copies, and return the classifier with rows to ask about."""
    X, y = clustered_rows(0, 300, noise=noise)
    X[280:], y[290:] = X[:20], y[:10]
    queries, truth = clustered_rows(1, 40, noise=noise)
    if names:
        y, truth = NAMES[y], NAMES[truth]
    return classifier.fit(X, y, **fit), queries, truth


def _seen(classifier, *, names=False, noise=5, fit=None, **options):
    classifier, X, y = _fitted(classifier, names=names, noise=noise, **(fit or {}))
    return {**shares(classifier), **observe(classifier, X, y, **options)}


def _contributors():
    return integers(np.random.RandomState(2), 60, 300)


@CASES.add()
def deep_partition_aggregation():
    return _seen(DPAClassifier(Prototypes(), n_partitions=15), threat_models=THREAT_MODELS)


@CASES.add()
def global_draws():
    return _seen(DPAClassifier(DrawingPrototypes(), n_partitions=15, random_state=5), names=True)


@CASES.add()
def declared_classes():
    classifier = DPAClassifier(Prototypes(), n_partitions=15, classes=NAMES)
    return _seen(classifier, names=True)


@CASES.add()
def partition_by_sample():
    classifier = DPAClassifier(Prototypes(), n_partitions=15, partition_by="sample")
    return _seen(classifier, threat_models=("label_flip",))


@CASES.add()
def own_hash_function():
    def first_feature(X, y):
        return X[:, 0].astype(np.int64)

    return _seen(DPAClassifier(Prototypes(), n_partitions=20, hash_function=first_feature))


@CASES.add()
def voters_that_fail():
    classifier = DPAClassifier(ShyPrototypes(), n_partitions=15, on_voter_error="abstain")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # of the voters that failed
        return _seen(classifier)


@CASES.add()
def contributors():
    classifier = DPAClassifier(Prototypes(), n_partitions=15)
    return _seen(classifier, fit={"groups": _contributors()}, threat_models=("modify",))


@CASES.add()
def transformed_rows():
    halves = FunctionTransformer(lambda X: np.floor(X / 2))
    return _seen(DPAClassifier(Prototypes(), n_partitions=15, transformer=halves))


@CASES.add()
def runoff():
    classifier = DPAClassifier(Prototypes(), n_partitions=15, aggregation="runoff")
    return _seen(classifier, threat_models=("insert_delete", "modify"), joint=False)


@CASES.add()
def finite_aggregation():
    classifier = FiniteAggregationClassifier(Prototypes(), n_partitions=10, spreading_degree=4)
    values = _seen(classifier, threat_models=THREAT_MODELS)
    X, _ = clustered_rows(1, 40)
    return {**values, "tightened radii": classifier.set_params(tighten=True).certified_radius(X)}


@CASES.add()
def finite_aggregation_with_runoff():
    classifier = FiniteAggregationClassifier(
        Prototypes(), 10, 4, aggregation="runoff", random_state=3
    )
    return _seen(classifier, joint=False)


@CASES.add()
def finite_aggregation_of_contributors():
    classifier = FiniteAggregationClassifier(
        DrawingPrototypes(), 10, 4, partition_by="sample", random_state=np.random.RandomState(9)
    )
    names = np.array([f"user {number}" for number in _contributors()])
    return _seen(classifier, names=True, fit={"groups": names})


@CASES.add()
def bagging():
    classifier = BaggingCertifiedClassifier(Prototypes(), 60, 20, random_state=0)
    values = _seen(classifier, noise=3, threat_models=THREAT_MODELS, joint=False)
    X, _ = clustered_rows(1, 40, noise=3)
    return {**values, "alpha=0.1": classifier.set_params(alpha=0.1).certified_radius(X)}


@CASES.add()
def bagging_of_contributors():
    classifier = BaggingCertifiedClassifier(DrawingPrototypes(), 60, 4, random_state=1)
    groups = _contributors()
    return _seen(classifier, names=True, noise=3, fit={"groups": groups}, joint=False)


@CASES.add("sklearn")  # which draws without replacement
def bagging_without_replacement():
    classifier = BaggingCertifiedClassifier(
        Prototypes(), 60, 20, sampling="without_replacement", random_state=2
    )
    return _seen(classifier, noise=3, threat_models=("insert_delete", "modify"), joint=False)


@CASES.add("sklearn")
def bagging_of_shares():
    classifier = BaggingCertifiedClassifier(
        Prototypes(), 60, 0.05, sampling="bernoulli", random_state=3
    )
    return _seen(classifier, noise=3, threat_models=("insert_delete", "modify"), joint=False)


@CASES.add()
def temporal_aggregation():
    classifier = TemporalAggregationClassifier(Prototypes(), 3, first_period=0, last_period=29)
    classifier, X, y = _fitted(classifier, periods=np.arange(300) // 10)
    return {
        "rows seen": [voter.seen_ for voter in classifier.estimators_],
        "seeds": [voter.random_state for voter in classifier.estimators_],
        "spans": classifier.spans_,
        "votes": classifier.votes(X),
        "durations": classifier.certified_duration(X),
        "earlinesses": classifier.certified_earliness(X),
        "accuracies": classifier.certified_accuracy(X, y, SIZES),
    }


@CASES.add()
def functions():
    classifier, X, y = _fitted(DPAClassifier(Prototypes(), n_partitions=15))
    return {
        "certify": certify(classifier, X, [1, 3]),
        "certified radius": certified_radius(classifier, X),
        "scorer": certified_accuracy(poison_size=2)(classifier, X, y),
        "joint scorer": certified_accuracy(poison_size=2, joint=True)(classifier, X, y),
    }
