"""transformer=: each row goes alone, once for all voters; hashes and certificates see it raw."""

import warnings

import numpy as np
import pandas as pd
import pytest
from joblib import parallel_config
from scipy.sparse import csr_array
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import NMF, PCA
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer
from sklearn.feature_selection import SelectKBest
from sklearn.frozen import FrozenEstimator
from sklearn.impute import SimpleImputer
from sklearn.kernel_approximation import RBFSampler
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import (
    FunctionTransformer,
    Normalizer,
    OneHotEncoder,
    PolynomialFeatures,
    StandardScaler,
)
from sklearn.random_projection import GaussianRandomProjection
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils.estimator_checks import parametrize_with_checks

from sklearn_certify import (
    BaggingCertifiedClassifier,
    CertifiedKNN,
    CertifiedRNN,
    DPAClassifier,
    FiniteAggregationClassifier,
    certified_accuracy,
    certified_radius,
)
from sklearn_certify._steps._row_by_row import transform_each
from sklearn_certify.exceptions import InvalidInputError, UnsoundPipelineError
from sklearn_certify.threat import THREAT_MODELS

CLASSIFIERS = [
    DPAClassifier(n_partitions=7),
    FiniteAggregationClassifier(n_partitions=4, spreading_degree=2),
    BaggingCertifiedClassifier(n_estimators=60, max_samples=20, random_state=0),
    CertifiedKNN(9),
    CertifiedRNN(1e3, outlier_label=0),
]
every_classifier = pytest.mark.parametrize(
    "classifier", CLASSIFIERS, ids=lambda c: type(c).__name__
)


@pytest.mark.filterwarnings("ignore:random_state has no effect:FutureWarning")
@parametrize_with_checks(
    [
        DPAClassifier(n_partitions=3, transformer=Normalizer()),
        FiniteAggregationClassifier(
            n_partitions=2, spreading_degree=2, transformer=make_pipeline(Normalizer())
        ),
        BaggingCertifiedClassifier(
            n_estimators=4, max_samples=30, random_state=0, transformer=Normalizer()
        ),
        CertifiedKNN(transformer=make_pipeline(FunctionTransformer(), Normalizer())),
        CertifiedRNN(transformer=Normalizer()),
    ]
)
def test_scikit_learn_checks(estimator, check):
    check(estimator)


@pytest.fixture(scope="module")
def rows(digits):
    X, y, queries, _ = digits
    return X[:160], y[:160] % 3, queries[:40]


def gradients(images):
    """Histograms, roughly, of images of any shape."""
    cells = np.asarray(images, dtype=float).reshape(len(images), 8, 8)
    return np.abs(np.diff(cells, axis=1)).reshape(len(images), 7, 8).sum(axis=2)


class Histograms(TransformerMixin, BaseEstimator):
    """A class of one's own that declares to learn nothing."""

    def fit(self, X, y=None):
        return self

    def transform(self, X):
        return gradients(X)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.requires_fit = False
        return tags


def frozen(step, trusted):
    return FrozenEstimator(step.fit(trusted))


def frozen_centring(trusted):
    return frozen(FunctionTransformer(lambda X: np.c_[X, X - X.mean(axis=0)]), trusted)


TRANSFORMERS = {
    "normalizer": lambda _: Normalizer(),
    "function": lambda _: FunctionTransformer(gradients),
    "own class": lambda _: Histograms(),
    "polynomials": lambda _: PolynomialFeatures(2, interaction_only=True),
    "one-hot": lambda _: OneHotEncoder(categories=[range(17)] * 64, handle_unknown="ignore"),
    "constant": lambda _: SimpleImputer(strategy="constant", keep_empty_features=True),
    "projection": lambda _: GaussianRandomProjection(9, random_state=0),
    "kernel": lambda _: RBFSampler(gamma=1e-4, random_state=0),
    "centring": frozen_centring,
    "nmf": lambda trusted: frozen(NMF(5, max_iter=50, random_state=0), trusted),
    "pca": lambda trusted: frozen(PCA(32), trusted.astype(np.float32)),
    "pipeline": lambda trusted: make_pipeline(frozen(StandardScaler(), trusted), Normalizer()),
    "union": lambda trusted: make_union(Normalizer(), frozen(PCA(3), trusted)),
    "columns": lambda trusted: ColumnTransformer(
        [("some", frozen(StandardScaler(), trusted[:, :9]), slice(0, 9)), ("no", "drop", [9])],
        remainder=Normalizer(),
    ),
}


