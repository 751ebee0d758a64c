"""Rows as 16-bit codes: a quick filter in front of the exact Manhattan distance.

Each feature is rounded to a grid of step h, which is a power of two. The distance of two rounded
rows is a sum of integers, which is several times as fast as one of doubles: with sums S of codes,
sum |a - b| = S(a) + S(b) - 2 sum min(a, b). How far rounding can move a distance is known for
every row, so most pairs are decided by their codes, and the exact distance decides the few that
are left. What is counted is therefore the same as if all distances were exact.
"""

from typing import NamedTuple

import numpy as np

from .batches import queries_of_a_pass
from .coded_kernels import FEATURES_ADDED_TOGETHER, count_coded, count_listed, nearest_coded
from .grid import LARGEST_CODE, choose_grid
from .lanes import lane_blocks

__all__ = ["CodedQueries", "CodedRows", "code_rows"]

_LARGEST_DISTANCE = 2**31 - 1  # of codes
_MOST_FEATURES = _LARGEST_DISTANCE // (2 * LARGEST_CODE) - FEATURES_ADDED_TOGETHER
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

    Parameters
    ----------
    rows : ndarray of float64, of shape (n_rows, n_features)
        Finite numbers.
    labels : ndarray of int64, of shape (n_rows,)
        Class indices.
    n_classes : int
        Number of classes.
    grid : Grid
        What codes stand for.

    Attributes
    ----------
    blocks : ndarray of uint16, of shape (n_blocks, n_padded_features, n_lanes)
        Codes of the rows, grouped by label, in lanes.
    sums : ndarray of int32, of shape (n_blocks * n_lanes,)
        Sum of the codes of each row.
    positions : ndarray of int64, of shape (n_coded_rows,)
        Where the coded rows stand in the training set.
    label_starts : ndarray of int64, of shape (n_classes + 1,)
        First coded row of each label.
    outliers : ndarray of int64
        Positions of the rows without codes, which lie far outside the grid.
    """

    def __init__(self, rows, labels, n_classes, grid):
        self._rows, self._labels, self.grid = rows, labels, grid
        codes, errors, magnitudes = self._code_in_parts(rows)
        regular = errors <= codes.shape[1] * grid.step
        self.outliers = np.flatnonzero(~regular)
        by_label = np.argsort(labels, kind="stable")
        self.positions = by_label[regular[by_label]]
        self.label_starts = np.searchsorted(labels[self.positions], np.arange(n_classes + 1))
        coded = codes[self.positions]
        n_lanes = min(max(_CODES_PER_BLOCK // coded.shape[1] // 64 * 64, 64), _MOST_LANES)
        self.blocks = lane_blocks(coded, n_lanes)
        self.sums = np.zeros(len(self.blocks) * n_lanes, dtype=np.int32)
        self.sums[: len(coded)] = coded.sum(axis=1, dtype=np.int32)
        self._error = errors[regular].max(initial=0.0)
        self._magnitude = magnitudes[regular].max(initial=0.0)

    def _code_in_parts(self, rows):
        size = max(_CELLS_AT_A_TIME // rows.shape[1], 1)
        with np.errstate(over="ignore", invalid="ignore"):
            parts = [
                (*self.grid.code(part), self.grid.magnitudes(part))
                for part in (rows[start : start + size] for start in range(0, len(rows), size))
            ]
        return (np.concatenate(part) for part in zip(*parts, strict=True))

    def count_within(self, radius, queries, counts):
        """Add the rows of each label within a radius of each query to counts."""
        coded = self.code_queries(queries)
        certain, possible = self.limits(coded, radius)
        count_coded(
            self.blocks,
            self.sums,
            self.positions,
            self.label_starts,
            self._rows,
            coded.codes,
            coded.sums,
            certain,
            possible,
            queries,
            radius,
            counts,
        )
        count_listed(self.outliers, self._rows, self._labels, queries, radius, counts)

    def find_nearest(self, n_nearest, queries, counts, neighbor_labels):
        """Count the labels of the nearest rows, or write them, as `nearest_measured` does."""
        coded = self.code_queries(queries)
        nearest_coded(
            self.blocks,
            self.sums,
            self.positions,
            self.label_starts,
            self.outliers,
            self.grid.step,
            self._rows,
            self._labels,
            coded.codes,
            coded.sums,
            self.margins(coded),
            queries,
            n_nearest,
            queries_of_a_pass(len(self._rows)),
            counts,
            neighbor_labels,
        )

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
            inside = self.grid.clip(queries)
            offsets = np.abs(queries - inside).sum(axis=1)
            codes, errors = self.grid.code(inside)
            magnitudes = self.grid.magnitudes(queries)
            rounding = (queries.shape[1] + 8) * _ROUNDING * (self._magnitude + magnitudes)
            exact = (self._error == 0) & (errors == 0) & (offsets == 0)
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
            certain = np.floor((radius - queries.offsets - errors) / self.grid.step)
            possible = np.floor((radius - queries.offsets + errors) / self.grid.step)
        certain = np.nan_to_num(certain, nan=-1.0, posinf=_LARGEST_DISTANCE, neginf=-1.0)
        possible = np.nan_to_num(
            possible, nan=_LARGEST_DISTANCE, posinf=_LARGEST_DISTANCE, neginf=-1.0
        )
        return tuple(
            np.clip(limit, -1, _LARGEST_DISTANCE).astype(np.int64) for limit in (certain, possible)
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
            margins = np.floor(2 * queries.errors * (1 + _ROUNDING) / self.grid.step) + 1
        margins = np.where(queries.errors == 0, 0.0, margins)
        margins = np.nan_to_num(margins, nan=_LARGEST_DISTANCE, posinf=_LARGEST_DISTANCE)
        return np.minimum(margins, _LARGEST_DISTANCE).astype(np.int64)

    def undecided_share(self, sample):
        """Return the share of sampled rows so near to the edge of a neighbourhood that codes fail.

        A few wild rows, an attacker's or those of a heavy tail, can make the grid too coarse for
        all.

        Parameters
        ----------
        sample : ndarray of float64, of shape (n_sampled, n_features)
            Some of the rows.

        Returns
        -------
        float
        """
        queries = sample[:: -(-len(sample) // _SAMPLED_QUERIES)]
        errors = self.code_queries(queries).errors
        with np.errstate(over="ignore", invalid="ignore"):
            shares = []
            for query, error in zip(queries, errors, strict=True):
                distances = np.abs(sample - query).sum(axis=1)
                edge = np.partition(distances, len(sample) // 20)[len(sample) // 20]
                shares.append(np.mean(np.abs(distances - edge) <= 2 * error) if error > 0 else 0.0)
        return np.mean(shares)


def code_rows(rows, labels, n_classes):
    """Return training rows as codes, or None where codes would decide too little.

    Parameters
    ----------
    rows : ndarray of float64, of shape (n_rows, n_features)
        Finite numbers.
    labels : ndarray of int64, of shape (n_rows,)
        Class indices.
    n_classes : int
        Number of classes.

    Returns
    -------
    CodedRows or None
    """
    if rows.shape[1] > _MOST_FEATURES:
        return None
    grid = choose_grid(rows)
    if grid is None:
        return None
    coded = CodedRows(rows, labels, n_classes, grid)
    if len(coded.outliers) > len(rows) // 4:
        return None
    n_sampled = min(max(_CELLS_AT_A_TIME // rows.shape[1], 1), _SAMPLE)
    return coded if coded.undecided_share(rows[:n_sampled]) <= _MOST_UNDECIDED else None
