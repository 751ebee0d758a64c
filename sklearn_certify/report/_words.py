"""The report as text."""

import shlex
from textwrap import fill

from ..threat import find_threat_model
from ._settings import describe

__all__ = ["heading", "how_to_read", "on_limits", "table"]

_WIDTH = 90


def heading(dataset, facts):
    """Describe the rows and the settings that all classifiers share.

    Parameters
    ----------
    dataset : Dataset
        The rows.
    facts : dict
        What the report's files say about them.

    Returns
    -------
    str
        Lines.
    """
    entries = {
        "Rows": dataset.describe(),
        "Split": f"{facts['n_train']} to learn from, {facts['n_test']} to certify "
        f"(random_state={facts['random_state']})"
        + (", each contributor in one part" if facts["groups"] else ""),
        "Base estimator": facts["base_estimator"],
        "Threat model": f"{facts['threat_model']} ({facts['poison_unit']})",
    }
    lines = [f"{name:<14}  {text}" for name, text in entries.items()]
    return "\n".join(lines + dataset.notes)


def table(results, poison_sizes, grouped=False):
    """Lay out certified accuracies, radii and times: one column per classifier.

    Parameters
    ----------
    results : list of Result
        What to show.
    poison_sizes : list of int
        A row each.
    grouped : bool, default=False
        Whether poison counts contributors.

    Returns
    -------
    str
        Lines.
    """
    rows = [["contributors" if grouped else "poison size", *(result.name for result in results)]]
    accuracies = [result.accuracies(poison_sizes) for result in results]
    for position, size in enumerate(poison_sizes):
        rows.append([str(size), *(f"{100 * column[position]:.1f}" for column in accuracies)])
    rows.append([])
    rows.append(["median certified radius", *(_radius(result) for result in results)])
    rows.append(["seconds to fit", *(f"{result.fit_seconds:.1f}" for result in results)])
    rows.append(["seconds to certify", *(f"{result.certify_seconds:.1f}" for result in results)])
    widths = [max(len(row[i]) for row in rows if row) for i in range(len(results) + 1)]
    lines = [
        "  ".join(f"{cell:>{width}}" for cell, width in zip(row, widths, strict=False)).rstrip()
        for row in rows
    ]
    legend_width = max(len(result.name) for result in results)
    legend = [f"{r.name:<{legend_width}}  {describe(r.classifier)}{_voters(r)}" for r in results]
    title = f"Certified accuracy in % of the {len(results[0].radii)} test rows"
    title += ", by the number of poisoned contributors" if grouped else ""
    return "\n".join([title, "", *lines, "", *legend])


def _radius(result):
    radius = result.median_radius()
    return "none" if radius < 0 else str(radius)


def _voters(result):
    n_voters = getattr(result.classifier, "n_voters_", None)
    if n_voters is None:
        return ""
    abstaining = sum(voter is None for voter in result.classifier.estimators_)
    return f", {n_voters} voters" + (f", {abstaining} of them abstain" if abstaining else "")


def _confidence(result):
    """Return the confidence that a proof has, or None where it is certain."""
    chance = getattr(result.classifier, "alpha", None)
    return None if chance is None else f"confidence {100 * (1 - chance):g} %"


def _on_confidence(results):
    """Say where a proof is not certain."""
    return [
        f"{result.name} proves with {_confidence(result)}, for all "
        "test rows together, over the random choice of its subsamples: an attacker must not know "
        "its random_state. It is a proof about infinitely many voters, of which the report has a "
        "sample."
        for result in results
        if _confidence(result)
    ]


def on_limits(results, limits):
    """Say where radii end because poison could change how the rows are read, and the mend.

    Parameters
    ----------
    results : list of Result
        What the table shows.
    limits : list of Limit
        What the rows decided.

    Returns
    -------
    str
        A line, or nothing where no radius ends.
    """
    largest = max(result.largest_radius for result in results)
    binding = sorted((x for x in limits if x.units < largest), key=lambda limit: limit.units)
    if not binding:
        return ""
    first = binding[0]
    values = {}
    for limit in binding:
        values.setdefault(limit.option, []).append(limit.value)
    options = [f"{option} {shlex.quote(','.join(v))}" for option, v in values.items() if option]
    others = f" (and {len(binding) - 1} more such votes)" if len(binding) > 1 else ""
    return (
        fill(
            f"No radius is above {first.units}: the rows decide by vote that {first.decision}"
            f"{others}, and more poison may turn it.",
            _WIDTH,
        )
        + "\n"
        + (
            f"What is known beforehand needs no vote: {' '.join(options)}"
            if options
            else "A file with a line of names has no such limit."
        )
    )


def how_to_read(results, poison_sizes, threat_model, grouped=False):
    """Explain the table by one of its own numbers.

    Parameters
    ----------
    results : list of Result
        What the table shows.
    poison_sizes : list of int
        The sizes it shows.
    threat_model : str
        What one unit of poison may do.
    grouped : bool, default=False
        Whether poison counts contributors.

    Returns
    -------
    str
        Lines.
    """
    size = poison_sizes[len(poison_sizes) // 2]
    result = max(results, key=lambda result: result.accuracies(size))
    confidence = _confidence(result)
    points = [
        f"A poison size counts {find_threat_model(threat_model).words(grouped=grouped).meaning}.",
        f"{100 * result.accuracies(size):.1f} at poison size {size} ({result.name}): for that "
        "share of the test rows the prediction is right and provably stays right"
        + (f", with {confidence}" if confidence else "")
        + f", whatever an attack of size {size} does, by someone who knows all data and code"
        + (", but not the seed. " if confidence else ", and the seeds. ")
        + "The other rows are wrong already, or unproven; they need not be broken.",
        *_on_confidence(results),
        "Each test row is taken to be clean, and judged as if the whole attack were aimed at it "
        "alone. Half of them stay right for certain up to the median certified radius.",
        "The proof holds for fixed settings: columns and their types, base estimator, number of "
        "partitions or neighbours, all other parameters. Choosing them by looking at poisoned "
        "rows is outside it. So is whatever is learned from all rows at once, such as a scaler in "
        "front of the classifier, and so are changes to the rows to be predicted.",
    ]
    return "\n".join(
        ["How to read this"]
        + [fill(point, _WIDTH, initial_indent="- ", subsequent_indent="  ") for point in points]
    )
