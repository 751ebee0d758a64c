"""Training rows whose distances scikit-learn or a function of the user's computes."""

import numpy as np

from .batches import queries_of_a_table
from .dense_kernels import count_measured, nearest_measured
from .metrics import make_metric
from .ranked_rows import RankedRows

__all__ = ["MeasuredRows"]


class MeasuredRows(RankedRows):
    """Training rows for any metric, without kernels for its distances.

    Parameters
    ----------
    rows : ndarray of float64, of shape (n_rows, n_features)
        Finite numbers.
    labels : ndarray of int64, of shape (n_rows,)
        Class indices.
    metric : str or callable
        One of `METRICS`, or a function of two rows.
    metric_params : dict or None
        Further arguments of the metric.
    """

    def __init__(self, rows, labels, metric, metric_params):
        self._rows, self._labels = rows, labels
        self._metric = make_metric(metric, metric_params, rows.shape[1])

    def count_within(self, radius, queries, counts):
        """Add the rows of each label within a radius of each query to counts."""
        for chunk, distances in self.distances(queries):
            count_measured(distances, self._labels, radius, counts[chunk])

    def find_nearest(self, n_nearest, queries, counts, neighbor_labels):
        """Count the labels of the nearest rows, or write them, as `nearest_measured` does."""
        for chunk, distances in self.distances(queries):
            nearest_measured(
                distances, self._labels, n_nearest, counts[chunk], neighbor_labels[chunk]
            )

    def distances(self, queries):
        """Yield slices of the queries with their distances to all rows.

        Distances that are no number count as infinite, those below zero as zero.
        """
        size = queries_of_a_table(len(self._rows))
        for start in range(0, len(queries), size):
            chunk = slice(start, start + size)
            distances = self._metric.pairwise(queries[chunk], self._rows)
            yield chunk, np.maximum(np.nan_to_num(distances, nan=np.inf, posinf=np.inf), 0.0) + 0.0
