"""All learners that ensembles fit and ask together: each a function of its rows, in any company."""

import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.dummy import DummyClassifier
from sklearn.kernel_ridge import KernelRidge
from sklearn.neighbors import NearestCentroid, RadiusNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from sklearn_certify import (
    BaggingCertifiedClassifier,
    DPAClassifier,
    FiniteAggregationClassifier,
)
from sklearn_certify.exceptions import InvalidInputError, VoterError
from sklearn_certify.learners import (
    StackedKernelRidgeClassifier,
    StackedNearestCentroid,
    StackedRadiusNeighborsClassifier,
    StackedRidgeClassifier,
)
from sklearn_certify.testing import check_soundness

from .samples import samples_of

DIGITS, LABELS = load_digits(return_X_y=True)
NAMES = np.array(["no", "perhaps", "yes", "never", "sometimes", "often", "x", "y", "z", "zz"])
LEARNERS = {
    "ridge": StackedRidgeClassifier(),
    "rbf": StackedKernelRidgeClassifier(),
    "polynomial": StackedKernelRidgeClassifier(kernel="polynomial", degree=3),
    "linear": StackedKernelRidgeClassifier(1.0, kernel="linear", fit_intercept=False),
    "centroid": StackedNearestCentroid(),
    "shrunk centroid": StackedNearestCentroid(0.5),
    "radius": StackedRadiusNeighborsClassifier(8.0, outlier_label=-1),
    "manhattan": StackedRadiusNeighborsClassifier(45.0, metric="manhattan", outlier_label=-1),
    "outliers are threes": StackedRadiusNeighborsClassifier(8.0, outlier_label=3),
}
every_learner = pytest.mark.parametrize("learner", LEARNERS.values(), ids=LEARNERS)


@parametrize_with_checks(
    [
        StackedKernelRidgeClassifier(),
        StackedKernelRidgeClassifier(kernel="polynomial"),
        StackedKernelRidgeClassifier(alpha=0, kernel="linear"),
        StackedNearestCentroid(),
        StackedNearestCentroid(0.2),
        StackedRadiusNeighborsClassifier(),
        StackedRadiusNeighborsClassifier(metric="chebyshev"),
    ]
)
def test_scikit_learns_checks(estimator, check):
    check(estimator)


# ---- company


def state_of(voter):
    return {name: value for name, value in vars(voter).items() if isinstance(value, np.ndarray)}


def assert_same_state(voter, expected):
    assert state_of(voter).keys() == state_of(expected).keys()
    for name, value in state_of(voter).items():
        np.testing.assert_array_equal(value, state_of(expected)[name])


@every_learner
@settings(derandomize=True, deadline=None, max_examples=12)
@given(
    st.integers(0, 2**20),
    st.sampled_from([np.float32, np.float64]),
    st.sampled_from([1, 3, 64, 130]),
)
def test_a_voter_depends_on_its_rows_alone(learner, seed, dtype, n_features):
    """To the last bit: what it learned, its votes and scores, whoever is there with it."""
    if hasattr(learner, "radius"):
        learner = clone(learner).set_params(radius=learner.radius * np.sqrt(n_features / 64))
    ours, others = (samples_of(s, 5, dtype, n_features) for s in (seed, seed + 1))
    classes, fewer = np.arange(12), np.arange(9)
    queries = np.concatenate([X for X, _, _ in ours])
    place = seed % 5
    mixed = [ours[i] if i == place else others[i] for i in range(5)]
    voters, strangers = learner.fit_stack(ours), learner.fit_stack(mixed)
    lonely = clone(learner).fit(*ours[place][:2])
    assert_same_state(strangers[place], voters[place])
    assert_same_state(lonely, voters[place])
    alone = [None] * 5
    alone[place] = lonely
    votes = learner.vote_stack(voters, queries, classes)
    scores = learner.score_stack(voters, queries, classes)
    assert votes.dtype == np.int8 and scores.dtype == np.float64
    silent = np.isneginf(scores).all(axis=2)
    np.testing.assert_array_equal(votes, np.where(silent, -1, scores.argmax(axis=2)))
    assert "radius" in learner.get_params() or not silent.any()
    for company in (strangers, alone):
        np.testing.assert_array_equal(
            learner.vote_stack(company, queries, fewer)[place], votes[place]
        )
        np.testing.assert_array_equal(
            learner.score_stack(company, queries, fewer)[place], scores[place, :, :9]
        )
    assert (learner.vote_stack(alone, queries, classes)[np.arange(5) != place] == -1).all()


