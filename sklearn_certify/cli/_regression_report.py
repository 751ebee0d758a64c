"""The report on regressors, with ``report --tolerance``."""

from collections.abc import Callable
from typing import NamedTuple

from ..exceptions import InvalidInputError
from ..report._regression import regression_report
from ..report._regression._files import (
    numbers_as_csv,
    numbers_as_json,
    write_output,
    write_rows,
)
from ..report._regression._split import hold_out_targets
from ..report._regression._tables import findings
from ..report._settings import check_settings
from ._asked import option_of, origin_of, read_rows, settings_of

__all__ = ["REGRESSION_FORMS", "Forms", "made_of_regressors"]


class Forms(NamedTuple):
    """What makes text and files of a report."""

    findings: Callable
    as_json: Callable
    as_csv: Callable
    write_output: Callable
    write_rows: Callable


REGRESSION_FORMS = Forms(findings, numbers_as_json, numbers_as_csv, write_output, write_rows)


def made_of_regressors(arguments, telling):
    """Return the report on regressors, how its rows were read, and no recommendation."""
    for name in ("plan_for", "periods", "every", "window", "attack_target", "joint"):
        if getattr(arguments, name) is not None:
            option = option_of(name)
            raise InvalidInputError(f"{option} is for classifiers, and --tolerance for regressors.")
    chosen, given, about = settings_of(arguments, regression=True)
    given["estimator"] = arguments.base
    given = {name: value for name, value in given.items() if value is not None}
    check_settings(chosen, given, option_of, regression=True)
    dataset, scheme = read_rows(arguments, arguments.file, has_targets=True)
    report = regression_report(
        chosen,
        dataset,
        hold_out_targets(dataset, arguments.test_size, arguments.random_state),
        given | about,
        arguments.tolerance,
        option=option_of,
        observer=telling,
        poison_sizes=arguments.poison_sizes,
        origin=origin_of(arguments),
    )
    return report, scheme, None
