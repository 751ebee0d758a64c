"""Voters whose estimator draws from a global random generator stay functions of their seed."""

import random
import sys
import threading
from contextlib import contextmanager, nullcontext

import numpy as np
from numba import njit

from ..exceptions import UnsoundVoterError
from .draws import watched_draws

__all__ = ["seeded_global_generators", "torch_is_loaded"]


@contextmanager
def seeded_global_generators(seed, *, watch=True, torch_may_draw=False):
    """Seed the global generators inside the block, then restore them.

    An estimator without `random_state`, such as a neural network, may draw from those of Python,
    NumPy, numba and torch, and would otherwise depend on what was computed before it. Threads
    share all but numba's, so outside the main thread they can only be watched. What other threads
    draw in the meantime is not held against this one, nor may it reach its numbers.

    Parameters
    ----------
    seed : int
        A seed below 2**32.
    watch : bool, default=True
        Whether to raise if the seed does not decide what is drawn.
    torch_may_draw : bool, default=False
        Whether to let draws from torch's generator pass outside the main thread: its data loaders
        draw numbers that they do not use.

    Raises
    ------
    UnsoundVoterError
        If a global generator was used outside the main thread, or by several threads at once.
    """
    _seed_numba(seed)  # a generator of each thread's own, which cannot be restored
    is_main = threading.current_thread() is threading.main_thread()
    with _seeded(seed, watch) if is_main else _watched(watch, torch_may_draw):
        yield


@contextmanager
def _seeded(seed, watch):
    """Let the main thread draw from generators that have the seed."""
    if threading.active_count() == 1:
        with _restored(seed):
            yield
        return
    with watched_draws() as draws, _restored(seed):
        draws.drew.clear()  # by seeding
        yield
        disturbed = "numpy" in draws.drew & draws.disturbed  # Python's has served this thread alone
    if watch and disturbed:
        raise UnsoundVoterError(
            "The base estimator draws from NumPy's global random generator, and so does another "
            "thread at the same time, so that its votes depend on chance and no certificate "
            "holds; work in a process of its own, or use an estimator with a random_state."
        )


@contextmanager
def _watched(watch, torch_may_draw):
    """Let another thread draw from no generator."""
    torch_state = _torch_state()
    with watched_draws() as draws:
        yield
    drew = draws.drew or not (torch_may_draw or _torch_state() == torch_state)
    if watch and drew:
        raise UnsoundVoterError(
            "The base estimator draws from a global random generator while voters work in "
            "threads, so that its votes depend on chance and no certificate holds; use joblib's "
            "process-based backend or n_jobs=None, or an estimator with a random_state."
        )


@njit(cache=True)
def _seed_numba(seed):
    np.random.seed(seed)
    random.seed(seed)


@contextmanager
def _restored(seed):
    python_state, numpy_state = random.getstate(), np.random.get_state()
    try:
        with _torch_fork():
            random.seed(seed)
            np.random.seed(seed)
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


def _torch_state():
    """Return the state of torch's generators: in memory, and on each GPU in use."""
    if not torch_is_loaded():
        return None
    torch = sys.modules["torch"]
    states = [torch.get_rng_state()]
    if torch.cuda.is_initialized():
        states += torch.cuda.get_rng_state_all()
    return [state.numpy().tobytes() for state in states]
