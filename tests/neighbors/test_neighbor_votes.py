"""Votes are those of a plain computation, bit for bit, however the work is cut up."""

from copy import copy

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import config
from sklearn.metrics import DistanceMetric

from sklearn_certify.certificates import knn_radius
from sklearn_certify.neighbors import CertifiedKNN, CertifiedRNN
from sklearn_certify.neighbors._search import (
    METRICS,
    TrainingRows,
    batches,
    product_rows,
    tree_of_rows,
)
from sklearn_certify.neighbors._search.coded_rows import CodedRows
from sklearn_certify.neighbors._search.dense_rows import DenseRows
from sklearn_certify.neighbors._search.metrics import (
    CHEBYSHEV,
    EUCLIDEAN,
    MANHATTAN,
    comparable_radius,
    compiled_metric,
    compiled_name,
)
from sklearn_certify.neighbors._search.selection import N_COUNTERS, kth_smallest, rank
from sklearn_certify.partition import canonical_order, hash_labels, hash_rows
from sklearn_certify.threat import find_threat_model

COMPILED = ["manhattan", "euclidean", "chebyshev"]
EVERY_METRIC = [
    *COMPILED,
    *("l1", "l2", "cityblock", "infinity", "canberra", "braycurtis", "hamming", "minkowski"),
    ("minkowski", {"p": 1}),
    ("p", {"p": np.inf}),
    ("minkowski", {"p": 3}),
    ("seuclidean", {"V": np.arange(1.0, 8.0)}),
    ("mahalanobis", {"VI": np.eye(7)}),
]
ALIASES = {"l1": "manhattan", "cityblock": "manhattan", "l2": "euclidean", "infinity": "chebyshev"}


@pytest.fixture(autouse=True)
def few_rows_take_products(monkeypatch):
    monkeypatch.setattr(product_rows, "_FEWEST_CELLS", 0)


def reference_distances(metric, queries, rows):
    """Feature after feature, as plain as can be; Euclidean distances squared."""
    total = np.zeros((len(queries), len(rows)))
    with np.errstate(over="ignore"):
        for feature in range(rows.shape[1]):
            difference = np.abs(queries[:, feature][:, None] - rows[:, feature])
            if metric == "manhattan":
                total += difference
            elif metric == "euclidean":
                total += difference * difference
            else:
                total = np.maximum(total, difference)
    return total


def reference_order(distances, X, y):
    """Training rows, nearest first; ties by the hash of the row, then of the label."""
    position = np.empty(len(X), dtype=int)
    position[canonical_order(hash_rows(X), hash_labels(y))] = np.arange(len(X))
    return np.array([np.lexsort((position, row)) for row in distances])


def reference_counts(y, order, k):
    return np.array([np.bincount(y[row[:k]], minlength=y.max() + 1) for row in order])


def reference_radii(y, order, k, threat_model):
    """Radii of the labels in order, of as many as the classifier looks at."""
    reserve = 0 if threat_model == "insert" else k // 2 + 2
    n_columns = len(y) if threat_model == "delete" else min(k + reserve, len(y))
    labels = y[order[:, :n_columns]]
    return knn_radius(labels, k, y.max() + 1, threat_model=threat_model, n_rows=len(y))


def assert_same_radii(rows, other, queries, k, phantom=True):
    """Two kinds of rows certify alike, against each attacker and however far they look."""
    for threat_model in ("insert", "delete", "insert_delete"):
        attacker = find_threat_model(threat_model)
        for n_ranked in {min(k, len(rows.rows)), min(2 * k, len(rows.rows)), len(rows.rows)}:
            arguments = queries, k, n_ranked, attacker, phantom
            expected = other.certify_nearest(*arguments)
            np.testing.assert_array_equal(rows.certify_nearest(*arguments), expected)


def with_exact_distances(rows):
    """The same training rows without any codes."""
    exact = copy(rows)
    exact._all_rows, exact._tree = DenseRows(rows.rows, rows.labels, rows._compiled), None
    return exact


