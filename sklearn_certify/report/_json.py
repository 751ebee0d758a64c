"""Results as JSON that every reader takes: no NaN, no infinity, ASCII alone."""

import json
import math
from collections.abc import Mapping

import numpy as np

__all__ = ["as_json", "plain"]


def as_json(content):
    """Return content as JSON.

    Parameters
    ----------
    content : dict or list
        Of what JSON has.

    Returns
    -------
    str
        Lines.
    """
    return json.dumps(content, indent=2, allow_nan=False) + "\n"


def plain(value):
    """Return a value as JSON has it, and what JSON does not have in words.

    Parameters
    ----------
    value : object
        A parameter, or a dict of them.

    Returns
    -------
    dict, None, bool, int, float or str

    Examples
    --------
    >>> from sklearn_certify.report._json import plain
    >>> plain({"radius": float("inf"), "n_neighbors": 5, "estimator": None, "classes": ("a", "b")})
    {'radius': 'inf', 'n_neighbors': 5, 'estimator': None, 'classes': "('a', 'b')"}
    """
    if isinstance(value, Mapping):
        return {str(name): plain(item) for name, item in value.items()}
    if isinstance(value, np.generic):
        value = value.item()
    is_finite = not isinstance(value, float) or math.isfinite(value)
    if value is None or (isinstance(value, (bool, int, float, str)) and is_finite):
        return value
    return " ".join(repr(value).split())
