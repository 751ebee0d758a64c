"""What the checks of traces say, and rows that they have nothing to say about."""

import warnings

import numpy as np

from sklearn_certify._rows import warn_of_form


def messages(function, *args):
    if function is warn_of_form and len(args) == 1:
        args = (*args, unequal(args[0].shape[0]))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        function(*args)
    assert len(caught) <= 1
    return str(caught[0].message) if caught else ""


def raw(n_rows=400, n_columns=4, seed=0):
    rng = np.random.default_rng(seed)
    return rng.gamma(2, size=(n_rows, n_columns)) * [1, 100, 1e-3, 7] + [0, 1e4, 5, -3]


def unequal(n_rows):
    return np.arange(n_rows) ** 2 % 3
