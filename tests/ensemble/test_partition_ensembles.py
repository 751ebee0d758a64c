"""What people do with the partition ensembles, rightly and wrongly."""

import random
import warnings

import joblib
import numpy as np
import pandas as pd
import pytest
from numba import njit
from scipy import sparse
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import make_column_transformer
from sklearn.datasets import load_iris
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import HistGradientBoostingClassifier, VotingClassifier
from sklearn.exceptions import NotFittedError
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.frozen import FrozenEstimator
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB, MultinomialNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, MaxAbsScaler, OneHotEncoder, StandardScaler
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier, ExtraTreeClassifier
from threadpoolctl import threadpool_info, threadpool_limits

from sklearn_certify import DPAClassifier, FiniteAggregationClassifier
from sklearn_certify.certificates import overlap_radius, plurality_radius, runoff_radius
from sklearn_certify.exceptions import (
    InvalidInputError,
    UnsoundPipelineError,
    UnsoundVoterError,
    VoterError,
)
from sklearn_certify.partition import hash_rows

ENSEMBLES = [
    DPAClassifier(n_partitions=6),
    FiniteAggregationClassifier(n_partitions=3, spreading_degree=2),
]
every_ensemble = pytest.mark.parametrize("ensemble", ENSEMBLES, ids=lambda e: type(e).__name__)


@pytest.fixture
def ensemble(request):
    return request.param


def fresh(ensemble, **params):
    return type(ensemble)(**{**ensemble.get_params(deep=False), **params})


@pytest.fixture(scope="module")
def iris():
    X, y = load_iris(return_X_y=True, as_frame=True)
    return X, np.array(["setosa", "versicolor", "virginica"])[y]


# ---- rows of every kind


@every_ensemble
def test_number_types_and_formats_partition_alike(ensemble, iris):
    X, y = iris
    X = (X.to_numpy() * 10).round()
    expected = fresh(ensemble).fit(X, y)
    forms = (X.astype(np.float32), X.astype(int), np.asfortranarray(X), sparse.csr_array(X))
    for form in (*forms, sparse.csc_matrix(X), pd.DataFrame(X), X.tolist()):
        fitted = fresh(ensemble).fit(form, y)
        np.testing.assert_array_equal(fitted.partition_, expected.partition_)
        assert (fitted.predict(form) == expected.predict(X)).mean() > 0.98


@every_ensemble
def test_frames_with_mixed_columns(ensemble):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "size": rng.normal(size=200).round(1),
            "colour": rng.choice(["red", "green", "blue"], size=200),
            "shape": pd.Categorical(rng.choice(["round", "square"], size=200)),
            "count": pd.array(rng.integers(0, 5, size=200), dtype="Int64"),
            "seen": pd.date_range("2024-01-01", periods=200),
        },
        index=rng.permutation(200),
    )
    frame.loc[frame.index[::9], "size"] = np.nan
    y = np.where(frame["colour"] == "red", "stop", "go")
    model = make_pipeline(
        make_column_transformer(
            (SimpleImputer(), ["size"]),
            (OneHotEncoder(handle_unknown="ignore"), ["colour", "shape"]),
            ("passthrough", ["count"]),
        ),
        LogisticRegression(),
    )
    fitted = fresh(ensemble, estimator=model).fit(frame, y)
    assert fitted.score(frame, y) == 1
    assert list(fitted.feature_names_in_) == list(frame.columns)
    assert fitted.certified_radius(frame).min() >= 1
    shuffled = frame.sample(frac=1, random_state=0)
    again = fresh(ensemble, estimator=model).fit(
        shuffled, pd.Series(y, frame.index)[shuffled.index]
    )
    np.testing.assert_array_equal(again.votes(frame), fitted.votes(frame))
    with pytest.raises(ValueError, match="feature names should match"):
        fitted.predict(frame.drop(columns="seen"))


