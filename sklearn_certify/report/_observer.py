"""Who is told how the making of a report gets on."""

from contextlib import contextmanager

__all__ = ["Observer"]


class Observer:
    """Is told how the making of a report gets on, and keeps it to itself."""

    def begin(self, heading):
        """Hear what the report is about, before anything is fitted."""

    @contextmanager
    def step(self, title):
        """Return a context for the work on one estimator, which hears of it step by step."""
        yield self

    def update(self, doing):
        """Hear what is being done now."""

    def note(self, text):
        """Hear a remark."""

    def fail(self, estimator, error):
        """Hear that an estimator failed, and how."""
