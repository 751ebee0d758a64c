"""The plurality of voters that learn from consecutive periods each."""

import numpy as np

from ..certificates import temporal_earliness, temporal_radius
from ._elections import Election

__all__ = ["TemporalPlurality"]


class TemporalPlurality(Election):
    """The class with most votes wins; radii count consecutive periods.

    Parameters
    ----------
    n_classes : int
        Number of classes.
    first_period, last_period : int
        The periods in which rows can have come, as far as that is known.
    window : int
        Number of periods that a voter learns from.
    starts : ndarray of int64, of shape (n_voters,)
        The first period of each voter: consecutive numbers.
    is_open : (bool, bool)
        Whether there may be rows before the first period, and whether after the last.
    phantom : bool
        Whether the attacker may invent a label.
    """

    def __init__(self, n_classes, *, first_period, last_period, window, starts, is_open, phantom):
        super().__init__(n_classes)
        self.first_period, self.last_period = first_period, last_period
        self.window, self.starts, self.is_open = window, starts, is_open
        self.phantom = phantom

    def tally(self, ballots):
        predicted, durations = self._certify(temporal_radius, ballots, 0, 0)
        if any(self.is_open) and len(ballots):
            # Where the attacker may add periods, voters that abstain so far may vote as well. An
            # attack that is one period too long reaches no more of them.
            most = int(durations.max()) + self.window
            _, widened = self._certify(temporal_radius, ballots, *(most * np.array(self.is_open)))
            durations = np.minimum(durations, widened)
        # without rivals all periods may be poisoned, of which voters at an open end know too many
        return predicted, np.minimum(durations, self.last_period - self.first_period + 1)

    def earliness(self, ballots):
        """Return winners, and how many periods before the end an attack may begin in vain."""
        return self._certify(temporal_earliness, ballots, 0, 0)

    def _certify(self, radius, ballots, n_before, n_after):
        """Certify votes, with some voters that abstain before the first and after the last."""
        votes = np.pad(ballots, ((0, 0), (n_before, n_after)), constant_values=-1)
        starts = np.arange(self.starts[0] - n_before, self.starts[-1] + n_after + 1)
        ends = starts + self.window - 1
        if radius is temporal_earliness:  # rows come from known periods alone
            starts = np.maximum(starts, self.first_period)
            ends = np.minimum(ends, self.last_period)
        return radius(votes, starts, ends, n_classes=self.n_classes, phantom=self.phantom)
