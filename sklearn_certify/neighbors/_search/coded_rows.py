"""Rows as 16-bit codes: a quick filter in front of the exact Manhattan distance.

Each feature is rounded to a grid of step h, which is a power of two. The distance of two rounded
rows is a sum of integers, which is several times as fast as one of doubles: with sums S of codes,
sum |a - b| = S(a) + S(b) - 2 sum min(a, b). How far rounding can move a distance is known for
every row, so most pairs are decided by their codes, and the exact distance decides the few that
are left. What is counted is therefore the same as if all distances were exact.
"""

from math import frexp, isfinite, ldexp
from typing import NamedTuple

import numpy as np

from .distances import to_lanes

__all__ = ["CodedQueries", "CodedRows", "code_rows"]

FEATURES_AT_A_TIME = 8  # their smaller codes are added in 16 bits
LARGEST_CODE = (2**16 - 1) // FEATURES_AT_A_TIME
LARGEST_DISTANCE = 2**31 - 1
_MOST_FEATURES = LARGEST_DISTANCE // (2 * LARGEST_CODE) - FEATURES_AT_A_TIME
_CELLS_AT_A_TIME = 2**20  # of rows that are coded together: 8 MiB of doubles
_CODES_PER_BLOCK = 2**17  # two bytes each: a block stays in the second-level cache
_MOST_LANES = 1024
_SAMPLE = 1024
_SAMPLED_QUERIES = 8
_MOST_UNDECIDED = 0.15  # share of the rows; with more, exact distances alone are quicker
_ROUNDING = 2.0**-50  # eight times the rounding error of one operation on doubles


class CodedQueries(NamedTuple):
    """Queries as codes: a pair's distance is offset + step * (distance of codes) +- error."""

    codes: np.ndarray  # uint16 (n_queries, n_padded_features)
    sums: np.ndarray  # int64 (n_queries,)
    offsets: np.ndarray  # float64 (n_queries,): how far the query lies outside the grid
    errors: np.ndarray  # float64 (n_queries,): 0 says that distances of codes are exact


