"""Read targets: numbers to predict, each cell on its own."""

import numpy as np

from ...exceptions import InvalidInputError
from ._features import read_features
from ._numbers import read_numbers

__all__ = ["read_features_and_targets", "with_targets"]


def with_targets(table, target, kind, style):
    """Leave out the rows whose target is no number.

    Parameters
    ----------
    table : Table
        The rows.
    target : int
        Position of the targets.
    kind : str or None
        What the user says of that column.
    style : NumberStyle
        How numbers are written, as far as the user fixed it.

    Returns
    -------
    table : Table
    notes : list of str
        How many rows were left out.

    Raises
    ------
    InvalidInputError
        If that is most of them, or the user says that targets are texts.
    """
    if kind == "text":
        raise InvalidInputError(
            f"Column {table.names[target]!r} cannot be text: --tolerance makes it numbers."
        )
    cells = read_numbers(table.columns[target], style)
    rows = np.flatnonzero(~np.isnan(cells.with_point)).tolist()
    n_left_out = len(table.lines) - len(rows)
    if 2 * n_left_out > len(table.lines):
        raise InvalidInputError(
            f"Column {table.names[target]!r} holds no number in most rows, so it is no quantity to "
            "predict within a tolerance; name another with --target, or leave out --tolerance."
        )
    if not n_left_out:
        return table, []
    noun, verb = ("rows", "are") if n_left_out > 1 else ("row", "is")
    return table.take(rows), [f"{n_left_out} {noun} whose target is no number {verb} left out."]


def read_features_and_targets(table, positions, target, fixed, style, **decided):
    """Read features, and targets as one more column of numbers, with the same decimal mark.

    Parameters
    ----------
    table : Table
        Rows whose targets are numbers.
    positions : list of int
        The columns that are features.
    target : int
        The column of the targets.
    fixed, style, **decided
        As for `read_features`.

    Returns
    -------
    Features
    y : ndarray of float64 of shape (n_rows,)
    """
    fixed = {**fixed, target: "number"}
    columns = [*positions, target]
    features = read_features(table, columns, fixed, style, **decided, has_targets=True)
    y = features.X[:, -1].astype(np.float64)
    features.X = features.X[:, :-1].copy()
    return features, y
