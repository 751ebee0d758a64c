"""What a saved regressor says of other rows: numbers, and how far poison moves them."""

from textwrap import fill

import numpy as np

from ..exceptions import InvalidInputError
from ..metrics import certified_interval_width
from ..pipelines import predict_interval
from ..report._json import plain
from ..report._regression._words import rounded
from ..report._text import aligned
from ..report._words import counted, describe
from ._saved import certifying

__all__ = ["intervals_as_text", "intervals_of_rows"]

_WIDTH = 90


def intervals_of_rows(model, arguments, telling):
    """Return the intervals of the rows, and what they are about, as JSON has it.

    Parameters
    ----------
    model : SavedModel
        A regressor.
    arguments : Namespace
        `model`, `file`, `poison_size`, and what is said of how the file is written.
    telling : Telling
        Is told of what a reader has to know.

    Returns
    -------
    dict

    Raises
    ------
    InvalidInputError
        If there is no poison size, or the file cannot be read.
    """
    size = arguments.poison_size
    if size is None:
        raise InvalidInputError(
            f"{arguments.model} predicts numbers, and how far poison moves them depends on how "
            "much there is; say it with --poison-size."
        )
    rows, regressor = model.read(arguments), model.classifier
    for note in rows.notes:
        telling.note(note)
    with certifying(telling):
        ends = predict_interval(model.estimator, rows.X, [0, size])
    predictions, intervals = ends[:, 0, 0], ends[:, :, 1]
    limit = None if model.scheme is None else model.scheme.limit
    if limit is not None and size > limit:
        telling.note(
            f"Nothing is bounded above poison size {limit}: the rows decided by vote that "
            f"{model.scheme.decision}, and more poison may turn it."
        )
        intervals = np.broadcast_to([-np.inf, np.inf], intervals.shape)
    widths = certified_interval_width(intervals)
    known = np.zeros(len(widths), dtype=bool) if rows.y is None else ~np.isnan(rows.y)
    return {
        "model": arguments.model,
        "source": arguments.file,
        "regressor": describe(model.estimator),
        "threat_model": regressor.threat_model,
        "poison_unit": model.words.many,
        "radius_limit": limit,
        "n_rows": len(widths),
        "poison_size": size,
        "median_interval_width": plain(float(np.quantile(widths, 0.5, method="higher"))),
        "n_targets": int(known.sum()),
        "mean_absolute_error": float(np.abs(rows.y - predictions)[known].mean())
        if known.any()
        else None,
        "rows": list(_records(rows.y, predictions, intervals)),
    }


def _records(targets, predictions, intervals):
    columns = predictions.tolist(), intervals.tolist()
    for number, (prediction, (low, high)) in enumerate(zip(*columns, strict=True)):
        record = {"row": number}
        if targets is not None:
            record["target"] = None if np.isnan(targets[number]) else float(targets[number])
        yield record | {"prediction": prediction, "low": plain(low), "high": plain(high)}


def intervals_as_text(found):
    """Lay out the intervals as text.

    Parameters
    ----------
    found : dict
        What `intervals_of_rows` returned.

    Returns
    -------
    list of str
        Blocks of lines.
    """
    heads = list(found["rows"][0])
    lines = [[_in_words(record[head]) for head in heads] for record in found["rows"]]
    size, width = found["poison_size"], found["median_interval_width"]
    words = [
        f"{counted(found['n_rows'], 'row')} of {found['source']} by {found['regressor']}. "
        f"Poison size {size} counts {found['poison_unit']}: no attack of that size on what the "
        "model has learned from could have moved a prediction below low or above high.",
        f"Half of these intervals are no wider than {_in_words(width)}."
        if width != "inf"
        else "Nothing bounds half of the predictions.",
    ]
    if found["n_targets"]:
        words.append(
            f"Mean absolute error on {counted(found['n_targets'], 'row')} with a target: "
            f"{rounded(found['mean_absolute_error'])}."
        )
    return [aligned([heads, *lines])[0], "\n".join(fill(line, _WIDTH) for line in words)]


def _in_words(value):
    if value is None:
        return ""
    return f"{value:.6g}" if isinstance(value, float) else str(value)
