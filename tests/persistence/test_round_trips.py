"""What was saved votes, and certifies, as before: to the last bit."""

import importlib
import inspect
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from sklearn.base import BaseEstimator, clone
from sklearn.compose import make_column_transformer
from sklearn.datasets import load_iris
from sklearn.ensemble import (
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.frozen import FrozenEstimator
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import Normalizer, OneHotEncoder, StandardScaler
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

import sklearn_certify
from sklearn_certify import (
    BaggingCertifiedClassifier,
    CertifiedKNN,
    CertifiedRNN,
    DPAClassifier,
    FiniteAggregationClassifier,
    predict_certified,
)
from sklearn_certify.augmentation import GaussianNoise
from sklearn_certify.kernel_approximation import RandomFourierFeatures
from sklearn_certify.learners import (
    AugmentedClassifier,
    SeedEnsembleClassifier,
    StackedKernelRidgeClassifier,
    StackedNearestCentroid,
    StackedRadiusNeighborsClassifier,
)
from sklearn_certify.persistence import load, save
from sklearn_certify.sanitize import SanitizedClassifier, SpectralSignatureFilter

pytest.importorskip("skops")

X, Y = load_iris(return_X_y=True)
TREES = ["sklearn.tree._tree.Tree"]
HISTOGRAMS = ["sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor"]
LABELS = {
    "numbers": Y,
    "texts": np.array(["a", "b", "c"])[Y],
    "objects": np.array(["a", "bb", "c"], dtype=object)[Y],
    "truths": Y > 0,
}


def there_and_back(estimator, folder, trusted=()):
    path = folder / "model.skops"
    save(estimator, path)
    return load(path, trusted=trusted)


def assert_same_votes(one, other, queries=X):
    for before, after in zip(
        predict_certified(one, queries), predict_certified(other, queries), strict=True
    ):
        assert before.dtype == after.dtype
        np.testing.assert_array_equal(before, after)
    if hasattr(one, "votes"):
        np.testing.assert_array_equal(one.votes(queries), other.votes(queries))
    if hasattr(one, "vote_counts"):
        np.testing.assert_array_equal(one.vote_counts(queries), other.vote_counts(queries))
    assert repr(one) == repr(other)


@pytest.mark.parametrize("labels", LABELS)
@pytest.mark.parametrize(
    "classifier",
    [
        DPAClassifier(n_partitions=5),
        DPAClassifier(n_partitions=5, aggregation="runoff", threat_model="modify"),
        FiniteAggregationClassifier(n_partitions=5, spreading_degree=2),
        BaggingCertifiedClassifier(n_estimators=20, max_samples=15, random_state=0),
        CertifiedKNN(),
        CertifiedKNN(metric="euclidean", threat_model="delete"),
        CertifiedKNN(metric="minkowski", metric_params={"p": 3}),
        CertifiedRNN(radius=1.5),
    ],
    ids=lambda classifier: f"{type(classifier).__name__}",
)
def test_classifiers(classifier, labels, tmp_path):
    model = clone(classifier).fit(X, LABELS[labels])
    again = there_and_back(model, tmp_path)
    assert_same_votes(model, again)
    again.fit(X, LABELS[labels])
    assert_same_votes(model, again)


@pytest.mark.parametrize(
    ("base", "trusted"),
    [
        (LogisticRegression(), ()),
        (make_pipeline(StandardScaler(), RidgeClassifier()), ()),
        (SVC(), ()),
        (GaussianNB(), ()),
        (DecisionTreeClassifier(), TREES),
        (RandomForestClassifier(3), TREES),
        (GradientBoostingClassifier(n_estimators=2), TREES),
        (HistGradientBoostingClassifier(max_iter=2), HISTOGRAMS),
        (StackedKernelRidgeClassifier(), ()),
        (StackedNearestCentroid(), ()),
        (StackedRadiusNeighborsClassifier(radius=2.0, outlier_label=9), ()),
        (AugmentedClassifier(LogisticRegression(), GaussianNoise()), ()),
        (SeedEnsembleClassifier(LogisticRegression(), n_seeds=2), ()),
    ],
    ids=lambda base: type(base).__name__,
)
def test_voters(base, trusted, tmp_path):
    model = DPAClassifier(base, n_partitions=5).fit(X, Y)
    assert_same_votes(model, there_and_back(model, tmp_path, trusted))


@pytest.mark.parametrize("labels", ["numbers", "texts"])
def test_voters_of_another_library(labels, tmp_path):
    xgboost = pytest.importorskip("xgboost")
    base = xgboost.XGBClassifier(n_estimators=2, n_jobs=1)
    model = DPAClassifier(base, n_partitions=5).fit(X, LABELS[labels])
    trusted = [xgboost.XGBClassifier, "xgboost.core.Booster"]
    assert_same_votes(model, there_and_back(model, tmp_path, trusted))


@pytest.mark.parametrize(
    "model",
    [
        make_pipeline(Normalizer(), CertifiedKNN()),
        make_pipeline(FrozenEstimator(StandardScaler().fit(X)), DPAClassifier(n_partitions=5)),
        make_pipeline(RandomFourierFeatures(n_components=20, random_state=0), CertifiedKNN()),
        CertifiedRNN(radius=0.3, transformer=Normalizer()),
        DPAClassifier(n_partitions=5, transformer=make_pipeline(Normalizer())),
    ],
    ids=lambda model: type(model).__name__,
)
def test_steps_in_front(model, tmp_path):
    model = clone(model).fit(X, Y)
    assert_same_votes(model, there_and_back(model, tmp_path))


def test_a_search(tmp_path):
    model = GridSearchCV(CertifiedKNN(), {"n_neighbors": [3, 9]}, cv=3).fit(X, Y)
    trusted = [
        "sklearn.metrics._scorer._PassthroughScorer",
        "sklearn.model_selection._split.StratifiedKFold",
    ]
    assert_same_votes(model, there_and_back(model, tmp_path, trusted))


def test_tables_with_texts_and_gaps(tmp_path):
    rows = X.astype(object)
    rows[:, 3] = np.where(X[:, 3] > 1, "wide", "narrow")
    rows[::9, 0] = np.nan
    columns = make_column_transformer(
        (make_pipeline(SimpleImputer(keep_empty_features=True), StandardScaler()), [0, 1, 2]),
        (OneHotEncoder(handle_unknown="ignore"), [3]),
    )
    base = make_pipeline(columns, LogisticRegression())
    model = DPAClassifier(base, n_partitions=5).fit(rows, Y)
    assert_same_votes(model, there_and_back(model, tmp_path), rows)


def test_data_frames(tmp_path):
    pandas = pytest.importorskip("pandas")
    rows = pandas.DataFrame(X, columns=list("abcd")).assign(e=pandas.Categorical(Y % 2))
    columns = make_column_transformer((OneHotEncoder(), ["e"]), remainder="passthrough")
    model = DPAClassifier(make_pipeline(columns, LogisticRegression()), n_partitions=5)
    model.fit(rows, LABELS["texts"], groups=np.arange(len(Y)) // 3)
    again = there_and_back(model, tmp_path)
    assert_same_votes(model, again, rows)
    assert again.poison_unit_ == "group"


def test_filters(tmp_path):
    model = SanitizedClassifier(RidgeClassifier(), SpectralSignatureFilter()).fit(X, Y)
    again = there_and_back(model, tmp_path)
    np.testing.assert_array_equal(again.predict(X), model.predict(X))
    assert again.sanitizer_.get_params() == model.sanitizer_.get_params()


def own_estimators():
    found = []
    rooms = "augmentation ensemble image kernel_approximation learners neighbors sanitize".split()
    for room in rooms:
        module = importlib.import_module(f"sklearn_certify.{room}")
        for name in module.__all__:
            item = getattr(module, name)
            if inspect.isclass(item) and issubclass(item, BaseEstimator):
                found.append(item)
    return found


@pytest.mark.parametrize("kind", own_estimators(), ids=lambda kind: kind.__name__)
def test_every_estimator_goes_there_and_back(kind, tmp_path):
    required = {
        name: np.add if name == "function" else GaussianNB()
        for name, parameter in inspect.signature(kind).parameters.items()
        if parameter.default is parameter.empty
        and parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
    }
    try:
        estimator = kind(**required)
    except TypeError:
        pytest.skip("abstract")
    again = there_and_back(estimator, tmp_path)
    assert type(again) is kind
    assert repr(again) == repr(estimator)


def test_another_process_certifies_the_same(tmp_path):
    model = make_pipeline(Normalizer(), FiniteAggregationClassifier(5, spreading_degree=2))
    model.set_params(finiteaggregationclassifier__estimator=LogisticRegression()).fit(X, Y)
    save(model, tmp_path / "model.skops")
    np.save(tmp_path / "X.npy", X)
    code = (
        "import sys, numpy as np\n"
        "from sklearn_certify.persistence import load\n"
        "from sklearn_certify import predict_certified\n"
        "labels, radii = predict_certified(load('model.skops'), np.load('X.npy'))\n"
        "np.savez('found.npz', labels=labels, radii=radii)\n"
    )
    root = Path(sklearn_certify.__file__).parents[1]
    subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(root)!r})\n{code}"],
        cwd=tmp_path,
        check=True,
    )
    labels, radii = predict_certified(model, X)
    found = np.load(tmp_path / "found.npz")
    np.testing.assert_array_equal(found["labels"], labels)
    np.testing.assert_array_equal(found["radii"], radii)
