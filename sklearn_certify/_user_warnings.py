"""Warnings that point at the line of the user's own code."""

import sys
import warnings

__all__ = ["warn_user"]

_BETWEEN = {__name__.split(".")[0], "sklearn", "joblib"}


def warn_user(message, category):
    """Warn where the user's own code is at work, however deep the warning comes from.

    Parameters
    ----------
    message : str
        The warning.
    category : type
        Its class.
    """
    level, frame = 1, sys._getframe()
    while frame.f_back and _package_of(frame) in _BETWEEN:
        level, frame = level + 1, frame.f_back
    warnings.warn(message, category, stacklevel=level)


def _package_of(frame):
    """Return the package whose code a frame runs; what `exec` runs may have no name."""
    return str(frame.f_globals.get("__name__")).partition(".")[0]