@every_learner
def test_other_queries_move_nothing(learner):
    voters = learner.fit_stack(samples_of(5))
    queries = np.concatenate([X for X, _, _ in samples_of(6, 9)])
    scores = learner.score_stack(voters, queries, np.arange(10))
    order = np.random.default_rng(0).permutation(len(queries))
    shuffled = learner.score_stack(voters, queries[order], np.arange(10))
    few = learner.score_stack(voters, queries[3:5], np.arange(10))
    # products of matrices may round in another way where a query stands at another place
    rounding = {} if hasattr(learner, "radius") else {"rtol": 1e-4, "atol": 1e-4}
    check = np.testing.assert_allclose if rounding else np.testing.assert_array_equal
    check(shuffled, scores[:, order], **rounding)
    check(few, scores[:, 3:5], **rounding)


@every_learner
def test_alone_a_voter_says_the_same(learner):
    samples = [(X, NAMES[y], seed) for X, y, seed in samples_of(3, dtype=np.float64)]
    if hasattr(learner, "outlier_label"):
        label = "often" if learner.outlier_label == 3 else "none of them"
        learner = clone(learner).set_params(outlier_label=label)
    voters, classes = learner.fit_stack(samples), np.unique(NAMES)
    queries = np.concatenate([X for X, _, _ in samples])
    votes = learner.vote_stack(voters, queries, classes)
    scores = learner.score_stack(voters, queries, classes)
    for voter, own_votes, own_scores in zip(voters, votes, scores, strict=True):
        found = voter.predict(queries)
        said = np.where(own_votes < 0, getattr(learner, "outlier_label", ""), classes[own_votes])
        np.testing.assert_array_equal(found, said)
        columns = np.searchsorted(classes, voter.classes_)
        if hasattr(voter, "predict_proba"):
            expected = voter.predict_proba(queries)
            known = np.isin(own_votes, columns)
            np.testing.assert_array_equal(own_scores[known][:, columns], expected[known])
            assert (expected[own_votes < 0] == 0).all()
        else:
            expected = voter.decision_function(queries)
            expected = np.column_stack([-expected, expected]) if expected.ndim == 1 else expected
            np.testing.assert_allclose(own_scores[:, columns], expected, rtol=1e-9, atol=1e-11)


@every_learner
def test_what_cannot_be_fitted_is_refused(learner):
    samples = samples_of(0)
    samples[1][0][2, 3] = np.nan
    with pytest.raises(ValueError, match="NaN"):
        learner.fit_stack(samples)
    with pytest.raises(ValueError, match="is not fitted|not fitted yet"):
        clone(learner).predict(DIGITS)
    if "radius" not in learner.get_params():
        with pytest.raises(ValueError, match="only one class: 7"):
            clone(learner).fit(DIGITS[:5], np.full(5, 7))


# ---- ensembles


ENSEMBLES = {
    "dpa": DPAClassifier(n_partitions=40),
    "dpa-runoff": DPAClassifier(n_partitions=40, aggregation="runoff"),
    "fa": FiniteAggregationClassifier(n_partitions=20, spreading_degree=2),
    "bagging": BaggingCertifiedClassifier(n_estimators=40, max_samples=30, random_state=0),
}


