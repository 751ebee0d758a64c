"""One column, whatever library holds it, as an array in which no cell has changed."""

import sys

import numpy as np

__all__ = [
    "column_values",
    "is_dask_collection",
    "is_instance",
    "is_partitioned_dataset",
    "is_series",
    "plain_arrow",
]

_DATASETS = "sklearn_certify.partition.dataset"  # imported where there is one


def is_instance(value, package, *names):
    """Say whether a value is of a class of a package that may not even be installed.

    Parameters
    ----------
    value : object
        Anything.
    package : str
        Name of the package; it is not imported.
    *names : str
        Names of classes.

    Returns
    -------
    bool
    """
    package = sys.modules.get(package)
    return package is not None and isinstance(value, tuple(getattr(package, n) for n in names))


def is_dask_collection(thing):
    """Say whether something is a collection of Dask, such as an array or a DataFrame."""
    return hasattr(thing, "__dask_graph__")


def is_partitioned_dataset(thing):
    """Say whether something is a `PartitionedDataset`, for which pyarrow need not be there."""
    return is_instance(thing, _DATASETS, "PartitionedDataset")


def is_series(values):
    """Say whether values are a column of pandas, polars or Arrow.

    Parameters
    ----------
    values : object
        Anything.

    Returns
    -------
    bool
    """
    return (
        is_instance(values, "pandas", "Series", "Index")
        or _is_extension_array(values)
        or is_instance(values, "polars", "Series")
        or is_instance(values, "pyarrow", "Array", "ChunkedArray")
    )


def _is_extension_array(values):
    pandas = sys.modules.get("pandas")
    return pandas is not None and isinstance(values, pandas.api.extensions.ExtensionArray)


def column_values(column):
    """Return the cells of a column as an array.

    Numbers, truth values and times keep their type; where some are missing that the type has no
    value for, and for all other kinds, cells are Python objects.

    Parameters
    ----------
    column : ndarray, or a column of pandas, polars or Arrow
        Cells of any kind.

    Returns
    -------
    ndarray of shape (n_rows,)
    """
    if is_instance(column, "polars", "Series"):
        return _polars_values(column)
    if is_instance(column, "pyarrow", "Array", "ChunkedArray"):
        return _arrow_values(column)
    dtype = getattr(column, "dtype", None)
    if dtype is None or isinstance(dtype, np.dtype):
        return np.asarray(column)
    return _extension_values(column, dtype)


def _extension_values(column, dtype):
    # pandas' own types
    is_number = getattr(dtype, "kind", None) in "biuf"
    if is_number and not np.any(column.isna()):
        # old releases make objects of numbers unless they are told the type
        numbers = np.asarray(column, dtype=getattr(dtype, "numpy_dtype", None))
        return numbers if numbers.dtype.kind in "biuf" else np.array(numbers.tolist())
    return np.asarray(column, dtype=object)


def _polars_values(series):
    dtype = series.dtype
    exact = dtype.is_temporal() and str(dtype) != "Time"
    plain = dtype.is_integer() or dtype.is_float() or str(dtype) == "Boolean"
    if exact or (plain and not series.null_count() and str(dtype) not in ("Int128", "UInt128")):
        return series.to_numpy()
    return _objects(series.to_list())


def _arrow_values(column):
    types, column = sys.modules["pyarrow"].types, plain_arrow(column)
    kind = column.type
    exact = types.is_timestamp(kind) or types.is_date(kind) or types.is_duration(kind)
    plain = types.is_integer(kind) or types.is_floating(kind) or types.is_boolean(kind)
    if exact or (plain and not column.null_count):
        whole = column.combine_chunks() if hasattr(column, "combine_chunks") else column
        return whole.to_numpy(zero_copy_only=False)
    return _objects(column.to_pylist())


def plain_arrow(column):
    """Return a column of Arrow without a dictionary, and times as Python can hold them.

    Parameters
    ----------
    column : Array or ChunkedArray
        Cells of any kind.

    Returns
    -------
    Array or ChunkedArray
    """
    pyarrow = sys.modules["pyarrow"]
    if pyarrow.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if column.type == pyarrow.time64("ns"):
        column = column.cast(pyarrow.time64("us"), safe=False)
    return column


def _objects(cells):
    values = np.empty(len(cells), dtype=object)
    for place, cell in enumerate(cells):
        values[place] = cell
    return values
