"""The training rows as both classifiers keep them: count them near a query, or rank them."""

import numpy as np
from joblib import effective_n_jobs

from ..._compute.blocks import run_on_blocks
from .coded_kernels import count_coded, count_listed, nearest_coded
from .coded_rows import code_rows
from .dense_kernels import count_dense, count_within, nearest_dense, nearest_of
from .distances import (
    EUCLIDEAN,
    MANHATTAN,
    compiled_metric,
    lane_blocks,
    largest_square_within,
    make_metric,
)
from .limited import limited_to
from .tree import TreeOfRows

__all__ = ["TrainingRows"]

_DISTANCES_AT_A_TIME = 2**19  # held by each thread: 4 MiB of doubles
_QUERIES_AT_A_TIME = 8  # that share a block of rows in the cache
_QUERIES_PER_BLOCK = 512
_CELLS_PER_BLOCK = 2**20  # of queries


class TrainingRows:
    """Training rows in canonical order with their labels.

    Rows at equal distances are ranked by their position, so the order of rows must follow from
    their content.

    Parameters
    ----------
    rows : ndarray of float64, of shape (n_rows, n_features)
        Finite numbers, C-ordered.
    labels : ndarray of int64, of shape (n_rows,)
        Class indices.
    n_classes : int
        Number of classes.
    metric : str or callable
        One of `METRICS`, or a function of two rows.
    metric_params : dict or None
        Further arguments of the metric.

    Raises
    ------
    InvalidInputError
        If the metric cannot compare these rows.
    """

    def __init__(self, rows, labels, n_classes, metric, metric_params):
        make_metric(metric, metric_params, rows.shape[1])
        self.rows, self.labels, self.n_classes = rows, labels, n_classes
        self.metric, self.metric_params = metric, metric_params
        self._prepare()

    def _prepare(self):
        self._compiled = None if self.metric_params else compiled_metric(self.metric)
        self._coded = self._blocks = self._tree = None
        if self._compiled == MANHATTAN:
            self._coded = code_rows(self.rows, self.labels, self.n_classes)
        if self._compiled is not None and self._coded is None:
            self._blocks = lane_blocks(self.rows)
        if self._compiled is not None and TreeOfRows.helps(*self.rows.shape):
            self._tree = TreeOfRows(self.rows, self.metric, self._compiled)

    def __getstate__(self):
        # what _prepare makes is not stored, it takes less time to make than to read
        prepared = ("_compiled", "_coded", "_blocks", "_tree")
        return {name: value for name, value in vars(self).items() if name not in prepared}

    def __setstate__(self, state):
        vars(self).update(state)
        self._prepare()

    def count_within(self, queries, radius, n_jobs=None):
        """Count the rows of each label within a radius of each query.

        Parameters
        ----------
        queries : ndarray of float64, of shape (n_queries, n_features)
            Finite numbers, C-ordered.
        radius : float
            The largest distance that counts.
        n_jobs : int, default=None
            Number of threads; None = all that numba may use.

        Returns
        -------
        ndarray of int64, of shape (n_queries, n_classes)
        """
        counts = np.zeros((len(queries), self.n_classes), dtype=np.int64)
        radius = float(radius)
        if self._compiled is None:
            for chunk, distances in self._distances(queries):
                count_within(distances, self.labels, radius, counts[chunk])
            return counts
        limit = largest_square_within(radius) if self._compiled == EUCLIDEAN else radius
        if self._tree is not None:
            left = self._tree.count_within(queries, radius, limit, self.labels, counts)
            if len(left):
                counts[left] = self._count_among_all(queries[left], radius, limit, n_jobs)
            return counts
        return self._count_among_all(queries, radius, limit, n_jobs)

    def _count_among_all(self, queries, radius, limit, n_jobs):
        counts = np.zeros((len(queries), self.n_classes), dtype=np.int64)

        def count(start, stop):
            for chunk in self._query_blocks(start, stop):
                if self._coded is None:
                    count_dense(
                        self._compiled,
                        self._blocks,
                        self.labels,
                        queries[chunk],
                        limit,
                        counts[chunk],
                    )
                else:
                    self._count_coded(queries[chunk], radius, counts[chunk])

        self._run(count, len(queries), n_jobs)
        return counts

    def _count_coded(self, queries, radius, counts):
        coded = self._coded
        codes = coded.code_queries(queries)
        certain, possible = coded.limits(codes, radius)
        count_coded(
            coded.blocks,
            coded.sums,
            coded.positions,
            coded.label_starts,
            self.rows,
            codes.codes,
            codes.sums,
            certain,
            possible,
            queries,
            radius,
            counts,
        )
        count_listed(coded.outliers, self.rows, self.labels, queries, radius, counts)

    def count_nearest(self, queries, n_nearest, n_jobs=None):
        """Count the labels among the nearest rows of each query.

        Parameters
        ----------
        queries : ndarray of float64, of shape (n_queries, n_features)
            Finite numbers, C-ordered.
        n_nearest : int
            How many rows, at most all.
        n_jobs : int, default=None
            Number of threads; None = all that numba may use.

        Returns
        -------
        ndarray of int64, of shape (n_queries, n_classes)
        """
        counts = np.zeros((len(queries), self.n_classes), dtype=np.int64)
        self._nearest(queries, n_nearest, counts, np.empty((len(queries), 0), np.int8), n_jobs)
        return counts

    def nearest_labels(self, queries, n_nearest, n_jobs=None):
        """Return the labels of the nearest rows of each query, nearest first.

        Parameters
        ----------
        queries : ndarray of float64, of shape (n_queries, n_features)
            Finite numbers, C-ordered.
        n_nearest : int
            How many rows, at most all.
        n_jobs : int, default=None
            Number of threads; None = all that numba may use.

        Returns
        -------
        ndarray of the smallest integer type, of shape (n_queries, n_nearest)
            Class indices.
        """
        neighbor_labels = np.empty((len(queries), n_nearest), dtype=self.label_type)
        self._nearest(
            queries, n_nearest, np.empty((len(queries), 0), np.int64), neighbor_labels, n_jobs
        )
        return neighbor_labels

    @property
    def label_type(self):
        """The smallest signed integer type that holds a class index."""
        return np.min_scalar_type(-self.n_classes)

    def _nearest(self, queries, n_nearest, counts, neighbor_labels, n_jobs):
        if self._compiled is None:
            for chunk, distances in self._distances(queries):
                nearest_of(distances, self.labels, n_nearest, counts[chunk], neighbor_labels[chunk])
            return
        if self._tree is not None:
            left = self._tree.nearest(queries, n_nearest, self.labels, counts, neighbor_labels)
            if len(left):
                parts = counts[left], neighbor_labels[left]
                self._nearest_among_all(queries[left], n_nearest, *parts, n_jobs)
                counts[left], neighbor_labels[left] = parts
            return
        self._nearest_among_all(queries, n_nearest, counts, neighbor_labels, n_jobs)

    def _nearest_among_all(self, queries, n_nearest, counts, neighbor_labels, n_jobs):
        at_a_time = max(min(_DISTANCES_AT_A_TIME // len(self.rows), _QUERIES_AT_A_TIME), 1)

        def find(start, stop):
            for chunk in self._query_blocks(start, stop):
                if self._coded is None:
                    nearest_dense(
                        self._compiled,
                        self._blocks,
                        self.labels,
                        queries[chunk],
                        n_nearest,
                        at_a_time,
                        counts[chunk],
                        neighbor_labels[chunk],
                    )
                else:
                    self._nearest_coded(
                        queries[chunk], n_nearest, at_a_time, counts[chunk], neighbor_labels[chunk]
                    )

        self._run(find, len(queries), n_jobs)

    def _query_blocks(self, start, stop):
        """Yield slices of queries whose codes stay in the cache while all rows pass by."""
        size = min(_QUERIES_PER_BLOCK, max(_CELLS_PER_BLOCK // self.rows.shape[1], 1))
        for first in range(start, stop, size):
            yield slice(first, min(first + size, stop))

    def _nearest_coded(self, queries, n_nearest, at_a_time, counts, neighbor_labels):
        coded = self._coded
        codes = coded.code_queries(queries)
        nearest_coded(
            coded.blocks,
            coded.sums,
            coded.positions,
            coded.label_starts,
            coded.outliers,
            coded.step,
            self.rows,
            self.labels,
            codes.codes,
            codes.sums,
            coded.margins(codes),
            queries,
            n_nearest,
            at_a_time,
            counts,
            neighbor_labels,
        )

    def _distances(self, queries):
        """Yield slices of the queries with their distances to all rows, by scikit-learn's metric.

        Distances that are no number count as infinite, those below zero as zero.
        """
        metric = make_metric(self.metric, self.metric_params, self.rows.shape[1])
        size = max(_DISTANCES_AT_A_TIME // len(self.rows), 1)
        for start in range(0, len(queries), size):
            chunk = slice(start, start + size)
            distances = metric.pairwise(queries[chunk], self.rows)
            yield chunk, np.maximum(np.nan_to_num(distances, nan=np.inf, posinf=np.inf), 0.0) + 0.0

    def _run(self, kernel, n_queries, n_jobs):
        limited = kernel if n_jobs is None else limited_to(effective_n_jobs(n_jobs), kernel)
        cells = self.rows.size
        run_on_blocks(limited, n_queries, min_block=max(_DISTANCES_AT_A_TIME // cells, 1))
