"""Run a compiled kernel over blocks of rows, on several threads."""

from concurrent.futures import ThreadPoolExecutor

from numba import config

__all__ = ["run_on_blocks"]

_BLOCKS_PER_THREAD = 4  # several, so that a slow block does not leave the other threads idle


def run_on_blocks(kernel, n_rows, *, min_block=1, n_threads=None):
    """Call ``kernel(start, stop)`` for blocks that cover ``range(n_rows)``.

    The kernels release the GIL, so plain threads use every core. Unlike numba's own parallel
    loops they may be called from several threads at once and after a fork, which users of
    joblib's threading and multiprocessing backends do.

    Parameters
    ----------
    kernel : callable
        Called as ``kernel(start, stop)``; writes its result in place.
    n_rows : int
        Number of rows.
    min_block : int, default=1
        The fewest rows that are worth a thread.
    n_threads : int, default=None
        The most threads to work on, from 1 up; a single one is the caller's. None stands for all
        that numba may use (``NUMBA_NUM_THREADS``), which joblib lowers in its worker processes;
        there are never more than these.
    """
    limit = config.NUMBA_NUM_THREADS
    n_threads = limit if n_threads is None else min(n_threads, limit)
    n_blocks = min(n_threads * _BLOCKS_PER_THREAD, n_rows // max(min_block, 1))
    if n_threads == 1 or n_blocks <= 1:
        kernel(0, n_rows)
        return
    edges = [n_rows * i // n_blocks for i in range(n_blocks + 1)]
    with ThreadPoolExecutor(n_threads) as pool:
        # list() raises the first error of a block, if there is one
        list(pool.map(kernel, edges[:-1], edges[1:]))
