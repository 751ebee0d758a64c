"""The command ``report``: certify a data set, and tell what was found."""

from dataclasses import replace
from functools import partial
from pathlib import Path

from ..exceptions import InvalidInputError, MissingExtraError
from ..plotting._common import check_matplotlib
from ..report._base_estimators import BASE_ESTIMATORS, BASE_REGRESSORS
from ..report._choice import certified_classifiers
from ..report._files import check_output, numbers_as_csv, numbers_as_json, write_output
from ..report._making import make_report
from ..report._rows import write_rows
from ..report._settings import check_settings
from ..report._split import hold_out
from ..report._temporal import with_temporal
from ..report._text import findings
from ._argument_groups import (
    LAYOUT,
    add_attack_target,
    add_classifier_options,
    add_form_options,
    add_period_options,
    add_size_options,
    add_table_options,
    add_telling_options,
    add_test_size,
)
from ._argument_types import as_poison_sizes, as_size, as_tolerance
from ._asked import command_of_plan, label_among, option_of, origin_of, read_rows, settings_of
from ._exit_codes import DONE, FAILED
from ._plan_command import plan_for
from ._regression_report import REGRESSION_FORMS, Forms, made_of_regressors
from ._saving import add_saving_options, check_saving, save_classifier
from ._telling import Telling

__all__ = ["add_report"]

_PICTURE = "sklearn-certify-report.png"
_DIGITS_PARTITIONS = 50
_FORMS = Forms(findings, numbers_as_json, numbers_as_csv, write_output, write_rows)

_EPILOG = f"""\
classifiers (--estimator):
  all, or {{classifiers}}; class names work too

base estimators (--base):
  {", ".join(BASE_ESTIMATORS)},
  with --tolerance {", ".join(BASE_REGRESSORS)},
  or the dotted path of any classifier or regressor, with literal keyword arguments

examples:
  sklearn-certify report
      handwritten digits that come with scikit-learn
  sklearn-certify report flowers.csv --target species --n-partitions 20
      a CSV file; --n-partitions is how many parts the training rows are split into
  sklearn-certify report survey.csv --target 3 --drop id --groups interviewer --missing "?"
      labels in the third column, contributors as units of poison, "?" for missing cells
  sklearn-certify report messwerte.csv --encoding cp1252 --columns "all=number,Ort=text"
      a file of Windows; what its columns are is said beforehand, so that no row decides it
  sklearn-certify report flowers.parquet --estimator dpa --poison-sizes 0,1,5,10
      one classifier, chosen poison sizes
  sklearn-certify report flowers.csv --base tree --threat-model label_flip
      another base estimator, an attacker who flips labels
  sklearn-certify report mails.csv --target kind --attack-target harmless
      and how often attackers can get the label that they want, at most
  sklearn-certify report mails.csv --target kind --joint
      and what one attacker with one budget for all rows leaves right, at least
  sklearn-certify report log.csv --target kind --periods day --every week --columns all=number
      and what is proven if anything was done to the rows of some weeks
  sklearn-certify report --base "sklearn.tree.DecisionTreeClassifier(max_depth=3)"
      any classifier as the base estimator
  sklearn-certify report flowers.csv --output page.html
      a page for people who look: curves, radii, the least robust rows, how to get it again
  sklearn-certify report houses.csv --target price --tolerance 20000
      numbers to predict: the share of prices that provably stay within 20000 of the truth
  sklearn-certify report flowers.csv --estimator knn --save flowers.skops
      keep the classifier, to certify other rows: sklearn-certify certify --help
  sklearn-certify report flowers.csv --format json | jq .classifiers
      the numbers, for another program; - in place of a FILE reads lines of text from one
  sklearn-certify report --output curves.png --output numbers.csv --output numbers.json
      the plot and the numbers, to use elsewhere

files:
  .csv .tsv .tab .txt .dat .data  text: , ; | tabs or spaces between cells, after the first line
  .parquet .pq (pyarrow), .xlsx .xlsm (openpyxl), .jsonl .ndjson
  each also packed: .gz .bz2 .xz .zip
  Blank lines and lines with # before the names are skipped. COLUMN is a name or a number: 1 is the
  first column, -1 the last one; a name wins. Each cell is read on its own. A column is numeric if
  most of its cells are numbers (1,234.50 and 1.234,50 and 1e5 are; signs of percent and currencies
  are dropped); its other cells count as missing, as do NA, nan, null and the like. Labels are told
  apart as they are written. What rows decide by such a vote, poison may turn: no radius is above
  what that takes.

exit codes: 0 done, 1 a classifier failed, 2 bad usage or input, 130 interrupted
"""


