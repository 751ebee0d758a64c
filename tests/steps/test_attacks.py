"""One poisoned row against pipelines: what is certified stays as it is, or nothing is certified."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.compose import ColumnTransformer, make_column_selector
from sklearn.decomposition import NMF, PCA, FastICA, MiniBatchNMF, TruncatedSVD
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer, TfidfVectorizer
from sklearn.frozen import FrozenEstimator
from sklearn.impute import MissingIndicator, SimpleImputer
from sklearn.kernel_approximation import AdditiveChi2Sampler, Nystroem
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import (
    Binarizer,
    FunctionTransformer,
    KBinsDiscretizer,
    MinMaxScaler,
    Normalizer,
    OneHotEncoder,
    OrdinalEncoder,
    PolynomialFeatures,
    QuantileTransformer,
    RobustScaler,
    StandardScaler,
)
from sklearn.random_projection import GaussianRandomProjection

from sklearn_certify import (
    BaggingCertifiedClassifier,
    CertifiedKNN,
    CertifiedRNN,
    DPAClassifier,
    certified_radius,
)
from sklearn_certify.audit import find_unsound_steps
from sklearn_certify.exceptions import UnsoundPipelineError
from sklearn_certify.threat import THREAT_MODELS

pytestmark = pytest.mark.filterwarnings("ignore")  # models are kept small, not good

CLASSIFIERS = [
    DPAClassifier(KNeighborsClassifier(1), n_partitions=7),
    CertifiedKNN(9),
    CertifiedRNN(90.0, outlier_label=0),
]


@pytest.fixture(scope="module")
def rows(digits):
    X, y, queries, _ = digits
    return X[:150], y[:150] % 3, queries[:30]


def poisoned(X, y, queries, threat_model):
    """Yield training sets in which one row is added, removed or changed."""
    far = 1e4 * np.ones_like(X[:1])
    strange = [far, -far, far * (np.arange(X.shape[1]) % 2), np.zeros_like(far), queries[:1]]
    if threat_model in ("insert", "insert_delete"):
        for row in strange:
            yield np.vstack([X, row]), np.append(y, (y[0] + 1) % 3)
    if threat_model in ("delete", "insert_delete"):
        for row in (0, int(X.max(axis=1).argmax()), int(X.sum(axis=1).argmax())):
            yield np.delete(X, row, axis=0), np.delete(y, row)
    if threat_model == "modify":
        for row in strange:
            changed = X.copy()
            changed[7] = row
            yield changed, y
    if threat_model == "label_flip":
        for row in (0, 50, 149):
            flipped = y.copy()
            flipped[row] = (flipped[row] + 1) % 3
            yield X, flipped


def broken(model, X, y, queries, threat_model):
    """Count the predictions that are certified and that one poisoned row changes."""
    model = clone(model).set_params(**{f"{model.steps[-1][0]}__threat_model": threat_model})
    fitted = model.fit(X, y)
    certified = certified_radius(fitted, queries) >= 1
    assert certified.any()
    before = fitted.predict(queries)
    return sum(
        ((clone(model).fit(*other).predict(queries) != before) & certified).sum()
        for other in poisoned(X, y, queries, threat_model)
    )


def on_columns(step):
    return ColumnTransformer([("some", step, slice(0, 30))], remainder="passthrough")


LEVELS = [list(range(17))] * 64
ANY_LEVEL = {"categories": LEVELS, "handle_unknown": "ignore"}


def frozen(step):
    return lambda trusted: FrozenEstimator(clone(step).fit(trusted))


SOUND = {
    "Normalizer": lambda _: Normalizer(),
    "Binarizer": lambda _: Binarizer(threshold=7),
    "log1p": lambda _: FunctionTransformer(lambda X: np.log1p(np.abs(X))),
    "row sums": lambda _: FunctionTransformer(lambda X: np.c_[X, X.sum(axis=1)]),
    "standardised rows": lambda _: FunctionTransformer(lambda X: X - X.mean(axis=1, keepdims=True)),
    "polynomials": lambda _: PolynomialFeatures(2, interaction_only=True),
    "one-hot": lambda _: OneHotEncoder(sparse_output=False, **ANY_LEVEL),
    "ordinal": lambda _: OrdinalEncoder(
        categories=LEVELS, handle_unknown="use_encoded_value", unknown_value=-1
    ),
    "constant": lambda _: SimpleImputer(strategy="constant", keep_empty_features=True),
    "indicator": lambda _: make_union(FunctionTransformer(), MissingIndicator(features="all")),
    "chi2": lambda _: make_pipeline(FunctionTransformer(np.abs), AdditiveChi2Sampler()),
    "columns": lambda _: on_columns(Normalizer()),
    "columns, dense": lambda _: ColumnTransformer(
        [("some", OneHotEncoder(**{**ANY_LEVEL, "categories": LEVELS[:2]}), [20, 21])],
        remainder=FunctionTransformer(np.abs),
        sparse_threshold=0,
    ),
    "columns, frozen": lambda trusted: ColumnTransformer(
        [("some", FrozenEstimator(StandardScaler().fit(trusted[:, :30])), slice(0, 30))],
        remainder=Normalizer(),
    ),
    "frozen scaler": frozen(StandardScaler()),
    "frozen quantiles": frozen(QuantileTransformer(n_quantiles=20)),
    "frozen bins": frozen(KBinsDiscretizer(encode="onehot-dense")),
    "frozen pipeline": frozen(make_pipeline(MinMaxScaler(), RobustScaler())),
}

UNSOUND = {
    "centred": lambda _: FunctionTransformer(lambda X: X - X.mean(axis=0)),
    "by the largest": lambda _: FunctionTransformer(lambda X: X / np.abs(X).max()),
    "by a large largest": lambda _: FunctionTransformer(lambda X: X / max(np.abs(X).max(), 300.0)),
    "by the norm": lambda _: FunctionTransformer(lambda X: X / np.linalg.norm(X)),
    "rounded by the batch": lambda _: FunctionTransformer(
        lambda X: X.astype(np.float32) @ np.cos(np.arange(64 * 5, dtype=np.float32)).reshape(64, 5)
    ),
    "ranked": lambda _: FunctionTransformer(lambda X: X.argsort(axis=0).argsort(axis=0)),
    "without zero columns": lambda _: FunctionTransformer(lambda X: X[:, (X >= 0).all(axis=0)]),
    "scaled": lambda _: StandardScaler(),
    "columns scaled": lambda _: on_columns(StandardScaler()),
    "frozen centring": frozen(FunctionTransformer(lambda X: X - X.mean(axis=0))),
    "frozen nmf": frozen(make_pipeline(FunctionTransformer(np.abs), NMF(5, init="nndsvda"))),
    "frozen small nmf": frozen(
        make_pipeline(FunctionTransformer(np.abs), MiniBatchNMF(5, random_state=0))
    ),
    "frozen pca": lambda trusted: FrozenEstimator(PCA(32).fit(trusted.astype(np.float32))),
}


@pytest.mark.parametrize("classifier", CLASSIFIERS, ids=lambda c: type(c).__name__)
@pytest.mark.parametrize("name", SOUND)
def test_sound_steps_are_certified_and_unbroken(name, classifier, rows, digits):
    X, y, queries = rows
    model = make_pipeline(SOUND[name](digits[2][50:150]), clone(classifier))
    if isinstance(classifier, CertifiedRNN):
        model = model.set_params(certifiedrnn__radius=1e9)  # whatever the scale
    assert find_unsound_steps(model) == []
    for threat_model in THREAT_MODELS:
        assert broken(model, X, y, queries, threat_model) == 0


@pytest.mark.parametrize("n_queries", [1, 30])
@pytest.mark.parametrize("shrink", [1.0, 0.01], ids=["plain", "shrunk"])
@pytest.mark.parametrize("name", UNSOUND)
def test_unsound_steps_are_refused(name, shrink, n_queries, rows, digits):
    """Also with one query, and where no query reaches the values that matter."""
    X, y, queries = rows
    step = UNSOUND[name](digits[2][50:150])
    model = make_pipeline(step, DPAClassifier(n_partitions=7)).fit(X, y)
    with pytest.raises(UnsoundPipelineError, match="no certificate holds"):
        certified_radius(model, shrink * queries[:n_queries])


def test_a_row_does_change_what_unsound_steps_make_of_others(rows, digits):
    X, _, _ = rows
    for name, make in UNSOUND.items():
        step = make(digits[2][50:150])
        made = clone(step).fit(X, None).transform(X)
        # the attacker's row, or the number of rows, as in a matrix product
        others = [np.vstack([X, 1e4 * X[:1]]), np.vstack([X, -X[:1]]), X[:1], X[:1] * 1e-3]
        others.append(np.vstack([X[:1], 5 * X[1:2]]))
        changed = [
            n
            for n, other in enumerate(others)
            if not np.array_equal(made[:1], clone(step).fit(other, None).transform(other)[:1])
        ]
        assert changed, name


SEEDED = {
    "pca": PCA(8, svd_solver="randomized"),
    "projection": GaussianRandomProjection(8),
    "nystroem": Nystroem(n_components=9),
    "svd": TruncatedSVD(5),
    "ica": FastICA(4, max_iter=20),
    "quantiles": QuantileTransformer(subsample=50, n_quantiles=20),
    "bins": KBinsDiscretizer(subsample=50, encode="ordinal"),
    "columns": on_columns(PCA(8, svd_solver="randomized")),
}


@pytest.mark.parametrize("name", SEEDED)
def test_label_flips_need_steps_that_repeat(name, rows):
    X, y, queries = rows
    for state in (None, np.random.RandomState(0)):
        step = clone(SEEDED[name]).set_params(
            **{p: state for p in SEEDED[name].get_params() if p.endswith("random_state")}
        )
        model = make_pipeline(step, DPAClassifier(n_partitions=7, threat_model="label_flip"))
        with pytest.raises(UnsoundPipelineError, match="without a seed.* random_state=0"):
            certified_radius(model.fit(X, y), queries)
    seeds = {p: 3 for p in step.get_params() if p.endswith("random_state")}
    model = make_pipeline(clone(step).set_params(**seeds), CLASSIFIERS[0])
    assert broken(model, X, y, queries, "label_flip") == 0


def test_few_training_rows_need_no_seed_for_a_subsample(rows):
    X, y, queries = rows
    for step in (QuantileTransformer(n_quantiles=20), KBinsDiscretizer(encode="ordinal")):
        model = make_pipeline(step, CertifiedKNN(9, threat_model="label_flip")).fit(X, y)
        assert certified_radius(model, queries).max() >= 1


CENTRED_ROWS = FunctionTransformer(lambda X: X - X.sum(axis=1, keepdims=True) / 64)


@pytest.mark.parametrize(
    "classifier",
    [*CLASSIFIERS, BaggingCertifiedClassifier(n_estimators=20, max_samples=20, random_state=0)],
    ids=lambda c: type(c).__name__,
)
@pytest.mark.parametrize("step", [Normalizer(), Normalizer("l1"), CENTRED_ROWS])
def test_digits_must_not_follow_the_memory(step, classifier, rows):
    """Rows put together in another way are in another order in memory, and sums along them round
    otherwise."""
    X, y, queries = rows[0] / 7, rows[1], rows[2] / 7  # sums of whole numbers are exact
    model = make_pipeline(step, clone(classifier))
    if isinstance(classifier, CertifiedRNN):
        model.set_params(certifiedrnn__radius=1e9)
    assert certified_radius(model.fit(X, y), np.asfortranarray(queries)).shape == (30,)
    model.fit(np.asfortranarray(X), y)
    with pytest.raises(UnsoundPipelineError, match=r"order in memory.*np\.ascontiguousarray"):
        certified_radius(model, queries)
    maxima = make_pipeline(Normalizer("max"), clone(classifier)).fit(np.asfortranarray(X), y)
    assert find_unsound_steps(maxima) == []


# Tables with gaps.


def table(X):
    return pd.DataFrame({"n": X[:, 20], "m": X[:, 21], "word": np.where(X[:, 28] > 8, "a", "b")})


GAPS = {
    "mean": lambda t: t[["n", "m"]].fillna(t[["n", "m"]].mean()),
    "median": lambda t: t[["n", "m"]].fillna(t[["n", "m"]].median()),
    "the row before": lambda t: t[["n", "m"]].ffill().fillna(0),
    "rows without gaps": lambda t: t.dropna()[["n", "m"]],
    "the most frequent word": lambda t: t.assign(word=t.word.fillna(t.word.mode()[0]) == "a"),
    "codes": lambda t: t.assign(word=t.word.astype("category").cat.codes),
    "a flag": lambda t: t[["n", "m"]].assign(flag=t.n.isna().any()),
}


@pytest.mark.parametrize("n_queries", [1, 30])
@pytest.mark.parametrize("name", GAPS)
def test_gaps_must_not_be_filled_from_other_rows(name, n_queries, rows):
    """Queries without any gap do not tell."""
    X, y, queries = rows
    model = make_pipeline(FunctionTransformer(GAPS[name]), CertifiedKNN(9)).fit(table(X), y)
    with pytest.raises(UnsoundPipelineError, match="functiontransformer"):
        certified_radius(model, table(queries[:n_queries]))


def test_functions_of_each_row_of_a_table_are_certified(rows):
    X, y, queries = rows
    for function in (
        lambda t: t[["n", "m"]].fillna(0),
        lambda t: t[["n", "m"]].assign(ratio=t.n / (t.m + 1)),
        lambda t: t.assign(word=(t.word == "a").astype(float)),
        lambda t: t[["n", "m"]].to_numpy().sum(axis=1, keepdims=True),
    ):
        model = make_pipeline(FunctionTransformer(function), CertifiedKNN(9)).fit(table(X), y)
        assert certified_radius(model, table(queries)).max() >= 1


# Texts.

TEXTS = [f"{'good' if i % 2 else 'bad'} film {i}" for i in range(60)]
TRUTH = np.arange(60) % 2
VOCABULARY = ["bad", "film", "good", *map(str, range(60))]


@pytest.mark.parametrize(
    "step",
    [
        CountVectorizer(vocabulary=VOCABULARY, token_pattern=r"\w+"),
        TfidfVectorizer(vocabulary=VOCABULARY, token_pattern=r"\w+", use_idf=False),
        HashingVectorizer(n_features=32),
        HashingVectorizer(n_features=32, tokenizer=str.split),
        make_pipeline(
            FunctionTransformer(lambda texts: [text.upper() for text in texts]),
            CountVectorizer(vocabulary=VOCABULARY, token_pattern=r"\w+"),
        ),
    ],
    ids=["counts", "tfidf", "hashing", "own words", "function"],
)
def test_texts(step):
    model = make_pipeline(step, DPAClassifier(n_partitions=5)).fit(TEXTS, TRUTH)
    radii = certified_radius(model, TEXTS[:6])
    assert radii.max() >= 1
    labels = model.predict(TEXTS[:6])
    for i in (0, 7, 30):
        texts = [*TEXTS[:i], "rare word " * 40, *TEXTS[i + 1 :]]
        model = clone(model).set_params(dpaclassifier__threat_model="modify").fit(texts, TRUTH)
        safe = radii >= 2
        assert (model.predict(TEXTS[:6]) == labels)[safe].all()


@pytest.mark.parametrize(
    "step",
    [
        CountVectorizer(),
        CountVectorizer(vocabulary=None, max_features=3),
        TfidfVectorizer(vocabulary=VOCABULARY),
        FunctionTransformer(
            lambda texts: np.array([[sum(t[:3] == u[:3] for u in texts)] for t in texts])
        ),
    ],
)
def test_texts_that_are_weighed_by_others_are_refused(step):
    model = make_pipeline(step, DPAClassifier(n_partitions=5)).fit(TEXTS, TRUTH)
    with pytest.raises(UnsoundPipelineError):
        certified_radius(model, TEXTS[:6])


def test_texts_must_not_be_cut_at_the_width_of_the_longest():
    def fill(X):
        X = X.copy()
        X[X == "?"] = "missing"
        return X

    X = np.array([["?" if i % 2 else "red", str(i)] for i in range(60)])
    encoder = OneHotEncoder(categories=[["missing", "red"], list(map(str, range(60)))])
    model = make_pipeline(
        FunctionTransformer(fill),
        encoder.set_params(handle_unknown="ignore"),
        DPAClassifier(n_partitions=5),
    )
    with pytest.raises(UnsoundPipelineError, match=r"longer one .* X\.astype\(object\)"):
        certified_radius(model.fit(X, TRUTH), X[:9])
    assert certified_radius(model.fit(X.astype(object), TRUTH), X[:9].astype(object)).max() >= 1


# Column transformers.


def test_density_must_not_decide_the_form(rows):
    X, y, queries = rows
    encoder = OneHotEncoder(categories=LEVELS[:3], handle_unknown="ignore")
    for n_dense, sound in ((3, True), (60, True), (21, False)):
        columns = ColumnTransformer(
            [("levels", encoder, [0, 1, 2]), ("rest", "passthrough", slice(3, 3 + n_dense))]
        )
        model = make_pipeline(columns, DPAClassifier(n_partitions=5)).fit(X, y)
        if sound:
            assert certified_radius(model, queries).max() >= 1
            continue
        with pytest.raises(UnsoundPipelineError, match="sparse_threshold=0"):
            certified_radius(model, queries)
        model = model.set_params(columntransformer__sparse_threshold=0).fit(X, y)
        assert certified_radius(model, queries).max() >= 1


def test_columns_chosen_by_a_function_of_all_rows_are_refused(rows):
    X, y, queries = rows
    for choose, sound in (
        (lambda X: [i for i, name in enumerate(X) if X[name].max() > 15], False),
        (make_column_selector(dtype_include=np.number), True),
    ):
        columns = ColumnTransformer([("chosen", Normalizer(), choose)])
        model = make_pipeline(columns, CertifiedKNN(9)).fit(pd.DataFrame(X), y)
        assert [found.name for found in find_unsound_steps(model)] == ([] if sound else ["chosen"])


def test_label_flips_leave_columns_alone(rows):
    X, y, queries = rows
    columns = ColumnTransformer(
        [("scaled", StandardScaler(), slice(0, 30)), ("fewer", PCA(3), slice(30, 64))]
    )
    model = make_pipeline(columns, CLASSIFIERS[0])
    assert broken(model, X, y, queries, "label_flip") == 0
    with pytest.raises(UnsoundPipelineError, match="'scaled'"):
        certified_radius(model.fit(X, y), queries)
