"""What warnings of all rows need to know of some of them."""

from dataclasses import dataclass, field
from functools import reduce
from operator import add

import numpy as np

from .column_moments import ColumnMoments, moments_of
from .fingerprints import warn_of_moments
from .form_suspicions import warn_of_tallies
from .form_tallies import tallies_of

__all__ = ["Notes", "may_be_centred", "warn_of_notes"]


@dataclass(frozen=True)
class Notes:
    """What was seen of some rows.

    Attributes
    ----------
    tallies : dict of ColumnTally
        By what they are of, in words.
    moments : dict of ColumnMoments
        Empty where columns plainly leave no fingerprints.
    targets : dict of ColumnMoments
        Of y; empty where it holds labels.
    """

    tallies: dict = field(default_factory=dict)
    moments: dict = field(default_factory=dict)
    targets: dict = field(default_factory=dict)

    @classmethod
    def of(cls, X, y, with_moments, *, y_is_labels=True):
        """Return what is seen of rows and labels, or targets."""
        targets = {} if y_is_labels else {"y": ColumnMoments.of(y[:, np.newaxis])}
        return cls(dict(tallies_of(X, y)), moments_of(X) if with_moments else {}, targets)

    def __add__(self, other):
        # what one of them lacks has cells of another kind there, and none that is looked at
        names = ("tallies", "moments", "targets")
        return type(self)(*(_sums(getattr(self, name), getattr(other, name)) for name in names))


def _sums(one, other):
    return {name: value + other[name] for name, value in one.items() if name in other}


def may_be_centred(X):
    """Say whether rows may be a random part of rows that something has centred.

    Parameters
    ----------
    X : table, CSR matrix or ndarray of shape (n_rows, ...)
        Rows.

    Returns
    -------
    bool
    """
    return all(moments.may_be_centred() for moments in moments_of(X).values())


def warn_of_notes(notes, n_rows, labels, n_times):
    """Warn of what `warn_of_form` and `warn_of_fingerprints` warn of in all rows together.

    Parameters
    ----------
    notes : iterable of Notes
        Of some rows each.
    n_rows : int
        Number of all rows.
    labels : dict of int
        How many rows have each label; empty where y holds the targets of a regression.
    n_times : int
        In how many notes each row is.
    """
    together = reduce(add, notes)
    tallies = ((what, tally.over(n_times)) for what, tally in together.tallies.items())
    warn_of_tallies(tallies, "some row")
    warn_of_moments(
        together.moments.values(), n_rows, labels=labels, targets=together.targets.get("y")
    )