@every_ensemble
def test_images_stay_images(ensemble, digits):
    X, y, X_test, y_test = (part[:300] for part in digits)
    images, queries = X.reshape(-1, 8, 8), X_test.reshape(-1, 8, 8)

    def flatten(images):
        assert images.shape[1:] == (8, 8)
        return images.reshape(len(images), -1)

    model = make_pipeline(FunctionTransformer(flatten), RidgeClassifier())
    fitted = fresh(ensemble, estimator=model).fit(images, y)
    flat = fresh(ensemble).fit(X, y)
    np.testing.assert_array_equal(fitted.partition_, flat.partition_)
    np.testing.assert_array_equal(fitted.votes(queries), flat.votes(X_test))
    with pytest.raises(ValueError, match=r"rows of shape \(8, 7\)"):
        fitted.predict(queries[:, :, 1:])


@every_ensemble
@pytest.mark.parametrize("hold", [list, np.array, lambda t: np.array(t, dtype=object), pd.Series])
def test_texts(ensemble, hold):
    words = ["good fine great", "bad awful poor"]
    texts = [f"{words[i % 2]} {i} {'word ' * (i % 5)}" for i in range(90)]
    y = [i % 2 for i in range(90)]
    model = make_pipeline(TfidfVectorizer(), MultinomialNB())
    fitted = fresh(ensemble, estimator=model).fit(hold(texts), y)
    assert fitted.score(hold(texts), y) == 1
    np.testing.assert_array_equal(fitted.partition_, (hash_rows(texts) % np.uint64(6)).astype(int))
    assert not hasattr(fitted, "n_features_in_")


def test_refitting_on_texts_forgets_the_columns(iris):
    X, y = iris
    ensemble = DPAClassifier(n_partitions=3).fit(X, y)
    ensemble.set_params(estimator=make_pipeline(TfidfVectorizer(), MultinomialNB()))
    ensemble.fit(["a bc", "de f", "a de"], [0, 1, 0])
    assert not hasattr(ensemble, "n_features_in_") and not hasattr(ensemble, "feature_names_in_")
    with pytest.raises(ValueError, match="rows of shape"):
        ensemble.predict(X.to_numpy())


def test_queries_may_be_frames_when_rows_were_arrays(iris):
    X, y = iris
    ensemble = DPAClassifier(n_partitions=3).fit(X.to_numpy(), y)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        frame = X.rename(columns=dict(zip(X.columns, range(4), strict=True)))
        np.testing.assert_array_equal(ensemble.predict(frame), ensemble.predict(X.to_numpy()))


@every_ensemble
def test_missing_values_are_left_to_the_base_estimator(ensemble, iris):
    X, y = iris
    X = X.to_numpy().copy()
    X[::7, 1] = np.nan
    for model in (DecisionTreeClassifier(), make_pipeline(SimpleImputer(), GaussianNB())):
        assert fresh(ensemble, estimator=model).fit(X, y).score(X, y) > 0.85
    with pytest.raises(ValueError, match="contains NaN"):
        fresh(ensemble).fit(X, y)
    with pytest.raises(VoterError, match=r"voter 0 on its \d+ rows .*contains NaN"):
        fresh(ensemble, estimator=make_pipeline(StandardScaler(), GaussianNB())).fit(X, y)


# ---- voters


@every_ensemble
def test_fewer_rows_than_voters(ensemble):
    X, y = [[0.0], [1.0], [2.0]], ["a", "b", "a"]
    fitted = fresh(ensemble, n_partitions=50).fit(X, y)
    votes = fitted.votes(X)
    empty = [voter is None for voter in fitted.estimators_]
    assert 0 < sum(empty) < fitted.n_voters_
    assert (votes[:, empty] == -1).all() and (votes[:, ~np.array(empty)] >= 0).all()
    np.testing.assert_array_equal(fitted.predict(X), ["a", "a", "a"])