def rows_and_queries(kind, rng, n=230, n_queries=17, n_features=7):
    """Training rows and queries of many kinds, all of which the kernels must count alike."""
    X = rng.normal(size=(n, n_features))
    if kind == "integers":
        X = rng.integers(0, 4, size=(n, n_features)).astype(float)
    elif kind == "almost integers":
        X = rng.integers(0, 30, size=(n, 61)).astype(float)
        queries = X[rng.integers(0, n, size=n_queries)]
        return X, queries + rng.integers(-9, 9, size=queries.shape) * 2.0**-49
    elif kind == "integers from afar":
        X = rng.integers(0, 30, size=(n, 3)).astype(float)
        return X, X[:n_queries] + 10.0 ** np.arange(n_queries)[:, None]
    elif kind == "duplicates":
        X = X[rng.integers(0, 12, size=n)]
    elif kind == "one value":
        X = np.full((n, n_features), 0.3)
    elif kind == "constant features":
        X[:, 1:4] = [7.0, -1e5, 0.1]
    elif kind == "huge":
        X *= 1e300
    elif kind == "tiny":
        X *= 1e-300
    elif kind == "subnormal":
        X *= 1e-312
    elif kind == "mixed":
        X *= 10.0 ** rng.integers(-300, 300, size=n_features)
    elif kind == "overflowing":
        X = rng.choice([-1.7e308, 1.7e308, 1.0], size=(n, n_features))
    elif kind == "far off":
        X += 1e9
    elif kind == "outliers":
        X[rng.integers(0, n, size=20)] *= 1e6
    elif kind == "heavy tails":
        X = rng.standard_cauchy(size=(n, n_features)) ** 3
    elif kind == "one feature":
        X = X[:, :1]
    elif kind == "many features":
        X = rng.normal(size=(n, 61))
    queries = X[rng.integers(0, n, size=n_queries)].copy()
    with np.errstate(over="ignore"):
        queries[5:] += queries[5:] * rng.normal(size=queries[5:].shape) * 1e-3
        queries[-2:] *= 3.0
    return X, np.nan_to_num(queries)


KINDS = (
    *(
        "normal",
        "integers",
        "almost integers",
        "duplicates",
        "one value",
        "constant features",
        "huge",
        "tiny",
    ),
    *("subnormal", "mixed", "overflowing", "far off", "outliers", "heavy tails"),
    *("one feature", "many features"),
)


@pytest.mark.filterwarnings("ignore:invalid value encountered in reduce")  # by scikit-learn
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("metric", COMPILED)
def test_votes_are_those_of_a_plain_computation(metric, kind):
    rng = np.random.default_rng(0)
    X, queries = rows_and_queries(kind, rng)
    y = rng.integers(0, 3, size=len(X))
    distances = reference_distances(metric, queries, X)
    # radii that equal a distance, and their neighbours among the doubles
    for radius in np.quantile(distances[0], [0, 0.02, 0.3, 0.7], method="nearest"):
        for limit in (radius, np.nextafter(radius, 0), np.nextafter(radius, np.inf)):
            r = np.sqrt(limit) if metric == "euclidean" else limit
            within = np.sqrt(distances) <= r if metric == "euclidean" else distances <= r
            expected = np.array([np.bincount(y[row], minlength=3) for row in within])
            counts = CertifiedRNN(r, metric).fit(X, y).vote_counts(queries)
            np.testing.assert_array_equal(counts, expected)
    order = reference_order(distances, X, y)
    classifier = CertifiedKNN(metric=metric).fit(X, y)
    for k in (1, 2, 9, 100, len(X) - 1, len(X), 3 * len(X)):
        counts = classifier.set_params(n_neighbors=k).vote_counts(queries)
        np.testing.assert_array_equal(counts, reference_counts(y, order, k))
    for threat_model in ("insert", "delete", "insert_delete"):
        for k in (1, 9, 100, len(X), 3 * len(X)):
            labels, radii = classifier.set_params(
                n_neighbors=k, threat_model=threat_model
            ).predict_certified(queries)
            expected = reference_radii(y, order, k, threat_model)
            np.testing.assert_array_equal((labels, radii), expected)


