"""How far a prediction can be moved, sought by what is known of how much poison that takes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from ._arrays import Int64s

__all__ = ["proven_ends"]

# called with rows, an end for each, and whether that is the upper one; returns radii
SideRadius: TypeAlias = Callable[[Int64s, NDArray[np.float64], bool], Int64s]


def proven_ends(
    answers: NDArray[np.float64],
    n_answers: Int64s,
    predicted: Int64s,
    sizes: Int64s,
    side_radius: SideRadius,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the ends of intervals that radii prove: float64 of shape (n_samples, n_sizes).

    `answers` are in ascending order, the first `n_answers` of each row; the prediction stands at
    the place `predicted`. The end is sought among the answers by its distance from there: no
    distance up to `failing` was proven, and `proven` is one that was, or the first beyond all
    answers. Each radius that is computed tells something about all sizes.
    """
    ends = np.empty((2, len(answers), len(sizes)))
    every_row = np.arange(len(answers))[:, np.newaxis]
    for upper in (False, True):
        step = 1 if upper else -1
        beyond = np.where(n_answers > 0, n_answers - predicted if upper else predicted + 1, 0)
        proven = np.repeat(beyond[:, np.newaxis], len(sizes), axis=1)
        failing = np.full_like(proven, -1)
        for column in range(len(sizes)):
            while True:
                rows = np.flatnonzero(proven[:, column] - failing[:, column] > 1)
                if len(rows) == 0:
                    break
                distance = (proven[rows, column] + failing[rows, column]) // 2
                end = answers[rows, predicted[rows] + step * distance]
                holds = side_radius(rows, end, upper)[:, np.newaxis] >= sizes
                distance = distance[:, np.newaxis]
                nearer = np.where(holds, np.minimum(proven[rows], distance), proven[rows])
                farther = np.where(holds, failing[rows], np.maximum(failing[rows], distance))
                proven[rows] = nearer
                failing[rows] = np.minimum(farther, nearer - 1)
        places = predicted[:, np.newaxis] + step * proven
        exists = proven < beyond[:, np.newaxis]
        found = answers[every_row, np.where(exists, places, 0)]
        ends[int(upper)] = np.where(exists, found, np.inf * step)
    return ends[0], ends[1]