@every_ensemble
def test_one_class_votes_itself(ensemble):
    fitted = fresh(ensemble).fit([[0], [1], [2], [3]], [7, 7, 7, 7])
    assert fitted.predict([[9]]).tolist() == [7]
    assert fitted.classes_.tolist() == [7]
    assert all(v is None or isinstance(v, DummyClassifier) for v in fitted.estimators_)
    # an attacker may invent a second label, unless the labels are fixed
    n_votes = fitted.vote_counts([[9]])[0, 0]
    assert fitted.certified_radius([[9]])[0] < n_votes
    fixed = fresh(ensemble, classes=[7]).fit([[0], [1], [2], [3]], [7, 7, 7, 7])
    assert fixed.certified_radius([[9]])[0] >= n_votes


class Fragile(ClassifierMixin, BaseEstimator):
    """Cannot learn from rows whose first feature is 1."""

    def fit(self, X, y):
        if (X[:, 0] == 1).any():
            raise RuntimeError("a one")
        self.classes_ = np.unique(y)
        return self

    def predict(self, X):
        if (X[:, 0] == 2).any():
            raise RuntimeError("a two")
        return np.full(len(X), self.classes_[0])


def test_a_voter_that_fails_is_named_or_abstains():
    X = np.arange(20.0).repeat(2)[:, None]
    X = np.hstack([X, np.arange(40.0)[:, None]])
    y = np.arange(40) % 2
    ensemble = DPAClassifier(Fragile(), n_partitions=3)
    voter = (hash_rows(X[2:4]) % np.uint64(3)).tolist()
    with pytest.raises(VoterError, match=r"Fragile failed to fit voter \d .*RuntimeError: a one"):
        ensemble.fit(X, y)
    assert not hasattr(ensemble, "classes_")  # nothing is half fitted
    ensemble.set_params(on_voter_error="abstain").fit(X, y)
    failed = [i for i, v in enumerate(ensemble.estimators_) if v is None]
    assert failed == sorted(set(voter))
    assert (ensemble.votes(X[:2])[:, failed] == -1).all()
    with pytest.raises(VoterError, match="failed to predict .*a two"):
        ensemble.predict(X)


class GlobalDice(ClassifierMixin, BaseEstimator):
    """Draws from NumPy's global generator, as careless estimators do."""

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        self.vote_ = np.random.choice(self.classes_)
        return self

    def predict(self, X):
        return np.full(len(X), self.vote_)


@every_ensemble
def test_estimators_that_use_global_generators_are_seeded(ensemble, digits):
    X, y, queries, _ = (part[:200] for part in digits)
    state = np.random.get_state()[1].copy()
    first = fresh(ensemble, estimator=GlobalDice()).fit(X, y).votes(queries)
    np.testing.assert_array_equal(np.random.get_state()[1], state)
    np.random.seed(99)
    second = fresh(ensemble, estimator=GlobalDice(), n_jobs=2).fit(X, y).votes(queries)
    np.testing.assert_array_equal(first, second)
    assert len(np.unique(first[0])) > 2  # voters have seeds of their own
    with (
        joblib.parallel_config(backend="threading", n_jobs=2),
        pytest.raises(UnsoundVoterError, match="global random generator"),
    ):
        fresh(ensemble, estimator=GlobalDice()).fit(X, y)


@every_ensemble
@pytest.mark.parametrize("backend", ["loky", "threading", "multiprocessing", "sequential"])
def test_any_backend_gives_the_same_votes(ensemble, backend, digits):
    X, y, queries, _ = (part[:150] for part in digits)
    ensemble = fresh(ensemble, estimator=DecisionTreeClassifier())
    expected = ensemble.fit(X, y).votes(queries)
    with joblib.parallel_config(backend=backend, n_jobs=2):
        np.testing.assert_array_equal(ensemble.fit(X, y).votes(queries), expected)


@every_ensemble
def test_the_random_state_and_nothing_else_decides(ensemble, digits):
    X, y, queries, _ = (part[:200] for part in digits)

    def votes(random_state):
        tree = DecisionTreeClassifier(max_features=2)
        return fresh(ensemble, estimator=tree, random_state=random_state).fit(X, y).votes(queries)

    np.testing.assert_array_equal(votes(3), votes(np.random.RandomState(3)))
    assert (votes(3) != votes(4)).any()


