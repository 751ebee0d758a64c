"""Pipelines whose certificate would be false are found and refused."""

import numpy as np
import pytest
from scipy.sparse import csr_array
from sklearn.base import BaseEstimator
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.dummy import DummyClassifier
from sklearn.exceptions import NotFittedError
from sklearn.feature_extraction import DictVectorizer
from sklearn.feature_extraction.text import HashingVectorizer, TfidfVectorizer
from sklearn.feature_selection import SelectFromModel, SelectKBest, VarianceThreshold
from sklearn.frozen import FrozenEstimator
from sklearn.impute import SimpleImputer
from sklearn.kernel_approximation import AdditiveChi2Sampler
from sklearn.linear_model import LogisticRegression
from sklearn.manifold import Isomap
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline, make_union
from sklearn.preprocessing import (
    FunctionTransformer,
    KBinsDiscretizer,
    Normalizer,
    OneHotEncoder,
    PolynomialFeatures,
    StandardScaler,
    TargetEncoder,
)
from sklearn.random_projection import GaussianRandomProjection

from sklearn_certify import (
    CertifiedKNN,
    CertifiedRNN,
    DPAClassifier,
    certified_accuracy,
    certified_radius,
    certify,
)
from sklearn_certify.audit import find_unsound_steps, split_pipeline, transform_queries
from sklearn_certify.exceptions import InvalidInputError, UnsoundPipelineError

pytestmark = pytest.mark.filterwarnings("ignore")  # models are kept small, not good


@pytest.fixture(scope="module")
def rows(digits):
    X, y, X_test, y_test = digits
    return X[:300], y[:300], X_test[:50], y_test[:50]


def dpa(**params):
    return DPAClassifier(n_partitions=6, **params)


def frozen(rows):
    return FrozenEstimator(StandardScaler().fit(rows[2]))


SOUND = {
    "alone": lambda rows: dpa(),
    "stateless": lambda rows: make_pipeline(Normalizer(), FunctionTransformer(np.log1p), dpa()),
    "passthrough": lambda rows: Pipeline([("no", "passthrough"), ("none", None), ("dpa", dpa())]),
    "frozen": lambda rows: make_pipeline(frozen(rows), dpa()),
    "nested": lambda rows: make_pipeline(make_pipeline(frozen(rows), Normalizer()), dpa()),
    "nested at the end": lambda rows: make_pipeline(
        Normalizer(), make_pipeline(Normalizer(), dpa())
    ),
    "union": lambda rows: make_pipeline(
        FeatureUnion(
            [("a", Normalizer()), ("b", frozen(rows)), ("c", "drop"), ("d", "passthrough")]
        ),
        dpa(),
    ),
    "inside": lambda rows: dpa(estimator=make_pipeline(StandardScaler(), LogisticRegression())),
    "search": lambda rows: GridSearchCV(
        make_pipeline(Normalizer(), dpa()), {"dpaclassifier__n_partitions": [5, 6]}, cv=2
    ),
    "search inside": lambda rows: make_pipeline(
        Normalizer(), GridSearchCV(dpa(), {"n_partitions": [5, 6]}, cv=2)
    ),
    "label flips": lambda rows: make_pipeline(
        StandardScaler(), PCA(20), VarianceThreshold(), dpa(threat_model="label_flip")
    ),
}

UNSOUND = {
    "scaler": (lambda rows: make_pipeline(StandardScaler(), dpa()), "standardscaler"),
    "imputer": (lambda rows: make_pipeline(SimpleImputer(), dpa()), "simpleimputer"),
    "supervised": (lambda rows: make_pipeline(SelectKBest(k=9), dpa()), "selectkbest"),
    "nested": (lambda rows: make_pipeline(make_pipeline(Normalizer(), PCA(5)), dpa()), "pca"),
    "union": (lambda rows: make_pipeline(make_union(Normalizer(), PCA(5)), dpa()), "pca"),
    "search": (
        lambda rows: GridSearchCV(
            make_pipeline(StandardScaler(), dpa()), {"dpaclassifier__n_partitions": [6]}, cv=2
        ),
        "standardscaler",
    ),
    "frozen later": (
        lambda rows: make_pipeline(StandardScaler(), frozen(rows), dpa()),
        "standardscaler",
    ),
    "batch": (
        lambda rows: make_pipeline(FunctionTransformer(lambda X: X - X.mean(axis=0)), dpa()),
        "functiontransformer",
    ),
    "labels in flips": (
        lambda rows: make_pipeline(SelectKBest(k=9), dpa(threat_model="label_flip")),
        "selectkbest",
    ),
    "model in flips": (
        lambda rows: make_pipeline(
            SelectFromModel(LogisticRegression(max_iter=20)), dpa(threat_model="label_flip")
        ),
        "selectfrommodel",
    ),
    "target encoding in flips": (
        lambda rows: make_pipeline(TargetEncoder(), dpa(threat_model="label_flip")),
        "targetencoder",
    ),
}


