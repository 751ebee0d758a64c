"""What scikit-learn asks of every estimator, and what we ask of every certified classifier."""

import pickle
import re
from inspect import getdoc, signature

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn import config_context
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import Normalizer
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils.estimator_checks import parametrize_with_checks

import sklearn_certify
from sklearn_certify import (
    BaggingCertifiedClassifier,
    CertifiedKNN,
    CertifiedRNN,
    DPAClassifier,
    FiniteAggregationClassifier,
    TemporalAggregationClassifier,
    certified_accuracy,
    certified_radius,
)
from sklearn_certify._compat import InvalidParameterError
from sklearn_certify.base import CertifiedClassifierMixin
from sklearn_certify.exceptions import InvalidInputError

CLASSIFIERS = [
    getattr(sklearn_certify, name)
    for name in sklearn_certify.__all__
    if isinstance(getattr(sklearn_certify, name), type)
    and issubclass(getattr(sklearn_certify, name), CertifiedClassifierMixin)
]

CHECKED = [
    DPAClassifier(),
    DPAClassifier(LogisticRegression(), n_partitions=5, aggregation="runoff"),
    DPAClassifier(DecisionTreeClassifier(), n_partitions=7, partition_by="sample"),
    FiniteAggregationClassifier(n_partitions=10, spreading_degree=3),
    FiniteAggregationClassifier(n_partitions=4, spreading_degree=2, tighten=True),
    FiniteAggregationClassifier(n_partitions=4, spreading_degree=2, aggregation="runoff"),
    BaggingCertifiedClassifier(n_estimators=20, random_state=0),
    BaggingCertifiedClassifier(
        DecisionTreeClassifier(), n_estimators=10, sampling="bernoulli", random_state=0
    ),
    CertifiedKNN(),
    CertifiedKNN(n_neighbors=1, metric="euclidean", threat_model="modify"),
    CertifiedRNN(),
    CertifiedRNN(radius=1.5, metric="chebyshev", threat_model="delete"),
    TemporalAggregationClassifier(),
    TemporalAggregationClassifier(DecisionTreeClassifier(), window=3),
]

# Parameters with which a class learns something quickly on 300 rows of the digits.
_SETTINGS = {
    BaggingCertifiedClassifier: {"n_estimators": 150, "max_samples": 40, "random_state": 0},
    CertifiedRNN: {"radius": 150},
}


def small(classifier, **params):
    return classifier(**{**_SETTINGS.get(classifier, {}), **params})


