"""A classifier that filters in fit only, and is a scikit-learn classifier in all else."""

import pickle
import re
from inspect import getdoc

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal
from scipy.sparse import coo_array, csr_matrix
from sklearn.base import clone, is_classifier
from sklearn.compose import make_column_transformer
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import RandomForestClassifier
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LinearRegression, LogisticRegression, Perceptron, RidgeClassifier
from sklearn.model_selection import GridSearchCV, cross_validate
from sklearn.naive_bayes import BernoulliNB, ComplementNB, GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils import get_tags
from sklearn.utils.estimator_checks import parametrize_with_checks

from sklearn_certify import DPAClassifier, certified_radius
from sklearn_certify._compat import InvalidParameterError
from sklearn_certify.audit import find_unsound_steps
from sklearn_certify.exceptions import InvalidInputError
from sklearn_certify.sanitize import (
    InverseSelfPacedFilter,
    SanitizedClassifier,
    SpectralSignatureFilter,
    TrimmedLossFilter,
)

from .stand_ins import EveryNth, Recorder

pytestmark = [  # models are kept small, not good
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore:.* keeps no row of"),
]


QUICK = InverseSelfPacedFilter(
    GaussianNB(), n_rounds=2, n_bags=1, self_training_cycles=1, self_training_epochs=1
)


@parametrize_with_checks(
    [
        SanitizedClassifier(LogisticRegression(), TrimmedLossFilter(GaussianNB(), n_rounds=2)),
        SanitizedClassifier(RandomForestClassifier(5, random_state=0), SpectralSignatureFilter()),
        SanitizedClassifier(LinearSVC(), SpectralSignatureFilter()),
        SanitizedClassifier(sanitizer=QUICK),
    ]
)
def test_scikit_learn_checks(estimator, check):
    check(estimator)


def test_it_learns_from_what_is_kept_and_from_nothing_else(rows):
    X, y = rows
    model = SanitizedClassifier(LogisticRegression(max_iter=50), EveryNth(3)).fit(X, y)
    keep = np.arange(300) % 3 != 0
    assert_array_equal(model.keep_mask_, keep)
    expected = LogisticRegression(max_iter=50).fit(X[keep], y[keep])
    for method in ("predict", "predict_proba", "predict_log_proba", "decision_function"):
        assert_array_equal(getattr(model, method)(X), getattr(expected, method)(X))
    assert model.score(X, y) == expected.score(X, y)
    assert is_classifier(model)
    assert model.n_features_in_ == 64
    assert not hasattr(model.estimator, "coef_")
    assert not hasattr(model.sanitizer, "keep_mask_")


def test_queries_are_never_dropped(rows):
    X, y = rows
    filter = EveryNth(2)
    model = SanitizedClassifier(KNeighborsClassifier(1), filter).fit(X, y)
    fitted = model.sanitizer_
    assert model.predict(X[:1]).shape == (1,)
    assert len(model.predict(X)) == len(X)
    assert model.sanitizer_ is fitted
    assert len(fitted.keep_mask_) == len(X)


def test_poison_is_left_out(digits):
    X, y, X_test, y_test = digits
    y_bad = np.where(np.arange(len(y)) % 10 == 0, (y + 1) % 10, y)
    nearest = KNeighborsClassifier(1)
    model = SanitizedClassifier(nearest, TrimmedLossFilter(keep_share=0.88)).fit(X, y_bad)
    assert model.score(X_test, y_test) > nearest.fit(X, y_bad).score(X_test, y_test) + 0.05
    assert (y_bad != y)[model.keep_mask_].mean() < 0.02


def test_a_failing_fit_changes_nothing(rows):
    X, y = rows
    model = SanitizedClassifier(DummyClassifier(), EveryNth()).fit(X, y)
    before = dict(vars(model))
    model.set_params(sanitizer=EveryNth(1))
    with pytest.raises(InvalidInputError, match="EveryNth .* none of the 300 rows"):
        model.fit(X, y)
    assert vars(model) == {**before, "sanitizer": model.sanitizer}


def test_a_lost_class_is_unknown(rows):
    X, y = rows
    model = SanitizedClassifier(RidgeClassifier(), EveryNth(drop_class=4))
    with pytest.warns(UserWarning, match=r"keeps no row of \[4\]"):
        model.fit(X, y)
    assert_array_equal(model.classes_, [0, 1, 2, 3, 5, 6, 7, 8, 9])
    assert 4 not in model.predict(X)
    assert model.decision_function(X).shape == (300, 9)


