"""How much poison a task can bear, from a few voters: forecasts and a conjecture, no certificates.

_curve           the way in: which partitions, which rows to ask about, one forecast each
_suggestion      the number of partitions for a poison size
_sampled_voters  some of the voters that a `DPAClassifier` would have, chosen by _balanced_sample
_stand_ins       something cheap in place of the voters that are not fitted
_forecast        from their votes to those of all voters, and how far off that may be
_unexplained     what is left of the differences between voters
_result          what is found, as a table and in words
"""

from ._curve import lethal_dose_curve
from ._result import LethalDoseCurve
from ._suggestion import suggest_n_partitions

__all__ = ["LethalDoseCurve", "lethal_dose_curve", "suggest_n_partitions"]
