"""Estimators whose work is fixed by a seed."""

from contextlib import contextmanager
from os import PathLike

from joblib import parallel_config
from sklearn.base import clone

from .global_generators import seeded_global_generators
from .native_threads import one_native_thread

__all__ = ["LARGEST_SEED", "alone_with_seed", "fit_seeded_clone", "seeded_clone"]

LARGEST_SEED = 2**31 - 1  # that every estimator takes


def seeded_clone(estimator, seed):
    """Return an unfitted copy in which every `random_state` is the seed and no `memory` is kept.

    A step that a cache answers for draws nothing, so that the steps after it would draw other
    numbers than without the cache.

    Parameters
    ----------
    estimator : estimator
        Left as it is.
    seed : int
        At most `LARGEST_SEED`.

    Returns
    -------
    estimator
    """
    estimator = clone(estimator)
    settings = {}
    for name, value in estimator.get_params(deep=True).items():
        last = name.rpartition("__")[2]
        if last == "random_state" and not isinstance(value, str):  # "deprecated" has no effect
            settings[name] = seed
        elif last == "memory" and _is_cache(value):
            settings[name] = None
    return estimator.set_params(**settings) if settings else estimator


def _is_cache(memory):
    return isinstance(memory, (str, PathLike)) or hasattr(memory, "cache")


@contextmanager
def alone_with_seed(seed):
    """Let what is computed inside the block depend on the seed alone: one core, one process.

    Parallel work stays in this process, whose global generators have the seed.

    Parameters
    ----------
    seed : int
        At most `LARGEST_SEED`.

    Raises
    ------
    UnsoundVoterError
        If a global generator was used outside the main thread.
    """
    with one_native_thread(), parallel_config("sequential"), seeded_global_generators(seed):
        yield


def fit_seeded_clone(estimator, X, y, seed):
    """Fit a clone whose randomness follows from the seed, and return it.

    Parameters
    ----------
    estimator : estimator
        Left as it is.
    X : DataFrame, CSR matrix or ndarray of shape (n_rows, ...)
        Rows.
    y : ndarray of shape (n_rows,)
        Labels.
    seed : int
        At most `LARGEST_SEED`.

    Returns
    -------
    fitted estimator
    """
    estimator = seeded_clone(estimator, seed)
    with seeded_global_generators(seed, watch=False):  # networks of torch draw from its own
        return estimator.fit(X, y)