def test_one_class_is_one_sentence(rows):
    with pytest.raises(InvalidInputError, match="one class only"):
        SanitizedClassifier(DummyClassifier(), EveryNth()).fit(rows[0], np.zeros(300))


@pytest.mark.parametrize("fitted", [False, True])
def test_it_has_the_methods_that_the_estimator_has(fitted, rows):
    for estimator in (LogisticRegression(max_iter=5), LinearSVC(), KNeighborsClassifier()):
        model = SanitizedClassifier(estimator, EveryNth())
        model = model.fit(*rows) if fitted else model
        for method in ("predict_proba", "predict_log_proba", "decision_function", "score"):
            assert hasattr(model, method) == hasattr(estimator, method)
    with pytest.raises(AttributeError, match="has no attribute 'predict_proba'"):
        SanitizedClassifier(Perceptron()).predict_proba(rows[0])


def test_unfitted_use_is_refused(rows):
    for method in ("predict", "predict_proba", "decision_function"):
        with pytest.raises(NotFittedError, match="SanitizedClassifier"):
            getattr(SanitizedClassifier(LogisticRegression()), method)(rows[0])


@pytest.mark.parametrize("name", ["estimator", "sanitizer"])
def test_parameters_are_validated(name, rows):
    with pytest.raises(InvalidParameterError, match=name):
        SanitizedClassifier(**{name: object()}).fit(*rows)


def test_defaults(rows):
    model = SanitizedClassifier()
    assert isinstance(model._get_estimator(), LogisticRegression)
    assert isinstance(model._get_sanitizer(), InverseSelfPacedFilter)
    assert hasattr(model, "predict_proba")
    assert model.estimator is None


def test_copies_and_html(rows):
    X, y = rows
    model = SanitizedClassifier(LogisticRegression(C=0.25, max_iter=20), EveryNth(3)).fit(X, y)
    for copy in (pickle.loads(pickle.dumps(model)), clone(model).fit(X, y)):
        assert_array_equal(copy.predict_proba(X), model.predict_proba(X))
        assert_array_equal(copy.keep_mask_, model.keep_mask_)
    page = model._repr_html_()
    assert "EveryNth" in page
    assert "LogisticRegression" in page


def test_refit_forgets_the_names_of_columns(rows):
    X, y = rows
    model = SanitizedClassifier(RidgeClassifier(), SpectralSignatureFilter())
    model.fit(pd.DataFrame(X).rename(columns=str), y)
    assert_array_equal(model.feature_names_in_, [str(i) for i in range(64)])
    assert not hasattr(model.fit(X, y), "feature_names_in_")


def test_documented_attributes_are_the_fitted_ones(rows):
    X, y = pd.DataFrame(rows[0]).rename(columns=str), rows[1]
    model = SanitizedClassifier(RidgeClassifier(), SpectralSignatureFilter()).fit(X, y)
    section = getdoc(SanitizedClassifier).split("Attributes\n")[1].split("See Also\n")[0]
    documented = re.findall(r"^(\w+_) : ", section, flags=re.MULTILINE)
    assert sorted(documented) == sorted(name for name in vars(model) if name.endswith("_"))


def test_no_certificate_is_said_in_the_documentation():
    text = " ".join(getdoc(SanitizedClassifier).split())
    assert "empirical defence and carries no certificate" in text


# Rows of every kind


def test_images(rows):
    X, y = rows
    flatten = FunctionTransformer(lambda X: X.reshape(len(X), -1))
    model = SanitizedClassifier(make_pipeline(flatten, RidgeClassifier()), EveryNth())
    images = X.reshape(-1, 8, 8)
    expected = SanitizedClassifier(RidgeClassifier(), EveryNth()).fit(X, y).predict(X)
    assert_array_equal(model.fit(images, y).predict(images), expected)


def test_frames_keep_their_columns_and_types(rows):
    X, y = rows
    frame = pd.DataFrame({"a": X[:, 10], "word": np.where(X[:, 20] > 8, "dark", "light")})
    frame.index = np.arange(1000, 1300)
    encode = make_column_transformer((OneHotEncoder(), ["word"]), remainder="passthrough")
    labels = pd.Series(y, index=frame.index)
    model = SanitizedClassifier(make_pipeline(encode, DecisionTreeClassifier()), EveryNth())
    assert len(model.fit(frame, labels).predict(frame)) == 300
    seen = SanitizedClassifier(Recorder(), EveryNth()).fit(frame, labels).estimator_.seen_
    pd.testing.assert_frame_equal(seen["X"], frame[np.arange(300) % 5 != 0])
    assert_array_equal(seen["y"], y[np.arange(300) % 5 != 0])


