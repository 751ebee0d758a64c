"""The names of columns: found in the first line, and told apart."""

import re

import numpy as np

from ...exceptions import InvalidInputError

__all__ = ["check_names", "distinct_names"]

_NUMBER = re.compile(r"[+-]?(?:[0-9]+[.,]?[0-9]*|[.,][0-9]+)(?:[eE][+-]?[0-9]+)?")
# what pandas calls the numbers of the rows when it writes, and when it reads that back and again
_ROW_NUMBERS = re.compile(r"|Unnamed: 0(\.[0-9]+)?")


def distinct_names(names):
    """Give every column a name of its own, and find those that hold but the numbers of the rows.

    Parameters
    ----------
    names : list of str
        The names in a file.

    Returns
    -------
    distinct : list of str
        A column without a name is called by its number, one that has the name of an earlier one
        gets a number behind its name.
    left_out : dict of int to str
        Why columns are no features unless an option names them, by position.
    notes : list of str
        What was named anew.
    """
    left_out, notes = {}, []
    for position, name in enumerate(names[:-1]):
        if not _ROW_NUMBERS.fullmatch(name) or (position and not name):
            break
        left_out[position] = "The first column has no name and is left out."
    last = len(names) - 1
    while last > 1 and not names[last]:  # a separator at the end of every line
        left_out[last] = "Columns without a name at the end are left out."
        last -= 1
    taken, distinct, renamed = set(names), [], []
    for number, name in enumerate(names, start=1):
        new = name or f"column {number}"
        count = 1
        while new in distinct or (new != name and new in taken):
            count += 1
            new = f"{name or f'column {number}'}.{count}"
        distinct.append(new)
        if new != name and number - 1 not in left_out:
            renamed.append((name, new))
    if renamed:
        name, new = renamed[0]
        others = f", and so on for {len(renamed) - 1} more" if len(renamed) > 1 else ""
        why = f"Several columns are named {name!r}" if name else "A column has no name"
        notes.append(f"{why}: one is called {new!r} here{others}.")
    return distinct, left_out, notes


def check_names(names, columns, path):
    """Refuse a first line that looks like a row.

    All that a row can do here is to have the file refused.

    Parameters
    ----------
    names : list of str
        What the first line holds.
    columns : list of list
        The cells below.
    path : str
        What to call the file in messages.

    Raises
    ------
    InvalidInputError
        If there are numbers among the names that are no usual names, or most names are cells of
        their own column.
    """
    numbers = [name for name in names if _NUMBER.fullmatch(name)]
    words = [name for name in names if name and not _NUMBER.fullmatch(name)]
    cells_of = dict(zip(names, columns, strict=True)) if len(columns) > 1 else {}
    recurring = [name for name in words if name in cells_of.get(name, ())]
    if not _are_names(numbers) or len(recurring) > len(words) / 2:
        example = recurring[0] if _are_names(numbers) else numbers[0]
        looks = f"looks like a row ({example!r} is no usual name)"
        raise InvalidInputError(
            f"The first line of {path} "
            + ("holds numbers only" if len(numbers) == len(names) else looks)
            + "; it must hold the names of the columns. Say --no-header if the file has none, "
            "--header if these are the names."
        )


def _are_names(numbers):
    """Say whether numbers may be names: years, pixels or wavelengths, one step after another."""
    if len(numbers) < 2:
        return all(number.isdecimal() for number in numbers)
    steps = np.diff([float(number.replace(",", ".")) for number in numbers])
    return bool(steps[0] > 0 and np.allclose(steps, steps[0]) and (len(steps) > 1 or steps == 1))
