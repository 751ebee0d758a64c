"""Which defence, with which settings: compared on training rows, measured on others.

_candidates   settings of each classifier that are worth a try
_trials       what they reach on parts of the rows; _planner chooses
_plan         what was found, as _words, as _json
"""

from ._json import plan_as_json
from ._plan import DefencePlan
from ._planner import make_plan, plan
from ._words import blocks_of_plan

__all__ = ["DefencePlan", "blocks_of_plan", "make_plan", "plan", "plan_as_json"]
