"""What whole numbers say about distances: where they decide, and where they do not."""

from typing import NamedTuple

import numpy as np

__all__ = ["LARGEST_CODE_OF_A_DISTANCE", "ROUNDING", "Bounds"]

LARGEST_CODE_OF_A_DISTANCE = 2**31 - 1
ROUNDING = 2.0**-50  # eight times the rounding error of one operation on doubles


class Bounds(NamedTuple):
    """For each query: the distance of a pair with a code is offset + step * code +- error.

    An error of 0 says that distances are equal to that. All are float64 of shape (n_queries,).
    """

    offsets: np.ndarray
    steps: np.ndarray
    errors: np.ndarray  # infinite where codes say nothing

    def limits(self, radius):
        """Return between which codes only the exact distance decides.

        Parameters
        ----------
        radius : float
            The largest distance that counts.

        Returns
        -------
        certain, possible : ndarray of int64, of shape (n_queries,)
            Up to `certain` a row lies within the radius, above `possible` it does not.
        """
        with np.errstate(over="ignore", invalid="ignore"):
            errors = self.errors * (1 + ROUNDING)
            errors += np.where(errors > 0, ROUNDING * (radius + self.offsets), 0.0)
            certain = np.floor((radius - self.offsets - errors) / self.steps)
            possible = np.floor((radius - self.offsets + errors) / self.steps)
        return (_as_codes(certain, nan=-1), _as_codes(possible, nan=LARGEST_CODE_OF_A_DISTANCE))

    def margins(self):
        """Return by how much two codes must differ for their distances to be in their order.

        Returns
        -------
        ndarray of int64, of shape (n_queries,)
            Rows whose codes differ by more are in the order of these codes, also where the code of
            one is rounded down to the whole number below. 0 says that codes are exact.
        """
        with np.errstate(over="ignore", invalid="ignore"):
            margins = np.floor(2 * self.errors * (1 + ROUNDING) / self.steps) + 2
        margins = _as_codes(margins, nan=LARGEST_CODE_OF_A_DISTANCE)
        return np.where(self.errors == 0, 0, margins)


def _as_codes(values, nan):
    """Return whole numbers, of which those out of range become -1 or the largest code."""
    values = np.nan_to_num(values, nan=nan, posinf=np.inf, neginf=-np.inf)
    return np.clip(values, -1, LARGEST_CODE_OF_A_DISTANCE).astype(np.int64)
