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

# Suffixes, what reads such files, and what is to be said about them.
_FORMATS = (
    (
        (".csv", ".tsv", ".tab", ".txt", ".dat", ".data"),
        read_delimited,
        ("encoding", "delimiter", "has_names"),
    ),
    ((".parquet", ".pq"), read_parquet, ()),
    ((".xlsx", ".xlsm"), read_excel, ("has_names",)),
    ((".jsonl", ".ndjson"), read_json_lines, ("encoding",)),
)
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
        If the file cannot be read, or holds no proper table; if `encoding`, `delimiter` or
        `has_names` say what files of its format leave no choice about.
    MissingExtraError
        If what reads the format is missing.
    """
    try:
        with opened(path) as (file, name):
            table = _read(
                file,
                name.lower(),
                path,
                encoding=encoding,
                delimiter=delimiter,
                has_names=has_names,
            )
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


def _read(file, name, path, **form):
    """Read a file of any format; what its format leaves no choice about is refused."""
    for suffixes, read, takes in _FORMATS:
        if name.endswith(suffixes):
            for argument, value in form.items():
                if value is not None and argument not in takes:
                    raise InvalidInputError(
                        f"{_option(argument, value)} sets nothing: a file that ends in "
                        f"{' or '.join(suffixes)} leaves no choice about that; leave it out."
                    )
            return read(file, path, **{argument: form[argument] for argument in takes})
    known = [suffix for suffixes, *_ in _FORMATS for suffix in suffixes]
    raise InvalidInputError(
        f"{path} must end in one of {', '.join(known)}, "
        f"and may be packed ({', '.join(PACKED_SUFFIXES)})."
    )


def _option(argument, value):
    """Return what sets an argument on the command line."""
    if argument == "has_names":
        return "--header" if value else "--no-header"
    return f"--{argument}"
