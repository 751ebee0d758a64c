"""Parameters of the classifiers that go by name: those asked for, else what suits the rows."""

import difflib
import inspect
from numbers import Integral

import numpy as np
from sklearn.metrics import DistanceMetric

from .._compat import _num_samples
from .._steps import take
from .._steps._row_by_row import transform_each
from ..exceptions import InvalidInputError
from ._base_estimators import parse_base_estimator
from ._choice import certified_classifiers, certified_regressors
from ._dataset import as_numbers

__all__ = [
    "check_settings",
    "complete",
    "default_n_partitions",
    "default_radius",
    "default_window",
    "make",
]

_MIN_ROWS_PER_VOTER = 20
_MIN_ROWS_PER_CLASS = 3  # of a voter, on average
_MIN_CONTRIBUTORS_PER_VOTER = 3  # on average, so that hardly a voter has none
_PARTITION_COUNTS = (5, 10, 20, 50, 100)
_N_ESTIMATORS = 500  # of bagging: quick, and enough to see what it certifies
_NEIGHBORS_PER_CLASS = 0.25  # of the rows of a class, on average
_ROWS_COMPARED = 1000  # to find out what a small distance is
_SPACE = ("metric", "metric_params", "transformer")  # in which rows are near or far


def check_settings(chosen, given, option, left_out=None, *, regression=False):
    """Raise if a setting is of no use to any of the chosen classifiers.

    Parameters
    ----------
    chosen : dict of str to class or estimator
        What the report is on.
    given : dict
        Parameters that the user has set, by name; None = not set, if there is such a parameter.
    option : callable
        Returns what the user calls a parameter.
    left_out : dict of str to str, default=None
        Why other classifiers were left out, in words that follow their names.
    regression : bool, default=False
        Whether the report is on regressors.

    Raises
    ------
    InvalidInputError
        If nothing uses a setting, or there is no such base estimator, or it is none.
    """
    known = certified_regressors() if regression else certified_classifiers()
    for parameter, value in given.items():
        if not _users(parameter, known if value is None else chosen):
            raise InvalidInputError(_of_no_use(parameter, chosen, known, option, left_out or {}))
    base = given.get("estimator")
    if isinstance(base, str):
        parse_base_estimator(base, regression=regression)
    elif base is not None and (inspect.isclass(base) or not hasattr(base, "fit")):
        raise InvalidInputError(
            f"{option('estimator')} must be a name, such as 'tree', or an estimator, got {base!r}."
        )


def _users(parameter, chosen):
    """Return the names of the classes that have a parameter; estimators are taken as they are."""
    return [
        name
        for name, item in chosen.items()
        if inspect.isclass(item) and parameter in _parameters_of(item)
    ]


def _parameters_of(classifier_class):
    parameters = inspect.signature(classifier_class).parameters
    return [name for name, of in parameters.items() if not _goes(of.default)]


def _goes(default):
    return isinstance(default, str) and default == "deprecated"


def _of_no_use(parameter, chosen, known, option, left_out):
    users = _users(parameter, known)
    if not users:
        parameters = {name for item in known.values() for name in _parameters_of(item)}
        close = difflib.get_close_matches(parameter, parameters, n=1)
        kind = "regressor" if known == certified_regressors() else "classifier"
        mend = f"; did you mean {option(close[0])}?" if close else "."
        return f"No certified {kind} has a parameter {option(parameter)}{mend}"
    as_they_are = "" if all(map(inspect.isclass, chosen.values())) else ", taken as they are"
    reasons = [f" {name} is left out: it {left_out[name]}" for name in users if name in left_out]
    return (
        f"{option(parameter)} sets nothing: it is for {', '.join(users)}, and the report is on "
        f"{', '.join(chosen)}{as_they_are}.{''.join(reasons)}"
    )


