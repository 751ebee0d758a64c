"""The report as text."""

from itertools import chain
from textwrap import fill, indent

from ._more_tables import more_tables
from ._words import how_to_plan, how_to_read, legend, on_limits, summary, title, troubles, unit_of

__all__ = ["aligned", "explanation", "findings", "heading", "remarks"]

_WIDTH = 90


def heading(about, notes):
    """Lay out what the report is about.

    Parameters
    ----------
    about : dict of str to str
        What the rows and the settings are.
    notes : list of str
        What a reader has to know.

    Returns
    -------
    str
        Lines.
    """
    return "\n".join([*(f"{name:<14}  {text}" for name, text in about.items()), *notes])


def remarks(report):
    """Lay out what was warned of, and which estimators failed.

    Parameters
    ----------
    report : CertificationReport
        The report.

    Returns
    -------
    str
        Lines.
    """
    return "\n".join(fill(text, _WIDTH, subsequent_indent="  ") for text in troubles(report))


def findings(report):
    """Lay out what was found, and how to read it.

    Parameters
    ----------
    report : CertificationReport
        The report.

    Returns
    -------
    list of str
        Blocks of lines; none where every estimator failed.
    """
    if not report.results:
        return []
    blocks = [title(report), *_table(report), *explanation(report, how_to_read(report))]
    return blocks + [block for table in more_tables(report) for block in _more(table)]


def explanation(report, points):
    """Lay out what is compared, where radii end, how to choose, and how to read the numbers.

    Parameters
    ----------
    report : CertificationReport or RegressionReport
        The report.
    points : list of str
        How to read it.

    Returns
    -------
    list of str
        Blocks of lines.
    """
    blocks = [_legend(report)]
    if limits := on_limits(report):
        what, mend = limits
        blocks.append(f"{fill(what, _WIDTH)}\n{mend}")  # the mend is to be copied
    if plan := how_to_plan(report):
        what, command = plan
        blocks.append(f"{fill(what, _WIDTH)}\n{indent(command, '    ')}")
    lines = (fill(text, _WIDTH, initial_indent="- ", subsequent_indent="  ") for text in points)
    return [*blocks, "\n".join(["How to read this", *lines])]


def _more(table):
    cells = [table.heads, *table.rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    points = [
        fill(point, _WIDTH, initial_indent="- ", subsequent_indent="  ")
        for point in table.explanation
    ]
    return [table.title, _lines(cells, widths), "\n".join(points)]


def _table(report):
    """Return the accuracies, and the words on each result: one column per result."""
    rows = [[unit_of(report), *report.results]]
    accuracies = [result.accuracies(report.poison_sizes) for result in report.results.values()]
    for position, size in enumerate(report.poison_sizes):
        rows.append([str(size), *(f"{100 * column[position]:.1f}" for column in accuracies)])
    words = [[what, *cells] for what, cells in summary(report).items()]
    return aligned(rows, words)


def aligned(*tables):
    """Lay out tables whose columns stand below each other.

    Parameters
    ----------
    *tables : list of list of str
        Rows of cells.

    Returns
    -------
    list of str
        Lines of each table.
    """
    widths = [max(map(len, column)) for column in zip(*chain(*tables), strict=True)]
    return [_lines(rows, widths) for rows in tables]


def _lines(rows, widths):
    return "\n".join(
        "  ".join(f"{cell:>{width}}" for cell, width in zip(row, widths, strict=True))
        for row in rows
    )


def _legend(report):
    width = max(map(len, report.results))
    return "\n".join(f"{name:<{width}}  {text}" for name, text in legend(report).items())
