"""Temporal certificates by NumPy alone, for work too small to compile a kernel for."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ._arrays import Int64s, Integers

__all__ = ["all_damages", "durations_by_numpy", "earlinesses_by_numpy"]


def durations_by_numpy(
    votes: Integers,
    predicted: Int64s,
    gaps: Int64s,
    first: Int64s,
    last: Int64s,
    duration: Int64s,
) -> None:
    """Write the duration of each row; voters are sorted by their first period."""
    by_last = np.argsort(last)
    starts = np.unique(last)  # an attack may as well start in the last period of a voter
    n_ended = np.searchsorted(last[by_last], starts)
    duration[:] = last.max() - first[0] + 1
    for sample, rival, damages in all_damages(votes, predicted, gaps):
        begun = np.cumsum(damages)
        ended = np.append(0, np.cumsum(damages[by_last]))[n_ended]
        # damage that is never negative adds up to ascending sums
        enough = np.searchsorted(begun, gaps[sample, rival] + ended, side="right")
        reached = enough < len(first)
        if reached.any():
            bears = np.maximum(first[enough[reached]] - starts[reached], 0).min()
            duration[sample] = min(duration[sample], bears)


def earlinesses_by_numpy(
    votes: Integers,
    predicted: Int64s,
    gaps: Int64s,
    first: Int64s,
    last: Int64s,
    earliness: Int64s,
) -> None:
    """Write the earliness of each row."""
    from_the_end = np.argsort(-last)
    earliness[:] = last.max() - first.min() + 1
    for sample, rival, damages in all_damages(votes, predicted, gaps):
        enough = np.searchsorted(np.cumsum(damages[from_the_end]), gaps[sample, rival], "right")
        if enough < len(last):
            bears = last.max() - last[from_the_end[enough]]
            earliness[sample] = min(earliness[sample], bears)


def all_damages(
    votes: Integers, predicted: Int64s, gaps: Int64s
) -> Iterator[tuple[int, int, Int64s]]:
    """Yield row, rival and the damage of each voter, as `voter_damage`."""
    for sample, rival in np.argwhere(gaps <= 2 * votes.shape[1]):
        row = votes[sample]
        yield sample, rival, 1 + (row == predicted[sample]).astype(np.int64) - (row == rival)