@pytest.mark.filterwarnings("ignore:invalid value encountered in reduce")  # by scikit-learn
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("metric", ["l1", "euclidean", "infinity"])
def test_a_tree_changes_no_vote(metric, kind, monkeypatch):
    rng = np.random.default_rng(9)
    X, queries = rows_and_queries(kind, rng, n_features=5)
    X, queries = X[:, :2].copy(), queries[:, :2].copy()
    y = np.sort(rng.integers(0, 3, size=len(X)))
    without = TrainingRows(X, y, 3, metric, None)
    monkeypatch.setattr(tree_of_rows, "_ROWS_FOR_TWO_FEATURES", 1)
    monkeypatch.setattr(
        tree_of_rows, "_SMALL_SHARE", 3
    )  # the tree leaves some queries to the kernels
    monkeypatch.setattr(tree_of_rows, "_QUERIES_AT_A_TIME", 7)
    monkeypatch.setattr(tree_of_rows, "_CANDIDATES_AT_A_TIME", 60)
    tree = TrainingRows(X, y, 3, metric, None)
    assert tree._tree is not None and without._tree is None
    distances = reference_distances(ALIASES.get(metric, metric), queries, X)
    for radius in np.quantile(distances, [0, 0.01, 0.2, 0.9], method="nearest"):
        radius = np.sqrt(radius) if metric == "euclidean" else radius
        expected = without.count_within(queries, radius)
        np.testing.assert_array_equal(tree.count_within(queries, radius), expected)
    for k in (1, 8, 60, len(X)):
        expected = without.count_nearest(queries, k)
        np.testing.assert_array_equal(tree.count_nearest(queries, k), expected)
        assert_same_radii(tree, without, queries, k)


@pytest.mark.parametrize("metric", EVERY_METRIC, ids=str)
def test_distances_agree_with_scikit_learn(metric):
    name, parameters = metric if isinstance(metric, tuple) else (metric, {})
    rng = np.random.default_rng(1)
    X, queries = rows_and_queries("normal", rng, n=90)
    y = rng.integers(0, 3, size=len(X))
    distances = DistanceMetric.get_metric(name, **parameters).pairwise(queries, X)
    order = reference_order(np.round(distances, 10), X, y)
    classifier = CertifiedKNN(10, name, metric_params=parameters).fit(X, y)
    np.testing.assert_array_equal(classifier.vote_counts(queries), reference_counts(y, order, 10))
    radius = np.median(distances)
    counts = CertifiedRNN(radius, name, metric_params=parameters).fit(X, y).vote_counts(queries)
    # rounding may move pairs that lie at the radius, where there is more than one such pair
    sure = np.abs(distances - radius) > 1e-9 * radius
    low = np.array([np.bincount(y[row], minlength=3) for row in sure & (distances < radius)])
    high = low + np.array([np.bincount(y[row], minlength=3) for row in ~sure])
    assert (low <= counts).all() and (counts <= high).all()


def test_every_metric_has_a_name_that_scikit_learn_knows():
    parameters = {
        "seuclidean": {"V": np.ones(2)},
        "mahalanobis": {"VI": np.eye(2)},
        "minkowski": {"p": 3},
        "p": {"p": 3},
    }
    X, y = np.array([[0.0, 1.0], [1.0, 1.0], [0.0, 0.5]]), [0, 1, 1]
    for metric in METRICS:
        classifier = CertifiedKNN(2, metric, metric_params=parameters.get(metric)).fit(X, y)
        assert classifier.vote_counts(X).sum() == 6


def test_minkowski_is_the_metric_that_its_parameter_names():
    expected = {None: EUCLIDEAN, 1: MANHATTAN, 2.0: EUCLIDEAN, np.inf: CHEBYSHEV, 3: None}
    for p, number in expected.items():
        assert compiled_metric("minkowski", None if p is None else {"p": p}) == number
    assert compiled_metric("minkowski", {"p": 2, "w": np.ones(3)}) is None
    for metric in METRICS[:7]:
        number = compiled_metric(metric, {})
        assert compiled_metric(compiled_name(number), None) == number


def half_manhattan(a, b):
    return np.abs(a - b).sum() / 2


def test_a_function_may_be_the_metric():
    rng = np.random.default_rng(2)
    X, y = rng.integers(0, 9, size=(40, 3)).astype(float), rng.integers(0, 3, size=40)
    for builtin, own in (
        (CertifiedRNN(4.0), CertifiedRNN(2.0, half_manhattan)),
        (CertifiedKNN(7), CertifiedKNN(7, half_manhattan)),
    ):
        expected = builtin.fit(X, y).predict_certified(X)
        np.testing.assert_array_equal(own.fit(X, y).predict_certified(X), expected)


