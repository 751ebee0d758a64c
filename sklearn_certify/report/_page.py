"""The report as a part of a notebook's page."""

from html import escape

from ._more_tables import more_tables
from ._words import how_to_plan, how_to_read, legend, on_limits, summary, title, troubles, unit_of

__all__ = [
    "accuracy_table",
    "html_table",
    "html_tables",
    "page",
    "page_with",
    "plain_cell",
    "shaded",
]

# Colours are shades over whatever the page's own are, so that they suit dark pages too.
_STYLE = """\
<style>
.certification-report { font-family: system-ui, sans-serif; line-height: 1.4; max-width: 60em; }
.certification-report table { border-collapse: collapse; border: none; margin: 0.8em 0; }
.certification-report caption { text-align: left; font-weight: 600; padding: 0.3em 0; }
.certification-report th, .certification-report td {
  background: transparent; border: none; font-variant-numeric: tabular-nums; padding: 0.2em 0.8em;
  text-align: right; white-space: nowrap; }
.certification-report thead th { border-bottom: 1px solid rgba(128, 128, 128, 0.6); }
.certification-report tfoot tr:first-child > * { border-top: 1px solid rgba(128, 128, 128, 0.6); }
.certification-report tbody th, .certification-report tfoot th { font-weight: 400; }
.certification-report dl { display: grid; gap: 0 1em; grid-template-columns: max-content auto;
  margin: 0; }
.certification-report dt, .certification-report dd { margin: 0; }
.certification-report dt { opacity: 0.7; }
.certification-report .trouble { border-left: 3px solid #d55e00; padding-left: 0.6em; }
.certification-report p { margin: 0.4em 0; }
.certification-report summary { cursor: pointer; }
</style>
"""


def page(report):
    """Return a table with its explanation, without scripts, for light and dark pages.

    Parameters
    ----------
    report : CertificationReport
        The report.

    Returns
    -------
    str
        HTML.
    """
    if not report.results:
        return page_with(report, [], [])
    more = [part for _, *parts_of in html_tables(more_tables(report)) for part in parts_of]
    return page_with(report, [accuracy_table(report)], how_to_read(report), more)


def page_with(report, tables, points, more=()):
    """Return tables with what there is to say about them, as `page` does.

    Parameters
    ----------
    report : CertificationReport or RegressionReport
        The report.
    tables : list of str
        HTML.
    points : list of str
        How to read them.
    more : list of str, default=()
        HTML that follows the tables and what is to be said of their limits.

    Returns
    -------
    str
        HTML.
    """
    parts = [_definitions(report.about), *_paragraphs(report.notes)]
    parts += _paragraphs(troubles(report), "trouble")
    if report.results:
        parts += [*tables, *_paragraphs(on_limits(report)), *_plan(report), *more]
        points = "\n".join(f"<li>{escape(point)}</li>" for point in points)
        parts += [
            f"<details>\n<summary>What is compared</summary>\n{_definitions(legend(report))}\n"
            "</details>",
            f"<details>\n<summary>How to read this</summary>\n<ul>\n{points}\n</ul>\n</details>",
        ]
    content = "\n".join(parts)
    return f'<div class="certification-report">\n{_STYLE}{content}\n</div>'


def _definitions(entries):
    pairs = (f"<dt>{escape(name)}</dt><dd>{escape(text)}</dd>" for name, text in entries.items())
    return "<dl>\n" + "\n".join(pairs) + "\n</dl>"


def _plan(report):
    if not (plan := how_to_plan(report)):
        return []
    what, command = plan
    wrapped = f'<pre style="white-space: pre-wrap">{escape(command)}</pre>'
    return [*_paragraphs([what]), wrapped]


def _paragraphs(texts, kind="note"):
    return [f'<p class="{kind}">{escape(text)}</p>' for text in texts]


def accuracy_table(report):
    """Return the table of accuracies, the bluer the higher, with a word on each classifier.

    Parameters
    ----------
    report : CertificationReport
        The report.

    Returns
    -------
    str
        HTML.
    """
    accuracies = [result.accuracies(report.poison_sizes) for result in report.results.values()]
    rows = zip(report.poison_sizes, zip(*accuracies, strict=True), strict=True)
    return html_table(
        title(report),
        unit_of(report),
        legend(report),
        [(size, map(shaded, row)) for size, row in rows],
        [(what, map(plain_cell, words)) for what, words in summary(report).items()],
    )


def html_tables(tables):
    """Return the title, the table and its explanation for each further table of a report.

    Parameters
    ----------
    tables : list of MoreTable
        In words.

    Returns
    -------
    list of (str, str, str)
        Words, and twice HTML.
    """
    found = []
    for table in tables:
        corner, *names = table.heads
        rows = [(head, map(plain_cell, cells)) for head, *cells in table.rows]
        text = html_table(table.title, corner, dict.fromkeys(names), rows)
        found.append((table.title, text, "\n".join(_paragraphs(table.explanation))))
    return found


def html_table(caption, corner, columns, rows, foot=()):
    """Return a table as HTML.

    Parameters
    ----------
    caption, corner : str
        What stands above the table, and above the heads of its rows.
    columns : dict of str
        What each column is, in words, by its name; None: nothing more.
    rows, foot : iterable of (object, iterable of str)
        The head of each row and its cells, as `plain_cell` and `shaded` make them.

    Returns
    -------
    str
    """
    names = "".join(_column(name, words) for name, words in columns.items())
    lines = [
        "<table>",
        f"<caption>{escape(caption)}</caption>",
        f'<thead><tr><th scope="col">{escape(corner)}</th>{names}</tr></thead>',
        "<tbody>",
        *(_row(*row) for row in rows),
        "</tbody>",
    ]
    if foot:
        lines += ["<tfoot>", *(_row(*row) for row in foot), "</tfoot>"]
    return "\n".join([*lines, "</table>"])


def _column(name, words):
    more = "" if words is None else f' title="{escape(words)}"'
    return f'<th scope="col"{more}>{escape(name)}</th>'


def _row(head, cells):
    return f'<tr><th scope="row">{escape(str(head))}</th>{"".join(cells)}</tr>'


def plain_cell(text):
    """Return a cell of a table with some text."""
    return f"<td>{escape(text)}</td>"


def shaded(accuracy):
    """Return a cell that is the bluer the higher the accuracy is."""
    shade = f"background: rgba(0, 114, 178, {0.5 * accuracy:.2f})"
    return f'<td style="{shade}">{100 * accuracy:.1f}</td>'