@pytest.mark.parametrize("name", TRANSFORMERS)
@pytest.mark.filterwarnings("ignore")
def test_a_row_comes_out_the_same_whatever_is_around_it(name, rows, digits):
    X, _, queries = rows
    transformer = TRANSFORMERS[name](digits[2][50:150])
    few, far = X[:20], 1e4 * np.ones((1, 64))
    expected = dense(transform_each(transformer, few))
    assert expected.flags.c_contiguous
    for others in (np.vstack([far, few]), np.vstack([queries, few]), np.asfortranarray(few)):
        made = dense(transform_each(transformer, others))[-len(few) :]
        np.testing.assert_array_equal(made, expected)
    np.testing.assert_array_equal(dense(transform_each(transformer, few[[3]])), expected[[3]])


def dense(X):
    return X.toarray() if hasattr(X, "toarray") else np.asarray(X)


@pytest.mark.parametrize("name", ["pca", "nmf", "centring", "function", "columns"])
@pytest.mark.parametrize("threat_model", THREAT_MODELS)
@pytest.mark.filterwarnings("ignore")
def test_one_poisoned_row_breaks_nothing_certified(name, threat_model, rows, digits):
    X, y, queries = rows[0][:90], rows[1][:90], rows[2][:20]
    transformer = TRANSFORMERS[name](digits[2][50:150])
    far = 1e4 * np.ones((1, 64))
    attacks = {
        "insert": (np.vstack([X, far]), np.append(y, 0)),
        "delete": (X[1:], y[1:]),
        "insert_delete": (np.vstack([far, X]), np.append(2, y)),
        "modify": (np.vstack([X[:5], far, X[6:]]), y),
        "label_flip": (X, np.append((y[:1] + 1) % 3, y[1:])),
    }
    for classifier in (CLASSIFIERS[0], CLASSIFIERS[3]):
        model = clone(classifier).set_params(transformer=transformer, threat_model=threat_model)
        certified = certified_radius(model.fit(X, y), queries) >= 1
        assert certified.any()
        before = model.predict(queries)
        after = clone(model).fit(*attacks[threat_model]).predict(queries)
        np.testing.assert_array_equal(after[certified], before[certified])


@every_classifier
def test_a_transformer_is_what_it_would_be_by_hand(classifier, rows):
    X, y, queries = rows
    with_it = clone(classifier).set_params(transformer=Normalizer()).fit(X, y)
    counts = with_it.vote_counts(queries)
    by_hand = make_pipeline(Normalizer(), clone(classifier)).fit(X, y)
    if isinstance(classifier, (CertifiedKNN, CertifiedRNN)):  # the others hash other rows
        np.testing.assert_array_equal(
            counts, by_hand[-1].vote_counts(by_hand[0].transform(queries))
        )
    assert with_it.n_features_in_ == 64
    assert certified_radius(with_it, queries).max() >= 0


def test_partitions_are_of_the_rows_as_they_come(rows):
    X, y, _ = rows
    plain = DPAClassifier(n_partitions=7).fit(X, y).partition_
    for transformer in (Normalizer(), FunctionTransformer(gradients)):
        model = DPAClassifier(n_partitions=7, transformer=transformer).fit(X, y)
        np.testing.assert_array_equal(model.partition_, plain)
    seen = []

    def own_hash(X, y):
        seen.append(X.shape[1:])
        return np.arange(len(X)) * 0

    images = X.reshape(-1, 8, 8)
    DPAClassifier(
        n_partitions=3, transformer=FunctionTransformer(gradients), hash_function=own_hash
    ).fit(images, y)
    assert set(seen) == {(8, 8)}


