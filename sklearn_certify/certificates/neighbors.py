"""Nearest neighbours: every neighbour is a voter that one unit of poison adds, removes or turns."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from .._compute.blocks import run_on_blocks
from .._compute.first_work import FirstWork
from ..exceptions import InvalidInputError
from ..threat import ThreatModel, find_threat_model
from ._arrays import Int64s, Integers
from ._margins import count_checked_votes, rival_gaps
from ._neighbor_kernels import largest_safe_budgets
from ._numpy_neighbors import largest_safe_budgets_by_numpy
from ._targeted_neighbors import targeted_budgets, targeted_budgets_by_numpy
from ._targets import fewest_turned, leads_over
from ._validation import (
    check_n_classes,
    check_target,
    check_vote_counts,
    check_votes,
    check_whole,
)

__all__ = ["check_n_rows", "check_neighbor_labels", "knn_radius", "rnn_radius"]

_FIRST_WORK = FirstWork(2**24)


def knn_radius(
    neighbor_labels: ArrayLike,
    n_neighbors: int,
    n_classes: int,
    *,
    threat_model: str = "insert_delete",
    phantom: bool = True,
    n_rows: int | None = None,
    target: int | None = None,
) -> tuple[Int64s, Int64s]:
    """Certified radius of a vote of the k nearest neighbours, exact for each threat model.

    An inserted row takes a place among the k nearest and pushes out the last of them; where a row
    is deleted the next one moves up. Rows that are changed, or whose labels are, move the margin
    by two each.

    Parameters
    ----------
    neighbor_labels : array-like of int of shape (n_samples, n_columns)
        Class indices of the training rows, nearest first: the `n_neighbors` nearest at least
        (fewer only where there are no more), and further ones where rows may be deleted.
    n_neighbors : int
        Number of neighbours that vote (k in the papers). If there are fewer rows, all vote.
    n_classes : int
        Number of classes.
    threat_model : {"insert_delete", "insert", "delete", "modify", "label_flip"}, \
            default="insert_delete"
        What one unit of poison may do, see `sklearn_certify.threat`.
    phantom : bool, default=True
        Whether the attacker may use a label that no clean row has; it wins ties.
    n_rows : int, default=None
        Number of training rows. Those that have no column are unknown, so a radius under
        "delete" and "insert_delete" is at most ``n_columns - n_neighbors``, unless there is a
        column for each. None = unknown too, unless ``n_columns < n_neighbors``.
    target : int, default=None
        The class that an attacker wants, or `n_classes` for a label that no clean row has (if
        `phantom`). The radius is then about attacks that make it the prediction; other changes do
        not matter.

    Returns
    -------
    predicted : ndarray of int64 of shape (n_samples,)
        The class with most votes, the first of them if there are several.
    radius : ndarray of int64 of shape (n_samples,)
        The largest amount of poison that is proven harmless. Not all rows may be deleted. Without
        any rival (one class, ``phantom=False``) insertions count up to the number of voters. With
        a `target`, -1 where that is the prediction already; where deletions alone can never make
        it the prediction, all rows but one.

    Raises
    ------
    InvalidInputError
        If labels are not a 2-D array of integers from 0 to ``n_classes - 1``, if there are fewer
        columns than both `n_neighbors` and `n_rows`, or if another parameter is out of range.

    Notes
    -----
    Let A(m) and B(m) be the rows of the predicted class and of a rival among the first m. With i
    inserted and j deleted rows the attacker reaches the margin (A(m) - j) - (B(m) + i), where
    m = k + j - i, and no smaller one; "insert_delete" takes the worst split of the budget.
    "modify" and "label_flip" allow floor(gap / 2) units, gap being the margin less one where the
    rival wins ties. Inserted rows are taken to be nearer than all others, as an attacker who
    knows the query can place them; where rows equal to the query stand in the way the radius is
    still a lower bound.

    A `target` b wins as soon as the sum of max(0, A_c(m) + [c < b] - B(m) - i) over all other
    classes c is at most j; under "modify" and "label_flip" it wins as in `plurality_radius`.

    References
    ----------
    Jia, Cao and Gong, "Certified Robustness of Nearest Neighbors against Data Poisoning Attacks",
    2020. Theorem 1 is the bound for "modify".

    Examples
    --------
    Three of the five nearest are of class 0. Two of them must be deleted before class 1 wins,
    because the next row is of class 0 again; one insertion is enough to win.

    >>> from sklearn_certify.certificates import knn_radius
    >>> labels = [[0, 1, 0, 1, 0, 0, 1, 1]]
    >>> knn_radius(labels, 5, 2, threat_model="delete", phantom=False)
    (array([0]), array([1]))
    >>> knn_radius(labels, 5, 2, threat_model="insert", phantom=False)
    (array([0]), array([0]))
    """
    model = find_threat_model(threat_model)
    n_classes = check_n_classes(n_classes)
    if target is not None:
        target = check_target(target, n_classes, phantom=phantom)
    labels, n_neighbors = check_neighbor_labels(neighbor_labels, n_neighbors, n_classes)
    n_rows = check_n_rows(n_rows, labels.shape[1], n_neighbors)

    if model.relabels:
        return rnn_radius(
            count_checked_votes(np.ascontiguousarray(labels[:, :n_neighbors]), n_classes),
            threat_model=threat_model,
            phantom=phantom,
            target=target,
        )
    predicted = np.empty(len(labels), dtype=np.int64)
    radius = np.empty(len(labels), dtype=np.int64)
    by_numpy = _FIRST_WORK.takes(labels.size * n_classes)
    against: Any
    if target is None:
        write_budgets: Any = largest_safe_budgets_by_numpy if by_numpy else largest_safe_budgets
        against = bool(phantom)
    else:
        write_budgets = targeted_budgets_by_numpy if by_numpy else targeted_budgets
        against = target
    run_on_blocks(
        lambda start, stop: write_budgets(
            labels[start:stop],
            n_neighbors,
            n_rows,
            n_classes,
            model.inserts,
            model.deletes,
            against,
            predicted[start:stop],
            radius[start:stop],
        ),
        len(labels),
    )
    return predicted, radius


def check_neighbor_labels(
    labels: ArrayLike, n_neighbors: int, n_classes: int
) -> tuple[Integers, int]:
    """Return the labels of the nearest rows and how many of these vote, checked."""
    labels = check_votes(labels, n_classes)
    if labels.min(initial=0) < 0:
        raise InvalidInputError("neighbor_labels must be class indices from 0 up, got -1.")
    return labels, _check_count("n_neighbors", n_neighbors)


def _check_count(name: str, value: object) -> int:
    return min(check_whole(name, value), np.iinfo(np.int64).max // 4)  # sums must not overflow


def check_n_rows(n_rows: int | None, n_columns: int, n_neighbors: int) -> int:
    """Return the number of training rows, one more than there are columns if it is unknown."""
    if n_rows is None:
        return n_columns + (n_columns >= n_neighbors)
    n_rows = _check_count("n_rows", n_rows)
    if n_rows < n_columns or n_columns < min(n_neighbors, n_rows):
        raise InvalidInputError(
            f"neighbor_labels must have a column for each of the n_neighbors={n_neighbors} nearest "
            f"of n_rows={n_rows} training rows, and at most n_rows columns; got {n_columns}."
        )
    return n_rows


def rnn_radius(
    vote_counts: ArrayLike,
    *,
    threat_model: str = "insert_delete",
    phantom: bool = True,
    target: int | None = None,
) -> tuple[Int64s, Int64s]:
    """Certified radius of a vote of all training rows near the query, exact for each threat model.

    A unit of poison adds a vote to a rival or removes one of the predicted class, or does both if
    it changes a row or its label.

    Parameters
    ----------
    vote_counts : array-like of int of shape (n_samples, n_classes)
        Training rows of each class within the radius of each query.
    threat_model : {"insert_delete", "insert", "delete", "modify", "label_flip"}, \
            default="insert_delete"
        What one unit of poison may do, see `sklearn_certify.threat`.
    phantom : bool, default=True
        Whether the attacker may use a label that no clean row has; it wins ties. So does the
        label of an empty neighbourhood, if there is one.
    target : int, default=None
        The class that an attacker wants, or `n_classes` for a label that no clean row has, or that
        empty neighbourhoods alone get (if `phantom`). The radius is then about attacks that make it
        the prediction; other changes do not matter.

    Returns
    -------
    predicted : ndarray of int64 of shape (n_samples,)
        The class with most votes, the first of them if there are several.
    radius : ndarray of int64 of shape (n_samples,)
        The largest amount of poison that is proven harmless; 0 where there are no votes. Without
        any rival (one class, ``phantom=False``) it is the number of votes, or half of it. With a
        `target`, -1 where that is the first class with most votes already; the number of votes
        where deletions alone can never make it the prediction.

    Raises
    ------
    InvalidInputError
        If counts are not a 2-D array of integers from 0 up, or if there is no such threat model or
        `target`.

    Notes
    -----
    With gap(b) = n_p - n_b - [b < p], rival b wins as soon as more than gap(b) votes have been
    removed from p or added to b. So "insert", "delete" and "insert_delete" allow min_b gap(b)
    units; "modify" and "label_flip" allow floor(min_b gap(b) / 2).

    A `target` b wins as soon as e votes have been added to it, e being the largest
    n_c - n_b + [c < b] of all other classes c, or as many votes removed as those sum up to that are
    positive. So "insert" and "insert_delete" allow e - 1 units, "delete" one less than the sum, and
    all less than the number of votes if b may be the label of an empty neighbourhood, which is the
    only way to win by deletions if it has no votes. "modify" and "label_flip" turn votes, as in
    `plurality_radius`.

    References
    ----------
    Jia, Cao and Gong, "Certified Robustness of Nearest Neighbors against Data Poisoning Attacks",
    2020. Theorem 1 is the bound for "modify".

    Examples
    --------
    >>> from sklearn_certify.certificates import rnn_radius
    >>> rnn_radius([[7, 2, 0]])
    (array([0]), array([5]))
    >>> rnn_radius([[7, 2, 0]], threat_model="modify")
    (array([0]), array([2]))
    """
    model = find_threat_model(threat_model)
    counts = check_vote_counts(vote_counts)
    predicted = counts.argmax(axis=1)
    if target is not None:
        target = check_target(target, counts.shape[1], phantom=phantom)
        return predicted, _votes_short_of(target, counts, predicted, model, phantom=phantom)
    gaps = rival_gaps(counts, predicted, phantom=phantom).min(axis=1)
    # no gap exceeds the number of votes, except that of a row without rivals
    budget = np.minimum(gaps, counts.max(axis=1))
    return predicted, budget // 2 if model.relabels else budget


def _votes_short_of(
    target: int, counts: Int64s, predicted: Int64s, model: ThreatModel, *, phantom: bool
) -> Int64s:
    """Units that cannot make `target` win among rows within a radius, -1 where it has won."""
    leads = leads_over(counts, target)
    if model.relabels:
        needed = fewest_turned(leads)
    else:
        n_votes = counts.sum(axis=1)
        wins_empty = phantom or target == 0  # an empty neighbourhood, of which nobody knows more
        all_votes = n_votes + (not wins_empty)
        if model.inserts:
            needed = leads.max(axis=1)
        else:
            without = target == counts.shape[1] or counts[:, target] == 0
            needed = np.where(without, all_votes, leads.sum(axis=1))
        if model.deletes:
            needed = np.minimum(needed, all_votes)
    return np.where(predicted == target, -1, np.maximum(needed - 1, 0))
