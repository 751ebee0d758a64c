"""The Python that makes a report again, and that which plans settings for the same rows."""

import inspect
from functools import partial

from ._choice import certified_classifiers

__all__ = ["call_of_plan", "call_of_report"]

_ROWS = ("groups", "X_test", "y_test", "periods")  # which go by the parameters' names
_OF_PLANS = (
    "groups",
    "X_test",
    "y_test",
    "test_size",
    "base_estimator",
    "threat_model",
    "random_state",
    "n_jobs",
    "source",
    "target",
)
_SOUGHT = (
    "n_partitions",
    "spreading_degree",
    "n_estimators",
    "max_samples",
    "n_neighbors",
    "radius",
)
_DEFAULTS = {"random_state": 0, "source": "data"}


def call_of_report(estimators, told):
    """Return the call that makes a report, in Python.

    Parameters
    ----------
    estimators : object
        What the report is on, as it was given.
    told : dict
        Arguments by name; None = not given.

    Returns
    -------
    str
    """
    lines = [_one_line(estimators), "X", "y", *_arguments(told)]
    arguments = "".join(f"    {line},\n" for line in lines)
    return (
        "from sklearn_certify.report import certification_report\n\n"
        f"certification_report(\n{arguments})"
    )


def call_of_plan(chosen, told):
    """Return what writes the call that compares settings for a poison size.

    Parameters
    ----------
    chosen : dict of str to class or estimator
        What the report is on; classes are what a plan may choose from.
    told : dict
        Arguments of the report by name; None = not given.

    Returns
    -------
    callable or None
        Takes a poison size; None if there is no class, or the report is on regressors.
    """
    named = {name: item for name, item in chosen.items() if inspect.isclass(item)}
    if not named or told["tolerance"] is not None:
        return None
    settled = {name for item in named.values() for name in inspect.signature(item).parameters}
    passed = {*_OF_PLANS, *settled} - {*_SOUGHT, "estimator"}
    some = None if list(named) == list(certified_classifiers()) else list(named)
    arguments = {
        name: value
        for name, value in told.items()
        if name in passed and (name not in _DEFAULTS or value != _DEFAULTS[name])
    }
    more = _arguments({"estimators": some, **arguments})
    return partial(_plan_for, "".join(f", {argument}" for argument in more))


def _plan_for(more, poison_size):
    return (
        "from sklearn_certify.report import plan\n"
        f"print(plan(X, y, poison_size={poison_size}{more}))"
    )


def _arguments(told):
    return [
        f"{name}={name if name in _ROWS else _one_line(value)}"
        for name, value in told.items()
        if value is not None
    ]


def _one_line(value):
    return " ".join(repr(value).split())
