"""Joint certificates of partition ensembles: one choice of partitions for all test rows."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ...threat import check_poison_sizes
from .._arrays import Floats, Int64s, Integers
from .._margins import count_checked_votes, rival_gaps
from .._validation import check_cost, check_spread
from ..overlap import overlap_radius
from ..plurality import plurality_radius
from ._exhaustive_search import flips_by_search, flips_by_single_partitions
from ._flips_together import (
    Bounds,
    budgets_in_partitions,
    check_votes_and_truth,
    flips_of_budgets,
)
from ._partition_shares import fill_shares
from ._partition_votes import PartitionVotes

__all__ = ["joint_partition_accuracy"]


def joint_partition_accuracy(
    votes: ArrayLike,
    y: ArrayLike,
    poison_size: ArrayLike,
    *,
    spread: ArrayLike | None = None,
    n_classes: int | None = None,
    cost: int = 1,
    phantom: bool = True,
) -> float | Floats:
    """Lower bound on the accuracy of a plurality vote when one attack must serve all rows.

    Rows that are predicted correctly and whose own radius covers the attack stay correct. To
    count no others assumes the worst of every row at once. Yet the attacker has one budget, and
    the partitions that flip one row are not those that flip another. This bound takes that into
    account and is never below the count of each row by itself.

    It is the exact worst case for one corrupted partition, and for more as long as they are few
    enough to try every choice of them. Beyond that it is the better of two bounds on the number
    of rows that can flip together, one by multipliers and one by second moments.

    Parameters
    ----------
    votes : array-like of int of shape (n_samples, n_voters)
        Index of the class each voter chooses; -1 where a voter abstains.
    y : array-like of int of shape (n_samples,)
        Index of the true class. A row whose true class is none of ``0 .. n_classes - 1`` counts
        as wrong.
    poison_size : int or array-like of int of shape (n_sizes,)
        Amounts of poison, in units.
    spread : array-like of int of shape (n_partitions, spreading_degree), default=None
        The voters that use each partition. None: partition j is used by voter j alone.
    n_classes : int, default=None
        Number of classes. None: the largest index in `votes` and `y`, plus one.
    cost : int, default=1
        Partitions that one unit of poison corrupts.
    phantom : bool, default=True
        Whether the attacker may invent a label, which starts without votes and wins ties. Pass
        False if the set of labels is fixed.

    Returns
    -------
    float or ndarray of float64 of shape (n_sizes,)
        The fraction of rows that are proven to be predicted correctly whatever the attack. In
        an array, never larger for more poison.

    Raises
    ------
    InvalidInputError
        If votes are not a 2-D array of integers from -1 to ``n_classes - 1``, if there are no
        rows, if `y` is not one integer per row, if a poison size is negative or no integer, if
        `spread` is not a 2-D array of voter numbers without repeats in a row, or if `n_classes`
        or `cost` is no whole number from 1 up.

    Notes
    -----
    Takes some copies of the votes and 8 bytes for each partition and each row that the attacker
    might flip, these at most 2 GiB; rows beyond that count as flipped.

    References
    ----------
    Wang, Levine and Feizi, "Improved Certified Defenses against Data Poisoning with
    (Deterministic) Finite Aggregation", ICML 2022, Appendix D and Table 3, for one partition.
    The bounds for more go beyond the paper.

    Examples
    --------
    One partition is enough to flip either row, but it is the last for the first row and the
    first for the second. Counted by itself, no row would be certified at 1.

    >>> from sklearn_certify.certificates import joint_partition_accuracy
    >>> votes = [[-1, -1, 0], [0, -1, -1]]
    >>> joint_partition_accuracy(votes, [0, 0], [0, 1, 2], n_classes=2, phantom=False)
    array([1. , 0.5, 0. ])
    """
    cost = check_cost(cost)
    sizes = check_poison_sizes(poison_size)
    votes, y, n_classes = check_votes_and_truth(votes, y, n_classes)
    if spread is not None:
        spread = check_spread(spread, votes.shape[1])
    n_partitions = votes.shape[1] if spread is None else len(spread)
    budgets = budgets_in_partitions(sizes, cost, n_partitions)

    counts = count_checked_votes(votes, n_classes)
    predicted = counts.argmax(axis=1)
    correct = np.flatnonzero(predicted == y)
    flips = _flips(
        votes[correct], counts[correct], predicted[correct], spread, budgets, phantom=phantom
    )
    accuracy = (len(correct) - flips) / len(votes)
    return accuracy if sizes.ndim else float(accuracy)


def _flips(
    votes: Integers,
    counts: Int64s,
    predicted: Int64s,
    spread: Int64s | None,
    budgets: Int64s,
    *,
    phantom: bool,
) -> Int64s:
    """Bound from above how many of these rows, all correct, flip at each budget of partitions."""
    largest = budgets.max(initial=0)
    if len(votes) == 0 or largest == 0:
        return np.zeros(budgets.shape, dtype=np.int64)
    radius = _radius(votes, counts.shape[1], spread, largest, phantom=phantom)
    gaps = rival_gaps(counts, predicted, phantom=phantom)
    if spread is None:
        spread = np.arange(votes.shape[1])[:, None]
    rows = PartitionVotes(votes, predicted, gaps, spread)
    bounds = Bounds(flips_by_single_partitions, flips_by_search, fill_shares)
    return flips_of_budgets(rows, radius, budgets, bounds)


def _radius(
    votes: Integers, n_classes: int, spread: Int64s | None, largest: int, *, phantom: bool
) -> Int64s:
    """The radius of each row in partitions, with more effort where it is below the largest."""
    if spread is None:
        return plurality_radius(votes, n_classes, phantom=phantom)[1]
    radius = overlap_radius(votes, spread, n_classes, phantom=phantom)[1]
    weak = np.flatnonzero(radius < largest)
    if len(weak) and np.bincount(spread.ravel()).max() > 1:  # some voter is in two partitions
        tighter = overlap_radius(votes[weak], spread, n_classes, tighten=True, phantom=phantom)[1]
        radius[weak] = np.maximum(radius[weak], tighter)
    return radius
