"""Which defence, with which settings: compared on training rows, measured on others.

_candidates   settings of each classifier that are worth a try
_outcome      what one of them reaches on a part of the rows
_trials       the same for all of them, again and again; _planner chooses
_chosen_by    rows to choose by are none to measure on
_plan         what was found, as _words, as _json, as _code
"""

from ._json import plan_as_json
from ._plan import DefencePlan
from ._planner import make_plan, plan
from ._words import blocks_of_plan

__all__ = ["DefencePlan", "blocks_of_plan", "make_plan", "plan", "plan_as_json"]
