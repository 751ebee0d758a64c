"""DPA and Finite Aggregation as classifiers: data sets on disk, and a choice of elections."""

import os
from abc import abstractmethod
from typing import ClassVar

from sklearn.base import clone
from sklearn.utils import check_random_state

from .._compat import StrOptions
from ..base import resolve_classes
from ..partition import partitions_of_voters
from ..voters import fit_voters_from, open_memory
from ._elections import Plurality, Runoff
from ._partitions_mixin import PartitionsMixin
from ._poison_unit import resolve_poison_unit
from ._rows_of_collections import lay_out, room_for_collections
from ._rows_of_partitions import RowsOfPartitions, check_settings
from ._voter_ensemble import VoterEnsembleClassifier

__all__ = ["PartitionEnsembleClassifier"]

_ELECTIONS = {"plurality": Plurality, "runoff": Runoff}


class PartitionEnsembleClassifier(PartitionsMixin, VoterEnsembleClassifier):
    """Base class of the classifiers whose voters learn from partitions of the training rows.

    A subclass names its parameters, says which voters use which partition (`_make_spread`) and
    which function certifies votes (`_radius_of_votes`).
    """

    _parameter_constraints: ClassVar[dict] = {
        **VoterEnsembleClassifier._parameter_constraints,
        **PartitionsMixin._constraints_of_partitions,
        "aggregation": [StrOptions(set(_ELECTIONS))],
    }

    _may_change_after_fit: ClassVar[frozenset] = frozenset(
        {*VoterEnsembleClassifier._may_change_after_fit, "aggregation"}
    )

    @abstractmethod
    def _radius_of_votes(self):
        """Return the function that certifies votes, as `Plurality` takes it."""

    def _fit_dataset(self, dataset):
        self.poison_unit_ = resolve_poison_unit(self.poison_unit, () if dataset.grouped else None)
        estimator = clone(self._get_estimator())
        n_voters, seeds = self._draw(check_random_state(self.random_state))
        check_settings(dataset, self, n_voters)
        classes = resolve_classes(dataset.labels, self.classes)
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
        """Remember of rows what another classifier does that has looked at some of them."""
        names = ("n_features_in_", "feature_names_in_", "_row_form", "_row_transformer")
        for name in names:
            vars(self).pop(name, None)
            if name in vars(other):
                setattr(self, name, getattr(other, name))

    def _election_type(self):
        return _ELECTIONS.get(self.aggregation, Plurality)  # fit refuses others

    def _make_election(self):
        rules = {
            "spread": self.spread_,
            "cost": self._partitions_per_unit(),
            "phantom": not self._labels_are_fixed,
        }
        if self._election_type() is Runoff:
            return Runoff(len(self.classes_), may_abstain=True, **rules)
        return Plurality(len(self.classes_), radius=self._radius_of_votes(), **rules)