@every_classifier
def test_votes_are_the_same_whatever_n_jobs(classifier, rows):
    X, y, queries = rows
    images, queries = np.tile(X.reshape(-1, 8, 8), (4, 1, 1)), queries.reshape(-1, 8, 8)
    model = clone(classifier).set_params(transformer=FunctionTransformer(gradients))
    expected = model.fit(images, np.tile(y, 4)).vote_counts(queries)
    with parallel_config("threading", n_jobs=2):
        counts = clone(model).fit(images, np.tile(y, 4)).vote_counts(queries)
    np.testing.assert_array_equal(counts, expected)


def test_processes_make_the_same_rows(digits):
    X = digits[0][:500]
    projection = TRANSFORMERS["pca"](digits[2])
    np.testing.assert_array_equal(
        transform_each(projection, X, n_jobs=2), transform_each(projection, X)
    )


@every_classifier
def test_images_texts_tables_and_sparse_rows(classifier, rows):
    X, y = rows[0][:60], rows[1][:60]
    texts = [f"{'good' if label else 'bad'} film {i}" for i, label in enumerate(y)]
    table = pd.DataFrame({"n": X[:, 20], "word": np.where(X[:, 28] > 8, "a", "b")})
    encoder = OneHotEncoder(categories=[["a", "b"]], handle_unknown="ignore", sparse_output=False)
    columns = ColumnTransformer([("word", encoder, ["word"]), ("n", Normalizer(), ["n"])])
    for transformer, data in (
        (FunctionTransformer(gradients), X.reshape(-1, 8, 8)),
        (FunctionTransformer(gradients), X.reshape(-1, 2, 4, 8).astype(np.uint8)),
        (HashingVectorizer(n_features=32), texts),
        (CountVectorizer(vocabulary=["good", "bad"]), np.array(texts)),
        (columns, table),
        (Normalizer(), csr_array(X)),
    ):
        model = clone(classifier).set_params(transformer=transformer).fit(data, y)
        some = data[:9]
        assert model.predict(some).shape == (9,)
        assert model.certified_radius(some).shape == (9,)
        np.testing.assert_array_equal(model.vote_counts(some[3:4]), model.vote_counts(some)[3:4])


class OwnScaler(StandardScaler):
    def transform(self, X, copy=None):
        return super().transform(X)


@every_classifier
@pytest.mark.parametrize(
    ("transformer", "words"),
    [
        (StandardScaler(), "StandardScaler, which learns from rows .*FrozenEstimator"),
        (make_pipeline(Normalizer(), PCA(3)), "PCA, which learns"),
        (make_union(Normalizer(), SelectKBest()), "SelectKBest, which learns"),
        (ColumnTransformer([("a", StandardScaler(), [0])]), "StandardScaler, which learns"),
        (ColumnTransformer([], remainder=StandardScaler()), "StandardScaler, which learns"),
        (OneHotEncoder(), "OneHotEncoder, which learns .* Give it all categories"),
        (CountVectorizer(), "CountVectorizer, which learns .* Give it a vocabulary"),
        (GaussianRandomProjection(5), "draws at random .* random_state=0"),
        (
            OwnScaler(),
            "OwnScaler, which is of an unknown kind .* tags.requires_fit",
        ),
    ],
)
def test_what_still_learns_is_refused(classifier, transformer, words, rows):
    X, y, _ = rows
    model = clone(classifier).set_params(transformer=transformer)
    with pytest.raises(UnsoundPipelineError, match=words) as error:
        model.fit(X, y)
    assert not [name for name in vars(model) if name.endswith("_") and not name.startswith("_")]
    assert ("move it into estimator" in str(error.value)) == (
        hasattr(model, "estimator") and "draws" not in words
    )


@every_classifier
@pytest.mark.parametrize(
    ("function", "words"),
    [
        (lambda X: X[X[:, 20] > 3], "one row of a row, but made 0"),
        (lambda X: X[:, X[0] > 3], "all rows need one width and one type"),
        (lambda X: X.astype(int) if X[0, 20] > 3 else X, "all rows need one width and one type"),
        (lambda X: csr_array(X) if X[0, 20] > 3 else X, "all rows need one width and one type"),
        (lambda X: X + np.random.normal(size=X.shape), "when it is asked again"),
        (lambda X: 1 / 0 if X[0, 20] > 3 else X, r"failed on row \d+ \(ZeroDivisionError"),
    ],
)
def test_what_is_made_of_a_row_is_checked(classifier, function, words, rows):
    X, y, queries = rows
    model = clone(classifier).set_params(transformer=FunctionTransformer(function))
    with pytest.raises((InvalidInputError, UnsoundPipelineError), match=words):
        model.fit(X, y)
    assert not hasattr(model, "classes_")


