"""Estimators whose work is fixed by a seed."""

from contextlib import contextmanager
from os import PathLike

from sklearn.base import clone

from .global_generators import borrowed_generators, seeded_global_generators
from .native_threads import native_engines, one_native_thread
from .settings import own_settings
from .torch_generators import torch_generators

__all__ = [
    "LARGEST_SEED",
    "SeededClones",
    "alone_with_seed",
    "fit_seeded_clone",
    "seeded_clone",
    "seeded_runs",
]

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
        if _is_seed(name, value):
            settings[name] = seed
        elif name.rpartition("__")[2] == "memory" and _is_cache(value):
            settings[name] = None
    return estimator.set_params(**settings) if settings else estimator


def _is_seed(name, value):
    # a text, such as "deprecated", has no effect
    return name.rpartition("__")[2] == "random_state" and not isinstance(value, str)


def _is_cache(memory):
    return isinstance(memory, (str, PathLike)) or hasattr(memory, "cache")


class SeededClones:
    """Clones, as `seeded_clone` makes them, of one estimator: looked at once for many seeds.

    Parameters
    ----------
    estimator : estimator
        Left as it is; the attribute of this name is one of the clones.
    """

    def __init__(self, estimator):
        self.estimator = seeded_clone(estimator, 0)
        self._seeds = [
            name
            for name, value in self.estimator.get_params(deep=True).items()
            if _is_seed(name, value)
        ]

    def make(self, seed):
        """Return an unfitted copy in which every `random_state` is the seed.

        Parameters
        ----------
        seed : int
            At most `LARGEST_SEED`.

        Returns
        -------
        estimator
        """
        estimator = clone(self.estimator)
        settings = dict.fromkeys(self._seeds, seed)
        return estimator.set_params(**settings) if settings else estimator


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
    with one_native_thread(), own_settings(), seeded_global_generators(seed):
        yield


@contextmanager
def seeded_runs(*, torch_may_draw=False):
    """Let each of many functions run alone with its seed, without what they have in common.

    Generators and limits of threads are saved at the beginning and restored at the end; each run
    starts from its seed and sees nothing of the runs before it.

    Parameters
    ----------
    torch_may_draw : bool, default=False
        As for `borrowed_generators`.

    Yields
    ------
    run : callable
        ``run(seed, function, *arguments)`` returns what the function returns. The function runs
        once more if it loaded torch or started threads: it drew from a generator that had no
        seed, or computed on all cores.

    Raises
    ------
    UnsoundVoterError
        If a global generator was used outside the main thread.
    """
    with (
        one_native_thread() as limit_again,
        borrowed_generators(torch_may_draw=torch_may_draw) as seeded,
    ):

        def run(seed, function, *arguments):
            while True:
                limit_again()
                engines = _engines()
                try:
                    with own_settings(), seeded(seed):
                        result = function(*arguments)
                except Exception:
                    if engines == _engines():
                        raise
                else:
                    if engines == _engines():
                        return result

        yield run


def _engines():
    return len(torch_generators()), native_engines()


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
