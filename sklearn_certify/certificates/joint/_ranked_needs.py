"""What it takes to flip a vote of the k nearest rows, where attacks move the others up and down.

With i rows inserted near a query and j removed, of the first m = k + j - i clean rows those that
are not removed vote on it. Let A(m) of these m be of the predicted class p, and D(m) more than of
rival b. If i_b inserted rows have label b, and j_p removed ones label p, the margin is at least

    D(k + j - i) - j_p - i_b,        i_b <= i <= I(j),        j_p <= j <= J(i),

where I(j) rows can be inserted beside j removed ones, and J(i) removed beside i inserted ones. It
is also at least 2 (A(k + j - i) - j_p) - k, as b has none but the other votes. The rival wins only
if the margin is less than [b < p]. So it needs, with L = 1 - [b < p],

    i_b + j_p >= min of max(L + D(m), R(m))                    over all m that can be reached,
    i_b       >= L + min over j_p of (min of D(m) - j_p)       over m >= k + j_p - I(j_p),
    j_p       >= L + min over i_b of (min of D(m) - i_b)       over m <= k + J(i_b) - i_b,
    j_p       >= min of R(m)                                   over all m that can be reached,

where R(m) = A(m) - (k - L) / 2, rounded up. The second says that to remove rows of class p does not
help where further ones come up behind them, and the third that to insert rows does not help where
it is others that they push out.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from ..._compute.blocks import run_on_blocks
from .._arrays import Int64s, Integers
from ._attacker import Attacker
from ._neighbor_needs import NEVER, NeighborNeeds

__all__ = ["collect_ranked_needs"]


def collect_ranked_needs(
    labels: Integers,
    predicted: Int64s,
    n_neighbors: int,
    n_rows: int,
    n_classes: int,
    attacker: Attacker,
    *,
    phantom: bool,
) -> NeighborNeeds:
    """Work out what it takes to flip votes of the k nearest rows.

    Parameters
    ----------
    labels : ndarray of int of shape (n_samples, n_columns)
        Class indices of the training rows, nearest first.
    predicted : ndarray of int64 of shape (n_samples,)
        The class with most votes.
    n_neighbors : int
        Number of neighbours that vote.
    n_rows : int
        Number of training rows. Those that have no column count as rows of every rival.
    n_classes : int
        Number of classes.
    attacker : Attacker
        Who removes and inserts rows.
    phantom : bool
        Whether the attacker may invent a label.

    Returns
    -------
    NeighborNeeds
    """
    order = np.argsort(predicted, kind="stable")
    predicted = predicted[order]
    starts = np.searchsorted(predicted, np.arange(n_classes + 1))
    needs, floors, insertions = np.zeros((3, n_classes + phantom, len(labels)), dtype=np.int64)
    rows = NeighborNeeds(needs, floors, insertions, starts)
    if attacker.threat_model.deletes and attacker.budget >= n_rows:
        return rows  # nothing need be left
    # a larger budget replaces all neighbours, and calls up as many rivals as there are columns
    budget = min(attacker.budget, 2 * (n_neighbors + labels.shape[1]) + 2)
    attacker = attacker._replace(budget=budget)
    removals = np.array([attacker.removals(i) for i in range(attacker.insertions() + 1)])
    run_on_blocks(
        lambda start, stop: _fill_needs(
            labels[order[start:stop]],
            predicted[start:stop],
            n_neighbors,
            n_rows,
            phantom,
            removals,
            needs[:, start:stop],
            floors[:, start:stop],
            insertions[:, start:stop],
        ),
        len(labels),
    )
    return rows


@njit(nogil=True, cache=True)
def _fill_needs(
    labels: Integers,
    predicted: Int64s,
    n_neighbors: int,
    n_rows: int,
    phantom: bool,
    removals: Int64s,
    needs: Int64s,
    floors: Int64s,
    insertions: Int64s,
) -> None:
    n_rivals = len(needs)
    beside = _insertions_beside(removals)
    first = max(n_neighbors - len(removals) + 1, 0)
    margins = np.empty(n_neighbors + removals[0] - first + 1, np.int64)
    majorities = np.empty_like(margins)
    last = len(margins) - 1
    for sample in range(len(labels)):
        winner = predicted[sample]
        for rival in range(n_rivals):
            if rival == winner:
                needs[rival, sample] = NEVER
                continue
            invented = phantom and rival == n_rivals - 1
            least = 1 - (rival < winner or invented)
            _write_margins(labels[sample], winner, rival, n_rows, first, margins, majorities)
            majorities -= (n_neighbors - least) // 2
            needs[rival, sample] = max(np.maximum(margins + least, majorities).min(), 0)
            lowest, reached = margins[0], 0  # of D from `first` to `reached`
            by_removals = NEVER
            for inserted in range(len(removals) - 1, -1, -1):
                while reached < min(n_neighbors + removals[inserted] - inserted - first, last):
                    reached += 1
                    lowest = min(lowest, margins[reached])
                by_removals = min(by_removals, lowest - inserted)
            floors[rival, sample] = max(by_removals + least, majorities.min(), 0)
            lowest, reached = margins[last], last  # of D from `reached` on
            by_insertions = NEVER
            for removed in range(len(beside) - 1, -1, -1):
                while reached > max(n_neighbors + removed - beside[removed] - first, 0):
                    reached -= 1
                    lowest = min(lowest, margins[reached])
                by_insertions = min(by_insertions, lowest - removed)
            # an invented label is not there before a row has it
            insertions[rival, sample] = max(by_insertions + least, 1 if invented else 0)


@njit(nogil=True, cache=True)
def _insertions_beside(removals: Int64s) -> Int64s:
    """The most rows that can be inserted beside each number of removed ones."""
    beside = np.zeros(removals[0] + 1, np.int64)
    for inserted in range(len(removals)):
        beside[: removals[inserted] + 1] = inserted
    return beside


@njit(nogil=True, cache=True)
def _write_margins(
    labels: Integers,
    winner: int,
    rival: int,
    n_rows: int,
    first: int,
    margins: Int64s,
    winners: Int64s,
) -> None:
    """Write the margin among the first m rows, and the winner's votes, from m = `first` on."""
    margin = votes = 0
    for m in range(1, first + len(margins)):
        if m <= len(labels):
            votes += labels[m - 1] == winner
            margin += labels[m - 1] == winner
            margin -= labels[m - 1] == rival
        elif m <= n_rows:  # unknown
            margin -= 1
        if m >= first:
            margins[m - first] = margin
            winners[m - first] = votes
    if first == 0:
        margins[0] = winners[0] = 0
