"""What a reader has to know about the cells of a table, in few lines."""

import shlex

import numpy as np

from ...report._words import counted
from ._cells import as_text

__all__ = ["on_decimal_mark", "on_numbers_in_text_columns", "on_odd_cells"]

_MOST_NOTES = 3
_MOST_NAMES = 3
_MOST_CHARACTERS = 30


def on_odd_cells(table, numbers):
    """Tell of the columns of numbers with cells that are none: a line for each set of odd cells.

    Parameters
    ----------
    table : Table
        The rows.
    numbers : dict of int to Numbers
        The columns of numbers by position.

    Returns
    -------
    list of str
    """
    by_cells = {}
    for position, column in numbers.items():
        if column.is_odd.any():
            cells = [as_text(table.columns[position][row]) for row in np.flatnonzero(column.is_odd)]
            by_cells.setdefault(tuple(dict.fromkeys(cells)), []).append(position)
    notes = []
    for cells, positions in by_cells.items():
        first = positions[0]
        line = table.lines[int(np.argmax(numbers[first].is_odd))]
        count = sum(int(numbers[position].is_odd.sum()) for position in positions)
        mends = [_option("--columns", f"{table.names[first]}=text") + " keeps text"]
        can_be_typed = [len(cell) <= _MOST_CHARACTERS and cell.isprintable() for cell in cells]
        if len(cells) <= _MOST_NAMES and all(can_be_typed):
            missing = " ".join(_option("--missing", cell) for cell in cells)
            mends.insert(0, f"{missing} confirms it")
        notes.append(
            f"{_listed([table.names[position] for position in positions])}: "
            f"{counted(count, 'cell')} of {_columns(len(positions))} of numbers counted as "
            f"missing, first {_quoted(cells[0])} in {table.line_word} {line}. {', '.join(mends)}."
        )
    return _first(notes)


def on_numbers_in_text_columns(table, numbers):
    """Tell of the columns of texts that hold many numbers.

    Parameters
    ----------
    table : Table
        The rows.
    numbers : dict of int to Numbers
        The columns of texts that could have been numbers, by position.

    Returns
    -------
    list of str
    """
    notes = []
    for position, column in numbers.items():
        n_numbers, n_odd = (column.votes > 0).sum(), column.is_odd.sum()
        if n_numbers == 0 or 2 * n_numbers < n_odd:
            continue
        name = table.names[position]
        told = f"{name!r} is text, though {n_numbers} of its {n_numbers + n_odd} cells are numbers"
        if n_odd:
            row = int(np.argmax(column.is_odd))
            cell = as_text(table.columns[position][row])
            told += f"; the first other is {_quoted(cell)} in {table.line_word} {table.lines[row]}"
        notes.append(f"{told}. {_option('--columns', f'{name}=number')} reads numbers.")
    return _first(notes)


def on_decimal_mark(table, numbers, mark):
    """Tell how cells that can be read in two ways were read, unless as plain fractions.

    Parameters
    ----------
    table : Table
        The rows.
    numbers : dict of int to Numbers
        The columns of numbers by position.
    mark : {".", ","}
        The decimal mark.

    Returns
    -------
    list of str
    """
    for position, column in numbers.items():
        cells = table.columns[position]
        if mark == "." and "," not in "".join(map(str, cells)):  # plain fractions
            continue
        for row in np.flatnonzero(column.is_ambiguous).tolist():
            if mark == "," or "," in cells[row]:
                values = column.with_point[row], column.with_comma[row]
                read, other = values if mark == "." else values[::-1]
                word, other_mark = ("point", ",") if mark == "." else ("comma", ".")
                return [
                    f"The decimal mark is a {word}: {cells[row]!r} is {read:.12g}; "
                    f"--decimal {other_mark} makes it {other:.12g}."
                ]
    return []


def _option(name, value):
    # a value such as -9 would be taken for an option of its own
    return f"{name}{'=' if value.startswith('-') else ' '}{shlex.quote(value)}"


def _quoted(cell):
    return repr(cell if len(cell) <= _MOST_CHARACTERS else f"{cell[:_MOST_CHARACTERS]}...")


def _listed(names):
    listed = ", ".join(map(repr, names[:_MOST_NAMES]))
    return listed + (f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else "")


def _columns(count):
    return "a column" if count == 1 else f"{count} columns"


def _first(notes):
    """Return the first few notes and how many more there are."""
    more = len(notes) - _MOST_NOTES
    if more <= 0:
        return notes
    return [*notes[:_MOST_NOTES], f"({counted(more, 'more note')} like this one)"]