@pytest.mark.parametrize("container", [csr_matrix, coo_array])
def test_sparse_rows(container, rows):
    X, y = rows
    model = SanitizedClassifier(KNeighborsClassifier(3), EveryNth())
    expected = model.fit(X, y).predict(X)
    assert_array_equal(clone(model).fit(container(X), y).predict(container(X)), expected)


def test_texts_and_labels_of_text():
    texts = [f"{'good' if i % 2 else 'bad'} {i}" for i in range(20)]
    model = SanitizedClassifier(Recorder(), EveryNth(4)).fit(texts, ["a", "b"] * 10)
    assert model.estimator_.seen_["X"] == [text for i, text in enumerate(texts) if i % 4]
    assert_array_equal(model.classes_, ["a", "b"])


def test_missing_values_in_queries(rows):
    """A tree takes them, but a filter that takes none has judged no row that has them."""
    X, y = rows
    X_missing = np.where(X == 16, np.nan, X)
    strict = SanitizedClassifier(DecisionTreeClassifier(), SpectralSignatureFilter()).fit(X, y)
    with pytest.raises(InvalidInputError, match="X contains NaN or infinity"):
        strict.predict(X_missing)
    open_minded = SanitizedClassifier(DecisionTreeClassifier(), EveryNth()).fit(X_missing, y)
    assert open_minded.predict(X_missing).shape == (300,)
    frame = pd.DataFrame({"a": pd.array([1, None] * 150, dtype="Int64"), "b": "text"})
    assert len(SanitizedClassifier(Recorder(), EveryNth()).fit(frame, y).predict(frame)) == 300


def test_tags_are_those_that_both_parts_have():
    for estimator, sparse in ((Recorder(), True), (GaussianNB(), False)):
        model = SanitizedClassifier(estimator, SpectralSignatureFilter())
        assert get_tags(model).input_tags.sparse == sparse
        assert not get_tags(model).input_tags.three_d_array  # which the filter would take
        assert get_tags(model).target_tags.required
    forest = SanitizedClassifier(DecisionTreeClassifier(), SpectralSignatureFilter())
    assert not get_tags(forest).input_tags.allow_nan  # which the tree would take
    assert get_tags(SanitizedClassifier(BernoulliNB())).classifier_tags.poor_score
    assert SanitizedClassifier(ComplementNB()).__sklearn_tags__().input_tags.positive_only


# Inside other things


def test_cross_validation_filters_the_training_folds_alone(rows):
    X, y = rows
    scores = cross_validate(
        SanitizedClassifier(Recorder(), EveryNth(2)), X, y, cv=3, return_estimator=True
    )
    for model in scores["estimator"]:
        assert len(model.keep_mask_) == 200
        assert len(model.estimator_.seen_["y"]) == 100


def test_grid_search_over_both_parts(rows):
    X, y = rows
    y_bad = np.where(np.arange(300) % 3 == 0, (y + 1) % 10, y)
    grid = {"sanitizer__n": [2, 3], "estimator__n_neighbors": [1, 60]}
    search = GridSearchCV(
        SanitizedClassifier(KNeighborsClassifier(), EveryNth()),
        grid,
        cv=[(np.arange(300), np.flatnonzero(y_bad == y))],  # the poison keeps its places
    ).fit(X, y_bad)
    assert search.best_params_ == {"sanitizer__n": 3, "estimator__n_neighbors": 1}
    whole = GridSearchCV(
        make_pipeline(StandardScaler(), SanitizedClassifier(LogisticRegression(), EveryNth())),
        {"sanitizedclassifier__sanitizer": [EveryNth(2), TrimmedLossFilter(n_rounds=1)]},
        cv=2,
    ).fit(X, y)
    assert whole.score(X, y) > 0.8


def test_voters_of_an_ensemble_may_filter(rows):
    """Each voter filters its own rows, which leaves the certificate as it is."""
    X, y = rows
    voter = SanitizedClassifier(RidgeClassifier(), TrimmedLossFilter(n_rounds=1, first_epochs=1))
    model = DPAClassifier(voter, n_partitions=5).fit(X, y)
    assert certified_radius(model, X[:40]).max() >= 1
    assert find_unsound_steps(model) == []


def test_regressors_are_refused(rows):
    with pytest.raises(InvalidInputError, match="must be a classifier, got LinearRegression"):
        SanitizedClassifier(LinearRegression(), TrimmedLossFilter()).fit(*rows)
