"""Voters whose estimator draws from a global random generator stay functions of their seed."""

import random
import sys
import threading
from contextlib import contextmanager, nullcontext

import numpy as np
from numba import njit

from .exceptions import UnsoundVoterError

__all__ = ["seeded_global_generators", "torch_is_loaded"]


@contextmanager
def seeded_global_generators(seed, *, watch=True):
    """Seed the global generators inside the block, then restore them.

    An estimator without `random_state`, such as a neural network, may draw from those of Python,
    NumPy, numba and torch, and would otherwise depend on what was computed before it. Threads
    share the generators, so outside the main thread they can only be watched.

    Parameters
    ----------
    seed : int
        A seed below 2**32.
    watch : bool, default=True
        Whether to raise if a global generator is used outside the main thread.

    Raises
    ------
    UnsoundVoterError
        If a global generator was used outside the main thread.
    """
    if threading.current_thread() is threading.main_thread():
        with _restored(seed):
            yield
        return
    before = _states()
    yield
    after = _states()
    if watch and any(after[name] != state for name, state in before.items()):
        raise UnsoundVoterError(
            "The base estimator draws from a global random generator while voters are fitted in "
            "threads, so that its votes depend on chance and no certificate holds; use joblib's "
            "process-based backend, fit in the main thread, or use an estimator with a "
            "random_state."
        )


@njit(cache=True)
def _seed_numba(seed):
    np.random.seed(seed)


@contextmanager
def _restored(seed):
    python_state, numpy_state = random.getstate(), np.random.get_state()
    try:
        with _torch_fork():
            random.seed(seed)
            np.random.seed(seed)
            _seed_numba(seed)  # a generator of its own, which cannot be restored
            if torch_is_loaded():
                sys.modules["torch"].manual_seed(seed)
            yield
    finally:
        random.setstate(python_state)
        np.random.set_state(numpy_state)


def torch_is_loaded():
    """Say whether torch has been imported, and so has a generator to seed."""
    return "torch" in sys.modules


def _torch_fork():
    if not torch_is_loaded():
        return nullcontext()
    torch = sys.modules["torch"]
    gpus = range(torch.cuda.device_count()) if torch.cuda.is_initialized() else ()
    return torch.random.fork_rng(devices=gpus)


def _states():
    numpy_state = np.random.get_state()
    states = {"python": random.getstate(), "numpy": (numpy_state[1].tobytes(), *numpy_state[2:])}
    if torch_is_loaded():
        states["torch"] = sys.modules["torch"].get_rng_state().numpy().tobytes()
    return states
