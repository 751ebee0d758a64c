"""The training rows as both classifiers keep them: count them near a query, and certify."""

import numpy as np

from ..._compute.blocks import run_on_blocks
from ..._compute.distances import EUCLIDEAN, MANHATTAN
from ..._compute.first_work import FirstWork
from ...exceptions import InvalidInputError
from .batches import queries_of_a_chunk, queries_of_a_thread
from .certify_kernels import Vote
from .coded_rows import code_rows
from .dense_rows import DenseRows
from .measured_rows import MeasuredRows
from .metrics import compiled_metric
from .numpy_rows import NumpyRows
from .product_rows import place_rows
from .tree_of_rows import TreeOfRows

__all__ = ["TrainingRows"]

_FIRST_WORK = FirstWork(2**28)


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
        If the metric cannot compare these rows, or rows and labels do not fit together.
    """

    def __init__(self, rows, labels, n_classes, metric, metric_params):
        self.rows, self.labels, self.n_classes = rows, labels, n_classes
        self.metric, self.metric_params = metric, metric_params
        self._prepare()

    def _prepare(self):
        """Choose how to search: a tree that may help, and all rows for what it leaves."""
        _check(self.rows, self.labels, self.n_classes)
        self._tree = None
        self._compiled = compiled_metric(self.metric, self.metric_params)
        if self._compiled is None:
            self._all_rows = MeasuredRows(self.rows, self.labels, self.metric, self.metric_params)
            return
        self._all_rows = self._search_all()
        if TreeOfRows.helps(*self.rows.shape):
            self._tree = TreeOfRows(self.rows, self.labels, self._compiled)

    def _search_all(self):
        """Return rows that answer every query, by kernels."""
        rows = None
        if self._compiled == MANHATTAN:
            rows = code_rows(self.rows, self.labels, self.n_classes)
        if self._compiled == EUCLIDEAN:
            rows = place_rows(self.rows, self.labels, self.n_classes)
        return DenseRows(self.rows, self.labels, self._compiled) if rows is None else rows

    def __getstate__(self):
        # what _prepare makes is not stored, it takes less time to make than to read
        prepared = ("_compiled", "_all_rows", "_tree")
        return {name: value for name, value in vars(self).items() if name not in prepared}

    def __setstate__(self, state):
        vars(self).update(state)
        self._prepare()

    @property
    def compiled(self):
        """The number of a metric that has kernels, None for the others."""
        return self._compiled

    def measure(self, queries):
        """Return the distances of queries to all rows by a metric that has no kernels."""
        return np.concatenate([table for _, table in self._all_rows.distances(queries)])

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
        n_nearest = min(n_nearest, len(self.rows))

        def count(rows, queries, counts):
            return rows.count_nearest(n_nearest, queries, counts)

        self._ask(count, n_threads, queries, counts)
        return counts

    def find_nearest(self, queries, n_nearest, n_threads=None, dtype=np.int64):
        """Return the labels of the nearest rows, nearest first.

        Parameters
        ----------
        queries : ndarray of float64, of shape (n_queries, n_features)
            Finite numbers, C-ordered.
        n_nearest : int
            How many rows, at most all.
        n_threads : int, default=None
            The most threads to work on, see `run_on_blocks`.
        dtype : dtype, default=int64
            Of what is returned; it must hold every label.

        Returns
        -------
        ndarray of shape (n_queries, n_nearest)
        """
        labels = np.zeros((len(queries), n_nearest), dtype)

        def find(rows, queries, labels):
            return rows.write_nearest(n_nearest, queries, labels)

        self._ask(find, n_threads, queries, labels)
        return labels

    def certify_nearest(self, queries, n_neighbors, n_ranked, attacker, phantom, n_threads=None):
        """Return the class that the nearest rows of each query elect, and what the vote survives.

        Parameters
        ----------
        queries : ndarray of float64, of shape (n_queries, n_features)
            Finite numbers, C-ordered.
        n_neighbors : int
            How many rows vote.
        n_ranked : int
            How many rows may be looked at, at most all. The others may be of any class.
        attacker : ThreatModel
            Who inserts or deletes rows.
        phantom : bool
            Whether the attacker may invent a label.
        n_threads : int, default=None
            The most threads to work on, see `run_on_blocks`.

        Returns
        -------
        predicted, radii : ndarray of int64, of shape (n_queries,)
            As `certificates.knn_radius` returns them for the labels of the nearest rows in order.
        """
        n_ranked = min(n_ranked, len(self.rows))
        vote = Vote(
            n_neighbors, n_ranked, self.n_classes, attacker.inserts, attacker.deletes, phantom
        )
        predicted, radii = np.empty((2, len(queries)), dtype=np.int64)

        def certify(rows, queries, predicted, radii):
            return rows.certify_nearest(vote, queries, predicted, radii)

        self._ask(certify, n_threads, queries, predicted, radii)
        return predicted, radii

    def _ask(self, question, n_threads, queries, *results):
        """Call ``question(rows, queries, *results)``, which writes the results of each query."""
        if self._compiled is not None:
            n_operations = NumpyRows.n_operations(self.rows, len(queries), self.n_classes)
            if _FIRST_WORK.takes(n_operations):
                rows = NumpyRows(self.rows, self.labels, self._compiled)
                question(rows, queries, *results)
                return
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


def _check(rows, labels, n_classes):
    """Raise if kernels, which look at no bounds, would count beyond the classes.

    A file holds whatever someone has put into it.
    """
    if not (
        isinstance(rows, np.ndarray)
        and isinstance(labels, np.ndarray)
        and (rows.ndim, rows.dtype, labels.dtype) == (2, np.float64, np.int64)
        and rows.flags.c_contiguous
        and labels.shape == rows.shape[:1]
        and not ((labels < 0) | (labels >= n_classes)).any()
    ):
        raise InvalidInputError("Training rows and their labels do not fit together.")
