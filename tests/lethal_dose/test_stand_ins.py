"""Stand-ins are nearest class means of the partitions, whatever rows come as."""

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sparse
from sklearn.neighbors import NearestCentroid

from sklearn_certify import DPAClassifier
from sklearn_certify.lethal_dose import _stand_ins
from sklearn_certify.lethal_dose._sampled_voters import Task, make_ensemble
from sklearn_certify.lethal_dose._stand_ins import numbers_of, stand_in_votes


@pytest.fixture
def rows():
    rng = np.random.RandomState(0)
    X = rng.normal(size=(300, 4))  # spreads alike, so that features keep their weights
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    return X, rng.randint(3, size=300), rng.randint(20, size=300), rng.normal(size=(50, 4))


@pytest.mark.parametrize("block", [1, 2**22])
def test_the_nearest_class_mean_of_each_partition(rows, block, monkeypatch):
    monkeypatch.setattr(_stand_ins, "_BLOCK_SCORES", block)
    X, codes, partition, queries = rows
    partition[partition == 7] = 8
    codes[partition == 3] = 2
    votes = stand_in_votes(X, codes, partition, 20, queries, 3)
    assert (votes[:, 7] == -1).all() and (votes[:, 3] == 2).all()
    for voter in sorted(set(range(20)) - {3, 7}):
        own = partition == voter
        expected = NearestCentroid().fit(X[own], codes[own]).predict(queries)
        np.testing.assert_array_equal(votes[:, voter], expected)


def test_a_feature_of_another_unit_counts_no_more(rows):
    X, codes, partition, queries = rows
    votes = stand_in_votes(X, codes, partition, 20, queries, 3)
    units = np.array([1.0, 1.0, 50.0, 1e4])
    same = stand_in_votes(X * units, codes, partition, 20, queries * units, 3)
    assert np.mean(same == votes) > 0.99
    faint = stand_in_votes(X * [1e-6, 1, 1, 1], codes, partition, 20, queries * [1e-6, 1, 1, 1], 3)
    without = stand_in_votes(X[:, 1:], codes, partition, 20, queries[:, 1:], 3)
    assert np.mean(faint == without) > np.mean(faint == votes)


def test_sparse_rows_and_constant_features_give_the_same(rows):
    X, codes, partition, queries = rows
    X, queries = (np.column_stack([np.round(part), np.zeros(len(part))]) for part in (X, queries))
    votes = stand_in_votes(X, codes, partition, 20, queries + 0.01, 3)
    for kind in (sparse.csr_array, sparse.csr_matrix):
        same = stand_in_votes(kind(X), codes, partition, 20, kind(queries + 0.01), 3)
        assert np.mean(same == votes) > 0.99  # sums are rounded in another order
    assert (stand_in_votes(0 * X, codes, partition, 20, queries, 3) >= 0).all()


@pytest.mark.parametrize(
    "X",
    [
        np.array([["a"], ["b"]], dtype=object),
        np.array(["some text", "another"]),
        np.array([[np.nan], [1.0]]),
        np.zeros((3, 0)),
        pd.DataFrame({"a": [1, 2], "b": ["x", "y"]}),
        sparse.csr_array(np.array([[np.inf, 1.0]])),
    ],
    ids=["objects", "texts", "missing", "no features", "table of kinds", "infinite"],
)
def test_rows_that_are_no_numbers_have_no_stand_ins(X):
    assert numbers_of(X) is None


def test_numbers_are_flat():
    assert numbers_of(np.zeros((5, 2, 3), dtype=np.uint8)).shape == (5, 6)
    assert numbers_of(pd.DataFrame({"a": [1, 2], "b": [True, False]}, dtype=int)).shape == (2, 2)


def test_a_row_is_not_asked_of_the_stand_in_that_has_it(digits):
    X, y, _, _ = digits
    rng = np.random.RandomState(0)
    rows = rng.permutation(len(y))[:400]
    task = Task(make_ensemble(DPAClassifier()), X[rows], y[rows], None, None, None, 100)
    sampled = task.ask(100, 40, np.random.RandomState(0))
    assert sampled.stand_ins.shape == sampled.votes.shape == (100, 40)
    others = 59 * sampled.other_stand_ins  # 60 voters are left, and one of them has the row
    np.testing.assert_allclose(others, np.rint(others), atol=1e-9)
    assert (others.sum(axis=1) <= 59 + 1e-9).all()


def test_texts_are_forecast_without_stand_ins():
    class FirstLetter(NearestCentroid):
        def fit(self, X, y):
            return super().fit(self._numbers(X), y)

        def predict(self, X):
            return super().predict(self._numbers(X))

        def _numbers(self, X):
            return np.array([[ord(text[0])] for text in np.ravel(X)])

        def __sklearn_tags__(self):
            tags = super().__sklearn_tags__()
            tags.input_tags.string = True
            return tags

    X = np.array([f"{'ab'[i % 2]}{i}" for i in range(300)]).reshape(-1, 1)
    task = Task(make_ensemble(FirstLetter()), X, np.arange(300) % 2, None, None, None, 100)
    sampled = task.ask(20, 10, np.random.RandomState(0))
    assert sampled.stand_ins is None and sampled.other_stand_ins is None
