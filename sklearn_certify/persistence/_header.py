"""What a file says besides the estimator: with which versions it was written, and notes."""

import json
import platform

import numpy as np
import sklearn

from .. import __version__
from .._user_warnings import warn_user
from ..exceptions import InvalidInputError, ModelVersionWarning

__all__ = ["HEADER", "read_header", "tell_of_versions", "write_header"]

HEADER = "sklearn-certify.json"  # what it is called inside a file

_FORMAT = 1  # goes up when older versions could not read what is written
_VERSIONS = {
    "sklearn-certify": __version__,
    "scikit-learn": sklearn.__version__,
    "numpy": np.__version__,
}


def write_header(notes):
    """Return the header of a file as JSON.

    Parameters
    ----------
    notes : dict or None
        Of what JSON has.

    Returns
    -------
    str
    """
    versions = {**_VERSIONS, "python": platform.python_version()}
    content = {"format": _FORMAT, "versions": versions, "notes": notes}
    return json.dumps(content, indent=2, allow_nan=False)


def read_header(text, path):
    """Return what a header holds.

    Parameters
    ----------
    text : str, bytes or None
        The header; None if the file has none, as those that others write.
    path : str or Path
        The file, for messages.

    Returns
    -------
    versions : dict of str to str
    notes : dict or None

    Raises
    ------
    InvalidInputError
        If it is no header, or one of a later version.
    """
    if text is None:
        return {}, None
    try:
        header = json.loads(text)
        form, versions, notes = header["format"], header["versions"], header["notes"]
        sound = isinstance(form, int) and isinstance(notes, (dict, type(None)))
        sound = sound and all(isinstance(version, str) for version in versions.values())
    except (ValueError, TypeError, KeyError, AttributeError):
        sound = False
    if not sound:
        raise InvalidInputError(f"Cannot read {path}: what it says of itself is damaged.")
    if form > _FORMAT:
        raise InvalidInputError(
            f"Cannot read {path}: it was written by a later version, sklearn-certify "
            f"{versions.get('sklearn-certify')}; install that one."
        )
    return versions, notes


def tell_of_versions(versions, path):
    """Warn if a file was written with other versions than are here.

    Parameters
    ----------
    versions : dict of str to str
        Those of the file.
    path : str or Path
        The file.

    Returns
    -------
    bool
        Whether there are other versions.
    """
    others = [
        f"{name} {versions[name]} (here {here})"
        for name, here in _VERSIONS.items()
        if versions.get(name, here) != here
    ]
    if others:
        warn_user(
            f"{path} was saved with {', '.join(others)}. Votes may be others than they were, or "
            "fail; fit again, or use the versions that it was saved with.",
            ModelVersionWarning,
        )
    return bool(others)
