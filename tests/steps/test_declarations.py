"""Steps of other people: what they declare is tried, what they change is not trusted."""

import numpy as np
import pytest
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.frozen import FrozenEstimator
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, Normalizer, StandardScaler

from sklearn_certify import CertifiedKNN, DPAClassifier, certified_radius, certify
from sklearn_certify._steps import _registry
from sklearn_certify.audit import find_unsound_steps, register_rule, split_pipeline
from sklearn_certify.exceptions import InvalidInputError, UnsoundPipelineError

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module")
def rows(digits):
    X, y, queries, _ = digits
    return X[:150], y[:150] % 3, queries[:20]


def declared(step_type, requires_fit=False):
    """Return the type with a declaration that it learns nothing."""

    class Declared(step_type):
        def __sklearn_tags__(self):
            tags = super().__sklearn_tags__()
            tags.requires_fit = requires_fit
            return tags

    return Declared


class Gradients(TransformerMixin, BaseEstimator):
    """What a person writes: features of each image, nothing to learn."""

    def fit(self, X, y=None):
        return self

    def transform(self, X):
        images = np.asarray(X).reshape(-1, 8, 8)
        return np.abs(np.diff(images, axis=1)).reshape(len(images), -1)


class Centred(Gradients):
    def fit(self, X, y=None):
        self.mean_ = np.mean(X, axis=0)
        return self

    def transform(self, X):
        return X - self.mean_


class CentredFromTheStart(Centred):
    mean_ = 0.0


class CentredInTraining(Gradients):
    """Rows to learn from go through fit_transform."""

    def fit_transform(self, X, y=None):
        return self.transform(X - np.mean(X, axis=0))


class SeesLabels(Gradients):
    def fit_transform(self, X, y=None):
        return self.transform(X) + (0 if y is None else np.asarray(y)[:, np.newaxis])


class CentredNormalizer(Normalizer):
    def fit(self, X, y=None):
        self.mean_ = np.mean(X, axis=0)
        return self

    def transform(self, X):
        return X - self.mean_


class ScaledFunction(FunctionTransformer):
    scale_ = 1.0

    def fit(self, X, y=None):
        self.scale_ = np.max(X)
        return super().fit(X, y)

    def transform(self, X):
        return X / self.scale_


class NormalizerOfAll(Normalizer):
    def transform(self, X, copy=None):
        return X / np.linalg.norm(X)


LEARN = [Centred, CentredFromTheStart, CentredInTraining, SeesLabels]


def test_an_undeclared_step_is_told_how_to_declare(rows):
    X, y, queries = rows
    model = make_pipeline(Gradients(), DPAClassifier(n_partitions=7)).fit(X, y)
    assert [found.name for found in find_unsound_steps(model)] == ["gradients"]
    with pytest.raises(UnsoundPipelineError, match="unknown kind") as error:
        certify(model, queries, 1)
    for words in ("tags.requires_fit = False in its __sklearn_tags__", "register_rule"):
        assert words in str(error.value)


def test_a_declared_step_is_certified(rows):
    X, y, queries = rows
    model = make_pipeline(declared(Gradients)(), DPAClassifier(n_partitions=7))
    search = GridSearchCV(model, {"dpaclassifier__n_partitions": [5, 7]}, cv=2).fit(X, y)
    for fitted in (model.fit(X, y), search):
        assert find_unsound_steps(fitted) == []
        assert certified_radius(fitted, queries).max() >= 1
        assert certified_radius(fitted, queries[:1]).shape == (1,)


@pytest.mark.parametrize("step_type", LEARN, ids=lambda t: t.__name__)
def test_a_declared_step_that_learns_is_refused(step_type, rows):
    X, y, queries = rows
    for classifier in (DPAClassifier(n_partitions=7), CertifiedKNN(9)):
        model = make_pipeline(declared(step_type)(), classifier).fit(X, y)
        with pytest.raises(UnsoundPipelineError, match="learns nothing .requires_fit=False., but"):
            certify(model, queries, 1)


@pytest.mark.parametrize("step", [CentredNormalizer(), ScaledFunction(), NormalizerOfAll()])
def test_subclasses_that_change_a_method_are_tried(step, rows):
    X, y, queries = rows
    model = make_pipeline(step, CertifiedKNN(9)).fit(X, y)
    with pytest.raises(UnsoundPipelineError):
        certify(model, queries[:1], 1)


def test_a_vectorizer_that_learns_is_refused():
    class WithoutFrequent(HashingVectorizer):
        frequent_ = frozenset()

        def fit(self, X, y=None):
            self.frequent_ = {w for w in X[0].split() if all(w in text for text in X)}
            return self

        def transform(self, X):
            return super().transform(
                " ".join(w for w in text.split() if w not in self.frequent_) for text in X
            )

    texts, y = [f"{'good' if i % 2 else 'bad'} film {i}" for i in range(60)], np.arange(60) % 2
    model = make_pipeline(WithoutFrequent(n_features=64), DPAClassifier(n_partitions=5))
    with pytest.raises(UnsoundPipelineError):
        certify(model.fit(texts, y), texts[:5], 1)


