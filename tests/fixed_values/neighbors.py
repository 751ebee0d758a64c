"""Nearest neighbours: votes of rows of whole numbers, many of them at equal distances."""

import warnings

import numpy as np
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.preprocessing import FunctionTransformer

from sklearn_certify import CertifiedKNN, CertifiedRNN
from sklearn_certify.threat import THREAT_MODELS

from .data import clustered_rows, texts
from .observe import observe
from .values import Cases

CASES = Cases()


def _seen(classifier, *, noise=5, **options):
    X, y = clustered_rows(20, 250, noise=noise)
    X[240:] = X[:10]  # some rows twice, with labels that may differ
    queries, truth = clustered_rows(21, 40, noise=noise)
    queries[:5] = X[:5]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # some have no neighbours
        return observe(classifier.fit(X, y), queries, truth, **options)


def _weighted_steps(first, second):
    """A distance of whole numbers."""
    return float(np.abs(first - second) @ np.arange(1, len(first) + 1))


def _halves(X):
    return np.floor(X / 2)


@CASES.add()
def k_nearest():
    return _seen(CertifiedKNN(n_neighbors=15), threat_models=THREAT_MODELS, joint=False)


@CASES.add()
def k_nearest_euclidean():
    classifier = CertifiedKNN(9, "euclidean")
    return _seen(classifier, threat_models=("delete", "insert_delete"), joint=False)


@CASES.add()
def k_nearest_chebyshev():
    return _seen(CertifiedKNN(20, "chebyshev", classes=[0, 1, 2, 3]), joint=False)


@CASES.add()
def k_nearest_hamming():
    return _seen(CertifiedKNN(12, "hamming"), joint=False)


@CASES.add()
def k_nearest_callable():
    return _seen(CertifiedKNN(9, _weighted_steps), joint=False)


@CASES.add()
def k_nearest_halves():
    classifier = CertifiedKNN(30, transformer=FunctionTransformer(_halves))
    return _seen(classifier, threat_models=("delete",), joint=False)


@CASES.add()
def k_nearest_texts():
    words = HashingVectorizer(n_features=64, norm=None)
    classifier = CertifiedKNN(11, transformer=words).fit(*texts(22, 120))
    return observe(classifier, *texts(23, 40), joint=False)


@CASES.add()
def within_a_radius():
    return _seen(CertifiedRNN(22), threat_models=THREAT_MODELS)


@CASES.add()
def within_a_radius_euclidean():
    return _seen(CertifiedRNN(np.sqrt(75), "euclidean"), threat_models=("modify",))


@CASES.add()
def within_a_radius_chebyshev():
    return _seen(CertifiedRNN(5, "chebyshev", outlier_label=-1), threat_models=THREAT_MODELS)


@CASES.add()
def within_a_radius_callable():
    return _seen(CertifiedRNN(80, _weighted_steps, classes=[0, 1, 2, 3]))


@CASES.add()
def within_a_radius_halves():
    transformer = FunctionTransformer(_halves)
    return _seen(CertifiedRNN(10, transformer=transformer, outlier_label=2), noise=6)


@CASES.add()
def within_a_radius_of_texts():
    words = HashingVectorizer(n_features=64, norm=None)
    classifier = CertifiedRNN(12, transformer=words, outlier_label=0).fit(*texts(22, 120))
    return observe(classifier, *texts(23, 40), threat_models=("insert", "label_flip"))
