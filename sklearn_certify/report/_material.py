"""What a report was made of."""

from collections.abc import Callable
from dataclasses import dataclass, field

from ._dataset import Dataset
from ._split import Split

__all__ = ["Material", "Origin"]


@dataclass(frozen=True)
class Origin:
    """How to get a report again.

    Attributes
    ----------
    python : str
        Lines of Python.
    command : str or None
        The command, where there was one.
    plan : callable or None
        Called with a poison size, returns the command, or the Python, that compares settings for
        it; None where there is nothing to choose.
    """

    python: str
    command: str | None = None
    plan: Callable | None = None


@dataclass(frozen=True)
class Material:
    """What a report was made of: its rows, its estimators, and how to get it again.

    Attributes
    ----------
    dataset : Dataset
        The rows.
    split : Split
        Which of them were learned from.
    estimators : dict of str to estimator
        All estimators by name, also those that failed.
    origin : Origin or None
        How to get the report again.
    """

    dataset: Dataset
    split: Split
    estimators: dict = field(default_factory=dict)
    origin: Origin | None = None
