"""Make a report: settings, fits, certificates, one estimator after the other."""

import inspect
import math
from functools import partial

from sklearn.base import clone

from .. import __version__
from .._rows import check_same_kind
from ..exceptions import InvalidInputError
from ..metrics._predictions import are_label
from ..threat import find_threat_model
from ._base_estimators import describe, for_dataset, parse_base_estimator
from ._choice import leave_out_unfit
from ._json import plain
from ._material import Material
from ._report import CertificationReport
from ._results import choose_poison_sizes, fit_and_certify
from ._settings import check_settings, complete, make
from ._temporal import TEMPORAL, fit_and_certify_in_time, make_temporal, with_temporal
from ._text import heading
from ._white_box import with_white_box
from ._words import about

__all__ = ["ABOUT_THE_REPORT", "certify_each", "facts_about", "make_report"]

ABOUT_THE_REPORT = ("threat_model", "random_state")  # whether a classifier has them or not


def make_report(
    chosen,
    dataset,
    split,
    given,
    *,
    option,
    observer,
    poison_sizes=None,
    origin=None,
    window=None,
    attack_target=None,
    joint=False,
):
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
    window : int, default=None
        Number of periods that each voter of temporal aggregation learns from, if rows have periods.
    attack_target : label, default=None
        What attackers may want the test rows to be taken for.
    joint : bool, default=False
        Whether one attack on all test rows together is told of, too.

    Returns
    -------
    CertificationReport
        Without results if every estimator failed.

    Raises
    ------
    InvalidInputError
        If no estimator can deal with the rows, or none that can uses a setting; if no attack can
        want the target.
    """
    _check_other_attackers(dataset, split, window, attack_target, option)
    chosen, unfit = leave_out_unfit(chosen, dataset, given.get("transformer"))
    if unfit:  # and with them, it may be, all that a setting is for
        asked = {name: v for name, v in given.items() if name not in ABOUT_THE_REPORT}
        check_settings(with_temporal(chosen, dataset.periods), asked, option, unfit)
    settings, notes = complete(chosen, given, split, option)
    settings["estimator"], base_in_words = _base_estimator(settings.get("estimator"), dataset)
    chosen, more_notes = with_white_box(chosen, settings, split)
    notes += more_notes
    temporal = None
    if dataset.periods is not None:
        temporal, more_notes = make_temporal(settings, split, window, option)
        notes += more_notes
    uses_it = temporal is not None or any(
        inspect.isclass(item) and "estimator" in inspect.signature(item).parameters
        for item in chosen.values()
    )
    left_out = [f"{name} is left out: it {reason}" for name, reason in unfit.items()]
    notes = [*dataset.notes, *left_out, *notes]
    facts = facts_about(dataset, split, settings, base_in_words if uses_it else None)
    if attack_target is not None:
        facts["attack_target"] = plain(attack_target)
    rows = dataset.describe(facts["n_train"] + facts["n_test"])
    entries = about(rows, facts, split)
    observer.begin(heading(entries, notes))

    estimators = {
        name: make(item, settings) if inspect.isclass(item) else clone(item)
        for name, item in chosen.items()
    }
    certify = partial(
        fit_and_certify,
        dataset=dataset,
        split=split,
        threat_model=settings["threat_model"],
        attack_target=attack_target,
    )
    n_steps = len(chosen) + (temporal is not None)
    results, failures = certify_each(estimators, certify, observer, n_steps)
    in_time = None
    if temporal is not None:
        try:
            with observer.step(f"[{n_steps}/{n_steps}] {TEMPORAL}") as step:
                in_time = fit_and_certify_in_time(temporal, dataset, split, step)
        except Exception as error:
            failures[TEMPORAL] = error
            observer.fail(temporal, error)
    if poison_sizes is None:
        poison_sizes = choose_poison_sizes(results.values()) if results else [0]
    limits = dataset.limits or ()
    material = Material(dataset, split, estimators, origin)
    return CertificationReport(
        entries,
        facts,
        notes,
        results,
        failures,
        poison_sizes,
        limits,
        material,
        temporal=in_time,
        attack_target=attack_target,
        joint=joint,
    )


def certify_each(estimators, certify, observer, n_steps=None):
    """Fit and certify estimators in turn; one that fails does not take the others with it.

    Parameters
    ----------
    estimators : dict of str to estimator
        By name.
    certify : callable
        Called as ``certify(name, estimator, step=step)``; returns a result with `warnings`.
    observer : Observer
        Is told how it gets on.
    n_steps : int, default=None
        How many estimators there are with those of which others take care; None: no others.

    Returns
    -------
    results : dict of str to result
    failures : dict of str to Exception
    """
    results, failures = {}, {}
    for number, (name, estimator) in enumerate(estimators.items(), start=1):
        try:
            with observer.step(f"[{number}/{n_steps or len(estimators)}] {name}") as step:
                result = certify(name, estimator, step=step)
                for text in result.warnings:
                    step.note(text)
            results[name] = result
        except Exception as error:
            failures[name] = error
            observer.fail(estimator, error)
    return results, failures


def _check_other_attackers(dataset, split, window, attack_target, option):
    if window is not None and dataset.periods is None:
        raise InvalidInputError(f"{option('window')} sets nothing without {option('periods')}.")
    if attack_target is None:
        return
    check_same_kind([attack_target], split.y_train, ("the label that attackers want", "y"))
    if are_label(split.y_test, attack_target).all():
        raise InvalidInputError(
            f"All test rows are {attack_target!r}, so there is nothing that attackers who want "
            "it could attack."
        )


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
    of_time = {} if dataset.periods is None else {"periods": dataset.period_column}
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
        **of_time,
    }
