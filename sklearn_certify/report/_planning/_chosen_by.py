"""Rows that settings are chosen by are none of those that the choice is measured on."""

from dataclasses import replace

import numpy as np

from ..._rows import take_rows
from ...exceptions import InvalidInputError
from ...partition import combine_hashes, hash_labels, hash_rows
from .._words import counted

__all__ = ["without_rows_of"]

_FEWEST = 0.1  # of the rows to choose by: fewer left over were hardly meant to be chosen by


def without_rows_of(by, split):
    """Leave out the rows that are among the test rows too, with the same label.

    Where both come from one table, rows differ by their place. Where they come from two, only
    their content tells whether a row is in both.

    Parameters
    ----------
    by : Dataset
        The rows that settings are to be chosen by.
    split : Split
        With the test rows.

    Returns
    -------
    by : Dataset
    notes : list of str
        What was left out.

    Raises
    ------
    InvalidInputError
        If hardly a row is left.
    """
    is_test_row = np.isin(_fingerprints(by.X, by.y), _fingerprints(split.X_test, split.y_test))
    if not is_test_row.any():
        return by, []
    rows, n_both = np.flatnonzero(~is_test_row), int(is_test_row.sum())
    what = f"{n_both} of the {counted(len(by.y), 'row')} to choose by"
    if len(rows) < _FEWEST * len(by.y):
        raise InvalidInputError(
            f"{what} are among the test rows too, so that what is chosen would be measured on "
            "rows that it was chosen by; pass other rows."
        )
    left = replace(
        by,
        X=take_rows(by.X, rows),
        y=by.y[rows],
        groups=None if by.groups is None else by.groups[rows],
    )
    return left, [f"{what} are among the test rows too, and had no part in the choice."]


def _fingerprints(X, y):
    return combine_hashes(hash_rows(X), hash_labels(y))
