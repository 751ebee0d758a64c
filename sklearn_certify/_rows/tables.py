"""Tables of pandas, polars and Arrow through one small face."""

import sys

import numpy as np

from ..exceptions import InvalidInputError
from .columns import column_values, is_instance

__all__ = [
    "canonical_table",
    "column_names",
    "column_of",
    "copy_table",
    "exact_column",
    "is_table",
    "slice_table",
    "table_to_array",
    "take_from_table",
]


def is_table(X):
    """Say whether X is a DataFrame of pandas or polars, or a table of Arrow.

    Parameters
    ----------
    X : object
        Rows as a user brings them.

    Returns
    -------
    bool

    Raises
    ------
    InvalidInputError
        If X is a query that has not been run, such as a LazyFrame.
    """
    if is_instance(X, "polars", "LazyFrame") or hasattr(X, "__dask_graph__"):
        raise InvalidInputError(
            f"X is a {type(X).__name__} that is not computed yet; call its "
            f"{'collect' if hasattr(X, 'collect') else 'compute'}() first."
        )
    return _is_pandas(X) or _is_polars(X) or _is_arrow(X)


def _is_pandas(X):
    return hasattr(X, "iloc") and hasattr(X, "columns")


def _is_polars(X):
    return is_instance(X, "polars", "DataFrame")


def _is_arrow(X):
    return is_instance(X, "pyarrow", "Table", "RecordBatch")


def column_names(table):
    """Return the names of a table's columns, strings or whatever pandas allows.

    Parameters
    ----------
    table : table
        Any that `is_table` knows.

    Returns
    -------
    list
    """
    return list(table.column_names if _is_arrow(table) else table.columns)


def column_of(table, position):
    """Return a column as `cell_tokens` takes it: a pandas Series, or the cells in an array.

    Parameters
    ----------
    table : table
        Any that `is_table` knows.
    position : int
        Which column.

    Returns
    -------
    Series or ndarray of shape (n_rows,)
    """
    if _is_pandas(table):
        return table.iloc[:, position]
    return column_values(_series(table, position))


def exact_column(table, position, rows):
    """Return some cells of a column to the last bit, times in their own unit.

    Parameters
    ----------
    table : table
        Any that `is_table` knows.
    position : int
        Which column.
    rows : ndarray of int
        Row numbers.

    Returns
    -------
    ndarray of shape (len(rows),)
    """
    if _is_pandas(table):
        return column_values(table.iloc[rows, position])
    if _is_polars(table):
        series = _series(table, position)[rows]
        return column_values(series.to_physical() if series.dtype.is_temporal() else series)
    column, pyarrow = _series(table, position).take(rows), sys.modules["pyarrow"]
    if pyarrow.types.is_time64(column.type):
        column = column.cast(pyarrow.int64())  # Python's times end at microseconds
    return column_values(column)


def _series(table, position):
    return table.to_series(position) if _is_polars(table) else table.column(position)


def table_to_array(table):
    """Return the cells of a table as one array: of numbers if all columns are, else of objects.

    Parameters
    ----------
    table : table
        Any that `is_table` knows.

    Returns
    -------
    ndarray of shape (n_rows, n_columns)
    """
    columns = [column_values(column_of(table, j)) for j in range(len(column_names(table)))]
    numbers = all(column.dtype.kind in "biuf" for column in columns)
    if not numbers:
        columns = [column.astype(object) for column in columns]
    return np.ascontiguousarray(np.stack(columns, axis=1))


def canonical_table(table):
    """Return a table of the same kind and values, without a trace of how it was put together.

    The cells of pandas' columns lie in memory as they came (a frame that rows were added to
    differs from one that was read at once), and sums over them differ in the last digit. Arrow's
    chunks tell where rows were added; dictionaries of Arrow and polars hold the texts of all rows,
    so that only the texts themselves are kept.

    Parameters
    ----------
    table : table
        Any that `is_table` knows.

    Returns
    -------
    table
    """
    if is_instance(table, "pandas", "DataFrame"):
        table_without_index = table.reset_index(drop=True)
        columns = {place: table_without_index.iloc[:, place] for place in range(table.shape[1])}
        # from a dict, pandas copies every column and puts those of one type together
        canonical = sys.modules["pandas"].DataFrame(columns, copy=True)
        canonical.columns = table.columns
        return canonical
    if _is_polars(table):
        polars = sys.modules["polars"]
        categorical = [name for name, kind in table.schema.items() if kind == polars.Categorical]
        return table.with_columns(polars.col(categorical).cast(polars.String)).rechunk()
    if _is_arrow(table):
        pyarrow = sys.modules["pyarrow"]
        columns = [_plain(table.column(place), pyarrow) for place in range(table.num_columns)]
        return pyarrow.table(columns, names=table.column_names).combine_chunks()
    return table


def _plain(column, pyarrow):
    while pyarrow.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    return column


def take_from_table(table, rows):
    """Return some rows of a table, without a trace of where they stood.

    Parameters
    ----------
    table : table
        Any that `is_table` knows.
    rows : array-like of int
        Row numbers.

    Returns
    -------
    table
    """
    if _is_pandas(table):
        return table.iloc[rows].reset_index(drop=True)  # an index would tell the row numbers
    rows = np.asarray(rows, dtype=np.int64)
    if _is_polars(table):
        return table[rows]
    return table.take(rows).combine_chunks()


def slice_table(table, rows):
    """Return consecutive rows of a table.

    Parameters
    ----------
    table : table
        Any that `is_table` knows.
    rows : slice
        Which rows, by their numbers.

    Returns
    -------
    table
    """
    if _is_pandas(table):
        return table.iloc[rows]
    return table[rows] if _is_polars(table) else table.slice(rows.start, rows.stop - rows.start)


def copy_table(table):
    """Return a copy that may be changed; tables of Arrow cannot be changed in the first place.

    Parameters
    ----------
    table : table
        Any that `is_table` knows.

    Returns
    -------
    table
    """
    if _is_polars(table):
        return table.clone()
    return table if _is_arrow(table) else table.copy()
