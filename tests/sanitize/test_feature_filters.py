"""What the filters by features share: backdoors, kinds of rows and of features, repeats."""

import pickle

import numpy as np
import pandas as pd
import pytest
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

from sklearn_certify._compat import InvalidParameterError
from sklearn_certify.datasets import make_backdoor
from sklearn_certify.exceptions import InvalidInputError
from sklearn_certify.sanitize import (
    ActivationClusteringFilter,
    HiddenLayerTransformer,
    SpectralSignatureFilter,
)

from .rows_of_classes import two_classes

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
