"""The test rows that one attack on nearest neighbours can flip, and what it takes."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from .._arrays import Int64s
from .._margins import rival_gaps
from ._attacker import Attacker

__all__ = ["NEVER", "NeighborNeeds", "collect_needs", "removals_beside"]

NEVER = 1 << 61
_MOST_VOTES = 1 << 32  # more count as so many, which is sound and keeps products small


class NeighborNeeds(NamedTuple):
    """What it takes to flip test rows, those of the same predicted class side by side.

    Rival b flips row t, of predicted class p, only if at least ``floors[b, t]`` rows of label p
    are removed, at least ``insertions[b, t]`` rows of label b are inserted, and at least
    ``needs[b, t]`` rows are removed of label p or inserted of label b.

    Attributes
    ----------
    needs, floors, insertions : ndarray of int64 of shape (n_rivals, n_rows)
        An invented label, if there is one, is the last rival.
    starts : ndarray of int64 of shape (n_classes + 1,)
        Rows of class l are ``starts[l] : starts[l + 1]``.
    """

    needs: Int64s
    floors: Int64s
    insertions: Int64s
    starts: Int64s

    def most_needed(self) -> int:
        """The most that any rival needs that can win at all."""
        return int(self.needs[self.needs < NEVER].max(initial=0))


def collect_needs(counts: Int64s, attacker: Attacker, *, phantom: bool) -> NeighborNeeds:
    """Work out what it takes to flip rows with these votes.

    Rival b wins once the margin has shrunk by more than gap(b), by one for each row that is
    removed or inserted near by. An attacker who changes labels only finds no more than
    n - n_p - n_b neighbours to turn to b that are not taken from p; beyond these, what b gains is
    what p loses, so that at least half of the rest must be taken from p. An empty neighbourhood
    takes nothing to flip.

    Parameters
    ----------
    counts : ndarray of int64 of shape (n_rows, n_classes)
        Votes for each class.
    attacker : Attacker
        Rivals out of its reach never win.
    phantom : bool
        Whether the attacker may invent a label.

    Returns
    -------
    NeighborNeeds
    """
    predicted = counts.argmax(axis=1)
    order = np.argsort(predicted, kind="stable")
    counts, predicted = counts[order], predicted[order]
    needs = np.minimum(rival_gaps(counts, predicted, phantom=phantom), NEVER) + 1
    needs[needs > attacker.reach()] = NEVER
    floors = np.zeros_like(needs)
    if attacker.threat_model.labels_alone:
        of_others = counts.sum(axis=1) - counts.max(axis=1)
        turned = np.repeat(of_others[:, None], needs.shape[1], axis=1)
        turned[:, : counts.shape[1]] -= counts
        floors = np.maximum(needs - turned + 1, 0) // 2
    empty = counts.max(axis=1) == 0
    needs[empty] = floors[empty] = 0
    needs[needs < NEVER] = np.minimum(needs[needs < NEVER], _MOST_VOTES)
    return NeighborNeeds(
        np.ascontiguousarray(needs.T),
        np.ascontiguousarray(np.minimum(floors, _MOST_VOTES).T),
        np.zeros(needs.T.shape, dtype=np.int64),
        np.searchsorted(predicted, np.arange(counts.shape[1] + 1)),
    )


def removals_beside(rows: NeighborNeeds, inserted: Int64s) -> tuple[Int64s, Int64s]:
    """How many removed rows of its predicted class flip each row, and which rival then wins.

    Parameters
    ----------
    rows : NeighborNeeds
    inserted : ndarray of int64 of shape (n_rivals,)
        Inserted rows of each label.

    Returns
    -------
    removals : ndarray of int64 of shape (n_rows,)
        Zero or less where inserted rows are enough.
    easiest : ndarray of int64 of shape (n_rows,)
        The rival that needs the fewest removals, the first of them.
    """
    n_rows = rows.needs.shape[1]
    removals, easiest = np.empty(n_rows, dtype=np.int64), np.empty(n_rows, dtype=np.int64)
    _fill_removals(rows.needs, rows.floors, rows.insertions, inserted, removals, easiest)
    return removals, easiest


@njit(nogil=True, cache=True)
def _fill_removals(
    needs: Int64s,
    floors: Int64s,
    insertions: Int64s,
    inserted: Int64s,
    removals: Int64s,
    easiest: Int64s,
) -> None:
    n_rivals, n_rows = needs.shape
    removals[:] = NEVER
    easiest[:] = 0
    for rival in range(n_rivals):
        for row in range(n_rows):
            needed = max(needs[rival, row] - inserted[rival], floors[rival, row])
            if inserted[rival] < insertions[rival, row]:
                needed = NEVER
            if needed < removals[row]:
                removals[row] = needed
                easiest[row] = rival
