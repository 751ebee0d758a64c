"""What DPA and Finite Aggregation share: partitions, two elections, certificates of the votes."""

from abc import abstractmethod
from typing import ClassVar

import numpy as np

from .._compat import Integral, Interval, StrOptions
from ..certificates import joint_partition_accuracy, runoff_radius, runoff_votes
from ..partition import (
    ExactContent,
    canonical_order,
    combine_hashes,
    hash_labels,
    rows_of_voters,
    split,
)
from ..threat import partitions_per_unit
from ..voters import voter_seeds
from ._base_estimator import check_scores
from ._custom_hash import apply_hash_function
from ._voter_ensemble import VoterEnsembleClassifier

__all__ = ["PartitionEnsembleClassifier"]

_SCORE_BYTES = 128  # per voter and query: sixteen classes, whatever their number


class PartitionEnsembleClassifier(VoterEnsembleClassifier):
    """Base class of the ensembles whose voters learn from partitions of the training rows.

    A subclass names its parameters, says which voters use which partition (`_make_spread`) and
    how votes are certified (`_plurality_certificate`).
    """

    _parameter_constraints: ClassVar[dict] = {
        **VoterEnsembleClassifier._parameter_constraints,
        "n_partitions": [Interval(Integral, 1, None, closed="left")],
        "aggregation": [StrOptions({"plurality", "runoff"})],
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
    def _plurality_certificate(self, votes, cost, phantom):
        """Return predicted class indices and radii of votes of shape (n_samples, n_voters)."""

    def _assign_rows(self, X, y, groups, row_hashes, label_hashes, random_state):
        self.spread_ = self._make_spread(random_state)
        n_voters = len(self.spread_)
        seeds = voter_seeds(n_voters, random_state)
        hashes = self._partition_hashes(X, y, groups, row_hashes, label_hashes)
        self.partition_ = split(hashes, n_voters)
        order = canonical_order(row_hashes, label_hashes, ExactContent(X, y))
        return rows_of_voters(self.partition_, self.spread_, n_voters, order), seeds

    def _check_voters(self):
        if self._has_runoff():
            check_scores(self._get_estimator(), self.estimators_)

    def _get_estimator(self):
        estimator = super()._get_estimator()
        if self._has_runoff() and not isinstance(estimator, type):
            check_scores(estimator)
        return estimator

    def _partition_hashes(self, X, y, groups, row_hashes, label_hashes):
        sees_labels = self.partition_by == "sample"
        if groups is not None:
            return hash_labels(groups)
        if self.hash_function is not None:
            return apply_hash_function(self.hash_function, X, y if sees_labels else None)
        return combine_hashes(row_hashes, label_hashes) if sees_labels else row_hashes

    def _cost(self):
        return partitions_per_unit(
            self.threat_model,
            partition_sees_labels=self.partition_by == "sample",
            grouped=self.poison_unit_ == "group",
        )

    def _winners(self, X):
        return self._predict_certified(X)[0] if self._has_runoff() else super()._winners(X)

    def _has_runoff(self):
        return self.aggregation == "runoff"

    def _votes_of(self, rows, failures):
        if self._has_runoff():
            return runoff_votes(self._ask("scores", rows, failures))
        return super()._votes_of(rows, failures)

    def _bytes_per_row(self):
        return self.n_voters_ * (_SCORE_BYTES if self._has_runoff() else 1)

    def _predict_certified(self, X):
        parts = self._over_chunks(self._certificate, X)
        return tuple(np.concatenate(part) for part in zip(*parts, strict=True))

    def _certificate(self, rows, failures):
        cost, phantom = self._cost(), not self._labels_are_fixed
        if self._has_runoff():
            scores = self._ask("scores", rows, failures)
            return runoff_radius(scores, spread=self.spread_, cost=cost, phantom=phantom)
        return self._plurality_certificate(self._votes_of(rows, failures), cost, phantom)

    def _joint_accuracy(self, X, y, poison_sizes):
        if self._has_runoff():
            return None
        return joint_partition_accuracy(
            self.votes(X),
            y,
            poison_sizes,
            spread=self.spread_,
            n_classes=len(self.classes_),
            cost=self._cost(),
            phantom=not self._labels_are_fixed,
        )
