"""What learns from copies, or with several seeds: as scikit-learn has it, alone and as voters."""

import pickle
import re
from inspect import getdoc, signature

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_matrix
from sklearn.base import clone, is_classifier
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier, NearestCentroid
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import Normalizer
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils.estimator_checks import check_param_validation, parametrize_with_checks

from sklearn_certify._compat import InvalidParameterError
from sklearn_certify.augmentation import AugmentedCopies, ColumnNoise, GaussianNoise, RandomAffine
from sklearn_certify.exceptions import InvalidInputError
from sklearn_certify.learners import (
    AugmentedClassifier,
    CopiesClassifier,
    SeedEnsembleClassifier,
    StackedRidgeClassifier,
)

from .wrappers import AFFINE, COPIES, EVERY, RIDGE

CHECKED = [
    AugmentedClassifier(augmentation=ColumnNoise()),
    AugmentedClassifier(LogisticRegression(), GaussianNoise(), test_time_augmentation=True),
    AugmentedClassifier(GaussianNB(), ColumnNoise(), keep_original=False),
    CopiesClassifier(),
    CopiesClassifier(LogisticRegression(), test_time_augmentation=True),
    SeedEnsembleClassifier(),
    SeedEnsembleClassifier(DecisionTreeClassifier(), n_seeds=2),
    SeedEnsembleClassifier(RidgeClassifier(), n_seeds=2),
]
CLASSES = [AugmentedClassifier, CopiesClassifier, SeedEnsembleClassifier]
every_wrapper = pytest.mark.parametrize("name", EVERY)


@parametrize_with_checks(CHECKED)
def test_scikit_learns_checks(estimator, check):
    check(estimator)


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_parameters_and_attributes_are_documented(cls, digits):
    X, y = pd.DataFrame(digits[0][:50]).rename(columns=str), digits[1][:50]
    sections = re.split(r"\n\n[A-Z][\w ]+\n-+\n", getdoc(cls))
    names = [re.findall(r"^(\w+) : ", section, re.MULTILINE) for section in sections[1:3]]
    assert names[0] == list(signature(cls).parameters)
    params = {"augmentation": ColumnNoise()} if cls is AugmentedClassifier else {}
    fitted = vars(cls(**params).fit(X, y))
    assert sorted(names[1]) == sorted(name for name in fitted if name[-1] == "_" != name[0])


@pytest.mark.parametrize("estimator", CHECKED[:1] + CHECKED[3:4] + CHECKED[5:6], ids=repr)
def test_parameters_are_checked(estimator):
    check_param_validation(type(estimator).__name__, estimator)


def test_there_is_no_augmentation_by_default(digits):
    with pytest.raises(InvalidParameterError, match="augmentation"):
        AugmentedClassifier().fit(*digits[:2])


def fitted_alone(name, digits):
    X, y, X_test, _ = digits
    estimator, transformer = EVERY[name]
    if "random_state" in estimator.get_params():
        estimator = clone(estimator).set_params(random_state=3)
    if transformer is not None:
        X, X_test = transformer.transform(X), transformer.transform(X_test)
    return estimator.fit(X[:300], y[:300]), X_test


@every_wrapper
@pytest.mark.filterwarnings("ignore:lbfgs failed to converge")
def test_it_is_a_classifier_that_is_kept(name, digits):
    fitted, X_test = fitted_alone(name, digits)
    assert is_classifier(fitted)
    labels = fitted.predict(X_test)
    assert (labels == digits[3]).mean() > 0.7
    assert fitted.score(X_test, digits[3]) == (labels == digits[3]).mean()
    again = pickle.loads(pickle.dumps(fitted))
    np.testing.assert_array_equal(again.predict(X_test), labels)
    assert "estimator" in fitted._repr_html_()
    np.testing.assert_array_equal(fitted_alone(name, digits)[0].predict(X_test), labels)


