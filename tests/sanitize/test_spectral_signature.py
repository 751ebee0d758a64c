"""Spectral signatures: exact scores, and how many rows are dropped."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sklearn_certify._compat import InvalidParameterError
from sklearn_certify.exceptions import InvalidInputError
from sklearn_certify.sanitize import SpectralSignatureFilter
from sklearn_certify.sanitize._feature_filter import principal_projections

from .rows_of_classes import two_classes


@settings(max_examples=40, deadline=None, derandomize=True)
@given(seed=st.integers(0, 10**6), n_features=st.integers(1, 9), n_rows=st.integers(2, 40))
def test_scores_are_those_of_a_direct_decomposition(seed, n_features, n_rows):
    X, y = two_classes(seed, (n_rows, 12), n_features)
    scores = SpectralSignatureFilter(poison_share=0.1).fit(X, y).suspicion_
    for label in (0, 1):
        centered = X[y == label] - X[y == label].mean(axis=0)
        direction = np.linalg.svd(centered)[2][0]
        np.testing.assert_allclose(scores[y == label], (centered @ direction) ** 2, atol=1e-9)


@pytest.mark.parametrize("shape", [(260, 230), (230, 260)])
def test_large_tables_are_decomposed_alike(shape):
    random_state = np.random.RandomState(0)
    X = random_state.normal(size=shape) + 100
    X[: shape[0] // 9] += 1
    projections = principal_projections(X, 2, 0)
    centered = X - X.mean(axis=0)
    expected = centered @ np.linalg.svd(centered)[2][:2].T
    np.testing.assert_allclose(np.abs(projections), np.abs(expected), atol=1e-6)
    assert principal_projections(X[:3], 10, 0).shape == (3, 3)


@settings(max_examples=40, deadline=None, derandomize=True)
@example(share=35, multiplier=1.5, sizes=(40, 60))  # 1.5 * 0.35 * 40 comes out below 21
@given(
    share=st.integers(1, 50),
    multiplier=st.sampled_from([0.5, 1.0, 1.1, 1.5, 1.9]),
    sizes=st.tuples(st.integers(2, 60), st.integers(2, 60)),
)
def test_the_documented_number_is_dropped(share, multiplier, sizes):
    X, y = two_classes(sizes=sizes)
    fitted = SpectralSignatureFilter(poison_share=share / 100, multiplier=multiplier).fit(X, y)
    for label in (0, 1):
        scores, keep = fitted.suspicion_[y == label], fitted.keep_mask_[y == label]
        product = Fraction(share, 100) * Fraction(str(multiplier)) * len(keep)
        assert np.count_nonzero(~keep) == math.floor(product)
        assert keep.all() or scores[~keep].min() >= scores[keep].max()


def test_dropping_everything_is_refused():
    X, y = two_classes()
    with pytest.raises(InvalidInputError, match="multiplier \\* poison_share is 1.05"):
        SpectralSignatureFilter(poison_share=0.7).fit(X, y)
    for params in ({"poison_share": 0.0}, {"poison_share": 1.0}, {"threshold": 0}):
        with pytest.raises(InvalidParameterError):
            SpectralSignatureFilter(**params).fit(X, y)


def test_the_rule_without_a_share_by_hand():
    values = np.arange(-10.0, 11)
    values = np.append(values, [-32.0, 28.0])  # median 0, median distance 6
    spread = 1.4826 * 6
    X = np.concatenate([values, values])[:, np.newaxis]
    y = np.repeat([0, 1], len(values))
    fitted = SpectralSignatureFilter().fit(X, y)
    expected = np.abs(values) / spread
    np.testing.assert_allclose(fitted.suspicion_, np.tile(expected, 2))
    np.testing.assert_array_equal(fitted.keep_mask_, np.tile(expected <= 3.5, 2))
    assert X[~fitted.keep_mask_, 0].tolist() == [-32.0] * 2  # 28 lies 3.15 out
    strict = SpectralSignatureFilter(threshold=3.1).fit(X, y)
    assert X[~strict.keep_mask_, 0].tolist() == [-32.0, 28.0] * 2


def test_most_rows_alike():
    X = np.zeros((40, 1))
    X[:2] = 1.0
    y = np.repeat([0, 1], 20)
    X[y == 1, 0] = np.arange(20)
    fitted = SpectralSignatureFilter().fit(X, y)
    # the mean distance from the median is 0.1
    np.testing.assert_allclose(fitted.suspicion_[:3], [1 / 0.12533, 1 / 0.12533, 0])
    assert np.flatnonzero(~fitted.keep_mask_).tolist() == [0, 1]


def test_few_normal_rows_are_dropped():
    random_state = np.random.RandomState(0)
    X, y = random_state.normal(size=(6000, 20)), np.arange(6000) % 3
    dropped = ~SpectralSignatureFilter().fit(X, y).keep_mask_
    assert dropped.mean() < 0.002  # 0.0005 of a normal distribution lie further out
