"""Which types a file may name without being asked about: none whose making does anything."""

import importlib
import inspect

from sklearn.base import BaseEstimator

from .._rows.form import RowForm
from ..neighbors._search import OrderedRows, TrainingRows
from ..voters import Voters

__all__ = ["is_trusted"]

_PACKAGE = __name__.partition(".")[0]
# Estimators of other rooms run code of torch when they are given a state.
_ROOMS = (
    "augmentation",
    "ensemble",
    "image",
    "kernel_approximation",
    "learners",
    "neighbors",
    "sanitize",
    "voters",
)
_PARTS = (
    RowForm,
    OrderedRows,
    TrainingRows,
    Voters,
)  # of fitted estimators, and no estimators themselves
_ELSEWHERE = ("numpy.dtype",)  # which imputers remember


def is_trusted(name):
    """Say whether what goes by this name is harmless to make, to call and to give a state to.

    That is so for this package's estimators, whose constructors assign alone, and for what fitted
    ones are made of. Functions are never trusted: a file could have them called.

    Parameters
    ----------
    name : str
        Module and name of a type or function, as a file has it.

    Returns
    -------
    bool
    """
    module, _, class_name = name.rpartition(".")
    if name in _ELSEWHERE or (module, class_name) in map(_address, _PARTS):
        return True
    package, _, inside = module.partition(".")
    if package != _PACKAGE or inside.partition(".")[0] not in _ROOMS:
        return False
    try:
        found = vars(importlib.import_module(module)).get(class_name)
    except ImportError:
        return False
    return (
        inspect.isclass(found)
        and _address(found) == (module, class_name)
        and issubclass(found, BaseEstimator)
        and found.__setstate__ is BaseEstimator.__setstate__
    )


def _address(item):
    return item.__module__, item.__qualname__
