"""check_soundness on classifiers that are sound, on all that people bring, and its report."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from sklearn.datasets import make_blobs
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer
from sklearn.frozen import FrozenEstimator
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Perceptron, RidgeClassifier
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB, MultinomialNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import Normalizer, OneHotEncoder, StandardScaler
from sklearn.tree import DecisionTreeClassifier

from sklearn_certify import (
    BaggingCertifiedClassifier,
    CertifiedKNN,
    CertifiedRNN,
    DPAClassifier,
    FiniteAggregationClassifier,
)
from sklearn_certify._rows import stack_rows
from sklearn_certify.exceptions import InvalidInputError, UnsoundPipelineError
from sklearn_certify.testing import check_soundness
from sklearn_certify.testing._odd_rows import as_numbers, moved_copies, odd_rows
from sklearn_certify.testing._training_set import TrainingSet, Unit, like_labels
from sklearn_certify.threat import THREAT_MODELS

X, Y = make_blobs(160, centers=3, n_features=4, cluster_std=4.0, random_state=1)
NEAREST = KNeighborsClassifier(n_neighbors=1)

CLASSIFIERS = [
    DPAClassifier(NEAREST, n_partitions=9),
    FiniteAggregationClassifier(NEAREST, n_partitions=8, spreading_degree=2),
    BaggingCertifiedClassifier(NEAREST, n_estimators=20, max_samples=6, alpha=0.1),
    CertifiedKNN(9),
    CertifiedRNN(12.0),
]


@pytest.mark.parametrize("threat_model", THREAT_MODELS)
@pytest.mark.parametrize("classifier", CLASSIFIERS, ids=lambda c: type(c).__name__)
def test_the_classifiers_are_sound(classifier, threat_model):
    report = check_soundness(classifier, X, Y, threat_model=threat_model, n_attacks=8)
    assert report, report
    assert report.threat_model == threat_model
    assert report.radii.max() >= 1
    assert sum(count for size, count in report.sizes.items() if size) == 8


@pytest.mark.parametrize(
    "estimator",
    [
        RidgeClassifier(),
        GaussianNB(),
        Perceptron(),
        DecisionTreeClassifier(max_features=1),
        make_pipeline(StandardScaler(), LogisticRegression()),
        make_pipeline(Normalizer(), DPAClassifier(GaussianNB(), n_partitions=7)),
        GridSearchCV(DPAClassifier(), {"n_partitions": [5, 7]}, cv=2),
        DPAClassifier(GaussianNB(), n_partitions=7, aggregation="runoff", random_state=None),
        DPAClassifier(GaussianNB(), n_partitions=7, classes=[0, 1, 2]),
    ],
    ids=lambda e: type(e).__name__,
)
def test_whatever_estimator_is_sound(estimator):
    report = check_soundness(estimator, X, Y, n_attacks=12)
    assert report, report


def texts():
    rng = np.random.default_rng(0)
    return [f"{'good' if label else 'bad'} word{rng.integers(30)}" for label in Y]


def frame():
    pandas = pytest.importorskip("pandas")
    rng = np.random.default_rng(0)
    columns = {
        "number": X[:, 0],
        "whole": rng.integers(9, size=len(Y)),
        "color": np.where(Y == 0, "red", "blue"),
        "kind": pandas.Categorical(rng.choice(["x", "y"], len(Y))),
        "flag": rng.random(len(Y)) > 0.5,
        "day": pandas.Timestamp("2020-01-01") + pandas.to_timedelta(np.arange(len(Y)), "D"),
    }
    return pandas.DataFrame(columns)


CONTAINERS = {
    "lists": lambda: (GaussianNB(), X.tolist(), Y.tolist()),
    "float32": lambda: (GaussianNB(), X.astype(np.float32), Y.astype(np.uint8)),
    "whole numbers": lambda: (GaussianNB(), X.astype(int), Y == 0),
    "sparse": lambda: (MultinomialNB(), csr_matrix(np.abs(X).round()), Y),
    "gaps": lambda: (
        make_pipeline(SimpleImputer(keep_empty_features=True), GaussianNB()),
        np.where(X > 4, np.nan, X),
        Y,
    ),
    "texts": lambda: (make_pipeline(CountVectorizer(), MultinomialNB()), texts(), Y.astype(str)),
    "text objects": lambda: (
        make_pipeline(HashingVectorizer(n_features=16), DPAClassifier(n_partitions=7)),
        np.array(texts(), dtype=object),
        Y,
    ),
    "objects": lambda: (
        make_pipeline(OneHotEncoder(handle_unknown="ignore"), MultinomialNB()),
        np.array([text.split() for text in texts()], dtype=object),
        np.array([f"label {label}" for label in Y], dtype=object),
    ),
    "frame": lambda: (
        make_pipeline(OneHotEncoder(handle_unknown="ignore"), MultinomialNB()),
        frame(),
        frame()["color"],
    ),
}


@pytest.mark.parametrize("container", CONTAINERS)
def test_whatever_container(container):
    estimator, rows, labels = CONTAINERS[container]()
    report = check_soundness(estimator, rows, labels, threat_model="modify", n_attacks=16)
    assert report, report
    assert report.n_refused < 12


@pytest.mark.parametrize("threat_model", THREAT_MODELS)
def test_contributors_are_the_units(threat_model):
    groups = np.array([f"contributor {i // 3}" for i in range(len(Y))])
    classifier = make_pipeline(Normalizer(), DPAClassifier(NEAREST, n_partitions=9))
    report = check_soundness(
        classifier, X, Y, X[:10], groups=groups, threat_model=threat_model, n_attacks=15
    )
    assert report, report
    assert report.sizes[1] > 0


def test_the_same_seed_gives_the_same_report():
    one, two = (str(check_soundness(GaussianNB(), X, Y, n_attacks=9)) for _ in range(2))
    assert one == two
    assert "no counterexample" in one and "no proof" in one


def test_arguments_are_left_as_they_are():
    rows, labels = X.copy(), Y.copy()
    classifier = DPAClassifier(NEAREST, n_partitions=9)
    check_soundness(classifier, rows, labels, threat_model="modify", n_attacks=5)
    assert classifier.threat_model == "insert_delete"
    assert not hasattr(classifier, "classes_")
    np.testing.assert_array_equal(rows, X)
    np.testing.assert_array_equal(labels, Y)


def test_what_cannot_be_attacked_is_refused():
    with pytest.raises(UnsoundPipelineError, match="StandardScaler"):
        check_soundness(make_pipeline(StandardScaler(), CertifiedKNN()), X, Y)
    with pytest.raises(InvalidInputError, match="FrozenEstimator"):
        check_soundness(FrozenEstimator(CertifiedKNN().fit(X, Y)), X, Y)
    with pytest.raises(InvalidInputError, match="threat_model"):
        check_soundness(CertifiedKNN(), X, Y, threat_model="typo")
    with pytest.raises(InvalidInputError, match="refit"):
        check_soundness(GridSearchCV(CertifiedKNN(), {"n_neighbors": [3]}, refit=False), X, Y)
    with pytest.raises(InvalidInputError, match="too few"):
        check_soundness(CertifiedKNN(), X[:3], Y[:3])


@pytest.mark.parametrize("container", CONTAINERS)
def test_rows_of_attackers_have_the_form_of_the_others(container):
    _, rows, labels = CONTAINERS[container]()
    training_set = TrainingSet(rows, labels)
    rng = np.random.default_rng(0)
    row = training_set.take([3]).X
    copies = moved_copies(row, rows, 5, rng)
    new = [copies, *(odd for _, odd in odd_rows(row, rng))]
    for part in new:
        assert type(part) is type(row)
        if hasattr(part, "dtypes"):
            assert list(part.dtypes) == list(row.dtypes)
        elif hasattr(part, "dtype") and part.dtype.kind != "U":
            assert part.dtype == row.dtype
    assert len(np.unique(as_numbers(stack_rows([copies, *new])), axis=0)) > 1

    unit = Unit((0, 5), copies, like_labels(labels, training_set.labels()[:1] * 5))
    poisoned, kept = training_set.poisoned([unit])
    assert len(poisoned) == len(Y) + 3
    assert not {0, 5} & set(kept.tolist())
    assert type(poisoned.X) is type(training_set.take(kept).X)
    assert poisoned.labels()[5:] == [training_set.labels()[i] for i in kept]
