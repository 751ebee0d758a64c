"""Columns of pandas, by their types, as columns of Arrow and back."""

import numpy as np
import pandas as pd
import pyarrow as pa

from ...exceptions import InvalidInputError
from ._cells import cells_from_bytes, cells_to_bytes

__all__ = ["decode_column", "dtype_from_json", "dtype_to_json", "encode_column"]

_VIEWS = {"M": np.int64, "m": np.int64, "e": np.uint16}  # bits that Arrow would not keep as such


def dtype_to_json(dtype):
    """Return a type of pandas or NumPy as JSON, None if it is of no kind that can be kept."""
    if isinstance(dtype, np.dtype):
        if dtype.kind == "O":
            return {"kind": "objects"}
        kept = dtype.kind in "biufmM" and dtype.char != "g" and dtype.isnative
        return {"kind": "numpy", "dtype": dtype.str} if kept else None
    if isinstance(dtype, pd.CategoricalDtype):
        categories = dtype.categories
        inner = None if categories is None else dtype_to_json(categories.dtype)
        if inner is None or inner["kind"] == "category":
            return None
        values = [content.hex() for content in cells_to_bytes(categories.tolist())]
        return {
            "kind": "category",
            "ordered": bool(dtype.ordered),
            "values": inner,
            "categories": values,
        }
    if isinstance(dtype, pd.StringDtype):
        missing = "NA" if getattr(dtype, "na_value", pd.NA) is pd.NA else "nan"
        return {"kind": "string", "storage": dtype.storage, "missing": missing}
    if isinstance(dtype, pd.DatetimeTZDtype):
        kept = pd.api.types.pandas_dtype(str(dtype)) == dtype
        return {"kind": "zoned", "dtype": str(dtype)} if kept else None
    if type(dtype).__name__ in _MASKED:
        return {"kind": "masked", "dtype": str(dtype)}
    return None


_MASKED = {
    *("Int8Dtype", "Int16Dtype", "Int32Dtype", "Int64Dtype", "UInt8Dtype", "UInt16Dtype"),
    *("UInt32Dtype", "UInt64Dtype", "Float32Dtype", "Float64Dtype", "BooleanDtype"),
}


def dtype_from_json(form):
    """Return the type that `dtype_to_json` was given."""
    kind = form["kind"]
    if kind == "objects":
        return np.dtype(object)
    if kind == "category":
        cells = cells_from_bytes(map(bytes.fromhex, form["categories"]))
        inner = dtype_from_json(form["values"])
        if isinstance(inner, np.dtype) and inner.kind != "O":
            cells = np.array(cells.tolist(), dtype=inner)
        return pd.CategoricalDtype(pd.Index(cells, dtype=inner), ordered=form["ordered"])
    if kind == "string":
        if form["missing"] == "NA":
            return pd.StringDtype(form["storage"])
        return pd.StringDtype(form["storage"], na_value=np.nan)
    return pd.api.types.pandas_dtype(form["dtype"])


def encode_column(series, form):
    """Return a column of Arrow that holds a column of pandas.

    Parameters
    ----------
    series : Series
        The column.
    form : dict
        Its type, as `dtype_to_json` returns it.

    Returns
    -------
    pyarrow.Array
    """
    kind = form["kind"]
    if kind == "numpy":
        values = np.ascontiguousarray(series.to_numpy())
        view = _VIEWS.get(values.dtype.char if values.dtype.char == "e" else values.dtype.kind)
        return pa.array(values if view is None else values.view(view), from_pandas=False)
    if kind == "objects":
        return pa.array(cells_to_bytes(series.tolist()), pa.large_binary())
    if kind == "category":
        return pa.array(series.cat.codes.to_numpy().astype(np.int32))
    if kind == "zoned":
        moments = series.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy()
        return pa.array(moments.view(np.int64))
    if kind == "string":
        try:
            return pa.array(series.astype(object), pa.large_string(), from_pandas=True)
        except (UnicodeError, pa.ArrowException) as error:
            raise InvalidInputError(
                f"a text cannot be written as UTF-8 ({error}); make it a column of objects."
            ) from error
    whole = pa.array(series)
    return whole.combine_chunks() if isinstance(whole, pa.ChunkedArray) else whole


def decode_column(column, form):
    """Return the column of pandas that a column of Arrow holds.

    Parameters
    ----------
    column : pyarrow.Array
        As `encode_column` returns it.
    form : dict
        Its type, as `dtype_to_json` returns it.

    Returns
    -------
    Series
    """
    kind = form["kind"]
    if kind == "objects":
        return pd.Series(cells_from_bytes(column.to_pylist()), dtype=object)
    dtype = dtype_from_json(form)
    if kind == "numpy":
        values = column.to_numpy(zero_copy_only=False)
        if dtype.char in "eMm":
            values = values.view(dtype)
        return pd.Series(values.copy(), dtype=dtype)
    if kind == "category":
        codes = column.to_numpy(zero_copy_only=False)
        return pd.Series(pd.Categorical.from_codes(codes, dtype=dtype))
    if kind == "zoned":
        moments = column.to_numpy(zero_copy_only=False).copy().view(f"M8[{dtype.unit}]")
        return pd.Series(moments).dt.tz_localize("UTC").astype(dtype)
    return pd.Series(dtype.__from_arrow__(column))
