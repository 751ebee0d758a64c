"""Read the columns of CSV, TSV and Parquet files."""

import csv
import gzip
import zlib
from collections import Counter
from decimal import Decimal
from numbers import Real

import numpy as np

from ..exceptions import InvalidInputError, MissingExtraError

__all__ = ["read_columns"]

_TEXT_SUFFIXES = (".csv", ".csv.gz", ".tsv", ".tsv.gz")
_PARQUET_SUFFIXES = (".parquet", ".pq")


def read_columns(path, missing=()):
    """Read a table column by column.

    Parameters
    ----------
    path : str
        The file; its suffix tells the format.
    missing : sequence of str, default=()
        Texts that stand for a missing cell, besides the empty one.

    Returns
    -------
    names : list of str
        Names of the columns.
    columns : list of ndarray of shape (n_rows,)
        float64 with NaN for missing cells, or object with strings, "" for missing cells.

    Raises
    ------
    InvalidInputError
        If the file cannot be read, or holds no proper table.
    MissingExtraError
        If it is a Parquet file and pyarrow is missing.
    """
    missing = {"", *missing}
    name = str(path).lower()
    try:
        if name.endswith(_PARQUET_SUFFIXES):
            names, columns = _read_parquet(path, missing)
        elif name.endswith(_TEXT_SUFFIXES):
            names, columns = _read_csv(path, missing)
        else:
            known = ", ".join(_TEXT_SUFFIXES + _PARQUET_SUFFIXES)
            raise InvalidInputError(f"{path} must end in one of {known}.")
    except UnicodeDecodeError as error:
        raise InvalidInputError(f"{path} is not text in UTF-8 ({error}).") from error
    except (OSError, EOFError, zlib.error, csv.Error) as error:
        reason = getattr(error, "strerror", None) or error
        raise InvalidInputError(f"Cannot read {path}: {reason}.") from error
    repeated = [name for name, count in Counter(names).items() if count > 1]
    if repeated:
        raise InvalidInputError(
            f"{path} has several columns with the name {repeated[0]!r}; "
            "its first line must hold the names of the columns."
        )
    if not columns or len(columns[0]) == 0:
        raise InvalidInputError(f"{path} holds no rows.")
    return names, columns


def _read_csv(path, missing):
    opener = gzip.open if str(path).lower().endswith(".gz") else open
    # "utf-8-sig" drops the mark that some spreadsheets put before the first name
    with opener(path, "rt", encoding="utf-8-sig", newline="") as file:
        first_line = file.readline()
        file.seek(0)
        # a semicolon separates where the comma marks decimals
        delimiter = max(",;\t", key=first_line.count)
        lines = csv.reader(file, delimiter=delimiter)
        names = [cell.strip() for cell in next(lines, [])]
        rows = []
        for cells in lines:
            if not cells:
                continue
            if len(cells) != len(names):
                raise InvalidInputError(
                    f"Line {lines.line_num} of {path} has {len(cells)} cells, "
                    f"but its first line names {len(names)} columns."
                )
            rows.append(cells)
    if names and all(_is_number(name) for name in names):
        raise InvalidInputError(
            f"The first line of {path} holds numbers only; it must hold the names of the columns."
        )
    return names, [_numbers_or_texts(cells, missing) for cells in zip(*rows, strict=True)]


def _is_number(cell):
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _numbers_or_texts(cells, missing):
    """Return float64 if every cell that is not missing is a number, else strings."""
    cells = ["" if cell in missing else cell for cell in map(str.strip, cells)]
    try:
        return np.array([float(cell) if cell else np.nan for cell in cells])
    except ValueError:
        return np.array(cells, dtype=object)


def _read_parquet(path, missing):
    try:
        import pyarrow
        from pyarrow.parquet import read_table
    except ImportError as error:
        raise MissingExtraError(f"{path} needs pyarrow: pip install pyarrow") from error
    try:
        table = read_table(path)
    except (pyarrow.ArrowException, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise InvalidInputError(f"Cannot read {path}: {reason}") from error
    columns = [
        _typed_column(name, column.to_pylist(), missing)
        for name, column in zip(table.column_names, table.columns, strict=True)
    ]
    return list(table.column_names), columns


def _typed_column(name, cells, missing):
    present = [cell for cell in cells if cell is not None]
    if any(isinstance(cell, (dict, list)) for cell in present):
        raise InvalidInputError(f"Column {name!r} holds lists or records, not single values.")
    if all(isinstance(cell, (Real, Decimal)) for cell in present):
        return np.array([np.nan if cell is None else float(cell) for cell in cells])
    texts = ["" if cell is None else str(cell).strip() for cell in cells]
    return np.array(["" if text in missing else text for text in texts], dtype=object)