@every_ensemble
def test_votes_are_small_integers_and_chunks_do_not_show(ensemble, digits, monkeypatch):
    from sklearn_certify.ensemble import _voter_ensemble

    X, y, queries, y_test = digits
    fitted = fresh(ensemble).fit(X[:200], y[:200])
    votes, radii = fitted.votes(queries), fitted.certified_radius(queries)
    accuracy = fitted.certified_accuracy(queries, y_test, 1, joint=True)
    assert votes.dtype == np.int8
    monkeypatch.setattr(_voter_ensemble, "_CHUNK_BYTES", 1)
    assert len(list(fitted._ballots(fitted._make_election(), queries))) > 1
    np.testing.assert_array_equal(fitted.votes(queries), votes)
    np.testing.assert_array_equal(fitted.certified_radius(queries), radii)
    assert fitted.certified_accuracy(queries, y_test, 1, joint=True) == accuracy


def test_many_classes_need_wider_votes():
    X = np.arange(400.0)[:, None]
    fitted = DPAClassifier(DecisionTreeClassifier(), n_partitions=2).fit(X, np.arange(400) % 200)
    assert fitted.votes(X).dtype == np.int16
    assert fitted.vote_counts(X).sum() == 800


class Stranger(GaussianNB):
    """Predicts a label that nobody has."""

    def predict(self, X):
        return np.full(len(X), 99)


def test_a_prediction_that_is_no_label_is_an_error(digits):
    X, y, _, _ = (part[:100] for part in digits)
    with pytest.raises(VoterError, match="predicted 99, which is no label of y"):
        DPAClassifier(Stranger(), n_partitions=2).fit(X, y).predict(X)


# ---- certificates come from the votes


@pytest.mark.parametrize("classes", [None, range(12)])
@pytest.mark.parametrize(
    ("threat_model", "partition_by", "cost"),
    [
        ("insert", "features", 1),
        ("delete", "sample", 1),
        ("insert_delete", "features", 1),
        ("modify", "features", 2),
        ("label_flip", "features", 1),
        ("label_flip", "sample", 2),
    ],
)
def test_radii_are_those_of_the_votes(threat_model, partition_by, cost, classes, digits):
    X, y, queries, _ = (part[:300] for part in digits)
    common = {"threat_model": threat_model, "partition_by": partition_by, "classes": classes}
    certificate = {"cost": cost, "phantom": classes is None}
    dpa = DPAClassifier(n_partitions=9, **common).fit(X, y)
    n_classes = len(dpa.classes_)
    expected = plurality_radius(dpa.votes(queries), n_classes, **certificate)
    np.testing.assert_array_equal(dpa.certified_radius(queries), expected[1])
    for tighten in (False, True):
        fa = FiniteAggregationClassifier(
            n_partitions=9, spreading_degree=2, tighten=tighten, **common
        ).fit(X, y)
        expected = overlap_radius(
            fa.votes(queries), fa.spread_, n_classes, tighten=tighten, **certificate
        )
        np.testing.assert_array_equal(fa.certified_radius(queries), expected[1])
    groups = np.arange(len(y)) // 3
    grouped = DPAClassifier(n_partitions=9, **common).fit(X, y, groups=groups)
    expected = plurality_radius(grouped.votes(queries), n_classes, cost=1, phantom=classes is None)
    np.testing.assert_array_equal(grouped.certified_radius(queries), expected[1])


