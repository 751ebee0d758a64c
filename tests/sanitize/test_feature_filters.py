"""Spectral signatures and activation clustering: exact scores, what is dropped, kinds of rows."""

import math
import pickle
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy import sparse
from sklearn.base import BaseEstimator, clone
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.frozen import FrozenEstimator
from sklearn.impute import SimpleImputer
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.utils._param_validation import InvalidParameterError

from sklearn_certify.datasets import make_backdoor
from sklearn_certify.exceptions import InvalidInputError
from sklearn_certify.sanitize import (
    ActivationClusteringFilter,
    HiddenLayerTransformer,
    SpectralSignatureFilter,
)
from sklearn_certify.sanitize._feature_filter import principal_projections

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

FILTERS = (SpectralSignatureFilter, ActivationClusteringFilter)
every_filter = pytest.mark.parametrize("filter_class", FILTERS, ids=lambda c: c.__name__)


@pytest.fixture(scope="module")
def backdoor():
    """Digits, some sixes of which say that they are sevens."""
    X, y = load_digits(return_X_y=True)
    return make_backdoor(
        X,
        y,
        source=6,
        target=7,
        poison_share=0.2,
        trigger="L",
        position=(7, 0),
        color=16,
        image_shape=(8, 8),
    )


@pytest.fixture(scope="module")
def hidden_layer():
    return HiddenLayerTransformer(MLPClassifier((32,), max_iter=30, learning_rate_init=0.01))


def two_classes(seed=0, sizes=(60, 50), n_features=6):
    random_state = np.random.RandomState(seed)
    y = np.repeat(np.arange(len(sizes)), sizes)
    X = random_state.normal(size=(len(y), n_features)) * np.arange(1, n_features + 1) + y[:, None]
    order = random_state.permutation(len(y))
    return X[order], y[order]


def lumps(*sizes, center=30.0):
    """Rows of class 0 in lumps of these sizes, far from each other, and as many of class 1."""
    random_state = np.random.RandomState(0)
    lump = np.repeat(np.arange(len(sizes)), sizes)
    X = random_state.normal(size=(len(lump), 3))
    X[:, 0] += center * lump
    X_other = random_state.normal(size=(len(lump), 3))
    return np.concatenate([X, X_other]), np.repeat([0, 1], len(lump)), lump


# ---- both


@every_filter
def test_a_backdoor_is_found(filter_class, backdoor, hidden_layer):
    found = filter_class(hidden_layer).fit(backdoor.X, backdoor.y)
    assert not np.any(found.keep_mask_ & backdoor.poisoned)
    of_target = backdoor.y == 7
    assert np.median(found.suspicion_[backdoor.poisoned]) > np.quantile(
        found.suspicion_[of_target & ~backdoor.poisoned], 0.95
    )


def test_few_clean_rows_are_lost_where_the_rule_asks_for_evidence(backdoor, hidden_layer):
    clean = ~backdoor.poisoned
    for careful in (
        SpectralSignatureFilter(hidden_layer),
        ActivationClusteringFilter(hidden_layer, rule="relative_size", size_threshold=0.25),
    ):
        dropped = ~careful.fit(backdoor.X, backdoor.y).keep_mask_
        assert dropped[clean].mean() < 0.04
    careless = ActivationClusteringFilter(hidden_layer).fit(backdoor.X, backdoor.y)
    assert 0.2 < (~careless.keep_mask_)[clean].mean() < 0.5


@every_filter
def test_the_same_from_every_kind_of_rows(filter_class):
    X, y = two_classes(n_features=16)
    whole = filter_class(random_state=3).fit(X, y)
    labels = np.array(["no", "yes"])[y]
    for rows, given_labels in (
        (X.tolist(), y.tolist()),
        (X.reshape(-1, 2, 8), y),
        (pd.DataFrame(X, columns=list("abcdefghijklmnop")), pd.Series(labels)),
        (X, labels),
    ):
        other = filter_class(random_state=3).fit(rows, given_labels)
        np.testing.assert_allclose(other.suspicion_, whole.suspicion_)
        np.testing.assert_array_equal(other.keep_mask_, whole.keep_mask_)
    assert whole.classes_.tolist() == [0, 1]
    assert whole.n_features_in_ == 16
    assert whole.keep_mask_.dtype == bool
    assert whole.suspicion_.dtype == np.float64


