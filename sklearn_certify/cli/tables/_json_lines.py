"""Read JSON lines: one object per line, with its own names."""

import json

from ...exceptions import InvalidInputError
from ._cells import to_cell
from ._decode import decoded
from ._table import Table

__all__ = ["read_json_lines"]


def read_json_lines(file, path, *, encoding=None):
    """Read a table from JSON lines.

    No line names the columns for all. Those that any row names are read here; which of them are
    columns, the rows decide by vote.

    Parameters
    ----------
    file : binary file
        The file.
    path : str
        What to call it in messages.
    encoding : str, default=None
        Its encoding; UTF-8, or what the mark at its beginning says, if None.

    Returns
    -------
    Table
        With columns in alphabetical order, and `key_lists`.

    Raises
    ------
    InvalidInputError
        If a line is no JSON object.
    """
    records, starts = [], []
    for number, line in enumerate(decoded(file.read(), path, encoding).split("\n"), start=1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise InvalidInputError(f"Line {number} of {path} is no JSON: {error}.") from error
        if not isinstance(record, dict):
            raise InvalidInputError(f"Line {number} of {path} is no object with named values.")
        records.append(record)
        starts.append(number)
    names = sorted(set().union(*records))
    columns = [[to_cell(record.get(name)) for record in records] for name in names]
    return Table(path, names, columns, starts, key_lists=[tuple(record) for record in records])
