"""A grid over the training rows, on which a feature is a whole number of few bits."""

from math import frexp, isfinite, ldexp
from typing import NamedTuple

import numpy as np

from .coded_kernels import FEATURES_ADDED_TOGETHER

__all__ = ["LARGEST_CODE", "Grid", "choose_grid"]

LARGEST_CODE = (2**16 - 1) // FEATURES_ADDED_TOGETHER  # so that their sum has 16 bits
_SAMPLE = 1024  # rows that show where most rows lie


class Grid(NamedTuple):
    """The same step for all features, and where each of them begins."""

    low: np.ndarray  # float64 (n_features,): whole multiples of the step
    step: float  # a power of two

    def code(self, rows):
        """Return the nearest codes of rows, and how far rounding moves each row.

        Parameters
        ----------
        rows : ndarray of float64, of shape (n_rows, n_features)
            Rows, anywhere.

        Returns
        -------
        codes : ndarray of uint16, of shape (n_rows, n_padded_features)
            From 0 to `LARGEST_CODE`. Features of zeros make their number a multiple of
            `FEATURES_ADDED_TOGETHER`.
        errors : ndarray of float64, of shape (n_rows,)
            Manhattan distances between the rows and what their codes stand for.
        """
        codes = np.clip(np.rint((rows - self.low) / self.step), 0, LARGEST_CODE)
        errors = np.abs(rows - (self.low + self.step * codes)).sum(axis=1)
        n_passes = -(-rows.shape[1] // FEATURES_ADDED_TOGETHER)
        padded = np.zeros((len(rows), n_passes * FEATURES_ADDED_TOGETHER))
        padded[:, : rows.shape[1]] = codes
        return padded.astype(np.uint16), errors

    def magnitudes(self, rows):
        """Return the size of the numbers that a row's distances are computed of."""
        bound = np.abs(self.low).sum() + rows.shape[1] * self.step * LARGEST_CODE
        return np.abs(rows).sum(axis=1) + bound

    def clip(self, rows):
        """Return rows moved to the border of the grid where they lie outside."""
        return np.clip(rows, self.low, self.low + self.step * LARGEST_CODE)


def choose_grid(rows):
    """Return a grid that suits most rows, or None if there is none.

    Parameters
    ----------
    rows : ndarray of float64, of shape (n_rows, n_features)
        Finite numbers.

    Returns
    -------
    Grid or None
    """
    low, high = rows.min(axis=0), rows.max(axis=0)
    sample = rows[:_SAMPLE]
    with np.errstate(over="ignore"):
        width = (high - low).max()
        sample_low = sample.min(axis=0)
        sample_width = (sample.max(axis=0) - sample_low).max()
        if 4 * sample_width < width and sample_width > 0:
            # a few rows far from all others shall not make the grid coarse; they get no codes
            low, width = sample_low - sample_width, 3 * sample_width
        # not so fine that low and the steps above it would not be exact in doubles
        width = max(width, np.abs(low).max() * 2.0**-20) or 1.0
    exponent = frexp(width / (LARGEST_CODE - 1))[1]
    if not isfinite(width) or not -900 < exponent < 900:
        return None
    step = ldexp(1.0, exponent)
    return Grid(np.floor(low / step) * step, step)
