"""The certified classifiers that a report compares."""

import importlib
import inspect
import re

import numpy as np
from sklearn.metrics import pairwise_distances

from ..base import CertifiedClassifierMixin
from ..exceptions import InvalidInputError

__all__ = [
    "certified_classifiers",
    "choose",
    "default_n_partitions",
    "default_radius",
    "default_settings",
    "describe",
    "leave_out_unfit",
    "make",
]

_ALIASES = {"fa": "finite-aggregation"}
_MIN_ROWS_PER_VOTER = 20
_MIN_ROWS_PER_CLASS = 3  # of a voter, on average
_MIN_CONTRIBUTORS_PER_VOTER = 3  # on average, so that hardly a voter has none
_PARTITION_COUNTS = (5, 10, 20, 50, 100)
_N_ESTIMATORS = 500  # of bagging: quick, and enough to see what it certifies
_NEIGHBORS_PER_CLASS = 0.25  # of the rows of a class, on average
_ROWS_COMPARED = 1000  # to find out what a small distance is
_UNTOLD = {"estimator", "n_estimators", "threat_model", "random_state", "n_jobs", "verbose"}


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
    """Leave out the classifiers that cannot deal with the rows.

    Those that compare rows themselves take numbers only; those with a base estimator leave text
    and missing cells to it. Where contributors are the units of poison, a classifier has to take
    them.

    Parameters
    ----------
    chosen : dict of str to class
        Classifiers by short name.
    dataset : Dataset
        The rows.

    Returns
    -------
    fit : dict of str to class
    unfit : dict of str to str
        Why the others are left out.
    """
    unfit = {}
    for name, item in chosen.items():
        if dataset.groups is not None and "groups" not in inspect.signature(item.fit).parameters:
            unfit[name] = "counts poisoned rows, not contributors."
        elif not dataset.only_numbers and "estimator" not in inspect.signature(item).parameters:
            unfit[name] = (
                "compares rows by distance, which takes numbers only, without missing cells."
            )
    return {name: item for name, item in chosen.items() if name not in unfit}, unfit


def default_n_partitions(y, n_units=None):
    """Return a round number of partitions that leaves every voter enough rows.

    Parameters
    ----------
    y : ndarray of shape (n_rows,)
        Labels of the training rows.
    n_units : int, default=None
        Number of contributors, if partitions are made of them.

    Returns
    -------
    int
    """
    rows_per_voter = max(_MIN_ROWS_PER_VOTER, _MIN_ROWS_PER_CLASS * len(np.unique(y)))
    most = len(y) // rows_per_voter
    if n_units is not None:
        most = min(most, n_units // _MIN_CONTRIBUTORS_PER_VOTER)
    enough = [count for count in _PARTITION_COUNTS if count <= most]
    return max(enough, default=_PARTITION_COUNTS[0])


def default_settings(y, n_partitions, n_units):
    """Return parameters that suit the training rows where a class's own defaults may not.

    Bagging gets voters with as many rows as those of the partition ensembles. A quarter of the
    rows of a class are neighbours.

    Parameters
    ----------
    y : ndarray of shape (n_rows,)
        Labels.
    n_partitions : int
        Number of partitions of the partition ensembles.
    n_units : int
        Number of rows, or of contributors where bagging draws them.

    Returns
    -------
    dict
        Values by parameter name.
    """
    return {
        "n_estimators": _N_ESTIMATORS,
        "max_samples": max(1, n_units // n_partitions),
        "n_neighbors": max(1, int(_NEIGHBORS_PER_CLASS * len(y) / len(np.unique(y)))),
    }


def default_radius(X, n_neighbors):
    """Return a round radius within which rows have about so many neighbours on average.

    Parameters
    ----------
    X : ndarray of shape (n_rows, n_features)
        Training rows.
    n_neighbors : int
        Number of neighbours.

    Returns
    -------
    float
    """
    some = np.linspace(0, len(X) - 1, min(_ROWS_COMPARED, len(X))).astype(int)
    distances = pairwise_distances(X[some], metric="manhattan")
    radius = float(f"{np.quantile(distances, n_neighbors / len(X)):.2g}")
    return radius if radius > 0 else 1.0


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
    takes = {
        name
        for name, parameter in inspect.signature(classifier_class).parameters.items()
        if not (isinstance(parameter.default, str) and parameter.default == "deprecated")
    }
    return classifier_class(
        **{name: v for name, v in settings.items() if name in takes and v is not None}
    )


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
