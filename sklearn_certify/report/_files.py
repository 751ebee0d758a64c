"""Write the numbers of a report to CSV and JSON files, its curves to a picture, all to a page."""

import os
from pathlib import Path

from ..exceptions import InvalidInputError
from ..plotting._common import check_matplotlib
from ._csv import as_csv
from ._html_page import check_page_extra, html_page
from ._json import as_json, plain
from ._panels import panels, title_of_picture
from ._picture import write_picture
from ._words import describe

__all__ = [
    "check_folder",
    "check_output",
    "numbers_as_csv",
    "numbers_as_json",
    "records",
    "records_of_periods",
    "write_output",
]


def check_output(path, called="path"):
    """Find out before any work whether a file can be written.

    Parameters
    ----------
    path : str or Path
        Path that ends in .csv, .json, .png or .html.
    called : str, default="path"
        What the user calls it.

    Raises
    ------
    InvalidInputError
        If the suffix is another, or the folder is missing or not to be written to.
    MissingExtraError
        If a picture is asked for and matplotlib is missing, or a page and jinja2 is.
    """
    path = Path(path)
    if path.suffix.lower() not in _WRITERS:
        raise InvalidInputError(
            f"{called} {path} must end in one of {', '.join(_WRITERS)}, which tells the format."
        )
    if path.suffix.lower() == ".png":
        check_matplotlib()
    if path.suffix.lower() == ".html":
        check_page_extra()
    check_folder(path, called)


def check_folder(path, called="path"):
    """Find out before any work whether a file can be written where it is to be.

    Parameters
    ----------
    path : str or Path
        The file.
    called : str, default="path"
        What the user calls it.

    Raises
    ------
    InvalidInputError
        If the folder is missing, or the file is not to be written to.
    """
    path = Path(path)
    if not path.parent.is_dir():
        raise InvalidInputError(f"{called} {path}: there is no folder {path.parent}.")
    if path.is_dir() or not os.access(path if path.exists() else path.parent, os.W_OK):
        raise InvalidInputError(f"{called} {path}: it cannot be written to.")


def write_output(path, report):
    """Write a report in the format that the suffix of the path tells.

    Parameters
    ----------
    path : str or Path
        Path that ends in .csv, .json, .png or .html.
    report : CertificationReport
        What was found.

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    _WRITERS[Path(path).suffix.lower()](path, report)


def records(report):
    """Return a row for each classifier and poison size.

    Parameters
    ----------
    report : CertificationReport
        What was found.

    Returns
    -------
    list of dict
    """
    rows = []
    joint = _joint(report)
    for result in report.results.values():
        accuracies = result.accuracies(report.poison_sizes).tolist()
        for place, (size, accuracy) in enumerate(zip(report.poison_sizes, accuracies, strict=True)):
            row = {"poison_size": size, "certified_accuracy": accuracy}
            if report.joint:
                together = joint.get(result.name)
                row["joint_certified_accuracy"] = together and together[place]
            if report.attack_target is not None:
                row["attack_success_rate"] = float(result.attack_success_rates(size))
            rows.append({**_numbers(result), **row})
    return rows


def records_of_periods(report):
    """Return a row for each number of poisoned periods; none where rows have no periods.

    Parameters
    ----------
    report : CertificationReport
        What was found.

    Returns
    -------
    list of dict
    """
    result = report.temporal
    if result is None:
        return []
    columns = _columns_of_periods(report)
    return [
        {**_numbers(result), **dict(zip(columns, row, strict=True))}
        for row in zip(*columns.values(), strict=True)
    ]


def _columns_of_periods(report):
    result = report.temporal
    columns = {
        "periods": result.periods,
        "accuracy_by_duration": result.accuracies(result.periods).tolist(),
        "accuracy_by_earliness": result.accuracies_by_earliness(result.periods).tolist(),
    }
    if report.joint:
        columns["joint_accuracy_by_duration"] = result.joint_accuracies.tolist()
    return columns


def numbers_as_json(report):
    """Return the numbers, the curves and the parameters of all classifiers as JSON.

    Parameters
    ----------
    report : CertificationReport
        What was found.

    Returns
    -------
    str
    """
    content = {**report.facts, "poison_sizes": report.poison_sizes, "classifiers": []}
    joint = _joint(report)
    for result in report.results.values():
        sizes, accuracies = result.curve()
        of_result = {
            **_described(result),
            "certified_accuracy": result.accuracies(report.poison_sizes).tolist(),
            "curve": {
                "poison_sizes": sizes.tolist(),
                "certified_accuracy": accuracies.tolist(),
            },
        }
        if report.attack_target is not None:
            rates = result.attack_success_rates(report.poison_sizes)
            of_result["attack_success_rate"] = rates.tolist()
        if report.joint:
            of_result["joint_certified_accuracy"] = joint.get(result.name)
        content["classifiers"].append(of_result)
    if (result := report.temporal) is not None:
        content["temporal"] = {**_described(result), **_columns_of_periods(report)}
    return as_json(content)


def _joint(report):
    """Return accuracies under one attack on all rows, where that was asked for and is known."""
    joint = report.joint_accuracies() if report.joint else {}
    return {name: accuracies.tolist() for name, accuracies in joint.items()}


def _described(result):
    return {**_numbers(result), "parameters": plain(result.classifier.get_params(deep=False))}


def numbers_as_csv(report):
    """Return a line for each classifier and poison size as CSV.

    Parameters
    ----------
    report : CertificationReport
        What was found.

    Returns
    -------
    str
    """
    facts = {name: plain(fact) for name, fact in report.facts.items()}
    rows = [{**row, **facts} for row in records(report)] + _lines_of_periods(report, facts)
    return as_csv(rows)


def _lines_of_periods(report, facts):
    """Return lines as those of the other classifiers, in units of their own."""
    units = {"duration": "consecutive periods", "earliness": "last periods"}
    lines = []
    for row in records_of_periods(report):
        size = row.pop("periods")
        together = row.pop("joint_accuracy_by_duration", None)
        accuracies = {words: row.pop(f"accuracy_by_{unit}") for unit, words in units.items()}
        for words, accuracy in accuracies.items():
            about = {**facts, "threat_model": "temporal", "poison_unit": words}
            line = {**row, "poison_size": size, "certified_accuracy": accuracy}
            if report.joint:
                line["joint_certified_accuracy"] = together if words == units["duration"] else None
            lines.append({**line, **about})
    return lines


def _write_json(path, report):
    Path(path).write_text(numbers_as_json(report), encoding="utf-8", newline="\n")


def _write_csv(path, report):
    Path(path).write_text(numbers_as_csv(report), encoding="utf-8", newline="\n")


def _numbers(result):
    return {
        "classifier": result.name,
        "description": describe(result.estimator),
        "n_voters": getattr(result.classifier, "n_voters_", None),
        "median_certified_radius": result.median_radius(),
        "fit_seconds": round(result.fit_seconds, 4),
        "certify_seconds": round(result.certify_seconds, 4),
    }


def _write_png(path, report):
    write_picture(path, report, title_of_picture(report), panels(report))


def _write_html(path, report):
    Path(path).write_text(html_page(report), encoding="utf-8")


_WRITERS = {".csv": _write_csv, ".json": _write_json, ".png": _write_png, ".html": _write_html}