@pytest.mark.parametrize("estimator", [GaussianNB(), RidgeClassifier(), LinearSVC()])
def test_runoff_is_the_election_of_the_scores(estimator, digits):
    X, y, queries, _ = (part[:300] for part in digits)
    ensemble = DPAClassifier(estimator, n_partitions=7, aggregation="runoff").fit(X, y)
    method = "predict_proba" if hasattr(estimator, "predict_proba") else "decision_function"
    scores = np.full((len(queries), 7, 10), -np.inf)
    for i, voter in enumerate(ensemble.estimators_):
        scores[:, i, voter.classes_] = getattr(voter, method)(queries)
    winner, radius = runoff_radius(scores)
    np.testing.assert_array_equal(ensemble.predict(queries), winner)
    np.testing.assert_array_equal(ensemble.certified_radius(queries), radius)
    np.testing.assert_array_equal(ensemble.votes(queries), scores.argmax(axis=2))
    pointwise = ensemble.certified_accuracy(queries, digits[3], [0, 1])
    np.testing.assert_array_equal(
        ensemble.certified_accuracy(queries, digits[3], [0, 1], joint=True), pointwise
    )


def test_runoff_with_two_classes_and_decision_values(iris):
    X, y = iris
    two = y != "setosa"
    ensemble = DPAClassifier(n_partitions=5, aggregation="runoff").fit(X[two], y[two])
    plain = DPAClassifier(n_partitions=5).fit(X[two], y[two])
    np.testing.assert_array_equal(ensemble.predict(X), plain.predict(X))


def test_runoff_needs_scores(iris):
    X, y = iris
    with pytest.raises(InvalidInputError, match="Stubborn has neither predict_proba nor"):
        DPAClassifier(Stubborn(), aggregation="runoff").fit(X, y)


class Stubborn(ClassifierMixin, BaseEstimator):
    def fit(self, X, y):
        return self

    def predict(self, X):
        return X


def test_finite_aggregation_of_degree_one_is_dpa_turned(digits):
    X, y, queries, _ = (part[:300] for part in digits)
    dpa = DPAClassifier(n_partitions=8).fit(X, y)
    fa = FiniteAggregationClassifier(n_partitions=8, spreading_degree=1).fit(X, y)
    np.testing.assert_array_equal(fa.vote_counts(queries), dpa.vote_counts(queries))
    np.testing.assert_array_equal(fa.certified_radius(queries), dpa.certified_radius(queries))


@every_ensemble
def test_the_spread_says_what_voters_learn_from(ensemble, digits):
    X, y, _, _ = digits
    X, y = X[:80], y[:80]
    fitted = fresh(ensemble, estimator=KNeighborsClassifier(1)).fit(X, y)
    assert fitted.spread_.shape == (6, fitted.spread_.shape[1])
    for voter, estimator in enumerate(fitted.estimators_):
        partitions = np.flatnonzero((fitted.spread_ == voter).any(axis=1))
        rows = X[np.isin(fitted.partition_, partitions)]
        np.testing.assert_array_equal(np.sort(estimator._fit_X, axis=0), np.sort(rows, axis=0))


# ---- labels


def test_fixed_classes(digits):
    X, y, queries, _ = (part[:300] for part in digits)
    free = DPAClassifier(n_partitions=9).fit(X, y)
    fixed = DPAClassifier(n_partitions=9, classes=list(range(9, -1, -1))).fit(X, y)
    np.testing.assert_array_equal(fixed.classes_, range(10))
    assert (fixed.certified_radius(queries) >= free.certified_radius(queries)).all()
    wider = DPAClassifier(n_partitions=9, classes=range(20)).fit(X, y)
    assert wider.vote_counts(queries).shape == (200, 20)
    with pytest.raises(InvalidInputError, match=r"labels that classes lacks: \[8, 9\]"):
        DPAClassifier(n_partitions=9, classes=range(8)).fit(X, y)


@pytest.mark.parametrize(
    "labels",
    [
        np.array([-1, 5]),
        np.array([0.0, 2.0]),
        np.array([False, True]),
        np.array(["no", "yes"]),
        np.array(["no", "yes"], dtype=object),
        pd.Categorical(["no", "yes"]),
    ],
)
def test_labels_of_every_kind(labels):
    X = np.random.default_rng(0).normal(size=(60, 2))
    y = labels[(X[:, 0] > 0).astype(int)]
    fitted = DPAClassifier(n_partitions=4).fit(X, y)
    assert fitted.predict(X).dtype == fitted.classes_.dtype
    assert fitted.score(X, y) > 0.9


