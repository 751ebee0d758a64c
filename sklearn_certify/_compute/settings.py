"""Settings that all work in a process shares: what a piece of it sets ends with it."""

import re
import sys
import threading
import warnings
from contextlib import contextmanager, suppress

import numpy as np
from joblib import parallel_config
from sklearn import config_context

__all__ = ["SAID_OF_LARGE_TASKS", "muted", "own_settings"]

# by Dask, of more than 10 MB; rows that one task alone needs cannot go another way
SAID_OF_LARGE_TASKS = "Sending large graph"


@contextmanager
def own_settings():
    """Take back what is set inside of joblib, NumPy's errors, scikit-learn, warnings and torch.

    Work that fails may leave settings behind. What all threads share, filters of warnings and most
    of torch, is taken back in the main thread alone.
    """
    with (
        parallel_config("sequential"),
        np.errstate(),
        config_context(),
        _own_warnings(),
        _own_torch(),
    ):
        yield


@contextmanager
def _own_warnings():
    """Take back filters of warnings, in the main thread: all threads share them.

    Unlike ``catch_warnings`` this leaves alone which warnings were shown before, and the filters
    that come with a module, which is imported once.
    """
    filters, n_modules = warnings.filters, len(sys.modules)
    before = filters[:]
    try:
        yield
    finally:
        if _is_main() and len(sys.modules) == n_modules:
            warnings.filters = filters
            if filters != before:
                filters[:] = before


@contextmanager
def muted(message):
    """Let no warning of these words through inside the block.

    Like `own_settings` it leaves alone which warnings were shown before, and it may be used by
    several threads.

    Parameters
    ----------
    message : str
        A regular expression for the beginning of the warning.
    """
    silence = ("ignore", re.compile(message), UserWarning, None, 0)
    warnings.filters.insert(0, silence)
    try:
        yield
    finally:
        with suppress(ValueError):  # what ran inside has emptied the list
            warnings.filters.remove(silence)


def _is_main():
    return threading.current_thread() is threading.main_thread()


@contextmanager
def _own_torch():
    before = _torch_settings()
    try:
        yield
    finally:
        after = _torch_settings()
        if after != before and after is not None:
            # who has not imported torch before has set nothing there
            _set_torch(*(before or (sys.modules["torch"].float32, True, False, False)))


def _torch_settings():
    """Return type of new tensors, whether gradients are kept, which algorithms are used."""
    torch = sys.modules.get("torch")
    if not hasattr(torch, "default_generator"):  # not there, or not yet
        return None
    return (
        torch.get_default_dtype(),
        torch.is_grad_enabled(),
        torch.are_deterministic_algorithms_enabled(),
        torch.is_deterministic_algorithms_warn_only_enabled(),
    )


def _set_torch(dtype, keeps_gradients, is_deterministic, only_warns):
    torch = sys.modules["torch"]
    torch.set_grad_enabled(keeps_gradients)  # a thread's own
    if _is_main():
        torch.set_default_dtype(dtype)
        torch.use_deterministic_algorithms(is_deterministic, warn_only=only_warns)