class CodedRows:
    """Training rows as codes, grouped by label; make them with `code_rows`.

    Attributes
    ----------
    blocks : ndarray of uint16, of shape (n_blocks, n_padded_features, n_lanes)
        Codes of the rows, grouped by label, feature by feature.
    sums : ndarray of int64, of shape (n_blocks * n_lanes,)
        Sum of the codes of each row.
    positions : ndarray of int64, of shape (n_coded_rows,)
        Where the coded rows stand in the training set.
    label_starts : ndarray of int64, of shape (n_classes + 1,)
        First coded row of each label.
    outliers : ndarray of int64
        Positions of the rows without codes, which lie far outside the grid.
    step : float
        Width of the grid, a power of two.
    """

    def __init__(self, low, step, codes, errors, magnitudes, labels, n_classes):
        self._low, self.step = low, step
        regular = errors <= codes.shape[1] * step
        self.outliers = np.flatnonzero(~regular)
        by_label = np.argsort(labels, kind="stable")
        self.positions = by_label[regular[by_label]]
        self.label_starts = np.searchsorted(labels[self.positions], np.arange(n_classes + 1))
        coded = codes[self.positions]
        n_lanes = min(max(_CODES_PER_BLOCK // coded.shape[1] // 64 * 64, 64), _MOST_LANES)
        self.blocks = to_lanes(coded, n_lanes)
        self.sums = np.zeros(len(self.blocks) * n_lanes, dtype=np.int32)
        self.sums[: len(coded)] = coded.sum(axis=1, dtype=np.int32)
        self._error = errors[regular].max(initial=0.0)
        self._magnitude = magnitudes[regular].max(initial=0.0)
        self._rows_are_exact = self._error == 0

    def code_queries(self, queries):
        """Return queries as codes, with what is known of the error.

        Parameters
        ----------
        queries : ndarray of float64, of shape (n_queries, n_features)
            Rows.

        Returns
        -------
        CodedQueries
        """
        with np.errstate(over="ignore", invalid="ignore"):
            inside = np.clip(queries, self._low, self._low + self.step * LARGEST_CODE)
            offsets = np.abs(queries - inside).sum(axis=1)
            codes, errors, _ = _code(inside, self._low, self.step)
            magnitudes = _magnitudes(queries, self._low, self.step)
            rounding = (queries.shape[1] + 8) * _ROUNDING * (self._magnitude + magnitudes)
            exact = self._rows_are_exact & (errors == 0) & (offsets == 0)
            errors = np.where(exact, 0.0, errors + self._error + rounding)
        return CodedQueries(codes, codes.sum(axis=1, dtype=np.int64), offsets, errors)

    def limits(self, queries, radius):
        """Return between which distances of codes only the exact distance decides.

        Parameters
        ----------
        queries : CodedQueries
            Queries.
        radius : float
            The largest distance that counts.

        Returns
        -------
        certain, possible : ndarray of int64, of shape (n_queries,)
            Up to `certain` a row lies within the radius, above `possible` it does not.
        """
        with np.errstate(over="ignore", invalid="ignore"):
            errors = queries.errors * (1 + _ROUNDING)
            errors += np.where(errors > 0, _ROUNDING * (radius + queries.offsets), 0.0)
            certain = np.floor((radius - queries.offsets - errors) / self.step)
            possible = np.floor((radius - queries.offsets + errors) / self.step)
        certain = np.nan_to_num(certain, nan=-1.0, posinf=LARGEST_DISTANCE, neginf=-1.0)
        possible = np.nan_to_num(
            possible, nan=LARGEST_DISTANCE, posinf=LARGEST_DISTANCE, neginf=-1.0
        )
        return tuple(
            np.clip(limit, -1, LARGEST_DISTANCE).astype(np.int64) for limit in (certain, possible)
        )

    def margins(self, queries):
        """Return how much two distances of codes must differ to be in order for certain.

        Parameters
        ----------
        queries : CodedQueries
            Queries.

        Returns
        -------
        ndarray of int64, of shape (n_queries,)
            Rows whose distances of codes differ by more are in the order of these distances;
            0 says that distances of codes are exact.
        """
        with np.errstate(over="ignore", invalid="ignore"):
            margins = np.floor(2 * queries.errors * (1 + _ROUNDING) / self.step) + 1
        margins = np.where(queries.errors == 0, 0.0, margins)
        margins = np.nan_to_num(margins, nan=LARGEST_DISTANCE, posinf=LARGEST_DISTANCE)
        return np.minimum(margins, LARGEST_DISTANCE).astype(np.int64)


def code_rows(rows, labels, n_classes):
    """Return training rows as codes, or None where codes would decide too little.

    Parameters
    ----------
    rows : ndarray of float64, of shape (n_rows, n_features)
        Finite numbers.
    labels : ndarray of int, of shape (n_rows,)
        Class indices.
    n_classes : int
        Number of classes.

    Returns
    -------
    CodedRows or None
    """
    if rows.shape[1] > _MOST_FEATURES:
        return None
    grid = _grid(rows)
    if grid is None:
        return None
    n_rows = max(_CELLS_AT_A_TIME // rows.shape[1], 1)
    with np.errstate(over="ignore", invalid="ignore"):
        parts = [
            _code(rows[start : start + n_rows], *grid) for start in range(0, len(rows), n_rows)
        ]
    codes, errors, magnitudes = (np.concatenate(part) for part in zip(*parts, strict=True))
    coded = CodedRows(*grid, codes, errors, magnitudes, labels, n_classes)
    if len(coded.outliers) > len(rows) // 4:
        return None
    return coded if _undecided(coded, rows[: min(n_rows, _SAMPLE)]) <= _MOST_UNDECIDED else None


def _undecided(coded, sample):
    """The share of sampled rows so near to the edge of a neighbourhood that codes do not tell.

    A few wild rows, an attacker's or those of a heavy tail, can make the grid too coarse for all.
    """
    queries = sample[:: -(-len(sample) // _SAMPLED_QUERIES)]
    errors = coded.code_queries(queries).errors
    with np.errstate(over="ignore", invalid="ignore"):
        shares = []
        for query, error in zip(queries, errors, strict=True):
            distances = np.abs(sample - query).sum(axis=1)
            edge = np.partition(distances, len(sample) // 20)[len(sample) // 20]
            shares.append(np.mean(np.abs(distances - edge) <= 2 * error) if error > 0 else 0.0)
    return np.mean(shares)


def _grid(rows):
    """Choose the lowest value of each feature and one step for all, or None if there is none."""
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
    return np.floor(low / step) * step, step


def _code(rows, low, step):
    """Return codes, how far rounding moves each row, and the size of the numbers involved."""
    codes = np.clip(np.rint((rows - low) / step), 0, LARGEST_CODE)
    errors = np.abs(rows - (low + step * codes)).sum(axis=1)
    padded = np.zeros((len(rows), -(-rows.shape[1] // FEATURES_AT_A_TIME) * FEATURES_AT_A_TIME))
    padded[:, : rows.shape[1]] = codes
    return padded.astype(np.uint16), errors, _magnitudes(rows, low, step)


def _magnitudes(rows, low, step):
    bound = np.abs(low).sum() + rows.shape[1] * step * LARGEST_CODE
    return np.abs(rows).sum(axis=1) + bound