def complete(chosen, given, split, option):
    """Add parameters that suit the training rows where a class's own defaults may not.

    Bagging gets voters with as many rows as those of the partition ensembles. A quarter of the
    rows of a class are neighbours.

    Parameters
    ----------
    chosen : dict of str to class or estimator
        What the report is on.
    given : dict
        Parameters that the user has set, by name; None = not set.
    split : Split
        The rows.
    option : callable
        Returns what the user calls a parameter.

    Returns
    -------
    settings : dict
        Values by parameter name.
    notes : list of str
        What was chosen by looking at the rows.
    """
    given = {name: value for name, value in given.items() if value is not None}
    settings, notes = dict(given), []
    if "n_partitions" not in given:
        grouped = split.groups_train is not None
        settings["n_partitions"] = default_n_partitions(
            split.y_train, split.n_units if grouped else None
        )
        if _users("n_partitions", chosen):
            notes.append(
                f"n_partitions={settings['n_partitions']} suits this number of "
                f"{'rows and contributors' if grouped else 'rows'}; {option('n_partitions')} sets "
                "another."
            )
    rows_per_class = len(split.y_train) / len(np.unique(split.y_train))
    settings.setdefault("n_estimators", _N_ESTIMATORS)
    if isinstance(settings["n_partitions"], Integral) and settings["n_partitions"] > 0:
        settings.setdefault("max_samples", max(1, split.n_units // settings["n_partitions"]))
    n_neighbors = max(1, int(_NEIGHBORS_PER_CLASS * rows_per_class))
    settings.setdefault("n_neighbors", n_neighbors)
    if isinstance(settings["n_neighbors"], Integral) and settings["n_neighbors"] > 0:
        n_neighbors = settings["n_neighbors"]
    users = _users("radius", chosen)
    if users and "radius" not in given:
        space = {name: given[name] for name in _SPACE if name in given}
        settings["radius"] = default_radius(split.X_train, n_neighbors, **space)
        notes.append(
            f"The radius of {', '.join(users)} follows from distances between training rows; "
            f"{option('radius')} sets another."
        )
    return settings, notes


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
    most = len(y) // _rows_per_voter(y)
    if n_units is not None:
        most = min(most, n_units // _MIN_CONTRIBUTORS_PER_VOTER)
    enough = [count for count in _PARTITION_COUNTS if count <= most]
    return max(enough, default=_PARTITION_COUNTS[0])


def default_window(y, periods):
    """Return a number of consecutive periods that have enough rows for a voter, on average.

    Parameters
    ----------
    y : ndarray of shape (n_rows,)
        Labels of the training rows.
    periods : ndarray of int64, of shape (n_rows,)
        Their periods.

    Returns
    -------
    int
    """
    n_periods = int(periods.max()) - int(periods.min()) + 1
    return min(-(-_rows_per_voter(y) * n_periods // len(y)), n_periods)


def _rows_per_voter(y):
    return max(_MIN_ROWS_PER_VOTER, _MIN_ROWS_PER_CLASS * len(np.unique(y)))


def default_radius(X, n_neighbors, *, metric="manhattan", metric_params=None, transformer=None):
    """Return a round radius within which rows have about so many neighbours on average.

    Parameters
    ----------
    X : ndarray or DataFrame of shape (n_rows, ...)
        Training rows.
    n_neighbors : int
        Number of neighbours.
    metric, metric_params : str, dict
        How rows are compared.
    transformer : transformer, default=None
        What each row goes through before that, alone.

    Returns
    -------
    float
    """
    n_rows = _num_samples(X)
    rows = take(X, np.linspace(0, n_rows - 1, min(_ROWS_COMPARED, n_rows)).astype(int))
    try:
        if transformer is not None:
            rows = transform_each(transformer, rows)
        metric = DistanceMetric.get_metric(metric, **(metric_params or {}))
        distances = metric.pairwise(as_numbers(rows))
    except Exception:  # the classifier will say what is wrong
        return 1.0
    radius = float(f"{np.quantile(distances, min(n_neighbors / n_rows, 1)):.2g}")
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
    takes = _parameters_of(classifier_class)
    used = {name: v for name, v in settings.items() if name in takes and v is not None}
    if "n_jobs" in takes and "estimator" not in takes and "transformer" not in used:
        # what has no voters to send anywhere compares rows in threads, which cost nothing to start;
        # a transformer would be sent to processes, which do
        used.setdefault("n_jobs", -1)
    return classifier_class(**used)
