"""What is told of long work while it goes on: how much is done, and how long the rest will take."""

import sys
import threading
from contextlib import contextmanager, suppress
from time import monotonic

from joblib import Parallel

__all__ = ["Progress", "progress_of", "run_tasks"]

_SECONDS = 10.0  # between two lines
_SECONDS_IF_ASKED = 1.0  # the same, if verbose is 2 or more
_SECONDS_ON_TERMINAL = 0.2  # where one line is written again and again
_EVERY_TASK = 10  # verbose from here on tells of each task


class Progress:
    """Lines on standard output with what is done of some work, and the seconds left.

    On a terminal one line is written again and again, and taken back at the end. Elsewhere there
    is a line now and then, so that short work says nothing.

    Parameters
    ----------
    verbose : int, default=0
        0: nothing is told. 1: on a terminal always, else a line in ten seconds. From 2: a line
        each second. From 10: one for every task.
    """

    def __init__(self, verbose=0):
        self.verbose = int(verbose)
        self._lock = threading.RLock()  # voters that are kept are found by joblib's threads
        self._depth = 0

    @property
    def watches(self):
        """Whether it matters how the work goes on; if not, it is done as if nobody looked."""
        return self.verbose > 0

    @contextmanager
    def on(self, what, n_all, doing):
        """Tell of the work in the block. A block inside another one is part of its work.

        Parameters
        ----------
        what, doing : str
            Such as "Voters" and "fitted".
        n_all : int
            How many there are.
        """
        if self._depth == 0:
            self._what, self._n_all, self._doing = what, n_all, doing
            self._n_done = self._n_kept = self._n_failed = 0
            self._begin = self._last = monotonic()
            self._on_terminal = self.verbose > 0 and sys.stdout.isatty()
        self._depth += 1
        try:
            yield self
        finally:
            self._depth -= 1
            if self._depth == 0 and self._on_terminal:
                sys.stdout.write("\r\x1b[K")
                sys.stdout.flush()

    def count(self, n_done, *, n_kept=0, n_failed=0, numbers=()):
        """Note what has been done, and tell of it if it is time to.

        Parameters
        ----------
        n_done : int
            How many, those included that were kept or that failed.
        n_kept, n_failed : int, default=0
            How many of them nobody had to work on, and how many ended in an error.
        numbers : collection of int, default=()
            Which, where they have numbers.
        """
        with self._lock:
            self._n_done += n_done
            self._n_kept += n_kept
            self._n_failed += n_failed
            self.hear_of(numbers)
            if self.verbose > 0 and n_done:
                self._tell_in_time()

    def hear_of(self, numbers):
        """Do what else is to be done about what has these numbers; a subclass may."""

    def _tell_in_time(self):
        now = monotonic()
        pause = _SECONDS if self.verbose == 1 else _SECONDS_IF_ASKED
        if self._on_terminal:
            pause = _SECONDS_ON_TERMINAL
        if self.verbose >= _EVERY_TASK:
            pause = 0.0
        if now - self._last < pause:
            return
        self._last = now
        line = self._line(now - self._begin)
        sys.stdout.write(f"\r\x1b[K{line}" if self._on_terminal else f"{line}\n")
        sys.stdout.flush()

    def _line(self, seconds):
        parts = [f"{self._what}: {self._n_done:,} of {self._n_all:,} {self._doing}"]
        if self._n_kept:
            parts.append(f"{self._n_kept:,} of them kept in memory")
        if self._n_failed:
            parts.append(f"{self._n_failed:,} failed")
        n_left, n_worked_on = self._n_all - self._n_done, self._n_done - self._n_kept
        if n_left > 0 and n_worked_on:  # what is kept takes hardly any time
            parts.append(f"{_duration(seconds / n_worked_on * n_left)} left")
        return ", ".join(parts)


def _duration(seconds):
    """Return a number of seconds as people say it."""
    for unit, length in (("h", 3600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.0f} s"


def progress_of(verbose):
    """Return the progress that `verbose` is, or one of such a verbosity."""
    return verbose if isinstance(verbose, Progress) else Progress(verbose)


def run_tasks(calls, progress, count, *, in_order=True, **options):
    """Make calls in parallel, and count what is done as they return.

    Parameters
    ----------
    calls : iterable
        As `joblib.delayed` returns them.
    progress : Progress
        Where it is counted.
    count : callable
        ``count(result)`` returns the arguments of `Progress.count`, a dict.
    in_order : bool, default=True
        Whether what the calls return is needed in their order. Else none is counted late because
        one before it takes long.
    **options
        Of `joblib.Parallel`.

    Returns
    -------
    list
        What the calls return.
    """
    if not progress.watches:
        return Parallel(**options)(calls)
    done = []
    for result in _parallel(in_order, options)(calls):
        progress.count(**count(result))
        done.append(result)
    return done


def _parallel(in_order, options):
    """Return what gives results as early as the engine, and the release of joblib, can do."""
    for return_as in ("generator",) if in_order else ("generator_unordered", "generator"):
        with suppress(ValueError):
            return Parallel(return_as=return_as, **options)
    return Parallel(**options)
