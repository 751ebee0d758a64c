"""Choose a certified classifier and its settings for a poison size."""

from numbers import Integral, Real
from time import perf_counter

import numpy as np

from ...exceptions import InvalidInputError
from ...threat import check_poison_sizes
from .._base_estimators import parse_base_estimator
from .._certification_report import check_numbers
from .._choice import choose, common_threat_model, leave_out_unfit
from .._dataset import make_dataset
from .._making import ABOUT_THE_REPORT, make_report
from .._observer import Observer
from .._progress import Progress
from .._results import ladder_of_sizes
from .._settings import check_settings
from .._split import split_rows
from ._candidates import BASES, followers, leaders
from ._chosen_by import rows_to_choose_by
from ._plan import DefencePlan
from ._trials import Trials

__all__ = ["make_plan", "plan"]

_N_REPEATS = 5
_N_AGAIN = 5  # slow settings that others may follow
_QUICK_IS_WORTH = 0.01  # of certified accuracy


def plan(
    X,
    y,
    *,
    poison_size,
    estimators=None,
    groups=None,
    X_trusted=None,
    y_trusted=None,
    X_test=None,
    y_test=None,
    test_size=None,
    base_estimator=None,
    threat_model=None,
    budget=None,
    random_state=0,
    n_jobs=None,
    source="data",
    target=None,
    verbose=0,
    **parameters,
):
    """Choose a certified classifier, and its settings, that bear poison of a given size.

    A part of the rows is held out first. On the others, settings of every classifier are compared
    by the certified accuracy that they reach in cross-validation; the best of each classifier is
    fitted to all of them, and its certified accuracy measured on the rows held out.

    Cross-validation leaves fewer rows to learn from than there will be. As many partitions as in
    the end would then have too few rows each, so that a setting with many of them looks worse than
    it is. Hence there are fewer partitions, or neighbours, in proportion: voters are as good as
    they will be, and radii are as many times smaller. Where voters are fitted one by one, some of
    them stand for all, as in `lethal_dose_curve`, and settings that are far behind are dropped.

    Parameters
    ----------
    X : array-like, sparse matrix or table of shape (n_rows, ...)
        Rows.
    y : array-like of shape (n_rows,)
        Labels.
    poison_size : int
        How many units of poison predictions are to bear.
    estimators : str or sequence of str, default=None
        Short names of classifiers, such as "dpa" and "knn". None stands for all.
    groups : array-like of shape (n_rows,), default=None
        The contributor of each row, if contributors are the units of poison.
    X_trusted, y_trusted : array-like of shape (n_trusted, ...) and (n_trusted,), default=None
        Rows out of an attacker's reach to choose settings by, instead of the training rows; about
        as many. Those among the test rows, too, have no part in the choice.
    X_test, y_test : array-like of shape (n_test, ...) and (n_test,), default=None
        Rows to measure with, if they are not to be held out from X.
    test_size : float, default=None
        The share of the rows that is held out, a quarter if None.
    base_estimator : str, estimator or list of them, default=None
        What voters may be, as in `certification_report`; a few quick ones if None.
    threat_model : {"insert_delete", "insert", "delete", "modify", "label_flip"}, default=None
        What one unit of poison may do, "insert_delete" if None.
    budget : float, default=None
        Seconds after which nothing further is tried, or fitted to all rows. None: all settings
        are tried, the best several times.
    random_state : int, default=0
        Seed of all that is random.
    n_jobs : int, default=None
        Number of voters fitted at the same time, as in joblib.
    source, target : str, default="data" and None
        What the rows and the column of the labels are called.
    verbose : int, default=0
        If not 0, progress is told on standard error.
    **parameters : dict
        Parameters of classifiers that are settled, such as ``metric="euclidean"``.

    Returns
    -------
    DefencePlan
        The recommendation, its frontier, and a report on the rows held out.

    Raises
    ------
    InvalidInputError
        If an argument makes no sense, or there are too few rows.

    Notes
    -----
    Settings that were chosen by rows that an attacker may have touched are themselves something
    that the attacker may sway: certificates hold for the settings chosen, and say nothing about
    what other settings other rows would have led to. With `X_trusted` they cover the choice, if the
    number of training rows, which decides how many partitions there may be, is known beforehand.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn_certify.report import plan
    >>> X, y = load_digits(return_X_y=True)
    >>> found = plan(X, y, poison_size=20, estimators="knn", source="digits")
    >>> found.recommended
    CertifiedKNN(n_jobs=-1, n_neighbors=100)
    >>> found.report.results["knn"].accuracies([20]).round(1)
    array([0.8])
    """
    if "estimator" in parameters:
        raise InvalidInputError("What every voter may be goes into base_estimator=.")
    check_numbers(test_size, random_state)
    chosen = choose(estimators)
    threat_model = common_threat_model(chosen, threat_model)
    dataset = make_dataset(X, y, groups, source, target)
    split = split_rows(dataset, X_test, y_test, test_size, random_state)
    trusted = None
    if (X_trusted is None) != (y_trusted is None):
        raise InvalidInputError("Trusted rows need both X_trusted and y_trusted.")
    if X_trusted is not None:
        trusted = make_dataset(X_trusted, y_trusted, None, "trusted rows", target)
    return make_plan(
        chosen,
        dataset,
        split,
        {"threat_model": threat_model, "random_state": int(random_state), "n_jobs": n_jobs}
        | parameters,
        poison_size=poison_size,
        bases=base_estimator,
        trusted=trusted,
        budget=budget,
        option=lambda parameter: f"{parameter}=",
        observer=Progress() if verbose else Observer(),
    )


