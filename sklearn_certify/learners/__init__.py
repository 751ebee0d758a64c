"""Learners for voters that have few rows, and of which there are many.

_stacked         what a classifier offers so that many of it are fitted, and asked, together
_linear_stack    class scores linear in the query, of many voters
_stacked_linear  what learners share that have them
_stacked_ridge   least squares on one-hot labels
_fit_each        how they are fitted, one after the other
_scored          labels of the highest scores
_stacked_centroid, _stacked_kernel_ridge, _stacked_radius
                 the nearest class mean, kernel ridge, radius neighbours (_near_rows: distances)
_flip_costs      how many labels must change before a voter votes otherwise (_score_errors: what
                 rounding does to scores)
_augmented       learns from altered copies of its rows as well
_copies          learns from rows that come with copies (_trained_on_copies: what both share)
_seed_ensemble   several seeds of an estimator (_mean_scores)
_delegated_stack the protocol, handed on by a meta-estimator
"""

from ._augmented import AugmentedClassifier
from ._copies import CopiesClassifier
from ._seed_ensemble import SeedEnsembleClassifier
from ._stacked import StackedClassifierMixin, stacks
from ._stacked_centroid import StackedNearestCentroid
from ._stacked_kernel_ridge import StackedKernelRidgeClassifier
from ._stacked_radius import StackedRadiusNeighborsClassifier
from ._stacked_ridge import StackedRidgeClassifier

__all__ = [
    "AugmentedClassifier",
    "CopiesClassifier",
    "SeedEnsembleClassifier",
    "StackedClassifierMixin",
    "StackedKernelRidgeClassifier",
    "StackedNearestCentroid",
    "StackedRadiusNeighborsClassifier",
    "StackedRidgeClassifier",
    "stacks",
]
