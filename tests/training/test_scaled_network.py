"""The learner of the filters for those who bring none."""

import numpy as np
from scipy.sparse import csr_matrix

from sklearn_certify._training._scaled_network import ScaledNetwork


def test_the_default_learner_is_not_moved_by_one_far_row():
    X = np.random.RandomState(0).normal(size=(200, 3)) * [1, 1e6, 1e-6]
    far = np.vstack([X, [1e9, 1e300, 1e9]])
    y = np.arange(201) % 2
    near_scaled = ScaledNetwork(0).partial_fit(X, y[:200], classes=[0, 1])._scaled(X)
    far_scaled = ScaledNetwork(0).partial_fit(far, y, classes=[0, 1])._scaled(far)[:200]
    assert np.abs(near_scaled[:, [0, 2]] - far_scaled[:, [0, 2]]).max() < 0.1
    assert 0.9 < np.std(near_scaled) < 1.1


def test_the_default_learner_takes_sparse_rows_as_dense_ones():
    X = np.random.RandomState(0).poisson(0.3, size=(300, 5)).astype(float)
    y = (X[:, 0] > X[:, 1]).astype(int)
    dense = ScaledNetwork(3).partial_fit(X, y, classes=[0, 1]).predict_proba(X)
    sparse = ScaledNetwork(3).partial_fit(csr_matrix(X), y, classes=[0, 1])
    assert sparse.predict_proba(csr_matrix(X)).tolist() == dense.tolist()
    rare = csr_matrix(X * (np.random.RandomState(1).uniform(size=X.shape) < 0.1))
    assert sparse.partial_fit(rare, y).predict_proba(rare).shape == (300, 2)
    few = ScaledNetwork(3).partial_fit(rare, y, classes=[0, 1])
    assert few._scaled(rare).nnz == rare.nnz  # zeros stay zeros