@every_filter
def test_sparse_rows_as_dense_ones(filter_class):
    X, y = two_classes(n_features=16)
    X = X * (np.abs(X) > 8)
    dense = filter_class().fit(X, y)
    for kind in (sparse.csr_matrix, sparse.csc_matrix, sparse.csr_array):
        other = filter_class().fit(kind(X), y)
        np.testing.assert_allclose(other.suspicion_, dense.suspicion_, atol=1e-8)
        np.testing.assert_array_equal(other.keep_mask_, dense.keep_mask_)


@every_filter
def test_features_from_callables_and_transformers(filter_class):
    X, y = two_classes(n_features=8)
    scaler = StandardScaler().fit(X)
    expected = filter_class().fit(scaler.transform(X), y).suspicion_
    frame = pd.DataFrame(X, columns=list("abcdefgh"))
    framed = StandardScaler().set_output(transform="pandas")
    for rows, features in (
        (X, scaler.transform),
        (X, StandardScaler()),
        (X, make_pipeline("passthrough", StandardScaler())),
        (X, FrozenEstimator(scaler)),
        (frame, framed),
        (X, lambda rows: sparse.csr_matrix(scaler.transform(rows))),
        (X, lambda rows: scaler.transform(rows).reshape(-1, 2, 2, 2)),
        (X, lambda rows: scaler.transform(rows).astype(object)),
        (X.reshape(-1, 4, 2), lambda rows: scaler.transform(rows.reshape(-1, 8))),
    ):
        np.testing.assert_allclose(filter_class(features).fit(rows, y).suspicion_, expected)


@every_filter
def test_a_transformer_is_cloned_and_learns_from_rows_and_labels(filter_class):
    class Recorder(BaseEstimator):
        seen = ()

        def fit(self, X, y):
            Recorder.seen += ((self, X, y),)
            return self

        def transform(self, X):
            return X

    X, y = two_classes()
    labels = np.array(["no", "yes"])[y]
    features = Recorder()
    filter_class(features).fit(X, labels)
    ((fitted, seen_X, seen_y),) = Recorder.seen
    assert fitted is not features
    np.testing.assert_array_equal(seen_X, X)
    np.testing.assert_array_equal(seen_y, labels)


@every_filter
def test_rows_that_are_no_numbers(filter_class):
    words = np.random.RandomState(0).choice(list("abcdefgh"), size=(40, 5))
    texts = [" ".join(row) for row in words]
    y = np.arange(40) % 2
    vectorizer = TfidfVectorizer(token_pattern=r"\w")
    fitted = filter_class(vectorizer).fit(texts, y)
    assert fitted.suspicion_.max() > 0
    assert not hasattr(fitted, "n_features_in_")
    kept, kept_y = filter_class(vectorizer).fit_resample(texts, y)
    assert kept == [text for text, keep in zip(texts, fitted.keep_mask_, strict=True) if keep]
    np.testing.assert_array_equal(kept_y, y[fitted.keep_mask_])

    X, y = two_classes()
    X[::7, 0] = np.nan
    for features in (SimpleImputer(), SimpleImputer().fit(X).transform):
        filled = filter_class(features).fit(X, y)
        expected = filter_class().fit(SimpleImputer().fit_transform(X), y)
        np.testing.assert_allclose(filled.suspicion_, expected.suspicion_)


@every_filter
def test_features_may_be_tensors(filter_class):
    torch = pytest.importorskip("torch")
    X, y = two_classes()
    weights = torch.eye(6, dtype=torch.float64, requires_grad=True)
    fitted = filter_class(lambda rows: torch.from_numpy(rows) @ weights).fit(X, y)
    np.testing.assert_allclose(fitted.suspicion_, filter_class().fit(X, y).suspicion_)


@every_filter
@pytest.mark.parametrize(
    ("features", "message"),
    [
        (lambda X: X[1:], r"shape \(109, 6\), but there are 110 rows"),
        (lambda X: 1.0, r"shape \(\), but there are 110 rows"),
        (lambda X: X[:, :0], "no features"),
        (lambda X: np.full(X.shape, "1"), "must be numbers, got <U1"),
        (lambda X: np.full(X.shape, "a", dtype=object), "must be numbers"),
        (lambda X: X + 1j, "must be numbers, got complex128"),
        (lambda X: sparse.csr_matrix(X + 1j), "must be numbers, got complex128"),
        (lambda X: np.where(X > 0, np.nan, X), "finite"),
        (lambda X: sparse.csr_matrix(np.where(X > 0, np.inf, X)), "finite"),
        (FunctionTransformer(lambda X: X[1:]), "there are 110 rows"),
        (PCA, "an instance of PCA, not the class"),
    ],
)
def test_bad_features_give_one_sentence(filter_class, features, message):
    X, y = two_classes()
    with pytest.raises(InvalidInputError, match=message):
        filter_class(features).fit(X, y)


