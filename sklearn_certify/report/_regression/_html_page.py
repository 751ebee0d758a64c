"""A report on regressors as a page of its own: one file, no scripts, no network."""

import numpy as np

from ...threat import find_threat_model
from .._html_page import render
from .._words import example, legend, on_limits, troubles, unit_of
from ._words import lead, points, rounded, title_of_shares, title_of_widths, width

__all__ = ["html_page"]

_UNITS = 1000  # of a path along each axis


def html_page(report):
    """Return a report as a page that needs nothing beside it.

    Parameters
    ----------
    report : RegressionReport
        A report with at least one result.

    Returns
    -------
    str
        HTML.

    Raises
    ------
    MissingExtraError
        If jinja2 or matplotlib is missing.
    """
    return render("regression.html", lambda: _content(report))


def _content(report):
    from markupsafe import Markup

    from .._html_page._assembling import audits, versions
    from .._html_page._contributors import most_influential
    from .._html_page._drawings import curves, ticks
    from ._contributors import Within
    from ._tables import table_of_shares, table_of_widths

    best, _ = example(report)
    words = find_threat_model(report.facts["threat_model"]).words(grouped=report.grouped)
    shares = curves(report)
    return {
        "kind": "regressor",
        "source": report.facts["source"],
        "lead": lead(report),
        "words": words,
        "about": report.about,
        "notes": report.notes,
        "troubles": troubles(report),
        "limits": on_limits(report),
        "how_to_read": points(report),
        "legend": legend(report),
        "unit": unit_of(report),
        "size": "number of contributors" if report.grouped else "poison size",
        "title": title_of_shares(report),
        "table": Markup(table_of_shares(report)),
        "curves": shares,
        "title_of_widths": title_of_widths(),
        "table_of_widths": Markup(table_of_widths(report)),
        "widths": _widths(report, ticks),
        "names": list(report.results),
        "example": best.name,
        "rows": _least_robust_rows(report, best),
        "influence": most_influential(report, best.name, Within),
        "rounded": rounded,
        "audit": audits(report),
        "versions": versions(),
        "origin": report.material.origin,
    }


def _least_robust_rows(report, best):
    from .._html_page._least_robust import least_robust_rows

    if not report.material:
        return []
    errors = np.abs(best.y_pred - best.y_true)
    return least_robust_rows(report, best.name, tell=rounded, first=-errors)


def _widths(report, ticks):
    """Return the curves of median widths, which leave the drawing where nothing bounds them."""
    sizes, results = np.array(report.poison_sizes), report.results.values()
    medians = [result.median_widths() for result in results]
    finite = np.concatenate([median[np.isfinite(median)] for median in medians])
    top = finite.max() or 1.0
    end = max(1, int(sizes[-1]))
    series = []
    for result, median in zip(results, medians, strict=True):
        shown = np.isfinite(median)
        places = [
            {
                "x": f"{100 * size / end:.2f}",
                "y": f"{100 * (1 - height / top):.2f}",
                "title": f"{result.name}: {width(height)} at poison size {size}",
            }
            for size, height in zip(sizes[shown].tolist(), median[shown].tolist(), strict=True)
        ]
        series.append(
            {"name": result.name, "path": _path(sizes, median / top, end), "points": places}
        )
    marks = [(100 * (1 - share), width(share * top)) for share in (0, 0.25, 0.5, 0.75, 1)]
    return {"ticks": ticks(end, end), "series": series, "marks": marks, "marks_inside": True}


def _path(sizes, heights, end):
    """Return a rising staircase: between two sizes it is as high as at the larger one."""
    path = f"M0 {_UNITS * (1 - heights[0]):.1f}"
    for size, height in zip(sizes, heights, strict=True):
        if not np.isfinite(height):
            return f"{path}V0"
        path += f"V{_UNITS * (1 - height):.1f}H{_UNITS * min(size + 0.5, end) / end:.1f}"
    return path
