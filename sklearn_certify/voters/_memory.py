"""Voters on disk: kept from one fit to the next, by all that they follow from."""

import os
import pickle
from hashlib import sha256
from pathlib import Path
from shutil import rmtree
from uuid import uuid4

from joblib import Memory
from sklearn.utils.validation import check_memory

from .._compute.seeds import seeded_clone
from .._rows import content_digest
from ..exceptions import InvalidInputError
from ._origin import origin_of

__all__ = ["VoterMemory", "open_memory"]

_ROOM = "sklearn_certify-voters"
_FILE = "output.pkl"  # as joblib calls it, so that Memory.reduce_size counts and deletes voters
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
    """
    if memory is None:
        return None
    if isinstance(memory, os.PathLike):
        memory = os.fspath(memory)
    backend = getattr(check_memory(memory), "store_backend", None)
    if backend is None and isinstance(memory, Memory):
        return None
    location = getattr(backend, "location", None)
    if not isinstance(location, (str, os.PathLike)):
        raise InvalidInputError(
            f"memory={memory!r} keeps nothing in a folder; pass the path of a folder or a "
            "joblib.Memory with one."
        )
    folder = os.path.join(os.path.abspath(location), _ROOM)
    origin = origin_of(seeded_clone(estimator, 0))
    return VoterMemory(folder, f"{origin} numbers" if learns_numbers else origin)


class VoterMemory:
    """Fitted voters in a folder, one file each.

    A file is named by a digest of all that a voter follows from: rows, labels, seed, estimator,
    code and versions. It is written beside its place and then moved there, and begins with a digest
    of what follows, so that a half or a damaged one is never taken for a voter.

    Parameters
    ----------
    folder : str
        Where the files are.
    origin : str
        What the voters follow from beside rows and seed, as `origin_of` tells.
    """

    def __init__(self, folder, origin):
        self.folder = folder
        self._origin = origin

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
            content = Path(self.folder, key, _FILE).read_bytes()
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
        place = Path(self.folder, key)
        place.mkdir(parents=True, exist_ok=True)
        beside = place / f"{uuid4().hex}.part"
        try:
            with open(beside, "wb") as file:
                file.write(_beginning_of(content))
                file.write(content)
            os.replace(beside, place / _FILE)
        except BaseException:
            beside.unlink(missing_ok=True)
            raise

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
        keys, folder, places = set(keys), Path(self.folder), []
        if folder.is_dir():
            places = [place for place in folder.iterdir() if place.name not in keys]
        for place in places:
            rmtree(place)
        return len(places)


def _beginning_of(content):
    return _BEGINNING + sha256(content).digest()
