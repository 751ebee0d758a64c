"""The command ``plan``: choose a classifier and its settings for a poison size."""

from ..report._planning import blocks_of_plan, make_plan, plan_as_json
from ..report._split import hold_out
from ._argument_groups import (
    LAYOUT,
    add_classifier_options,
    add_form_options,
    add_size_options,
    add_table_options,
    add_telling_options,
    add_test_size,
)
from ._argument_types import as_length, as_size
from ._asked import option_of, origin_of, read_rows, settings_of
from ._exit_codes import DONE, FAILED
from ._telling import Telling

__all__ = ["add_plan", "plan_for"]

_EPILOG = """\
examples:
  sklearn-certify plan flowers.csv --target species --poison-size 10
      the best of all classifiers, and the Python that makes it
  sklearn-certify plan flowers.csv --poison-size 10 --trusted checked.csv --budget 60
      chosen by rows that nobody else can touch, within a minute
  sklearn-certify report flowers.csv --plan-for 10
      the report on the settings that the plan chooses

exit codes: 0 done, 1 nothing is certified at that size, 2 bad usage or input, 130 interrupted

How files are read, what classifiers and base estimators there are: sklearn-certify report --help
"""


def add_plan(commands):
    """Add the command to the program's."""
    plan = commands.add_parser(
        "plan",
        usage="%(prog)s [options] --poison-size SIZE [FILE]",
        help="choose a classifier and its settings for a poison size",
        description="Compare settings of certified classifiers on a part of a data set, and\n"
        "measure the best on the rest: which defence to take to bear so much poison.",
        epilog=_EPILOG,
        **LAYOUT,
    )
    plan.set_defaults(run=_plan)
    data = plan.add_argument_group("data")
    add_table_options(data)
    add_form_options(data)
    add_test_size(data)
    plan.add_argument(
        "--poison-size",
        metavar="SIZE",
        type=as_size,
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
        type=as_length,
        help="try no further setting after so long (default: all are tried)",
    )
    classifiers = plan.add_argument_group("classifiers; what is set here is not sought")
    add_classifier_options(classifiers)
    add_size_options(classifiers)
    add_telling_options(plan.add_argument_group("output"), ("text", "json"))


def _plan(arguments):
    """Choose a classifier and tell what was found."""
    telling = Telling(arguments)
    plan, _ = plan_for(
        arguments,
        arguments.poison_size,
        telling,
        trusted=arguments.trusted,
        budget=arguments.budget,
    )
    if arguments.format == "json":
        telling.print(plan_as_json(plan))
    telling.blocks(blocks_of_plan(plan))
    return FAILED if plan.recommended is None else DONE


def plan_for(arguments, poison_size, telling, *, trusted=None, budget=None):
    """Choose settings for a poison size by the rows that the arguments name.

    Parameters
    ----------
    arguments : Namespace
        What was asked for, of ``plan`` or ``report``.
    poison_size : int
        The size.
    telling : Telling
        Is told how it gets on.
    trusted : str, default=None
        File of rows to choose by.
    budget : float, default=None
        Seconds.

    Returns
    -------
    DefencePlan
    Scheme or None
        How the rows were read.
    """
    chosen, given, about = settings_of(arguments)
    dataset, scheme = read_rows(arguments, arguments.file)
    plan = make_plan(
        chosen,
        dataset,
        hold_out(dataset, arguments.test_size, arguments.random_state),
        given | about,
        poison_size=poison_size,
        bases=arguments.base,
        trusted=None if trusted is None else read_rows(arguments, trusted)[0],
        budget=budget,
        option=option_of,
        observer=telling,
        origin=origin_of(arguments),
    )
    return plan, scheme
