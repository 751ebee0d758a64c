"""Folders that data sets are kept in: on this machine, or anywhere that fsspec reaches."""

import os
from inspect import signature
from pathlib import Path
from tempfile import gettempdir
from uuid import uuid4

import pyarrow as pa

from .._file_systems import file_system, is_url, names_at

__all__ = ["LocalFolder", "RemoteFolder", "open_folder"]


def open_folder(folder):
    """Return a folder, which need not exist.

    Parameters
    ----------
    folder : str or path-like
        A path, or a URL that fsspec knows, such as "s3://bucket/rows".

    Returns
    -------
    LocalFolder or RemoteFolder
    """
    path = os.fspath(folder)
    if is_url(path):
        return RemoteFolder(path)
    return LocalFolder(os.path.abspath(path.removeprefix("file://")))


class LocalFolder:
    """A folder on this machine.

    Parameters
    ----------
    path : str
        Its absolute path.
    """

    def __init__(self, path):
        self.path = path
        self.scratch = path  # where files may lie that are of no use afterwards

    def _at(self, name):
        return os.path.join(self.path, name)

    def make(self):
        """Make the folder, if it is not there."""
        os.makedirs(self.path, exist_ok=True)

    def names(self):
        """Return the names of the files in the folder."""
        return os.listdir(self.path) if os.path.isdir(self.path) else []

    def read(self, name):
        """Return the content of a file."""
        return Path(self._at(name)).read_bytes()

    def open_to_read(self, name):
        """Return a file that Arrow reads from."""
        return pa.OSFile(self._at(name), "rb")

    def open_to_write(self, name):
        """Return a file that Arrow writes to."""
        return pa.OSFile(self._at(name), "wb")

    def settle(self, name):
        """See to it that what was written outlives a loss of power."""
        _sync(self._at(name))

    def create(self, name, content):
        """Write a whole file, or raise FileExistsError if there is one of that name."""
        beside = self._at(f"{name}.{uuid4().hex}.part")
        try:
            with open(beside, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            _create_from(beside, self._at(name))
        finally:
            Path(beside).unlink(missing_ok=True)
        if os.name == "posix":
            _sync(self.path)

    def delete(self, name):
        """Delete a file, if it is there."""
        Path(self._at(name)).unlink(missing_ok=True)


def _create_from(beside, path):
    try:
        os.link(beside, path)
    except FileExistsError:
        raise
    except OSError:  # of a file system without links
        with open(path, "xb"):
            pass
        os.replace(beside, path)


def _sync(path):
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class RemoteFolder:
    """A folder that fsspec reaches.

    Which of two writers comes first is told by those file systems that can create a file unless
    there is one: by their ``pipe_file(mode="create")``, as fsspec has had it since 2024.12.

    Parameters
    ----------
    path : str
        Its URL.
    """

    def __init__(self, path):
        self.path = path.rstrip("/")
        self.scratch = gettempdir()

    @property
    def _system(self):
        return file_system(self.path)

    def make(self):
        """Make the folder, if it is not there."""
        system, root = self._system
        system.makedirs(root, exist_ok=True)

    def names(self):
        """Return the names of the files in the folder."""
        return names_at(self.path)

    def read(self, name):
        """Return the content of a file."""
        system, root = self._system
        return system.cat_file(f"{root}/{name}")

    def open_to_read(self, name):
        """Return a file that Arrow reads from."""
        system, root = self._system
        return pa.PythonFile(system.open(f"{root}/{name}", "rb"), "r")

    def open_to_write(self, name):
        """Return a file that Arrow writes to."""
        system, root = self._system
        return system.open(f"{root}/{name}", "wb")

    def settle(self, name):
        """Do nothing: a file that was closed is written."""

    def create(self, name, content):
        """Write a whole file, or raise FileExistsError if there is one of that name."""
        system, root = self._system
        path = f"{root}/{name}"
        try:
            if "mode" in signature(system.pipe_file).parameters:
                system.pipe_file(path, content, mode="create")
            elif system.exists(path):
                raise FileExistsError(path)
            else:
                system.pipe_file(path, content)
        except Exception as error:  # each system has its own for a file that is there
            if not system.exists(path):
                raise
            if system.cat_file(path) != content:  # else it is ours, by a request sent twice
                raise FileExistsError(path) from error

    def delete(self, name):
        """Delete a file, if it is there."""
        system, root = self._system
        if system.exists(f"{root}/{name}"):
            system.rm_file(f"{root}/{name}")
