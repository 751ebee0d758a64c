"""Read a table from a file of any known format."""

import lzma
import zipfile
import zlib

from ...exceptions import InvalidInputError
from ._cells import as_text
from ._delimited import read_delimited
from ._excel import read_excel
from ._json_lines import read_json_lines
from ._open import PACKED_SUFFIXES, opened
from ._parquet import read_parquet

__all__ = ["read_table"]

_TEXT_SUFFIXES = (".csv", ".tsv", ".tab", ".txt", ".dat", ".data")
_PARQUET_SUFFIXES = (".parquet", ".pq")
_EXCEL_SUFFIXES = (".xlsx", ".xlsm")
_JSON_SUFFIXES = (".jsonl", ".ndjson")
_UNREADABLE = (OSError, EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, RuntimeError)


def read_table(path, *, missing=(), encoding=None, delimiter=None, has_names=None):
    """Read names and cells; nothing is decided about them.

    Parameters
    ----------
    path : str
        The file; its suffix tells the format, and how it is packed.
    missing : sequence of str, default=()
        Texts that stand for a missing cell, besides the empty one.
    encoding : str, default=None
        Encoding of a file of text.
    delimiter : str, default=None
        What separates the cells of a file of text.
    has_names : bool, default=None
        Whether the first line names the columns.

    Returns
    -------
    Table

    Raises
    ------
    InvalidInputError
        If the file cannot be read, or holds no proper table.
    MissingExtraError
        If what reads the format is missing.
    """
    try:
        with opened(path) as (file, name):
            table = _read(file, name.lower(), path, encoding, delimiter, has_names)
    except _UNREADABLE as error:
        reason = getattr(error, "strerror", None) or error
        raise InvalidInputError(f"Cannot read {path}: {reason}.") from error
    if not table.columns or not table.lines:
        raise InvalidInputError(f"{path} holds no rows.")
    if missing:
        missing = {text.strip() for text in missing}
        table.columns = [
            ["" if as_text(cell) in missing else cell for cell in cells] for cells in table.columns
        ]
    return table


def _read(file, name, path, encoding, delimiter, has_names):
    if name.endswith(_TEXT_SUFFIXES):
        return read_delimited(
            file, path, encoding=encoding, delimiter=delimiter, has_names=has_names
        )
    if name.endswith(_JSON_SUFFIXES):
        return read_json_lines(file, path, encoding=encoding)
    if name.endswith(_PARQUET_SUFFIXES):
        return read_parquet(file, path)
    if name.endswith(_EXCEL_SUFFIXES):
        return read_excel(file, path, has_names=has_names)
    known = (*_TEXT_SUFFIXES, *_PARQUET_SUFFIXES, *_EXCEL_SUFFIXES, *_JSON_SUFFIXES)
    raise InvalidInputError(
        f"{path} must end in one of {', '.join(known)}, "
        f"and may be packed ({', '.join(PACKED_SUFFIXES)})."
    )
