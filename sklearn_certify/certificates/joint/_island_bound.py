"""ISLAND: groups of rows with different predictions, which share the removed rows."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from .._arrays import Int64s

__all__ = ["island_flips"]


def island_flips(removals: Int64s, starts: Int64s, budget: int) -> int:
    """Bound from above how many rows flip, by groups in which no two rows have the same label.

    In a group every removed row brings at most one row nearer to its flip. So the rows of the
    group that flip together need no more than `budget` removals in all. Rows that no removals,
    or too many, would flip form no group. Of the others the hardest of each label are put
    together, then the next hardest, and so on.

    Parameters
    ----------
    removals : ndarray of int64 of shape (n_rows,)
        Removals that flip each row; rows of the same label side by side.
    starts : ndarray of int64 of shape (n_labels + 1,)
        Rows of label l are ``starts[l] : starts[l + 1]``.
    budget : int
        The most removals in all.

    Returns
    -------
    int

    References
    ----------
    Jia, Cao and Gong, "Certified Robustness of Nearest Neighbors against Data Poisoning Attacks",
    2020, Theorems 3 and 4 and Section 3.2. The paper sorts a group by margin, this sorts it by
    removals: no other order is right where a rival wins ties.
    """
    n_certain = np.count_nonzero(removals <= 0)
    columns = []
    for start, stop in pairwise(starts):
        needed = removals[start:stop]
        columns.append(np.sort(needed[(needed > 0) & (needed <= budget)])[::-1])
    # what stands in for missing rows never flips
    groups = np.full((max(map(len, columns)), len(columns)), budget + 1, dtype=np.int64)
    for label, column in enumerate(columns):
        groups[: len(column), label] = column
    groups.sort(axis=1)
    return int(n_certain + np.count_nonzero(groups.cumsum(axis=1) <= budget))