def fit_small(classifier, X, y):
    has_periods = classifier is TemporalAggregationClassifier
    arguments = {"periods": np.arange(len(X)) // 20} if has_periods else {}
    return small(classifier).fit(X, y, **arguments)


@pytest.mark.filterwarnings("ignore:random_state has no effect:FutureWarning")
@pytest.mark.filterwarnings("ignore:fit was given no periods")
@parametrize_with_checks(CHECKED)
def test_scikit_learn_checks(estimator, check):
    check(estimator)


@pytest.fixture
def fitted(classifier, digits):
    X, y, _, _ = digits
    return fit_small(classifier, X[:300], y[:300])


every_classifier = pytest.mark.parametrize("classifier", CLASSIFIERS, ids=lambda c: c.__name__)


@every_classifier
def test_the_contract(classifier, fitted, digits):
    _, _, X, y = digits
    counts, labels = fitted.vote_counts(X), fitted.predict(X)
    assert counts.shape == (len(X), 10) and counts.dtype.kind == "i"
    np.testing.assert_array_equal(labels, fitted.classes_[counts.argmax(axis=1)])
    labels_again, radii = fitted.predict_certified(X)
    np.testing.assert_array_equal(labels_again, labels)
    assert radii.shape == (len(X),) and radii.dtype.kind == "i"
    np.testing.assert_array_equal(fitted.certified_radius(X), radii)
    sizes = [0, 1, int(radii.max()), int(radii.max()) + 1]
    certified = fitted.certify(X, sizes)
    assert certified.dtype == bool
    np.testing.assert_array_equal(certified, radii[:, None] >= sizes)
    np.testing.assert_array_equal(fitted.certify(X, 1), certified[:, 1])
    accuracy = fitted.certified_accuracy(X, y, sizes)
    np.testing.assert_allclose(accuracy, (certified & (labels == y)[:, None]).mean(axis=0))
    assert fitted.score(X, y) == (labels == y).mean() > 0.7
    assert radii.min() >= (-1 if classifier is BaggingCertifiedClassifier else 0)
    assert fitted.certified_accuracy(X, y, 1) == accuracy[1]
    joint = fitted.certified_accuracy(X, y, sizes, joint=True)
    assert (joint >= accuracy).all() and (joint <= accuracy[0]).all()
    if hasattr(fitted, "estimators_"):
        assert fitted.n_voters_ == len(fitted.estimators_)
        assert fitted.votes(X[:5]).shape == (5, fitted.n_voters_)


@every_classifier
def test_copies_vote_alike(classifier, fitted, digits):
    X = digits[2]
    votes = fitted.vote_counts(X)
    buffer = pickle.dumps(fitted)
    np.testing.assert_array_equal(pickle.loads(buffer).vote_counts(X), votes)
    again = fit_small(classifier, *(part[:300] for part in digits[:2]))
    np.testing.assert_array_equal(again.vote_counts(X), votes)
    assert clone(fitted).get_params() == again.get_params()


@every_classifier
def test_joblib_round_trip(classifier, fitted, digits, tmp_path):
    joblib.dump(fitted, tmp_path / "classifier.joblib")
    loaded = joblib.load(tmp_path / "classifier.joblib")
    np.testing.assert_array_equal(loaded.vote_counts(digits[2]), fitted.vote_counts(digits[2]))


@every_classifier
def test_unfitted_use_is_refused(classifier, digits):
    X, y = digits[2:]
    for use in (
        lambda c: c.predict(X),
        lambda c: c.vote_counts(X),
        lambda c: c.certify(X, 1),
        lambda c: c.certified_radius(X),
        lambda c: c.predict_certified(X),
        lambda c: c.certified_accuracy(X, y, 1),
    ):
        with pytest.raises(NotFittedError):
            use(classifier())


@every_classifier
@pytest.mark.parametrize("size", [-1, 1.5, "3", None, [[1]], [1, -2], True])
def test_poison_sizes_are_whole_numbers(classifier, fitted, digits, size):
    X, y = digits[2][:3], digits[3][:3]
    with pytest.raises(ValueError, match="poison_size must"):
        fitted.certify(X, size)
    with pytest.raises(ValueError, match="poison_size must"):
        fitted.certified_accuracy(X, y, size)


@every_classifier
def test_huge_poison_sizes_are_never_certified(classifier, fitted, digits):
    sizes = np.array([2**63 + 5, 2**64 - 1], dtype=np.uint64)
    assert not fitted.certify(digits[2][:5], sizes).any()


@every_classifier
def test_labels_that_no_voter_knows_count_as_wrong(classifier, fitted, digits):
    X = digits[2]
    for joint in (False, True):
        assert fitted.certified_accuracy(X, np.full(len(X), 77), 0, joint=joint) == 0
        with pytest.raises(InvalidInputError, match="y holds texts .* classes_ holds whole"):
            fitted.certified_accuracy(X, np.full(len(X), "seven"), 0, joint=joint)


@every_classifier
def test_truth_may_be_a_column_or_a_series(classifier, fitted, digits):
    X, y = digits[2:]
    accuracy = fitted.certified_accuracy(X, y, 1)
    assert fitted.certified_accuracy(X, y[:, np.newaxis], 1) == accuracy
    assert fitted.certified_accuracy(X, pd.Series(y, index=y), 1) == accuracy
    assert fitted.certified_accuracy(X, y.astype(float), 1) == accuracy


@every_classifier
def test_truth_of_other_length_is_refused(classifier, fitted, digits):
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        fitted.certified_accuracy(digits[2], digits[3][:-1], 1)


@every_classifier
def test_parameters_are_validated(classifier):
    X, y = np.zeros((4, 2)), [0, 1, 0, 1]
    for name in signature(classifier).parameters:
        if name in ("classes",):
            continue
        bad = small(classifier).set_params(**{name: object()})
        with pytest.raises(InvalidParameterError, match=name):
            bad.fit(X, y)


def documented(classifier, start, end):
    """The names that a section of a class's docstring explains."""
    section = getdoc(classifier).split(f"{start}\n")[1].split(f"{end}\n")[0]
    return [line.split(" : ")[0] for line in section.splitlines() if re.match(r"\w+ : ", line)]


@every_classifier
def test_documented_attributes_are_the_fitted_ones(classifier, digits):
    X, y = pd.DataFrame(digits[0][:200]).rename(columns=str), digits[1][:200]
    names = dir(fit_small(classifier, X, y))
    fitted = {name for name in names if name.endswith("_") and not name.startswith("_")}
    assert set(documented(classifier, "Attributes", "See Also")) == fitted


@every_classifier
def test_documented_parameters_are_the_real_ones(classifier):
    names = documented(classifier, "Parameters", "Attributes")
    assert sorted(names) == sorted(signature(classifier).parameters)


@every_classifier
def test_html_and_text_show_the_parameters(classifier):
    changed = classifier(n_jobs=3)
    assert "n_jobs=3" in repr(changed)
    assert classifier.__name__ in changed._repr_html_()


@pytest.mark.parametrize("behind", ["nothing", "a stateless step"])
@pytest.mark.parametrize("classifier", [DPAClassifier, FiniteAggregationClassifier])
def test_grid_search_for_certified_accuracy(classifier, behind, digits):
    X, y, X_test, y_test = digits
    model, prefix = classifier(DecisionTreeClassifier(), n_partitions=4), ""
    if behind != "nothing":
        model, prefix = make_pipeline(Normalizer(), model), f"{classifier.__name__.lower()}__"
    grid = {f"{prefix}n_partitions": [1, 9], f"{prefix}estimator__max_depth": [1, None]}
    search = GridSearchCV(model, grid, scoring=certified_accuracy(poison_size=1), cv=2)
    search.fit(X[:300], y[:300])
    assert search.best_params_ == {
        f"{prefix}n_partitions": 9,
        f"{prefix}estimator__max_depth": None,
    }
    assert 0.1 < search.best_score_ < 1
    assert search.score(X_test, y_test) == pytest.approx(
        (certified_radius(search, X_test) >= 1)[search.predict(X_test) == y_test].sum()
        / len(X_test)
    )


@pytest.mark.parametrize(
    ("model", "grid", "best"),
    [
        (BaggingCertifiedClassifier(n_estimators=60, random_state=0), {"max_samples": [2, 30]}, 30),
        (CertifiedKNN(), {"n_neighbors": [1, 9]}, 9),
        (CertifiedRNN(), {"radius": [1.0, 150.0]}, 150.0),
    ],
    ids=["bagging", "knn", "rnn"],
)
def test_grid_search_over_the_trade_of_accuracy_for_radius(model, grid, best, digits):
    X, y, X_test, y_test = digits
    search = GridSearchCV(model, grid, scoring=certified_accuracy(poison_size=1), cv=2)
    search.fit(X[:400], y[:400])
    assert search.best_params_ == dict.fromkeys(grid, best)
    assert 0.1 < search.best_score_ < 1
    radii = certified_radius(search, X_test)
    expected = ((search.predict(X_test) == y_test) & (radii >= 1)).mean()
    assert search.score(X_test, y_test) == pytest.approx(expected)


def test_several_scorers_at_once(digits):
    X, y, _, _ = digits
    scores = cross_validate(
        DPAClassifier(n_partitions=10),
        X[:300],
        y[:300],
        cv=2,
        scoring={f"r={r}": certified_accuracy(poison_size=r) for r in (0, 2)},
    )
    assert (scores["test_r=0"] >= scores["test_r=2"]).all()


def test_groups_reach_bagging(digits):
    X, y, _, _ = digits
    groups = np.arange(200) // 5
    with config_context(enable_metadata_routing=True):
        model = BaggingCertifiedClassifier(n_estimators=3, random_state=0).set_fit_request(
            groups=True
        )
        routed = make_pipeline("passthrough", model).fit(X[:200], y[:200], groups=groups)[-1]
    assert routed.n_units_ == 40


@pytest.mark.parametrize("classifier", [DPAClassifier, FiniteAggregationClassifier])
def test_groups_are_routed(classifier, digits):
    X, y, _, _ = digits
    X, y, groups = X[:200], y[:200], np.arange(200) // 5
    direct = classifier(n_partitions=5).fit(X, y, groups=groups)
    with config_context(enable_metadata_routing=True):
        model = classifier(n_partitions=5).set_fit_request(groups=True)
        routed = make_pipeline("passthrough", model).fit(X, y, groups=groups)[-1]
        np.testing.assert_array_equal(routed.partition_, direct.partition_)
        search = GridSearchCV(model, {"n_partitions": [5]}, cv=2).fit(X, y, groups=groups)
        np.testing.assert_array_equal(search.best_estimator_.partition_, direct.partition_)
    assert (direct.partition_ != classifier(n_partitions=5).fit(X, y).partition_).any()