@every_filter
def test_rows_that_cannot_be_judged(filter_class):
    X, y = two_classes()
    with pytest.raises(ValueError, match="NaN"):
        filter_class().fit(np.where(X > 3, np.nan, X), y)
    with pytest.raises(ValueError, match="could not convert|string"):
        filter_class().fit([["a"], ["b"]], [0, 1])
    with pytest.raises(InvalidInputError, match="one class only"):
        filter_class().fit(X, np.zeros(len(y)))
    with pytest.raises(InvalidParameterError):
        filter_class(features="pixels").fit(X, y)


@every_filter
def test_nothing_is_dropped_where_rows_do_not_differ(filter_class):
    X, y = two_classes()
    X[y == 1] = 3.0
    for params in ({}, {"features": sparse.csr_matrix}):
        fitted = filter_class(**params).fit(X, y)
        assert fitted.keep_mask_[y == 1].all()
        assert (fitted.suspicion_[y == 1] == 0).all()
        assert (fitted.suspicion_[y == 0] > 0).any()
    assert filter_class().fit(np.ones((8, 2)), np.arange(8) % 2).keep_mask_.all()
    lonely = filter_class().fit(np.r_[X[y == 0], X[y == 1][:1]], np.append(y[y == 0], 1))
    assert lonely.keep_mask_[-1]  # a class of one row


@every_filter
def test_clones_pickles_and_repeats(filter_class, backdoor, hidden_layer):
    first = filter_class(hidden_layer, random_state=5).fit(backdoor.X, backdoor.y)
    np.random.seed(99)
    state = np.random.get_state()[1].copy()
    second = clone(first).fit(backdoor.X, backdoor.y)
    np.testing.assert_array_equal(np.random.get_state()[1], state)
    np.testing.assert_array_equal(second.suspicion_, first.suspicion_)
    np.testing.assert_array_equal(second.keep_mask_, first.keep_mask_)
    again = pickle.loads(pickle.dumps(first))
    np.testing.assert_array_equal(again.keep_mask_, first.keep_mask_)
    other = clone(first).set_params(random_state=6).fit(backdoor.X, backdoor.y)
    assert not np.array_equal(other.suspicion_, first.suspicion_)
    assert not hasattr(hidden_layer, "estimator_")


@every_filter
def test_progress(filter_class, capsys):
    X, y = two_classes()
    fitted = filter_class(verbose=1).fit(X, np.array(["no", "yes"])[y])
    lines = capsys.readouterr().out.splitlines()
    dropped = np.count_nonzero(~fitted.keep_mask_[y == 1])
    assert lines[1] == f"{filter_class.__name__}: drops {dropped} of 50 rows of 'yes'"
    assert len(lines) == 2
    filter_class().fit(X, y)
    assert capsys.readouterr().out == ""


# ---- spectral signatures


@settings(max_examples=40, deadline=None, derandomize=True)
@given(seed=st.integers(0, 10**6), n_features=st.integers(1, 9), n_rows=st.integers(2, 40))
def test_scores_are_those_of_a_direct_decomposition(seed, n_features, n_rows):
    X, y = two_classes(seed, (n_rows, 12), n_features)
    scores = SpectralSignatureFilter(poison_share=0.1).fit(X, y).suspicion_
    for label in (0, 1):
        centered = X[y == label] - X[y == label].mean(axis=0)
        direction = np.linalg.svd(centered)[2][0]
        np.testing.assert_allclose(scores[y == label], (centered @ direction) ** 2, atol=1e-9)


