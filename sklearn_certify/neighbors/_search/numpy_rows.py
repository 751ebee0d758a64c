"""Training rows compared by NumPy alone, for work too small to compile kernels for."""

import numpy as np

from ..._compute.distances import distances_by_numpy
from ...certificates._numpy_neighbors import largest_safe_budgets_by_numpy
from .metrics import comparable_radius
from .ranked_rows import RankedRows

__all__ = ["NumpyRows"]

_DISTANCES_AT_A_TIME = 2**16  # they stay in the second-level cache while features are added


class NumpyRows(RankedRows):
    """Training rows for the metrics that have kernels, the same votes to the last bit.

    Parameters
    ----------
    rows : ndarray of float64, of shape (n_rows, n_features)
        Finite numbers.
    labels : ndarray of int64, of shape (n_rows,)
        Class indices.
    compiled : int
        Number of a compiled metric.
    """

    write_safe_budgets = staticmethod(largest_safe_budgets_by_numpy)

    def __init__(self, rows, labels, compiled):
        self._rows, self._labels, self._compiled = rows, labels, compiled

    @staticmethod
    def n_operations(rows, n_queries, n_classes):
        """Return about how many steps of NumPy a question about queries takes."""
        sorting = 2 * len(rows).bit_length()
        return n_queries * len(rows) * (rows.shape[1] + n_classes + sorting)

    def count_within(self, radius, queries, counts):
        """Add the rows of each label within a radius of each query to counts."""
        radius = comparable_radius(self._compiled, radius)
        for chunk, distances in self.distances(queries):
            sample, row = np.nonzero(distances <= radius)
            np.add.at(counts[chunk], (sample, self._labels[row]), 1)

    def find_nearest(self, n_nearest, queries, counts, neighbor_labels):
        """Count the labels of the nearest rows, or write them, as `nearest_measured` does."""
        for chunk, distances in self.distances(queries):
            # stable: of rows at equal distances the first come first
            nearest = np.argsort(distances, axis=1, kind="stable")[:, :n_nearest]
            labels = self._labels[nearest]
            if neighbor_labels.shape[1] > 0:
                neighbor_labels[chunk] = labels
            else:
                np.add.at(counts[chunk], (np.arange(len(labels))[:, np.newaxis], labels), 1)

    def distances(self, queries):
        """Yield slices of the queries with their distances to all rows."""
        size = max(_DISTANCES_AT_A_TIME // len(self._rows), 1)
        for start in range(0, len(queries), size):
            chunk = slice(start, min(start + size, len(queries)))
            yield chunk, distances_by_numpy(self._compiled, self._rows, queries[chunk])
