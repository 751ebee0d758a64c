"""Checks that every certificate makes on the arrays it is given."""

from __future__ import annotations

from numbers import Integral

import numpy as np
from numpy.typing import ArrayLike

from ..exceptions import InvalidInputError
from ._arrays import Int64s, Integers

__all__ = [
    "check_cost",
    "check_n_classes",
    "check_spans",
    "check_spread",
    "check_target",
    "check_vote_counts",
    "check_votes",
    "check_whole",
]

_FARTHEST_PERIOD = 2**61  # so that differences of two fit into int64


def check_whole(name: str, value: object) -> int:
    """Return the value of the parameter `name` as an int of at least one."""
    if not isinstance(value, Integral) or isinstance(value, bool) or value < 1:
        raise InvalidInputError(f"{name} must be a whole number from 1 up, got {value!r}.")
    return int(value)


def check_n_classes(n_classes: int) -> int:
    """Return `n_classes` as an int of at least one."""
    return check_whole("n_classes", n_classes)


def check_cost(cost: int) -> int:
    """Return `cost`, the partitions that one unit of poison corrupts, as an int."""
    return check_whole("cost", cost)


def check_target(target: int, n_classes: int, *, phantom: bool) -> int:
    """Return `target`, a class index or `n_classes` for an invented label, as an int."""
    if not isinstance(target, Integral) or isinstance(target, bool):
        raise InvalidInputError(f"target must be the index of a class, got {target!r}.")
    if not 0 <= target < n_classes + phantom:
        invented = "the label that an attacker invents" if phantom else "no label: phantom is False"
        raise InvalidInputError(
            f"target must lie between 0 and n_classes - 1 = {n_classes - 1} (n_classes stands for "
            f"{invented}), got {target}."
        )
    return int(target)


def check_votes(votes: ArrayLike, n_classes: int) -> Integers:
    """Return votes as a C-ordered array of the smallest signed type that holds `n_classes`.

    Its entries lie in ``-1 .. n_classes - 1``; `n_classes` itself stands for an invented label.
    """
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
    # kernels are compiled for each type and layout that they meet: let there be few
    return np.require(votes, np.min_scalar_type(-n_classes - 1), ["C", "W"])


def check_vote_counts(vote_counts: ArrayLike) -> Int64s:
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
    return np.require(counts, np.int64, ["C", "W"])


def check_spread(spread: ArrayLike, n_voters: int) -> Int64s:
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
    return np.require(spread, np.int64, ["C", "W"])


def check_spans(
    first_period: ArrayLike, last_period: ArrayLike, n_voters: int
) -> tuple[Int64s, Int64s]:
    """Return the first and the last period of each voter as two int64 arrays."""
    spans = []
    for name, periods in (("first_period", first_period), ("last_period", last_period)):
        periods = np.asarray(periods)
        if periods.shape != (n_voters,):
            raise InvalidInputError(
                f"{name} must hold one period for each of the {n_voters} voters, got shape "
                f"{periods.shape}."
            )
        if periods.dtype.kind not in "iu":
            raise InvalidInputError(f"{name} must hold whole numbers, got {periods.dtype}.")
        if periods.min() < -_FARTHEST_PERIOD or periods.max() > _FARTHEST_PERIOD:
            raise InvalidInputError(
                f"{name} must lie between -2**61 and 2**61, got values from {periods.min()} to "
                f"{periods.max()}."
            )
        spans.append(periods.astype(np.int64))
    first, last = spans
    if (backwards := np.flatnonzero(last < first)).size:
        voter = backwards[0]
        raise InvalidInputError(
            f"last_period lies before first_period for voter {voter}: {last[voter]} and "
            f"{first[voter]}."
        )
    return first, last