@pytest.mark.parametrize("shape", [(260, 230), (230, 260)])
def test_large_tables_are_decomposed_alike(shape):
    random_state = np.random.RandomState(0)
    X = random_state.normal(size=shape) + 100
    X[: shape[0] // 9] += 1
    projections = principal_projections(X, 2, 0)
    centered = X - X.mean(axis=0)
    expected = centered @ np.linalg.svd(centered)[2][:2].T
    np.testing.assert_allclose(np.abs(projections), np.abs(expected), atol=1e-6)
    assert principal_projections(X[:3], 10, 0).shape == (3, 3)


@settings(max_examples=40, deadline=None, derandomize=True)
@example(share=35, multiplier=1.5, sizes=(40, 60))  # 1.5 * 0.35 * 40 comes out below 21
@given(
    share=st.integers(1, 50),
    multiplier=st.sampled_from([0.5, 1.0, 1.1, 1.5, 1.9]),
    sizes=st.tuples(st.integers(2, 60), st.integers(2, 60)),
)
def test_the_documented_number_is_dropped(share, multiplier, sizes):
    X, y = two_classes(sizes=sizes)
    fitted = SpectralSignatureFilter(poison_share=share / 100, multiplier=multiplier).fit(X, y)
    for label in (0, 1):
        scores, keep = fitted.suspicion_[y == label], fitted.keep_mask_[y == label]
        product = Fraction(share, 100) * Fraction(str(multiplier)) * len(keep)
        assert np.count_nonzero(~keep) == math.floor(product)
        assert keep.all() or scores[~keep].min() >= scores[keep].max()


def test_dropping_everything_is_refused():
    X, y = two_classes()
    with pytest.raises(InvalidInputError, match="multiplier \\* poison_share is 1.05"):
        SpectralSignatureFilter(poison_share=0.7).fit(X, y)
    for params in ({"poison_share": 0.0}, {"poison_share": 1.0}, {"threshold": 0}):
        with pytest.raises(InvalidParameterError):
            SpectralSignatureFilter(**params).fit(X, y)


def test_the_rule_without_a_share_by_hand():
    values = np.arange(-10.0, 11)
    values = np.append(values, [-32.0, 28.0])  # median 0, median distance 6
    spread = 1.4826 * 6
    X = np.concatenate([values, values])[:, np.newaxis]
    y = np.repeat([0, 1], len(values))
    fitted = SpectralSignatureFilter().fit(X, y)
    expected = np.abs(values) / spread
    np.testing.assert_allclose(fitted.suspicion_, np.tile(expected, 2))
    np.testing.assert_array_equal(fitted.keep_mask_, np.tile(expected <= 3.5, 2))
    assert X[~fitted.keep_mask_, 0].tolist() == [-32.0] * 2  # 28 lies 3.15 out
    strict = SpectralSignatureFilter(threshold=3.1).fit(X, y)
    assert X[~strict.keep_mask_, 0].tolist() == [-32.0, 28.0] * 2


def test_most_rows_alike():
    X = np.zeros((40, 1))
    X[:2] = 1.0
    y = np.repeat([0, 1], 20)
    X[y == 1, 0] = np.arange(20)
    fitted = SpectralSignatureFilter().fit(X, y)
    # the mean distance from the median is 0.1
    np.testing.assert_allclose(fitted.suspicion_[:3], [1 / 0.12533, 1 / 0.12533, 0])
    assert np.flatnonzero(~fitted.keep_mask_).tolist() == [0, 1]


def test_few_normal_rows_are_dropped():
    random_state = np.random.RandomState(0)
    X, y = random_state.normal(size=(6000, 20)), np.arange(6000) % 3
    dropped = ~SpectralSignatureFilter().fit(X, y).keep_mask_
    assert dropped.mean() < 0.002  # 0.0005 of a normal distribution lie further out


# ---- activation clustering


@pytest.mark.parametrize(
    ("params", "sizes", "dropped"),
    [
        ({}, (70, 30), True),
        ({}, (51, 49), True),
        ({}, (50, 50), False),
        ({"rule": "relative_size"}, (66, 34), True),
        ({"rule": "relative_size"}, (65, 35), False),
        ({"rule": "relative_size", "size_threshold": 0.2}, (70, 30), False),
        ({"rule": "silhouette", "silhouette_threshold": 0.9}, (70, 30), True),
        ({"rule": "silhouette", "silhouette_threshold": 0.99}, (70, 30), False),
        ({"rule": "silhouette"}, (50, 50), False),
    ],
)
def test_when_the_smaller_cluster_is_dropped(params, sizes, dropped):
    X, y, lump = lumps(*sizes)
    expected = (lump == 0) if dropped else np.ones(100, dtype=bool)
    keep = ActivationClusteringFilter(**params).fit(X, y).keep_mask_
    np.testing.assert_array_equal(keep[y == 0], expected)
    if params.get("rule") != "silhouette":  # independent components have another scale
        keep = ActivationClusteringFilter(reduction="ica", **params).fit(X, y).keep_mask_
        np.testing.assert_array_equal(keep[y == 0], expected)


def test_the_silhouette_tells_lumps_from_one_cloud():
    X, y, lump = lumps(80, 20)  # class 1 is one cloud
    keep = ActivationClusteringFilter(rule="silhouette", silhouette_threshold=0.5).fit(X, y)
    np.testing.assert_array_equal(keep.keep_mask_, np.append(lump == 0, np.ones(100, bool)))


@settings(max_examples=20, deadline=None, derandomize=True)
@given(seed=st.integers(0, 10**6))
def test_margins_toward_the_smaller_cluster(seed):
    X, y = two_classes(seed)
    fitted = ActivationClusteringFilter().fit(X, y)
    for label in (0, 1):
        rows, keep = X[y == label], fitted.keep_mask_[y == label]
        if keep.all():  # two clusters of one size
            continue
        assert np.count_nonzero(keep) > np.count_nonzero(~keep)
        # all six dimensions are left, so that distances are those in the rows themselves
        to_larger, to_smaller = (
            np.linalg.norm(rows - rows[part].mean(axis=0), axis=1) for part in (keep, ~keep)
        )
        np.testing.assert_allclose(fitted.suspicion_[y == label], to_larger - to_smaller, atol=1e-6)
        np.testing.assert_array_equal(fitted.suspicion_[y == label] > 0, ~keep)


def test_small_classes_stay_whole():
    X, y = two_classes(sizes=(60, 9))
    fitted = ActivationClusteringFilter().fit(X, y)
    assert fitted.keep_mask_[y == 1].all()
    assert (fitted.suspicion_[y == 1] == 0).all()
    assert not fitted.keep_mask_[y == 0].all()
    assert not ActivationClusteringFilter(n_components=9).fit(X, y).keep_mask_[y == 1].all()
    X, y = two_classes(sizes=(60, 2))
    fitted = ActivationClusteringFilter(n_components=1).fit(X, y)
    assert fitted.keep_mask_[y == 1].all()
    assert (fitted.suspicion_[y == 1] == 0).all()


def test_dimensions_that_do_not_vary_do_no_harm():
    X, y, lump = lumps(70, 30)
    X = np.hstack([X, X, np.ones((200, 20)), 1e-9 * X])
    for reduction in ("pca", "ica"):
        keep = ActivationClusteringFilter(reduction=reduction).fit(X, y).keep_mask_
        np.testing.assert_array_equal(keep[y == 0], lump == 0)


@pytest.mark.parametrize(
    "params",
    [
        {"rule": "largest"},
        {"reduction": "tsne"},
        {"n_components": 0},
        {"size_threshold": 0.6},
        {"silhouette_threshold": 2},
    ],
)
def test_parameters_of_activation_clustering(params):
    with pytest.raises(InvalidParameterError):
        ActivationClusteringFilter(**params).fit(*two_classes())


def writing(X):
    X *= 0
    return np.arange(len(X))[:, np.newaxis]


@pytest.mark.parametrize("features", [StandardScaler(copy=False), writing])
def test_what_makes_features_cannot_write_to_the_rows(features, digits):
    X, y = digits[0].copy(), digits[1]
    X_kept, _ = SpectralSignatureFilter(features).fit_resample(X, y)
    assert (digits[0] == X).all()
    assert X_kept.max() == 16
    network = make_pipeline(StandardScaler(copy=False), MLPClassifier((4,), max_iter=2))
    transformer = HiddenLayerTransformer(network).fit(X, y)
    once = transformer.transform(X)
    assert (digits[0] == X).all()
    assert (transformer.transform(X) == once).all()


def test_features_that_are_drawn_follow_the_seed(digits):
    X, y = digits[0], digits[1]
    np.random.seed(0)
    expected = np.random.RandomState(0).uniform()
    first, again = (
        SpectralSignatureFilter(lambda X: np.random.uniform(size=(len(X), 3))).fit(X, y)
        for _ in range(2)
    )
    assert (first.suspicion_ == again.suspicion_).all()
    assert np.random.uniform() == expected  # the user's generator is as it was


@pytest.mark.parametrize("unit", [1e-170, 1e160])
def test_clusters_of_extreme_values(unit, digits):
    X, y = digits[0], digits[1]
    expected = ActivationClusteringFilter().fit(X, y).keep_mask_
    assert (ActivationClusteringFilter().fit(X * unit, y).keep_mask_ == expected).mean() > 0.99