def add_report(commands):
    """Add the command to the program's."""
    report = commands.add_parser(
        "report",
        usage="%(prog)s [options] [FILE]",
        help="certify a data set: table, explanation and plot",
        description="Fit certified classifiers on a part of a data set, certify their predictions\n"
        "on the rest, and print certified accuracy by poison size.",
        epilog=_EPILOG.format(classifiers=", ".join(certified_classifiers())),
        **LAYOUT,
    )
    report.set_defaults(run=_report)
    data = report.add_argument_group("data")
    add_table_options(data)
    add_form_options(data)
    add_period_options(data)
    add_test_size(data)
    data.add_argument(
        "--tolerance",
        metavar="DISTANCE",
        type=as_tolerance,
        help="predict numbers, with regressors: the target is a quantity, and predictions are to "
        "be no farther from it (default FILE: scikit-learn's diabetes)",
    )
    classifiers = report.add_argument_group("classifiers")
    add_classifier_options(classifiers)
    add_size_options(classifiers)
    add_attack_target(classifiers)
    classifiers.add_argument(
        "--plan-for",
        metavar="SIZE",
        type=as_size,
        help="choose all of this for so much poison, as the command plan does, and report on that",
    )
    output = report.add_argument_group("output")
    output.add_argument(
        "--poison-sizes",
        metavar="SIZES",
        type=as_poison_sizes,
        help="rows of the table besides 0, such as 1,5,10 (default: up to where every curve is 0)",
    )
    output.add_argument(
        "--joint",
        action="store_true",
        default=None,
        help="tell certified accuracy under one attack on all rows together, too, which takes "
        "longer (a page always does)",
    )
    output.add_argument(
        "--output",
        metavar="PATH",
        action="append",
        help="file to write: .html for a page with everything, .png for the plot, .csv or .json "
        "for the numbers; may be repeated "
        f"(default: {_PICTURE}, where matplotlib is installed and --format is text)",
    )
    output.add_argument(
        "--rows",
        metavar="PATH",
        help="file to write what each classifier says of each row that it certifies, .csv: number "
        "of the row (0 is the first that has a label), label, prediction, radius, votes, and what "
        "--attack-target and --periods ask for; with --tolerance target, prediction, radius, and "
        "an interval for each poison size",
    )
    add_saving_options(output)
    add_telling_options(output, ("text", "json", "csv"))


def _report(arguments):
    """Certify a data set and tell what was found."""
    outputs, missing = _check_outputs(arguments)
    _check_rows(arguments.rows)
    check_saving(arguments)
    regression = arguments.tolerance is not None
    forms = REGRESSION_FORMS if regression else _FORMS
    telling = Telling(arguments, heads=True)
    made = made_of_regressors if regression else _made
    report, scheme, recommended = made(arguments, telling)
    if not report.results:
        return FAILED
    if arguments.format == "json":
        telling.print(forms.as_json(report))
    elif arguments.format == "csv":
        telling.print(forms.as_csv(report))
    else:
        telling.blocks(forms.findings(report))
    for path in outputs:
        forms.write_output(path, report)
        telling.remark(f"Written: {path}")
    if arguments.rows:
        forms.write_rows(arguments.rows, report)
        telling.remark(f"Written: {arguments.rows}")
    if arguments.save:
        save_classifier(arguments, report, scheme, recommended, telling)
    if missing:
        telling.remark(missing)
    return FAILED if report.failures else DONE


def _made(arguments, telling):
    """Return the report, how its rows were read, and which classifier a plan recommends."""
    if arguments.every is not None and arguments.periods is None:
        raise InvalidInputError("--every sets nothing without --periods.")
    if arguments.plan_for is not None:
        for option in ("periods", "window", "attack_target"):
            if getattr(arguments, option) is not None:
                raise InvalidInputError(f"{option_of(option)} cannot be used with --plan-for.")
        plan, scheme = plan_for(arguments, arguments.plan_for, telling)
        report = plan.report
        report.poison_sizes = arguments.poison_sizes or report.poison_sizes
        report.joint = bool(arguments.joint)
        telling.remark(report.notes[-1] + "\n")
        return report, scheme, plan.best_name()
    chosen, given, about = settings_of(arguments)
    given["estimator"] = arguments.base
    check_settings(with_temporal(chosen, arguments.periods), given, option_of)
    dataset, scheme = read_rows(arguments, arguments.file)
    if arguments.file is None and given["n_partitions"] is None:
        given["n_partitions"] = _DIGITS_PARTITIONS
    report = make_report(
        chosen,
        dataset,
        hold_out(dataset, arguments.test_size, arguments.random_state),
        given | about,
        option=option_of,
        observer=telling,
        poison_sizes=arguments.poison_sizes,
        origin=replace(origin_of(arguments), plan=partial(command_of_plan, arguments)),
        window=arguments.window,
        attack_target=label_among(arguments.attack_target, dataset.y),
        joint=bool(arguments.joint),
    )
    return report, scheme, None


def _check_outputs(arguments):
    """Return the files to write and, if the picture must be left out, what to say about that."""
    if arguments.output or arguments.format != "text":
        for path in arguments.output or ():
            check_output(path, "--output")
        return arguments.output or [], None
    try:
        check_matplotlib()
    except MissingExtraError as error:
        return [], f"No plot was drawn. {error}"
    check_output(_PICTURE, "--output")
    return [_PICTURE], None


def _check_rows(path):
    """Find out before any work whether the file of the rows can be written."""
    if path is None:
        return
    if Path(path).suffix.lower() != ".csv":
        raise InvalidInputError(f"--rows {path} must end in .csv.")
    check_output(path, "--rows")
