"""The arguments of the command line."""

import argparse
import re

import numpy as np

from .. import __version__
from ..report._base_estimators import BASE_ESTIMATORS
from ..report._choice import certified_classifiers
from ..report._split import TEST_SIZE
from ..threat import THREAT_MODELS, check_poison_sizes

__all__ = ["CLASSIFIER_PARAMETERS", "DEFAULT_PICTURE", "FILE_OPTIONS", "make_parser"]

DEFAULT_PICTURE = "sklearn-certify-report.png"

# Arguments that are parameters of classifiers alone, under the same names.
CLASSIFIER_PARAMETERS = (
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
FILE_OPTIONS = (
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

_PROGRAM_EPILOG = """\
examples:
  sklearn-certify report
      certify every classifier on handwritten digits: a table, how to read it, and a plot
  sklearn-certify report flowers.csv --target species
      the same for a table of your own
  sklearn-certify plan flowers.csv --target species --poison-size 10
      which classifier to take, with which settings, to bear 10 poisoned rows
  sklearn-certify report --help
      all options
"""

_PLAN_EPILOG = """\
examples:
  sklearn-certify plan flowers.csv --target species --poison-size 10
      the best of all classifiers, and the line of Python that makes it
  sklearn-certify plan flowers.csv --poison-size 10 --trusted checked.csv --budget 60
      chosen by rows that nobody else can touch, within a minute
  sklearn-certify report flowers.csv --plan-for 10
      the report on the settings that the plan chooses

How files are read, what classifiers and base estimators there are: sklearn-certify report --help
"""

_REPORT_EPILOG = f"""\
classifiers (--estimator):
  all, or {{classifiers}}; class names work too

base estimators (--base):
  {", ".join(BASE_ESTIMATORS)},
  or the dotted path of any scikit-learn classifier, with literal keyword arguments

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
  sklearn-certify report --base "sklearn.tree.DecisionTreeClassifier(max_depth=3)"
      any classifier as the base estimator
  sklearn-certify report flowers.csv --output page.html
      a page for people who look: curves, radii, the least robust rows, how to get it again
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


class _Parser(argparse.ArgumentParser):
    def error(self, message):
        self.exit(2, f"{self.prog}: {message}\nTry {self.prog} --help\n")


def _poison_sizes(text):
    try:
        sizes = check_poison_sizes([int(size) for size in text.split(",")])
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} must be whole numbers from 0 up, with commas between them: 0,1,5,10"
        ) from None
    return np.union1d(sizes, 0).tolist()


def _size(text):
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} must be a whole number from 0 up")
    return int(text)


def _positive(text):
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} must be a whole number from 1 up")
    return int(text)


def _length(text):
    try:
        length = float(text)
    except ValueError:
        length = 0
    if not 0 < length < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} must be a number above 0")
    return length


def _share(text):
    try:
        share = float(text)
    except ValueError:
        share = 0
    if not 0 < share < 1:
        raise argparse.ArgumentTypeError(f"{text!r} must be a number between 0 and 1")
    return share


def _seed(text):
    if not text.isdecimal() or int(text) >= 2**32:
        raise argparse.ArgumentTypeError(f"{text!r} must be a whole number from 0 to 2**32 - 1")
    return int(text)


def _jobs(text):
    try:
        jobs = int(text)
    except ValueError:
        jobs = 0
    if jobs == 0:
        raise argparse.ArgumentTypeError(f"{text!r} must be a whole number, -1 for all cores")
    return jobs


def _kinds(text):
    kinds = re.findall(r"(.+?)=(number|text)(?:,|$)", text)
    if ",".join(map("=".join, kinds)) != text:
        raise argparse.ArgumentTypeError(
            f"{text!r} must be columns and their kinds: name=number,name=text"
        )
    return kinds


def _delimiter(text):
    delimiter = {"tab": "\t", "\\t": "\t", "space": " "}.get(text, text)
    if len(delimiter) != 1 or delimiter in '"\r\n':
        raise argparse.ArgumentTypeError(f"{text!r} must be one character, tab or space")
    return delimiter


def _names(text):
    return [name.strip() for name in text.split(",")]


def make_parser():
    """Return the parser of the program ``sklearn-certify``."""
    layout = {"formatter_class": argparse.RawDescriptionHelpFormatter}
    parser = _Parser(
        prog="sklearn-certify",
        description="Prove how many poisoned training examples each prediction survives.",
        epilog=_PROGRAM_EPILOG,
        **layout,
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = parser.add_subparsers(metavar="command", dest="command", required=True)
    report = commands.add_parser(
        "report",
        help="certify a data set: table, explanation and plot",
        description="Fit certified classifiers on a part of a data set, certify their predictions\n"
        "on the rest, and print certified accuracy by poison size.",
        epilog=_REPORT_EPILOG.format(classifiers=", ".join(certified_classifiers())),
        **layout,
    )
    _add_data_options(report.add_argument_group("data"))
    classifiers = report.add_argument_group("classifiers")
    _add_classifier_options(classifiers)
    _add_size_options(classifiers)
    classifiers.add_argument(
        "--plan-for",
        metavar="SIZE",
        type=_size,
        help="choose all of this for so much poison, as the command plan does, and report on that",
    )
    _add_output_options(report.add_argument_group("output"))
    _add_plan(commands, layout)
    return parser


def _add_plan(commands, layout):
    plan = commands.add_parser(
        "plan",
        help="choose a classifier and its settings for a poison size",
        description="Compare settings of certified classifiers on a part of a data set, and\n"
        "measure the best on the rest: which defence to take to bear so much poison.",
        epilog=_PLAN_EPILOG,
        **layout,
    )
    _add_data_options(plan.add_argument_group("data"))
    plan.add_argument(
        "--poison-size",
        metavar="SIZE",
        type=_size,
        required=True,
        help="how many poisoned rows, or contributors, predictions are to bear",
    )
    plan.add_argument(
        "--trusted",
        metavar="FILE",
        help="table of the same columns that nobody else can touch, to choose settings by; "
        "certificates cover the choice then",
    )
    plan.add_argument(
        "--budget",
        metavar="SECONDS",
        type=_length,
        help="try no further setting after so long (default: all are tried)",
    )
    classifiers = plan.add_argument_group("classifiers; what is set here is not sought")
    _add_classifier_options(classifiers)
    _add_size_options(classifiers)
    plan.add_argument("--debug", action="store_true", help="show where an error came from")


def _add_data_options(group):
    group.add_argument(
        "file",
        metavar="FILE",
        nargs="?",
        help="table to read, names of the columns first, see below (default: scikit-learn's "
        "digits)",
    )
    group.add_argument(
        "--target", metavar="COLUMN", help="column with the labels (default: the last one)"
    )
    group.add_argument(
        "--groups",
        metavar="COLUMN",
        help="column with the contributors of the rows; one unit of poison is then a contributor, "
        "with all rows",
    )
    group.add_argument(
        "--drop",
        metavar="COLUMN",
        action="append",
        default=[],
        help="column that is no feature; may be repeated",
    )
    group.add_argument(
        "--columns",
        metavar="COLUMN=KIND[,...]",
        action="extend",
        type=_kinds,
        default=[],
        help="kinds of columns, number or text, which rows decide otherwise; all=KIND is for those "
        "not named; may be repeated",
    )
    group.add_argument(
        "--missing",
        metavar="TEXT",
        action="append",
        default=[],
        help="text that stands for a missing cell, besides the empty one; may be repeated",
    )
    group.add_argument(
        "--decimal",
        choices=(".", ","),
        metavar="MARK",
        help=". or , for cells such as 1,234 that can be read in two ways (default: as most rows "
        "have it)",
    )
    group.add_argument(
        "--thousands",
        metavar="MARK",
        choices=(",", ".", " ", "'", ""),
        help="what separates thousands: , . ' a space, or nothing (default: any of them)",
    )
    group.add_argument(
        "--delimiter",
        metavar="MARK",
        type=_delimiter,
        help="what separates cells: a character, tab or space (default: what the names suggest)",
    )
    group.add_argument(
        "--encoding", metavar="NAME", help="encoding of a file of text (default: UTF-8)"
    )
    group.add_argument(
        "--header",
        action=argparse.BooleanOptionalAction,
        help="the first line names the columns, even if it looks like a row; or it does not, and "
        "they are called column 1, column 2, ...",
    )
    group.add_argument(
        "--test-size",
        metavar="SHARE",
        type=_share,
        default=TEST_SIZE,
        help="share of the rows to certify instead of learning from them (default: %(default)s)",
    )


def _add_classifier_options(group):
    group.add_argument(
        "--estimator",
        metavar="NAME[,NAME]",
        action="extend",
        type=_names,
        help="certified classifiers, see below; may be repeated (default: all)",
    )
    group.add_argument(
        "--base",
        metavar="NAME",
        help="what every voter is, see below (default: logistic)",
    )
    group.add_argument(
        "--aggregation",
        choices=("plurality", "runoff"),
        help="how votes elect a label (default: the classifier's)",
    )
    group.add_argument(
        "--on-voter-error",
        choices=("raise", "abstain"),
        help="what to do if a voter cannot learn from its rows (default: the classifier's)",
    )
    group.add_argument(
        "--threat-model",
        choices=THREAT_MODELS,
        default="insert_delete",
        help="what one unit of poison may do: %(choices)s (default: %(default)s)",
        metavar="NAME",
    )
    group.add_argument(
        "--random-state",
        metavar="SEED",
        type=_seed,
        default=0,
        help="seed of the split and of the classifiers (default: %(default)s)",
    )
    group.add_argument(
        "--n-jobs",
        metavar="N",
        type=_jobs,
        help="voters to fit at the same time, -1 for all cores; worth it where one voter takes "
        "long (default: 1; neighbours are compared on all cores)",
    )


def _add_size_options(group):
    group.add_argument(
        "--n-partitions",
        metavar="N",
        type=_positive,
        help="parts that the training rows are split into (default: 50 for digits, for a file a "
        "round number that leaves each part enough rows)",
    )
    group.add_argument(
        "--spreading-degree",
        metavar="N",
        type=_positive,
        help="voters that use each part in finite-aggregation (default: the classifier's)",
    )
    group.add_argument(
        "--n-estimators",
        metavar="N",
        type=_positive,
        help="voters of bagging (default: 500)",
    )
    group.add_argument(
        "--max-samples",
        metavar="N",
        type=_positive,
        help="rows that each voter of bagging draws (default: as many as a part has)",
    )
    group.add_argument(
        "--n-neighbors",
        metavar="N",
        type=_positive,
        help="neighbours that vote in knn (default: a quarter of the rows of a class)",
    )
    group.add_argument(
        "--radius",
        metavar="DISTANCE",
        type=_length,
        help="how far the neighbours of rnn are (default: far enough for about as many)",
    )


def _add_output_options(group):
    group.add_argument(
        "--poison-sizes",
        metavar="SIZES",
        type=_poison_sizes,
        help="rows of the table besides 0, such as 1,5,10 (default: up to where every curve is 0)",
    )
    group.add_argument(
        "--output",
        metavar="PATH",
        action="append",
        help="file to write: .html for a page with everything, .png for the plot, .csv or .json "
        "for the numbers; may be repeated "
        f"(default: {DEFAULT_PICTURE}, where matplotlib is installed)",
    )
    group.add_argument(
        "--rows",
        metavar="PATH",
        help="file to write what each classifier says of each row that it certifies, .csv: number "
        "of the row (0 is the first that has a label), label, prediction, radius, votes",
    )
    group.add_argument("--debug", action="store_true", help="show where an error came from")
