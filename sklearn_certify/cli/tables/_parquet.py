"""Read Parquet files, whose columns have types."""

import json

from ...exceptions import InvalidInputError, MissingExtraError
from ._cells import to_cell
from ._names import distinct_names
from ._table import Table

__all__ = ["read_parquet"]


def read_parquet(file, path):
    """Read a table from a Parquet file.

    Parameters
    ----------
    file : binary file
        The file.
    path : str
        What to call it in messages.

    Returns
    -------
    Table

    Raises
    ------
    InvalidInputError
        If it cannot be read, or holds lists or records.
    MissingExtraError
        If pyarrow is missing.
    """
    try:
        import pyarrow
        from pyarrow.parquet import read_table
    except ImportError as error:
        raise MissingExtraError(
            f'{path} needs pyarrow: pip install pyarrow, or pip install "sklearn-certify[table]"'
        ) from error
    try:
        table = read_table(pyarrow.BufferReader(file.read()))
    except (pyarrow.ArrowException, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise InvalidInputError(f"Cannot read {path}: {reason}") from error
    names, left_out, notes = distinct_names(table.column_names)
    left_out |= _row_indices(table)
    kinds, columns = {}, []
    for position, (name, column) in enumerate(zip(names, table.columns, strict=True)):
        kinds[position] = _kind(column.type, name)
        columns.append([to_cell(cell) for cell in column.to_pylist()])
    return Table(
        path,
        names,
        columns,
        range(1, len(table) + 1),
        "row",
        kinds=kinds,
        left_out=left_out,
        notes=notes,
    )


def _kind(data_type, name):
    from pyarrow import types

    if types.is_dictionary(data_type):
        data_type = data_type.value_type
    if types.is_nested(data_type):
        raise InvalidInputError(f"Column {name!r} holds lists or records, not single values.")
    tests = (
        types.is_integer,
        types.is_floating,
        types.is_decimal,
        types.is_boolean,
        types.is_null,
    )
    return "number" if any(test(data_type) for test in tests) else "text"


def _row_indices(table):
    """Return the columns in which pandas kept the index of the rows."""
    metadata = (table.schema.metadata or {}).get(b"pandas", b"{}")
    try:
        kept = json.loads(metadata).get("index_columns", [])
    except (ValueError, AttributeError):
        kept = []
    return {
        position: f"Column {name!r} is the index of the rows and is left out."
        for position, name in enumerate(table.column_names)
        if name in kept or (name.startswith("__index_level_") and name.endswith("__"))
    }
