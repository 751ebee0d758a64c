"""What a vote of Bernoulli samples loses with some rows, by how the voters that drew them vote."""

from __future__ import annotations

import numpy as np
from scipy.stats import binom

from ..threat import ThreatModel
from ._arrays import Floats, Int64s

__all__ = ["RowLosses"]

_MOST_DRAWN = 7  # up to here samples that hold several of the rows are told apart
_GUARD = 1e-10  # sums of a few thousand terms up to 1 are off by 1e-12


class RowLosses:
    """Radii from the share of voters that drew a row and are for the predicted class.

    Parameters
    ----------
    n_rows : int
        Number of training rows.
    inclusion : float
        Probability with which each is drawn, between 0 and 1.
    """

    def __init__(self, n_rows: int, inclusion: float) -> None:
        self._deleted = np.arange(n_rows + 1)
        self._exposure = -np.log1p(-inclusion)  # of one row
        drawn = np.arange(1, _MOST_DRAWN + 1)
        chances = binom.pmf(drawn, self._deleted[:, np.newaxis], inclusion)
        # A sample that holds t of the rows counts t / (T + 1) times in a sum over the rows. The
        # rest of it, if any, is counted here, whoever it votes for.
        self._rest = [
            (chances * np.maximum(1 - drawn / (most + 1), 0)).sum(axis=1)
            for most in range(_MOST_DRAWN + 1)
        ]
        self._all = -np.expm1(-self._deleted * self._exposure)

    def largest_radii(self, leads: Floats, with_row: Floats, threat_model: ThreatModel) -> Int64s:
        """Return how many units of poison leave every lead above zero.

        Parameters
        ----------
        leads : ndarray of float64 of shape (n_samples,)
            Lower bounds on the lead of the predicted class over every rival; -1 is returned where
            they are not positive.
        with_row : ndarray of float64 of shape (n_samples, n_rows)
            Upper bounds on the probability that a voter draws the row and is for the class.
        threat_model : ThreatModel
            What the attacker may do.

        Returns
        -------
        ndarray of int64 of shape (n_samples,)
        """
        n_rows = with_row.shape[1]
        left = leads[:, np.newaxis] - self._losses(with_row) - _GUARD
        left[:, 0] = leads
        if not threat_model.gives_labels:
            fails = np.where(left <= 0, self._deleted, n_rows).min(axis=1)
            return np.where(leads > 0, fails - 1, -1)
        insertions = self._failing_insertions(left)
        if threat_model.labels_alone:
            units = np.where(insertions <= self._deleted, self._deleted, n_rows + 1)
        elif threat_model.relabels:
            units = np.maximum(insertions, self._deleted)
        elif threat_model.deletes:
            units = insertions + self._deleted
        else:
            units = insertions[:, :1]
        fails = units.min(axis=1)
        if threat_model.deletes:  # no radius allows all rows to be deleted
            fails = np.minimum(fails, n_rows)
        return np.where(leads > 0, fails - 1, -1).astype(np.int64)

    def _losses(self, with_row: Floats) -> Floats:
        """Bound from above how often voters are for the class and hold one of some rows.

        Of the worst 0, 1, 2, ... rows, shape (n_samples, n_rows + 1).
        """
        sums = np.zeros((len(with_row), len(self._deleted)))
        np.cumsum(-np.sort(-with_row, axis=1), axis=1, out=sums[:, 1:])
        losses = np.tile(self._all, (len(sums), 1))
        for most, rest in enumerate(self._rest):
            np.minimum(losses, sums / (most + 1) + rest, out=losses)
        return losses

    def _failing_insertions(self, left: Floats) -> Floats:
        """Return the fewest insertions that break what deletions leave of the lead.

        With j rows deleted and i inserted, a voter has drawn no inserted row with probability u^i,
        and then the lead is left / u^j; otherwise it is -1 at worst.
        """
        positive = np.where(left > 0, left, 1)
        logs = np.log(positive) + self._deleted * self._exposure
        bounds = np.logaddexp(logs, 0) / self._exposure
        bounds -= 1e-9 * np.maximum(bounds, 1)  # rounding must find no insertion too many
        return np.where(left > 0, np.maximum(np.ceil(bounds), 0), 0)