def test_distances_that_are_no_number_are_the_farthest():
    def sometimes_nan(a, b):
        return float("nan") if b[0] > 5 else abs(a[0] - b[0])

    X, y = np.arange(10.0).reshape(-1, 1), np.arange(10) % 2
    assert CertifiedKNN(6, sometimes_nan).fit(X, y).vote_counts([[9.0]]).tolist() == [[3, 3]]
    assert CertifiedRNN(1e9, sometimes_nan).fit(X, y).vote_counts([[9.0]]).sum() == 6


@pytest.mark.parametrize("metric", [*COMPILED, "canberra"])
@pytest.mark.parametrize("kind", ["normal", "duplicates", "integers", "one value", "outliers"])
def test_votes_do_not_depend_on_order_type_batch_or_threads(metric, kind, monkeypatch):
    rng = np.random.default_rng(3)
    X, queries = rows_and_queries(kind, rng, n=600, n_queries=40)
    X, queries = X.astype(np.float32), queries.astype(np.float32)
    y = rng.integers(0, 5, size=len(X))
    radius = float(np.median(DistanceMetric.get_metric(metric).pairwise(queries[:3], X)))
    for classifier in (CertifiedKNN(50, metric), CertifiedRNN(radius, metric, outlier_label=-1)):
        monkeypatch.undo()
        classifier.fit(X, y)
        counts = classifier.vote_counts(queries)
        labels, radii = classifier.predict_certified(queries)
        single = np.vstack([classifier.vote_counts(query[None]) for query in queries])
        np.testing.assert_array_equal(single, counts)
        shuffled = rng.permutation(len(X))
        wide = np.asfortranarray(X[shuffled], dtype=np.float64)
        monkeypatch.setattr(config, "NUMBA_NUM_THREADS", 4)
        monkeypatch.setattr(batches, "_DISTANCES_AT_A_TIME", 1)  # a query is worth a thread
        for n_jobs in (None, 1, 2, -1):
            other = classifier.set_params(n_jobs=n_jobs).fit(wide, y[shuffled])
            np.testing.assert_array_equal(other.vote_counts(queries.astype(float)), counts)
        np.testing.assert_array_equal(other.predict_certified(queries)[0], labels)
        np.testing.assert_array_equal(other.predict_certified(queries)[1], radii)


@pytest.mark.parametrize("metric", COMPILED)
def test_integers_and_doubles_are_the_same_rows(metric):
    rng = np.random.default_rng(4)
    X, y = rng.integers(-50, 50, size=(300, 5)), rng.integers(0, 3, size=300)
    for classifier in (CertifiedKNN(31, metric), CertifiedRNN(70, metric, outlier_label=0)):
        expected = classifier.fit(X, y).vote_counts(X[:50])
        for kind in (np.int16, np.float32, np.float64):
            counts = classifier.fit(X.astype(kind), y).vote_counts(X[:50].astype(kind))
            np.testing.assert_array_equal(counts, expected)


def test_codes_and_doubles_count_alike_on_many_rows():
    """More rows than a block has lanes, classes that end within a block, several chunks."""
    rng = np.random.default_rng(5)
    X, y = rng.gamma(0.4, size=(5000, 11)), rng.integers(0, 6, size=5000) ** 2 % 7
    queries = rng.gamma(0.4, size=(60, 11))
    rows = TrainingRows(X, y, 7, "manhattan", None)
    assert isinstance(rows._all_rows, CodedRows) and len(rows._all_rows.blocks) > 2
    exact = with_exact_distances(rows)
    distances = reference_distances("manhattan", queries, X)
    order = np.argsort(distances, axis=1, kind="stable")
    for k in (1, 70, 2500, 5000):
        expected = np.array([np.bincount(y[row[:k]], minlength=7) for row in order])
        np.testing.assert_array_equal(rows.count_nearest(queries, k), expected)
        assert_same_radii(rows, exact, queries, k)
    for radius in np.quantile(distances, [0.001, 0.1, 0.5, 0.99]):
        within = distances <= radius
        expected = np.array([np.bincount(y[row], minlength=7) for row in within])
        np.testing.assert_array_equal(rows.count_within(queries, radius), expected)


