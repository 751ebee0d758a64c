"""Write the numbers of a report on regressors to files, its curves to a picture, all to a page."""

from pathlib import Path

import numpy as np

from ...plotting import IntervalWidthDisplay
from .._csv import as_csv, write_csv
from .._files import check_output
from .._json import as_json, plain
from .._picture import write_picture
from .._words import counted, describe
from ._html_page import html_page

__all__ = [
    "ROW_COLUMNS",
    "check_output",
    "numbers_as_csv",
    "numbers_as_json",
    "records",
    "row_records",
    "write_output",
    "write_rows",
]

ROW_COLUMNS = (
    "row",
    "target",
    "regressor",
    "prediction",
    "radius",
    "poison_size",
    "low",
    "high",
)


def records(report):
    """Return a row for each regressor and poison size.

    Parameters
    ----------
    report : RegressionReport
        What was found.

    Returns
    -------
    list of dict
    """
    rows = []
    for result in report.results.values():
        shares, widths = result.accuracies(report.poison_sizes), result.median_widths()
        columns = zip(report.poison_sizes, shares.tolist(), widths.tolist(), strict=True)
        for size, share, width in columns:
            row = {"poison_size": size, "certified_share": share, "median_interval_width": width}
            rows.append({"regressor": result.name, **row, **_numbers(result)})
    return rows


def row_records(report):
    """Yield what each regressor says of each test row, regressor after regressor.

    Parameters
    ----------
    report : RegressionReport
        What was found.

    Yields
    ------
    dict
        With the keys `ROW_COLUMNS`.
    """
    for result in report.results.values():
        columns = [result.row_numbers, result.y_true, result.y_pred, result.radii, result.intervals]
        for row, target, prediction, radius, (lows, highs) in zip(
            *(np.asarray(column).tolist() for column in columns), strict=True
        ):
            for ends in zip(report.poison_sizes, lows, highs, strict=True):
                values = (row, target, result.name, prediction, radius, *ends)
                yield dict(zip(ROW_COLUMNS, values, strict=True))


def write_rows(path, report):
    """Write what each regressor says of each test row to a CSV file.

    Parameters
    ----------
    path : str or Path
        Path of the file.
    report : RegressionReport
        What was found.

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    with open(path, "w", encoding="utf-8", newline="") as file:
        write_csv(file, ROW_COLUMNS, row_records(report))


def numbers_as_json(report):
    """Return the numbers, the curves and the parameters of all regressors as JSON.

    Parameters
    ----------
    report : RegressionReport
        What was found.

    Returns
    -------
    str
        Where nothing bounds a width it is "inf".
    """
    content = {**report.facts, "poison_sizes": report.poison_sizes, "regressors": []}
    for result in report.results.values():
        sizes, shares = result.curve()
        content["regressors"].append(
            {
                "regressor": result.name,
                **_numbers(result),
                "parameters": plain(result.regressor.get_params(deep=False)),
                "certified_share": result.accuracies(report.poison_sizes).tolist(),
                "median_interval_width": list(map(plain, result.median_widths().tolist())),
                "curve": {"poison_sizes": sizes.tolist(), "certified_share": shares.tolist()},
            }
        )
    return as_json(content)


def numbers_as_csv(report):
    """Return a line for each regressor and poison size as CSV.

    Parameters
    ----------
    report : RegressionReport
        What was found.

    Returns
    -------
    str
    """
    return as_csv([{**row, **report.facts} for row in records(report)])


def write_output(path, report):
    """Write a report in the format that the suffix of the path tells.

    Parameters
    ----------
    path : str or Path
        Path that ends in .csv, .json, .png or .html.
    report : RegressionReport
        What was found.

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    suffix = Path(path).suffix.lower()
    if suffix == ".png":
        _write_png(path, report)
        return
    as_text = {".csv": numbers_as_csv, ".json": numbers_as_json, ".html": html_page}[suffix]
    newline = None if suffix == ".html" else "\n"
    Path(path).write_text(as_text(report), encoding="utf-8", newline=newline)


def _numbers(result):
    return {
        "mean_absolute_error": result.mean_absolute_error,
        "median_certified_radius": result.median_radius(),
        "n_voters": getattr(result.regressor, "n_voters_", None),
        "fit_seconds": round(result.fit_seconds, 4),
        "certify_seconds": round(result.certify_seconds, 4),
        "description": describe(result.estimator),
    }


def _write_png(path, report):
    facts = report.facts
    title = f"Certified regression on {facts['source']}, {counted(facts['n_test'], 'test row')}"
    write_picture(path, report, title, [_draw_shares, _draw_widths], sharex=True)


def _draw_shares(report, ax, styles):
    for result, style in zip(report.results.values(), styles, strict=True):
        sizes, shares = result.curve()
        # a step ends half a unit after its poison size, so that the curve is level at whole sizes
        ends = np.append(np.append(0, sizes[1:] - 0.5), max(sizes[-1], report.poison_sizes[-1]))
        heights = np.append(shares, shares[-1])
        ax.plot(ends, heights, drawstyle="steps-post", label=result.name, **style)
    tolerance = f"{report.facts['tolerance']:.12g}"
    ax.set(ylabel=f"Share certified within {tolerance} of the truth", ylim=(0, 1))


def _draw_widths(report, ax, styles):
    for result, style in zip(report.results.values(), styles, strict=True):
        IntervalWidthDisplay.from_predictions(
            result.intervals,
            report.poison_sizes,
            name=result.name,
            threat_model=report.facts["threat_model"],
            grouped=report.grouped,
            ax=ax,
            curve_kwargs=style,
        )
    ax.get_legend().remove()
