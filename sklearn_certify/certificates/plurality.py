"""Deep Partition Aggregation: every training row reaches one voter, and the most votes win."""

import numpy as np
from numba import njit

from .._compute.blocks import run_on_blocks
from ._validation import check_cost, check_n_classes, check_votes

__all__ = ["count_votes", "plurality_radius", "rival_gaps"]

_LANES = 4  # neighbours add to different rows of counters and do not wait for each other
_VOTES_PER_BLOCK = 1 << 18  # fewer than these take less time than starting a thread


def count_votes(votes, n_classes):
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
    >>> from sklearn_certify.certificates.plurality import count_votes
    >>> count_votes([[0, 2, 2, -1]], n_classes=3)
    array([[1, 0, 2]])
    """
    n_classes = check_n_classes(n_classes)
    return count_checked_votes(check_votes(votes, n_classes), n_classes)


def count_checked_votes(votes, n_classes):
    """Count votes that `check_votes` has returned."""
    counts = np.empty((len(votes), n_classes), dtype=np.int64)
    run_on_blocks(
        lambda start, stop: _count(votes[start:stop], counts[start:stop]),
        len(votes),
        min_block=_VOTES_PER_BLOCK // votes.shape[1] + 1,
    )
    return counts


@njit(nogil=True, cache=True)
def _count(votes, counts):
    n_classes = counts.shape[1]
    lanes = np.empty((_LANES, n_classes + 1), np.int64)  # column 0: abstentions
    for sample in range(len(votes)):
        row = votes[sample]
        lanes[:] = 0
        for voter in range(len(row)):
            lanes[voter % _LANES, row[voter] + 1] += 1
        for label in range(n_classes):
            counts[sample, label] = lanes[:, label + 1].sum()


def rival_gaps(counts, predicted, *, phantom):
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


def plurality_radius(votes, n_classes, *, cost=1, phantom=True):
    """Certified radius of a plurality vote whose voters share no training row.

    A voter that the attacker reaches can take its vote from the predicted class p and give it to
    a rival b, which moves the margin by two. So the prediction stands while at most
    floor((n_p - n_b - [b < p]) / 2) voters are reached, for every rival b. No larger radius is
    true of these votes: one more voter can change the prediction. A voter that abstains may be
    reached like any other.

    Parameters
    ----------
    votes : array-like of int of shape (n_samples, n_voters)
        Index of the class each voter chooses; -1 where a voter abstains.
    n_classes : int
        Number of classes.
    cost : int, default=1
        Partitions (here: voters) that one unit of poison corrupts.
    phantom : bool, default=True
        Whether the attacker may invent a label, which starts without votes and wins ties. Pass
        False if the set of labels is fixed.

    Returns
    -------
    predicted : ndarray of int64 of shape (n_samples,)
        The class with most votes, the first of them if there are several.
    radius : ndarray of int64 of shape (n_samples,)
        The largest amount of poison, in units, that is proven harmless. Without any rival (one
        class, ``phantom=False``) it is ``n_voters // cost``: everything may be poisoned.

    Raises
    ------
    InvalidInputError
        If votes are not a 2-D array of integers from -1 to ``n_classes - 1``, or if `n_classes`
        or `cost` is no whole number from 1 up.

    References
    ----------
    Levine and Feizi, "Deep Partition Aggregation: Provable Defenses against General Poisoning
    Attacks", ICLR 2021. Wang, Levine and Feizi, "Lethal Dose Conjecture on Data Poisoning",
    NeurIPS 2022, Theorem 3.

    Examples
    --------
    Five voters for class 0 and one for class 1: two voters may be corrupted, three may not.

    >>> from sklearn_certify.certificates import plurality_radius
    >>> plurality_radius([[0, 0, 0, 0, 1, 0]], n_classes=2)
    (array([0]), array([2]))
    """
    n_classes = check_n_classes(n_classes)
    cost = check_cost(cost)
    votes = check_votes(votes, n_classes)
    counts = count_checked_votes(votes, n_classes)
    predicted = counts.argmax(axis=1)
    gaps = rival_gaps(counts, predicted, phantom=phantom)
    # no gap exceeds the number of voters, except that of a row without rivals
    return predicted, np.minimum(gaps.min(axis=1) // 2, votes.shape[1]) // cost
