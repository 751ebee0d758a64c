"""The files that voters are kept in: in a folder of this machine, or where fsspec reaches."""

import os
from pathlib import Path
from shutil import rmtree
from uuid import uuid4

from ..partition._file_systems import file_system, is_url, names_at

__all__ = ["LocalFiles", "RemoteFiles", "open_files"]

_FILE = "output.pkl"  # as joblib calls it, so that Memory.reduce_size counts and deletes voters


def open_files(location, room):
    """Return the files of a room in a folder, none of which need exist.

    Parameters
    ----------
    location : str
        A path, or a URL that fsspec knows.
    room : str
        The name of a folder in that one.

    Returns
    -------
    LocalFiles or RemoteFiles

    Raises
    ------
    MissingExtraError
        If fsspec is missing, or what it needs for such a URL.
    InvalidInputError
        If fsspec does not know the protocol.
    """
    if is_url(location):
        file_system(location)  # which tells what is missing before a voter is fitted
        return RemoteFiles(f"{location.rstrip('/')}/{room}")
    return LocalFiles(os.path.join(os.path.abspath(location.removeprefix("file://")), room))


class LocalFiles:
    """Files of this machine, each in a folder of its name.

    Parameters
    ----------
    folder : str
        The absolute path of what holds those folders.
    """

    def __init__(self, folder):
        self.folder = folder

    def read(self, name):
        """Return the content of a file."""
        return Path(self.folder, name, _FILE).read_bytes()

    def write(self, name, parts):
        """Write the parts of a file beside its place, and move it there."""
        place = Path(self.folder, name)
        place.mkdir(parents=True, exist_ok=True)
        beside = place / f"{uuid4().hex}.part"
        try:
            with open(beside, "wb") as file:
                file.writelines(parts)
            os.replace(beside, place / _FILE)
        except BaseException:
            beside.unlink(missing_ok=True)
            raise

    def names(self):
        """Return the names of all files."""
        return os.listdir(self.folder) if os.path.isdir(self.folder) else []

    def delete(self, name):
        """Delete a file."""
        rmtree(Path(self.folder, name))


class RemoteFiles:
    """Files that fsspec reaches, each in a folder of its name.

    Parameters
    ----------
    folder : str
        The URL of what holds those folders.
    """

    def __init__(self, folder):
        self.folder = folder

    def read(self, name):
        """Return the content of a file."""
        system, root = file_system(self.folder)
        return system.cat_file(f"{root}/{name}/{_FILE}")

    def write(self, name, parts):
        """Write the parts of a file; what was written by half has no right beginning."""
        system, root = file_system(self.folder)
        system.makedirs(f"{root}/{name}", exist_ok=True)
        system.pipe_file(f"{root}/{name}/{_FILE}", b"".join(parts))

    def names(self):
        """Return the names of all files."""
        return names_at(self.folder)

    def delete(self, name):
        """Delete a file."""
        system, root = file_system(self.folder)
        system.rm(f"{root}/{name}", recursive=True)
