"""The command ``audit``: whether the certificates of a saved model hold."""

from dataclasses import asdict

import numpy as np

from ..exceptions import InvalidInputError
from ..report._json import as_json
from ..testing import audit_estimator
from ._argument_groups import LAYOUT, add_model, add_telling_options
from ._argument_types import as_seed
from ._certify_command import add_rows_options
from ._exit_codes import DONE, FAILED
from ._saved import open_model
from ._telling import Telling

__all__ = ["add_audit"]

_EPILOG = """\
examples:
  sklearn-certify audit model.skops
      what is known of the kinds of its steps, and of parameters
  sklearn-certify audit model.skops new.csv
      steps of unknown kinds are tried on these rows too
  sklearn-certify audit model.skops train.csv --empirical
      it is fitted again, about ten times, after changes that must be harmless

An error voids certificates; a warning names something that has to be true, and that nobody has
checked. That nothing is found is no proof that there is nothing.

exit codes: 0 no error found, 1 certificates do not hold, 2 bad usage or input, or a model that is
not trusted, 130 interrupted
"""


def add_audit(commands):
    """Add the command to the program's."""
    audit = commands.add_parser(
        "audit",
        usage="%(prog)s [options] MODEL [ROWS]",
        help="look for what voids the certificates of a saved model",
        description="Look for what voids the certificates of a saved model, and say what to do.",
        epilog=_EPILOG,
        **LAYOUT,
    )
    audit.set_defaults(run=_audit)
    add_model(audit)
    audit.add_argument(
        "file", metavar="ROWS", nargs="?", help="table of rows to try it on, - for standard input"
    )
    audit.add_argument(
        "--empirical",
        action="store_true",
        help="fit it again to ROWS, which need labels, after harmless changes, and name each voter "
        "that changed all the same",
    )
    audit.add_argument(
        "--random-state",
        metavar="SEED",
        type=as_seed,
        default=0,
        help="seed of the changes (default: %(default)s)",
    )
    add_rows_options(audit)
    add_telling_options(audit.add_argument_group("output"), ("text", "json"))


def _audit(arguments):
    """Audit a model and tell what was found."""
    telling = Telling(arguments)
    if arguments.empirical and arguments.file is None:
        raise InvalidInputError("--empirical fits again: it needs ROWS.")
    model = open_model(arguments, telling)
    given = {}
    if arguments.file is not None:
        rows = model.read(arguments)
        for note in rows.notes:
            telling.note(note)
        given["X"] = rows.X
        if arguments.empirical:
            given |= _labelled(rows, model, arguments.file)
    with telling.step("Audit") as step:
        step.update("looking")
        report = audit_estimator(
            model.estimator,
            empirical=arguments.empirical,
            random_state=arguments.random_state,
            **given,
        )
    if arguments.format == "json":
        found = {
            "model": arguments.model,
            "estimator": report.name,
            "sound": report.sound,
            "findings": [asdict(finding) for finding in report],
            "looked_at": report.tried,
        }
        telling.print(as_json(found))
    telling.blocks([str(report)])
    return DONE if report.sound else FAILED


def _labelled(rows, model, file):
    """Return labels, and contributors where these are the units of poison."""
    what = "target" if model.predicts_numbers else "label"
    if rows.y is None or (np.isnan(rows.y) if model.predicts_numbers else rows.y == "").any():
        raise InvalidInputError(f"--empirical fits again, but rows of {file} have no {what}.")
    if model.classifier.threat_model == "temporal":
        raise InvalidInputError(
            "--empirical fits again, which takes the periods of rows: leave it out for this model."
        )
    labels = rows.y if model.predicts_numbers else rows.y.astype(model.classifier.classes_.dtype)
    if getattr(model.classifier, "poison_unit_", "row") != "group":
        return {"y": labels}
    if rows.groups is None:
        raise InvalidInputError(f"--empirical fits again, but {file} has no contributors.")
    return {"y": labels, "groups": rows.groups}
