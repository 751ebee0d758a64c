"""The certified classifiers that a report compares."""

import importlib
import inspect
import re

import numpy as np

from ..base import CertifiedClassifierMixin
from ..exceptions import InvalidInputError

__all__ = [
    "certified_classifiers",
    "choose",
    "default_n_partitions",
    "describe",
    "leave_out_unfit",
    "make",
]

# Parameters that make a better report than a class's own defaults do, by class name.
_REPORT_PARAMETERS = {}

_ALIASES = {"fa": "finite-aggregation"}
_MIN_ROWS_PER_VOTER = 20
_MIN_ROWS_PER_CLASS = 3  # of a voter, on average
_PARTITION_COUNTS = (5, 10, 20, 50, 100)
_UNTOLD = {"estimator", "threat_model", "random_state", "n_jobs", "verbose"}


def certified_classifiers():
    """Return the public certified classifiers of the package by short name.

    Returns
    -------
    dict of str to class
        Such as ``{"dpa": DPAClassifier}``.
    """
    package = importlib.import_module(__name__.partition(".")[0])
    exported = [getattr(package, name) for name in package.__all__]
    return {
        _short_name(item): item
        for item in exported
        if inspect.isclass(item) and issubclass(item, CertifiedClassifierMixin)
    }


def _short_name(classifier_class):
    name = re.sub("Certified|Classifier", "", classifier_class.__name__)
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", name).lower()


def choose(names):
    """Return the classes that were asked for.

    Parameters
    ----------
    names : sequence of str
        Short names, class names, or "all".

    Returns
    -------
    dict of str to class
        By short name, in the package's order.

    Raises
    ------
    InvalidInputError
        If there is no such classifier.
    """
    known = certified_classifiers()
    by_any_name = {name: name for name in known}
    by_any_name |= {item.__name__.lower(): name for name, item in known.items()}
    by_any_name |= {alias: name for alias, name in _ALIASES.items() if name in known}
    chosen = set()
    for name in names:
        if name == "all":
            chosen.update(known)
        elif name.lower() in by_any_name:
            chosen.add(by_any_name[name.lower()])
        else:
            raise InvalidInputError(
                f"There is no certified classifier {name!r}; there are {', '.join(known)} and all."
            )
    return {name: item for name, item in known.items() if name in chosen}


def leave_out_unfit(chosen, dataset):
    """Leave out the classifiers that compare rows themselves if rows are not only numbers.

    Those with a base estimator leave text and missing cells to it.

    Parameters
    ----------
    chosen : dict of str to class
        Classifiers by short name.
    dataset : Dataset
        The rows.

    Returns
    -------
    fit, unfit : dict of str to class
    """
    fit = {
        name: item
        for name, item in chosen.items()
        if dataset.only_numbers or "estimator" in inspect.signature(item).parameters
    }
    return fit, {name: item for name, item in chosen.items() if name not in fit}


def default_n_partitions(y):
    """Return a round number of partitions that leaves every voter enough rows.

    Parameters
    ----------
    y : ndarray of shape (n_rows,)
        Labels of the training rows.

    Returns
    -------
    int
    """
    rows_per_voter = max(_MIN_ROWS_PER_VOTER, _MIN_ROWS_PER_CLASS * len(np.unique(y)))
    enough = [count for count in _PARTITION_COUNTS if count * rows_per_voter <= len(y)]
    return max(enough, default=_PARTITION_COUNTS[0])


def make(classifier_class, settings):
    """Make a classifier with those settings that it has a parameter for.

    Parameters
    ----------
    classifier_class : class
        A certified classifier.
    settings : dict
        Values by parameter name; None = the default.

    Returns
    -------
    classifier
    """
    parameters = {**_REPORT_PARAMETERS.get(classifier_class.__name__, {})}
    parameters |= {name: value for name, value in settings.items() if value is not None}
    takes = inspect.signature(classifier_class).parameters
    return classifier_class(**{name: v for name, v in parameters.items() if name in takes})


def describe(classifier):
    """Return the class and the parameters that matter, such as ``"DPAClassifier(...)"``."""
    defaults = type(classifier)().get_params(deep=False)
    told = [
        f"{name}={value!r}"
        for name, value in classifier.get_params(deep=False).items()
        if name not in _UNTOLD
        and (value != defaults[name] or (isinstance(value, (int, float)) and value is not False))
    ]
    return f"{type(classifier).__name__}({', '.join(told)})"
