"""Short forms of arrays, the cases that make them, and the file that keeps them."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib import import_module
from pathlib import Path

import numpy as np

ROOMS = (
    "hashes",
    "certificates",
    "targets",
    "medians",
    "joint",
    "ensembles",
    "neighbors",
    "learners",
)
FILE = Path(__file__).with_name("values.json")

_MOST_LITERALS = 12  # longer arrays go as digests
_MOST_HASHES = 4  # which take more room


@dataclass(frozen=True)
class Case:
    """Some values that belong together, and the libraries whose release decides them."""

    compute: Callable
    libraries: tuple

    def summaries(self):
        """Compute the values and return each in its short form."""
        return {name: summary(values) for name, values in self.compute().items()}


class Cases(dict):
    """The cases of one room by name; a decorator adds a function as a case."""

    def add(self, *libraries):
        """Add a function that returns arrays by name.

        Parameters
        ----------
        *libraries : str
            Modules of other projects that fit models or draw numbers here. The values are only
            compared where their releases are those of the record, but for the last digit.
        """

        def decorate(function):
            self[function.__name__] = Case(function, libraries)
            return function

        return decorate


def digest(values):
    """Return 16 hexadecimal digits that stand for the values of an array.

    They are the first digits of SHA-256 over the values in C order: whole numbers and truth values
    as little-endian int64 (uint64 if they are), other numbers as little-endian float64, anything
    else as UTF-8 texts that end with a newline each. Neither type nor layout matters beyond that.
    """
    kind = values.dtype.kind
    if kind in "biuf":
        content = values.astype("<u8" if values.dtype == np.uint64 else _type_of(kind)).tobytes()
    else:
        content = "".join(f"{value}\n" for value in values.ravel().tolist()).encode()
    return sha256(content).hexdigest()[:16]


def summary(values):
    """Return what is kept of an array: all of it if it is short, else a few numbers and a digest.

    Parameters
    ----------
    values : array-like or str
        Numbers or texts.

    Returns
    -------
    list, number or str
        A text has the shape, the first values, the sum, unless they are hashes, and the digest.
    """
    values = np.asarray(values)
    are_hashes = values.dtype == np.uint64
    if values.size <= (_MOST_HASHES if are_hashes else _MOST_LITERALS):
        return values.tolist()
    shape = "x".join(map(str, values.shape))
    n_first = 2 if are_hashes else 5
    first = " ".join(map(str, values.ravel()[:n_first].tolist()))
    total = f" sum {values.sum()}" if values.dtype.kind in "bi" else ""
    return f"{shape}: {first} ..{total} #{digest(values)}"


def cases_of(room):
    """Return the cases of a room by name."""
    return import_module(f".{room}", __package__).CASES


@cache
def recorded():
    """Return the releases of libraries, and the short forms by room, case and name."""
    return json.loads(FILE.read_text(encoding="utf-8"))


def release(library):
    """Return the first two numbers of the release of an imported library."""
    return ".".join(import_module(library).__version__.split(".")[:2])


def _type_of(kind):
    return "<f8" if kind == "f" else "<i8"
