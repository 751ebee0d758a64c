"""The training rows as regressors keep them: which are the nearest to a query, in order."""

import numpy as np

from .dense_rows import DenseRows
from .training_rows import TrainingRows

__all__ = ["OrderedRows"]


class OrderedRows(TrainingRows):
    """Training rows in canonical order, each of which is a class of its own.

    Rows at equal distances are ranked by their position, as in `TrainingRows`. No codes stand for
    them, since what codes decide is how many rows of a class are near.

    Parameters
    ----------
    rows : ndarray of float64, of shape (n_rows, n_features)
        Finite numbers, C-ordered.
    metric : str or callable
        One of `METRICS`, or a function of two rows.
    metric_params : dict or None
        Further arguments of the metric.
    """

    def __init__(self, rows, metric, metric_params):
        super().__init__(rows, np.arange(len(rows)), len(rows), metric, metric_params)

    def _search_all(self):
        return DenseRows(self.rows, self.labels, self._compiled)

    def find_nearest(self, queries, n_nearest, n_threads=None):
        """Return the positions of the nearest rows, nearest first.

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
        ndarray of int64, of shape (n_queries, n_nearest)
        """
        positions = np.zeros((len(queries), n_nearest), dtype=np.int64)

        def find(rows, queries, positions):
            no_counts = np.empty((len(queries), 0), dtype=np.int64)
            return rows.find_nearest(n_nearest, queries, no_counts, positions)

        self._ask(find, n_threads, queries, positions)
        return positions
