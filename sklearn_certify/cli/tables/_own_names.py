"""Which names are columns, where every row names its own cells."""

from collections import Counter

import numpy as np

from ._votes import Limit, Vote, count_votes

__all__ = ["choose_columns"]

_FOR_COLUMN = (21, -19, 1)
_FOR_ORDER = (19, -21, -1)


def choose_columns(table, candidates, fixed, contributors, threat_model):
    """Let the rows vote on what is a column, and in which order.

    A name is a column if most rows have it, or an option names it. The order is that of most rows,
    else alphabetical.

    Parameters
    ----------
    table : Table
        The rows that have labels, with `key_lists`.
    candidates : list of int
        Positions of the columns that may be features.
    fixed : set of int
        Those that an option names.
    contributors : ndarray of int or None
        Numbers of the rows' contributors, where they are the units of poison.
    threat_model : str
        What one unit of poison may do.

    Returns
    -------
    positions : list of int
        The columns, in order.
    notes : list of str
        What is left out.
    limits : list of Limit
        What the rows decided.
    """
    n_units = len(table.lines) if contributors is None else len(np.unique(contributors))
    # a name that no row has yet may be voted in as well
    votes = [Vote(_FOR_COLUMN, (0, n_units, 0))]
    chosen, unchosen = [], []
    for position in candidates:
        if position in fixed:
            chosen.append(position)
            continue
        name = table.names[position]
        has_name = np.array([1 if name in keys else -1 for keys in table.key_lists])
        vote = Vote(_FOR_COLUMN, count_votes(has_name, contributors))
        votes.append(vote)
        (chosen if vote.carried else unchosen).append(position)
    order, vote = _vote_on_order(table.key_lists, contributors, n_units)
    votes.append(vote)
    if vote.carried:
        rank = {name: place for place, name in enumerate(order)}
        chosen.sort(key=lambda position: rank.get(table.names[position], len(rank)))
    notes = []
    if unchosen:
        names = ", ".join(repr(table.names[position]) for position in unchosen[:3])
        more = ", ..." if len(unchosen) > 3 else ""
        notes.append(
            f"Names that few rows have are left out: {names}{more}; --columns NAME=KIND keeps one."
        )
    limit = min(vote.margin(threat_model) for vote in votes)
    return chosen, notes, [Limit(limit, "most rows name the same columns", "", "")]


def _vote_on_order(key_lists, contributors, n_units):
    """Return the names in the order of most rows, and whether those rows are enough."""
    if contributors is None:
        held = Counter(key_lists)
    else:
        held = Counter()
        rows_of = Counter(contributors.tolist())
        for (unit, keys), count in Counter(
            zip(contributors.tolist(), key_lists, strict=True)
        ).items():
            held[keys] += 2 * count > rows_of[unit]
    order, count = max(held.items(), key=lambda item: (item[1], item[0]))
    return order, Vote(_FOR_ORDER, (count, n_units - count, 0))
