"""Decide which columns are numbers and which are texts, and make rows of them."""

from dataclasses import dataclass, field

import numpy as np

from ._cells import as_text
from ._notes import on_decimal_mark, on_numbers_in_text_columns, on_odd_cells
from ._numbers import read_numbers
from ._votes import Limit, Vote, count_votes

__all__ = ["Features", "read_features"]

# Weights of 21, -19 and 1 carry a vote if those for it and a twentieth of all voters are no fewer
# than those against it. The twentieth stands in for what is likely from the outset, so that no few
# cells decide about a column that is empty, or nearly. Numbers are likely, against odd cells ...
_FOR_NUMBERS = (21, -19, 1)
# ... and after semicolons a decimal comma is, elsewhere a point.
_FOR_COMMA_AFTER_SEMICOLONS = (21, -19, 1)
_FOR_COMMA = (19, -21, -1)


@dataclass
class Features:
    """The rows without their labels.

    Attributes
    ----------
    X : ndarray of shape (n_rows, n_features)
        float64 if every column is numeric, else object.
    text_columns : list of int
        Columns that hold text.
    notes : list of str
        What a reader has to know.
    limits : list of Limit
        What was decided by the rows.
    decimal : {".", ","}
        The decimal mark.
    """

    X: np.ndarray
    text_columns: list = field(default_factory=list)
    notes: list = field(default_factory=list)
    limits: list = field(default_factory=list)
    decimal: str = "."


def read_features(
    table,
    positions,
    fixed,
    style,
    contributors=None,
    threat_model="insert_delete",
    has_targets=False,
):
    """Decide the kind of every column and read its cells, each on its own.

    A column is numeric if most of its cells are numbers. Its odd cells then count as missing.

    Parameters
    ----------
    table : Table
        The rows that have labels.
    positions : list of int
        The columns that are features.
    fixed : dict of int to str
        "number" or "text" for the columns whose kind the user fixed, by position.
    style : NumberStyle
        How numbers are written, as far as the user fixed it.
    contributors : ndarray of int, default=None
        Numbers of the rows' contributors, where they are the units of poison.
    threat_model : str, default="insert_delete"
        What one unit of poison may do.
    has_targets : bool, default=False
        Whether targets are among the columns, which may change while the rest of a row stays.

    Returns
    -------
    Features
    """
    numbers = {
        position: read_numbers(table.columns[position], style)
        for position in positions
        if fixed.get(position) != "text"
    }
    kinds, limits = _decide_kinds(table, numbers, fixed, contributors, threat_model)
    by_kind = {"number": {}, "text": {}}
    for position, column in numbers.items():
        by_kind[kinds[position]][position] = column
    notes = on_odd_cells(table, by_kind["number"])
    notes += on_numbers_in_text_columns(table, by_kind["text"])
    mark = style.fixed_mark
    if mark is None:
        vote = _vote_on_comma(table, numbers, contributors, has_targets)
        mark, word = (",", "comma") if vote.carried else (".", "point")
        if any(column.is_ambiguous.any() for column in by_kind["number"].values()):
            margin = vote.margin(threat_model)
            limits.append(Limit(margin, f"the decimal mark is a {word}", "--decimal", mark))
            notes += on_decimal_mark(table, by_kind["number"], mark)
    text_places = [place for place, position in enumerate(positions) if kinds[position] == "text"]
    X = np.empty((len(table.lines), len(positions)), dtype=object if text_places else np.float64)
    for place, position in enumerate(positions):
        if kinds[position] == "text":
            X[:, place] = list(map(as_text, table.columns[position]))
        elif mark == ",":
            X[:, place] = numbers[position].with_comma
        else:
            X[:, place] = numbers[position].with_point
    return Features(X, text_places, notes, limits, mark)


def _decide_kinds(table, numbers, fixed, contributors, threat_model):
    """Return the kind of each column, and how far poison can go before one is another."""
    kinds, limits = {**table.kinds, **fixed}, []
    for position, column in numbers.items():
        if position in kinds:
            continue
        vote = Vote(_FOR_NUMBERS, count_votes(column.votes, contributors))
        kind = kinds[position] = "number" if vote.carried else "text"
        name = table.names[position]
        decision = f"{name!r} is a column of {kind}s"
        limits.append(Limit(vote.margin(threat_model), decision, "--columns", f"{name}={kind}"))
    return kinds, limits


def _vote_on_comma(table, numbers, contributors, has_targets):
    """Let the rows say whether numbers have a decimal comma."""
    tells = [column.tells for position, column in numbers.items() if position not in table.kinds]
    votes = np.sign(np.sum(tells, axis=0, dtype=np.int64)) if tells else np.zeros(len(table.lines))
    weights = _FOR_COMMA_AFTER_SEMICOLONS if table.suggests_comma else _FOR_COMMA
    return Vote(weights, count_votes(votes, contributors), by_labels=has_targets)
