"""Tables read from Parquet and CSV files, some rows at a time."""

import os
from glob import glob
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from ...exceptions import InvalidInputError

__all__ = ["are_paths", "arrow_schema", "tables_of_files"]

_ROWS_AT_A_TIME = 1 << 16


def are_paths(source):
    """Say whether a source is a path, a pattern of paths, or a list of them."""
    if isinstance(source, (str, os.PathLike)):
        return True
    return isinstance(source, list) and bool(source) and all(map(are_paths, source))


def arrow_schema(schema):
    """Return a schema of Arrow, of one or of a dict of names and types."""
    if schema is None or isinstance(schema, pa.Schema):
        return schema
    fields = []
    for name, kind in dict(schema).items():
        try:
            fields.append((name, pa.type_for_alias(kind) if isinstance(kind, str) else kind))
        except ValueError as error:
            raise InvalidInputError(
                f"schema names the type {kind!r} for column {name!r}, which Arrow does not know; "
                "use such as 'float64', 'int64', 'string' or 'bool'."
            ) from error
    return pa.schema(fields)


def tables_of_files(source, schema):
    """Yield tables of Arrow.

    Parameters
    ----------
    source : str, path-like, or list of them
        Paths of files that end in .parquet, .pq, .csv or .csv.gz; a str may be a pattern.
    schema : pyarrow.Schema or None
        Types of the columns to read. CSV files need one, since their cells must not decide.

    Yields
    ------
    pyarrow.Table

    Raises
    ------
    InvalidInputError
        If there is no such file, or one that cannot be read.
    """
    for path in _paths(source):
        try:
            yield from _tables_of_file(path, schema)
        except (pa.ArrowException, OSError) as error:
            raise InvalidInputError(f"{path} cannot be read: {error}") from error


def _paths(source):
    if isinstance(source, list):
        return [path for one in source for path in _paths(one)]
    path = os.fspath(source)
    found = [path] if os.path.exists(path) else sorted(glob(path, recursive=True))
    if not found:
        raise InvalidInputError(f"There is no file {path}.")
    return found


def _tables_of_file(path, schema):
    name = Path(path).name.lower()
    if name.endswith((".parquet", ".pq")):
        with pq.ParquetFile(path) as file:
            columns = None if schema is None else schema.names
            for batch in file.iter_batches(_ROWS_AT_A_TIME, columns=columns):
                table = pa.table(batch)
                yield table if schema is None else table.select(schema.names).cast(schema)
    elif name.endswith((".csv", ".csv.gz")):
        if schema is None:
            raise InvalidInputError(
                f"{path} says nothing of the types of its columns, and its cells must not decide: "
                "pass schema={'age': 'int64', 'city': 'string', ...}, the target's column included."
            )
        options = pyarrow.csv.ConvertOptions(column_types=schema, include_columns=schema.names)
        with pyarrow.csv.open_csv(path, convert_options=options) as reader:
            for batch in reader:
                yield pa.table(batch)
    else:
        raise InvalidInputError(f"{path} is no file of Parquet (.parquet) or CSV (.csv).")
