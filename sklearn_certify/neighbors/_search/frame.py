"""Where rows lie for a matrix product: about the origin, with norms of about one."""

from math import frexp
from typing import NamedTuple

import numpy as np

__all__ = ["Frame", "Placed", "choose_frame"]

_CELLS_AT_A_TIME = 2**20  # 8 MiB of doubles
_MOST_EXPONENT = 400  # squares of squares of the scale are ordinary doubles
_SAMPLE = 128  # rows that show where most rows lie
_UNDERFLOW = 2.0**-400  # far more than what underflow can hide
_MARGIN = 1 + 2.0**-20  # far more than the rounding of a norm, as long as a row is no 2**30 long


class Placed(NamedTuple):
    """Rows in a frame."""

    rows: np.ndarray  # float32 or float64 (n_rows, n_padded_features); zeros where not finite
    squares: np.ndarray  # float64 (n_rows,): sums of the squares of these, rounded
    norms: np.ndarray  # float64 (n_rows,): at least their norms; infinite where not finite
    errors: np.ndarray  # float64 (n_rows,): how far a row may lie from what stands for it; 0: exact


class Frame(NamedTuple):
    """A row x is placed at x / 2**exponent - center, rounded to a type.

    If rows and center are whole numbers, and the exponent is 0, so are placed rows.
    """

    center: np.ndarray  # float64 (n_features,)
    exponent: int
    dtype: type

    def place(self, rows):
        """Return rows in this frame, with further features of zeros up to a multiple of four.

        Parameters
        ----------
        rows : ndarray of float64, of shape (n_rows, n_features)
            Finite numbers.

        Returns
        -------
        Placed
        """
        n_rows, n_features = rows.shape
        placed = np.zeros((n_rows, -(-n_features // 4) * 4), self.dtype)
        squares, errors = np.empty(n_rows), np.empty(n_rows)
        size = max(_CELLS_AT_A_TIME // n_features, 1)
        for start in range(0, n_rows, size):
            part = slice(start, start + size)
            squares[part], errors[part] = self._place(rows[part], placed[part, :n_features])
        placed[~np.isfinite(squares)] = 0.0
        norms = np.sqrt(squares) * _MARGIN
        return Placed(placed, squares, norms, errors)

    def _place(self, rows, placed):
        """Write placed rows; return their squares and errors.

        The difference of a double and what it is rounded to is a double. So the only errors that
        are not known are those of the subtraction, 2**-53 times each placed number or so.
        """
        with np.errstate(over="ignore", invalid="ignore", under="ignore"):
            exact = rows * 2.0**-self.exponent
            exact -= self.center
            placed[:] = exact
            doubles = placed.astype(np.float64)
            exact -= doubles
            residuals = np.einsum("ij,ij->i", exact, exact)
            squares = np.einsum("ij,ij->i", doubles, doubles)
            errors = _MARGIN * (np.sqrt(residuals) + 2.0**-52 * np.sqrt(squares)) + _UNDERFLOW
            if self.exponent == 0 and np.array_equal(self.center, np.rint(self.center)):
                whole = (rows == np.rint(rows)).all(axis=1) & (np.abs(doubles) < 2**24).all(axis=1)
                errors[whole] = 0.0
        return squares, errors


def choose_frame(rows, dtype, most_whole):
    """Return a frame that suits most rows, or None if there is none.

    Parameters
    ----------
    rows : ndarray of float64, of shape (n_rows, n_features)
        Finite numbers.
    dtype : type
        float32 or float64.
    most_whole : float
        How far from the middle whole numbers may be to be placed as such.

    Returns
    -------
    Frame or None
    """
    low, high = rows.min(axis=0), rows.max(axis=0)
    with np.errstate(over="ignore"):
        middle = np.floor((low + high) / 2)
        widest = np.maximum(high - middle, middle - low).max()
    if widest <= most_whole and _are_whole(rows):
        return Frame(middle, 0, dtype)
    sample = rows[:_SAMPLE]
    center = np.median(sample, axis=0)
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        spread = np.abs(sample - center)
        largest = spread.max()
        norms = np.sqrt(((spread / largest) ** 2).sum(axis=1))
        usual = largest * (np.median(norms) or 1.0)
    exponent = frexp(usual)[1]
    if not 0 < usual < np.inf or abs(exponent) > _MOST_EXPONENT:
        return None
    return Frame(center * 2.0**-exponent, exponent, dtype)


def _are_whole(rows):
    size = max(_CELLS_AT_A_TIME // rows.shape[1], 1)
    parts = (rows[start : start + size] for start in range(0, len(rows), size))
    return all(np.array_equal(part, np.rint(part)) for part in parts)
