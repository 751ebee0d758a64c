"""The plurality of voters that learn from consecutive periods each."""

import numpy as np

from ..certificates import joint_temporal_accuracy, temporal_earliness, temporal_radius
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

    has_joint_accuracy = True

    def __init__(self, n_classes, *, first_period, last_period, window, starts, is_open, phantom):
        super().__init__(n_classes)
        self.first_period, self.last_period = first_period, last_period
        self.window, self.starts, self.is_open = window, starts, is_open
        self.phantom = phantom

    def tally(self, ballots):
        predicted, durations = self._certify(temporal_radius, *self._widened(ballots, 0))
        if any(self.is_open) and len(ballots):
            # an attack that is one period too long reaches no more new voters
            most = int(durations.max()) + 1
            _, widened = self._certify(temporal_radius, *self._widened(ballots, most))
            durations = np.minimum(durations, widened)
        # without rivals all periods may be poisoned, of which voters at an open end know too many
        return predicted, np.minimum(durations, self._n_periods)

    def earliness(self, ballots):
        """Return winners, and how many periods before the end an attack may begin in vain."""
        votes, starts, ends = self._widened(ballots, 0)
        # rows come from known periods alone
        spans = np.maximum(starts, self.first_period), np.minimum(ends, self.last_period)
        return self._certify(temporal_earliness, votes, *spans)

    def joint_tally(self, ballots):
        return (ballots,)

    def joint_accuracy(self, tallies, y, poison_sizes):
        # whoever poisons as many periods as are known reaches all voters
        longest = min(int(poison_sizes.max(initial=0)), self._n_periods)
        votes, starts, ends = self._widened(*tallies, longest)
        return joint_temporal_accuracy(
            votes,
            y,
            poison_sizes,
            first_period=starts,
            last_period=ends,
            n_classes=self.n_classes,
            phantom=self.phantom,
        )

    @property
    def _n_periods(self):
        return self.last_period - self.first_period + 1

    def _widened(self, ballots, n_periods):
        """Return votes and spans with the voters that abstain so far, and whom poison can wake.

        Where the attacker may add periods, these are within reach of so many poisoned ones.
        """
        n_before, n_after = (n_periods + self.window - 1) * np.array(self.is_open) * (n_periods > 0)
        votes = np.pad(ballots, ((0, 0), (n_before, n_after)), constant_values=-1)
        starts = np.arange(self.starts[0] - n_before, self.starts[-1] + n_after + 1)
        return votes, starts, starts + self.window - 1

    def _certify(self, radius, votes, first, last):
        return radius(votes, first, last, n_classes=self.n_classes, phantom=self.phantom)
