"""Radii of Finite Aggregation by NumPy alone, for work too small to compile a kernel for."""

from __future__ import annotations

import numpy as np

from ._arrays import Int64s, Integers

__all__ = ["targeted_radii_by_numpy", "theorem_2_radii_by_numpy"]


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


def targeted_radii_by_numpy(
    votes: Integers, leads: Int64s, order: Int64s, target: int, spread: Int64s, radius: Int64s
) -> None:
    """Write what `targeted_radii` writes without tightening."""
    n_classes = leads.shape[1]
    n_passed = np.arange(1, n_classes + 1)
    for sample, row in enumerate(votes):
        weights = np.repeat(n_passed[:, np.newaxis], len(row), axis=1)
        weights += (row == order[sample][:, np.newaxis]).cumsum(axis=0)
        weights[:, row == target] = 0
        sums = weights[:, spread].sum(axis=2)  # (n_classes, n_partitions)
        largest = -np.sort(-sums, axis=1)
        lead = leads[sample][order[sample]].cumsum()
        radius[sample] = (largest.cumsum(axis=1) < lead[:, np.newaxis]).sum(axis=1).max()
