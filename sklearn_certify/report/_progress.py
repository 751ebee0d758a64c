"""Tell on standard error what is being done, and for how long."""

import sys
import threading
from time import perf_counter

from ._observer import Observer

__all__ = ["Progress", "Step"]


class Progress(Observer):
    """Tells of each estimator in a line on standard error."""

    def step(self, title):
        """Return a context that counts the seconds of the work on one estimator."""
        return Step(title)


class Step:
    """A context that reports one step of long work in one line.

    On a terminal the line counts the seconds; elsewhere it is written once, at the end.

    Parameters
    ----------
    title : str
        What the step works on.
    """

    def __init__(self, title):
        self._title = title
        self._doing = "fitting"
        self._notes = []
        self._on_terminal = sys.stderr.isatty()
        self._finished = threading.Event()

    def update(self, doing):
        """Say what is being done now."""
        self._doing = doing

    def note(self, text):
        """Keep a remark for a line of its own."""
        self._notes.append(text)

    def __enter__(self):
        self._start = perf_counter()
        if self._on_terminal:
            self._clock = threading.Thread(target=self._tick, daemon=True)
            self._clock.start()
        return self

    def __exit__(self, error_type, error, traceback):
        self._finished.set()
        if self._on_terminal:
            self._clock.join()
        seconds = perf_counter() - self._start
        outcome = "done" if error_type is None else "stopped"
        self._write(f"{self._title}: {outcome} after {seconds:.1f} s\n")
        for text in self._notes:
            sys.stderr.write(f"  {text}\n")
        sys.stderr.flush()

    def _tick(self):
        while True:
            seconds = perf_counter() - self._start
            self._write(f"{self._title}: {self._doing} ... {seconds:.0f} s")
            if self._finished.wait(1):
                return

    def _write(self, text):
        # \r and the escape code go back to the start of the line and clear it
        sys.stderr.write(f"\r\x1b[K{text}" if self._on_terminal else text)
        sys.stderr.flush()
