"""Deep Partition Aggregation: every training row reaches one voter, and the most votes win."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ._arrays import Int64s
from ._margins import count_checked_votes, rival_gaps
from ._targets import fewest_turned, leads_over
from ._validation import check_cost, check_n_classes, check_target, check_votes

__all__ = ["plurality_radius"]


def plurality_radius(
    votes: ArrayLike,
    n_classes: int,
    *,
    cost: int = 1,
    phantom: bool = True,
    target: int | None = None,
) -> tuple[Int64s, Int64s]:
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
    target : int, default=None
        The class that an attacker wants, or `n_classes` for an invented label (if `phantom`). The
        radius is then about attacks that make it the prediction; other changes do not matter.

    Returns
    -------
    predicted : ndarray of int64 of shape (n_samples,)
        The class with most votes, the first of them if there are several.
    radius : ndarray of int64 of shape (n_samples,)
        The largest amount of poison, in units, that is proven harmless. Without any rival (one
        class, ``phantom=False``) it is ``n_voters // cost``: everything may be poisoned. With a
        `target`, -1 where that is the prediction already.

    Raises
    ------
    InvalidInputError
        If votes are not a 2-D array of integers from -1 to ``n_classes - 1``, if `n_classes` or
        `cost` is no whole number from 1 up, or if `target` is no such class.

    Notes
    -----
    For a `target` b to win, it must pass every other class c. With t turned voters it gains t on
    each of them. Of the rest of the leads, the sum of max(0, n_c + [c < b] - n_b - t), each vote
    takes one of the t voters from its class. So t voters suffice if and only if that sum is at most
    t: the smallest such t, less one, is the radius, and again no larger one is true. It is never
    below the radius without a target.

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

    To make class 2 the prediction of these, three must be turned; of the voters below, who are
    split between classes 0 and 1, two could change the prediction, but four are needed.

    >>> plurality_radius([[0, 0, 0, 0, 1, 0]], n_classes=3, target=2)
    (array([0]), array([2]))
    >>> split = [[0, 0, 0, 0, 0, 1, 1, 1, 1, 1]]
    >>> plurality_radius(split, n_classes=3), plurality_radius(split, n_classes=3, target=2)
    ((array([0]), array([0])), (array([0]), array([3])))
    """
    n_classes = check_n_classes(n_classes)
    cost = check_cost(cost)
    if target is not None:
        target = check_target(target, n_classes, phantom=phantom)
    votes = check_votes(votes, n_classes)
    counts = count_checked_votes(votes, n_classes)
    predicted = counts.argmax(axis=1)
    if target is not None:
        return predicted, (fewest_turned(leads_over(counts, target)) - 1) // cost
    gaps = rival_gaps(counts, predicted, phantom=phantom)
    # no gap exceeds the number of voters, except that of a row without rivals
    return predicted, np.minimum(gaps.min(axis=1) // 2, votes.shape[1]) // cost
