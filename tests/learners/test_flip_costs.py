"""What flipped labels cost: against exact rationals, and against all that labels can be."""

import os
from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_certify.augmentation import (
    Augmentation,
    AugmentedCopies,
    ColumnNoise,
    Compose,
    FeatureDropout,
    GaussianNoise,
)
from sklearn_certify.exceptions import InvalidInputError
from sklearn_certify.learners import (
    AugmentedClassifier,
    CopiesClassifier,
    StackedKernelRidgeClassifier,
    StackedRadiusNeighborsClassifier,
    StackedRidgeClassifier,
)
from sklearn_certify.learners._flip_costs import count_flips

N_VOTERS = int(os.environ.get("FLIP_VOTERS", "3"))  # of each learner, each with all its labels
NEVER = np.iinfo(np.int32).max
DIGITS, LABELS = load_digits(return_X_y=True)
LINEAR = {
    "ridge": StackedRidgeClassifier(0.5, store_rows=True),
    "without intercept": StackedRidgeClassifier(0.5, fit_intercept=False, store_rows=True),
    "rbf": StackedKernelRidgeClassifier(0.3),
    "polynomial": StackedKernelRidgeClassifier(0.5, kernel="polynomial"),
    "linear": StackedKernelRidgeClassifier(0.7, kernel="linear", fit_intercept=False),
}
LEARNERS = {
    **LINEAR,
    "radius": StackedRadiusNeighborsClassifier(1.5, outlier_label=-1),
    "outliers are ones": StackedRadiusNeighborsClassifier(1.5, outlier_label=1),
}
NOISE = GaussianNoise(0.7)
COPIES = {
    "augmented ridge": AugmentedClassifier(LINEAR["ridge"], NOISE, n_copies=2, random_state=0),
    "augmented rbf": AugmentedClassifier(
        LINEAR["rbf"], NOISE, n_copies=1, keep_original=False, random_state=0
    ),
    "copies, ridge": CopiesClassifier(LINEAR["without intercept"], test_time_augmentation=True),
    "copies, polynomial": CopiesClassifier(LINEAR["polynomial"]),
}
every_learner = pytest.mark.parametrize("learner", LEARNERS.values(), ids=LEARNERS)


# ---- every change of labels


def predictions_by_flips(learner, X, y, queries, n_classes):
    """The fewest flips after which each class is predicted, over all labels that rows can have."""
    least = np.full((len(queries), n_classes), NEVER)
    rows, asked = learner.rows_for_stack(X), learner.rows_for_stack(queries)
    samples = []
    for labels in product(range(n_classes), repeat=len(y)):
        labels = np.array(labels)
        if (labels == labels[0]).all() and not hasattr(learner, "radius"):
            least[:, labels[0]] = np.minimum(least[:, labels[0]], (labels != y).sum())
        else:
            samples.append((rows, labels, 0))
    voters, width = learner.fit_stack(samples), learner.stack_width()
    for start in range(0, len(voters), width):
        some = voters[start : start + width]
        votes = learner.vote_stack(some, asked, np.arange(n_classes))
        for own, (_, labels, _) in zip(votes, samples[start:], strict=False):
            said = np.flatnonzero(own >= 0)
            np.minimum.at(least, (said, own[said]), (labels != y).sum())
    return least


def tiny_voter(rng, n_classes, dtype):
    """Few rows, on a grid half of the time, so that there are ties."""
    n_rows = int(rng.integers(3, {2: 8, 3: 6, 4: 5}[n_classes]))
    n_features = int(rng.choice([1, 2, 8]))
    X = rng.normal(size=(n_rows, n_features))
    queries = rng.normal(size=(6, n_features))
    if rng.random() < 0.5:
        X, queries = np.round(X), np.round(queries)
    y = rng.integers(0, n_classes, n_rows)
    y[:2] = rng.permutation(n_classes)[:2]
    if rng.random() < 0.3:
        y[1:] = y[1]
    return X.astype(dtype), y, queries.astype(dtype)


@every_learner
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("n_classes", [2, 3, 4])
def test_fewer_flips_never_bring_a_class(learner, dtype, n_classes):
    rng = np.random.default_rng(n_classes)
    for _ in range(N_VOTERS):
        X, y, queries = tiny_voter(rng, n_classes, dtype)
        costs = clone(learner).fit(X, y).flip_costs(queries, np.arange(n_classes))
        least = predictions_by_flips(learner, X, y, queries, n_classes)
        assert (costs <= least).all(), (X, y, queries)
        if hasattr(learner, "radius"):
            said = least < NEVER
            assert (costs[~said] == NEVER).all()
            assert n_classes > 2 or (costs == least)[said].all()


