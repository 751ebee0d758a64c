"""Learners that the package brings, and those of users, trained a step at a time.

_stacked         what a classifier offers so that many of it are fitted, and asked, together
_linear_stack    class scores linear in the query, of many voters (_stacked_linear: what learners
                 share that have them)
_stacked_ridge   least squares on one-hot labels
_scaled_network  a small network for those who bring no learner
_make            a fresh learner from whatever a user gave: classifier, module, factory
_torch           modules of torch: started anew, wrapped, looked into; torch itself stays optional
_task            rows, labels and a learner: epochs, probabilities, losses
_augmented       learns from copies of its rows as well; _copies, from copies made beforehand
                 (_trained_on_copies: what these share)
_seed_ensemble   several seeds of an estimator (_mean_scores)
_delegated_stack the protocol, handed on by a meta-estimator
"""

from ._augmented import AugmentedClassifier
from ._copies import CopiesClassifier
from ._make import rows_for, takes_sparse_rows
from ._scaled_network import ScaledNetwork
from ._seed_ensemble import SeedEnsembleClassifier
from ._stacked import StackedClassifierMixin, stacks
from ._stacked_ridge import StackedRidgeClassifier
from ._task import LearningTask, draw_rows
from ._torch import is_torch_network, module_activations

__all__ = [
    "AugmentedClassifier",
    "CopiesClassifier",
    "LearningTask",
    "ScaledNetwork",
    "SeedEnsembleClassifier",
    "StackedClassifierMixin",
    "StackedRidgeClassifier",
    "draw_rows",
    "is_torch_network",
    "module_activations",
    "rows_for",
    "stacks",
    "takes_sparse_rows",
]
