"""What the ensembles on partitions share, whatever they predict: who learns from which rows."""

from abc import abstractmethod
from typing import ClassVar

import numpy as np

from .._compat import Integral, Interval, StrOptions
from ..partition import ExactContent, canonical_order, partition_hashes, rows_of_voters, split
from ..threat import find_threat_model
from ..voters import voter_seeds

__all__ = ["PartitionsMixin"]


class PartitionsMixin:
    """Mixin of the ensembles whose voters learn from partitions of the training rows.

    A subclass says which voters use which partition (`_make_spread`).
    """

    _constraints_of_partitions: ClassVar[dict] = {
        "n_partitions": [Interval(Integral, 1, None, closed="left")],
        "partition_by": [StrOptions({"features", "sample"})],
        "hash_function": [callable, None],
    }

    @abstractmethod
    def _make_spread(self, random_state):
        """Return the voters that use each partition, int64 of shape (n_partitions, d)."""

    def _assign_rows(self, X, y, groups, row_hashes, label_hashes, random_state):
        n_voters, seeds = self._draw(random_state)
        hashes = partition_hashes(
            X,
            y,
            groups,
            row_hashes,
            label_hashes,
            partition_by=self.partition_by,
            hash_function=self.hash_function,
        )
        self.partition_ = split(hashes, n_voters)
        self._rows_per_partition = np.bincount(self.partition_, minlength=n_voters)
        order = canonical_order(row_hashes, label_hashes, ExactContent(X, y))
        return rows_of_voters(self.partition_, self.spread_, n_voters, order), seeds

    def _draw(self, random_state):
        self.spread_ = self._make_spread(random_state)
        return len(self.spread_), voter_seeds(len(self.spread_), random_state)

    def _partitions_per_unit(self):
        """Return how many partitions one unit of poison corrupts, by parameters as they are now."""
        return find_threat_model(self.threat_model).partitions_per_unit(
            partition_sees_labels=self.partition_by == "sample",
            grouped=self.poison_unit_ == "group",
        )
