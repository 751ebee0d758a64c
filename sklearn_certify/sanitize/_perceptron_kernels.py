"""Layers of a perceptron, in an order of additions that no other row and no library decides."""

import math

from numba import njit

__all__ = ["activate", "multiply_rows"]


@njit(cache=True)
def multiply_rows(X, weights, products):
    """Add the product of each row of X with the weights to the same row of `products`."""
    for i in range(X.shape[0]):
        for j in range(X.shape[1]):
            value = X[i, j]
            for k in range(weights.shape[1]):
                products[i, k] += value * weights[j, k]


@njit(cache=True)
def _logistic(values):
    for i in range(values.shape[0]):
        for k in range(values.shape[1]):
            values[i, k] = 1 / (1 + math.exp(-values[i, k]))


@njit(cache=True)
def _tanh(values):
    for i in range(values.shape[0]):
        for k in range(values.shape[1]):
            values[i, k] = math.tanh(values[i, k])


@njit(cache=True)
def _relu(values):
    for i in range(values.shape[0]):
        for k in range(values.shape[1]):
            if values[i, k] < 0:
                values[i, k] = 0


_ACTIVATIONS = {"logistic": _logistic, "tanh": _tanh, "relu": _relu}


def activate(values, name):
    """Apply an activation function, by the name that scikit-learn has for it, in place."""
    if name != "identity":
        _ACTIVATIONS[name](values)
