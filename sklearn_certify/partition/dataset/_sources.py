"""Rows as people bring them, one block after the other."""

from collections.abc import Iterable

import pyarrow as pa
import pyarrow.dataset

from ..._rows import slice_rows
from ..._rows.columns import is_dask_collection, is_instance
from ..._rows.tables import column_names, is_table
from ...exceptions import InvalidInputError
from ._blocks import checked_block, plain_rows
from ._dask_blocks import blocks_of_collections
from ._files import are_paths, arrow_schema, tables_of_files

__all__ = ["blocks_of"]

_ROWS_AT_A_TIME = 1 << 16
_BYTES_AT_A_TIME = 1 << 26


def blocks_of(source, *, target=None, groups=None, schema=None, target_type="labels"):
    """Yield blocks of rows, labels or numbers, and groups.

    Parameters
    ----------
    source : object
        As `PartitionedDataset.write` takes it.
    target, groups : hashable, default=None
        Names of the columns of tables that hold y and contributors.
    schema : dict or pyarrow.Schema, default=None
        Types of the columns of files and tables of Arrow.
    target_type : {"labels", "numbers"}, default="labels"
        What y holds.

    Yields
    ------
    X, y, groups
        As `checked_block` returns them, with at least one row.

    Raises
    ------
    InvalidInputError
        If the source is none that is known, or a block is none.
    """
    schema = arrow_schema(schema)
    n_before = 0
    for block in _raw_blocks(source, schema):
        try:
            parts = _parts_of(block, target, groups, schema)
            X, y, names = checked_block(*parts, target_type)
        except ValueError as error:  # of scikit-learn's checks as well
            raise InvalidInputError(f"After {n_before} rows: {error}") from error
        n_before += len(y)
        step = _rows_at_a_time(X)
        for start in range(0, len(y), step):
            rows = slice(start, start + step)
            part = X.slice(start, step) if isinstance(X, pa.Table) else slice_rows(X, rows)
            yield part, y[rows], None if names is None else names[rows]


def _rows_at_a_time(X):
    n_bytes = getattr(X, "nbytes", 0)
    if not isinstance(n_bytes, int) or not n_bytes:
        return _ROWS_AT_A_TIME
    return max(_BYTES_AT_A_TIME * X.shape[0] // n_bytes, 1)


def _raw_blocks(source, schema):
    parts = source if isinstance(source, tuple) else (source,)
    if any(map(is_dask_collection, parts)):
        return blocks_of_collections(parts)
    if isinstance(source, tuple) or is_table(source):
        return [source]
    if are_paths(source):
        return tables_of_files(source, schema)
    if isinstance(source, pyarrow.dataset.Dataset):
        return (pa.table(batch) for batch in source.to_batches())
    if isinstance(source, pa.RecordBatchReader):
        return map(pa.table, source)
    if isinstance(source, Iterable) and not hasattr(source, "__array__"):
        return source
    raise InvalidInputError(
        f"source is a {type(source).__name__}; pass (X, y), a table, an iterable of such blocks, "
        "paths of Parquet or CSV files, an Arrow dataset or a Dask DataFrame."
    )


def _parts_of(block, target, groups, schema):
    if isinstance(block, tuple):
        if len(block) not in (2, 3):
            raise InvalidInputError(
                f"a block is a tuple of {len(block)}; give (X, y) or (X, y, groups)."
            )
        return (*block, None)[:3]
    if not is_table(block):
        raise InvalidInputError(
            f"a block is a {type(block).__name__}; give (X, y), (X, y, groups) or a table."
        )
    if target is None:
        raise InvalidInputError(
            "a block is a table without y beside it; name the column of labels or numbers, as in "
            "target='label'."
        )
    names = column_names(block)
    for name in (target, groups):
        if name is not None and names.count(name) != 1:
            raise InvalidInputError(f"the table has no column {name!r} of its own, but {names}.")
    block = plain_rows(block)
    if schema is not None:
        block = _cast(block, schema)
    y = _column(block, target)
    names = None if groups is None else _column(block, groups)
    return _without(block, [name for name in (target, groups) if name is not None]), y, names


def _cast(table, schema):
    if not isinstance(table, pa.Table):
        raise InvalidInputError(
            f"schema is for files and tables of Arrow; cast the columns of a {type(table).__name__}"
            " before."
        )
    try:
        return table.select(schema.names).cast(schema)
    except (pa.ArrowException, KeyError) as error:
        raise InvalidInputError(f"the columns cannot be cast to schema: {error}") from error


def _column(table, name):
    return table.column(name) if isinstance(table, pa.Table) else table[name]


def _without(table, names):
    if isinstance(table, pa.Table):
        return table.drop_columns(names)
    if is_instance(table, "polars", "DataFrame"):
        return table.drop(names)
    return table.drop(columns=names)
