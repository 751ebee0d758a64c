"""The worst labels of inserted rows, by bounds on boxes of attacks."""

from typing import NamedTuple

import numpy as np

from ._budgets import most_over_boxes
from ._knapsack import most_flips
from ._neighbor_needs import removals_beside

__all__ = ["flips_by_labels"]

_MOST_STEPS = 1_000_000_000  # a step takes about a nanosecond
_LEAST_STEPS = 50_000  # of a box, besides those for its rows
_MOST_KNAPSACK_STEPS = 1 << 22  # of a box
_FEWEST_BOXES = 64
_MOST_BOXES = 20_000


class _Box(NamedTuple):
    """Attacks with at least `least` and at most `most` inserted rows of each label.

    Both are of shape (n_labels,). No attack inserts more than `in_all` rows.
    """

    least: np.ndarray
    most: np.ndarray
    in_all: int

    def halves(self, at_stake):
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

    def _shrunk(self):
        """The smallest box with the same attacks."""
        spare = self.in_all - self.least.sum()
        return self._replace(most=np.minimum(self.most, self.least + spare))


def flips_by_labels(rows, attacker):
    """Bound the flips when each inserted row has one label, the same for all test rows.

    The attacker chooses how many inserted rows have each label. In a box of such choices every
    row is flipped by no fewer removals than in the corner with most insertions, and the removals
    are a knapsack. The box with the largest bound is halved again and again; a single choice is
    bounded exactly, as long as its knapsack is solved within some milliseconds.

    Parameters
    ----------
    rows : Rows
        Rows that may flip.
    attacker : Attacker
        What the budget allows.

    Returns
    -------
    int
    """
    n_labels, n_classes = len(rows.needs), len(rows.starts) - 1

    def bound(box):
        removals, easiest = removals_beside(rows, box.most)
        budget = attacker.removals(int(box.least.sum()))
        limits = np.full(n_classes, budget, dtype=np.int64)
        if attacker.relabels:  # a unit that gives a label does not take it
            limits -= box.least[:n_classes]
        flips = most_flips(removals, rows.starts, limits, budget, _MOST_KNAPSACK_STEPS)
        return flips, np.bincount(easiest[removals <= budget], minlength=n_labels)

    in_all = attacker.insertions()
    nothing = np.zeros(n_labels, dtype=np.int64)
    box = _Box(nothing, nothing + in_all, in_all)
    most_boxes = min(
        max(_MOST_STEPS // (rows.needs.size + _LEAST_STEPS), _FEWEST_BOXES), _MOST_BOXES
    )
    return most_over_boxes(box, bound, _Box.halves, most_boxes)