def test_codes_decide_most_pairs():
    rng = np.random.default_rng(6)
    X, queries = rng.random((2000, 30)), rng.random((20, 30))
    coded = TrainingRows(X, np.zeros(2000, dtype=int), 1, "manhattan", None)._all_rows
    certain, possible = coded.code_queries(queries)[1].limits(9.0)
    distances = reference_distances("manhattan", queries, X)
    near = np.abs(distances - 9.0) <= (possible - certain)[:, None] * coded.grid.step
    assert 0 < near.mean() < 0.01


@pytest.mark.parametrize("wild", ["a row", "heavy tails"])
def test_codes_that_decide_too_little_are_not_used(wild):
    """A row far away in the sample must not slow down all others, nor change what they count."""
    rng = np.random.default_rng(8)
    X, y = rng.random((2000, 20)), rng.integers(0, 3, size=2000)
    assert isinstance(TrainingRows(X, y, 3, "manhattan", None)._all_rows, CodedRows)
    X = rng.standard_cauchy((2000, 20)) if wild == "heavy tails" else X
    X[7] *= 1e4 if wild == "a row" else 1
    rows = TrainingRows(X, y, 3, "manhattan", None)
    assert isinstance(rows._all_rows, DenseRows)
    distances = reference_distances("manhattan", X[:9], X)
    radius = np.quantile(distances, 0.1)
    expected = np.array([np.bincount(y[row], minlength=3) for row in distances <= radius])
    np.testing.assert_array_equal(rows.count_within(X[:9], radius), expected)


@pytest.mark.parametrize("integers", [True, False])
def test_few_far_rows_do_not_make_the_codes_coarse(integers):
    rng = np.random.default_rng(7)
    X = rng.integers(0, 5, size=(3000, 3)) if integers else rng.random((3000, 3))
    X, y = X.astype(float), rng.integers(0, 4, size=3000)
    X[2000:2010] += 200
    rows = TrainingRows(X, y, 4, "manhattan", None)
    coded = rows._all_rows
    assert coded.grid.step < 1e-2 and len(coded.outliers) == 10
    # among the rows, among the outliers, and between, where both are about as far
    queries = np.vstack([X[:5], X[2000:2005], np.full(3, 102.0), np.full(3, 101.0)])
    exact = with_exact_distances(rows)
    distances = reference_distances("manhattan", queries, X)
    order = np.argsort(distances, axis=1, kind="stable")
    for k in (1, 5, 10, 14, 2000, 2995, 3000):
        expected = np.array([np.bincount(y[row[:k]], minlength=4) for row in order])
        np.testing.assert_array_equal(rows.count_nearest(queries, k), expected)
        assert_same_radii(rows, exact, queries, k)
    for radius in (0.0, 0.5, 3.0, 300.0, distances[-1, 2003]):
        expected = np.array([np.bincount(y[row], minlength=4) for row in distances <= radius])
        np.testing.assert_array_equal(rows.count_within(queries, radius), expected)


def test_exact_codes_need_no_doubles():
    X = np.random.default_rng(8).integers(0, 256, size=(500, 20)).astype(float)
    coded = TrainingRows(X, np.zeros(500, dtype=int), 1, "manhattan", None)._all_rows
    assert not coded.code_queries(X)[1].margins().any()
    assert coded.code_queries(X + 0.001)[1].margins().all()


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    st.lists(st.integers(0, 2**62), min_size=1, max_size=60)
    | st.lists(st.integers(5, 8), min_size=1, max_size=60)
)
def test_kth_smallest(values):
    array = np.array(values)
    room = np.empty_like(array), np.empty(N_COUNTERS, np.int64)
    found = [kth_smallest(array, k, *room) for k in range(1, len(values) + 1)]
    assert found == sorted(values)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.lists(st.integers(0, 4), min_size=1, max_size=50), st.randoms(use_true_random=False))
def test_rank_by_distance_then_position(distances, random):
    positions = np.array(random.sample(range(100), len(distances)))
    distances = np.array(distances, dtype=float)
    expected = np.lexsort((positions, distances))
    np.testing.assert_array_equal(rank(distances, positions), expected)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.floats(0, allow_nan=False))
def test_squares_within_a_radius(radius):
    square = comparable_radius(EUCLIDEAN, radius)
    with np.errstate(over="ignore"):
        assert np.sqrt(square) <= radius
        assert square == np.inf or np.sqrt(np.nextafter(square, np.inf)) > radius
