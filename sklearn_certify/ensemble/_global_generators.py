"""Voters whose estimator draws from a global random generator stay functions of their seed."""

import random
import sys
import threading
from contextlib import contextmanager, nullcontext

import numpy as np

from ..exceptions import UnsoundVoterError

__all__ = ["seeded_global_generators"]


@contextmanager
def seeded_global_generators(seed):
    """Seed the global generators of Python, NumPy and torch inside the block, then restore them.

    An estimator without `random_state`, such as a neural network, may draw from them, and would
    otherwise depend on what was fitted before it. Threads share the generators, so outside the
    main thread they are only watched.

    Parameters
    ----------
    seed : int
        A seed below 2**32.

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
    if _states() != before:
        raise UnsoundVoterError(
            "The base estimator draws from a global random generator while voters are fitted in "
            "threads, so that its votes depend on chance and no certificate holds; use joblib's "
            "process-based backend, n_jobs=1, or an estimator with a random_state."
        )


@contextmanager
def _restored(seed):
    python_state, numpy_state = random.getstate(), np.random.get_state()
    try:
        with _torch_fork():
            random.seed(seed)
            np.random.seed(seed)
            if "torch" in sys.modules:
                sys.modules["torch"].manual_seed(seed)
            yield
    finally:
        random.setstate(python_state)
        np.random.set_state(numpy_state)


def _torch_fork():
    torch = sys.modules.get("torch")
    if torch is None:
        return nullcontext()
    gpus = range(torch.cuda.device_count()) if torch.cuda.is_initialized() else ()
    return torch.random.fork_rng(devices=gpus)


def _states():
    numpy_state = np.random.get_state()
    states = [random.getstate(), numpy_state[1].tobytes(), numpy_state[2:]]
    if "torch" in sys.modules:
        states.append(sys.modules["torch"].get_rng_state().numpy().tobytes())
    return states
