"""Steps in front of voters: what is known about their kinds, what trials find, row by row.

_registry    rules that say what a kind of step learns, draws and mixes, and who it is known for
_rules       those of scikit-learn's transformers
_judge       faults that the kind of a step, or of a part of it, tells
_in_front    faults that trials find, part by part, on _altered rows (_trial, _outcomes)
_row_by_row  a transformer that gets each row alone, so that no other row can matter; _mixin
_words       what is wrong and what to do about it, in words
"""

from ._containers import copied, in_usual_order, take
from ._in_front import has_parts_to_try, try_step
from ._judge import find_faults, is_empty, is_filter, is_frozen, is_pipeline
from ._mixin import RowTransformerMixin
from ._registry import Circumstances, Rule, register
from ._words import kind_of, mend, place_of, reason

__all__ = [
    "Circumstances",
    "RowTransformerMixin",
    "Rule",
    "copied",
    "find_faults",
    "has_parts_to_try",
    "in_usual_order",
    "is_empty",
    "is_filter",
    "is_frozen",
    "is_pipeline",
    "kind_of",
    "mend",
    "place_of",
    "reason",
    "register",
    "take",
    "try_step",
]
