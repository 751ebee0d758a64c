"""Joint certificates of voters on consecutive periods: one attack in time for all test rows."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ..._compute.blocks import run_on_blocks
from ..._compute.first_work import FirstWork
from ...threat import check_poison_sizes
from .._arrays import Floats, Int64s, Integers
from .._margins import count_checked_votes, rival_gaps
from .._validation import check_spans
from ..temporal import temporal_radius
from ._flips_together import check_votes_and_truth
from ._temporal_losses import losing_voters, losing_voters_by_numpy

__all__ = ["joint_temporal_accuracy"]

_FIRST_WORK = FirstWork(2**25)
_VOTES_PER_BLOCK = 1 << 15  # fewer than these take less time than starting a thread
_MOST_NUMBERS = 1 << 21  # of losing voters, at a time


def joint_temporal_accuracy(
    votes: ArrayLike,
    y: ArrayLike,
    poison_size: ArrayLike,
    *,
    first_period: ArrayLike,
    last_period: ArrayLike,
    n_classes: int | None = None,
    phantom: bool = True,
) -> float | Floats:
    """Accuracy of voters on consecutive periods when one attack in time must serve all rows.

    Rows that are predicted correctly and whose duration covers the attack stay correct. To count
    no others assumes that each row has an attacker, who chooses the periods that are worst for it.
    Yet one attack has one time: what it reaches then may flip some rows, and leaves those alone
    that other periods would have flipped. So this counts the rows that may flip at each time,
    and takes the worst. It is never below the count of each row by itself, and no larger number
    is true of these votes.

    Parameters
    ----------
    votes : array-like of int of shape (n_samples, n_voters)
        Index of the class each voter chooses; -1 where a voter abstains.
    y : array-like of int of shape (n_samples,)
        Index of the true class. A row whose true class is none of ``0 .. n_classes - 1`` counts
        as wrong.
    poison_size : int or array-like of int of shape (n_sizes,)
        Numbers of consecutive periods in which there is any amount of poison.
    first_period, last_period : array-like of int of shape (n_voters,)
        The first and the last of the periods whose rows each voter learns from.
    n_classes : int, default=None
        Number of classes. None: the largest index in `votes` and `y`, plus one.
    phantom : bool, default=True
        Whether the attacker may invent a label, which starts without votes and wins ties. Pass
        False if the set of labels is fixed.

    Returns
    -------
    float or ndarray of float64 of shape (n_sizes,)
        The fraction of rows that are predicted correctly whatever the attack. In an array, never
        larger for more poison.

    Raises
    ------
    InvalidInputError
        If votes are not a 2-D array of integers from -1 to ``n_classes - 1``, if there are no
        rows, if `y` is not one integer per row, if a poison size is negative or no integer, if
        periods are not a whole number per voter or a voter's last one lies before its first, or if
        `n_classes` is no whole number from 1 up.

    See Also
    --------
    temporal_radius : How long an attack on each row by itself may last.

    Notes
    -----
    There is no such function for earliness: attacks that end in the last period have one time for
    each length, which all rows share anyway. There, to count each row by itself is exact.

    Examples
    --------
    Either row can be flipped within one period, but by another one:

    >>> import numpy as np
    >>> from sklearn_certify.certificates import joint_temporal_accuracy
    >>> votes, periods = [[-1, -1, 0], [0, -1, -1]], np.arange(3)
    >>> spans = {"first_period": periods, "last_period": periods}
    >>> joint_temporal_accuracy(votes, [0, 0], [0, 1, 3], n_classes=2, phantom=False, **spans)
    array([1. , 0.5, 0. ])
    """
    sizes = check_poison_sizes(poison_size)
    votes, y, n_classes = check_votes_and_truth(votes, y, n_classes)
    first, last = check_spans(first_period, last_period, votes.shape[1])
    predicted, duration = temporal_radius(votes, first, last, n_classes, phantom=phantom)
    correct = predicted == y
    at_stake = correct & (duration < sizes.max(initial=0))
    lost = _most_lost(votes[at_stake], first, last, sizes, n_classes, phantom=phantom)
    accuracy = (correct.sum() - lost) / len(votes)
    return accuracy if sizes.ndim else float(accuracy)


def _most_lost(
    votes: Integers,
    first: Int64s,
    last: Int64s,
    sizes: Int64s,
    n_classes: int,
    *,
    phantom: bool,
) -> Int64s:
    """The most of these rows, all correct, that one attack of so many periods can flip."""
    # whoever reaches all voters reaches no more with more periods
    lengths, which = np.unique(np.minimum(sizes, last.max() - first.min() + 1), return_inverse=True)
    order = np.argsort(first, kind="stable")
    first, last, votes = first[order], last[order], np.ascontiguousarray(votes[:, order])
    starts = np.unique(last)  # an attack may as well start in the last period of a voter
    places = np.arange(len(starts)) * (len(lengths) + 1)
    lost = np.zeros((len(starts), len(lengths) + 1), dtype=np.int64)
    rows_at_a_time = _MOST_NUMBERS // len(starts) + 1
    for begin in range(0, len(votes), rows_at_a_time):
        part = votes[begin : begin + rows_at_a_time]
        voters = _losing_voters(part, first, last, starts, n_classes, phantom=phantom)
        needed = np.maximum(np.append(first, last.max())[voters] - starts + 1, 1)
        flipped_from = np.searchsorted(lengths, needed)
        flipped_from[voters == len(first)] = len(lengths)  # no length flips these
        lost += np.bincount((places + flipped_from).ravel(), minlength=lost.size).reshape(
            lost.shape
        )
    most = lost[:, :-1].cumsum(axis=1).max(axis=0)
    return np.asarray(most[which.reshape(sizes.shape)], dtype=np.int64)


def _losing_voters(
    votes: Integers,
    first: Int64s,
    last: Int64s,
    starts: Int64s,
    n_classes: int,
    *,
    phantom: bool,
) -> Int64s:
    """Return which voter an attack must reach to flip each row, by its start; n_voters: none.

    Voters are sorted by their first periods, and it reaches those before as far as they last.
    """
    counts = count_checked_votes(votes, n_classes)
    predicted = counts.argmax(axis=1)
    gaps = rival_gaps(counts, predicted, phantom=phantom)
    by_last = np.argsort(last, kind="stable")
    n_ended = np.searchsorted(last[by_last], starts)
    voters = np.full((len(votes), len(starts)), len(first), dtype=np.int64)
    if _FIRST_WORK.takes(gaps.size * votes.shape[1]):
        losing_voters_by_numpy(votes, predicted, gaps, by_last, n_ended, voters)
        return voters

    def on_block(start: int, stop: int) -> None:
        block = slice(start, stop)
        losing_voters(votes[block], predicted[block], gaps[block], by_last, n_ended, voters[block])

    run_on_blocks(on_block, len(votes), min_block=_VOTES_PER_BLOCK // votes.shape[1] + 1)
    return voters
