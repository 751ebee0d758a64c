"""The first, small work of a process, which NumPy does alone.

A kernel is many times as fast as NumPy, but the first process that calls it compiles it, which
takes seconds, and every other one loads it. So each kernel that a short report needs has a
counterpart in NumPy that gives the same results to the last bit, and a process that asks for
little waits for no compiler.
"""

import threading

__all__ = ["FirstWork"]


class FirstWork:
    """How much of the same kind of work NumPy does before kernels take over for good.

    Parameters
    ----------
    n_operations : int
        About as many as NumPy does in the time in which the kernels are loaded, so that never
        much time is lost.
    """

    def __init__(self, n_operations):
        self._n_left = n_operations
        self._lock = threading.Lock()

    def takes(self, n_operations):
        """Say whether NumPy does a piece of work, and count it.

        Parameters
        ----------
        n_operations : int
            How large it is.

        Returns
        -------
        bool
            False from the first piece on that is more than what was left.
        """
        with self._lock:
            self._n_left = self._n_left - n_operations if n_operations <= self._n_left else 0
            return self._n_left > 0
