"""Checks that every certificate makes on the arrays it is given."""

from numbers import Integral

import numpy as np

from ..exceptions import InvalidInputError

__all__ = [
    "check_cost",
    "check_n_classes",
    "check_spread",
    "check_vote_counts",
    "check_votes",
    "check_whole",
]


def check_whole(name, value):
    """Return the value of the parameter `name` as an int of at least one."""
    if not isinstance(value, Integral) or isinstance(value, bool) or value < 1:
        raise InvalidInputError(f"{name} must be a whole number from 1 up, got {value!r}.")
    return int(value)


def check_n_classes(n_classes):
    """Return `n_classes` as an int of at least one."""
    return check_whole("n_classes", n_classes)


def check_cost(cost):
    """Return `cost`, the partitions that one unit of poison corrupts, as an int."""
    return check_whole("cost", cost)


def check_votes(votes, n_classes):
    """Return votes as a C-ordered integer array whose entries lie in ``-1 .. n_classes - 1``."""
    votes = np.asarray(votes)
    if votes.ndim != 2 or votes.shape[1] == 0:
        raise InvalidInputError(
            f"votes must have shape (n_samples, n_voters), at least one voter; got {votes.shape}."
        )
    if votes.dtype.kind not in "iu":
        raise InvalidInputError(
            f"votes must be integers (class indices, -1 = abstains), got {votes.dtype}; "
            "floating point has no place where votes are counted."
        )
    if votes.size and (votes.max() >= n_classes or votes.min() < -1):
        raise InvalidInputError(
            f"votes must lie between -1 (abstains) and n_classes - 1 = {n_classes - 1}, "
            f"got values from {votes.min()} to {votes.max()}."
        )
    if votes.dtype.itemsize > 4 or votes.dtype.kind == "u":
        # one signed type per width keeps the number of compiled kernels small; no value is lost,
        # since all are below n_classes
        votes = votes.astype(_smallest_signed_type(n_classes))
    return np.ascontiguousarray(votes)


def _smallest_signed_type(n_classes):
    return next(t for t in (np.int8, np.int16, np.int32) if n_classes - 1 <= np.iinfo(t).max)


def check_vote_counts(vote_counts):
    """Return vote counts as an int64 array with at least one class and no negative entry."""
    counts = np.asarray(vote_counts)
    if counts.ndim != 2 or counts.shape[1] == 0:
        raise InvalidInputError(
            "vote_counts must have shape (n_samples, n_classes), at least one class; "
            f"got {counts.shape}."
        )
    if counts.dtype.kind not in "iu":
        raise InvalidInputError(f"vote_counts must be integers, got {counts.dtype}.")
    if counts.size and (counts.min() < 0 or counts.max() > np.iinfo(np.int64).max // 4):
        raise InvalidInputError(
            f"vote_counts must be numbers of votes from 0 up, got values from {counts.min()} to "
            f"{counts.max()}."
        )
    return np.ascontiguousarray(counts, dtype=np.int64)


def check_spread(spread, n_voters):
    """Return the voters of each partition as an int64 array without repeats in a row."""
    spread = np.asarray(spread)
    if spread.ndim != 2 or 0 in spread.shape:
        raise InvalidInputError(
            f"spread must have shape (n_partitions, spreading_degree), got {spread.shape}."
        )
    if spread.dtype.kind not in "iu":
        raise InvalidInputError(f"spread must hold voter numbers (integers), got {spread.dtype}.")
    if spread.min() < 0 or spread.max() >= n_voters:
        raise InvalidInputError(
            f"spread must hold voter numbers from 0 to n_voters - 1 = {n_voters - 1}, "
            f"got values from {spread.min()} to {spread.max()}."
        )
    in_order = np.sort(spread, axis=1)
    repeats = np.flatnonzero((in_order[:, 1:] == in_order[:, :-1]).any(axis=1))
    if len(repeats):
        raise InvalidInputError(
            f"spread names a voter twice for partition {repeats[0]}; "
            "a partition's voters must differ."
        )
    return np.ascontiguousarray(spread, dtype=np.int64)
