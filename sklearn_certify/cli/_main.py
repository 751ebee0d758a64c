"""What the program does from start to end, and the exit codes it ends with."""

import math
import sys
import traceback

from .. import __version__
from ..exceptions import InvalidInputError, MissingExtraError
from ..plotting._common import check_matplotlib
from ..report import _settings as classifiers
from ..report._files import check_output, write_output
from ..report._results import FitError, choose_poison_sizes, fit_and_certify
from ..report._split import hold_out
from ..report._words import heading, how_to_read, on_limits, table
from ..threat import find_threat_model
from . import _base_estimators
from ._arguments import CLASSIFIER_PARAMETERS, DEFAULT_PICTURE, FILE_OPTIONS, make_parser
from ._data import TableOptions, bundled_digits, read_dataset
from ._progress import Step

__all__ = ["main"]

_DONE, _FAILED, _BAD_INPUT, _INTERRUPTED = 0, 1, 2, 130
_DIGITS_PARTITIONS = 50


def main(argv=None):
    """Run the program ``sklearn-certify``.

    Parameters
    ----------
    argv : list of str, default=None
        Arguments without the program's name; those of the process if None.

    Returns
    -------
    int
        Exit code: 0 = done, 1 = a classifier failed, 2 = bad usage or input, 130 = interrupted.

    Examples
    --------
    >>> from sklearn_certify.cli import main
    >>> main(["--version"])
    sklearn-certify ...
    0
    """
    if hasattr(sys.stdout, "reconfigure"):  # names in a file may be foreign to the terminal
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        arguments = make_parser().parse_args(argv)
    except SystemExit as stop:  # after --help, --version or a mistake, which argparse has told
        return stop.code or _DONE
    try:
        return _report(arguments)
    except (InvalidInputError, MissingExtraError) as error:
        _say(str(error))
        return _BAD_INPUT
    except KeyboardInterrupt:
        _say("interrupted")
        return _INTERRUPTED
    except Exception as error:
        if arguments.debug:
            traceback.print_exc()
        _say(f"unexpected {type(error).__name__}: {error}")
        return _FAILED


def _say(message):
    print(f"sklearn-certify: {message}", file=sys.stderr)


def _report(arguments):
    """Certify a data set and tell what was found."""
    outputs, missing = _check_outputs(arguments.output)
    chosen = classifiers.choose(arguments.estimator or ["all"])
    base = _base_estimators.parse_base_estimator(arguments.base)
    dataset = _read(arguments)
    chosen = _leave_out_unfit(chosen, dataset)
    split = hold_out(dataset, arguments.test_size, arguments.random_state)
    facts = _facts(arguments, dataset, split, _base_estimators.describe(base, dataset))
    settings = _settings(arguments, chosen, dataset, split)
    settings["estimator"] = _base_estimators.for_dataset(base, dataset)
    print(heading(dataset, facts), end="\n\n", flush=True)

    results, failed = _fit_all(chosen, settings, split, dataset.radius_limit, arguments.debug)
    if not results:
        return _FAILED
    sizes = arguments.poison_sizes or choose_poison_sizes(results)
    grouped = dataset.groups is not None
    print(table(results, sizes, grouped), end="\n\n")
    if limited := on_limits(results, dataset.limits):
        print(limited, end="\n\n")
    print(how_to_read(results, sizes, arguments.threat_model, grouped), end="\n\n")
    for path in outputs:
        write_output(path, facts, results, sizes)
        print(f"Written: {path}")
    if missing:
        print(missing)
    return _FAILED if failed else _DONE


def _check_outputs(paths):
    """Return the files to write and, if the picture must be left out, what to say about that."""
    if paths:
        for path in paths:
            check_output(path)
        return paths, None
    try:
        check_matplotlib()
    except MissingExtraError as error:
        return [], f"No plot was drawn. {error}"
    check_output(DEFAULT_PICTURE)
    return [DEFAULT_PICTURE], None


def _read(arguments):
    given = {name: getattr(arguments, name) for name in FILE_OPTIONS}
    if arguments.file is not None:
        return read_dataset(arguments.file, TableOptions(**given), arguments.threat_model)
    for name, value in given.items():
        if value not in (None, []):
            option = f"--{name}" if value is not False else f"--no-{name}"
            raise InvalidInputError(f"{option} is about FILE, but no FILE was given.")
    return bundled_digits()


def _leave_out_unfit(chosen, dataset):
    fit, unfit = classifiers.leave_out_unfit(chosen, dataset)
    if not fit:
        raise InvalidInputError(" ".join(next(iter(unfit.items()))))
    dataset.notes += [f"{name} is left out: it {reason}" for name, reason in unfit.items()]
    return fit


def _settings(arguments, chosen, dataset, split):
    """Return the parameters of all classifiers by name: those asked for, else what suits."""
    n_partitions = _n_partitions(arguments, dataset, split)
    settings = classifiers.default_settings(split.y_train, n_partitions, split.n_units)
    if "rnn" in chosen and arguments.radius is None:
        settings["radius"] = classifiers.default_radius(split.X_train, settings["n_neighbors"])
        dataset.notes.append(
            "The radius of rnn follows from distances between training rows; --radius sets another."
        )
    given = {name: getattr(arguments, name) for name in CLASSIFIER_PARAMETERS}
    settings |= {name: value for name, value in given.items() if value is not None}
    return settings | {"n_partitions": n_partitions}


def _n_partitions(arguments, dataset, split):
    if arguments.n_partitions is not None:
        return arguments.n_partitions
    if not dataset.is_table:
        return _DIGITS_PARTITIONS
    n_units = None if dataset.groups is None else split.n_units
    n_partitions = classifiers.default_n_partitions(split.y_train, n_units)
    what = "rows" if dataset.groups is None else "rows and contributors"
    dataset.notes.append(
        f"n_partitions={n_partitions} suits this number of {what}; --n-partitions sets another."
    )
    return n_partitions


def _facts(arguments, dataset, split, base_estimator):
    grouped = dataset.groups is not None
    return {
        "source": dataset.source,
        "target": dataset.target,
        "groups": dataset.group_column,
        "n_features": dataset.X.shape[1],
        "n_classes": len(set(dataset.y.tolist())),
        "n_train": len(split.y_train),
        "n_test": len(split.y_test),
        "base_estimator": base_estimator,
        "threat_model": arguments.threat_model,
        "poison_unit": find_threat_model(arguments.threat_model).words(grouped=grouped).many,
        "radius_limit": None if dataset.radius_limit == math.inf else dataset.radius_limit,
        "random_state": arguments.random_state,
        "version": __version__,
    }


def _fit_all(chosen, settings, split, radius_limit, debug):
    """Fit and certify one classifier after the other; those that fail are told and left out."""
    results, failed = [], False
    for number, (name, classifier_class) in enumerate(chosen.items(), start=1):
        try:
            with Step(f"[{number}/{len(chosen)}] {name}") as step:
                classifier = classifiers.make(classifier_class, settings)
                results.append(fit_and_certify(name, classifier, split, step, radius_limit))
        except FitError as error:
            failed = True
            if debug:
                traceback.print_exc()
            _say(str(error))
    return results, failed
