"""Voters on disk: kept from one fit to the next, by all that they follow from."""

import os
import pickle
from hashlib import sha256

from joblib import Memory
from sklearn.utils.validation import check_memory

from .._compute.seeds import seeded_clone
from .._rows import content_digest
from ..exceptions import InvalidInputError
from ..partition._file_systems import is_url
from ._files import open_files
from ._origin import origin_of

__all__ = ["VoterMemory", "open_memory"]

_ROOM = "sklearn_certify-voters"
_BEGINNING = b"sklearn_certify voter 1\n"
_DIGEST_BYTES = sha256().digest_size


def open_memory(memory, estimator, *, learns_numbers=False):
    """Return where voters of an estimator are kept, or None if they are not.

    Parameters
    ----------
    memory : None, str, path-like or object with the interface of joblib.Memory
        As the parameter `memory` of ensembles.
    estimator : estimator
        The base estimator, not fitted. Its seeds do not count: each voter has one.
    learns_numbers : bool, default=False
        Whether y holds numbers, and no labels: the same estimator may learn both.

    Returns
    -------
    VoterMemory or None

    Raises
    ------
    InvalidInputError
        If the memory is in no folder, or the estimator cannot be pickled.
    MissingExtraError
        If the memory is at a URL, and fsspec is missing or what it needs.
    """
    if memory is None:
        return None
    location = _location(memory)
    if location is None:
        return None
    origin = origin_of(seeded_clone(estimator, 0))
    return VoterMemory(
        open_files(location, _ROOM), f"{origin} numbers" if learns_numbers else origin
    )


def _location(memory):
    if isinstance(memory, os.PathLike):
        memory = os.fspath(memory)
    if isinstance(memory, str) and is_url(memory):
        return memory
    backend = getattr(check_memory(memory), "store_backend", None)
    if backend is None and isinstance(memory, Memory):
        return None
    location = getattr(backend, "location", None)
    if not isinstance(location, (str, os.PathLike)):
        raise InvalidInputError(
            f"memory={memory!r} keeps nothing in a folder; pass the path of a folder or a "
            "joblib.Memory with one."
        )
    return os.fspath(location)


class VoterMemory:
    """Fitted voters in a folder, one file each.

    A file is named by a digest of all that a voter follows from: rows, labels, seed, estimator,
    code and versions. It begins with a digest of what follows, so that a half or a damaged one is
    never taken for a voter.

    Parameters
    ----------
    files : LocalFiles or RemoteFiles
        Where they are.
    origin : str
        What the voters follow from beside rows and seed, as `origin_of` tells.
    """

    def __init__(self, files, origin):
        self._files = files
        self._origin = origin

    @property
    def folder(self):
        """The path or the URL of the folder."""
        return self._files.folder

    def key(self, seed, X, y):
        """Return the name of a voter, or None if its rows cannot be told from others.

        Parameters
        ----------
        seed : int
            The voter's seed.
        X : table, CSR matrix or ndarray of shape (n_rows, ...)
            Its rows, in canonical order.
        y : ndarray of shape (n_rows,)
            Their labels.

        Returns
        -------
        str or None
            Hexadecimal digits.
        """
        try:
            content = content_digest(X, y)
        except Exception:  # whatever the cells of a user raise: the voter is fitted
            return None
        return sha256(f"{self._origin} {seed} ".encode() + content).hexdigest()

    def load(self, key):
        """Return a voter that was kept; None if there is none, or if its file is damaged.

        Parameters
        ----------
        key : str
            As `key` returns it.

        Returns
        -------
        fitted estimator or None
        """
        try:
            content = self._files.read(key)
            beginning = _beginning_of(memoryview(content)[len(_BEGINNING) + _DIGEST_BYTES :])
            if content[: len(beginning)] != beginning:
                return None
            return pickle.loads(memoryview(content)[len(beginning) :])
        except Exception:  # such as that of a class that is no longer there
            return None

    def save(self, key, voter):
        """Keep a voter.

        Parameters
        ----------
        key : str
            As `key` returns it.
        voter : fitted estimator
            What `load` is to return.

        Raises
        ------
        Exception
            If the voter cannot be pickled or the file cannot be written.
        """
        content = pickle.dumps(voter, protocol=5)
        self._files.write(key, [_beginning_of(content), content])

    def forget_all_but(self, keys):
        """Delete all voters in the folder but some, whatever fit they are of.

        Parameters
        ----------
        keys : collection of str
            The voters to keep.

        Returns
        -------
        int
            Number of voters that were deleted.
        """
        keys = set(keys)
        unused = [name for name in self._files.names() if name not in keys]
        for name in unused:
            self._files.delete(name)
        return len(unused)


def _beginning_of(content):
    return _BEGINNING + sha256(content).digest()
