"""Voters: one clone of the base estimator on the rows of each, and what they say.

_voters        `Voters`: what they say together, and others in the place of some
_fitting       fitted in parallel, and asked (_asking), by workers that share them out (_tasks)
_sealed        how calls go to other processes
_together      many in one call, if the base estimator can do so
_one_by_one    each by itself
_answers       what one voter says, in terms of the labels that all share (_flip_costs: what
               other votes would cost an attacker); _values, in numbers
_abstentions   with which labels a voter says that none is right
_reading       fitted on rows that workers read; _kept, loaded when they are asked
_memory        kept from one fit to the next, by what they follow from (_origin)
_encoded       voters whose estimator takes labels 0, 1, 2, ... only
_failures      voters that fail, and what to do about it (_advice)
"""

from ._answers import SCORES, has_scores
from ._fitting import take_labels
from ._memory import open_memory
from ._tasks import room_for_rows
from ._voters import Voters, fit_voters, fit_voters_from, voter_seeds

__all__ = [
    "SCORES",
    "Voters",
    "fit_voters",
    "fit_voters_from",
    "has_scores",
    "open_memory",
    "room_for_rows",
    "take_labels",
    "voter_seeds",
]
