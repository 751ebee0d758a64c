"""Warnings that point at the line of the user's own code."""

import sys
import warnings

__all__ = ["warn_user"]

_OURS = {__name__.split(".")[0], "sklearn"}


def warn_user(message, category):
    """Warn where neither this package nor scikit-learn is at work, however deep it comes from.

    Parameters
    ----------
    message : str
        The warning.
    category : type
        Its class.
    """
    level, frame = 1, sys._getframe()
    while frame.f_back and frame.f_globals["__name__"].split(".")[0] in _OURS:
        level, frame = level + 1, frame.f_back
    warnings.warn(message, category, stacklevel=level)
