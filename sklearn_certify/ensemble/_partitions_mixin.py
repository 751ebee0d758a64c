"""What the ensembles on partitions share, whatever they predict: who learns from which rows."""

import os
from abc import abstractmethod
from typing import ClassVar

import numpy as np
from sklearn.base import clone
from sklearn.utils import check_random_state

from .._compat import Integral, Interval, StrOptions
from ..exceptions import InvalidInputError
from ..partition import (
    ExactContent,
    canonical_order,
    partition_hashes,
    partitions_of_voters,
    rows_of_voters,
    split,
)
from ..threat import find_threat_model
from ..voters import fit_voters_from, open_memory, voter_seeds
from ._poison_unit import resolve_poison_unit
from ._rows_of_collections import lay_out, room_for_collections
from ._rows_of_partitions import RowsOfPartitions, check_settings

__all__ = ["PartitionsMixin"]


class PartitionsMixin:
    """Mixin of the ensembles whose voters learn from partitions of the training rows.

    They learn from rows in memory, from data sets on disk and from collections of Dask. A subclass
    says which voters use which partition (`_make_spread`).
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

    def _fit_dataset(self, dataset, y=None, groups=None):
        if y is not None or groups is not None:
            raise InvalidInputError(
                f"A PartitionedDataset holds {dataset.target_type} and groups; call fit(dataset) "
                "alone."
            )
        self.poison_unit_ = resolve_poison_unit(self.poison_unit, () if dataset.grouped else None)
        estimator = clone(self._get_estimator())
        n_voters, seeds = self._draw(check_random_state(self.random_state))
        check_settings(dataset, self, n_voters)
        classes = self._resolve_classes(dataset.labels)
        source = RowsOfPartitions(dataset, self, n_uses=self.spread_.shape[1])
        self._know_rows_like(source.checked)
        vars(self).pop("partition_", None)  # nobody has a number for each row
        self._rows_per_partition = source.n_rows
        self._voters = fit_voters_from(
            source,
            estimator,
            partitions_of_voters(self.spread_, n_voters),
            seeds,
            classes,
            **self._settings_of_voters(),
        )
        return estimator, classes

    def _fit_collection(self, X, y, groups):
        n_voters = len(self._make_spread(check_random_state(0)))
        memory = open_memory(self.memory, self._get_estimator())
        parent = None if memory is None else os.path.dirname(memory.folder)
        with room_for_collections(parent) as folder:
            return self._fit_dataset(lay_out(X, y, groups, self, n_voters, folder))

    def _know_rows_like(self, other):
        """Remember of rows what another ensemble does that has looked at some of them."""
        names = ("n_features_in_", "feature_names_in_", "_row_form", "_row_transformer")
        for name in names:
            vars(self).pop(name, None)
            if name in vars(other):
                setattr(self, name, getattr(other, name))

    def _partitions_per_unit(self):
        """Return how many partitions one unit of poison corrupts, by parameters as they are now."""
        return find_threat_model(self.threat_model).partitions_per_unit(
            partition_sees_labels=self.partition_by == "sample",
            grouped=self.poison_unit_ == "group",
        )
