"""Columns of tables whose type looks like the work of a few odd cells."""

from decimal import Decimal
from numbers import Real

import numpy as np

from .._user_warnings import warn_user
from ..exceptions import FormWarning
from .columns import column_values
from .missing import is_missing
from .tables import column_names, column_of, is_table

__all__ = ["warn_of_form"]

_COLUMNS_NAMED = 3
_CELLS_TRIED = 1000  # of a column of texts, before all are looked at
_MOSTLY_WHOLE = 0.75


def warn_of_form(X, y):
    """Warn of columns, and of labels, whose type may have been chosen because of a few cells.

    Suspicious are texts that are mostly numbers, texts mixed with numbers, and floats that are
    mostly whole: of one type or the other, for every voter, because of one row.

    Parameters
    ----------
    X : table, CSR matrix or ndarray of shape (n_rows, ...)
        Training rows as `check_rows` returns them.
    y : ndarray of shape (n_rows,)
        Their labels.
    """
    columns = [(f"Column {name!r}", cells) for name, cells in _columns(X)]
    labels = [("y", y.astype(object))] if y.dtype.kind in "UO" else []
    found = (_suspicion(cells, what) for what, cells in columns + labels)
    sentences = [sentence for sentence in found if sentence]
    if sentences:
        n_more = len(sentences) - _COLUMNS_NAMED
        more = f" There are {n_more} more such columns." if n_more > 0 else ""
        warn_user(
            f"{' '.join(sentences[:_COLUMNS_NAMED])}{more} If a type was chosen by looking at all "
            "rows, one poisoned row can change it for every voter, which no certificate covers.",
            FormWarning,
        )


def _columns(X):
    """Yield the names and cells of the columns whose type someone may have inferred."""
    if is_table(X):
        for position, name in enumerate(column_names(X)):
            yield name, column_values(column_of(X, position))
    elif isinstance(X, np.ndarray) and X.dtype.kind == "O" and X.ndim == 2:
        for position, cells in enumerate(X.T):
            # NumPy makes texts of numbers among texts; in an array of objects they stay numbers
            if all(isinstance(cell, str) for cell in cells):
                yield position, cells


def _suspicion(cells, what):
    if cells.dtype.kind == "f":
        return _odd_float(cells, what)
    if cells.dtype.kind != "O":
        return None
    types = set(map(type, cells))
    if float in types and types <= {float, type(None)}:  # as polars has them
        return _odd_float(cells.astype(np.float64), what)
    return _odd_cell(cells, what)


def _odd_float(cells, what):
    """Find the first cell that is no whole number among floats that mostly are."""
    missing = np.isnan(cells)
    fractions = ~missing & (cells != np.rint(cells))
    n_present, n_odd = np.count_nonzero(~missing), np.count_nonzero(fractions)
    all_whole = not n_odd and not missing.any()
    if all_whole or n_odd >= (1 - _MOSTLY_WHOLE) * n_present:
        return None
    row = np.flatnonzero(fractions if n_odd else missing)[0]
    return (
        f"{what} holds floats, but {n_present - n_odd} of {n_present} are whole numbers, "
        f"while row {row} holds {cells[row].item()!r}: read it with dtype='Int64' (or "
        "dtype='float64', if fractions are meant)."
    )


def _odd_cell(cells, what):
    """Find the first cell of the kind that is rare in a column of texts or of mixed objects."""
    if _are_plainly_texts(cells):
        return None
    known = {}
    kinds = np.array([_kind(cell, known) for cell in cells], dtype=object)
    numbers = (kinds == "number") | (kinds == "text of a number")
    others = ~numbers & (kinds != "missing")
    if others.any() and 2 * np.count_nonzero(numbers) > np.count_nonzero(kinds != "missing"):
        row = np.flatnonzero(others)[0]
        return (
            f"{what} holds texts or objects, but {np.count_nonzero(numbers)} of its "
            f"{len(cells)} cells are numbers, while row {row} holds {cells[row]!r:.60}: read it "
            "with dtype=float and na_values, or use pd.to_numeric(column, errors='coerce')."
        )
    are_numbers, are_texts = kinds == "number", np.char.startswith(kinds.astype(str), "text")
    if are_numbers.any() and are_texts.any():
        fewer = are_numbers if are_numbers.sum() <= are_texts.sum() else are_texts
        row = np.flatnonzero(fewer)[0]
        return (
            f"{what} mixes texts and numbers: row {row} holds {cells[row]!r:.60}, read "
            "it with dtype='string' (or use pd.to_numeric, if numbers are meant)."
        )
    return None


def _are_plainly_texts(cells):
    """Say whether cells are texts that a sample shows to be no numbers."""
    if not all(issubclass(kind, (str, type(None), float)) for kind in set(map(type, cells))):
        return False
    sample = cells[np.linspace(0, len(cells) - 1, min(len(cells), _CELLS_TRIED)).astype(int)]
    kinds = [_kind(cell, {}) for cell in sample]
    return 4 * kinds.count("text of a number") < kinds.count("text") and "number" not in kinds


def _kind(cell, known):
    if isinstance(cell, str):
        if cell not in known:
            known[cell] = "text of a number" if _spells_a_number(cell) else "text"
        return known[cell]
    if is_missing(cell):
        return "missing"
    is_number = isinstance(cell, (Real, Decimal)) and not isinstance(cell, (bool, np.timedelta64))
    return "number" if is_number else "other"


def _spells_a_number(text):
    try:
        float(text)
    except ValueError:
        return False
    return any(character.isdigit() for character in text)  # not "nan" nor "infinity"
