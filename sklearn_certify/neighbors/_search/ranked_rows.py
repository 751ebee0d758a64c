"""Training rows whose neighbours are ranked by exact distances, and certified by their labels."""

from abc import ABC, abstractmethod

import numpy as np

from ...certificates._neighbor_kernels import largest_safe_budgets

__all__ = ["RankedRows"]

_LABELS_AT_A_TIME = 2**22


class RankedRows(ABC):
    """Rows that a subclass ranks by `find_nearest`; they have `_labels`.

    What `find_nearest` and the methods here return is None, or the numbers of the queries that are
    left to others.
    """

    write_safe_budgets = staticmethod(largest_safe_budgets)

    @abstractmethod
    def find_nearest(self, n_nearest, queries, counts, neighbor_labels):
        """Count the labels of the nearest rows, or write them, as `nearest_measured` does."""

    def count_nearest(self, n_nearest, queries, counts):
        """Add the labels of the nearest rows of each query to counts."""
        return self.find_nearest(n_nearest, queries, counts, np.empty((len(queries), 0), np.int8))

    def write_nearest(self, n_nearest, queries, labels):
        """Write the labels of the nearest rows of each query, nearest first."""
        return self.find_nearest(n_nearest, queries, np.empty((len(queries), 0), np.int64), labels)

    def certify_nearest(self, vote, queries, predicted, radii):
        """Write the class that the nearest rows elect, and its radius."""
        n_rows = len(self._labels)
        size = max(_LABELS_AT_A_TIME // vote.n_ranked, 1)
        all_left = []
        for start in range(0, len(queries), size):
            part = slice(start, start + size)
            labels = np.zeros((len(queries[part]), vote.n_ranked), np.int32)
            left = self.write_nearest(vote.n_ranked, queries[part], labels)
            if left is not None:
                all_left.append(start + left)
                if len(left) == len(labels):
                    continue
            self.write_safe_budgets(
                labels,
                vote.n_neighbors,
                n_rows,
                vote.n_classes,
                vote.inserts,
                vote.deletes,
                vote.phantom,
                predicted[part],
                radii[part],
            )
        return np.concatenate(all_left) if all_left else None