@every_wrapper
@pytest.mark.filterwarnings("ignore:lbfgs failed to converge")
def test_scores_are_those_that_the_estimator_has(name, digits):
    fitted, X_test = fitted_alone(name, digits)
    inner = getattr(fitted, "estimator_", None) or fitted.estimators_[0]
    for method in ("predict_proba", "decision_function"):
        assert hasattr(fitted, method) == hasattr(inner, method)
    method = "predict_proba" if hasattr(inner, "predict_proba") else "decision_function"
    scores = getattr(fitted, method)(X_test)
    assert scores.shape == (200, 10)
    np.testing.assert_array_equal(fitted.classes_[scores.argmax(axis=1)], fitted.predict(X_test))


def test_rows_come_before_copies_and_labels_go_with_them(digits):
    X, y = digits[0][:20], digits[1][:20]
    seen = AugmentedClassifier(KNeighborsClassifier(1), AFFINE, n_copies=2, random_state=0)
    rows = seen.fit(X, y).estimator_._fit_X
    made = AugmentedCopies(AFFINE, n_copies=2, random_state=seen.seed_).fit_transform(X)
    np.testing.assert_array_equal(rows, np.concatenate([made[:, 0], made[:, 1], made[:, 2]]))
    np.testing.assert_array_equal(seen.predict(rows[20:40]), y)
    alone = clone(seen).set_params(keep_original=False).fit(X, y).estimator_._fit_X
    np.testing.assert_array_equal(alone, rows[20:])
    from_copies = CopiesClassifier(KNeighborsClassifier(1)).fit(made, y)
    np.testing.assert_array_equal(from_copies.estimator_._fit_X, rows)
    from_copies = CopiesClassifier(KNeighborsClassifier(1), keep_original=False).fit(made, y)
    np.testing.assert_array_equal(from_copies.estimator_._fit_X, rows[20:])


def test_copies_stay_when_other_rows_come_and_go(digits):
    X, y = digits[0][:20], digits[1][:20]
    learner = AugmentedClassifier(KNeighborsClassifier(1), AFFINE, n_copies=1, random_state=0)
    copies = clone(learner).fit(X, y).estimator_._fit_X[20:]
    some = np.array([13, 2, 2, 17])
    np.testing.assert_array_equal(
        clone(learner).fit(X[some], y[some]).estimator_._fit_X[4:], copies[some]
    )


def test_what_is_learned_about_columns_is_learned_from_the_rows_of_fit(digits):
    X, y = digits[:2]
    fitted = AugmentedClassifier(augmentation=ColumnNoise(0.2)).fit(X[:50], y[:50])
    np.testing.assert_array_equal(
        fitted.augmentation_.scales_, ColumnNoise(0.2).fit(X[:50]).scales_
    )


@pytest.mark.parametrize("estimator", [SVC(), RIDGE, GaussianNB()], ids=repr)
def test_queries_may_have_copies_too(estimator, digits):
    X, y, X_test, _ = digits
    made, queries = COPIES.transform(X[:200]), COPIES.transform(X_test)
    averaged = CopiesClassifier(estimator, test_time_augmentation=True).fit(made, y[:200])
    plain = clone(averaged).set_params(test_time_augmentation=False).fit(made, y[:200])
    method = "predict_proba" if hasattr(plain, "predict_proba") else "decision_function"
    scores = [getattr(plain.estimator_, method)(queries[:, copy]) for copy in range(3)]
    np.testing.assert_allclose(getattr(averaged, method)(queries), np.mean(scores, axis=0))
    assert (averaged.predict(queries) == np.mean(scores, axis=0).argmax(axis=1)).all()
    np.testing.assert_array_equal(plain.predict(queries), plain.estimator_.predict(queries[:, 0]))


def test_copies_of_queries_are_those_of_training_rows(digits):
    X, y = digits[0][:40], digits[1][:40]
    learner = AugmentedClassifier(
        KNeighborsClassifier(1), AFFINE, n_copies=3, test_time_augmentation=True, random_state=0
    )
    np.testing.assert_array_equal(learner.fit(X, y).predict_proba(X), np.eye(10)[y])


def test_plain_rows_are_rows_without_copies(digits):
    X, y, X_test, _ = digits
    plain = StackedRidgeClassifier().fit(X, y)
    np.testing.assert_array_equal(
        CopiesClassifier().fit(X, y).decision_function(X_test), plain.decision_function(X_test)
    )


