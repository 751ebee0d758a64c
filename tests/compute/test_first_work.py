"""Small work is NumPy's, and gives what the kernels give."""

from contextlib import contextmanager

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sklearn_certify import (
    BaggingCertifiedClassifier,
    CertifiedKNN,
    CertifiedRNN,
    DPAClassifier,
    FiniteAggregationClassifier,
)
from sklearn_certify._compute.distances import (
    CHEBYSHEV,
    EUCLIDEAN,
    MANHATTAN,
    distances_by_numpy,
    pair_distance,
)
from sklearn_certify._compute.first_work import FirstWork
from sklearn_certify._rows.mixing import column_keys, hash_cells, hash_cells_by_numpy
from sklearn_certify.certificates._margins import _count, _count_by_numpy
from sklearn_certify.certificates._neighbor_kernels import largest_safe_budgets
from sklearn_certify.certificates._numpy_neighbors import largest_safe_budgets_by_numpy
from sklearn_certify.certificates._numpy_overlap import theorem_2_radii_by_numpy
from sklearn_certify.certificates.overlap import overlap_radius
from sklearn_certify.neighbors._search import training_rows
from sklearn_certify.neighbors._search.training_rows import TrainingRows
from sklearn_certify.threat import find_threat_model

FEW = settings(max_examples=60, deadline=None)
CELLS = st.sampled_from([0.0, -0.0, 0.1, 0.2, 0.3, -1.5, 7.0, 1e-308, 1e154, -1.7e308, 1.7e308])
TAKES = FirstWork.takes  # before a fixture replaces it


