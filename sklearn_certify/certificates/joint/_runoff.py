"""Joint certificates of the run-off election: one choice of partitions for all test rows."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ...threat import check_poison_sizes
from .._arrays import Floats, Int64s, Integers
from .._margins import count_checked_votes
from .._validation import check_cost, check_spread
from ..runoff import check_scores, elect_and_certify
from ._flips_together import (
    Bounds,
    budgets_in_partitions,
    check_same_rows,
    check_truth,
    flips_of_budgets,
)
from ._runoff_ballots import RunoffBallots, runoff_ballots
from ._runoff_rows import (
    RunoffRows,
    fill_runoff_shares,
    runoff_flips_by_search,
    runoff_flips_by_single_partitions,
)

__all__ = ["joint_accuracy_of_ballots", "joint_runoff_accuracy"]


def joint_runoff_accuracy(
    scores: ArrayLike,
    y: ArrayLike,
    poison_size: ArrayLike,
    *,
    spread: ArrayLike | None = None,
    cost: int = 1,
    phantom: bool = True,
    may_abstain: bool = False,
) -> float | Floats:
    """Lower bound on the accuracy of a run-off election when one attack must serve all rows.

    What :func:`joint_partition_accuracy` is to a plurality vote: the attacker has one budget of
    partitions, the same for all rows, and those that turn one row are not those that turn another.
    The bound is never below the count of each row by itself.

    It is the worst case for one corrupted partition, and for more as long as they are few enough
    to try every choice of them. Beyond that it is the better of two bounds on the number of rows
    that can flip together, one by multipliers and one by second moments.

    Parameters
    ----------
    scores : array-like of float of shape (n_samples, n_voters, n_classes)
        What each voter thinks of each class; only a voter's own order of the classes matters.
        -inf says that the voter has never seen the class.
    y : array-like of int of shape (n_samples,)
        Index of the true class. A row whose true class is none of ``0 .. n_classes - 1`` counts
        as wrong.
    poison_size : int or array-like of int of shape (n_sizes,)
        Amounts of poison, in units.
    spread : array-like of int of shape (n_partitions, spreading_degree), default=None
        The voters that use each partition. None: partition j is used by voter j alone.
    cost : int, default=1
        Partitions that one unit of poison corrupts.
    phantom : bool, default=True
        Whether the attacker may change the set of labels. Pass False if it is fixed.
    may_abstain : bool, default=False
        Whether a voter whose scores are all -inf abstains in round two as well.

    Returns
    -------
    float or ndarray of float64 of shape (n_sizes,)
        The fraction of rows that are proven to be predicted correctly whatever the attack. In
        an array, never larger for more poison.

    Raises
    ------
    InvalidInputError
        If scores has no rows, no voters or no classes, is not numeric, or holds NaN or +inf; if
        `y` is not one integer per row, if a poison size is negative or no integer, or if `spread`
        or `cost` is not as described.

    See Also
    --------
    runoff_radius : The election, and what each row survives by itself.

    Notes
    -----
    A row is lost only if two rivals pass the winner in round one, or if one rival comes into the
    run-off and beats it there. Either asks that weights of the voters that the corrupted partitions
    reach sum to some number, or several times: see :func:`runoff_radius`. One such condition of
    each way bounds what a partition can add to it.

    Takes, besides the scores, a few bytes for each voter and row, and 8 bytes for each partition
    and each row that the attacker might flip, these at most 2 GiB; rows beyond that count as
    flipped.

    References
    ----------
    K. Rezaei, K. Banihashem, A. Chegini, S. Feizi. "Run-Off Election: Improved Provable Defense
    against Data Poisoning Attacks". ICML 2023, for the election and the radius of a row. The joint
    bounds go beyond the paper.

    Examples
    --------
    Two of three voters elect class 0 on each row, but not the same two: turning one voter takes
    two rows of the three.

    >>> import numpy as np
    >>> from sklearn_certify.certificates import joint_runoff_accuracy, runoff_radius
    >>> votes = np.array([[0, 0, 1], [0, 1, 0], [1, 0, 0]])
    >>> scores = np.eye(2)[votes]
    >>> runoff_radius(scores, phantom=False)[1]
    array([0, 0, 0])
    >>> joint_runoff_accuracy(scores, [0, 0, 0], [0, 1, 2], phantom=False).round(2)
    array([1.  , 0.33, 0.  ])
    """
    sizes = check_poison_sizes(poison_size)
    y, scores = check_truth(y), check_scores(scores)
    check_same_rows("scores", scores, y)
    phantom, may_abstain = bool(phantom), bool(may_abstain)
    n_voters, n_classes = scores.shape[1:]
    spread = None if spread is None else check_spread(spread, n_voters)
    n_partitions = n_voters if spread is None else len(spread)
    budgets = budgets_in_partitions(sizes, check_cost(cost), n_partitions)
    largest = budgets.max(initial=0)
    predicted, radius = elect_and_certify(scores, spread, phantom, may_abstain, largest)
    spread = np.arange(n_voters)[:, None] if spread is None else spread
    correct = predicted == y
    weak = np.flatnonzero(correct & (radius < largest))
    ballots = runoff_ballots(scores, predicted, radius, weak)
    flips = _flips(ballots, n_classes, spread, budgets, phantom, may_abstain)
    accuracy = (np.count_nonzero(correct) - flips) / len(y)
    return accuracy if sizes.ndim else float(accuracy)


def joint_accuracy_of_ballots(
    ballots: RunoffBallots,
    y: Integers,
    sizes: Int64s,
    *,
    n_classes: int,
    spread: Int64s,
    cost: int,
    phantom: bool,
    may_abstain: bool,
) -> Floats:
    """Return what `joint_runoff_accuracy` does, of elections that were held before.

    Parameters
    ----------
    ballots : RunoffBallots
        From `runoff_ballots`, of one or several batches.
    y : ndarray of int of shape (n_samples,)
        Index of the true class.
    sizes : ndarray of int64 of shape () or (n_sizes,)
        Amounts of poison.
    n_classes : int
        Number of classes.
    spread : ndarray of int64 of shape (n_partitions, spreading_degree)
        The voters that use each partition.
    cost, phantom, may_abstain
        As `joint_runoff_accuracy` takes them.

    Returns
    -------
    ndarray of float64, of the shape of `sizes`
    """
    budgets = budgets_in_partitions(sizes, cost, len(spread))
    correct = np.flatnonzero(ballots.predicted == y)
    flips = _flips(ballots.take(correct), n_classes, spread, budgets, phantom, may_abstain)
    return (len(correct) - flips) / len(y)


def _flips(
    ballots: RunoffBallots,
    n_classes: int,
    spread: Int64s,
    budgets: Int64s,
    phantom: bool,
    may_abstain: bool,
) -> Int64s:
    """Bound from above how many of these rows, all correct, flip at each budget of partitions."""
    counts = np.zeros((len(ballots.votes), n_classes + 1), np.int64)
    counts[:, :-1] = count_checked_votes(ballots.votes, n_classes)
    rows = RunoffRows(ballots, counts, spread, phantom, may_abstain)
    bounds = Bounds(runoff_flips_by_single_partitions, runoff_flips_by_search, fill_runoff_shares)
    return flips_of_budgets(rows, ballots.radius, budgets, bounds)
