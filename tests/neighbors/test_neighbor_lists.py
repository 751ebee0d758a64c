"""Neighbours that are listed are those that vote."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.exceptions import NotFittedError
from sklearn.neighbors import KNeighborsClassifier, RadiusNeighborsClassifier
from sklearn.preprocessing import FunctionTransformer

from sklearn_certify import CertifiedKNN, CertifiedRNN
from sklearn_certify.exceptions import InvalidInputError
from sklearn_certify.neighbors._search import batches

METRICS = ["manhattan", "euclidean", "chebyshev", "canberra", "minkowski"]


def rows_with_ties(seed, n_rows=40, n_features=3):
    rng = np.random.default_rng(seed)
    X = rng.integers(0, 4, size=(n_rows, n_features)).astype(np.float64)
    return X, rng.integers(0, 3, size=n_rows), rng.integers(0, 4, size=(9, n_features)) * 1.0


def counts_of(labels, classes):
    return [[np.count_nonzero(of_query == label) for label in classes] for of_query in labels]


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    metric=st.sampled_from(METRICS),
    n_neighbors=st.integers(1, 45),
    queries_at_a_time=st.sampled_from([1, 100, 2**19]),
)
def test_the_nearest_are_those_that_vote(seed, metric, n_neighbors, queries_at_a_time):
    X, y, queries = rows_with_ties(seed)
    classifier = CertifiedKNN(n_neighbors, metric=metric).fit(X, y)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(batches, "_DISTANCES_AT_A_TIME", queries_at_a_time)
        distances, numbers = classifier.kneighbors(queries)
    assert numbers.shape == distances.shape == (9, min(n_neighbors, 40))
    assert numbers.dtype == np.intp
    assert (np.diff(distances, axis=1) >= 0).all()
    assert all(len(set(row)) == len(row) for row in numbers.tolist())
    np.testing.assert_array_equal(
        counts_of(y[numbers], classifier.classes_), classifier.vote_counts(queries)
    )


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    metric=st.sampled_from(METRICS),
    radius=st.sampled_from([0.0, 0.5, 1.0, 2**0.5, 2.0, 3.0, np.inf]),
)
def test_rows_within_the_radius_are_those_that_vote(seed, metric, radius):
    X, y, queries = rows_with_ties(seed)
    classifier = CertifiedRNN(radius, metric=metric).fit(X, y)
    distances, numbers = classifier.radius_neighbors(queries)
    assert numbers.dtype == distances.dtype == object
    assert all((of_query <= radius).all() for of_query in distances)
    assert all((np.diff(of_query) > 0).all() for of_query in numbers)
    found = [y[of_query] for of_query in numbers]
    np.testing.assert_array_equal(
        counts_of(found, classifier.classes_), classifier.vote_counts(queries)
    )


@pytest.mark.parametrize("metric", ["manhattan", "euclidean", "chebyshev"])
def test_they_are_those_of_scikit_learn(metric):
    rng = np.random.default_rng(0)
    X, y, queries = rng.normal(size=(60, 4)), np.arange(60) % 3, rng.normal(size=(11, 4))
    ours = CertifiedKNN(7, metric=metric).fit(X, y)
    theirs = KNeighborsClassifier(7, metric=metric, algorithm="brute").fit(X, y)
    for arguments in ({}, {"n_neighbors": 3}, {"X": None}):
        arguments = {"X": queries, **arguments}
        distances, numbers = ours.kneighbors(**arguments)
        expected = theirs.kneighbors(**arguments)
        np.testing.assert_allclose(distances, expected[0])
        np.testing.assert_array_equal(numbers, expected[1])
        np.testing.assert_array_equal(
            ours.kneighbors(**arguments, return_distance=False), expected[1]
        )
    ours = CertifiedRNN(2.0, metric=metric).fit(X, y)
    theirs = RadiusNeighborsClassifier(2.0, metric=metric, algorithm="brute").fit(X, y)
    for arguments in ({"X": queries}, {"X": queries, "radius": 1.5}, {"X": None}):
        found = ours.radius_neighbors(**arguments, sort_results=True)
        expected = theirs.radius_neighbors(**arguments, sort_results=True)
        for mine, of_scikit_learn in zip(found, expected, strict=True):
            for row, other in zip(mine, of_scikit_learn, strict=True):
                np.testing.assert_allclose(row, other)
        assert len(found[1]) == len(ours.radius_neighbors(**arguments, return_distance=False))


def test_no_row_is_its_own_neighbour_but_a_copy_of_it_is():
    X, y = [[0.0], [0.0], [3.0]], [0, 0, 1]
    assert CertifiedKNN(1).fit(X, y).kneighbors()[1].ravel().tolist()[:2] == [1, 0]
    assert CertifiedKNN(9).fit(X, y).kneighbors(return_distance=False).shape == (3, 2)
    numbers = CertifiedRNN(1.0).fit(X, y).radius_neighbors(return_distance=False)
    assert [row.tolist() for row in numbers] == [[1], [0], []]


def test_the_order_of_the_rows_changes_numbers_alone():
    X, y, queries = rows_with_ties(3)
    order = np.random.default_rng(1).permutation(len(X))
    before = CertifiedKNN(6).fit(X, y)
    after = CertifiedKNN(6).fit(X[order], y[order])
    numbers, others = (
        model.kneighbors(queries, return_distance=False) for model in (before, after)
    )
    rows = np.column_stack([X, y])
    np.testing.assert_array_equal(rows[numbers], rows[order[others]])


def test_rows_go_through_the_transformer():
    transformer = FunctionTransformer(np.negative)
    classifier = CertifiedKNN(1, transformer=transformer).fit([[1.0], [5.0]], [0, 1])
    distances, numbers = classifier.kneighbors([[4.0]])
    assert (distances.tolist(), numbers.tolist()) == ([[1.0]], [[1]])


def test_threads_change_nothing():
    X, y, queries = rows_with_ties(5, n_rows=300)
    lists = [
        CertifiedKNN(20, n_jobs=n_jobs).fit(X, y).kneighbors(np.repeat(queries, 50, axis=0))
        for n_jobs in (1, 2)
    ]
    np.testing.assert_array_equal(lists[0], lists[1])


def test_what_makes_no_sense_is_refused():
    X, y = [[0.0], [1.0]], [0, 1]
    knn, rnn = CertifiedKNN(1).fit(X, y), CertifiedRNN(1.0).fit(X, y)
    for n_neighbors in (0, 3, 1.0, "1"):
        with pytest.raises(InvalidInputError, match="from 1 to the 2 rows"):
            knn.kneighbors(X, n_neighbors)
    with pytest.raises(InvalidInputError, match="from 1 to the 1 rows"):
        knn.kneighbors(None, 2)
    for radius in (-1.0, "1", np.nan):
        with pytest.raises(InvalidInputError, match="number from 0 up"):
            rnn.radius_neighbors(X, radius)
    with pytest.raises(InvalidInputError, match="return_distance=True"):
        rnn.radius_neighbors(X, return_distance=False, sort_results=True)
    for search in (CertifiedKNN().kneighbors, CertifiedRNN().radius_neighbors):
        with pytest.raises(NotFittedError):
            search()
