"""Which rows the voters of bagging learn from: random subsamples that depend on no content."""

from numbers import Integral

import numpy as np
from sklearn.utils.random import sample_without_replacement

from ..certificates.resampling import draws_of_share
from ..exceptions import InvalidInputError
from ..partition import hash_labels

__all__ = ["draw_units", "number_groups", "resolve_max_samples", "rows_of_units"]


def resolve_max_samples(max_samples, n_units, sampling):
    """Return the number of units that a voter draws, an int; for "bernoulli" the mean, a float.

    Parameters
    ----------
    max_samples : int or float
        Number of units, or fraction of them.
    n_units : int
        Number of rows, or of contributors.
    sampling : {"with_replacement", "without_replacement", "bernoulli"}
        How they are drawn.

    Returns
    -------
    int or float

    Raises
    ------
    InvalidInputError
        If more units are to be drawn than there are, and none twice; or if `max_samples` is a
        bool.
    """
    if isinstance(max_samples, (bool, np.bool_)):
        raise InvalidInputError(
            f"max_samples must be a whole number or a fraction, got {max_samples!r}."
        )
    if sampling == "bernoulli":
        is_number = isinstance(max_samples, Integral)
        return float(min(max_samples, n_units) if is_number else max_samples * n_units)
    if not isinstance(max_samples, Integral):
        return draws_of_share(max_samples, n_units)
    if sampling == "without_replacement" and max_samples > n_units:
        raise InvalidInputError(
            f"max_samples={max_samples} is more than the {n_units} rows or groups there are to "
            "draw from without replacement; use a smaller number or sampling='with_replacement'."
        )
    return int(max_samples)


def draw_units(n_units, max_samples, sampling, seed):
    """Draw the units of one voter.

    Parameters
    ----------
    n_units : int
        Number of rows, or of contributors.
    max_samples : int or float
        As `resolve_max_samples` returns it.
    sampling : {"with_replacement", "without_replacement", "bernoulli"}
        How they are drawn.
    seed : int
        The voter's seed.

    Returns
    -------
    ndarray of int of shape (n_drawn,)
        Numbers from 0 to ``n_units - 1``.
    """
    random_state = np.random.RandomState(seed)
    if sampling == "with_replacement":
        return random_state.randint(n_units, size=max_samples)
    if sampling == "bernoulli":  # every unit for itself: their number is binomial
        max_samples = random_state.binomial(n_units, max_samples / n_units)
    return sample_without_replacement(n_units, max_samples, random_state=random_state)


def number_groups(groups):
    """Number groups in an order that follows from their names alone.

    Names are told apart as texts. Their hashes only order them: two names with one hash are two
    groups, because a poisoned one among them must not count as both.

    Parameters
    ----------
    groups : ndarray of str objects, of shape (n_rows,)
        The name of each row's group, as `check_groups` returns it.

    Returns
    -------
    ndarray of int64, of shape (n_rows,)
        Numbers from 0 to ``n_groups - 1``.
    """
    names = groups.tolist()
    hashes = dict(zip(names, hash_labels(groups).tolist(), strict=True))
    in_order = sorted(hashes, key=lambda name: (hashes[name], name))
    numbers = {name: number for number, name in enumerate(in_order)}
    return np.array([numbers[name] for name in names], dtype=np.int64)


def rows_of_units(order, units=None):
    """Return how to turn the units of a voter into its rows, in canonical order.

    Parameters
    ----------
    order : ndarray of int64, of shape (n_rows,)
        Row numbers in canonical order.
    units : ndarray of int64, of shape (n_rows,), default=None
        The unit of each row. None: every row is its own, numbered by its place in `order`.

    Returns
    -------
    callable
        Takes an array of units, repeats allowed, and returns an array of row numbers.
    """
    if units is None:
        return lambda drawn: order[np.sort(drawn)]
    in_order = units[order]
    places = np.split(np.argsort(in_order, kind="stable"), np.cumsum(np.bincount(in_order))[:-1])
    return lambda drawn: order[
        np.sort(np.concatenate([places[unit] for unit in drawn] or [np.empty(0, np.int64)]))
    ]
