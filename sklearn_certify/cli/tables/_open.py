"""Open a file, packed or not."""

import bz2
import gzip
import io
import lzma
import sys
import zipfile
from contextlib import contextmanager
from pathlib import PurePath

from ...exceptions import InvalidInputError

__all__ = ["PACKED_SUFFIXES", "STANDARD_INPUT", "opened"]

STANDARD_INPUT = "-"

_OPENERS = {".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open}
PACKED_SUFFIXES = (*_OPENERS, ".zip")


@contextmanager
def opened(path):
    """Open a file for reading bytes and unpack it.

    Parameters
    ----------
    path : str
        The file; its suffix tells how it is packed. "-" is standard input, lines of text.

    Yields
    ------
    file : binary file
    name : str
        Its name without the suffix of the packing; in a .zip file the name of its one member.

    Raises
    ------
    InvalidInputError
        If a .zip file holds not exactly one file.
    """
    if path == STANDARD_INPUT:
        yield io.BytesIO(sys.stdin.buffer.read()), "standard input.csv"
        return
    stem, suffix = PurePath(path).stem, PurePath(path).suffix.lower()
    if suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            member = _only_member(archive, path)
            with archive.open(member) as file:
                yield file, PurePath(member).name
    else:
        with _OPENERS.get(suffix, open)(path, "rb") as file:
            yield file, stem if suffix in _OPENERS else PurePath(path).name


def _only_member(archive, path):
    # macOS adds files of its own
    members = [
        name
        for name in archive.namelist()
        if not name.endswith("/") and not name.startswith("__MACOSX/")
    ]
    if len(members) != 1:
        raise InvalidInputError(
            f"{path} holds {len(members)} files; unpack it and name the one to read."
        )
    return members[0]
