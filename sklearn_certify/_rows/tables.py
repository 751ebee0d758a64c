"""Tables of pandas, polars and Arrow through one small face."""

import sys

import numpy as np

from ..exceptions import InvalidInputError, MissingExtraError
from .columns import (
    column_values,
    is_dask_collection,
    is_instance,
    is_partitioned_dataset,
    plain_arrow,
)

__all__ = [
    "canonical_table",
    "column_names",
    "column_of",
    "copy_table",
    "exact_column",
    "is_float_column",
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
        If X is a query that has not been run, such as a LazyFrame, or rows on disk.
    """
    if is_instance(X, "polars", "LazyFrame") or is_dask_collection(X):
        raise InvalidInputError(
            f"X is a {type(X).__name__} that is not computed yet; call its "
            f"{'collect' if hasattr(X, 'collect') else 'compute'}() first."
        )
    if is_partitioned_dataset(X):
        raise InvalidInputError(
            "X is a PartitionedDataset, and rows in memory are needed here: its read() returns "
            "those of some partitions. DPA and Finite Aggregation learn from all of it, in "
            "fit(dataset)."
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
    return column_values(table.to_series(position) if _is_polars(table) else table.column(position))


def is_float_column(table, position):
    """Say whether a column is of floats by its type, without a look at its cells.

    Parameters
    ----------
    table : table
        Any that `is_table` knows.
    position : int
        Which column.

    Returns
    -------
    bool
    """
    if _is_polars(table):
        return table.dtypes[position].is_float()
    if _is_arrow(table):
        return sys.modules["pyarrow"].types.is_floating(table.schema.field(position).type)
    return getattr(table.dtypes.iloc[position], "kind", None) == "f"


def exact_column(table, position, rows):
    """Return some cells of a column to the last bit, times in their own unit.

    Parameters
    ----------
    table : DataFrame
        Of pandas or polars.
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
    series = table.to_series(position)[rows]
    return column_values(series.to_physical() if series.dtype.is_temporal() else series)


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
    """Return a DataFrame of the same values, without a trace of how the table was put together.

    The cells of pandas' columns lie in memory as they came (a frame that rows were added to
    differs from one that was read at once), and sums over them differ in the last digit. The
    dictionaries of Arrow and polars hold the texts of all rows, so only the texts are kept.
    Arrow's tables become DataFrames of pandas, since scikit-learn cannot take them everywhere.

    Parameters
    ----------
    table : table
        Any that `is_table` knows.

    Returns
    -------
    DataFrame
        Of polars if the table is, else of pandas.
    """
    if _is_polars(table):
        polars = sys.modules["polars"]
        categorical = [name for name, kind in table.schema.items() if kind == polars.Categorical]
        return table.with_columns(polars.col(categorical).cast(polars.String)).rechunk()
    if _is_arrow(table):
        table = _from_arrow(table)
    if not is_instance(table, "pandas", "DataFrame"):
        return table  # of a library that takes after pandas
    without_index = table.reset_index(drop=True)
    columns = {place: without_index.iloc[:, place] for place in range(table.shape[1])}
    # from a dict, pandas copies every column and puts those of one type together
    canonical = sys.modules["pandas"].DataFrame(columns, copy=True)
    canonical.columns = table.columns
    return canonical


def _from_arrow(table):
    """Turn every column into one of pandas, of a type that follows from its type alone."""
    try:
        import pandas
    except ImportError as error:
        raise MissingExtraError(
            "Tables of Arrow become DataFrames of pandas for the voters, and pandas is not "
            'installed; run: pip install "sklearn-certify[table]".'
        ) from error
    pyarrow = sys.modules["pyarrow"]
    columns = [plain_arrow(table.column(place)) for place in range(table.num_columns)]
    kinds = ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64")
    nullable = {
        getattr(pyarrow, kind)(): kind.replace("i", "I").replace("u", "U") for kind in kinds
    }
    nullable[pyarrow.bool_()] = "boolean"  # whatever is missing
    # numbered, since old releases cannot do with names that repeat
    frame = pyarrow.table(columns, names=list(map(str, range(len(columns))))).to_pandas(
        types_mapper=lambda kind: (
            pandas.api.types.pandas_dtype(nullable[kind]) if kind in nullable else None
        ),
        ignore_metadata=True,
        date_as_object=False,
    )
    frame.columns = table.column_names
    return frame


def take_from_table(table, rows):
    """Return some rows of a DataFrame, without a trace of where they stood.

    Parameters
    ----------
    table : DataFrame
        Of pandas or polars.
    rows : array-like of int
        Row numbers.

    Returns
    -------
    DataFrame
    """
    if _is_pandas(table):
        return table.iloc[rows].reset_index(drop=True)  # an index would tell the row numbers
    return table[np.asarray(rows, dtype=np.int64)]


def slice_table(table, rows):
    """Return consecutive rows of a DataFrame.

    Parameters
    ----------
    table : DataFrame
        Of pandas or polars.
    rows : slice
        Which rows, by their numbers.

    Returns
    -------
    DataFrame
    """
    return table.iloc[rows] if _is_pandas(table) else table[rows]


def copy_table(table):
    """Return a copy of a DataFrame that may be changed.

    Parameters
    ----------
    table : DataFrame
        Of pandas or polars.

    Returns
    -------
    DataFrame
    """
    return table.copy() if _is_pandas(table) else table.clone()
