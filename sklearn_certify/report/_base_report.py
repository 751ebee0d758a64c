"""What reports have in common, of labels or of numbers."""

from abc import ABC, abstractmethod

from ._text import heading, remarks

__all__ = ["BaseReport"]


class BaseReport(ABC):
    """Base class of reports: what was found, and its text.

    A subclass says what the parameters hold, which are those of `CertificationReport`.
    """

    temporal = None  # what classifiers prove by period

    def __init__(
        self, about, facts, notes, results, failures, poison_sizes, limits=(), material=None
    ):
        self.about = about
        self.facts = facts
        self.notes = notes
        self.results = results
        self.failures = failures
        self.poison_sizes = poison_sizes
        self.limits = limits
        self.material = material

    @property
    def grouped(self):
        """Whether poison counts contributors."""
        return self.facts["groups"] is not None

    @abstractmethod
    def _findings(self):
        """Return what was found, in blocks of text."""

    def __str__(self):
        blocks = [heading(self.about, self.notes), remarks(self), *self._findings()]
        return "\n\n".join(block for block in blocks if block)

    def __repr__(self):
        return str(self)
