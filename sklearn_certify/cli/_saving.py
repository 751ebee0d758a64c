"""The classifier that ``report --save`` keeps, with how the rows were read."""

import os
from pathlib import Path

import numpy as np

from ..exceptions import InvalidInputError
from ..persistence._model_file import check_format, check_model_path, write_model
from ..persistence._skops_format import strangers_in
from ..report._choice import choose
from ..report._files import check_folder
from ..report._temporal import TEMPORAL

__all__ = ["add_saving_options", "check_saving", "save_classifier"]


def add_saving_options(group):
    """Add where a classifier is saved, and which."""
    group.add_argument(
        "--save",
        metavar="MODEL",
        help="file to keep a classifier in, as it was fitted to the rows to learn from, for the "
        "commands certify and audit: .skops, which is read without running code, or .pkl for a "
        "pickle",
    )
    group.add_argument(
        "--save-estimator",
        metavar="NAME",
        help="the classifier to keep (default: what --plan-for recommends, else the one with most "
        "area under its curve of certified accuracy, which is a choice by looking at test rows)",
    )


def check_saving(arguments):
    """Raise before any work if a classifier cannot be saved as was asked for."""
    if arguments.save is None:
        if arguments.save_estimator is not None:
            raise InvalidInputError("--save-estimator sets nothing without --save.")
        return
    check_model_path(arguments.save, "--save")
    check_folder(arguments.save, "--save")
    if not os.access(Path(arguments.save).parent, os.W_OK):  # the file is replaced, not written to
        raise InvalidInputError(f"--save {arguments.save}: its folder cannot be written to.")
    check_format(arguments.save)
    if arguments.save_estimator is None:
        return
    if arguments.save_estimator == TEMPORAL:
        if arguments.periods is None:
            raise InvalidInputError(f"--save-estimator {TEMPORAL} needs --periods.")
        return
    regression = arguments.tolerance is not None
    [name, *others] = choose(arguments.save_estimator, regression=regression)
    if others or name not in choose(arguments.estimator, regression=regression):
        raise InvalidInputError(
            f"--save-estimator {arguments.save_estimator} must be one classifier of those that the "
            "report is on."
        )


def save_classifier(arguments, report, scheme, recommended, telling):
    """Save one of the classifiers of a report, and say which.

    Parameters
    ----------
    arguments : Namespace
        What was asked for.
    report : CertificationReport
        What was found.
    scheme : Scheme or None
        How the rows were read.
    recommended : str or None
        The classifier that a plan recommends.
    telling : Telling
        Is told which it is.

    Raises
    ------
    InvalidInputError
        If the classifier failed, or cannot be saved.
    """
    name, why = arguments.save_estimator, ""
    results = report.results
    if name == TEMPORAL:
        results = {} if report.temporal is None else {TEMPORAL: report.temporal}
    elif name is not None:
        [name] = choose(name, regression=arguments.tolerance is not None)
    elif recommended is not None:
        name = recommended
    else:
        name = max(report.results, key=lambda name: _area(report.results[name]))
        if len(report.results) > 1:
            why = ", which has most area under its curve; --save-estimator keeps another"
    if name not in results:
        raise InvalidInputError(f"{name} cannot be saved: it has failed, or was left out.")
    notes = {
        "source": report.facts["source"],
        "classifier": name,
        "table": None if scheme is None else scheme.as_json(),
    }
    write_model(arguments.save, results[name].estimator, notes)
    telling.remark(f"Saved: {arguments.save} ({name}{why})")
    if strangers := strangers_in(arguments.save):
        telling.remark(f"To be read it takes: --trust {','.join(strangers)}")


def _area(result):
    """Return how many pairs of a row and a poison size are certified correct."""
    return int((np.maximum(result.radii[result.right], -1) + 1).sum())
