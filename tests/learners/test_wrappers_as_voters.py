"""Voters that learn from copies, or with several seeds: together or alone, in all ensembles."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.ensemble import RandomForestClassifier, VotingClassifier
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline

from sklearn_certify import (
    BaggingCertifiedClassifier,
    DPAClassifier,
    FiniteAggregationClassifier,
)
from sklearn_certify.augmentation import AugmentedCopies, FunctionAugmentation, GaussianNoise
from sklearn_certify.exceptions import VoterError
from sklearn_certify.image import HOG
from sklearn_certify.learners import (
    AugmentedClassifier,
    CopiesClassifier,
    SeedEnsembleClassifier,
    StackedRadiusNeighborsClassifier,
    StackedRidgeClassifier,
    stacks,
)
from sklearn_certify.testing import check_soundness
from sklearn_certify.voters import _together

from .wrappers import AFFINE, COPIES, EVERY, PLAIN, RIDGE, STACKED

every_wrapper = pytest.mark.parametrize("name", EVERY)
every_stacked = pytest.mark.parametrize("name", STACKED)


def weights(fitted):
    """All numbers that a fitted wrapper of ridge has learned."""
    if hasattr(fitted, "estimators_"):
        return [array for part in fitted.estimators_ for array in weights(part)]
    if hasattr(fitted, "estimator_"):
        return weights(fitted.estimator_)
    return [fitted.coef_, fitted.intercept_]


def equal(first, second):
    pairs = zip(weights(first), weights(second), strict=True)
    return all(np.array_equal(*pair) for pair in pairs)


def make_samples(name, digits):
    """The estimator, samples for `fit` and for `fit_stack`, and queries."""
    X, y = digits[:2]
    estimator, transformer = STACKED[name]
    X = X if transformer is None else transformer.transform(X)
    parts = [(0, 40), (40, 70), (70, 110), (110, 150)]
    plain = [(X[start:stop], y[start:stop], start) for start, stop in parts]
    samples = [(estimator.rows_for_stack(X), y, seed) for X, y, seed in plain]
    queries = digits[2] if transformer is None else transformer.transform(digits[2])
    return estimator, plain, samples, queries


@pytest.mark.parametrize("name", EVERY)
def test_the_protocol_is_offered_if_the_estimator_offers_it(name):
    assert stacks(EVERY[name][0]) == (name in STACKED)


@every_stacked
def test_a_voter_is_the_same_alone_and_in_any_company(name, digits):
    estimator, plain, samples, _ = make_samples(name, digits)
    together = estimator.fit_stack(samples)
    backwards = estimator.fit_stack(samples[::-1])[::-1]
    X, y, seed = samples[0]
    poisoned = estimator.fit_stack([(X + 50, y[::-1].copy(), seed), *samples[1:]])
    for number, (X, y, seed) in enumerate(plain):
        alone = clone(estimator)
        names = [name for name in alone.get_params() if name.endswith("random_state")]
        alone.set_params(**dict.fromkeys(names, seed)).fit(X, y)
        assert equal(together[number], alone) and equal(backwards[number], alone)
        assert number == 0 or equal(poisoned[number], alone)
        assert vars(together[number]).keys() == vars(alone).keys()
        assert together[number].n_features_in_ == alone.n_features_in_
        assert together[number].get_params(deep=False).keys() == alone.get_params(False).keys()
        np.testing.assert_array_equal(together[number].classes_, np.unique(y))


@every_stacked
def test_votes_and_scores_are_those_of_each_by_itself(name, digits):
    estimator, _, samples, queries = make_samples(name, digits)
    X, y, seed = samples[2]
    samples[2] = (X[np.isin(y, [3, 5])], y[np.isin(y, [3, 5])], seed)
    voters = estimator.fit_stack(samples)
    places = [voters[0], None, *voters[1:]]
    rows, classes = estimator.rows_for_stack(queries), np.arange(10)
    votes = voters[0].vote_stack(places, rows, classes)
    scores = voters[0].score_stack(places, rows, classes)
    assert votes.shape == (5, 200) and scores.shape == (5, 200, 10)
    assert (votes[1] == -1).all() and (scores[1] == -np.inf).all()
    for place, voter in enumerate(places):
        if voter is not None:
            np.testing.assert_array_equal(votes[place], voter.predict(queries))
            np.testing.assert_array_equal(votes[place], scores[place].argmax(axis=1))
            alone = voter.decision_function(queries)
            alone = np.column_stack([-alone, alone]) if alone.ndim == 1 else alone
            np.testing.assert_allclose(scores[place][:, voter.classes_], alone, atol=1e-8)
            assert (np.delete(scores[place], voter.classes_, axis=1) == -np.inf).all()


@every_stacked
def test_rows_of_other_kinds_go_one_by_one(name, digits):
    estimator = STACKED[name][0]
    assert estimator.stack_width() == RIDGE.stack_width()
    for rows in (np.array([["a"]], dtype=object), [[1.0]], np.ones((3, 2), dtype=bool)):
        assert estimator.rows_for_stack(rows) is None
    if not name.startswith("copies"):
        return
    assert estimator.rows_for_stack(np.ones((3, 2, 4, 4))) is None  # images for a ridge


@pytest.mark.parametrize("averages", [False, True])
def test_plain_rows_are_stacked_without_copies(averages, digits):
    X, y, X_test, _ = digits
    model = CopiesClassifier(RIDGE, test_time_augmentation=averages)
    voters = DPAClassifier(model, n_partitions=5).fit(X[:200], y[:200])
    plain = DPAClassifier(RIDGE, n_partitions=5).fit(X[:200], y[:200])
    np.testing.assert_array_equal(voters.votes(X_test), plain.votes(X_test))
    assert voters.estimators_[0].n_features_in_ == 64


@every_stacked
def test_an_ensemble_asks_together_as_one_by_one(name, digits, monkeypatch):
    X, y, X_test, _ = digits
    estimator, transformer = STACKED[name]
    model = FiniteAggregationClassifier(
        estimator, n_partitions=12, spreading_degree=3, transformer=transformer
    )
    together = clone(model).fit(X[:400], y[:400])
    votes = together.votes(X_test)
    monkeypatch.setattr(_together, "stacks", lambda estimator: False)
    alone = model.fit(X[:400], y[:400])
    assert all(map(equal, together.estimators_, alone.estimators_))
    np.testing.assert_array_equal(votes, alone.votes(X_test))


@every_wrapper
@pytest.mark.filterwarnings("ignore:lbfgs failed to converge")
@pytest.mark.parametrize("ensemble", [DPAClassifier, FiniteAggregationClassifier])
def test_neither_the_order_of_rows_nor_workers_matter(name, ensemble, digits):
    X, y, X_test, _ = digits
    X, y = X[:200], y[:200]
    estimator, transformer = EVERY[name]
    model = ensemble(estimator, n_partitions=5, transformer=transformer, aggregation="runoff")
    votes = clone(model).fit(X, y).votes(X_test)
    order = np.random.default_rng(0).permutation(200)
    shuffled = clone(model).set_params(n_jobs=2).fit(X[order], y[order])
    np.testing.assert_array_equal(shuffled.votes(X_test), votes)
    assert (votes >= 0).all()


@every_wrapper
@pytest.mark.filterwarnings("ignore:lbfgs failed to converge")
def test_bagging(name, digits):
    X, y, X_test, y_test = digits
    estimator, transformer = EVERY[name]
    model = BaggingCertifiedClassifier(
        estimator, n_estimators=30, max_samples=40, transformer=transformer, random_state=0
    )
    assert model.fit(X[:200], y[:200]).score(X_test, y_test) > 0.75


@every_wrapper
@pytest.mark.filterwarnings("ignore:lbfgs failed to converge")
def test_tiny_parts(name, digits):
    X, y, X_test, _ = digits
    estimator, transformer = EVERY[name]
    model = DPAClassifier(estimator, n_partitions=40, transformer=transformer).fit(X[:60], y[:60])
    sizes = np.bincount(model.partition_, minlength=40)
    assert {0, 1, 2} <= set(sizes)
    np.testing.assert_array_equal((model.votes(X_test) == -1).all(axis=0), sizes == 0)


@pytest.mark.parametrize("name", [*PLAIN, "augmented", "copies-averaged", "seeds"])
@pytest.mark.filterwarnings("ignore:lbfgs failed to converge")
def test_attacks_break_nothing(name, digits):
    X, y, X_test, _ = digits
    estimator, transformer = EVERY[name]
    aggregation = "runoff" if hasattr(estimator, "decision_function") else "plurality"
    for model in (
        DPAClassifier(estimator, n_partitions=9, transformer=transformer, aggregation=aggregation),
        FiniteAggregationClassifier(
            estimator, n_partitions=4, spreading_degree=2, transformer=transformer
        ),
    ):
        report = check_soundness(model, X[:150], y[:150], X_test[:8], n_attacks=6)
        assert report.sound, report


def test_features_of_copies_belong_inside_the_voter(digits):
    X, y, X_test, y_test = digits
    affine = clone(AFFINE).set_params(image_shape=None)
    images, queries = X.reshape(-1, 8, 8), X_test.reshape(-1, 8, 8)
    hog = HOG(2)
    inside = DPAClassifier(
        AugmentedClassifier(make_pipeline(hog, RIDGE), affine, n_copies=2), n_partitions=10
    ).fit(images[:300], y[:300])
    once = DPAClassifier(
        CopiesClassifier(RIDGE),
        n_partitions=10,
        transformer=AugmentedCopies(affine, hog, n_copies=2),
    ).fit(images[:300], y[:300])
    assert inside.score(queries, y_test) > 0.75 and once.score(queries, y_test) > 0.75


def fails(row, random_state):
    raise RuntimeError("no copy of this row")


def test_an_augmentation_that_fails_is_a_voter_that_fails(digits):
    X, y = digits[:2]
    model = DPAClassifier(AugmentedClassifier(augmentation=fails), n_partitions=5)
    with pytest.raises(VoterError, match="no copy of this row"):
        model.fit(X[:100], y[:100])


def drawn(row, random_state):
    return row + np.random.normal(size=row.shape)


def test_functions_that_draw_from_global_generators_are_functions_of_their_row(digits):
    X, y, X_test, _ = digits
    learner = AugmentedClassifier(KNeighborsClassifier(1), FunctionAugmentation(drawn))
    model = DPAClassifier(learner, n_partitions=5)
    votes = clone(model).fit(X[:100], y[:100]).votes(X_test)
    order = np.random.default_rng(0).permutation(100)
    np.testing.assert_array_equal(model.fit(X[:100][order], y[:100][order]).votes(X_test), votes)


ENSEMBLES = {
    "forest": RandomForestClassifier(n_estimators=10),
    "soft": VotingClassifier(
        [("bayes", GaussianNB()), ("logistic", LogisticRegression())], voting="soft"
    ),
    "hard": VotingClassifier([("bayes", GaussianNB()), ("ridge", RidgeClassifier())]),
    "seeds": SeedEnsembleClassifier(RandomForestClassifier(n_estimators=5), n_seeds=2),
    "mixed": VotingClassifier(
        [
            ("noisy", AugmentedClassifier(LogisticRegression(), GaussianNoise())),
            ("ridge", StackedRidgeClassifier()),
        ]
    ),
}


@pytest.mark.filterwarnings("ignore:lbfgs failed to converge")
@pytest.mark.parametrize("name", ENSEMBLES)
def test_ensembles_are_voters(name, digits):
    X, y, X_test, y_test = digits
    model = DPAClassifier(ENSEMBLES[name], n_partitions=4)
    fitted = clone(model).fit(X[:200], y[:200])
    assert fitted.score(X_test, y_test) > 0.6
    order = np.random.default_rng(0).permutation(200)
    again = model.set_params(n_jobs=2).fit(X[:200][order], y[:200][order])
    np.testing.assert_array_equal(again.votes(X_test), fitted.votes(X_test))
    report = check_soundness(
        clone(model).set_params(n_jobs=None), X[:100], y[:100], X_test[:5], n_attacks=3
    )
    assert report.sound, report


NEAR = StackedRadiusNeighborsClassifier(20.0, outlier_label=-1)
ABSTAINING = {
    "augmented": (AugmentedClassifier(NEAR, GaussianNoise(0.5)), None),
    "averaged": (AugmentedClassifier(NEAR, GaussianNoise(9), test_time_augmentation=True), None),
    "copies": (CopiesClassifier(NEAR, test_time_augmentation=True), COPIES),
    "seeds": (SeedEnsembleClassifier(AugmentedClassifier(NEAR, GaussianNoise(4))), None),
}


@pytest.mark.parametrize("name", ABSTAINING)
def test_who_says_none_of_them_abstains(name, digits, monkeypatch):
    X, y, X_test, _ = digits
    estimator, transformer = ABSTAINING[name]
    model = DPAClassifier(estimator, n_partitions=15, transformer=transformer)
    votes = clone(model).fit(X[:300], y[:300]).votes(X_test)
    assert 0.2 < (votes == -1).mean() < 0.98
    runoff = clone(model).set_params(aggregation="runoff").fit(X[:300], y[:300])
    np.testing.assert_array_equal(runoff.votes(X_test), votes)
    monkeypatch.setattr(_together, "stacks", lambda estimator: False)
    np.testing.assert_array_equal(clone(model).fit(X[:300], y[:300]).votes(X_test), votes)
    runoff = runoff.fit(X[:300], y[:300])
    np.testing.assert_array_equal(runoff.votes(X_test), votes)
