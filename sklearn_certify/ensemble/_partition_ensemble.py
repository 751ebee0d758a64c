"""What DPA and Finite Aggregation share: partitions, and a choice of elections."""

from abc import abstractmethod
from typing import ClassVar

import numpy as np
from sklearn.base import clone
from sklearn.utils import check_random_state

from .._compat import Integral, Interval, StrOptions
from ..base import resolve_classes
from ..partition import (
    ExactContent,
    canonical_order,
    partition_hashes,
    partitions_of_voters,
    rows_of_voters,
    split,
)
from ..threat import find_threat_model
from ..voters import fit_voters_from, voter_seeds
from ._elections import Plurality, Runoff
from ._fit_progress import FitProgress
from ._poison_unit import resolve_poison_unit
from ._rows_of_partitions import RowsOfPartitions, check_settings
from ._voter_ensemble import VoterEnsembleClassifier

__all__ = ["PartitionEnsembleClassifier"]

_ELECTIONS = {"plurality": Plurality, "runoff": Runoff}


class PartitionEnsembleClassifier(VoterEnsembleClassifier):
    """Base class of the ensembles whose voters learn from partitions of the training rows.

    A subclass names its parameters, says which voters use which partition (`_make_spread`) and
    which function certifies votes (`_radius_of_votes`).
    """

    _parameter_constraints: ClassVar[dict] = {
        **VoterEnsembleClassifier._parameter_constraints,
        "n_partitions": [Interval(Integral, 1, None, closed="left")],
        "aggregation": [StrOptions(set(_ELECTIONS))],
        "partition_by": [StrOptions({"features", "sample"})],
        "hash_function": [callable, None],
    }

    _may_change_after_fit: ClassVar[frozenset] = frozenset(
        {*VoterEnsembleClassifier._may_change_after_fit, "aggregation"}
    )

    @abstractmethod
    def _make_spread(self, random_state):
        """Return the voters that use each partition, int64 of shape (n_partitions, d)."""

    @abstractmethod
    def _radius_of_votes(self):
        """Return the function that certifies votes, as `Plurality` takes it."""

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

    def _fit_dataset(self, dataset):
        self.poison_unit_ = resolve_poison_unit(self.poison_unit, () if dataset.grouped else None)
        estimator = clone(self._get_estimator())
        n_voters, seeds = self._draw(check_random_state(self.random_state))
        check_settings(dataset, self, n_voters)
        classes = resolve_classes(dataset.labels, self.classes)
        source = RowsOfPartitions(dataset, self)
        self._know_rows_like(source.checked)
        vars(self).pop("partition_", None)  # nobody has a number for each row
        self._rows_per_partition = source.n_rows
        self._voters = fit_voters_from(
            source,
            estimator,
            partitions_of_voters(self.spread_, n_voters),
            seeds,
            classes,
            labels_are_fixed=self.classes is not None,
            memory=self.memory,
            n_jobs=self.n_jobs,
            verbose=FitProgress(self),
            on_voter_error=self.on_voter_error,
        )
        return estimator, classes

    def _election_type(self):
        return _ELECTIONS.get(self.aggregation, Plurality)  # fit refuses others

    def _make_election(self):
        rules = {
            "spread": self.spread_,
            "cost": find_threat_model(self.threat_model).partitions_per_unit(
                partition_sees_labels=self.partition_by == "sample",
                grouped=self.poison_unit_ == "group",
            ),
            "phantom": not self._labels_are_fixed,
        }
        if self._election_type() is Runoff:
            return Runoff(len(self.classes_), may_abstain=True, **rules)
        return Plurality(len(self.classes_), radius=self._radius_of_votes(), **rules)
