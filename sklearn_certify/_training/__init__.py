"""Learners of users, and a network for those who bring none, trained a step at a time.

_scaled_network  a small network for those who bring no learner
_make            a fresh learner from whatever a user gave: classifier, module, factory
_torch           modules of torch: started anew, wrapped, looked into; torch itself stays optional
_task            rows, labels and a learner: epochs, probabilities, losses
"""

from ._make import rows_for, takes_sparse_rows
from ._scaled_network import ScaledNetwork
from ._task import LearningTask, draw_rows
from ._torch import is_torch_network, module_activations

__all__ = [
    "LearningTask",
    "ScaledNetwork",
    "draw_rows",
    "is_torch_network",
    "module_activations",
    "rows_for",
    "takes_sparse_rows",
]
