"""Why a prediction stands: votes, the rival, the radius, and what carries the lead."""

from ._explain import explain
from ._explanation import Explanation

__all__ = ["Explanation", "explain"]
