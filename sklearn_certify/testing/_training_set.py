"""Training sets of any container, and poison: rows that go and rows that come."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from .._compat import _num_samples, _safe_indexing
from .._rows import check_periods, stack_rows
from ..exceptions import InvalidInputError

__all__ = ["Attack", "TrainingSet", "Unit", "like_labels", "make_training_set"]


def like_labels(y, labels):
    """Return labels in a container of the kind of y.

    Parameters
    ----------
    y : array-like of shape (n_rows,)
        Labels, or the names of groups.
    labels : list
        Values of the kind that y holds.

    Returns
    -------
    The type of y, of shape (len(labels),)
    """
    if isinstance(y, (list, tuple)):
        return list(labels)
    dtype = getattr(y, "dtype", None)
    library = type(y).__module__.partition(".")[0]
    if library in ("pandas", "polars"):
        return type(y)(labels, dtype=dtype)
    if library == "pyarrow":
        import pyarrow

        return pyarrow.array(labels, type=y.type)
    if dtype is not None and dtype.kind in "US":
        return np.array(labels, dtype=dtype.kind)  # as wide as these labels need
    return np.array(labels, dtype=dtype)


@dataclass(frozen=True, eq=False)
class Unit:
    """One unit of poison: what one row, or one contributor, can do.

    Parameters
    ----------
    removed : tuple of int
        Row numbers in the clean training set.
    X, y, groups : array-like or None
        The rows that come; None if there are none.
    """

    removed: tuple = ()
    X: Any = None
    y: Any = None
    groups: Any = None


@dataclass(frozen=True, eq=False)
class Attack:
    """Units of poison under a name that says what they try."""

    name: str
    units: tuple = ()

    @property
    def size(self):
        """Number of units."""
        return len(self.units)

    def without(self, start, stop):
        """Return the attack without some of its units."""
        others = self.units[:start] + self.units[stop:]
        return Attack(self.name if others else "fitted once more", others)


@dataclass(frozen=True, eq=False)
class TrainingSet:
    """Rows, labels and, where there are any, the rows' contributors or periods.

    Parameters
    ----------
    X, y : array-like of shape (n_rows, ...)
        Rows and labels.
    groups : array-like of shape (n_rows,), default=None
        Which rows are one unit of poison.
    groups_name : {"groups", "periods"}, default="groups"
        What ``fit`` calls them.
    """

    X: Any
    y: Any
    groups: Any = None
    groups_name: str = "groups"

    def __len__(self):
        return _num_samples(self.X)

    def take(self, rows):
        """Return some rows, in the order given."""
        rows = np.asarray(rows, dtype=np.int64)
        X, y, groups = (_take(part, rows) for part in (self.X, self.y, self.groups))
        return replace(self, X=X, y=y, groups=groups)

    def labels(self):
        """Return the labels as a list of plain Python values."""
        return _plain(self.y)

    def contributors(self):
        """Return the names of the rows' groups as a list of plain Python values."""
        return _plain(self.groups)

    def rows_of(self, row):
        """Return the row numbers of the unit that a row belongs to: itself, or its group's."""
        if self.groups is None:
            return (int(row),)
        names = self.contributors()
        return tuple(i for i, name in enumerate(names) if name == names[row])

    def poisoned(self, units):
        """Return the training set after an attack: the rows that come, then those that stay.

        Parameters
        ----------
        units : sequence of Unit
            The attack.

        Returns
        -------
        poisoned : TrainingSet
            All rows.
        kept : ndarray of int
            Numbers, in the clean training set, of the rows that stay; they come last.
        """
        removed = [row for unit in units for row in unit.removed]
        kept = np.setdiff1d(np.arange(len(self)), removed)
        coming = [unit for unit in units if unit.X is not None]
        stay = self.take(kept)
        parts = ([getattr(unit, name) for unit in coming] for name in ("X", "y", "groups"))
        X, y, groups = (
            _behind(new, rest)
            for new, rest in zip(parts, (stay.X, stay.y, stay.groups), strict=True)
        )
        return replace(self, X=X, y=y, groups=groups), kept


def make_training_set(X, y, groups, periods):
    """Return a training set whose rows may have contributors, or periods that are numbers.

    Parameters
    ----------
    X, y : array-like of shape (n_rows, ...)
        Rows and labels.
    groups : array-like of shape (n_rows,) or None
        The contributor of each row.
    periods : array-like of int of shape (n_rows,) or None
        The period of each row; groups must be None then.

    Returns
    -------
    TrainingSet
    """
    if periods is None:
        return TrainingSet(X, y, groups)
    numbers, frequency = check_periods(periods)
    if frequency is not None:
        raise InvalidInputError(
            "periods must be whole numbers here, such as those of partition.periods_from_dates; "
            f"got periods of pandas, {frequency}."
        )
    if groups is not None:
        raise InvalidInputError("Pass groups or periods: no certificate counts both.")
    return TrainingSet(X, y, numbers, "periods")


def _behind(new, rest):
    """Put the rest behind what is new, or leave it as it is, in its own layout, if nothing is."""
    return rest if rest is None or not new else stack_rows([*new, rest])


def _take(rows, numbers):
    return None if rows is None else _safe_indexing(rows, numbers)


def _plain(labels):
    for method in ("to_list", "to_pylist", "tolist"):
        if hasattr(labels, method):
            return getattr(labels, method)()
    return list(labels)
