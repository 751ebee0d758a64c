"""What a command was asked for: settings of classifiers, rows, and how to get it all again."""

import shlex

import numpy as np

from ..exceptions import InvalidInputError
from ..report._choice import choose
from ..report._making import ABOUT_THE_REPORT
from ..report._material import Origin
from ..report._split import TEST_SIZE
from ._data import TableOptions, bundled_diabetes, bundled_digits, read_dataset_and_scheme
from .tables import as_text

__all__ = ["command_of_plan", "label_among", "option_of", "origin_of", "read_rows", "settings_of"]

# Arguments that are parameters of classifiers alone, under the same names.
_CLASSIFIER_PARAMETERS = (
    "n_partitions",
    "spreading_degree",
    "aggregation",
    "n_estimators",
    "max_samples",
    "n_neighbors",
    "radius",
    "on_voter_error",
    "n_jobs",
)

# Arguments that say how a file is read: the fields of `TableOptions`.
_FILE_OPTIONS = (
    "target",
    "groups",
    "drop",
    "columns",
    "missing",
    "decimal",
    "thousands",
    "encoding",
    "delimiter",
    "header",
)

# Arguments of the command plan that say what is compared on which rows, but for those of files,
# with what holds if nothing is said.
_OF_PLANS = {
    "estimator": None,
    "base": None,
    "aggregation": None,
    "on_voter_error": None,
    "threat_model": "insert_delete",
    "random_state": 0,
    "test_size": TEST_SIZE,
    "n_jobs": None,
}


def settings_of(arguments, *, regression=False):
    """Return classifiers, what was asked for of them, and what all is about, by parameter."""
    given = {name: getattr(arguments, name) for name in _CLASSIFIER_PARAMETERS}
    # whether a classifier has them or not
    about = {name: getattr(arguments, name) for name in ABOUT_THE_REPORT}
    return choose(arguments.estimator, regression=regression), given, about


def option_of(parameter):
    """Return the option that sets a parameter of classifiers."""
    return "--base" if parameter == "estimator" else f"--{parameter.replace('_', '-')}"


def read_rows(arguments, file, *, has_targets=False):
    """Return the rows of a file and how they were read, or bundled ones if it is None."""
    given = {name: getattr(arguments, name) for name in _FILE_OPTIONS}
    for name in ("periods", "every"):  # of the command report alone
        given[name] = getattr(arguments, name, None)
    if file is not None:
        options = TableOptions(**given, has_targets=has_targets)
        return read_dataset_and_scheme(file, options, arguments.threat_model)
    for name, value in given.items():
        if value not in (None, []):
            option = f"--{name}" if value is not False else f"--no-{name}"
            raise InvalidInputError(f"{option} is about FILE, but no FILE was given.")
    return bundled_diabetes() if has_targets else bundled_digits(), None


def label_among(text, labels):
    """Return the label that is written so.

    Parameters
    ----------
    text : str or None
        What was typed.
    labels : ndarray of shape (n_labels,)
        Labels that there are.

    Returns
    -------
    label or None

    Raises
    ------
    InvalidInputError
        If no label is written so.
    """
    if text is None:
        return None
    known = {as_text(label): label for label in np.unique(labels).tolist()}
    if text not in known:
        some = ", ".join(map(repr, list(known)[:10]))
        raise InvalidInputError(
            f"--attack-target {text} is no label; there are {some}"
            f"{', ...' if len(known) > 10 else ''}."
        )
    return known[text]


def origin_of(arguments):
    """Return how to get the same report again."""
    argv = list(map(str, arguments.given))
    return Origin(
        f"from sklearn_certify.cli import main\n\nmain({argv!r})",
        shlex.join(["sklearn-certify", *argv]),
    )


def command_of_plan(arguments, poison_size):
    """Return the command that compares settings for a poison size on the rows of a report.

    Parameters
    ----------
    arguments : Namespace
        What the command ``report`` was asked for.
    poison_size : int
        The size.

    Returns
    -------
    str
    """
    told = {name: getattr(arguments, name) for name in (*_FILE_OPTIONS, *_OF_PLANS)}
    told["drop"] = told["drop"] + ([] if arguments.periods is None else [arguments.periods])
    told["columns"] = ["=".join(pair) for pair in told["columns"]]
    told["poison_size"] = poison_size
    words = ["sklearn-certify", "plan", *([] if arguments.file is None else [arguments.file])]
    for name, value in told.items():
        if isinstance(value, bool):
            words.append(f"--{'' if value else 'no-'}{name}")
        elif value != _OF_PLANS.get(name):
            for item in value if isinstance(value, list) else [value]:
                option, text = f"--{name.replace('_', '-')}", str(item)
                # what begins like an option of its own must not be taken for one
                words += [f"{option}={text}"] if text.startswith("-") else [option, text]
    return shlex.join(words)
