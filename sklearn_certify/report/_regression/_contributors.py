"""What single contributors may change about predictions that are to be within a tolerance."""

import numpy as np

from ...ensemble._partition_regressor import PartitionEnsembleRegressor
from ...metrics._intervals import interval_around

__all__ = ["Within"]


class Within:
    """What contributors may change about predictions that are numbers: whether they are near.

    Parameters
    ----------
    report : RegressionReport
        The report.
    result : RegressionResult
        What one of its regressors proved.
    """

    ensembles = PartitionEnsembleRegressor

    def __init__(self, report, result):
        self._low, self._high = interval_around(result.y_true, report.facts["tolerance"])
        self._radii = result.radii

    def states(self, predictions):
        """Return whether each prediction is within the tolerance of the truth."""
        return (self._low <= predictions) & (predictions <= self._high)

    right = states

    def farthest(self, before, after):
        """Return how far a prediction moves, at most."""
        moves = np.abs(after - before)  # NaN where all voters abstain
        return float(moves.max(where=np.isfinite(moves), initial=0))

    def most_changes(self, regressor, X_test):
        """Return how many states can change, at most, if one partition does: one number each.

        The lower median is up to `high` while no fewer answers are up to it than above, and down to
        `low` while more are down to it than below.
        """
        at_risk = np.flatnonzero(self._radii < 1)
        values = regressor.values(X_test)[at_risk]
        low, high = (ends[at_risk, np.newaxis] for ends in (self._low, self._high))
        up_to_high = _may_turn(_sides(values <= high, values > high), regressor.spread_, 0)
        down_to_low = _may_turn(_sides(values >= low, values < low), regressor.spread_, 1)
        return (up_to_high | down_to_low).sum(axis=0)


def _sides(inside, outside):
    return inside.astype(np.int64) - outside


def _may_turn(sides, spread, lead):
    """Return whether a partition's voters decide if so many more are inside than outside."""
    margins = sides.sum(axis=1)[:, np.newaxis] - lead
    theirs = sides[:, spread].sum(axis=2)
    least, most = margins - theirs - spread.shape[1], margins - theirs + spread.shape[1]
    return (least < 0) & (most >= 0)
