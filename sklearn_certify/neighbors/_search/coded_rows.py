"""Rows as 16-bit codes: a quick filter in front of the exact Manhattan distance.

Each feature is rounded to a grid of step h, which is a power of two. The distance of two rounded
rows is a sum of integers, which is several times as fast as one of doubles: with sums S of codes,
sum |a - b| = S(a) + S(b) - 2 sum min(a, b). How far rounding can move a distance is known for
every row.
"""

from typing import NamedTuple

import numpy as np

from ..._compute.distances import MANHATTAN
from ..._compute.lanes import lane_blocks
from .batches import queries_of_a_table
from .bounds import LARGEST_CODE_OF_A_DISTANCE, ROUNDING, Bounds
from .coded_kernels import FEATURES_ADDED_TOGETHER, code_all, count_coded
from .filtered_rows import FilteredRows
from .grid import LARGEST_CODE, choose_grid

__all__ = ["CodedQueries", "CodedRows", "code_rows"]

_MOST_FEATURES = LARGEST_CODE_OF_A_DISTANCE // (2 * LARGEST_CODE) - FEATURES_ADDED_TOGETHER
_CELLS_AT_A_TIME = 2**20  # of rows that are coded together: 8 MiB of doubles
_CODES_PER_BLOCK = 2**17  # two bytes each: a block stays in the second-level cache
_MOST_LANES = 1024
_SAMPLE = 1024
_MOST_UNDECIDED = 0.15  # share of the rows; with more, exact distances alone are quicker


class CodedQueries(NamedTuple):
    """Queries as codes."""

    codes: np.ndarray  # uint16 (n_queries, n_padded_features)
    sums: np.ndarray  # int64 (n_queries,)


class CodedRows(FilteredRows):
    """Training rows as codes; make them with `code_rows`.

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
        Codes of the rows, in the order of the columns, in lanes.
    sums : ndarray of int32, of shape (n_blocks * n_lanes,)
        Sum of the codes of each row.
    """

    def __init__(self, rows, labels, n_classes, grid):
        self.grid = grid
        codes, errors, magnitudes = self._code_in_parts(rows)
        regular = errors <= codes.shape[1] * grid.step
        super().__init__(rows, labels, n_classes, MANHATTAN, regular)
        coded = codes[self.columns.positions[: regular.sum()]]
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

    def code_queries(self, queries):
        """Return queries as codes, and the bounds of their distances of codes.

        Parameters
        ----------
        queries : ndarray of float64, of shape (n_queries, n_features)
            Rows.

        Returns
        -------
        CodedQueries
        Bounds
            The offset is how far a query lies outside the grid.
        """
        with np.errstate(over="ignore", invalid="ignore"):
            inside = self.grid.clip(queries)
            offsets = np.abs(queries - inside).sum(axis=1)
            codes, errors = self.grid.code(inside)
            magnitudes = self.grid.magnitudes(queries)
            rounding = (queries.shape[1] + 8) * ROUNDING * (self._magnitude + magnitudes)
            exact = (self._error == 0) & (errors == 0) & (offsets == 0)
            errors = np.where(exact, 0.0, errors + self._error + rounding)
        coded = CodedQueries(codes, codes.sum(axis=1, dtype=np.int64))
        return coded, Bounds(offsets, np.full(len(queries), self.grid.step), errors)

    def _count(self, coded, certain, possible, queries, radius, counts):
        count_coded(
            self.columns,
            self.blocks,
            self.sums,
            coded.codes,
            coded.sums,
            certain,
            possible,
            queries,
            radius,
            counts,
        )

    def _write_codes(self, coded, table):
        code_all(self.blocks, self.sums, coded.codes, coded.sums, table)

    def _room(self, n_queries):
        width = max(len(self.sums), len(self.columns.positions))
        return min(queries_of_a_table(width), n_queries), width


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
