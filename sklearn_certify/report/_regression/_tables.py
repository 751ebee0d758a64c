"""The tables of a report on regressors, as text and as HTML."""

from .._page import html_table, page_with, plain_cell, shaded
from .._text import aligned, explanation
from .._words import legend, unit_of
from ._words import points, summary, title_of_shares, title_of_widths, width

__all__ = ["findings", "notebook_page", "table_of_shares", "table_of_widths"]


def findings(report):
    """Lay out what was found, and how to read it, as text.

    Parameters
    ----------
    report : RegressionReport
        The report.

    Returns
    -------
    list of str
        Blocks of lines; none where every estimator failed.
    """
    if not report.results:
        return []
    head = [unit_of(report), *report.results]
    shares = [[str(size), *_percents(row)] for size, row in _rows(report, _shares)]
    widths = [[str(size), *map(width, row)] for size, row in _rows(report, _widths)]
    words = [[what, *cells] for what, cells in summary(report).items()]
    shares, widths, words = aligned([head, *shares], [head, *widths], words)
    blocks = [title_of_shares(report), shares, title_of_widths(), widths, words]
    return [*blocks, *explanation(report, points(report))]


def notebook_page(report):
    """Return the tables with their explanation, without scripts, for light and dark pages.

    Parameters
    ----------
    report : RegressionReport
        The report.

    Returns
    -------
    str
        HTML.
    """
    if not report.results:
        return page_with(report, [], [])
    return page_with(report, [table_of_shares(report), table_of_widths(report)], points(report))


def table_of_shares(report):
    """Return the shares within the tolerance, with a word on each regressor, as HTML."""
    rows = [(size, map(shaded, row)) for size, row in _rows(report, _shares)]
    foot = summary(report).items()
    return html_table(
        title_of_shares(report),
        unit_of(report),
        legend(report),
        rows,
        [(what, map(plain_cell, words)) for what, words in foot],
    )


def table_of_widths(report):
    """Return the median widths of the intervals, as HTML."""
    rows = [(size, [plain_cell(width(w)) for w in row]) for size, row in _rows(report, _widths)]
    return html_table(title_of_widths(), unit_of(report), legend(report), rows)


def _percents(shares):
    return [f"{100 * share:.1f}" for share in shares]


def _rows(report, of_result):
    """Return each poison size with a number of every result."""
    columns = [of_result(report, result) for result in report.results.values()]
    return list(zip(report.poison_sizes, zip(*columns, strict=True), strict=True))


def _shares(report, result):
    return result.accuracies(report.poison_sizes)


def _widths(report, result):
    return result.median_widths()
