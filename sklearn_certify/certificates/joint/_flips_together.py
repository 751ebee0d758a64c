"""How many test rows one attack on partitions flips, by whichever bound is best."""

from __future__ import annotations

from collections.abc import Callable
from math import floor
from typing import Any, NamedTuple, Protocol, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray
from threadpoolctl import threadpool_limits

from ...exceptions import InvalidInputError
from .._arrays import Int64s, Integers
from .._validation import check_n_classes, check_votes
from ._moment_bound import second_moment_bound
from ._multiplier_bound import multiplier_bound

__all__ = [
    "Bounds",
    "budgets_in_partitions",
    "check_same_rows",
    "check_truth",
    "check_votes_and_truth",
    "flips_of_budgets",
]

_MOST_SHARES = 1 << 28  # numbers of 4 bytes: 1 GiB


class RowsAtStake(Protocol):
    """Ballots for rows that are predicted correctly, and the voters that each partition reaches."""

    @property
    def spread(self) -> Int64s: ...

    def take(self, rows: Any) -> Any: ...


_Rows = TypeVar("_Rows", bound=RowsAtStake)


class Bounds(NamedTuple):
    """What is known of an election: how many rows flip, and which partitions flip them.

    Attributes
    ----------
    by_single_partitions : callable
        ``by_single_partitions(rows)`` counts the rows that each partition flips alone.
    by_search : callable
        ``by_search(rows, budget)`` finds the most rows that so many flip, or None.
    shares : callable
        ``shares(rows, budget)`` returns numbers of float32, of shape (n_rows, n_partitions): so
        many partitions flip a row only if theirs sum to 1 or more.
    """

    by_single_partitions: Callable[[Any], Int64s]
    by_search: Callable[[Any, int], int | None]
    shares: Callable[[Any, int], NDArray[np.float32]]


def check_truth(y: ArrayLike) -> Integers:
    """Return true classes as a 1-D array of integers."""
    y = np.asarray(y)
    if y.ndim != 1 or y.dtype.kind not in "iu":
        raise InvalidInputError(
            f"y must be a 1-D array of integers (class indices), got {y.dtype} of shape {y.shape}."
        )
    return y


def check_same_rows(name: str, ballots: NDArray[Any], y: Integers) -> None:
    """Refuse ballots of no rows, or of another number of rows than y has."""
    if len(ballots) == 0:
        raise InvalidInputError(f"{name} must have at least one row.")
    if len(y) != len(ballots):
        raise InvalidInputError(
            f"y must have one class index per row of {name}: {len(ballots)}, got {len(y)}."
        )


def check_votes_and_truth(
    votes: ArrayLike, y: ArrayLike, n_classes: int | None
) -> tuple[Integers, Integers, int]:
    """Return votes, true classes and the number of classes, checked."""
    y = check_truth(y)
    votes = np.asarray(votes)
    if n_classes is None:
        largest_vote = int(votes.max(initial=0)) if votes.dtype.kind in "iu" else 0
        n_classes = 1 + max(largest_vote, int(y.max(initial=0)))
    n_classes = check_n_classes(n_classes)
    votes = check_votes(votes, n_classes)
    check_same_rows("votes", votes, y)
    return votes, y, n_classes


def budgets_in_partitions(sizes: Int64s, cost: int, n_partitions: int) -> Int64s:
    """How many partitions each poison size corrupts, at most."""
    # all partitions are the most that can be corrupted; without this, products could overflow
    budgets: Int64s = np.minimum(sizes, n_partitions) * min(cost, n_partitions)
    return np.minimum(budgets, n_partitions)


def flips_of_budgets(rows: _Rows, radius: Int64s, budgets: Int64s, bounds: Bounds) -> Int64s:
    """Bound from above how many rows flip at each budget of partitions.

    Parameters
    ----------
    rows : object
        Ballots for rows that are all predicted correctly.
    radius : ndarray of int64 of shape (n_rows,)
        How many partitions each row survives by itself.
    budgets : ndarray of int64
        Numbers of partitions that are corrupted.
    bounds : Bounds
        What is known of the election.

    Returns
    -------
    ndarray of int64, of the shape of `budgets`
    """
    flips = np.zeros(budgets.shape, dtype=np.int64)
    fewest = len(radius)
    for budget in np.unique(budgets)[::-1]:
        # hardest to flip first: if there are too many, the others are given up
        weak = np.flatnonzero(radius < budget)
        weak = weak[np.argsort(-radius[weak], kind="stable")]
        # what a larger budget cannot flip, a smaller one cannot
        fewest = min(fewest, _flips_of_budget(rows.take(weak), len(weak), int(budget), bounds))
        flips[budgets == budget] = fewest
    return flips


def _flips_of_budget(rows: RowsAtStake, n_rows: int, budget: int, bounds: Bounds) -> int:
    """Bound from above how many rows flip together, none of them certified by itself."""
    n_partitions = len(rows.spread)
    if n_rows == 0 or budget in (0, n_partitions):
        return n_rows if budget else 0
    if budget == 1:
        return int(bounds.by_single_partitions(rows).max())
    flips = bounds.by_search(rows, budget)
    if flips is not None:
        return flips
    n_kept = min(n_rows, _MOST_SHARES // n_partitions)
    shares = bounds.shares(rows.take(slice(n_kept)), budget)
    # the products are small: several threads would mostly wait for each other, on a busy machine
    # many times as long as one thread works, and would make the last digits depend on their number
    with threadpool_limits(limits=1, user_api="blas"):
        bound = second_moment_bound(shares, budget)
        bound = min(bound, multiplier_bound(shares, budget, known=bound))
    return n_rows - n_kept + min(n_kept, floor(bound))
