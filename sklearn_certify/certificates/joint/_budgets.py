"""What one budget of poison lets an attacker do, and the search over the ways to spend it."""

from heapq import heappop, heappush
from typing import NamedTuple

__all__ = ["Attacker", "most_over_boxes"]

# what one unit does: it gives a label, takes a label, only one of the two, never the same label
_ABILITIES = {
    "insert": (True, False, True, False),
    "delete": (False, True, True, False),
    "insert_delete": (True, True, True, False),
    "modify": (True, True, False, False),
    "label_flip": (True, True, False, True),
}


class Attacker(NamedTuple):
    """An attacker of training rows with labels.

    Attributes
    ----------
    budget : int
        Units of poison.
    inserts : bool
        Whether there may be new rows with a label (or rows that had another).
    removes : bool
        Whether rows with a label may disappear (or get another).
    either : bool
        Whether one unit does only one of the two.
    relabels : bool
        Whether rows stay where they are and change their labels only, so that no unit takes the
        label it gives.
    """

    budget: int
    inserts: bool
    removes: bool
    either: bool
    relabels: bool

    @classmethod
    def of(cls, threat_model, budget):
        """The attacker with that budget under a threat model."""
        return cls(budget, *_ABILITIES[threat_model])

    def insertions(self):
        """The most rows that can be inserted."""
        return self.budget if self.inserts else 0

    def removals(self, inserted):
        """The most rows that can be removed beside so many inserted rows."""
        if not self.removes:
            return 0
        return self.budget - inserted if self.either else self.budget

    def reach(self):
        """The most that can be taken from the margin of a single row."""
        return self.budget if self.either else 2 * self.budget


def most_over_boxes(box, bound, split, most_bounds):
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
    heap = []
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
