"""The worst labels of inserted rows, by bounds on boxes of attacks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from heapq import heappop, heappush
from typing import Any, NamedTuple, TypeVar

import numpy as np

from .._arrays import Int64s
from ._attacker import Attacker
from ._knapsack import most_flips
from ._neighbor_needs import NeighborNeeds, removals_beside

__all__ = ["flips_by_labels"]

_MOST_STEPS = 1_000_000_000  # a step takes about a nanosecond
_LEAST_STEPS = 50_000  # of a box, besides those for its rows
_MOST_KNAPSACK_STEPS = 1 << 22  # of a box
_FEWEST_BOXES = 64
_MOST_BOXES = 20_000

_AnyBox = TypeVar("_AnyBox")


class _Box(NamedTuple):
    """Attacks with at least `least` and at most `most` inserted rows of each label.

    Both are of shape (n_labels,). No attack inserts more than `in_all` rows.
    """

    least: Int64s
    most: Int64s
    in_all: int

    def halves(self, at_stake: Int64s) -> list[_Box]:
        """Boxes that hold all its attacks; none if this box is a single choice of labels."""
        widths = self.most - self.least
        if not widths.any():
            return []
        # where the insertions are least certain and matter to most rows
        label = np.argmax(widths * np.sqrt(np.maximum(at_stake, 0.1)))
        middle = (self.least[label] + self.most[label]) // 2
        low, high = self._replace(most=self.most.copy()), self._replace(least=self.least.copy())
        low.most[label] = middle
        high.least[label] = middle + 1
        return [half._shrunk() for half in (low, high) if half.least.sum() <= self.in_all]

    def _shrunk(self) -> _Box:
        """The smallest box with the same attacks."""
        spare = self.in_all - self.least.sum()
        return self._replace(most=np.minimum(self.most, self.least + spare))


def flips_by_labels(rows: NeighborNeeds, attacker: Attacker) -> int:
    """Bound the flips when each inserted row has one label, the same for all test rows.

    The attacker chooses how many inserted rows have each label. In a box of such choices every
    row is flipped by no fewer removals than in the corner with most insertions, and the removals
    are a knapsack. The box with the largest bound is halved again and again; a single choice is
    bounded exactly, as long as its knapsack is solved within some milliseconds.

    Parameters
    ----------
    rows : NeighborNeeds
        Rows that may flip.
    attacker : Attacker
        What the budget allows.

    Returns
    -------
    int
    """
    n_labels, n_classes = len(rows.needs), len(rows.starts) - 1

    def bound(box: _Box) -> tuple[int, Int64s]:
        removals, easiest = removals_beside(rows, box.most)
        budget = attacker.removals(int(box.least.sum()))
        limits = np.full(n_classes, budget, dtype=np.int64)
        if attacker.threat_model.labels_alone:  # a unit that gives a label does not take it
            limits -= box.least[:n_classes]
        flips = most_flips(removals, rows.starts, limits, budget, _MOST_KNAPSACK_STEPS)
        return flips, np.bincount(easiest[removals <= budget], minlength=n_labels)

    in_all = attacker.insertions()
    nothing = np.zeros(n_labels, dtype=np.int64)
    box = _Box(nothing, nothing + in_all, in_all)
    most_boxes = min(
        max(_MOST_STEPS // (rows.needs.size + _LEAST_STEPS), _FEWEST_BOXES), _MOST_BOXES
    )
    return _most_over_boxes(box, bound, _Box.halves, most_boxes)


def _most_over_boxes(
    box: _AnyBox,
    bound: Callable[[_AnyBox], tuple[int, Any]],
    split: Callable[[_AnyBox, Any], Sequence[_AnyBox]],
    most_bounds: int,
) -> int:
    """Bound from above the largest value over all attacks of a box, by best-first search.

    The box with the largest bound is split until it needs no split, or until the bounds have
    been computed `most_bounds` times. Either way no attack exceeds the largest bound that is
    left. The result depends on nothing but the arguments, least of all on time.

    Parameters
    ----------
    box : object
        A set of attacks.
    bound : callable
        ``bound(box) -> (value, hint)``: no attack of the box has a larger value.
    split : callable
        ``split(box, hint) -> boxes`` that together hold all attacks of the box; none if the
        bound cannot be improved.
    most_bounds : int
        The most boxes that are bounded, and one split more.

    Returns
    -------
    int
    """
    value, hint = bound(box)
    n_bounds = 1
    heap: list[tuple[int, int, _AnyBox, Any]] = []
    while n_bounds < most_bounds:
        parts = split(box, hint)
        if not parts:
            return value
        for part in parts:
            part_value, hint = bound(part)
            n_bounds += 1
            # of equals the newest, the smallest box, comes first and soon needs no split
            heappush(heap, (-min(part_value, value), -n_bounds, part, hint))
        value, _, box, hint = heappop(heap)
        value = -value
    return value
