"""Decide which columns are numbers and which are texts, and make rows of them."""

from dataclasses import dataclass, field

import numpy as np

from ._cells import as_text
from ._notes import on_decimal_mark, on_numbers_in_text_columns, on_odd_cells
from ._numbers import read_numbers
from ._votes import Limit, Vote, count_votes

__all__ = ["Features", "read_features"]

# Numbers against odd cells; a twentieth of the rows stands in for numbers, so that no few cells
# decide about a column that is empty, or nearly.
_FOR_NUMBERS = (21, -19, 1)
# Rows that tell a decimal comma against those that tell a point; a twentieth of the rows stands in
# for what the separator of the cells suggests.
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
    """

    X: np.ndarray
    text_columns: list = field(default_factory=list)
    notes: list = field(default_factory=list)
    limits: list = field(default_factory=list)


def read_features(table, positions, fixed, style, contributors, threat_model):
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
    contributors : ndarray of int or None
        Numbers of the rows' contributors, where they are the units of poison.
    threat_model : str
        What one unit of poison may do.

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
    number_columns = {p: numbers[p] for p in positions if kinds[p] == "number"}
    could_be_numbers = {p: numbers[p] for p in numbers if kinds[p] == "text"}
    notes = on_odd_cells(table, number_columns) + on_numbers_in_text_columns(
        table, could_be_numbers
    )
    mark = style.fixed_mark
    if mark is None:
        tells = [numbers[p].tells for p in numbers if p not in table.kinds]
        vote = _vote_on_comma(tells, len(table.lines), table.suggests_comma, contributors)
        mark, word = (",", "comma") if vote.carried else (".", "point")
        if any(column.is_ambiguous.any() for column in number_columns.values()):
            margin = vote.margin(threat_model)
            limits.append(Limit(margin, f"the decimal mark is a {word}", "--decimal", mark))
            notes += on_decimal_mark(table, number_columns, mark)
    text_places = [place for place, p in enumerate(positions) if kinds[p] == "text"]
    X = np.empty((len(table.lines), len(positions)), dtype=object if text_places else np.float64)
    for place, p in enumerate(positions):
        if kinds[p] == "text":
            X[:, place] = list(map(as_text, table.columns[p]))
        else:
            X[:, place] = numbers[p].with_comma if mark == "," else numbers[p].with_point
    return Features(X, text_places, notes, limits)


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


def _vote_on_comma(tells, n_rows, suggested, contributors):
    """Let the rows say whether numbers have a decimal comma."""
    votes = np.sign(np.sum(tells, axis=0, dtype=np.int64)) if tells else np.zeros(n_rows)
    weights = _FOR_COMMA_AFTER_SEMICOLONS if suggested else _FOR_COMMA
    return Vote(weights, count_votes(votes, contributors))
