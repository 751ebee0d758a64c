"""The report from a notebook."""

from functools import partial
from numbers import Integral, Real

import numpy as np
from sklearn.utils.multiclass import type_of_target

from ..exceptions import InvalidInputError
from ..threat import check_poison_sizes
from ._calls import call_of_plan, call_of_report
from ._choice import choose, common_threat_model
from ._dataset import make_dataset
from ._making import make_report
from ._material import Origin
from ._observer import Observer
from ._progress import Progress
from ._regression import regression_report
from ._regression._split import split_targets
from ._regression._target_dataset import make_target_dataset
from ._settings import check_settings
from ._split import split_rows
from ._temporal import with_temporal

__all__ = ["certification_report", "check_numbers"]


def certification_report(
    estimators,
    X,
    y,
    *,
    groups=None,
    X_test=None,
    y_test=None,
    test_size=None,
    base_estimator=None,
    threat_model=None,
    poison_sizes=None,
    random_state=0,
    n_jobs=None,
    source="data",
    target=None,
    tolerance=None,
    periods=None,
    every=None,
    window=None,
    attack_target=None,
    joint=False,
    verbose=0,
    **parameters,
):
    """Certify test rows with several classifiers, and tell how much poison they bear.

    The same as ``sklearn-certify report`` prints, from a notebook: classifiers are fitted on a
    part of the rows and certify their predictions on the rest. One that fails does not take the
    others with it.

    Parameters
    ----------
    estimators : None, str, estimator, list or dict
        What to compare: names such as ``"dpa"``, ``"finite-aggregation"`` or ``"CertifiedKNN"``
        (None or ``"all"`` for every classifier of the package), certified classifiers, and
        pipelines and searches that end in one; lists of these and of (name, estimator), or a
        dict of estimators by name. A classifier that goes by its name gets parameters that suit
        the rows; an estimator is cloned and taken as it is.
    X : array-like, sparse matrix or table of shape (n_rows, ...)
        Rows, of whatever kind the classifiers take. Those that cannot take them are left out if
        they go by name, which the report says.
    y : array-like of shape (n_rows,)
        Labels.
    groups : array-like of shape (n_rows,), default=None
        The contributor of each row. Poison then counts contributors, and all rows of one are
        either learned from or held out.
    X_test, y_test : array-like of shape (n_test, ...) and (n_test,), default=None
        Rows to certify, if they are not to be held out from X.
    test_size : float, default=None
        The share of the rows that is held out, a quarter if None.
    base_estimator : str or estimator, default=None
        What every voter is, for classifiers that go by name: a name, or a class with its
        arguments in a string, as on the command line, or an estimator. A name gets before it what
        tables need, for every voter to fit on its own rows: imputing, scaling and one-hot
        encoding, as the types of the columns say. An estimator is taken as it is. None stands for
        ``"logistic"``.
    threat_model : {"insert_delete", "insert", "delete", "modify", "label_flip"}, default=None
        What one unit of poison may do. None: what the estimators say, else "insert_delete".
    poison_sizes : array-like of int, default=None
        The sizes of the table, besides 0; by default a dozen, up to where every curve is 0.
    random_state : int, default=0
        Seed of the hold-out, and of the classifiers that go by name.
    n_jobs : int, default=None
        Number of voters fitted at the same time, for classifiers that go by name. None is one, but
        those that compare rows, which have no voters to fit, do so on all cores then, unless there
        is a transformer.
    source, target : str, default="data" and None
        What the report calls the rows and the column of the labels.
    tolerance : float, default=None
        Makes it a report on regressors, for y of numbers: how far a prediction may be from the
        truth, in units of y. Names are then those of regressors, ``"dpa"``,
        ``"finite-aggregation"`` and ``"knn"``, and `base_estimator` is one. Choose it by the task,
        before you look at results.
    periods : array-like of shape (n_rows,), default=None
        When each row of X was collected, by the collector's clock: whole numbers, periods of
        pandas, or dates if `every` is given. The report then has a table of what
        `TemporalAggregationClassifier` proves against any amount of poison within some periods.
    every : {"hour", "day", "week", "month", "quarter", "year"} or timedelta, default=None
        How long the periods of dates are, as for `sklearn_certify.partition.periods_from_dates`.
    window : int, default=None
        Number of periods that each of its voters learns from; None: as many as have enough rows.
        Its `first_period` and `last_period` may be given as well.
    attack_target : label, default=None
        A label that attackers may want rows to be taken for. The report then has a table of the
        most that such attacks achieve: upper bounds on the attack success rate.
    joint : bool, default=False
        Whether every form of the report tells certified accuracy under one attack on all test rows
        together, too, where such a certificate is known; pages always do. It takes longer.
    verbose : int, default=0
        If not 0, each classifier is told of on standard error as it is done.
    **parameters : dict
        Parameters of classifiers that go by name, such as ``n_partitions=20``; each goes to those
        that have it.

    Returns
    -------
    CertificationReport or, with a tolerance, RegressionReport
        Its ``results`` have radii and fitted estimators; ``to_frame()`` and ``save(path)`` give
        the numbers.

    Raises
    ------
    InvalidInputError
        If an argument is of no use to any of the estimators, or makes no sense; if no estimator
        can deal with the rows, or there are too few of them.
    Exception
        Whatever the first estimator raised, if all have failed.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn_certify.report import certification_report
    >>> X, y = load_digits(return_X_y=True)
    >>> report = certification_report(
    ...     ["dpa", "knn"], X, y, source="digits", base_estimator="ridge", n_partitions=20
    ... )
    >>> print(report)
    Rows            digits: 1797 rows, 64 features, 10 classes
    Split           1347 to learn from, 450 to certify (random_state=0)
    Base estimator  StackedRidgeClassifier()
    Threat model    insert_delete (rows inserted or deleted)
    <BLANKLINE>
    Certified accuracy in % of the 450 test rows
    <BLANKLINE>
                poison size   dpa   knn
    ...
    >>> report.results["knn"].median_radius()
    16
    >>> report.to_frame().shape
    (14, 8)
    """
    if "estimator" in parameters:
        raise InvalidInputError("What every voter is goes into base_estimator=, not estimator=.")
    check_numbers(test_size, random_state)
    told = {
        "groups": groups,
        "X_test": X_test,
        "y_test": y_test,
        "test_size": test_size,
        "base_estimator": base_estimator,
        "threat_model": threat_model,
        "poison_sizes": poison_sizes,
        "random_state": random_state,
        "n_jobs": n_jobs,
        "source": source,
        "target": target,
        "tolerance": tolerance,
        "periods": periods,
        "every": every,
        "window": window,
        "attack_target": attack_target,
        "joint": joint or None,
        **parameters,
    }
    given = {"estimator": base_estimator, "n_jobs": n_jobs, **parameters}
    regression = tolerance is not None
    if regression:
        _check_tolerance(tolerance, told)
    chosen = choose(estimators, regression=regression)
    origin = Origin(call_of_report(estimators, told), plan=call_of_plan(chosen, told))
    with_time = with_temporal(chosen, periods)
    check_settings(with_time, given, _called, regression=regression)
    threat_model = common_threat_model(chosen, threat_model)
    poison_sizes = _with_zero(poison_sizes)
    if regression:
        dataset = make_target_dataset(X, y, groups, source, target)
        split = split_targets(dataset, X_test, y_test, test_size, random_state)
        make = partial(regression_report, tolerance=float(tolerance))
    else:
        _refuse_quantities(y)
        dataset = make_dataset(X, y, groups, source, target, periods, every)
        split = split_rows(dataset, X_test, y_test, test_size, random_state)
        make = partial(make_report, window=window, attack_target=attack_target, joint=joint)
    report = make(
        chosen,
        dataset,
        split,
        {**given, "threat_model": threat_model, "random_state": int(random_state)},
        option=_called,
        observer=Progress() if verbose else Observer(),
        poison_sizes=poison_sizes,
        origin=origin,
    )
    if not report.results:
        raise next(iter(report.failures.values()))
    return report