# ---- custom partitions


def pixel_sum(X, y):
    return X.sum(axis=1).astype(int)


@every_ensemble
def test_a_hash_function_of_ones_own(ensemble, digits):
    X, y, _, _ = digits
    fitted = fresh(ensemble, hash_function=pixel_sum).fit(X, y)
    np.testing.assert_array_equal(fitted.partition_, X.sum(axis=1) % 6)
    by_sample = fresh(
        ensemble, hash_function=lambda X, y: pixel_sum(X, y) + 3 * y, partition_by="sample"
    ).fit(X, y)
    np.testing.assert_array_equal(by_sample.partition_, (X.sum(axis=1) + 3 * y) % 6)


def test_small_integer_types_do_not_overflow(digits):
    X, y, _, _ = digits
    fitted = DPAClassifier(
        n_partitions=300, hash_function=lambda X, y: (pixel_sum(X, y) % 100).astype(np.int8)
    ).fit(X, y)
    np.testing.assert_array_equal(fitted.partition_, X.sum(axis=1) % 100)


@pytest.mark.parametrize(
    ("hash_function", "message"),
    [
        (lambda X, y: np.arange(len(X)), "another hash when no other rows"),
        (lambda X, y: np.argsort(np.argsort(X[:, 20])), "another hash when no other rows"),
        (lambda X, y: (X[:, 20] > X[:, 20].mean()).astype(int), "another hash when no other rows"),
        (lambda X, y: -pixel_sum(X, y), "non-negative integer"),
        (lambda X, y: X.sum(axis=1), "non-negative integer"),
        (lambda X, y: np.array([1, 2]), "non-negative integer"),
        (lambda X, y: pixel_sum(X, y) + y, r"failed \(y is None unless partition_by='sample'\)"),
    ],
)
def test_bad_hash_functions_are_refused(hash_function, message, digits):
    X, y, _, _ = digits
    with pytest.raises(InvalidInputError, match=message):
        DPAClassifier(n_partitions=5, hash_function=hash_function).fit(X, y)


def test_partitioning_by_sample_sees_the_label(digits):
    X, y, _, _ = digits
    other = (y + 1) % 10
    for partition_by, moves in (("features", False), ("sample", True)):
        first, second = (
            DPAClassifier(n_partitions=5, partition_by=partition_by).fit(X, labels).partition_
            for labels in (y, other)
        )
        assert (first != second).any() == moves


# ---- mistakes


@every_ensemble
def test_bad_input_is_one_clear_error(ensemble, iris):
    X, y = iris
    cases = [
        ((X, y[:-1]), "inconsistent numbers of samples"),
        ((X, None), "requires y"),
        ((X, np.linspace(0, 1, len(y))), "Unknown label type: continuous"),
        ((X, np.where(y == "setosa", np.nan, 1.0)), "contains NaN"),
        ((X.iloc[:0], y[:0]), "0 sample"),
        ((X, y, y[:5]), "inconsistent numbers of samples"),
        ((X, y, np.where(y == "setosa", np.nan, 1.0)), "no name for 50 of the rows"),
        ((X, y, [None] + ["me"] * 149), "no name for 1 of the rows"),
        ((X, y, X), "should be a 1d array"),
        ((X["petal length (cm)"], y), "Expected 2D array|Expected a 2-dimensional"),
    ]
    for arguments, message in cases:
        with pytest.raises(ValueError, match=message):
            fresh(ensemble).fit(*arguments)
    fitted = fresh(ensemble).fit(X.to_numpy(), y)
    with pytest.raises(ValueError, match="3 features, but .* is expecting 4"):
        fitted.predict(X.to_numpy()[:, :3])
    with pytest.raises(ValueError, match="0 sample"):
        fitted.predict(X.to_numpy()[:0])


