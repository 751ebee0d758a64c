"""What the program does from start to end, and the exit codes it ends with."""

import os
import shlex
import sys
import traceback
from pathlib import Path

from ..exceptions import InvalidInputError, MissingExtraError
from ..plotting._common import check_matplotlib
from ..report._choice import choose
from ..report._files import check_output, write_output
from ..report._making import ABOUT_THE_REPORT, make_report
from ..report._material import Origin
from ..report._planning import blocks_of_plan, make_plan
from ..report._progress import Progress
from ..report._rows import write_rows
from ..report._settings import check_settings
from ..report._split import hold_out
from ..report._text import findings
from ..report._words import failure
from ._arguments import CLASSIFIER_PARAMETERS, DEFAULT_PICTURE, FILE_OPTIONS, make_parser
from ._data import TableOptions, bundled_digits, read_dataset

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
        arguments.given = sys.argv[1:] if argv is None else argv
        code = _run(arguments)
        sys.stdout.flush()
        return code
    except (InvalidInputError, MissingExtraError) as error:
        _say(str(error))
        return _BAD_INPUT
    except KeyboardInterrupt:
        _say("interrupted")
        return _INTERRUPTED
    except BrokenPipeError:  # as in sklearn-certify report | head
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for what is still to come
        _say("interrupted: the output was closed")
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
    _check_rows(arguments.rows)
    if arguments.plan_for is not None:
        arguments.poison_size, arguments.trusted, arguments.budget = arguments.plan_for, None, None
        report = _make_plan(arguments, _Teller(arguments.debug)).report
        report.poison_sizes = arguments.poison_sizes or report.poison_sizes
        print(report.notes[-1], end="\n\n")
    else:
        report = _make_report(arguments)
    if not report.results:
        return _FAILED
    for block in findings(report):
        print(block, end="\n\n")
    for path in outputs:
        write_output(path, report)
        print(f"Written: {path}")
    if arguments.rows:
        write_rows(arguments.rows, report)
        print(f"Written: {arguments.rows}")
    if missing:
        print(missing)
    return _FAILED if report.failures else _DONE


def _make_report(arguments):
    chosen, given, about = _settings(arguments)
    given["estimator"] = arguments.base
    check_settings(chosen, given, _option)
    dataset = _read(arguments, arguments.file)
    if arguments.file is None and given["n_partitions"] is None:
        given["n_partitions"] = _DIGITS_PARTITIONS
    return make_report(
        chosen,
        dataset,
        hold_out(dataset, arguments.test_size, arguments.random_state),
        given | about,
        option=_option,
        observer=_Teller(arguments.debug),
        poison_sizes=arguments.poison_sizes,
        origin=_origin(arguments.given),
    )


def _plan(arguments):
    """Choose a classifier and tell what was found."""
    plan = _make_plan(arguments, _ProgressAndFailures(arguments.debug))
    for block in blocks_of_plan(plan):
        print(block, end="\n\n")
    return _FAILED if plan.recommended is None else _DONE


def _make_plan(arguments, observer):
    chosen, given, about = _settings(arguments)
    dataset = _read(arguments, arguments.file)
    return make_plan(
        chosen,
        dataset,
        hold_out(dataset, arguments.test_size, arguments.random_state),
        given | about,
        poison_size=arguments.poison_size,
        bases=arguments.base,
        trusted=None if arguments.trusted is None else _read(arguments, arguments.trusted),
        budget=arguments.budget,
        option=_option,
        observer=observer,
        origin=_origin(arguments.given),
    )


def _settings(arguments):
    """Return classifiers, what was asked for of them, and what all is about, by parameter."""
    given = {name: getattr(arguments, name) for name in CLASSIFIER_PARAMETERS}
    # whether a classifier has them or not
    about = {name: getattr(arguments, name) for name in ABOUT_THE_REPORT}
    return choose(arguments.estimator), given, about


def _run(arguments):
    return _plan(arguments) if arguments.command == "plan" else _report(arguments)


def _origin(given):
    """Return how to get the same report again."""
    argv = list(map(str, given))
    return Origin(
        f"from sklearn_certify.cli import main\n\nmain({argv!r})",
        shlex.join(["sklearn-certify", *argv]),
    )


class _ProgressAndFailures(Progress):
    """Tells how the work gets on, and of estimators that fail."""

    def __init__(self, debug):
        self._debug = debug

    def fail(self, estimator, error):
        if self._debug:
            traceback.print_exception(error)
        _say(f"{type(estimator).__name__}: {failure(error)}")


class _Teller(_ProgressAndFailures):
    """Tells beforehand what the report is about, too."""

    def begin(self, heading):
        print(heading, end="\n\n", flush=True)


def _option(parameter):
    """Return the option that sets a parameter of classifiers."""
    return "--base" if parameter == "estimator" else f"--{parameter.replace('_', '-')}"


def _check_outputs(paths):
    """Return the files to write and, if the picture must be left out, what to say about that."""
    if paths:
        for path in paths:
            check_output(path, "--output")
        return paths, None
    try:
        check_matplotlib()
    except MissingExtraError as error:
        return [], f"No plot was drawn. {error}"
    check_output(DEFAULT_PICTURE, "--output")
    return [DEFAULT_PICTURE], None


def _check_rows(path):
    """Find out before any work whether the file of the rows can be written."""
    if path is None:
        return
    if Path(path).suffix.lower() != ".csv":
        raise InvalidInputError(f"--rows {path} must end in .csv.")
    check_output(path, "--rows")


def _read(arguments, file):
    given = {name: getattr(arguments, name) for name in FILE_OPTIONS}
    if file is not None:
        return read_dataset(file, TableOptions(**given), arguments.threat_model)
    for name, value in given.items():
        if value not in (None, []):
            option = f"--{name}" if value is not False else f"--no-{name}"
            raise InvalidInputError(f"{option} is about FILE, but no FILE was given.")
    return bundled_digits()
