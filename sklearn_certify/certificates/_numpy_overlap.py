"""Theorem 2 of Finite Aggregation by NumPy alone, for work too small to compile a kernel for."""

from __future__ import annotations

import numpy as np

from ._arrays import Int64s, Integers

__all__ = ["theorem_2_radii_by_numpy"]


def theorem_2_radii_by_numpy(
    votes: Integers, predicted: Int64s, gaps: Int64s, spread: Int64s, radius: Int64s
) -> None:
    """Write the radius of each row, in partitions: the smallest `theorem_2_radius` of all rivals.

    Rivals are the columns of `gaps`; the predicted class, which is no rival, has the largest int64
    there.
    """
    rivals = np.arange(gaps.shape[1])[:, np.newaxis]
    for sample, (row, winner) in enumerate(zip(votes, predicted, strict=True)):
        damages = 1 + (row == winner).astype(np.int64) - (row == rivals)  # as `voter_damage`
        sums = damages[:, spread].sum(axis=2)  # (n_rivals, n_partitions)
        largest_first = -np.sort(-sums, axis=1)
        fitting = largest_first.cumsum(axis=1) <= gaps[sample][:, np.newaxis]
        radius[sample] = fitting.sum(axis=1).min()