@contextmanager
def numpy_alone():
    """Let NumPy do all that it can do in the place of kernels."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(FirstWork, "takes", lambda self, n_operations: True)
        yield patch


@st.composite
def tables(draw):
    """Draw rows with labels, and queries, of cells that tie, vanish and overflow."""
    n_rows, n_features = draw(st.integers(1, 40)), draw(st.integers(1, 19))
    cells = draw(st.sampled_from([CELLS, st.integers(-3, 3).map(float)]))
    rows = draw(arrays(float, (n_rows, n_features), elements=cells))
    queries = draw(arrays(float, (draw(st.integers(1, 5)), n_features), elements=cells))
    n_classes = draw(st.integers(1, 4))
    return rows, draw(arrays(np.int64, n_rows, elements=st.integers(0, n_classes - 1))), queries


@pytest.mark.parametrize("metric", [MANHATTAN, EUCLIDEAN, CHEBYSHEV])
@FEW
@given(tables())
def test_distances_are_those_of_kernels(metric, table):
    rows, _, queries = table
    expected = [[pair_distance(metric, row, query) for row in rows] for query in queries]
    assert np.array_equal(distances_by_numpy(metric, rows, queries), expected)


@pytest.mark.parametrize("metric", ["manhattan", "euclidean", "chebyshev"])
@FEW
@given(tables(), st.data())
def test_votes_of_rows_and_their_radii_are_those_of_kernels(metric, table, data):
    rows, labels, queries = table
    n_classes = labels.max() + 1 + data.draw(st.integers(0, 1), "unseen classes")
    both = TrainingRows(rows, labels, n_classes, metric, None)
    n_nearest = data.draw(st.integers(1, len(rows)), "n_nearest")
    n_ranked = data.draw(st.integers(n_nearest, len(rows)), "n_ranked")
    n_neighbors = n_nearest + data.draw(st.sampled_from([0, 0, 5])) * (n_ranked == len(rows))
    radius = data.draw(st.sampled_from([0.0, 0.1, 1.0, 3.0, 3.5, np.inf]), "radius")
    attacker = find_threat_model(data.draw(st.sampled_from(["insert", "delete", "insert_delete"])))
    phantom = data.draw(st.booleans(), "phantom")

    def ask():
        return (
            both.count_within(queries, radius),
            both.count_nearest(queries, n_nearest),
            *both.certify_nearest(queries, n_neighbors, n_ranked, attacker, phantom),
        )

    by_kernels = ask()
    with numpy_alone() as patch:
        # the rows compared with are not asked
        patch.setattr(both, "_all_rows", None)
        patch.setattr(both, "_tree", None)
        by_numpy = ask()
    for one, other in zip(by_kernels, by_numpy, strict=True):
        assert np.array_equal(one, other)


@FEW
@given(st.data())
def test_budgets_of_labels_in_order_are_those_of_the_kernel(data):
    n_columns, n_classes = data.draw(st.integers(1, 12)), data.draw(st.integers(1, 4))
    labels = data.draw(
        arrays(np.int8, (data.draw(st.integers(0, 4)), n_columns), elements=st.integers(0, 3))
    ) % np.int8(n_classes)
    n_rows = data.draw(st.integers(n_columns, n_columns + 2))
    most = n_columns if n_rows > n_columns else n_columns + 3
    setting = data.draw(st.integers(1, most)), n_rows, n_classes
    may = data.draw(st.sampled_from([(True, False), (False, True), (True, True)]))
    for phantom in [False, True]:
        expected, found = np.empty((2, 2, len(labels)), np.int64)
        largest_safe_budgets(labels, *setting, *may, phantom, *expected)
        largest_safe_budgets_by_numpy(labels, *setting, *may, phantom, *found)
        assert np.array_equal(found, expected)


@FEW
@given(st.data())
def test_radii_of_voters_that_share_rows_are_those_of_the_kernel(data):
    n_voters, n_classes = data.draw(st.integers(1, 9)), data.draw(st.integers(1, 4))
    votes = data.draw(
        arrays(
            np.int8,
            (data.draw(st.integers(0, 4)), n_voters),
            elements=st.integers(-1, n_classes - 1),
        )
    )
    offsets = data.draw(st.lists(st.integers(0, n_voters - 1), min_size=1, unique=True))
    spread = (np.arange(n_voters)[:, None] + offsets) % n_voters
    spread = spread[: data.draw(st.integers(1, n_voters))]
    phantom = data.draw(st.booleans())
    expected = overlap_radius(votes, spread, n_classes, phantom=phantom)
    with numpy_alone():
        found = overlap_radius(votes, spread, n_classes, phantom=phantom)
    assert np.array_equal(found, expected)


def test_no_lead_survives_a_partition_that_reaches_all_voters():
    votes, predicted, radius = np.zeros((1, 3), np.int8), np.zeros(1, np.int64), np.empty(1, int)
    gaps = np.array([[np.iinfo(np.int64).max, 2]])
    theorem_2_radii_by_numpy(votes, predicted, gaps, np.array([[0, 1], [1, 2]]), radius)
    assert radius[0] == 0  # each of the two takes four


@FEW
@given(
    arrays(np.int8, st.tuples(st.integers(0, 5), st.integers(1, 9)), elements=st.integers(-1, 3))
)
def test_counts_of_votes_are_those_of_the_kernel(votes):
    expected = np.empty((len(votes), 4), np.int64)
    _count(votes, expected)
    found = _count_by_numpy(votes, 4)
    assert found.dtype == np.int64 and found.flags.c_contiguous
    assert np.array_equal(found, expected)


@FEW
@given(arrays(np.uint64, st.tuples(st.integers(0, 4), st.integers(0, 7))))
def test_hashes_are_those_of_the_kernel(bits):
    signs = np.uint64(1) << np.uint64(63)
    cells = np.concatenate([bits, bits | np.uint64(0x7FF0 << 48), bits & signs])  # NaN, zeros
    expected, found = np.empty((2, len(cells)), np.uint64)
    keys = column_keys(cells.shape[1])
    hash_cells(cells, keys, expected)
    hash_cells_by_numpy(cells, keys, found)
    assert np.array_equal(found, expected)


def test_kernels_take_over_for_good(monkeypatch):
    monkeypatch.setattr(FirstWork, "takes", TAKES)
    work = FirstWork(10)
    assert work.takes(4) and work.takes(5)
    assert not work.takes(2)
    assert not work.takes(1), "a piece that would have fitted comes too late"
    assert not FirstWork(10).takes(11)


ESTIMATORS = [
    DPAClassifier(n_partitions=5),
    FiniteAggregationClassifier(n_partitions=5, spreading_degree=3),
    BaggingCertifiedClassifier(n_estimators=12, max_samples=20, random_state=0),
    CertifiedKNN(),
    CertifiedKNN(n_neighbors=7, metric="euclidean", threat_model="modify"),
    CertifiedRNN(radius=200.0),
]


@pytest.mark.parametrize("estimator", ESTIMATORS, ids=lambda estimator: type(estimator).__name__)
def test_a_classifier_certifies_the_same(estimator, digits):
    X, y, X_test, _ = digits
    by_kernels = estimator.fit(X[:200], y[:200]).predict_certified(X_test)
    with numpy_alone():
        by_numpy = estimator.fit(X[:200], y[:200]).predict_certified(X_test)
    assert np.array_equal(by_kernels, by_numpy)


def test_large_questions_go_to_kernels(monkeypatch):
    monkeypatch.setattr(FirstWork, "takes", TAKES)
    monkeypatch.setattr(training_rows, "_FIRST_WORK", FirstWork(1000))
    rows = TrainingRows(np.zeros((50, 2)), np.zeros(50, np.int64), 1, "manhattan", None)
    monkeypatch.setattr(rows, "_all_rows", None)
    with pytest.raises(AttributeError):  # asked for what is not there
        rows.count_within(np.zeros((20, 2)), 1.0)
