"""Models in files: an estimator with notes on what it is for."""

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from ..exceptions import InvalidInputError, UntrustedModelError
from ._header import write_header
from ._pickle_format import read_pickle, write_pickle
from ._skops_format import check_skops, is_skops, read_skops, write_skops

__all__ = ["Model", "check_format", "check_model_path", "read_model", "write_model"]

_WRITERS = {".skops": write_skops, ".pkl": write_pickle}


@dataclass(frozen=True)
class Model:
    """What a file holds.

    Attributes
    ----------
    estimator : estimator
        As it was saved.
    notes : dict or None
        What was said of it, of what JSON has.
    """

    estimator: object
    notes: dict | None = None


def check_model_path(path, called="path"):
    """Raise if the suffix of a path tells no format.

    Parameters
    ----------
    path : str or path-like
        The path.
    called : str, default="path"
        What the user calls it.

    Raises
    ------
    InvalidInputError
        Names the suffixes that do.
    """
    if Path(path).suffix.lower() not in _WRITERS:
        raise InvalidInputError(
            f"{called} {path} must end in .skops, or in .pkl for a pickle, which tells the format."
        )


def check_format(path):
    """Raise if what writes a file of this suffix is missing.

    Parameters
    ----------
    path : str or path-like
        Path that ends in .skops or .pkl.

    Raises
    ------
    MissingExtraError
        Names the extra.
    """
    if Path(path).suffix.lower() == ".skops":
        check_skops()


def write_model(path, estimator, notes=None):
    """Write a file, or leave what is there as it is.

    Parameters
    ----------
    path : str or path-like
        Path that ends in .skops or .pkl.
    estimator : estimator
        What to save.
    notes : dict, default=None
        What to say of it, of what JSON has.

    Raises
    ------
    InvalidInputError
        If the suffix is another, or the format cannot hold the estimator.
    MissingExtraError
        If skops is missing.
    OSError
        If the file cannot be written.
    """
    check_model_path(path)
    path = Path(path)
    content = _WRITERS[path.suffix.lower()](estimator, write_header(notes))
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with open(descriptor, "wb") as file:
            file.write(content)
        os.chmod(name, 0o666 & ~_umask())
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise


def _umask():
    """Return which permissions new files do not have; it can only be read by setting it."""
    mask = os.umask(0)
    os.umask(mask)
    return mask


def read_model(path, *, trusted=(), trust_pickle=False, options=None):
    """Read a file.

    Parameters
    ----------
    path : str or path-like
        The file.
    trusted : sequence of str or type, default=()
        Types that it may name besides those that are trusted anyway.
    trust_pickle : bool, default=False
        Whether to read a pickle.
    options : (callable, str), default=None
        What users call the two: how to trust types, of their names, and how to trust a pickle.

    Returns
    -------
    Model

    Raises
    ------
    UntrustedModelError
        If it names types that are not trusted, or is no file of skops and pickles are not trusted.
    InvalidInputError
        If it is damaged, of a later version, or needs what is not installed.
    MissingExtraError
        If skops is missing.
    OSError
        If it cannot be opened.
    """
    to_trust, to_unpickle = options or (_in_python, "trust_pickle=True")
    if is_skops(path):
        return Model(*read_skops(path, trusted, to_trust))
    if not trust_pickle:
        raise UntrustedModelError(
            f"{path} was not written by skops. If it is a pickle, and you know who made it, "
            f"{to_unpickle} reads it: a pickle may run any code."
        )
    return Model(*read_pickle(path))


def _in_python(names):
    return f"trusted={names}"
