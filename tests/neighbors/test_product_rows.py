"""Matrix products decide no pair without a proof: votes are those of exact distances."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sklearn_certify._compute.distances import (
    CHEBYSHEV,
    EUCLIDEAN,
    MANHATTAN,
    listed_distances,
    pair_distance,
)
from sklearn_certify.neighbors._search import TrainingRows, product_rows
from sklearn_certify.neighbors._search.certify_kernels import Vote
from sklearn_certify.neighbors._search.dense_rows import DenseRows
from sklearn_certify.neighbors._search.frame import choose_frame
from sklearn_certify.neighbors._search.product_rows import ProductRows, place_rows

DTYPES = [np.float32, np.float64]


@pytest.fixture(autouse=True)
def few_rows_take_products(monkeypatch):
    monkeypatch.setattr(product_rows, "_FEWEST_CELLS", 0)


def placed(rows, labels, dtype):
    """Rows in a frame, whether or not it decides much; None without a frame."""
    frame = choose_frame(rows, dtype, 300.0)
    return None if frame is None else ProductRows(rows, labels, labels.max() + 1, frame)


def exact_distance(row, query):
    """The squared distance, rounded as everywhere: feature after feature."""
    return pair_distance(EUCLIDEAN, row, query)


def assert_same_votes(rows, labels, queries, radii, dtype):
    product, dense = placed(rows, labels, dtype), DenseRows(rows, labels, EUCLIDEAN)
    if product is None:
        return
    n_classes, n_rows = labels.max() + 1, len(rows)
    for radius in radii:
        counts = np.zeros((2, len(queries), n_classes), np.int64)
        product.count_within(radius, queries, counts[0])
        dense.count_within(radius, queries, counts[1])
        np.testing.assert_array_equal(*counts)
    for k in {1, min(2, n_rows), n_rows // 3 + 1, n_rows}:
        counts = np.zeros((2, len(queries), n_classes), np.int64)
        product.count_nearest(k, queries, counts[0])
        dense.count_nearest(k, queries, counts[1])
        np.testing.assert_array_equal(*counts)
        for inserts, deletes in ((True, True), (True, False), (False, True)):
            vote = Vote(k, n_rows, n_classes, inserts, deletes, True)
            answers = np.empty((2, 2, len(queries)), np.int64)
            product.certify_nearest(vote, queries, *answers[0])
            dense.certify_nearest(vote, queries, *answers[1])
            np.testing.assert_array_equal(*answers)


def radii_at(rows, query):
    """Radii at distances that occur, to the last bit and beside it."""
    squares = [exact_distance(row, query) for row in rows[:: max(len(rows) // 5, 1)]]
    for radius in np.sqrt(squares):
        yield from (float(radius), float(np.nextafter(radius, 0)), float(np.nextafter(radius, 9e9)))


@pytest.mark.parametrize("dtype", DTYPES)
@settings(max_examples=120, deadline=None, derandomize=True)
@given(data=st.data())
def test_votes_on_adversarial_rows(dtype, data):
    n_features = data.draw(st.sampled_from([1, 3, 8, 9, 40, 130]))
    seed = data.draw(st.integers(0, 2**32 - 1))
    rng = np.random.default_rng(seed)
    n_rows, n_queries = data.draw(st.integers(1, 80)), data.draw(st.integers(1, 70))
    size = (n_rows, n_features)
    kind = data.draw(
        st.sampled_from(
            ["normal", "whole", "large whole", "near ties", "twice", "clusters", "scales", "far"]
        )
    )
    if kind in ("whole", "near ties"):
        rows = rng.integers(0, 4, size).astype(float)
    elif kind == "large whole":
        rows = rng.integers(-(2**20), 2**20, size).astype(float)
    else:
        rows = rng.normal(size=size)
    if kind == "near ties":  # many distances differ in their last bits only
        rows += rng.integers(-2, 3, size) * 2.0**-50
    if kind == "twice":
        rows = rows[rng.integers(0, min(3, n_rows), n_rows)]
    if kind == "clusters":
        rows = 1e-6 * rows + 1e3 * rng.normal(size=(3, n_features))[rng.integers(0, 3, n_rows)]
    if kind == "scales":
        rows *= 10.0 ** rng.integers(-9, 9, n_features)
    if kind == "far":
        rows[:: max(n_rows // 3, 1)] *= 10.0 ** rng.integers(0, 100)
    rows += data.draw(st.sampled_from([0.0, 0.0, 1e3, 1e12, -(2.0**53)]))
    rows *= 2.0 ** data.draw(st.sampled_from([0, 0, -300, 300]))
    queries = rows[rng.integers(0, n_rows, n_queries)]
    queries[1::3] = np.roll(queries[1::3], 1, axis=1)
    queries[2::3] += queries[2::3] * rng.normal(size=queries[2::3].shape)
    queries[:1] *= data.draw(st.sampled_from([1.0, 1.0, 1e4, 2.0**50, 1e99]))
    queries = np.clip(queries, -1e300, 1e300)
    labels = rng.integers(0, 3, n_rows)
    assert_same_votes(rows, labels, queries, radii_at(rows, queries[-1]), dtype)


@pytest.mark.parametrize("kind", ["normal", "offset", "far", "one far", "clusters", "whole"])
@pytest.mark.parametrize("dtype", DTYPES)
def test_codes_are_as_near_to_distances_as_they_claim(dtype, kind):
    """Against distances of rational numbers, and of doubles."""
    rng = np.random.default_rng(0)
    rows, queries = rng.normal(size=(60, 150)), rng.normal(size=(5, 150))
    if kind == "offset":
        rows, queries = rows + 1e4, queries + 1e4
    if kind == "far":
        queries *= 10.0 ** np.array([[0], [3], [6], [9], [12]])
    if kind == "one far":  # whose exact distances are rounded most
        rows, queries = rng.normal(size=(9, 5000)), np.full((1, 5000), 1e12 / 3)
    if kind == "clusters":
        rows += 50 * rng.normal(size=(2, 150))[rng.integers(0, 2, 60)]
    if kind == "whole":
        rows, queries = np.rint(20 * rows), np.rint(20 * queries)
    product = placed(rows, np.zeros(len(rows), int), dtype)
    coded, bounds = product.code_queries(queries)
    table = np.empty((len(queries), len(product._squares)), np.int32)
    product._write_codes(coded, table)
    assert (bounds.errors == 0).all() == (kind == "whole")
    for sample, query in enumerate(queries):
        for column in range(product.columns.label_starts[-1]):
            position = product.columns.positions[column]
            pairs = zip(rows[position].tolist(), query.tolist(), strict=True)
            true = sum((Fraction(a) - Fraction(b)) ** 2 for a, b in pairs)
            code = int(table[sample, column])
            claimed = Fraction(bounds.offsets[sample]) + Fraction(bounds.steps[sample]) * code
            for distance in (true, Fraction(exact_distance(rows[position], query))):
                assert abs(distance - claimed) <= Fraction(bounds.errors[sample])


def test_only_whole_numbers_are_placed_without_error():
    rows = np.random.default_rng(7).integers(0, 9, (30, 5)).astype(float)
    assert not choose_frame(rows, np.float32, 300.0).place(rows).errors.any()
    for scale in (0.1, 1e-60, 1e60):
        frame = choose_frame(rows * scale, np.float32, 300.0)
        center = np.ldexp(frame.center, frame.exponent)
        assert frame.place(np.vstack([rows * scale, center])).errors.all()


@pytest.mark.parametrize(
    ("scale", "dtype", "exact"),
    [(127, np.float32, True), (400, np.float32, False), (400, np.float64, True)],
)
def test_whole_numbers_are_exact_while_their_sums_are(scale, dtype, exact):
    rng = np.random.default_rng(1)
    rows = rng.integers(-scale, scale + 1, (200, 300)).astype(float)
    frame = choose_frame(rows, dtype, 400.0)
    product = ProductRows(rows, np.zeros(200, int), 1, frame)
    bounds = product.code_queries(rows[:9])[1]
    assert (bounds.errors == 0).all() == exact and frame.exponent == 0
    assert product.code_queries(rows[:9] + 0.5)[1].errors.all()
    assert product.code_queries(rows[:9] * 1000)[1].errors.all()


def test_the_rows_decide_which_products_are_used():
    rng = np.random.default_rng(2)
    labels = np.zeros(900, int)
    normal = rng.normal(size=(900, 20))
    clusters = 1e-3 * normal + rng.normal(size=(5, 20))[rng.integers(0, 5, 900)]
    pixels = rng.integers(0, 256, (900, 20)).astype(float)
    for rows, dtype in (
        (normal, np.float32),
        (normal + 1e6, np.float32),
        (pixels, np.float32),
        (clusters, np.float64),
    ):
        assert place_rows(rows, labels, 1).frame.dtype == dtype
    two_clusters = 1e-3 * normal + 1e8 * np.sign(normal[:, :1])
    for rows in (two_clusters, 1e200 * normal, np.full((900, 20), 0.3)):
        assert place_rows(rows, labels, 1) is None
        kind = TrainingRows(rows, labels, 1, "euclidean", None)._all_rows
        assert isinstance(kind, DenseRows)


def test_few_rows_are_not_placed(monkeypatch):
    monkeypatch.undo()
    rows = np.random.default_rng(8).normal(size=(9000, 30))
    for n_rows, kind in ((8000, DenseRows), (9000, ProductRows)):
        training = TrainingRows(rows[:n_rows], np.zeros(n_rows, int), 1, "euclidean", None)
        assert isinstance(training._all_rows, kind)


def test_products_decide_most_pairs():
    rng = np.random.default_rng(3)
    rows, queries = rng.random((3000, 200)), rng.random((20, 200))
    product = place_rows(rows, np.zeros(3000, int), 1)
    bounds = product.code_queries(queries)[1]
    squares = ((queries[:, None] - rows) ** 2).sum(axis=2)
    undecided = np.abs(squares - np.median(squares)) <= 2 * bounds.errors[:, None]
    assert 0 < undecided.mean() < 0.002


@pytest.mark.parametrize("dtype", DTYPES)
def test_many_rows_queries_and_features(dtype, monkeypatch):
    """Several blocks, sums, passes and tables; classes that end within a block; far rows."""
    monkeypatch.setattr(product_rows, "queries_of_a_wide_table", lambda n_rows: 12)
    rng = np.random.default_rng(4)
    rows, queries = rng.normal(size=(1300, 270)), rng.normal(size=(150, 270))
    rows[7], rows[100:104] = 1e6, 1e60
    labels = rng.integers(0, 6, 1300) ** 2 % 7
    assert len(placed(rows, labels, dtype).outliers) == 5
    assert len(placed(rows, labels, dtype)._blocks) > 2
    assert_same_votes(rows, labels, queries, (20.0, 23.0, 1e9), dtype)


def test_queries_of_which_products_say_nothing():
    rng = np.random.default_rng(5)
    rows, labels = rng.normal(size=(100, 30)), rng.integers(0, 2, 100)
    queries = rows[:4] * [[1.0], [1e20], [1e160], [1e300]]
    errors = placed(rows, labels, np.float32).code_queries(queries)[1].errors
    assert np.isinf(errors).tolist() == [False, True, True, True]
    assert_same_votes(rows, labels, queries, (5.0, 1e20, 1e21, np.inf), np.float32)


@pytest.mark.parametrize("metric", [MANHATTAN, EUCLIDEAN, CHEBYSHEV])
def test_distances_of_listed_rows_are_those_of_pairs(metric):
    rng = np.random.default_rng(6)
    rows, query = rng.normal(size=(50, 33)), rng.normal(size=33)
    positions = rng.permutation(50)
    for n_listed in (0, 1, 4, 11):
        listed = rng.permutation(50)[:n_listed]
        distances = np.empty(n_listed + 2)
        listed_distances(metric, rows, positions, listed, query, distances)
        expected = [pair_distance(metric, rows[positions[i]], query) for i in listed]
        assert distances[:n_listed].tolist() == expected