@every_learner
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_where_rounding_decides(learner, dtype):
    """Rows that are one and the same weigh the same, and flips can tie classes."""
    rng = np.random.default_rng(3)
    for n_rows in (3, 5, 6, 7):
        X = np.repeat(rng.normal(size=(1, 3)), n_rows, axis=0)
        X[n_rows // 2 + 1 :] *= -1
        X, y = X.astype(dtype), (np.arange(n_rows) < 2).astype(int)
        costs = clone(learner).fit(X, y).flip_costs(X, np.arange(2))
        assert (costs <= predictions_by_flips(learner, X, y, X, 2)).all()


@pytest.mark.parametrize("learner", LINEAR.values(), ids=LINEAR)
def test_of_two_classes_costs_are_exact(learner):
    rng = np.random.default_rng(7)
    for _ in range(2 * N_VOTERS):
        X, queries = rng.normal(size=(8, 3)), rng.normal(size=(6, 3))
        y = np.arange(8) % 2
        costs = clone(learner).fit(X, y).flip_costs(queries)
        least = predictions_by_flips(learner, X, y, queries, 2)
        np.testing.assert_array_equal(costs, least)


# ---- labels that several rows share


def with_copies(learner, *all_rows):
    """What a classifier of copies gets."""
    if isinstance(learner, AugmentedClassifier):
        return all_rows
    copies = AugmentedCopies(FeatureDropout(0.4), n_copies=3)
    return [copies.fit_transform(rows) for rows in all_rows]


@pytest.mark.parametrize("learner", COPIES.values(), ids=COPIES)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("n_classes", [2, 3])
def test_fewer_flips_of_rows_with_copies_never_bring_a_class(learner, dtype, n_classes):
    rng = np.random.default_rng(10 + n_classes)
    n_exact, n_asked = 0, 0
    for _ in range(N_VOTERS):
        X, y, queries = tiny_voter(rng, n_classes, dtype)
        X, queries = with_copies(learner, X, queries)
        costs = clone(learner).fit(X, y).flip_costs(queries, np.arange(n_classes))
        least = predictions_by_flips(learner, X, y, queries, n_classes)
        assert (costs <= least).all(), (X, y, queries)
        n_exact, n_asked = n_exact + (costs == least).sum(), n_asked + costs.size
    assert n_exact > 0.6 * n_asked


@pytest.mark.parametrize("learner", COPIES.values(), ids=COPIES)
def test_of_two_classes_costs_of_rows_with_copies_are_exact(learner):
    rng = np.random.default_rng(8)
    for _ in range(N_VOTERS):
        X, queries = with_copies(learner, rng.normal(size=(7, 3)), rng.normal(size=(6, 3)))
        y = np.arange(7) % 2
        costs = clone(learner).fit(X, y).flip_costs(queries)
        least = predictions_by_flips(learner, X, y, queries, 2)
        np.testing.assert_array_equal(costs, least)


# ---- exact rationals


def solved(matrix, right):
    """Gauss and Jordan's method, in rationals."""
    n = len(matrix)
    rows = [list(a) + list(b) for a, b in zip(matrix, right, strict=True)]
    for i in range(n):
        pivot = next(r for r in range(i, n) if rows[r][i])
        rows[i], rows[pivot] = rows[pivot], rows[i]
        rows[i] = [value / rows[i][i] for value in rows[i]]
        for r in range(n):
            if r != i and rows[r][i]:
                rows[r] = [a - rows[r][i] * b for a, b in zip(rows[r], rows[i], strict=True)]
    return [row[n:] for row in rows]


def exact_weights(X, query, alpha, fit_intercept):
    """a_i = [1 / n] + (x - mean)' (X'X + alpha)^-1 (x_i - mean)."""
    X = [[Fraction(float(value)) for value in row] for row in X]
    query = [Fraction(float(value)) for value in query]
    n, p = len(X), len(query)
    mean = [sum(column) / n if fit_intercept else Fraction(0) for column in zip(*X, strict=True)]
    X = [[a - m for a, m in zip(row, mean, strict=True)] for row in X]
    gram = [[sum(row[j] * row[k] for row in X) for k in range(p)] for j in range(p)]
    for j in range(p):
        gram[j][j] += Fraction(alpha)
    z = solved(gram, [[a - m] for a, m in zip(query, mean, strict=True)])
    constant = Fraction(1, n) if fit_intercept else Fraction(0)
    return [constant + sum(a * b[0] for a, b in zip(row, z, strict=True)) for row in X]


def naive_costs(weights, codes, n_classes):
    """The definition: the best label for each row, the largest gains first."""
    sums = [sum(a for a, c in zip(weights, codes, strict=True) if c == b) for b in range(n_classes)]
    p = max(set(codes), key=lambda b: (sums[b], -b))
    costs = []
    for b in range(n_classes):
        gains = [
            max(a * ((c == p) - (c == b)) - a * ((t == p) - (t == b)) for t in (p, b, -1))
            for a, c in zip(weights, codes, strict=True)
        ]
        left, taken = sums[p] - sums[b], 0
        for gain in sorted(gains, reverse=True)[: codes.count(p)]:
            if left <= 0:
                break
            left, taken = left - gain, taken + 1
        costs.append(0 if b == p else taken)
    return costs


@pytest.mark.parametrize("fit_intercept", [True, False])
@pytest.mark.parametrize("shape", [(9, 3), (4, 6)])
def test_exact_rationals(shape, fit_intercept):
    rng = np.random.default_rng(shape[0])
    ties, total = 0, 0
    for number in range(12):
        X, queries = rng.normal(size=shape), rng.normal(size=(5, shape[1]))
        if number % 3 == 0:  # small whole numbers, so that there are ties
            X, queries = np.round(X), np.round(queries)
        y = rng.integers(0, 3, shape[0])
        y[:3] = 0, 1, 2
        learner = StackedRidgeClassifier(0.25, fit_intercept=fit_intercept, store_rows=True)
        for dtype in (np.float64, np.float32):
            rows, asked = X.astype(dtype), queries.astype(dtype)
            voter = learner.fit(rows, y)
            weights, doubts = voter._label_weights()(asked)
            costs = voter.flip_costs(asked)
            for query, own, doubt, cost in zip(asked, weights, doubts, costs, strict=True):
                exact = exact_weights(rows, query, 0.25, fit_intercept)
                off = sum(abs(Fraction(float(a)) - e) for a, e in zip(own, exact, strict=True))
                assert off <= Fraction(float(doubt))
                assert doubt < (1e-8 if dtype == np.float64 else 0.1)
                expected = naive_costs(exact, y.tolist(), 3)
                assert (cost <= expected).all()
                if dtype == np.float64:
                    ties += (cost != expected).any()
                    total += 1
    assert ties <= total / 3  # those on small whole numbers, at most


@pytest.mark.parametrize("fit_intercept", [True, False])
@pytest.mark.parametrize("shape", [(6, 3), (2, 9)])
def test_exact_rationals_of_rows_with_copies(shape, fit_intercept):
    rng = np.random.default_rng(shape[1])
    ridge = StackedRidgeClassifier(0.25, fit_intercept=fit_intercept, store_rows=True)
    for dtype in (np.float64, np.float32):
        X, queries = rng.normal(size=(shape[0], 4, shape[1])), rng.normal(size=(5, shape[1]))
        X, queries = X.astype(dtype), queries.astype(dtype)
        voter = CopiesClassifier(ridge).fit(X, np.arange(len(X)) % 2).estimator_
        weights, doubts = voter._label_weights(n_copies=4)(queries)
        for query, own, doubt in zip(queries, weights, doubts, strict=True):
            of_rows = exact_weights(X.reshape(-1, shape[1]), query, 0.25, fit_intercept)
            exact = [sum(of_rows[4 * row : 4 * row + 4]) for row in range(len(X))]
            off = sum(abs(Fraction(float(a)) - e) for a, e in zip(own, exact, strict=True))
            assert off <= Fraction(float(doubt))
            assert doubt < (1e-8 if dtype == np.float64 else 0.5)


@pytest.mark.parametrize("far", [0, 10, 1000])
@pytest.mark.parametrize("shape", [(25, 3), (4, 6)])
def test_scores_of_two_classes_are_within_the_doubt(far, shape):
    """Also far from zero, where single precision loses most digits."""
    rng = np.random.default_rng(far)
    X = (rng.normal(size=shape) + far).astype(np.float32)
    y = np.arange(len(X)) % 2
    for alpha in (0.1, 10.0, 1e4):
        voter = StackedRidgeClassifier(alpha, store_rows=True).fit(X, y)
        scores, doubts = voter.decision_function(X), voter._label_weights()(X)[1]
        for query, score, doubt in zip(X[:4], scores, doubts, strict=False):
            weights = exact_weights(X, query, alpha, True)
            exact = sum(a if label else -a for a, label in zip(weights, y, strict=True))
            assert not abs(Fraction(float(score)) - exact) > doubt
            assert np.isfinite(doubt) or far


@settings(derandomize=True, deadline=None, max_examples=200)
@given(st.integers(0, 2**32 - 1), st.sampled_from([2, 3, 11]), st.booleans())
def test_flips_are_counted_as_defined(seed, n_classes, coarse):
    rng = np.random.default_rng(seed)
    n_rows = int(rng.integers(2, 30))
    weights = rng.normal(rng.normal(), 1, size=(4, n_rows))
    if coarse:
        weights = np.round(weights * 2) / 2
    codes = rng.integers(0, n_classes, n_rows)
    costs = count_flips(weights, np.zeros(4), codes, n_classes)
    expected = np.array(
        [naive_costs([Fraction(a) for a in own], codes.tolist(), n_classes) for own in weights]
    )
    assert (costs <= expected).all()
    if not coarse:
        np.testing.assert_array_equal(costs, expected)


@settings(derandomize=True, deadline=None, max_examples=50)
@given(st.integers(0, 2**32 - 1))
def test_doubt_never_raises_a_cost(seed):
    rng = np.random.default_rng(seed)
    weights, codes = rng.normal(0.3, 1, size=(5, 20)), rng.integers(0, 3, 20)
    doubts = np.sort(rng.random(2) * 3)
    less, more = (count_flips(weights, np.full(5, doubt), codes, 3) for doubt in doubts)
    assert (more <= less).all()
    for nothing in (np.inf, np.nan):
        assert (count_flips(weights, np.full(5, nothing), codes, 3) == 0).all()


# ---- the interface


@pytest.mark.parametrize("learner", LINEAR.values(), ids=LINEAR)
def test_the_predicted_class_costs_nothing_and_others_do(learner):
    voter = clone(learner).set_params(alpha=10.0).fit(DIGITS[:150], LABELS[:150])
    queries = DIGITS[1000:1200]
    costs = voter.flip_costs(queries)
    assert costs.dtype == np.int32
    np.testing.assert_array_equal(costs.argmin(axis=1), voter.predict(queries))
    assert ((costs == 0).sum(axis=1) == 1).all()
    assert np.median(costs[costs > 0]) > 1


def test_classes_that_no_row_has():
    X, y = DIGITS[:100], np.array(list("abcdefghij"))[LABELS[:100]]
    voter = StackedRidgeClassifier(10, store_rows=True).fit(X[y < "c"], y[y < "c"])
    classes = np.array(["a", "aa", "b", "z"])
    costs = voter.flip_costs(X, classes)
    np.testing.assert_array_equal(costs[:, [0, 2]], voter.flip_costs(X))
    assert costs[:, [1, 3]].min() >= 1
    np.testing.assert_array_equal(costs[:, 1], costs[:, 3])
    with pytest.raises(ValueError, match="classes must be sorted"):
        voter.flip_costs(X, ["a", "z"])


def test_it_is_offered_where_it_holds():
    ridge = StackedRidgeClassifier
    assert not hasattr(ridge(), "flip_costs")
    assert not hasattr(ridge(store_rows=True, class_weight="balanced"), "flip_costs")
    X, y = DIGITS[:50], LABELS[:50]
    assert ridge().fit(X, y).X_fit_ is None
    assert ridge(store_rows=True).fit(X, y).X_fit_ is not None
    for fitted in (
        ridge(store_rows=True).fit(csr_matrix(X), y),
        ridge(store_rows=True).fit(X, y, sample_weight=np.ones(50)),
    ):
        with pytest.raises(InvalidInputError, match="store_rows=True on dense rows"):
            fitted.flip_costs(X)


class MeanOfTheBatch(Augmentation):
    """Copies that follow from other rows."""

    def _augment(self, X, seeds):
        return X + X.mean(axis=0)


@pytest.mark.parametrize(
    "parameters",
    [
        {"augmentation": ColumnNoise()},
        {"augmentation": Compose([NOISE, ColumnNoise()])},
        {"augmentation": MeanOfTheBatch()},
        {"augmentation": Compose([NOISE, MeanOfTheBatch()])},
        {"estimator": None},
        {"estimator": StackedRidgeClassifier()},
        {"estimator": make_pipeline(StandardScaler(), LINEAR["ridge"])},
        {"estimator": LEARNERS["radius"]},
        {"estimator": LINEAR["rbf"], "test_time_augmentation": True},
    ],
    ids=str,
)
def test_copies_for_which_it_is_not_shown(parameters):
    assert hasattr(COPIES["augmented ridge"], "flip_costs")
    assert not hasattr(clone(COPIES["augmented ridge"]).set_params(**parameters), "flip_costs")


def test_functions_that_alter_a_row_are_believed():
    learner = AugmentedClassifier(LINEAR["ridge"], lambda row, random_state: -row)
    assert hasattr(learner, "flip_costs")


@pytest.mark.parametrize("learner", LINEAR.values(), ids=LINEAR)
@pytest.mark.parametrize("alpha", [0.0, 1e-16])
def test_without_a_penalty_nothing_is_said(learner, alpha):
    voter = clone(learner).set_params(alpha=alpha).fit(DIGITS[:50], LABELS[:50])
    assert (voter.flip_costs(DIGITS[:60]) == 0).all()


@pytest.mark.filterwarnings("ignore:overflow")
def test_numbers_that_overflow_prove_nothing():
    X = (DIGITS[:50] * 1e30).astype(np.float32)
    voter = StackedRidgeClassifier(1e30, store_rows=True).fit(X, LABELS[:50])
    assert (voter.flip_costs(X) == 0).all()
