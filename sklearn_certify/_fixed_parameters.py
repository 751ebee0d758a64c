"""Parameters that ``fit`` has used, and that ``set_params`` may not change behind its back."""

from typing import ClassVar

import numpy as np

from ._compat import check_parameters
from .exceptions import InvalidInputError

__all__ = ["FixedParametersMixin", "check_unchanged", "parameters_to_keep"]

_LONGEST_VALUE = 60  # characters in a message


class FixedParametersMixin:
    """Mixin of estimators whose certificates rest on the parameters that ``fit`` has used.

    A subclass names the parameters that have a documented effect afterwards
    (`_may_change_after_fit`), calls `_keep_parameters` at the end of ``fit`` and
    `_check_parameters` before it looks at queries.
    """

    _parameter_constraints: ClassVar[dict] = {}  # of a subclass that declares none
    _may_change_after_fit: ClassVar[frozenset] = frozenset({"threat_model", "n_jobs", "verbose"})

    def _keep_parameters(self):
        """Remember the parameters that ``fit`` has used."""
        self._parameters_of_fit = parameters_to_keep(self, self._may_change_after_fit)

    def _check_parameters(self):
        """Raise if a parameter is out of range, or another than in ``fit`` where it must not be."""
        check_parameters(self)
        check_unchanged(
            parameters_to_keep(self, self._may_change_after_fit), self._parameters_of_fit
        )


def parameters_to_keep(estimator, may_change):
    """Return the parameters that must stay as they are, nested ones too.

    Parameters
    ----------
    estimator : estimator
        What is being fitted.
    may_change : collection of str
        The parameters that have a documented effect after ``fit``.

    Returns
    -------
    dict
        Values by name. Lists and dicts are copied, what they hold is not.
    """
    parameters = estimator.get_params(deep=True)
    return {
        name: value.copy() if isinstance(value, (list, dict)) else value
        for name, value in sorted(parameters.items(), key=lambda item: item[0].count("__"))
        if name.split("__")[0] not in may_change
    }


def check_unchanged(now, in_fit):
    """Raise if a parameter is no longer what it was in ``fit``.

    Parameters
    ----------
    now, in_fit : dict
        What `parameters_to_keep` returns now, and what it returned then.

    Raises
    ------
    InvalidInputError
        If a value differs; the message names the first one.
    """
    for name, fitted in in_fit.items():
        value = now.get(name)
        if not _are_alike(value, fitted):
            raise InvalidInputError(
                f"{name} is {_shortened(value)} but was {_shortened(fitted)} in fit, on which all "
                "votes rest; call fit again."
            )


def _are_alike(value, fitted):
    """Say whether two values of a parameter mean the same."""
    if value is fitted:
        return True
    if isinstance(value, type) or isinstance(fitted, type):
        return False
    if hasattr(value, "get_params"):
        return type(value) is type(fitted)  # its own parameters have names of their own
    if isinstance(value, (list, tuple)):
        return (
            type(value) is type(fitted)
            and len(value) == len(fitted)
            and all(map(_are_alike, value, fitted))
        )
    if isinstance(value, dict):
        return (
            isinstance(fitted, dict)
            and value.keys() == fitted.keys()
            and all(_are_alike(value[key], fitted[key]) for key in value)
        )
    if isinstance(value, np.ndarray) or isinstance(fitted, np.ndarray):
        return np.array_equal(value, fitted)
    try:
        # NaN differs from itself, and a loaded pickle holds two of it
        return bool(value == fitted) or bool(value != value and fitted != fitted)
    except (TypeError, ValueError):  # what has no single answer, such as tables
        return False


def _shortened(value):
    text = " ".join(repr(value).split())
    return text if len(text) <= _LONGEST_VALUE else f"{text[: _LONGEST_VALUE - 3]}..."
