"""Make a report: settings, fits, certificates, one estimator after the other."""

import inspect
import math
from functools import partial

from sklearn.base import clone

from .. import __version__
from ..threat import find_threat_model
from ._base_estimators import describe, for_dataset, parse_base_estimator
from ._choice import leave_out_unfit
from ._material import Material
from ._report import CertificationReport
from ._results import choose_poison_sizes, fit_and_certify
from ._settings import check_settings, complete, make
from ._text import heading
from ._words import about

__all__ = ["ABOUT_THE_REPORT", "certify_each", "facts_about", "make_report"]

ABOUT_THE_REPORT = ("threat_model", "random_state")  # whether a classifier has them or not


def make_report(chosen, dataset, split, given, *, option, observer, poison_sizes=None, origin=None):
    """Fit every estimator on the training rows and certify the test rows.

    Parameters
    ----------
    chosen : dict of str to class or estimator
        What the report is on: classes get the parameters given, estimators are taken as they are.
    dataset : Dataset
        The rows.
    split : Split
        Which of them are learned from.
    given : dict
        Parameters that the user has set, by name, None = not set. `threat_model` and
        `random_state` always are.
    option : callable
        Returns what the user calls a parameter.
    observer : Observer
        Is told how it gets on.
    poison_sizes : list of int, default=None
        The sizes of the table; None for a dozen.
    origin : Origin, default=None
        How to get the report again.

    Returns
    -------
    CertificationReport
        Without results if every estimator failed.

    Raises
    ------
    InvalidInputError
        If no estimator can deal with the rows, or none that can uses a setting.
    """
    chosen, unfit = leave_out_unfit(chosen, dataset, given.get("transformer"))
    if unfit:  # and with them, it may be, all that a setting is for
        asked = {name: v for name, v in given.items() if name not in ABOUT_THE_REPORT}
        check_settings(chosen, asked, option, unfit)
    settings, notes = complete(chosen, given, split, option)
    settings["estimator"], base_in_words = _base_estimator(settings.get("estimator"), dataset)
    uses_it = any(
        inspect.isclass(item) and "estimator" in inspect.signature(item).parameters
        for item in chosen.values()
    )
    left_out = [f"{name} is left out: it {reason}" for name, reason in unfit.items()]
    notes = [*dataset.notes, *left_out, *notes]
    facts = facts_about(dataset, split, settings, base_in_words if uses_it else None)
    rows = dataset.describe(facts["n_train"] + facts["n_test"])
    entries = about(rows, facts, split)
    observer.begin(heading(entries, notes))

    estimators = {
        name: make(item, settings) if inspect.isclass(item) else clone(item)
        for name, item in chosen.items()
    }
    certify = partial(
        fit_and_certify, dataset=dataset, split=split, threat_model=settings["threat_model"]
    )
    results, failures = certify_each(estimators, certify, observer)
    if poison_sizes is None:
        poison_sizes = choose_poison_sizes(results.values()) if results else [0]
    limits = dataset.limits or ()
    material = Material(dataset, split, estimators, origin)
    return CertificationReport(
        entries, facts, notes, results, failures, poison_sizes, limits, material
    )


def certify_each(estimators, certify, observer):
    """Fit and certify estimators in turn; one that fails does not take the others with it.

    Parameters
    ----------
    estimators : dict of str to estimator
        By name.
    certify : callable
        Called as ``certify(name, estimator, step=step)``; returns a result with `warnings`.
    observer : Observer
        Is told how it gets on.

    Returns
    -------
    results : dict of str to result
    failures : dict of str to Exception
    """
    results, failures = {}, {}
    for number, (name, estimator) in enumerate(estimators.items(), start=1):
        try:
            with observer.step(f"[{number}/{len(estimators)}] {name}") as step:
                result = certify(name, estimator, step=step)
                for text in result.warnings:
                    step.note(text)
            results[name] = result
        except Exception as error:
            failures[name] = error
            observer.fail(estimator, error)
    return results, failures


def _base_estimator(base, dataset):
    """Return what every voter is, and the same in words; an estimator is taken as it is."""
    if base is not None and not isinstance(base, str):
        return base, " ".join(repr(base).split())
    base = parse_base_estimator("logistic" if base is None else base)
    return for_dataset(base, dataset), describe(base, dataset)


def facts_about(dataset, split, settings, base_estimator):
    """Return what a report's files say of its rows and settings."""
    threat_model = find_threat_model(settings["threat_model"])
    grouped = dataset.groups is not None
    return {
        "source": dataset.source,
        "target": dataset.target,
        "groups": dataset.group_column,
        "n_features": dataset.n_features,
        "n_classes": len(set(dataset.y.tolist())),
        "n_train": len(split.y_train),
        "n_test": len(split.y_test),
        "base_estimator": base_estimator,
        "threat_model": threat_model.name,
        "poison_unit": threat_model.words(grouped=grouped).many,
        "radius_limit": None if dataset.radius_limit == math.inf else dataset.radius_limit,
        "random_state": settings["random_state"],
        "version": __version__,
    }