def test_sparse_rows_need_an_estimator_that_takes_them(iris):
    X, y = iris
    with pytest.raises(VoterError, match="voter 0 on its .* rows .*Sparse data was passed"):
        DPAClassifier(GaussianNB(), n_partitions=3).fit(sparse.csr_array(X), y)


@pytest.mark.parametrize("wrap", [lambda e: e, lambda e: make_pipeline(StandardScaler(), e)])
def test_frozen_voters_are_refused(wrap, iris):
    X, y = iris
    frozen = FrozenEstimator(GaussianNB().fit(X, y))
    with pytest.raises(UnsoundPipelineError, match="all voters would be the same"):
        DPAClassifier(wrap(frozen), n_partitions=3).fit(X, y)


def test_frozen_transformers_inside_are_fine(iris):
    X, y = iris
    scaler = FrozenEstimator(StandardScaler().fit(X.to_numpy()[:20]))
    ensemble = DPAClassifier(make_pipeline(scaler, GaussianNB()), n_partitions=3)
    assert ensemble.fit(X.to_numpy(), y).score(X.to_numpy(), y) > 0.9


def test_gradient_boosting_with_missing_values_and_categories():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {"a": rng.normal(size=300), "b": pd.Categorical(rng.choice(list("xyz"), size=300))}
    )
    frame.loc[::5, "a"] = np.nan
    y = (frame["b"] == "x").astype(int)
    model = HistGradientBoostingClassifier(
        max_iter=5, min_samples_leaf=5, categorical_features="from_dtype"
    )
    assert DPAClassifier(model, n_partitions=3).fit(frame, y).score(frame, y) > 0.9


class Witness(GaussianNB):
    """Remembers how many threads its linear algebra had."""

    def fit(self, X, y):
        self.threads_ = max(library["num_threads"] for library in threadpool_info())
        return super().fit(X, y)


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_each_voter_computes_on_one_core(n_jobs, digits):
    X, y, _, _ = (part[:100] for part in digits)
    with threadpool_limits(3):
        fitted = DPAClassifier(Witness(), n_partitions=3, n_jobs=n_jobs).fit(X, y)
        assert {library["num_threads"] for library in threadpool_info()} == {3}  # as before
    assert [voter.threads_ for voter in fitted.estimators_] == [1, 1, 1]


def test_an_estimator_is_an_instance(iris):
    X, y = iris
    with pytest.raises(TypeError, match="instance of scikit-learn estimator instead of a class"):
        DPAClassifier(GaussianNB).fit(X, y)


@every_ensemble
def test_a_fit_that_fails_changes_nothing(ensemble, iris):
    X, y = iris
    X = X.to_numpy()
    fitted = fresh(ensemble)
    with pytest.raises(InvalidInputError):
        fitted.set_params(classes=["setosa"]).fit(X, y)
    with pytest.raises(NotFittedError):
        fitted.predict(X)
    votes = fitted.set_params(classes=None).fit(X, y).votes(X)
    with pytest.raises(InvalidInputError):
        fitted.set_params(classes=["setosa"]).fit(X[:, :2], y)
    fitted.set_params(classes=None)
    np.testing.assert_array_equal(fitted.votes(X), votes)
    assert fitted.n_features_in_ == 4


def test_groups_of_any_kind(digits):
    X, y, _, _ = (part[:60] for part in digits)
    names = np.arange(60) // 6
    forms = (names.astype(float), names.tolist(), pd.Series(names, index=y), names.astype(object))
    expected = DPAClassifier(n_partitions=4).fit(X, y, groups=names).partition_
    for groups in forms:
        fitted = DPAClassifier(n_partitions=4).fit(X, y, groups=groups)
        np.testing.assert_array_equal(fitted.partition_, expected)
    mixed = [*[f"reader {i}" for i in range(30)], *range(30)]
    assert len(np.unique(DPAClassifier(n_partitions=4).fit(X, y, groups=mixed).partition_)) == 4


