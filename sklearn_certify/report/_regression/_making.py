"""Make a report on regressors: settings, fits, radii, intervals."""

import inspect
from functools import partial

from sklearn.base import clone

from .._choice import leave_out_unfit
from .._making import ABOUT_THE_REPORT, certify_each, facts_about
from .._material import Material
from .._results import choose_poison_sizes
from .._settings import check_settings, make
from .._text import heading
from .._words import about
from ._report import RegressionReport
from ._results import fit_and_certify_targets, with_intervals
from ._settings import base_regressor, complete_for_targets

__all__ = ["regression_report"]


def regression_report(
    chosen, dataset, split, given, tolerance, *, option, observer, poison_sizes=None, origin=None
):
    """Fit every regressor on the training rows and certify the test rows.

    Parameters
    ----------
    chosen : dict of str to class or estimator
        What the report is on: classes get the parameters given, estimators are taken as they are.
    dataset : TargetDataset
        The rows.
    split : Split
        Which of them are learned from.
    given : dict
        Parameters that the user has set, by name, None = not set. `threat_model` and
        `random_state` always are.
    tolerance : float
        How far a prediction may be from the truth, in units of the targets.
    option, observer, poison_sizes, origin
        As for `make_report`.

    Returns
    -------
    RegressionReport
        Without results if every estimator failed.

    Raises
    ------
    InvalidInputError
        If no estimator can deal with the rows, or none that can uses a setting.
    """
    chosen, unfit = leave_out_unfit(chosen, dataset, given.get("transformer"))
    if unfit:
        asked = {name: v for name, v in given.items() if name not in ABOUT_THE_REPORT}
        check_settings(chosen, asked, option, unfit, regression=True)
    used = {
        parameter
        for item in chosen.values()
        if inspect.isclass(item)
        for parameter in inspect.signature(item).parameters
    }
    settings, notes = complete_for_targets(given, split, used, option)
    settings["estimator"], base_in_words = base_regressor(settings.get("estimator"), dataset)
    left_out = [f"{name} is left out: it {reason}" for name, reason in unfit.items()]
    notes = [*dataset.notes, *left_out, *notes]
    facts = facts_about(dataset, split, settings, base_in_words if "estimator" in used else None)
    del facts["n_classes"]
    facts["tolerance"] = tolerance
    rows = dataset.describe(facts["n_train"] + facts["n_test"])
    entries = {
        **about(rows, facts, split),
        "Tolerance": f"{tolerance:.12g}, in units of the targets",
    }
    observer.begin(heading(entries, notes))

    estimators = {
        name: make(item, settings) if inspect.isclass(item) else clone(item)
        for name, item in chosen.items()
    }
    certify = partial(
        fit_and_certify_targets,
        dataset=dataset,
        split=split,
        tolerance=tolerance,
        threat_model=facts["threat_model"],
    )
    results, failures = certify_each(estimators, certify, observer)
    if poison_sizes is None:
        poison_sizes = choose_poison_sizes(results.values()) if results else [0]
    results = {
        name: with_intervals(result, poison_sizes, dataset.radius_limit)
        for name, result in results.items()
    }
    return RegressionReport(
        entries,
        facts,
        notes,
        results,
        failures,
        poison_sizes,
        dataset.limits or (),
        Material(dataset, split, estimators, origin),
    )
