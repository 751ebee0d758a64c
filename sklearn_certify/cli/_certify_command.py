"""The command ``certify``: what a saved model says of other rows, and how much poison it bears."""

from pathlib import Path
from textwrap import fill

import numpy as np

from ..exceptions import InvalidInputError
from ..metrics import certified_accuracy_score, median_certified_radius
from ..pipelines import certified_radius, predict_certified
from ..report._csv import as_csv
from ..report._files import check_folder
from ..report._json import as_json
from ..report._rows import votes_of_rows
from ..report._text import aligned
from ..report._words import counted, describe
from ._argument_groups import (
    LAYOUT,
    add_attack_target,
    add_form_options,
    add_model,
    add_telling_options,
)
from ._argument_types import as_size
from ._asked import label_among
from ._certified_intervals import intervals_as_text, intervals_of_rows
from ._exit_codes import DONE
from ._saved import certifying, open_model
from ._telling import Telling

__all__ = ["add_certify", "add_rows_options"]

_WIDTH = 90

_EPILOG = """\
examples:
  sklearn-certify report flowers.csv --estimator knn --save flowers.skops
  sklearn-certify certify flowers.skops new.csv
      label and radius of each row of a table with the same columns, in any order
  sklearn-certify certify flowers.skops new.csv --poison-size 5 --rows answers.csv
      and whether it bears 5 units of poison, to use elsewhere
  cat new.csv | sklearn-certify certify flowers.skops - --format csv | head
      as a part of a pipeline
  sklearn-certify certify flowers.skops new.csv --format json | jq '.rows[] | select(.radius < 3)'
      rows that little poison might change

Columns are found by their names, and cells are read as those of the table were that the model was
fitted on: no row of ROWS decides how another is read. Where poison could have decided that, no
radius is above what it takes. Where ROWS has labels, certified accuracy is told as well.
A radius of -1 is an abstention: nothing is proven. A model that predicts numbers needs a
--poison-size: between which numbers does every attack of that size leave a prediction?

exit codes: 0 done, 1 the model failed, 2 bad usage or input, or a model that is not trusted,
130 interrupted
"""


def add_certify(commands):
    """Add the command to the program's."""
    certify = commands.add_parser(
        "certify",
        usage="%(prog)s [options] MODEL ROWS",
        help="certify other rows with a saved model",
        description="Predict the label, or the number, of each row of a table with a saved model,\n"
        "and say how much poison among the rows that it was fitted on could not have changed that.",
        epilog=_EPILOG,
        **LAYOUT,
    )
    certify.set_defaults(run=_certify)
    add_model(certify)
    certify.add_argument("file", metavar="ROWS", help="table to read, - for standard input")
    add_rows_options(certify)
    output = certify.add_argument_group("output")
    output.add_argument(
        "--poison-size",
        metavar="SIZE",
        type=as_size,
        help="say of each row whether it bears so much poison; of a number that is predicted, how "
        "far so much poison moves it",
    )
    output.add_argument(
        "--rows",
        metavar="PATH",
        dest="output",
        help="file to write, .csv or .json: number of the row (0 is the first), label if there is "
        "one, prediction, radius, votes; target, prediction, low, high for numbers",
    )
    add_attack_target(output)
    add_telling_options(output, ("text", "json", "csv"))


def add_rows_options(command):
    """Add how the rows are written, where that differs from those the model was fitted on."""
    group = command.add_argument_group("rows; what is not said is as in those of the model")
    group.add_argument("--target", metavar="COLUMN", help="column with the labels")
    group.add_argument(
        "--drop",
        metavar="COLUMN",
        action="append",
        default=[],
        help="column that is no feature, for models that do not know the names; may be repeated",
    )
    add_form_options(group, defaults=False)


def _certify(arguments):
    """Certify the rows of a table and tell what was found."""
    _check_output(arguments.output)
    telling = Telling(arguments)
    model = open_model(arguments, telling)
    if model.predicts_numbers:
        found = intervals_of_rows(model, arguments, telling)
        blocks = intervals_as_text
    else:
        found = _found(model, arguments, telling)
        blocks = _as_text
    if arguments.format == "json":
        telling.print(as_json(found))
    elif arguments.format == "csv":
        telling.print(as_csv(found["rows"]))
    else:
        telling.blocks(blocks(found))
    if arguments.output:
        is_json = Path(arguments.output).suffix.lower() == ".json"
        text = as_json(found) if is_json else as_csv(found["rows"])
        Path(arguments.output).write_text(text, encoding="utf-8", newline="\n")
        telling.remark(f"Written: {arguments.output}")
    return DONE


def _as_text(found):
    return [_table(found), _summary(found)]


def _check_output(path):
    """Find out before any work whether the file can be written."""
    if path is None:
        return
    if Path(path).suffix.lower() not in (".csv", ".json"):
        raise InvalidInputError(f"--rows {path} must end in .csv or .json.")
    check_folder(path, "--rows")


