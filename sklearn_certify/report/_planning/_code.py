"""Lines of Python that make an estimator."""

import sys

from sklearn import config_context
from sklearn.base import BaseEstimator

__all__ = ["code_of"]


def code_of(estimator):
    """Return lines of Python that make an estimator: imports, and one line that calls it `model`.

    Parameters
    ----------
    estimator : estimator
        Not fitted.

    Returns
    -------
    str
        It runs as it stands, as long as every parameter's ``repr`` is Python.
    """
    with config_context(print_changed_only=True):
        call = " ".join(estimator.__repr__(N_CHAR_MAX=10**6).split())
    places = {(_public_module(item), item.__name__) for item in _classes(estimator)}
    imports = [f"from {module} import {name}" for module, name in sorted(places)]
    return "\n".join([*imports, f"model = {call}"])


def _classes(value):
    """Yield the classes of an estimator and of those inside it."""
    if isinstance(value, BaseEstimator):
        yield type(value)
        value = list(value.get_params(deep=False).values())
    if isinstance(value, (list, tuple)):
        for part in value:
            yield from _classes(part)


def _public_module(item):
    """Return the shortest name under which a class's package has it; else its own module."""
    parts = item.__module__.split(".")
    for length in range(1, len(parts)):
        name = ".".join(parts[:length])
        if getattr(sys.modules.get(name), item.__name__, None) is item:
            return name
    return item.__module__
