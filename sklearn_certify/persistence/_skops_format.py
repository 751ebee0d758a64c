"""Files of skops: arrays, numbers, texts, and names of types, which are read without running them.

A file is one of skops with a further member, which skops ignores: ``sklearn-certify.json``.
"""

import io
import json
import warnings
import zipfile
import zlib

from sklearn.exceptions import InconsistentVersionWarning

from ..exceptions import InvalidInputError, MissingExtraError, UntrustedModelError
from ._header import HEADER, read_header, tell_of_versions
from ._trusted_types import is_trusted

__all__ = ["check_skops", "is_skops", "read_skops", "strangers_in", "write_skops"]

_SCHEMA = "schema.json"
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, KeyError, ValueError)


def check_skops():
    """Return the module that reads and writes; raise one line that says what to install."""
    try:
        import skops.io
    except ImportError as error:
        raise MissingExtraError(
            'Saved models need skops: pip install "sklearn-certify[skops]"'
        ) from error
    return skops.io


def write_skops(estimator, header):
    """Return the content of a file.

    Parameters
    ----------
    estimator : estimator
        What to save.
    header : str
        What the file says of itself.

    Returns
    -------
    bytes

    Raises
    ------
    InvalidInputError
        If skops cannot hold the estimator, or not so that it can be read again.
    MissingExtraError
        If skops is missing.
    """
    skops = check_skops()
    try:
        content = skops.dumps(estimator, compression=zipfile.ZIP_DEFLATED)
        _check_keys(content)
        named = skops.get_untrusted_types(data=content)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what it has to say was said when it was made
            skops.loads(content, trusted=named)
    except Exception as error:  # whatever the parts of any estimator raise
        raise InvalidInputError(
            f"skops cannot hold this {type(estimator).__name__} ({_told(error)}). Save networks of "
            "torch, and what else it has no way to write, to a path that ends in .pkl: a pickle, "
            "for those alone who trust its source."
        ) from error
    file = io.BytesIO(content)
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(HEADER, header)
    return file.getvalue()


def _told(error):
    if isinstance(error, InvalidInputError):
        return str(error)
    return f"{type(error).__name__}: {error}"


def _check_keys(content):
    """Refuse keys of dicts that skops would make others of."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        left = [json.loads(archive.read(_SCHEMA))]
    while left:
        node = left.pop()
        if isinstance(node, list):
            left += node
        elif isinstance(node, dict):
            left += node.values()
            if node.get("__loader__") == "DictNode":
                kinds = {kind["__class__"] for kind in node["key_types"]["content"]}
                if changed := kinds & {"bool", "bool_", "NoneType"}:
                    raise InvalidInputError(
                        f"keys of type {changed.pop()} in a dict would become others"
                    )


def is_skops(path):
    """Say whether a file looks like one of skops, whole or not.

    Parameters
    ----------
    path : str or Path
        The file.

    Returns
    -------
    bool

    Raises
    ------
    OSError
        If it cannot be opened.
    """
    with open(path, "rb") as file:
        return file.read(4) == b"PK\x03\x04"


def read_skops(path, trusted, mend):
    """Return what a file holds, without running any code of it.

    Parameters
    ----------
    path : str or Path
        The file.
    trusted : sequence of str or type
        Types that it may name besides those that are trusted anyway.
    mend : callable
        Returns how to trust types, in a few words, of their names.

    Returns
    -------
    estimator
    notes : dict or None

    Raises
    ------
    UntrustedModelError
        If it names types that are not trusted.
    InvalidInputError
        If it is damaged, of a later version, or needs what is not installed.
    MissingExtraError
        If skops is missing.
    """
    skops = check_skops()
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.namelist()
            header = archive.read(HEADER) if HEADER in members else None
        if _SCHEMA not in members:
            raise InvalidInputError(f"{path} is no model, but a zip file of something else.")
        versions, notes = read_header(header, path)
        trusted = _names(trusted)
        strangers = [name for name in _strangers(skops, path) if name not in trusted]
    except InvalidInputError:
        raise
    except (*_DAMAGED, TypeError, AttributeError) as error:
        raise InvalidInputError(
            f"Cannot read {path}: it is cut off or damaged, or needs a later skops ({error})."
        ) from error
    if strangers:
        raise UntrustedModelError(
            f"{path} holds {', '.join(strangers)}, which nobody has said to be harmless. If you "
            f"know who made the file, read it with {mend(strangers)}."
        )
    told = tell_of_versions(versions, path)
    return _make(skops, path, trusted, told), notes


def _strangers(skops, path):
    return [name for name in skops.get_untrusted_types(file=path) if not is_trusted(name)]


def strangers_in(path):
    """Return the types that a file names and that nobody has vouched for.

    Parameters
    ----------
    path : str or Path
        A file of skops; any other has none.

    Returns
    -------
    list of str
    """
    return _strangers(check_skops(), path) if is_skops(path) else []


def _names(trusted):
    """Return the names that a file has for types, or functions."""
    items = [trusted] if isinstance(trusted, (str, type)) else trusted
    return [
        item if isinstance(item, str) else f"{item.__module__}.{item.__qualname__}"
        for item in items
    ]


def _make(skops, path, trusted, versions_are_told):
    """Make what a file holds, all of whose types are trusted."""
    own = [name for name in skops.get_untrusted_types(file=path) if is_trusted(name)]
    with warnings.catch_warnings():
        if versions_are_told:  # once, and not for each voter
            warnings.simplefilter("ignore", InconsistentVersionWarning)
        try:
            return skops.load(path, trusted=[*own, *trusted])
        except ImportError as error:
            raise InvalidInputError(
                f"Cannot read {path}: it needs what is not installed ({error})."
            ) from error
        except InvalidInputError:
            raise
        except Exception as error:  # whatever types make of a state that is not theirs
            raise InvalidInputError(
                f"Cannot read {path}: it is damaged, or of versions too far from those here "
                f"({_told(error)})."
            ) from error
