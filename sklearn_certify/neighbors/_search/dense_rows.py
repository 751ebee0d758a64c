"""Training rows in double precision, all of which are compared with every query."""

from ..._compute.lanes import lane_blocks
from .batches import queries_of_a_pass
from .dense_kernels import count_dense, nearest_dense
from .metrics import comparable_radius
from .ranked_rows import RankedRows

__all__ = ["DenseRows"]

_LANES = 64  # rows of a block


class DenseRows(RankedRows):
    """Training rows in lanes, for the metrics that have kernels.

    Parameters
    ----------
    rows : ndarray of float64, of shape (n_rows, n_features)
        Finite numbers.
    labels : ndarray of int64, of shape (n_rows,)
        Class indices.
    compiled : int
        Number of a compiled metric.
    """

    def __init__(self, rows, labels, compiled):
        self._labels, self._compiled = labels, compiled
        self._blocks = lane_blocks(rows, _LANES)

    def count_within(self, radius, queries, counts):
        """Add the rows of each label within a radius of each query to counts."""
        limit = comparable_radius(self._compiled, radius)
        count_dense(self._compiled, self._blocks, self._labels, queries, limit, counts)

    def find_nearest(self, n_nearest, queries, counts, neighbor_labels):
        """Count the labels of the nearest rows, or write them, as `nearest_measured` does."""
        nearest_dense(
            self._compiled,
            self._blocks,
            self._labels,
            queries,
            n_nearest,
            queries_of_a_pass(len(self._labels)),
            counts,
            neighbor_labels,
        )
