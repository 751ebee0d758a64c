"""The election of regressors: the lower median of what voters answer."""

from typing import ClassVar

from ..certificates import lower_median, median_interval, median_radius

__all__ = ["Median"]


class Median:
    """The lower median of the answers is the prediction; voters on partitions.

    Ballots come some rows at a time, and answers are arrays with one entry a row.

    Parameters
    ----------
    spread : ndarray of int64, of shape (n_partitions, spreading_degree), or None
        The voters that use each partition; None: each has a voter of its own.
    cost : int
        Partitions that one unit of poison corrupts.
    tighten : bool, default=False
        As for `sklearn_certify.certificates.median_radius`.

    Attributes
    ----------
    ballots, bytes_per_ballot
        As of an `Election`.
    """

    ballots: ClassVar[str] = "values"
    bytes_per_ballot: ClassVar[int] = 8

    def __init__(self, *, spread, cost, tighten=False):
        self.rules = {"spread": spread, "cost": cost, "tighten": tighten}

    def predictions(self, ballots):
        """Return the prediction of each row; NaN where all voters abstain."""
        return lower_median(ballots)

    def intervals(self, ballots, poison_sizes):
        """Return lower and upper ends, float64 of shape (n_samples, n_sizes)."""
        return median_interval(ballots, poison_size=poison_sizes, **self.rules)

    def radii(self, ballots, low, high):
        """Return the radii within which each prediction stays in its interval, int64."""
        return median_radius(ballots, low, high, **self.rules)
