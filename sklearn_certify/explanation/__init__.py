"""Why a prediction stands: votes, the rival, the radius, and what carries the lead."""

from ._explain import explain
from ._explanation import Explanation
from ._regression_explanation import RegressionExplanation
from ._temporal_explanation import TemporalExplanation

__all__ = ["Explanation", "RegressionExplanation", "TemporalExplanation", "explain"]
