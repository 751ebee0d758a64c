"""Voters compute on one core each: faster for many small ones, and the same to the last bit."""

import sys
import threading
from contextlib import ExitStack, contextmanager
from functools import lru_cache

import numba
from threadpoolctl import ThreadpoolController

from .torch_threads import limit_torch, start_torch, torch_gets_its_threads_back

__all__ = ["native_engines", "one_native_thread"]

_lock = threading.Lock()
_limits = []  # of linear algebra, in force
_n_inside = 0


@contextmanager
def one_native_thread():
    """Limit linear algebra, OpenMP and numba to one thread inside the block.

    Threads inside tiny fits wait for each other most of the time. More important, sums over
    several threads may round differently, so that votes would depend on `n_jobs` and on the
    machine's number of cores. `n_jobs` is the way to use more cores.

    The limit of linear algebra libraries holds for the whole process: the first thread that comes
    in sets it and the last that leaves takes it back. OpenMP and numba limit each thread for
    itself.

    Yields
    ------
    limit_again : callable
        Sets the limits once more, also of what was loaded since: for the next piece of work, at
        next to no cost.
    """
    with (
        _linear_algebra_is_limited(),
        ExitStack() as restore,
        torch_gets_its_threads_back(),
    ):
        controller = n_threads = None

        def limit_again():
            nonlocal controller, n_threads
            if controller is not _controller(len(sys.modules)):
                controller = _controller(len(sys.modules))
                _limit_linear_algebra(controller)
                restore.enter_context(controller.limit(limits=1, user_api="openmp"))
            start_torch()  # before the limits are set, and after there is a way back
            for library in controller.lib_controllers:
                library.set_num_threads(1)
            limit_torch()
            if _numba_has_threads():
                if n_threads is None:
                    n_threads = numba.get_num_threads()
                    restore.callback(numba.set_num_threads, n_threads)
                numba.set_num_threads(1)  # the calling thread, whose generator has a seed

        limit_again()
        yield limit_again


@lru_cache(maxsize=1)
def _controller(n_modules):
    """Find the loaded libraries, anew only when modules were imported since."""
    return ThreadpoolController()


@contextmanager
def _linear_algebra_is_limited():
    """Take the limits back when the last thread leaves."""
    global _n_inside
    with _lock:
        _n_inside += 1
    try:
        yield
    finally:
        with _lock:
            _n_inside -= 1
            while _n_inside == 0 and _limits:
                _limits.pop()[1].restore_original_limits()


def _limit_linear_algebra(controller):
    with _lock:
        if not _limits or _limits[-1][0] is not controller:  # it may have found more libraries
            _limits.append((controller, controller.limit(limits=1, user_api="blas")))


def native_engines():
    """Return what changes when there is more to limit than before.

    Returns
    -------
    tuple
        How many libraries with threads are loaded, and whether numba has started its own.
    """
    return len(_controller(len(sys.modules)).lib_controllers), _numba_has_threads()


def _numba_has_threads():
    """Say whether parallel loops of numba have run, and so have threads to limit."""
    try:
        return bool(numba.threading_layer())
    except ValueError:
        return False
