"""Voters compute on one core each: faster for many small ones, and the same to the last bit."""

import sys
import threading
from functools import lru_cache

from threadpoolctl import ThreadpoolController

__all__ = ["one_native_thread"]


def one_native_thread():
    """Limit linear algebra and OpenMP to one thread inside the block.

    Threads inside tiny fits wait for each other most of the time. More important, sums over
    several threads may round differently, so that votes would depend on `n_jobs` and on the
    machine's number of cores. `n_jobs` is the way to use more cores.

    The limit of linear algebra libraries holds for the whole process, so only a main thread sets
    it: that which hands voters out, and that of each worker process. Other threads limit OpenMP,
    where each thread has a limit of its own.

    Returns
    -------
    context manager
    """
    main = threading.current_thread() is threading.main_thread()
    return _controller(len(sys.modules)).limit(limits=1, user_api=None if main else "openmp")


@lru_cache(maxsize=1)
def _controller(n_modules):
    """Find the loaded libraries, anew only when modules were imported since."""
    return ThreadpoolController()
