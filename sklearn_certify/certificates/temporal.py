"""Temporal aggregation: every voter learns from some periods in a row, and the most votes win."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from .._compute.blocks import run_on_blocks
from .._compute.first_work import FirstWork
from ._arrays import Int64s, Integers
from ._even_spans import durations_of_even_spans
from ._margins import count_checked_votes, rival_gaps
from ._numpy_temporal import durations_by_numpy, earlinesses_by_numpy
from ._partition_damage import MOST_DAMAGE
from ._temporal_kernels import durations, earlinesses
from ._validation import check_n_classes, check_spans, check_votes

__all__ = ["temporal_earliness", "temporal_radius"]

_FIRST_WORK = FirstWork(2**25)
_VOTES_PER_BLOCK = 1 << 17  # fewer than these take less time than starting a thread


def temporal_radius(
    votes: ArrayLike,
    first_period: ArrayLike,
    last_period: ArrayLike,
    n_classes: int,
    *,
    phantom: bool = True,
) -> tuple[Int64s, Int64s]:
    """Certified duration of a plurality vote whose voters learn from consecutive periods each.

    However much poison is planted within the periods s to e, it reaches only the voters whose
    periods meet these. Each moves the margin between the predicted class p and a rival b by at most
    1 + [v = p] - [v = b], where v is its vote. The prediction stands if, for every rival, that sums
    to at most n_p - n_b - [b < p]. The duration is the largest T for which all T consecutive
    periods leave it standing. No larger one is true of these votes.

    Parameters
    ----------
    votes : array-like of int of shape (n_samples, n_voters)
        Index of the class each voter chooses; -1 where a voter abstains.
    first_period, last_period : array-like of int of shape (n_voters,)
        The first and the last of the periods whose rows each voter learns from.
    n_classes : int
        Number of classes.
    phantom : bool, default=True
        Whether the attacker may invent a label, which starts without votes and wins ties. Pass
        False if the set of labels is fixed.

    Returns
    -------
    predicted : ndarray of int64 of shape (n_samples,)
        The class with most votes, the first of them if there are several.
    duration : ndarray of int64 of shape (n_samples,)
        The largest number of consecutive periods in which any amount of poison is proven
        harmless. Without any rival (one class, ``phantom=False``) it is the number of all periods.

    Raises
    ------
    InvalidInputError
        If votes are not a 2-D array of integers from -1 to ``n_classes - 1``, if periods are not a
        whole number per voter or a voter's last one lies before its first, or if `n_classes` is no
        whole number from 1 up.

    See Also
    --------
    temporal_earliness : The same for attacks that go on until the last period.

    References
    ----------
    Wang and Feizi, "Temporal Robustness against Data Poisoning", NeurIPS 2023.

    Examples
    --------
    Eight voters on one period each, seven for class 0. Three neighbours may be poisoned, and four
    may not. If each learns from two periods, two periods reach three voters.

    >>> import numpy as np
    >>> from sklearn_certify.certificates import temporal_radius
    >>> votes, periods = [[0, 0, 0, 0, 0, 0, 1, 0]], np.arange(8)
    >>> temporal_radius(votes, periods, periods, n_classes=2)
    (array([0]), array([3]))
    >>> temporal_radius(votes, periods, periods + 1, n_classes=2)
    (array([0]), array([2]))
    """
    return _certify(
        votes, first_period, last_period, n_classes, phantom, _durations, durations_by_numpy
    )


def temporal_earliness(
    votes: ArrayLike,
    first_period: ArrayLike,
    last_period: ArrayLike,
    n_classes: int,
    *,
    phantom: bool = True,
) -> tuple[Int64s, Int64s]:
    """Certified earliness of a plurality vote whose voters learn from consecutive periods each.

    As `temporal_radius`, for attacks that go on until the last period of all voters: how early they
    may have begun, in periods, and still leave the prediction as it is. Never less than the
    duration, and exact as well.

    Parameters
    ----------
    votes : array-like of int of shape (n_samples, n_voters)
        Index of the class each voter chooses; -1 where a voter abstains.
    first_period, last_period : array-like of int of shape (n_voters,)
        The first and the last of the periods whose rows each voter learns from.
    n_classes : int
        Number of classes.
    phantom : bool, default=True
        Whether the attacker may invent a label, which starts without votes and wins ties. Pass
        False if the set of labels is fixed.

    Returns
    -------
    predicted : ndarray of int64 of shape (n_samples,)
        The class with most votes, the first of them if there are several.
    earliness : ndarray of int64 of shape (n_samples,)
        The largest number of periods, counted back from the last one, in which any amount of
        poison is proven harmless. Without any rival (one class, ``phantom=False``) it is the
        number of all periods.

    Raises
    ------
    InvalidInputError
        As `temporal_radius`.

    References
    ----------
    Wang and Feizi, "Temporal Robustness against Data Poisoning", NeurIPS 2023.

    Examples
    --------
    The latest votes are for another class, so that an attack on the latest periods gains little:

    >>> import numpy as np
    >>> from sklearn_certify.certificates import temporal_earliness, temporal_radius
    >>> votes, periods = [[0, 0, 0, 0, 0, 0, 1, 1]], np.arange(8)
    >>> temporal_radius(votes, periods, periods, n_classes=2)
    (array([0]), array([2]))
    >>> temporal_earliness(votes, periods, periods, n_classes=2)
    (array([0]), array([3]))
    """
    return _certify(
        votes, first_period, last_period, n_classes, phantom, earlinesses, earlinesses_by_numpy
    )


def _certify(
    votes: ArrayLike,
    first_period: ArrayLike,
    last_period: ArrayLike,
    n_classes: int,
    phantom: bool,
    kernel: Callable[..., None],
    by_numpy: Callable[..., None],
) -> tuple[Int64s, Int64s]:
    n_classes = check_n_classes(n_classes)
    votes = check_votes(votes, n_classes)
    first, last = check_spans(first_period, last_period, votes.shape[1])
    if (first[1:] < first[:-1]).any():
        order = np.argsort(first, kind="stable")
        first, last, votes = first[order], last[order], np.ascontiguousarray(votes[:, order])
    counts = count_checked_votes(votes, n_classes)
    predicted = counts.argmax(axis=1)
    gaps = rival_gaps(counts, predicted, phantom=phantom)
    radius = np.empty(len(votes), dtype=np.int64)
    if _FIRST_WORK.takes(gaps.size * votes.shape[1]):
        by_numpy(votes, predicted, gaps, first, last, radius)
        return predicted, radius

    def on_block(start: int, stop: int) -> None:
        block = slice(start, stop)
        kernel(votes[block], predicted[block], gaps[block], first, last, radius[block])

    run_on_blocks(on_block, len(votes), min_block=_VOTES_PER_BLOCK // votes.shape[1] + 1)
    return predicted, radius


def _durations(
    votes: Integers,
    predicted: Int64s,
    gaps: Int64s,
    first: Int64s,
    last: Int64s,
    duration: Int64s,
) -> None:
    lengths = last - first + 1
    if (np.diff(first) == 1).all() and (lengths == lengths[0]).all():
        sums = np.min_scalar_type(-MOST_DAMAGE * len(first) - 1)  # holds the opposite as well
        durations_of_even_spans(votes, predicted, gaps, lengths[0], sums, duration)
    else:
        durations(votes, predicted, gaps, first, last, duration)
