"""The training rows as both classifiers keep them: count them near a query, or rank them."""

import numpy as np

from ..._compute.blocks import run_on_blocks
from .batches import queries_of_a_chunk, queries_of_a_thread
from .coded_rows import code_rows
from .dense_rows import DenseRows
from .measured_rows import MeasuredRows
from .metrics import MANHATTAN, compiled_metric
from .tree_of_rows import TreeOfRows

__all__ = ["TrainingRows"]


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
        self.rows, self.labels, self.n_classes = rows, labels, n_classes
        self.metric, self.metric_params = metric, metric_params
        self._prepare()

    def _prepare(self):
        """Choose how to search: a tree that may help, and all rows for what it leaves."""
        self._tree = None
        self._compiled = compiled_metric(self.metric, self.metric_params)
        if self._compiled is None:
            self._all_rows = MeasuredRows(self.rows, self.labels, self.metric, self.metric_params)
            return
        self._all_rows = None
        if self._compiled == MANHATTAN:
            self._all_rows = code_rows(self.rows, self.labels, self.n_classes)
        if self._all_rows is None:
            self._all_rows = DenseRows(self.rows, self.labels, self._compiled)
        if TreeOfRows.helps(*self.rows.shape):
            self._tree = TreeOfRows(self.rows, self.labels, self.metric, self._compiled)

    def __getstate__(self):
        # what _prepare makes is not stored, it takes less time to make than to read
        prepared = ("_compiled", "_all_rows", "_tree")
        return {name: value for name, value in vars(self).items() if name not in prepared}

    def __setstate__(self, state):
        vars(self).update(state)
        self._prepare()

    @property
    def label_type(self):
        """The smallest signed integer type that holds a class index."""
        return np.min_scalar_type(-self.n_classes)

    def count_within(self, queries, radius, n_threads=None):
        """Count the rows of each label within a radius of each query.

        Parameters
        ----------
        queries : ndarray of float64, of shape (n_queries, n_features)
            Finite numbers, C-ordered.
        radius : float
            The largest distance that counts.
        n_threads : int, default=None
            The most threads to work on, see `run_on_blocks`.

        Returns
        -------
        ndarray of int64, of shape (n_queries, n_classes)
        """
        counts = np.zeros((len(queries), self.n_classes), dtype=np.int64)
        radius = float(radius)

        def count(rows, queries, counts):
            return rows.count_within(radius, queries, counts)

        self._ask(count, n_threads, queries, counts)
        return counts

    def count_nearest(self, queries, n_nearest, n_threads=None):
        """Count the labels among the nearest rows of each query.

        Parameters
        ----------
        queries : ndarray of float64, of shape (n_queries, n_features)
            Finite numbers, C-ordered.
        n_nearest : int
            How many rows, at most all.
        n_threads : int, default=None
            The most threads to work on, see `run_on_blocks`.

        Returns
        -------
        ndarray of int64, of shape (n_queries, n_classes)
        """
        counts = np.zeros((len(queries), self.n_classes), dtype=np.int64)
        no_labels = np.empty((len(queries), 0), np.int8)
        self._find_nearest(queries, n_nearest, n_threads, counts, no_labels)
        return counts

    def nearest_labels(self, queries, n_nearest, n_threads=None):
        """Return the labels of the nearest rows of each query, nearest first.

        Parameters
        ----------
        queries : ndarray of float64, of shape (n_queries, n_features)
            Finite numbers, C-ordered.
        n_nearest : int
            How many rows, at most all.
        n_threads : int, default=None
            The most threads to work on, see `run_on_blocks`.

        Returns
        -------
        ndarray of the smallest integer type, of shape (n_queries, n_nearest)
            Class indices.
        """
        labels = np.empty((len(queries), n_nearest), dtype=self.label_type)
        no_counts = np.empty((len(queries), 0), np.int64)
        self._find_nearest(queries, n_nearest, n_threads, no_counts, labels)
        return labels

    def _find_nearest(self, queries, n_nearest, n_threads, counts, neighbor_labels):
        def find(rows, queries, counts, neighbor_labels):
            return rows.find_nearest(n_nearest, queries, counts, neighbor_labels)

        self._ask(find, n_threads, queries, counts, neighbor_labels)

    def _ask(self, question, n_threads, queries, *results):
        """Call ``question(rows, queries, *results)``, which writes the results of each query."""
        if self._tree is None:
            self._ask_all_rows(question, n_threads, queries, *results)
            return
        left = question(self._tree, queries, *results)
        if len(left):
            parts = [result[left] for result in results]
            self._ask_all_rows(question, n_threads, queries[left], *parts)
            for result, part in zip(results, parts, strict=True):
                result[left] = part

    def _ask_all_rows(self, question, n_threads, queries, *results):
        """Ask all rows, by chunks of queries, which threads share."""
        size = queries_of_a_chunk(self.rows.shape[1])

        def ask(start, stop):
            for first in range(start, stop, size):
                chunk = slice(first, min(first + size, stop))
                question(self._all_rows, queries[chunk], *(result[chunk] for result in results))

        run_on_blocks(
            ask,
            len(queries),
            min_block=queries_of_a_thread(self.rows.size),
            # who measures holds the GIL
            n_threads=1 if self._compiled is None else n_threads,
        )