@pytest.mark.parametrize("name", SOUND)
def test_sound_pipelines_are_certified(name, rows):
    X, y, X_test, y_test = rows
    model = SOUND[name](rows).fit(X, y)
    assert find_unsound_steps(model) == []
    radii = certified_radius(model, X_test)
    assert radii.max() >= 1
    np.testing.assert_array_equal(certify(model, X_test, 1), radii >= 1)
    expected = ((radii >= 1) & (model.predict(X_test) == y_test)).mean()
    assert certified_accuracy(poison_size=1)(model, X_test, y_test) == pytest.approx(expected)


@pytest.mark.parametrize("name", UNSOUND)
def test_unsound_pipelines_are_refused_by_name(name, rows):
    X, y, X_test, y_test = rows
    build, step = UNSOUND[name]
    model = build(rows).fit(X, y)
    for use in (
        lambda: certify(model, X_test, 1),
        lambda: certified_radius(model, X_test),
        lambda: certified_accuracy(poison_size=1)(model, X_test, y_test),
    ):
        with pytest.raises(UnsoundPipelineError, match=f"Step '{step}'"):
            use()
    if name != "batch":
        assert [found.name for found in find_unsound_steps(model)] == [step]


def test_the_error_says_how_to_mend(rows):
    X, y, X_test, _ = rows
    model = make_pipeline(StandardScaler(), dpa()).fit(X, y)
    mend = r"DPAClassifier\(make_pipeline\(StandardScaler\(\.\.\.\), estimator\)\).*FrozenEstimator"
    with pytest.raises(UnsoundPipelineError, match=mend):
        certify(model, X_test, 1)


class Filter(BaseEstimator):
    """A step that chooses training rows, and says that it has nothing to fit."""

    def fit_resample(self, X, y):
        return X[::2], y[::2]

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.requires_fit = False
        return tags


@pytest.mark.parametrize("threat_model", ["insert_delete", "label_flip"])
@pytest.mark.parametrize("step", [Filter(), FrozenEstimator(Filter())], ids=["plain", "frozen"])
def test_filters_of_training_rows_are_refused(rows, step, threat_model):
    """Such a step is left out when rows are asked about, but it has chosen what voters learn."""
    X, y, X_test, _ = rows
    classifier = dpa(threat_model=threat_model).fit(X, y)
    for model in (
        Pipeline([("clean", step), ("dpa", classifier)]),
        Pipeline([("first", Pipeline([("clean", step)])), ("dpa", classifier)]),
        Pipeline([("no", None), ("last", Pipeline([("clean", step), ("dpa", classifier)]))]),
    ):
        assert [found.name for found in find_unsound_steps(model)] == ["clean"]
        with pytest.raises(UnsoundPipelineError, match=r"^Filter 'clean' .* is void") as error:
            certify(model, X_test, 1)
        assert "DPAClassifier(SanitizedClassifier(estimator, " in str(error.value)
    neighbors = Pipeline([("clean", step), ("knn", CertifiedKNN().fit(X, y))])
    with pytest.raises(UnsoundPipelineError, match=r"is void\. Leave the filter out\.$"):
        certify(neighbors, X_test, 1)


def test_a_classifier_without_voters_is_told_another_mend(rows):
    """There is no estimator inside that a step could be moved into."""
    X, y, queries, _ = rows
    scaled = make_pipeline(StandardScaler(), CertifiedKNN()).fit(X, y)
    with pytest.raises(UnsoundPipelineError, match=r"Fit it on trusted data") as error:
        certify(scaled, queries, 1)
    assert "Move" not in str(error.value)
    mixing = make_pipeline(FunctionTransformer(lambda X: X - X.mean(axis=0)), CertifiedRNN(9.0))
    with pytest.raises(UnsoundPipelineError, match=r"last digit, or .* as transformer=, ") as error:
        certify(mixing.fit(X, y), queries, 1)
    assert "estimator" not in str(error.value)
    sound = make_pipeline(frozen(rows), CertifiedKNN(15)).fit(X, y)
    assert certify(sound, queries, 1).mean() > 0.5


def test_a_scaler_before_the_classifier_really_is_unsound(rows):
    # one far row moves the scale for all voters, including those that never see the row
    X, y, X_test, _ = rows
    model = make_pipeline(StandardScaler(), dpa())
    before = model.fit(X, y)[-1].votes(model[:-1].transform(X_test))
    X_bad, y_bad = np.vstack([X, np.full((1, X.shape[1]), 1e6)]), np.append(y, 0)
    after = model.fit(X_bad, y_bad)[-1].votes(model[:-1].transform(X_test))
    assert (before != after).any(axis=0).sum() > 1