def _found(model, arguments, telling):
    """Return what the model says of the rows, and what it is about, as JSON has it."""
    rows, classifier = model.read(arguments), model.classifier
    target = label_among(arguments.attack_target, classifier.classes_)
    for note in rows.notes:
        telling.note(note)
    with certifying(telling):
        labels, radii = predict_certified(model.estimator, rows.X)
        votes = list(votes_of_rows(model.estimator, rows.X, labels))
        toward = None
        if target is not None:
            toward = certified_radius(model.estimator, rows.X, target=target)
    limit = None if model.scheme is None else model.scheme.limit
    if limit is not None and classifier.threat_model == "temporal":
        limit = 0  # one period may bring as many rows as it takes
    if limit is not None and toward is not None:
        toward = np.minimum(toward, limit)
    if limit is not None and radii.max() > limit:
        telling.note(
            f"No radius is above {limit}: the rows decided by vote that {model.scheme.decision}, "
            "and more poison may turn it."
        )
        radii = np.minimum(radii, limit)
    found = {
        "model": arguments.model,
        "source": arguments.file,
        "classifier": describe(model.estimator),
        "threat_model": classifier.threat_model,
        "poison_unit": model.words.many,
        "radius_limit": limit,
        "n_rows": len(labels),
        "poison_size": arguments.poison_size,
        "share_certified": None,
        **_accuracies(rows.y, labels, radii, arguments.poison_size),
        "rows": list(_records(rows.y, labels, radii, votes, arguments.poison_size)),
    }
    if toward is not None:
        found["attack_target"] = target
        for record, radius in zip(found["rows"], toward.tolist(), strict=True):
            record["targeted_radius"] = radius
    if arguments.poison_size is not None:
        found["share_certified"] = float((radii >= arguments.poison_size).mean())
    return found


def _accuracies(y, labels, radii, poison_size):
    """Return what is right, of the rows that have a label."""
    known = np.zeros(len(labels), dtype=bool) if y is None else y != ""
    figures = dict.fromkeys(
        ("n_labelled", "accuracy", "certified_accuracy", "median_certified_radius")
    )
    figures["n_labelled"] = int(known.sum())
    if known.any():
        right = (y[known] == labels[known]).astype(int)  # labels of other kinds are wrong
        of_right = np.ones_like(right), right, radii[known]
        figures["accuracy"] = float(right.mean())
        figures["median_certified_radius"] = int(median_certified_radius(*of_right))
        if poison_size is not None:
            accuracy = certified_accuracy_score(*of_right, poison_size)
            figures["certified_accuracy"] = float(accuracy)
    return figures


def _records(y, labels, radii, votes, poison_size):
    columns = labels.tolist(), radii.tolist(), votes
    for number, (prediction, radius, of_row) in enumerate(zip(*columns, strict=True)):
        record = {"row": number}
        if y is not None:
            record["label"] = None if y[number] == "" else y[number]
        record |= {"prediction": prediction, "radius": radius}
        if poison_size is not None:
            record["certified"] = radius >= poison_size
        names = ("votes", "runner_up", "runner_up_votes", "n_votes")
        yield record | dict(zip(names, of_row, strict=True))


def _table(found):
    """Return a line for each row."""
    heads = ["row", *(["label"] if "label" in found["rows"][0] else []), "prediction", "radius"]
    heads += ["votes"]
    if "attack_target" in found:
        heads.append(f"radius toward {found['attack_target']}")
    if found["poison_size"] is not None:
        heads.append(f"bears {found['poison_size']}")
    lines = [heads]
    for record in found["rows"]:
        votes = "" if record["votes"] is None else f"{record['votes']} of {record['n_votes']}"
        cells = [record["row"], record["prediction"], record["radius"], votes]
        if "label" in record:
            cells.insert(1, "" if record["label"] is None else record["label"])
        if "attack_target" in found:
            cells.append(record["targeted_radius"])
        if "certified" in record:
            cells.append("yes" if record["certified"] else "no")
        lines.append(list(map(str, cells)))
    return aligned(lines)[0]


def _summary(found):
    """Return what there is to say of all rows."""
    lines = [
        f"{counted(found['n_rows'], 'row')} of {found['source']} by {found['classifier']}. "
        f"A radius counts {found['poison_unit']}: no attack of that size on what the model has "
        "learned from could have changed the prediction."
    ]
    if "attack_target" in found:
        lines.append(
            f"The radius toward {found['attack_target']!r} is about attacks that make it the "
            "prediction; it is -1 where that is so already, or nothing is proven."
        )
    size = found["poison_size"]
    if size is not None:
        lines.append(f"{100 * found['share_certified']:.1f} % of the rows bear {size}.")
    if found["n_labelled"]:
        told = f"Accuracy on {counted(found['n_labelled'], 'labelled row')}: "
        told += f"{100 * found['accuracy']:.1f} %"
        if size is not None:
            told += f", certified at {size}: {100 * found['certified_accuracy']:.1f} %"
        lines.append(f"{told}.")
    return "\n".join(fill(line, _WIDTH) for line in lines)