def make_plan(
    chosen,
    dataset,
    split,
    given,
    *,
    poison_size,
    bases,
    trusted,
    budget,
    option,
    observer,
    origin=None,
):
    """Compare settings on the training rows, or trusted ones, and report on the test rows.

    Parameters
    ----------
    chosen : dict of str to class
        Certified classifiers by name.
    dataset : Dataset
        The rows.
    split : Split
        Which of them are learned from.
    given : dict
        Parameters that are settled, by name, None = not set.
    poison_size : int
        The size that matters.
    bases : str, estimator, list of them, or None
        What voters may be.
    trusted : Dataset or None
        Rows to choose by.
    budget : float or None
        Seconds.
    option : callable
        Returns what the user calls a parameter.
    observer : Observer
        Is told how it gets on.
    origin : Origin, default=None
        How to get the same again.

    Returns
    -------
    DefencePlan

    Raises
    ------
    InvalidInputError
        If an argument makes no sense, or nothing can be tried.
    """
    start = perf_counter()
    size = _check_size(poison_size)
    deadline = start + _check_budget(budget)
    _check_names(chosen)
    settled = {name: v for name, v in given.items() if name not in ABOUT_THE_REPORT}
    check_settings(
        chosen, settled | {"estimator": bases if isinstance(bases, str) else None}, option
    )
    bases = _check_bases(bases)
    chosen, unfit = leave_out_unfit(chosen, dataset, given.get("transformer"))
    by, notes = rows_to_choose_by(dataset, split, trusted)
    trials = Trials(
        by,
        split.n_units,
        dataset.radius_limit,
        given["threat_model"],
        size,
        deadline,
        observer,
    )
    with observer.step("Settings"):
        sizes = _compare(trials, chosen, by, split, given, bases)
    names = _in_time(trials, chosen, deadline)
    late = [name for name in chosen if trials.ranked(name) and name not in names]
    unfit |= dict.fromkeys(late, "takes more time than there is.")
    report = make_report(
        {name: trials.ranked(name)[0].candidate.estimator for name in names},
        dataset,
        split,
        {name: given[name] for name in ("threat_model", "random_state")},
        option=option,
        observer=observer,
        poison_sizes=sizes,
        origin=origin,
    )
    report.notes += notes
    report.notes.append(
        f"Settings were chosen for poison size {size} by "
        f"{'the training' if trusted is None else 'trusted'} rows; the test rows had no part in it."
    )
    return DefencePlan(
        poison_size=size,
        trials=trials,
        report=report,
        poison_sizes=sizes,
        chosen_by=by,
        trusted=trusted is not None,
        left_out=unfit,
        seconds=perf_counter() - start,
    )


def _compare(trials, chosen, by, split, given, bases):
    """Try all settings, and those again that may be the best; return the sizes of the frontier."""
    first = given["random_state"]
    trials.run(leaders(chosen, by, split, trials.size, given, bases), 0, first)
    trials.run(_again(trials), 1, first + _N_REPEATS)
    trials.run(followers(chosen, by, split, given, _found(trials)), 0, first)
    if not trials.trials:
        raise next(iter(trials.failures.values()))
    sizes = _sizes(trials, trials.size)
    for repeat in range(1, _N_REPEATS):
        trials.run(trials.worth_another(sizes, repeat), repeat, first + repeat)
    return sizes


def _again(trials):
    """Return candidates of DPA that others are to follow, if few of their voters were fitted."""
    best = [trial for trial in trials.ranked("dpa") if not trial.is_quick]
    return [trial.candidate for trial in best[:_N_AGAIN]]


def _found(trials):
    """Return candidates of DPA, the best first; of nearly equals those that are quick."""
    return [
        trial.candidate
        for trial in sorted(
            trials.ranked("dpa"), key=lambda t: -trials.at(t) - _QUICK_IS_WORTH * t.is_quick
        )
    ]


def _in_time(trials, chosen, deadline):
    """Return the classifiers whose best can be fitted in time, or else the one that is quickest."""
    best = [trial for trial in trials.ranked() if trials.ranked(trial.candidate.name)[0] is trial]
    left, names = deadline - perf_counter(), set()
    for trial in best:
        if trial.seconds <= left:
            left -= trial.seconds
            names.add(trial.candidate.name)
    if not names:
        able = [trial for trial in best if trials.at(trial) > 0] or best
        names = {min(able, key=lambda trial: trial.seconds).candidate.name}
    return [name for name in chosen if name in names]


def _sizes(trials, size):
    """Return the sizes of the frontier."""
    ladder = ladder_of_sizes(max([size, *(trial.largest() for trial in trials.trials)]))
    return sorted({*ladder, size})


def _check_size(poison_size):
    if not isinstance(poison_size, Integral):
        raise InvalidInputError(
            f"poison_size must be one whole number from 0 up, got {poison_size!r}."
        )
    return int(check_poison_sizes([poison_size])[0])


def _check_budget(budget):
    if budget is None:
        return np.inf
    if not isinstance(budget, Real) or not budget > 0:
        raise InvalidInputError(f"budget must be a number of seconds above 0, got {budget!r}.")
    return float(budget)


def _check_names(chosen):
    for name, item in chosen.items():
        if not isinstance(item, type):
            raise InvalidInputError(
                f"A plan sets the parameters of classifiers that go by name, but {name!r} is an "
                "estimator; name its class, and pass parameters that are settled."
            )


def _check_bases(bases):
    if bases is None:
        return BASES
    bases = list(bases) if isinstance(bases, (list, tuple)) else [bases]
    for base in bases:
        if isinstance(base, str):
            parse_base_estimator(base)
    return bases