def _with_zero(poison_sizes):
    if poison_sizes is None:
        return None
    return np.union1d(check_poison_sizes(poison_sizes), 0).tolist()


def _called(parameter):
    return "base_estimator=" if parameter == "estimator" else f"{parameter}="


def _check_tolerance(tolerance, told):
    if not (isinstance(tolerance, Real) and 0 <= tolerance < float("inf")):
        raise InvalidInputError(
            f"tolerance must be a finite number from 0 up, in units of y, got {tolerance!r}."
        )
    for name in ("periods", "every", "window", "attack_target", "joint"):
        if told[name] is not None:
            raise InvalidInputError(
                f"{name}= is about classifiers, and tolerance= makes a report on regressors."
            )


def _refuse_quantities(y):
    """Point to reports on regressors where y holds fractions."""
    try:
        fractions = type_of_target(y) == "continuous"
    except (TypeError, ValueError):  # whatever else is wrong is told where labels are checked
        return
    if fractions:
        raise InvalidInputError(
            "y holds fractions, so it is a quantity and no class; tolerance=, how far a prediction "
            "may be from the truth, makes a report on regressors."
        )


def check_numbers(test_size, random_state):
    if test_size is not None and not (isinstance(test_size, Real) and 0 < test_size < 1):
        raise InvalidInputError(f"test_size must be a share between 0 and 1, got {test_size!r}.")
    if not (isinstance(random_state, Integral) and 0 <= random_state < 2**32):
        raise InvalidInputError(
            f"random_state must be a whole number from 0 to 2**32 - 1, got {random_state!r}: a "
            "report is the same every time."
        )
