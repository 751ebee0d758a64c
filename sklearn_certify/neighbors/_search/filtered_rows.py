"""Training rows that whole numbers stand for: a quick filter in front of exact distances.

How far a whole number, the code of a pair, can be from the pair's distance is known. So most pairs
are decided by their codes, and the exact distance decides the few that are left. What is counted
is therefore the same as if all distances were exact.
"""

from abc import ABC, abstractmethod

import numpy as np

from ..._compute.distances import EUCLIDEAN
from .certify_kernels import certify_nearest
from .filter_kernels import Columns, code_far, count_far, count_nearest, write_nearest
from .metrics import comparable_radius

__all__ = ["FilteredRows"]

_SAMPLED_QUERIES = 8


class FilteredRows(ABC):
    """Training rows with codes, grouped by label.

    A subclass makes codes: of queries (`code_queries`), and of pairs (`_count`, `_write_codes`).

    Parameters
    ----------
    rows : ndarray of float64, of shape (n_rows, n_features)
        Finite numbers.
    labels : ndarray of int64, of shape (n_rows,)
        Class indices.
    n_classes : int
        Number of classes.
    compiled : int
        Number of a compiled metric.
    regular : ndarray of bool, of shape (n_rows,)
        Which rows have codes. The others lie far outside, and always take the exact distance.

    Attributes
    ----------
    columns : Columns
        In which order codes are kept, and what they stand for.
    outliers : ndarray of int64
        Positions of the rows without codes.
    """

    def __init__(self, rows, labels, n_classes, compiled, regular):
        by_label = np.argsort(labels, kind="stable")
        coded = by_label[regular[by_label]]
        self.outliers = np.flatnonzero(~regular)
        positions = np.concatenate([coded, self.outliers])
        label_starts = np.searchsorted(labels[coded], np.arange(n_classes + 1))
        self.columns = Columns(compiled, rows, positions, labels[positions], label_starts)

    @abstractmethod
    def code_queries(self, queries):
        """Return queries as the kernels take them, and the `Bounds` of their codes."""

    @abstractmethod
    def _count(self, coded, certain, possible, queries, radius, counts):
        """Add the rows with codes of each label within a radius of each query to counts."""

    @abstractmethod
    def _write_codes(self, coded, table):
        """Write the codes of all pairs: int32, of shape (n_queries, n_columns or more)."""

    @abstractmethod
    def _room(self, n_queries):
        """Return how many queries are coded at a time, and how wide a table of codes must be."""

    def count_within(self, radius, queries, counts):
        """Add the rows of each label within a radius of each query to counts."""
        radius = comparable_radius(self.columns.metric, radius)
        coded, bounds = self.code_queries(queries)
        certain, possible = bounds.limits(radius)
        self._count(coded, certain, possible, queries, radius, counts)
        if len(self.outliers):
            count_far(self.columns, queries, radius, counts)

    def count_nearest(self, n_nearest, queries, counts):
        """Add the labels of the nearest rows of each query to counts."""
        for part, table, bounds in self._tables(queries):
            count_nearest(
                self.columns,
                table,
                bounds.margins(),
                bounds.steps,
                queries[part],
                n_nearest,
                counts[part],
            )

    def write_nearest(self, n_nearest, queries, labels):
        """Write the labels of the nearest rows of each query, nearest first."""
        column_of = np.argsort(self.columns.positions)
        for part, table, bounds in self._tables(queries):
            write_nearest(
                self.columns,
                column_of,
                table,
                bounds.margins(),
                bounds.steps,
                queries[part],
                n_nearest,
                labels[part],
            )

    def certify_nearest(self, vote, queries, predicted, radii):
        """Write the class that the nearest rows elect, and its radius."""
        for part, table, bounds in self._tables(queries):
            certify_nearest(
                self.columns,
                table,
                bounds.margins(),
                bounds.steps,
                queries[part],
                vote,
                predicted[part],
                radii[part],
            )

    def _tables(self, queries):
        """Yield slices of the queries with tables of their codes, and what bounds these."""
        size, width = self._room(len(queries))
        table = np.empty((size, width), dtype=np.int32)
        for start in range(0, len(queries), size):
            part = slice(start, min(start + size, len(queries)))
            coded, bounds = self.code_queries(queries[part])
            of_part = table[: part.stop - start]
            self._write_codes(coded, of_part)
            if len(self.outliers):
                code_far(self.columns, queries[part], bounds.offsets, bounds.steps, of_part)
            yield part, of_part, bounds

    def undecided_share(self, sample):
        """Return the share of sampled rows so near to the edge of a neighbourhood that codes fail.

        Parameters
        ----------
        sample : ndarray of float64, of shape (n_sampled, n_features)
            Some of the rows.

        Returns
        -------
        float
        """
        queries = sample[:: -(-len(sample) // _SAMPLED_QUERIES)]
        errors = self.code_queries(queries)[1].errors
        shares = []
        with np.errstate(over="ignore", invalid="ignore"):
            for query, error in zip(queries, errors, strict=True):
                differences = np.abs(sample - query)
                if self.columns.metric == EUCLIDEAN:
                    differences *= differences
                distances = differences.sum(axis=1)
                edge = np.partition(distances, len(sample) // 20)[len(sample) // 20]
                shares.append(np.mean(np.abs(distances - edge) <= 2 * error) if error > 0 else 0.0)
        return np.mean(shares)