@pytest.mark.parametrize("classifier", CLASSIFIERS[3:], ids=lambda c: type(c).__name__)
def test_neighbors_need_finite_numbers(classifier, rows):
    X, y, _ = rows
    for function in (lambda X: X / (X - X), lambda X: np.full(X.shape, "word")):
        model = clone(classifier).set_params(transformer=FunctionTransformer(function))
        with (
            pytest.raises(InvalidInputError, match="compares rows of finite numbers"),
            warnings.catch_warnings(),
        ):
            warnings.simplefilter("ignore")
            model.fit(X, y)


@every_classifier
def test_rows_are_those_of_fit(classifier, rows):
    X, y, queries = rows
    model = clone(classifier).set_params(transformer=FunctionTransformer(gradients))
    model.fit(X.reshape(-1, 8, 8), y)
    with pytest.raises(ValueError, match="shape|features"):
        model.predict(queries)
    model.set_params(transformer=Normalizer())
    with pytest.raises(InvalidInputError, match="transformer is .* call fit again"):
        model.predict(queries.reshape(-1, 8, 8))


class TakesSparseRows(Normalizer):
    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags


@every_classifier
def test_the_tags_are_those_of_the_transformer(classifier):
    plain = classifier.__sklearn_tags__().input_tags
    tags = clone(classifier).set_params(transformer=HashingVectorizer()).__sklearn_tags__()
    assert tags.input_tags.string and not plain.string
    tags = clone(classifier).set_params(transformer=TakesSparseRows()).__sklearn_tags__()
    assert tags.input_tags.sparse


def test_searches_over_neighbors_and_radius(rows):
    X, y, queries = rows
    images = X.reshape(-1, 8, 8)
    for model, name, values in (
        (CertifiedKNN(), "n_neighbors", [1, 9]),
        (CertifiedRNN(outlier_label=0), "radius", [1.0, 60.0]),
    ):
        search = GridSearchCV(
            model.set_params(transformer=FunctionTransformer(gradients)),
            {name: values},
            scoring=certified_accuracy(poison_size=1),
            cv=2,
        ).fit(images, y)
        assert search.best_params_ == {name: values[1]}
        assert certified_radius(search, queries.reshape(-1, 8, 8)).max() >= 1


def test_a_tree_sees_what_the_transformer_makes(rows):
    X, y, _ = rows
    model = DPAClassifier(
        DecisionTreeClassifier(), 5, transformer=FunctionTransformer(lambda X: X[:, 20:22])
    ).fit(X, y)
    assert {tree.n_features_in_ for tree in model.estimators_} == {2}
    assert model.n_features_in_ == 64


def test_a_frozen_network(rows):
    torch = pytest.importorskip("torch")
    skorch = pytest.importorskip("skorch")
    from sklearn_certify.sanitize import HiddenLayerTransformer

    X, y, queries = rows
    X, queries = X.astype(np.float32), queries.astype(np.float32)
    torch.manual_seed(0)
    network = skorch.NeuralNetClassifier(
        torch.nn.Sequential(torch.nn.Linear(64, 20), torch.nn.ReLU(), torch.nn.Linear(20, 3)),
        criterion=torch.nn.CrossEntropyLoss,
        max_epochs=3,
        verbose=0,
        train_split=None,
    )
    features = FrozenEstimator(HiddenLayerTransformer(network).fit(queries, np.arange(40) % 3))
    model = CertifiedKNN(9, transformer=features).fit(X, y)
    assert certified_radius(model, queries).max() >= 1
    few = transform_each(features, X[:9])
    again = transform_each(features, np.vstack([1e4 * X[:3], X[:9]]))[3:]
    np.testing.assert_array_equal(few, again)
    in_front = make_pipeline(features, CertifiedKNN(9)).fit(X, y)
    np.testing.assert_array_equal(
        certified_radius(in_front, queries), certified_radius(model, queries)
    )