@every_learner
@pytest.mark.parametrize("kind", ENSEMBLES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_ensembles_have_the_votes_of_voters_asked_one_by_one(kind, learner, dtype):
    X, y, queries = DIGITS[:900].astype(dtype), LABELS[:900], DIGITS[900:1000].astype(dtype)
    if hasattr(learner, "radius"):
        learner = clone(learner).set_params(radius=3 * learner.radius)
    ensemble = clone(ENSEMBLES[kind]).set_params(estimator=learner).fit(X, y)
    plain = clone(ENSEMBLES[kind]).set_params(estimator=make_pipeline(learner)).fit(X, y)
    assert type(ensemble.estimators_[0]) is type(learner)
    votes = ensemble.votes(queries)
    differ = (votes != plain.votes(queries)).mean()
    assert differ == 0 if hasattr(learner, "radius") else differ < 0.001
    again = pickle.loads(pickle.dumps(ensemble))
    np.testing.assert_array_equal(again.predict(queries), ensemble.predict(queries))
    if getattr(learner, "outlier_label", None) != 3:
        assert (votes == -1).any() == hasattr(learner, "radius")
        assert (ensemble.predict(queries) == LABELS[900:1000]).mean() > 0.6


@every_learner
def test_tiny_voters_and_voters_with_one_label(learner):
    X, y = DIGITS[:40], LABELS[:40] % 3
    y[:15] = 0
    if hasattr(learner, "radius"):
        learner = clone(learner).set_params(radius=1e3)
    dpa = DPAClassifier(learner, n_partitions=20, classes=range(4)).fit(X, y)
    votes = dpa.votes(X)
    kinds = {type(voter) for voter in dpa.estimators_}
    assert kinds >= {type(learner), type(None)}
    assert DummyClassifier in kinds or hasattr(learner, "radius")
    for number, voter in enumerate(dpa.estimators_):
        labels = np.unique(y[dpa.partition_ == number])
        assert np.isin(votes[:, number], labels if voter is not None else -1).all()


@every_learner
def test_it_works_in_a_pipeline_in_a_voter(learner):
    if hasattr(learner, "radius"):
        learner = clone(learner).set_params(radius=9.0, metric="euclidean")
    pipeline = make_pipeline(StandardScaler(), learner)
    dpa = DPAClassifier(pipeline, n_partitions=15).fit(DIGITS[:900], LABELS[:900])
    assert dpa.certified_accuracy(DIGITS[900:], LABELS[900:], 1) > 0.4


@every_learner
@pytest.mark.parametrize("kind", ["dpa", "fa"])
def test_no_attack_breaks_their_certificates(learner, kind):
    learner = clone(learner)
    if hasattr(learner, "radius"):
        learner.set_params(radius=4 * learner.radius)
    ensemble = clone(ENSEMBLES[kind]).set_params(estimator=learner, n_partitions=8)
    report = check_soundness(
        ensemble, DIGITS[:150], LABELS[:150], DIGITS[150:160], n_attacks=25, random_state=0
    )
    assert report.sound, report


@pytest.mark.parametrize("kind", ["rbf", "radius"])
def test_sparse_rows_are_refused(kind):
    dpa = DPAClassifier(LEARNERS[kind], n_partitions=5)
    with pytest.raises((VoterError, TypeError), match=r"[Ss]parse .*dense"):
        dpa.fit(csr_matrix(DIGITS[:100]), LABELS[:100])


@pytest.mark.filterwarnings("ignore::RuntimeWarning", "ignore::UserWarning")
@pytest.mark.parametrize("aggregation", ["plurality", "runoff"])
@pytest.mark.parametrize("kind", ["rbf", "polynomial", "centroid", "radius"])
def test_numbers_too_large_are_the_trouble_of_one_voter(kind, aggregation):
    X, y = DIGITS[:200].astype(np.float32), LABELS[:200]
    dpa = DPAClassifier(
        LEARNERS[kind], n_partitions=8, aggregation=aggregation, on_voter_error="abstain"
    )
    before = dpa.fit(X, y).votes(DIGITS[200:210].astype(np.float32))
    huge = np.full((1, 64), 3e38, dtype=np.float32)
    dpa.fit(np.vstack([X, huge]), np.append(y, 0))
    after = dpa.votes(DIGITS[200:210].astype(np.float32))
    others = np.arange(8) != dpa.partition_[-1]
    np.testing.assert_array_equal(after[:, others], before[:, others])


# ---- what they learn


@pytest.mark.parametrize("threshold", [None, 0.1, 0.7])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("form", [np.asarray, csr_matrix])
@pytest.mark.parametrize("n_classes", [2, 10])
def test_centroids_are_scikit_learns(form, dtype, threshold, n_classes):
    kept = n_classes > LABELS
    X, y = DIGITS[kept][:, 2:6].astype(dtype), LABELS[kept]
    X += 100
    ours = StackedNearestCentroid(threshold).fit(form(X[:120]), y[:120])
    theirs = NearestCentroid(shrink_threshold=threshold).fit(X[:120], y[:120])
    np.testing.assert_allclose(ours.centroids_, theirs.centroids_, rtol=1e-4)
    found, expected = ours.predict(form(X)), theirs.predict(X)
    assert (found == expected).mean() > 0.99


@pytest.mark.parametrize("kernel", ["rbf", "polynomial", "linear"])
@pytest.mark.parametrize("n_classes", [2, 10])
def test_kernel_ridge_is_scikit_learns(kernel, n_classes):
    kept = n_classes > LABELS
    X, y = DIGITS[kept], LABELS[kept]
    ours = StackedKernelRidgeClassifier(0.3, kernel=kernel, fit_intercept=False).fit(X[:80], y[:80])
    targets = np.where(y[:80, None] == np.arange(n_classes), 1.0, -1.0)
    theirs = KernelRidge(
        alpha=0.3, kernel=kernel, gamma=ours.gamma_, degree=ours.degree, coef0=ours.coef0
    ).fit(X[:80], targets[:, 1:] if n_classes == 2 else targets)
    expected = theirs.predict(X[80:])
    expected = expected.ravel() if n_classes == 2 else expected
    np.testing.assert_allclose(ours.decision_function(X[80:]), expected, atol=1e-7)


@pytest.mark.parametrize("kernel", ["rbf", "polynomial", "linear"])
def test_the_constant_is_not_regularized(kernel):
    """It solves the same equations as a kernel with a large constant added."""
    X, y = DIGITS[:60], LABELS[:60] % 3
    ours = StackedKernelRidgeClassifier(0.5, kernel=kernel).fit(X, y)
    none = StackedKernelRidgeClassifier(0.5, kernel=kernel, fit_intercept=False).fit(X, y)
    gram = none._alike((none.X_fit_ @ none.X_fit_.T).copy(), none._squares)
    targets = np.where(y[:, None] == np.arange(3), 1.0, -1.0)
    big = 1e8
    weights = np.linalg.solve(gram + big + 0.5 * np.eye(60), targets)
    np.testing.assert_allclose(
        ours.decision_function(X), (gram + big) @ weights, atol=1e-3 * np.abs(targets).max()
    )
    np.testing.assert_allclose(ours.dual_coef_.sum(axis=0), 0, atol=1e-9)


def test_the_scale_is_that_of_the_voters_rows():
    X = DIGITS[:70]
    distances = np.square(X[:, None] - X).sum(axis=2)
    rbf = StackedKernelRidgeClassifier().fit(X, LABELS[:70])
    np.testing.assert_allclose(1 / rbf.gamma_, distances.mean())
    polynomial = StackedKernelRidgeClassifier(kernel="polynomial").fit(X, LABELS[:70])
    np.testing.assert_allclose(1 / polynomial.gamma_, np.square(X).sum(axis=1).mean())
    assert StackedKernelRidgeClassifier(gamma=0.25).fit(X, LABELS[:70]).gamma_ == 0.25
    flat = StackedKernelRidgeClassifier().fit(np.ones((4, 2)), [0, 1, 0, 1])
    assert flat.gamma_ == 1 and np.isfinite(flat.decision_function(np.ones((2, 2)))).all()


@pytest.mark.filterwarnings("ignore:Outlier label -1 is not in training classes")
@pytest.mark.parametrize("metric", ["euclidean", "manhattan", "chebyshev"])
@pytest.mark.parametrize("outlier_label", [-1, 4])
def test_radius_neighbors_are_scikit_learns(metric, outlier_label):
    X, y, queries = DIGITS[:333], LABELS[:333], DIGITS[333:]
    radius = {"euclidean": 20.0, "manhattan": 100.0, "chebyshev": 9.0}[metric]
    params = {"metric": metric, "outlier_label": outlier_label}
    ours = StackedRadiusNeighborsClassifier(radius, **params).fit(X, y)
    theirs = RadiusNeighborsClassifier(radius, algorithm="kd_tree", **params).fit(X, y)
    expected = theirs.predict(queries)
    np.testing.assert_array_equal(ours.predict(queries), expected)
    assert (expected == outlier_label).any()
    np.testing.assert_allclose(ours.predict_proba(queries), theirs.predict_proba(queries))


@pytest.mark.parametrize("metric", ["euclidean", "manhattan", "chebyshev"])
def test_rows_exactly_at_the_radius_are_near(metric):
    X = np.array([[0.0] * 20, [3.0, 4.0] + [0.0] * 18])
    radius = {"euclidean": 5.0, "manhattan": 7.0, "chebyshev": 4.0}[metric]
    params = {"metric": metric, "outlier_label": -1}
    at = StackedRadiusNeighborsClassifier(radius, **params).fit(X[1:], [1])
    below = StackedRadiusNeighborsClassifier(np.nextafter(radius, 0), **params).fit(X[1:], [1])
    assert at.predict(X[:1]) == [1] and below.predict(X[:1]) == [-1]
    everywhere = StackedRadiusNeighborsClassifier(np.inf, **params).fit(X[1:], [1])
    assert everywhere.predict([[1e300] * 20]) == [1]


def test_outliers_need_a_label():
    neighbors = StackedRadiusNeighborsClassifier(1.0).fit(DIGITS[:50], LABELS[:50])
    np.testing.assert_array_equal(neighbors.predict(DIGITS[:50]), LABELS[:50])
    with pytest.raises(ValueError, match="No row is within radius=1.0 of query 1; choose"):
        neighbors.predict(DIGITS[49:52])
    with pytest.raises(VoterError, match="No row is within radius=1.0 of query 0; choose"):
        DPAClassifier(neighbors, n_partitions=5).fit(DIGITS[:50], LABELS[:50]).predict(DIGITS[50:])
    for label in ("none", "most_frequent"):
        with pytest.raises(InvalidInputError, match="must be a label of the kind"):
            StackedRadiusNeighborsClassifier(outlier_label=label).fit(DIGITS, LABELS)
    names = StackedRadiusNeighborsClassifier(1.0, outlier_label="none of them")
    assert names.fit(DIGITS[:50], NAMES[LABELS[:50]]).predict(DIGITS[50:51]) == ["none of them"]
    small = StackedRadiusNeighborsClassifier(1.0, outlier_label=-1)
    assert small.fit(DIGITS[:50], LABELS[:50].astype(np.uint8)).predict(DIGITS[50:51]) == [-1]
