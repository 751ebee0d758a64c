"""Attackers who want something else than any wrong label: a table and curves for each kind."""

import numpy as np
from markupsafe import Markup

from ...metrics import certified_accuracy_curve
from ...metrics._predictions import are_label
from .._more_tables import tables_of_attackers
from .._page import html_tables
from .._words import unit_of
from ._drawings import drawing

__all__ = ["other_attackers"]


def other_attackers(report):
    """Return what a page shows of them.

    Parameters
    ----------
    report : CertificationReport
        A report with at least one result.

    Returns
    -------
    list of dict
        ``"caption"``, ``"table"`` and ``"explanation"``; ``"drawing"``: what the macro that draws
        curves takes.
    """
    drawings = []
    if report.attack_target is not None:
        drawings.append(_of_success_rates(report))
    if report.temporal is not None:
        drawings.append(_of_periods(report.temporal))
    tables = html_tables(tables_of_attackers(report, joint=True))
    return [
        {
            "caption": caption,
            "table": Markup(table),
            "explanation": Markup(explanation),
            "drawing": drawn,
        }
        for (caption, table, explanation), drawn in zip(tables, drawings, strict=True)
    ]


def _of_success_rates(report):
    steps = {name: _rates(result) for name, result in report.results.items()}
    return {
        "curves": drawing(steps, report.poison_sizes, "at poison size {}"),
        "unit": unit_of(report),
        "size": "number of contributors" if report.grouped else "poison size",
        "title": "The share of test rows of other labels that attacks turn into "
        f"{report.attack_target!r}, at most",
        "name": "success-rates",
        "quantity": "the attack success rate",
        "course": "One rising staircase for each classifier, from its rate without poison up to "
        "100\N{NO-BREAK SPACE}%.",
        "kind": "Classifiers",
    }


def _rates(result):
    """Return all poison sizes at which the attack success rate changes, and its values."""
    attacked = ~are_label(result.y_true, result.attack_target)
    sizes = np.union1d(0, np.maximum(result.targeted_radii[attacked], -1) + 1)
    return sizes, result.attack_success_rates(sizes)


def _of_periods(result):
    of_the_last = certified_accuracy_curve(result.y_true, result.y_pred, result.earliness)
    steps = {"any in a row": result.curve(), "the last": of_the_last}
    return {
        "curves": drawing(steps, result.periods, "with {} poisoned periods"),
        "unit": "periods",
        "size": "number of poisoned periods",
        "title": "The share of test rows that are right and stay right, whatever was done in some "
        "periods",
        "name": "periods",
        "quantity": "certified accuracy",
        "course": "One falling staircase for periods in a row, whichever they are, and one for the "
        "last periods.",
        "kind": "Curves",
    }
