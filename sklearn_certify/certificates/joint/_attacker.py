"""What one budget of poison lets an attacker do to training rows near the queries."""

from __future__ import annotations

from typing import NamedTuple

from ...threat import ThreatModel

__all__ = ["Attacker"]


class Attacker(NamedTuple):
    """An attacker of training rows with labels.

    Counted are labels that go and labels that come: a row that gets another label, or that is
    changed, is both a removed row and an inserted one.

    Attributes
    ----------
    budget : int
        Units of poison.
    threat_model : ThreatModel
        What one unit may do.
    """

    budget: int
    threat_model: ThreatModel

    def insertions(self) -> int:
        """The most rows that can be inserted."""
        return self.budget if self.threat_model.gives_labels else 0

    def removals(self, inserted: int) -> int:
        """The most rows that can be removed beside so many inserted rows."""
        if not self.threat_model.takes_labels:
            return 0
        return self.budget if self.threat_model.relabels else self.budget - inserted

    def reach(self) -> int:
        """The most that can be taken from the margin of a single row."""
        return 2 * self.budget if self.threat_model.relabels else self.budget
