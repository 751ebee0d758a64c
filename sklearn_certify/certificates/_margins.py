"""How many votes each class has, and how far each rival is from winning."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import ArrayLike

from .._compute.blocks import run_on_blocks
from .._compute.first_work import FirstWork
from ._arrays import Int64s, Integers
from ._validation import check_n_classes, check_votes

__all__ = ["count_checked_votes", "count_votes", "rival_gaps", "write_gaps"]

_FIRST_WORK = FirstWork(2**24)
_LANES = 4  # neighbours add to different rows of counters and do not wait for each other
_VOTES_PER_BLOCK = 1 << 18  # fewer than these take less time than starting a thread


def count_votes(votes: ArrayLike, n_classes: int) -> Int64s:
    """Count the votes for each class.

    Parameters
    ----------
    votes : array-like of int of shape (n_samples, n_voters)
        Index of the class each voter chooses; -1 where a voter abstains.
    n_classes : int
        Number of classes.

    Returns
    -------
    ndarray of int64 of shape (n_samples, n_classes)

    Raises
    ------
    InvalidInputError
        If votes are not a 2-D array of integers from -1 to ``n_classes - 1``, or if `n_classes`
        is no whole number from 1 up.

    Examples
    --------
    >>> from sklearn_certify.certificates import count_votes
    >>> count_votes([[0, 2, 2, -1]], n_classes=3)
    array([[1, 0, 2]])
    """
    n_classes = check_n_classes(n_classes)
    return count_checked_votes(check_votes(votes, n_classes), n_classes)


def count_checked_votes(votes: Integers, n_classes: int) -> Int64s:
    """Count votes that `check_votes` has returned."""
    if _FIRST_WORK.takes(votes.size):
        return _count_by_numpy(votes, n_classes)
    counts = np.empty((len(votes), n_classes), dtype=np.int64)
    run_on_blocks(
        lambda start, stop: _count(votes[start:stop], counts[start:stop]),
        len(votes),
        min_block=_VOTES_PER_BLOCK // votes.shape[1] + 1,
    )
    return counts


@njit(nogil=True, cache=True)
def _count(votes: Integers, counts: Int64s) -> None:
    n_classes = counts.shape[1]
    lanes = np.empty((_LANES, n_classes + 1), np.int64)  # column 0: abstentions
    for sample in range(len(votes)):
        row = votes[sample]
        lanes[:] = 0
        for voter in range(len(row)):
            lanes[voter % _LANES, row[voter] + 1] += 1
        for label in range(n_classes):
            counts[sample, label] = lanes[:, label + 1].sum()


def _count_by_numpy(votes: Integers, n_classes: int) -> Int64s:
    width = n_classes + 1  # column 0: abstentions
    places = np.arange(len(votes))[:, np.newaxis] * width + votes + 1
    counts = np.bincount(places.ravel(), minlength=len(votes) * width)
    return np.ascontiguousarray(counts.reshape(-1, width)[:, 1:], dtype=np.int64)


def rival_gaps(counts: Int64s, predicted: Int64s, *, phantom: bool) -> Int64s:
    """How far each rival is from winning: the damage to the margin that it survives.

    Rival b wins once the margin between the predicted class p and b has shrunk by more than
    n_p - n_b - [b < p]. The invented label has no votes and wins ties: n_p - 1.

    Parameters
    ----------
    counts : ndarray of int64 of shape (n_samples, n_classes)
        Votes for each class.
    predicted : ndarray of int64 of shape (n_samples,)
        The class with most votes, the first of them if there are several.
    phantom : bool
        Whether the attacker may invent a label.

    Returns
    -------
    ndarray of int64 of shape (n_samples, n_classes) or (n_samples, n_classes + 1)
        Never negative. The last of ``n_classes + 1`` columns is the invented label. The predicted
        class, which is no rival, has the largest int64.
    """
    rows = np.arange(len(counts))
    most = counts[rows, predicted]
    gaps = most[:, None] - counts - (np.arange(counts.shape[1]) < predicted[:, None])
    gaps[rows, predicted] = np.iinfo(np.int64).max
    if phantom:
        # where every voter abstains n_p - 1 is negative; one vote decides there, as with gap 0
        gaps = np.column_stack([gaps, np.maximum(most - 1, 0)])
    return gaps


@njit(nogil=True, cache=True)
def write_gaps(counts: Integers, predicted: int, gaps: Int64s) -> None:
    """Write the gaps of one row as `rival_gaps` returns them; its counterpart within kernels."""
    most = int(counts[predicted])
    for label in range(len(counts)):
        gaps[label] = most - counts[label] - (label < predicted)
    gaps[predicted] = np.iinfo(np.int64).max
    if len(gaps) > len(counts):
        gaps[len(counts)] = max(most - 1, 0)
