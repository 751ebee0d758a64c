"""What DPA and Finite Aggregation share as classifiers: a choice of elections."""

from abc import abstractmethod
from typing import ClassVar

from .._compat import StrOptions
from ._elections import Plurality, Runoff
from ._partitions_mixin import PartitionsMixin
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
