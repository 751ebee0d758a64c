"""Learners for voters that have few rows, and of which there are many.

_stacked         what a classifier offers so that many of it are fitted, and asked, together
_linear_stack    class scores linear in the query, of many voters
_stacked_linear  what learners share that have them
_stacked_ridge   least squares on one-hot labels
"""

from ._stacked import StackedClassifierMixin, stacks
from ._stacked_ridge import StackedRidgeClassifier

__all__ = ["StackedClassifierMixin", "StackedRidgeClassifier", "stacks"]
