"""What the cells of columns look like: counted, some rows at a time if they are many."""

from dataclasses import dataclass, replace
from decimal import Decimal
from numbers import Real
from typing import NamedTuple

import numpy as np

from .columns import column_values
from .missing import is_missing
from .tables import column_names, column_of, is_table

__all__ = ["ColumnTally", "Found", "tallies_of"]

_CELLS_TRIED = 1000  # of a column of texts, before all are looked at


class Found(NamedTuple):
    """How many cells are of a kind, and the first of them.

    Attributes
    ----------
    count : int
        How many.
    row : int or None
        Where the first one is.
    cell : object
        What it is.
    """

    count: int = 0
    row: int | None = None
    cell: object = None

    @classmethod
    def among(cls, cells, which):
        """Return those of some cells that an array of bool tells."""
        rows = np.flatnonzero(which)
        if not len(rows):
            return cls()
        cell = cells[rows[0]]
        return cls(len(rows), int(rows[0]), cell.item() if isinstance(cell, np.generic) else cell)

    def __add__(self, other):
        first = self if self.count else other
        return type(self)(self.count + other.count, first.row, first.cell)


_NONE = Found()


@dataclass(frozen=True)
class ColumnTally:
    """How many cells of a column are of which kind.

    Attributes
    ----------
    n_cells : int
        How many there are.
    are_floats, are_plainly_texts : bool
        Whether all are floats or missing; whether some show that they are texts, and no numbers.
    missing, fractions, numbers, texts_of_numbers, texts, others : Found
        Of floats the first two are told, and numbers in all.
    """

    n_cells: int
    are_floats: bool = False
    are_plainly_texts: bool = False
    missing: Found = _NONE
    fractions: Found = _NONE
    numbers: Found = _NONE
    texts_of_numbers: Found = _NONE
    texts: Found = _NONE
    others: Found = _NONE

    @classmethod
    def of(cls, cells):
        """Return the tally of cells, None if their type says that nobody chose it by a look."""
        if cells.dtype.kind == "f":
            return cls._of_floats(cells)
        if cells.dtype.kind != "O":
            return None
        types = set(map(type, cells))
        if float in types and types <= {float, type(None)}:  # as polars has them
            return cls._of_floats(cells.astype(np.float64))
        if _are_plainly_texts(cells):
            return cls(len(cells), are_plainly_texts=True, texts=Found(len(cells), 0, cells[0]))
        known = {}
        kinds = np.array([_kind(cell, known) for cell in cells], dtype=object)
        found = {kind: Found.among(cells, kinds == kind.replace("_", " ")) for kind in _KINDS}
        return cls(len(cells), **found)

    @classmethod
    def _of_floats(cls, cells):
        missing = np.isnan(cells)
        return cls(
            len(cells),
            are_floats=True,
            missing=Found.among(cells, missing),
            fractions=Found.among(cells, ~missing & (cells != np.rint(cells))),
            numbers=Found.among(cells, ~missing),
        )

    def over(self, n_times):
        """Return the tally of cells each of which was counted some times."""
        counted = {kind: getattr(self, kind) for kind in (*_KINDS, "fractions")}
        fewer = {k: found._replace(count=found.count // n_times) for k, found in counted.items()}
        return replace(self, n_cells=self.n_cells // n_times, **fewer)

    def __add__(self, other):
        kinds = (*_KINDS, "fractions")
        return type(self)(
            self.n_cells + other.n_cells,
            self.are_floats and other.are_floats,
            self.are_plainly_texts and other.are_plainly_texts,
            **{kind: getattr(self, kind) + getattr(other, kind) for kind in kinds},
        )


_KINDS = ("missing", "numbers", "texts_of_numbers", "texts", "others")


def tallies_of(X, y):
    """Yield the tallies of columns and labels whose type someone may have inferred.

    Parameters
    ----------
    X : table, CSR matrix or ndarray of shape (n_rows, ...)
        Training rows as `check_rows` returns them.
    y : ndarray of shape (n_rows,)
        Their labels.

    Yields
    ------
    what : str
        What the cells are of, in words.
    tally : ColumnTally
    """
    for name, cells in _columns(X):
        tally = ColumnTally.of(cells)
        if tally is not None:
            yield f"Column {name!r}", tally
    if y.dtype.kind in "UO":
        yield "y", ColumnTally.of(y.astype(object))


def _columns(X):
    if is_table(X):
        for position, name in enumerate(column_names(X)):
            yield name, column_values(column_of(X, position))
    elif isinstance(X, np.ndarray) and X.dtype.kind == "O" and X.ndim == 2:
        for position, cells in enumerate(X.T):
            # NumPy makes texts of numbers among texts; in an array of objects they stay numbers
            if all(isinstance(cell, str) for cell in cells):
                yield position, cells


def _are_plainly_texts(cells):
    """Say whether cells are texts that a sample shows to be no numbers."""
    if not all(issubclass(kind, (str, type(None), float)) for kind in set(map(type, cells))):
        return False
    sample = cells[np.linspace(0, len(cells) - 1, min(len(cells), _CELLS_TRIED)).astype(int)]
    kinds = [_kind(cell, {}) for cell in sample]
    return 4 * kinds.count("texts of numbers") < kinds.count("texts") and "numbers" not in kinds


def _kind(cell, known):
    if isinstance(cell, str):
        if cell not in known:
            known[cell] = "texts of numbers" if _spells_a_number(cell) else "texts"
        return known[cell]
    if is_missing(cell):
        return "missing"
    is_number = isinstance(cell, (Real, Decimal)) and not isinstance(cell, (bool, np.timedelta64))
    return "numbers" if is_number else "others"


def _spells_a_number(text):
    try:
        float(text)
    except ValueError:
        return False
    return any(character.isdigit() for character in text)  # not "nan" nor "infinity"
