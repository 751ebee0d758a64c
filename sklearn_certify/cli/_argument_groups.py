"""Options that several commands have in common, in groups."""

import argparse

from ..report._split import TEST_SIZE
from ..threat import THREAT_MODELS
from ._argument_types import (
    as_delimiter,
    as_jobs,
    as_kinds,
    as_length,
    as_names,
    as_positive,
    as_seed,
    as_share,
)
from ._periods import EVERY

__all__ = [
    "LAYOUT",
    "add_attack_target",
    "add_classifier_options",
    "add_form_options",
    "add_model",
    "add_period_options",
    "add_size_options",
    "add_table_options",
    "add_telling_options",
    "add_test_size",
]

LAYOUT = {"formatter_class": argparse.RawDescriptionHelpFormatter}


def add_table_options(group):
    """Add the table, and what its columns are."""
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
        type=as_kinds,
        default=[],
        help="kinds of columns, number or text, which rows decide otherwise; all=KIND is for those "
        "not named; may be repeated",
    )


def add_form_options(group, defaults=True):
    """Add how cells and lines of a file are written, with what holds where nothing is said."""

    def default(text):
        return f" (default: {text})" if defaults else ""

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
        help=". or , for cells such as 1,234 that can be read in two ways"
        + default("as most rows have it"),
    )
    group.add_argument(
        "--thousands",
        metavar="MARK",
        choices=(",", ".", " ", "'", ""),
        help="what separates thousands: , . ' a space, or nothing" + default("any of them"),
    )
    group.add_argument(
        "--delimiter",
        metavar="MARK",
        type=as_delimiter,
        help="what separates cells: a character, tab or space" + default("what the names suggest"),
    )
    group.add_argument(
        "--encoding", metavar="NAME", help="encoding of a file of text" + default("UTF-8")
    )
    group.add_argument(
        "--header",
        action=argparse.BooleanOptionalAction,
        help="the first line names the columns, even if it looks like a row; or it does not, and "
        "they are called column 1, column 2, ...",
    )


def add_period_options(group):
    """Add when rows came."""
    group.add_argument(
        "--periods",
        metavar="COLUMN",
        help="column that tells when each row came, by the collector's clock: whole numbers, or "
        "dates with --every; the report tells then what temporal aggregation proves, too",
    )
    group.add_argument(
        "--every", choices=EVERY, metavar="LENGTH", help="how long a period is: %(choices)s"
    )
    group.add_argument(
        "--window",
        metavar="N",
        type=as_positive,
        help="consecutive periods that each voter of temporal aggregation learns from (default: as "
        "many as have enough rows)",
    )


def add_attack_target(group):
    group.add_argument(
        "--attack-target",
        metavar="LABEL",
        help="label that attackers may want rows to be taken for; what they achieve at most, or "
        "how much poison they need at least, is told as well",
    )


def add_test_size(group):
    group.add_argument(
        "--test-size",
        metavar="SHARE",
        type=as_share,
        default=TEST_SIZE,
        help="share of the rows to certify instead of learning from them (default: %(default)s)",
    )


def add_classifier_options(group):
    """Add which classifiers there are, against whom, and what they share."""
    group.add_argument(
        "--estimator",
        metavar="NAME[,NAME]",
        action="extend",
        type=as_names,
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
        type=as_seed,
        default=0,
        help="seed of the split and of the classifiers (default: %(default)s)",
    )
    group.add_argument(
        "--n-jobs",
        metavar="N",
        type=as_jobs,
        help="voters to fit at the same time, -1 for all cores; worth it where one voter takes "
        "long (default: 1; neighbours are compared on all cores)",
    )


def add_size_options(group):
    """Add how large each classifier is."""
    group.add_argument(
        "--n-partitions",
        metavar="N",
        type=as_positive,
        help="parts that the training rows are split into (default: 50 for digits, for a file a "
        "round number that leaves each part enough rows)",
    )
    group.add_argument(
        "--spreading-degree",
        metavar="N",
        type=as_positive,
        help="voters that use each part in finite-aggregation (default: the classifier's)",
    )
    group.add_argument(
        "--n-estimators",
        metavar="N",
        type=as_positive,
        help="voters of bagging (default: 500)",
    )
    group.add_argument(
        "--max-samples",
        metavar="N",
        type=as_positive,
        help="rows that each voter of bagging draws (default: as many as a part has)",
    )
    group.add_argument(
        "--n-neighbors",
        metavar="N",
        type=as_positive,
        help="neighbours that vote in knn (default: a quarter of the rows of a class)",
    )
    group.add_argument(
        "--radius",
        metavar="DISTANCE",
        type=as_length,
        help="how far the neighbours of rnn are (default: far enough for about as many)",
    )


def add_model(command):
    """Add the file of a model, and what of it is trusted."""
    command.add_argument("model", metavar="MODEL", help="model that report --save has written")
    group = command.add_argument_group("trust")
    group.add_argument(
        "--trust",
        metavar="TYPE[,TYPE]",
        action="extend",
        type=as_names,
        default=[],
        help="types that the model may be made of besides those of scikit-learn and this package, "
        "by their dotted paths; may be repeated",
    )
    group.add_argument(
        "--trust-pickle",
        action="store_true",
        help="read the model even if it is a pickle, which may run any code",
    )


def add_telling_options(group, formats):
    """Add in which form results come, and what is told besides."""
    group.add_argument(
        "--format",
        choices=formats,
        default="text",
        help="form of what is printed: %(choices)s (default: %(default)s); other than text it "
        "comes alone, and remarks go to standard error",
    )
    group.add_argument(
        "--quiet",
        action="store_true",
        help="tell of errors alone; print results only in a --format that is not text",
    )
    group.add_argument("--debug", action="store_true", help="show where an error came from")