def test_scores_of_seeds_are_added_up(digits):
    X, y, X_test, _ = digits
    tree = DecisionTreeClassifier(max_features=5)
    ensemble = SeedEnsembleClassifier(tree, n_seeds=4, random_state=0).fit(X[:200], y[:200])
    seeds = [fitted.random_state for fitted in ensemble.estimators_]
    assert len(set(seeds)) == 4
    alone = [clone(tree).set_params(random_state=seed).fit(X[:200], y[:200]) for seed in seeds]
    expected = sum(fitted.predict_proba(X_test) for fitted in alone) / 4
    np.testing.assert_array_equal(ensemble.predict_proba(X_test), expected)
    more = clone(ensemble).set_params(n_seeds=6).fit(X[:200], y[:200])
    assert [fitted.random_state for fitted in more.estimators_][:4] == seeds


def test_two_classes_are_told_by_the_sign(digits):
    X, y = digits[0][digits[1] < 2], np.array(["no", "yes"])[digits[1][digits[1] < 2]]
    for estimator in (
        SeedEnsembleClassifier(RidgeClassifier()),
        AugmentedClassifier(RidgeClassifier(), GaussianNoise(), test_time_augmentation=True),
    ):
        fitted = estimator.fit(X, y)
        assert fitted.decision_function(X).shape == (len(X),)
        assert fitted.score(X, y) > 0.98


def test_what_has_no_scores_cannot_be_added_up(digits):
    class Silent(GaussianNB):
        predict_proba = property()

    with pytest.raises(InvalidInputError, match="Silent has neither predict_proba nor"):
        SeedEnsembleClassifier(Silent()).fit(*digits[:2])


def test_averages_of_what_has_no_scores_are_refused(digits):
    class Silent(GaussianNB):
        predict_proba = property()

    learner = AugmentedClassifier(Silent(), GaussianNoise(), test_time_augmentation=True)
    with pytest.raises(InvalidInputError, match="Silent has neither predict_proba nor"):
        learner.fit(*digits[:2])


def test_seeds_take_what_the_estimator_takes(digits):
    X, y, X_test, _ = digits
    sparse = SeedEnsembleClassifier(RidgeClassifier()).fit(csr_matrix(X), y)
    dense = SeedEnsembleClassifier(RidgeClassifier()).fit(X, y)
    assert (sparse.predict(csr_matrix(X_test)) == dense.predict(X_test)).mean() > 0.98
    frame = pd.DataFrame({"a": [0, 1, 0, 1], "b": ["x", "y", "x", "z"]})
    first = make_column_transformer(("passthrough", ["a"]))
    texts = make_pipeline(first, DecisionTreeClassifier())
    assert SeedEnsembleClassifier(texts).fit(frame, [0, 1, 0, 1]).score(frame, [0, 1, 0, 1]) == 1


def test_searches_reach_inside(digits):
    X, y = digits[0][:200], digits[1][:200]
    learner = AugmentedClassifier(RIDGE, RandomAffine(image_shape=(8, 8)), random_state=0)
    grid = {"augmentation__rotation": [5, 90], "estimator__alpha": [1e-3, 50]}
    best = GridSearchCV(learner, grid, cv=2).fit(X, y).best_params_
    assert best == {"augmentation__rotation": 5, "estimator__alpha": 50}


def test_in_a_pipeline(digits):
    X, y, X_test, y_test = digits
    learner = make_pipeline(Normalizer(), AugmentedClassifier(RIDGE, AFFINE, random_state=0))
    assert learner.fit(X, y).score(X_test, y_test) > 0.8


def test_augmentation_helps_who_has_few_rows(digits):
    X, y, X_test, y_test = digits
    plain, helped = SVC(), AugmentedClassifier(SVC(), AFFINE, n_copies=9, random_state=0)
    scores = [e.fit(X[:40], y[:40]).score(X_test, y_test) for e in (plain, helped)]
    assert scores[1] > scores[0] + 0.02


def test_centroids_are_no_obstacle(digits):
    X, y, X_test, y_test = digits
    learner = AugmentedClassifier(NearestCentroid(), AFFINE, random_state=0)
    assert learner.fit(X, y).score(X_test, y_test) > 0.8
