"""Hold back threads beyond a limit."""

from threading import BoundedSemaphore

__all__ = ["limited_to"]


def limited_to(n_threads, kernel):
    """Return `kernel` such that at most `n_threads` calls of it run at the same time.

    Parameters
    ----------
    n_threads : int
        From 1 up.
    kernel : callable
        Called as ``kernel(start, stop)``.

    Returns
    -------
    callable
    """
    turns = BoundedSemaphore(n_threads)

    def in_turn(start, stop):
        with turns:
            kernel(start, stop)

    return in_turn
