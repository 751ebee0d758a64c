"""A function of the user's that alters a row."""

from typing import ClassVar

import numpy as np

from .._compute.seeds import LARGEST_SEED, seeded_runs
from ..exceptions import InvalidInputError
from ._base import Augmentation

__all__ = ["FunctionAugmentation"]


class FunctionAugmentation(Augmentation):
    """Alter rows by a function, which gets one row at a time.

    Parameters
    ----------
    function : callable
        ``function(row, random_state)`` returns an altered copy of a row, of the same shape. The
        `numpy.random.RandomState` that it gets has a seed that follows from the row. What it
        draws from global generators follows from that seed, too, except in threads, where it is
        refused.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_certify.augmentation import FunctionAugmentation
    >>> def swapped(row, random_state):
    ...     return random_state.permutation(row)
    >>> seeds = np.array([3], dtype=np.uint64)
    >>> FunctionAugmentation(swapped).augment(np.array([[1.0, 2.0, 3.0]]), seeds).shape
    (1, 3)
    """

    _parameter_constraints: ClassVar[dict] = {"function": [callable]}

    def __init__(self, function):
        self.function = function

    def _augment(self, X, seeds):
        out = np.empty_like(X)
        with seeded_runs() as run:
            for row, seed in enumerate((seeds % np.uint64(LARGEST_SEED)).tolist()):
                random_state = np.random.RandomState(seed)
                altered = np.asarray(run(seed, self.function, X[row].copy(), random_state))
                if altered.shape != out.shape[1:] or altered.dtype.kind not in "biuf":
                    raise InvalidInputError(
                        "An augmentation must make a row of numbers of the same shape of a row, "
                        f"but made an array of shape {altered.shape} and type {altered.dtype} of "
                        f"one of shape {X.shape[1:]}."
                    )
                out[row] = altered
        return out