IN_PLACE = {
    "dense": (StandardScaler(copy=False), lambda X: X),
    "sparse": (MaxAbsScaler(copy=False), sparse.csr_array),
    "frame": (
        FunctionTransformer(lambda frame: frame.__setitem__("c1", frame["c1"] ** 0.5) or frame),
        lambda X: pd.DataFrame(X).add_prefix("c"),
    ),
}


@pytest.mark.parametrize("kind", IN_PLACE)
def test_a_voter_that_writes_to_its_input_changes_no_other_voter(kind, digits):
    X, y, queries, _ = (part[:200] for part in digits)
    step, hold = IN_PLACE[kind]
    queries = hold(queries.copy())
    before = queries.copy()
    ensemble = DPAClassifier(make_pipeline(step, RidgeClassifier()), n_partitions=4)
    ensemble.fit(hold(X.copy()), y)
    votes = ensemble.votes(queries)
    assert (before != queries).sum().sum() == 0
    for voter, estimator in enumerate(ensemble.estimators_):
        np.testing.assert_array_equal(estimator.predict(queries.copy()), votes[:, voter])


def test_searches_inside_voters_are_seeded(digits):
    X, y, queries, _ = (part[:200] for part in digits)
    candidates = [ExtraTreeClassifier(), ExtraTreeClassifier(max_depth=3)]
    search = GridSearchCV(Pipeline([("tree", GaussianNB())]), {"tree": candidates}, cv=2, n_jobs=2)
    ensemble = DPAClassifier(search, n_partitions=3)
    first, second = (ensemble.fit(X, y).votes(queries) for _ in range(2))
    np.testing.assert_array_equal(first, second)


@njit
def numba_noise(n_numbers):
    return np.random.normal(0.0, 8.0, n_numbers)


class NumbaDice(GaussianNB):
    def fit(self, X, y):
        return super().fit(X + numba_noise(X.size).reshape(X.shape), y)


class NoisyPredictions(GaussianNB):
    def predict(self, X):
        return super().predict(X + np.random.normal(scale=8, size=X.shape))


@pytest.mark.parametrize("estimator", [NumbaDice(), NoisyPredictions()])
def test_other_sources_of_chance_are_seeded(estimator, digits):
    X, y, queries, _ = (part[:200] for part in digits)
    ensemble = DPAClassifier(estimator, n_partitions=3).fit(X, y)
    votes = ensemble.votes(queries)
    np.testing.assert_array_equal(ensemble.votes(queries), votes)
    np.testing.assert_array_equal(ensemble.fit(X, y).votes(queries), votes)


@pytest.mark.parametrize(
    "wrap", [lambda e: CalibratedClassifierCV(e), lambda e: VotingClassifier([("a", e)])]
)
def test_frozen_classifiers_are_found_anywhere(wrap, iris):
    X, y = iris
    frozen = FrozenEstimator(GaussianNB().fit(X, y))
    with pytest.raises(UnsoundPipelineError, match="all voters would be the same"):
        DPAClassifier(wrap(frozen), n_partitions=3).fit(X, y)


class PythonDice(GaussianNB):
    def fit(self, X, y):
        return super().fit(X + random.gauss(0, 8) * (X > 8), y)


def test_pythons_generator_is_seeded_and_watched(digits):
    X, y, queries, _ = (part[:200] for part in digits)
    state = random.getstate()
    first, second = (
        DPAClassifier(PythonDice(), n_partitions=3).fit(X, y).votes(queries) for _ in range(2)
    )
    np.testing.assert_array_equal(first, second)
    assert random.getstate() == state
    with (
        joblib.parallel_config(backend="threading", n_jobs=2),
        pytest.raises(UnsoundVoterError, match="global random generator"),
    ):
        DPAClassifier(PythonDice(), n_partitions=3).fit(X, y)


@every_ensemble
def test_counts_of_voters_are_at_least_one(ensemble, iris):
    for name in {"n_partitions", "spreading_degree"} & set(ensemble.get_params()):
        with pytest.raises(ValueError, match=name):
            fresh(ensemble, **{name: 0}).fit(*iris)
