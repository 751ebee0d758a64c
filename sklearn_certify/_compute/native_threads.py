"""Voters compute on one core each: faster for many small ones, and the same to the last bit."""

import sys
import threading
from contextlib import contextmanager
from functools import lru_cache

import numba
from threadpoolctl import ThreadpoolController

__all__ = ["numba_has_threads", "one_native_thread"]

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
    """
    controller = _controller(len(sys.modules))
    _limit_linear_algebra(controller)
    try:
        with controller.limit(limits=1, user_api="openmp"), _one_numba_thread():
            yield
    finally:
        _release_linear_algebra()


@lru_cache(maxsize=1)
def _controller(n_modules):
    """Find the loaded libraries, anew only when modules were imported since."""
    return ThreadpoolController()


def _limit_linear_algebra(controller):
    global _n_inside
    with _lock:
        _n_inside += 1
        if not _limits or _limits[-1][0] is not controller:  # it may have found more libraries
            _limits.append((controller, controller.limit(limits=1, user_api="blas")))


def _release_linear_algebra():
    global _n_inside
    with _lock:
        _n_inside -= 1
        while _n_inside == 0 and _limits:
            _limits.pop()[1].restore_original_limits()


def numba_has_threads():
    """Say whether parallel loops of numba have run, and so have threads to limit."""
    try:
        return bool(numba.threading_layer())
    except ValueError:
        return False


@contextmanager
def _one_numba_thread():
    if not numba_has_threads():
        yield
        return
    n_threads = numba.get_num_threads()
    numba.set_num_threads(1)  # the calling thread, whose generator has a seed
    try:
        yield
    finally:
        numba.set_num_threads(n_threads)