def test_texts_through_a_stateless_step():
    texts = [f"{'good' if i % 2 else 'bad'} {i}" for i in range(60)]
    y = [i % 2 for i in range(60)]
    hashing = HashingVectorizer(n_features=64, alternate_sign=False)
    model = make_pipeline(hashing, dpa(estimator=MultinomialNB())).fit(texts, y)
    assert certified_radius(model, texts[:4]).min() >= 1
    unsound = make_pipeline(TfidfVectorizer(), dpa(estimator=MultinomialNB())).fit(texts, y)
    with pytest.raises(UnsoundPipelineError, match="tfidfvectorizer"):
        certify(unsound, texts[:4], 1)


def test_what_is_not_certified_is_refused(rows):
    X, y, X_test, _ = rows
    for model in (
        LogisticRegression(max_iter=5),
        make_pipeline(Normalizer(), LogisticRegression(max_iter=5)),
        GridSearchCV(LogisticRegression(max_iter=5), {"C": [1]}, cv=2),
    ):
        with pytest.raises(InvalidInputError, match="LogisticRegression gives no certificates"):
            certify(model.fit(X, y), X_test, 1)
    search = GridSearchCV(dpa(), {"n_partitions": [5]}, cv=2, refit=False).fit(X, y)
    with pytest.raises(InvalidInputError, match="refit=True"):
        certify(search, X_test, 1)


def test_split_pipeline_keeps_the_order(rows):
    model = make_pipeline(Normalizer("l1"), make_pipeline(Normalizer("l2"), dpa()))
    steps, classifier = split_pipeline(model)
    assert [step.norm for _, step in steps] == ["l1", "l2"]
    assert isinstance(classifier, DPAClassifier)


def test_a_frozen_classifier_is_certified(rows):
    X, y, X_test, _ = rows
    fitted = dpa().fit(X, y)
    np.testing.assert_array_equal(
        certified_radius(FrozenEstimator(fitted), X_test), fitted.certified_radius(X_test)
    )


def test_an_unfitted_search_is_named(rows):
    with pytest.raises(NotFittedError, match="GridSearchCV"):
        certify(GridSearchCV(dpa(), {"n_partitions": [5]}), rows[2], 1)


@pytest.mark.parametrize(
    "step",
    [
        AdditiveChi2Sampler(),
        DictVectorizer(),
        GaussianRandomProjection(random_state=0),
        Isomap(eigen_solver="dense"),
        KBinsDiscretizer(),
        KMeans(random_state=0),
        OneHotEncoder(),
        PCA(),
        PolynomialFeatures(),
        SimpleImputer(),
        VarianceThreshold(),
    ],
    ids=lambda step: type(step).__name__,
)
def test_label_flips_leave_what_looks_at_features_alone(step):
    assert find_unsound_steps(make_pipeline(step, dpa(threat_model="label_flip"))) == []
    learns = not isinstance(step, (AdditiveChi2Sampler, PolynomialFeatures))
    assert len(find_unsound_steps(make_pipeline(step, dpa()))) == learns


FUNCTIONS = {
    "sparse": (lambda X: csr_array(X), True),
    "sparse, centred": (lambda X: csr_array(X - X.mean(axis=0)), False),
    "missing": (lambda X: np.where(X > 8, np.nan, X), True),
    "words": (lambda X: np.where(X > 8, "dark", "light"), True),
    "ranked words": (lambda X: np.where(X.mean(axis=0) < X, "dark", "light"), False),
    "rounding": (lambda X: X * (1 + 1e-12 * len(X)), False),
    "all but the first row": (lambda X: X + (len(X) > 1) * (np.arange(len(X)) > 0)[:, None], False),
    "as wide as the rows are many": (lambda X: np.repeat(X[:, :1], len(X), axis=1), False),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_must_look_at_each_row_alone(rows, name):
    X, y, X_test, _ = rows
    function, is_sound = FUNCTIONS[name]
    classifier = dpa(estimator=DummyClassifier()).fit(X, y)
    model = make_pipeline(FunctionTransformer(function), classifier)
    if is_sound:
        transform_queries(model, X_test)
    else:
        with pytest.raises(UnsoundPipelineError, match="functiontransformer"):
            transform_queries(model, X_test)


CENTRE = FunctionTransformer(lambda X: X - X.mean(axis=0))


@pytest.mark.parametrize("wrap", [make_pipeline, make_union])
def test_functions_inside_composites_are_tried(rows, wrap):
    X, y, X_test, _ = rows
    model = make_pipeline(wrap(CENTRE), dpa(estimator=DummyClassifier())).fit(X, y)
    with pytest.raises(UnsoundPipelineError, match="other rows are around"):
        certify(model, X_test, 1)


def test_functions_of_all_features_are_sound_against_label_flips(rows):
    X, y, X_test, _ = rows
    model = make_pipeline(FunctionTransformer(np.sqrt), dpa(threat_model="label_flip"))
    assert certified_radius(model.fit(X, y), X_test).max() >= 1
    model = make_pipeline(CENTRE, dpa(threat_model="label_flip"))
    assert certified_radius(model.fit(X, y), X_test).max() >= 1  # sound: labels play no part
