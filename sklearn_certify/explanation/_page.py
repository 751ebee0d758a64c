"""An explanation as a part of a notebook's page."""

from html import escape

__all__ = ["page"]

_MOST_CARRIERS = 20
_HEADS = {
    "partition": "partition",
    "n_rows": "rows",
    "for_prediction": "for the prediction",
    "for_runner_up": "for the runner-up",
    "for_target": "for the target",
    "at_stake": "of the lead at stake",
    "votes_for": "votes for",
    "flips_to_leave": "flips to another label",
    "flips_to_runner_up": "flips to the runner-up",
    "flips_to_target": "flips to the target",
    "flips_per_vote": "flips per vote of the lead",
    "first_period": "first period",
    "last_period": "last period",
    "from_median": "places from the median",
    "reached_by": "reached by poison of size",
}
# Colours are shades over whatever the page's own are, so that they suit dark pages too.
_STYLE = """\
<style>
.certified-explanation { font-family: system-ui, sans-serif; line-height: 1.4; max-width: 60em; }
.certified-explanation table { border-collapse: collapse; border: none; margin: 0.6em 0; }
.certified-explanation caption { text-align: left; font-weight: 600; padding: 0.3em 0; }
.certified-explanation th, .certified-explanation td {
  background: transparent; border: none; font-variant-numeric: tabular-nums;
  padding: 0.2em 0.8em; text-align: right; }
.certified-explanation thead th { border-bottom: 1px solid rgba(128, 128, 128, 0.6); }
.certified-explanation tbody th { font-weight: 400; }
.certified-explanation th:first-child { text-align: left; }
.certified-explanation .lead { font-size: 1.1em; }
.certified-explanation p { margin: 0.4em 0; }
.certified-explanation summary { cursor: pointer; }
</style>
"""


def page(explanation):
    """Return the explanation in HTML, without scripts, for light and dark pages.

    Parameters
    ----------
    explanation : BaseExplanation
        What is known.

    Returns
    -------
    str
        HTML.
    """
    caption, (head, *rows) = explanation._numbers()
    parts = [
        f'<p class="lead">{escape(explanation.sentence)}</p>',
        _table(caption, head, rows),
        *(f"<p>{escape(text)}</p>" for text in explanation.remarks),
        _carriers(explanation),
    ]
    return f'<div class="certified-explanation">\n{_STYLE}' + "\n".join(parts) + "\n</div>"


def _carriers(explanation):
    if not explanation.carriers:
        return ""
    shown, which = explanation._first_carriers(_MOST_CARRIERS)
    caption = explanation._carriers_caption()
    if which:
        caption += f": {which} of {len(explanation.carriers):,}"
    head = [_HEADS.get(name, name) for name in shown[0]]
    rows = [[_cell(value) for value in carrier.values()] for carrier in shown]
    table = _table(caption, head, rows)
    return f"<details>\n<summary>{escape(caption)}</summary>\n{table}\n</details>"


def _cell(value):
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "" if value is None else f"{value:.6g}" if isinstance(value, float) else str(value)


def _table(caption, head, rows):
    heads = "".join(f'<th scope="col">{escape(name)}</th>' for name in head)
    lines = [f"<table>\n<caption>{escape(caption)}</caption>\n<thead><tr>{heads}</tr></thead>"]
    lines.append("<tbody>")
    for first, *cells in rows:
        data = "".join(f"<td>{escape(cell.strip())}</td>" for cell in cells)
        lines.append(f'<tr><th scope="row">{escape(first)}</th>{data}</tr>')
    return "\n".join([*lines, "</tbody>", "</table>"])
