"""Pickles, for what skops cannot hold: reading one may run any code."""

import io

import joblib

from ..exceptions import InvalidInputError
from ._header import HEADER, read_header, tell_of_versions

__all__ = ["read_pickle", "write_pickle"]

_ESTIMATOR = "estimator"


def write_pickle(estimator, header):
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
        If it cannot be pickled.
    """
    file = io.BytesIO()
    try:
        joblib.dump({HEADER: header, _ESTIMATOR: estimator}, file)
    except Exception as error:  # whatever the parts of any estimator raise
        raise InvalidInputError(
            f"This {type(estimator).__name__} cannot be pickled ({type(error).__name__}: {error})."
        ) from error
    return file.getvalue()


def read_pickle(path):
    """Return what a file holds, or a pickle of an estimator alone.

    Parameters
    ----------
    path : str or Path
        The file.

    Returns
    -------
    estimator
    notes : dict or None

    Raises
    ------
    InvalidInputError
        If it is no pickle, a damaged one, or needs what is not installed.
    """
    try:
        content = joblib.load(path)
    except OSError:
        raise
    except Exception as error:  # whatever the pickle runs into
        raise InvalidInputError(
            f"Cannot read {path}: it is no pickle, a damaged one, or needs what is not installed "
            f"({type(error).__name__}: {error})."
        ) from error
    if not (isinstance(content, dict) and content.keys() == {HEADER, _ESTIMATOR}):
        return content, None
    versions, notes = read_header(content[HEADER], path)
    tell_of_versions(versions, path)
    return content[_ESTIMATOR], notes
