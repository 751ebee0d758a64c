"""Rows of few classes, made up."""

import numpy as np


def two_classes(seed=0, sizes=(60, 50), n_features=6):
    random_state = np.random.RandomState(seed)
    y = np.repeat(np.arange(len(sizes)), sizes)
    X = random_state.normal(size=(len(y), n_features)) * np.arange(1, n_features + 1) + y[:, None]
    order = random_state.permutation(len(y))
    return X[order], y[order]


def lumps(*sizes, center=30.0):
    """Rows of class 0 in lumps of these sizes, far from each other, and as many of class 1."""
    random_state = np.random.RandomState(0)
    lump = np.repeat(np.arange(len(sizes)), sizes)
    X = random_state.normal(size=(len(lump), 3))
    X[:, 0] += center * lump
    X_other = random_state.normal(size=(len(lump), 3))
    return np.concatenate([X, X_other]), np.repeat([0, 1], len(lump)), lump
