"""What is told where: results on standard output, all else on standard error."""

import sys
import traceback

from ..report._observer import Observer
from ..report._progress import Progress
from ..report._words import failure

__all__ = ["Telling", "say"]


def say(message):
    """Tell of something that went wrong, on standard error."""
    print(f"sklearn-certify: {message}", file=sys.stderr)


class Telling(Progress):
    """Tells how the work gets on, and what came of it, as far as was asked for.

    Parameters
    ----------
    arguments : Namespace
        `format`, `quiet` and `debug`, as given.
    heads : bool, default=False
        Whether it is told beforehand what all is about.
    """

    def __init__(self, arguments, heads=False):
        self._as_text = arguments.format == "text"
        self._quiet, self._debug, self._heads = arguments.quiet, arguments.debug, heads

    def begin(self, heading):
        if self._heads:
            self.remark(heading + "\n")

    def step(self, title):
        return Observer().step(title) if self._quiet else super().step(title)

    def fail(self, estimator, error):
        if self._debug:
            traceback.print_exception(error)
        say(f"{type(estimator).__name__}: {failure(error)}")

    def blocks(self, blocks):
        """Print blocks of lines, if text is what was asked for."""
        if self._as_text and not self._quiet:
            for block in blocks:
                print(block, end="\n\n", flush=True)

    def print(self, text):
        """Print a result in a form for programs, in UTF-8: nothing else is on standard output."""
        if hasattr(sys.stdout, "buffer"):
            sys.stdout.buffer.write(text.encode("utf-8", "backslashreplace"))
        else:  # somebody catches text
            sys.stdout.write(text)

    def remark(self, text):
        """Tell what is no result; where text was asked for, below the results."""
        if not self._quiet:
            print(text, file=sys.stdout if self._as_text else sys.stderr, flush=True)

    def note(self, text):
        """Tell what a reader has to know of a result, on standard error."""
        if not self._quiet:
            print(text, file=sys.stderr)
