"""The walk of `_neighbor_kernels` by NumPy alone, for work too small to compile a kernel for."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ._arrays import Int64s, Integers
from ._neighbor_kernels import largest_budget_to_try

__all__ = ["VOTES_AT_A_TIME", "largest_safe_budgets_by_numpy", "votes_of_first"]

VOTES_AT_A_TIME = 2**18


def largest_safe_budgets_by_numpy(
    labels: Integers,
    n_neighbors: int,
    n_rows: int,
    n_classes: int,
    inserts: bool,
    deletes: bool,
    phantom: bool,
    predicted: Int64s,
    radius: Int64s,
) -> None:
    """Write what `largest_safe_budgets` writes.

    The smallest attack is looked for at all ranks m = k + j - i that one can reach. At a rank
    with the gap g, as `_rank_search` defines it, it has max(|m - k|, g + 1) units, or one more, as
    i + j is even where m - k is; with only insertions or only deletions it has |m - k| units or
    does not win.
    """
    limit = max(
        largest_budget_to_try.py_func(n_neighbors, n_rows, labels.shape[1], inserts, deletes), 0
    )
    ranks = np.arange(
        n_neighbors - (limit if inserts else 0), n_neighbors + (limit if deletes else 0) + 1
    )
    distance = np.abs(ranks - n_neighbors)
    size = max(VOTES_AT_A_TIME // ((labels.shape[1] + 1) * n_classes), 1)
    for start in range(0, len(labels), size):
        part = slice(start, start + size)
        votes = votes_of_first(labels[part], n_classes)
        winner = votes[:, min(n_neighbors, n_rows)].argmax(axis=1)
        gap = _smallest_gaps(votes[:, np.minimum(ranks, n_rows)], winner, phantom)
        attack = np.maximum(distance, gap + 1)
        if inserts and deletes:
            attack += (attack - distance) % 2
        else:
            attack[attack > distance] = limit + 1
        predicted[part] = winner
        radius[part] = attack.min(axis=1, initial=limit + 1) - 1


def votes_of_first(labels: Integers, n_classes: int) -> Int64s:
    """Count the classes among the first 0, 1, 2, ... labels of each row."""
    votes = np.zeros((len(labels), labels.shape[1] + 1, n_classes), dtype=np.int64)
    is_class: NDArray[np.bool_] = labels[:, :, np.newaxis] == np.arange(n_classes)
    np.cumsum(is_class, axis=1, out=votes[:, 1:])
    return votes


def _smallest_gaps(votes: Int64s, winner: Int64s, phantom: bool) -> Int64s:
    """Return `_rank_search.smallest_gap` of votes (n_samples, n_ranks, n_classes)."""
    rows = np.arange(len(votes))
    most = votes[rows, :, winner]
    wins_ties = np.arange(votes.shape[2]) < winner[:, np.newaxis]
    gaps = most[:, :, np.newaxis] - votes - wins_ties[:, np.newaxis]
    gaps[rows, :, winner] = most - 1 if phantom else np.iinfo(np.int64).max // 4
    smallest: Int64s = gaps.min(axis=2)
    return smallest