def test_subclasses_that_change_no_method_are_known(rows):
    class MyNormalizer(Normalizer):
        """Only the default differs."""

        def __init__(self, norm="l1", *, copy=True):
            super().__init__(norm, copy=copy)

    X, y, queries = rows
    model = make_pipeline(MyNormalizer(), CertifiedKNN(9)).fit(X, y)
    assert certify(model, queries, 1).any()
    scaler = type("MyScaler", (StandardScaler,), {})()
    assert [found.name for found in find_unsound_steps(make_pipeline(scaler, CertifiedKNN()))]


def test_a_method_of_the_instance_counts(rows):
    X, y, queries = rows
    step = Normalizer()
    step.transform = lambda X: X - np.mean(X, axis=0)
    model = Pipeline([("step", step), ("knn", CertifiedKNN(9).fit(X, y))])
    with pytest.raises(UnsoundPipelineError):
        certify(model, queries, 1)


@pytest.mark.parametrize("composite", [Pipeline, FeatureUnion])
def test_composites_with_methods_of_their_own_are_not_taken_apart(composite, rows):
    X, y, _ = rows

    class Own(composite):
        def fit_transform(self, X, y=None):
            return super().fit_transform(X - np.mean(X, axis=0), y)

    model = make_pipeline(Own([("normalizer", Normalizer())]), CertifiedKNN(9)).fit(X, y)
    assert [found.name for found in find_unsound_steps(model)] == ["own"]


@pytest.mark.parametrize("outer", [Pipeline, GridSearchCV, FrozenEstimator])
def test_whatever_holds_the_classifier_must_hand_rows_on_as_they_are(outer, rows):
    X, y, queries = rows

    class Own(outer):
        def predict(self, X):
            return super().predict(X / 2)

    fitted = CertifiedKNN(9).fit(X, y)
    model = {
        Pipeline: lambda: Own([("knn", fitted)]),
        GridSearchCV: lambda: Own(CertifiedKNN(9), {"n_neighbors": [9]}, cv=2).fit(X, y),
        FrozenEstimator: lambda: Own(fitted),
    }[outer]()
    with pytest.raises(UnsoundPipelineError, match="Own has methods of its own"):
        certify(model, queries, 1)


def test_what_only_looks_like_a_search_is_refused(rows):
    X, y, queries = rows

    class LooksLikeOne(BaseEstimator):
        error_score, refit = np.nan, True

        def fit(self, X, y):
            self.best_estimator_ = CertifiedKNN(9).fit(X - np.mean(X, axis=0), y)
            return self

    with pytest.raises(InvalidInputError, match="LooksLikeOne gives no certificates"):
        certify(LooksLikeOne().fit(X, y), queries, 1)


def test_pipelines_of_imblearn_are_pipelines(rows):
    imblearn = pytest.importorskip("imblearn.pipeline")
    X, y, queries = rows
    model = imblearn.Pipeline([("first", Normalizer()), ("knn", CertifiedKNN(9))]).fit(X, y)
    assert certify(model, queries, 1).any()

    class Own(imblearn.Pipeline):
        def predict(self, X):
            return super().predict(X)

    with pytest.raises(UnsoundPipelineError, match="methods of its own"):
        split_pipeline(Own([("knn", CertifiedKNN(9))]))


@pytest.fixture
def rules(monkeypatch):
    """Let rules that a test adds be forgotten."""
    monkeypatch.setattr(_registry, "_rules", dict(_registry._rules))


@pytest.mark.parametrize(
    ("rule", "refused"),
    [
        ({"learns": "nothing", "alone": True}, None),
        ({"learns": "nothing"}, None),
        ({"learns": lambda step: "nothing", "alone": lambda step: True}, None),
        ({"learns": "features", "alone": True}, "was fitted on all training rows"),
        (
            {"learns": "nothing", "alone": False, "why": "asks its peers"},
            "asks its peers",
        ),
        ({"learns": "nothing", "alone": True, "draws": True}, "without a seed"),
        ({"learns": "nothing", "draws": lambda step, n_rows: n_rows > 100}, "without a seed"),
        ({"learns": "labels", "mend": "Take another."}, "Take another, or"),
    ],
)
def test_rules_of_others(rule, refused, rules, rows):
    X, y, queries = rows
    register_rule(Gradients, **rule)
    model = make_pipeline(Gradients(), CertifiedKNN(9)).fit(X, y)
    if refused is None:
        assert certify(model, queries, 1).any()
    else:
        with pytest.raises(UnsoundPipelineError) as error:
            certify(model, queries, 1)
        assert refused.lower() in str(error.value).lower()


def test_rules_are_checked(rules):
    with pytest.raises(InvalidInputError, match="learns must be one of"):
        register_rule(Gradients, learns="everything")
    with pytest.raises(InvalidInputError, match="for a type"):
        register_rule(Gradients(), learns="nothing")
