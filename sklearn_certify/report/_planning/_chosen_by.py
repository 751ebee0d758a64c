"""Rows that settings are chosen by are none of those that the choice is measured on."""

from dataclasses import replace

import numpy as np

from ..._rows import take_rows
from ...exceptions import InvalidInputError
from ...partition import combine_hashes, hash_labels, hash_rows
from .._words import counted

__all__ = ["rows_to_choose_by"]

_FEW = 0.5  # of the rows to learn from: fewer to choose by stand for them badly
_FEWEST = 0.1  # of the rows to choose by: fewer left over were hardly meant to be chosen by


def rows_to_choose_by(dataset, split, trusted):
    """Return the rows that settings are chosen by: the training rows, or trusted ones.

    Where training and test rows come from one table, they differ by their place. Where they come
    from two, only their content tells whether a row is in both; such rows are left out.

    Parameters
    ----------
    dataset : Dataset
        The rows.
    split : Split
        Which of them are learned from.
    trusted : Dataset or None
        Rows out of an attacker's reach.

    Returns
    -------
    by : Dataset
    notes : list of str
        What a reader has to know about them.

    Raises
    ------
    InvalidInputError
        If trusted rows have other columns, or hardly a row is left.
    """
    by = _training_part(dataset, split) if trusted is None else _same_columns(trusted, dataset)
    notes = []
    if trusted is not None or not split.by_seed:
        by, notes = _without_test_rows(by, split)
    if len(by.y) < _FEW * len(split.y_train):
        notes.append(
            f"Settings were chosen by {len(by.y)} rows for {len(split.y_train)} to learn from: "
            "what is expected with so few is rough."
        )
    return by, notes


def _training_part(dataset, split):
    """Return the training rows as what settings are chosen by."""
    return replace(dataset, X=split.X_train, y=split.y_train, groups=split.groups_train)


def _same_columns(trusted, dataset):
    if trusted.X.shape[1:] != dataset.X.shape[1:] or trusted.text_columns != dataset.text_columns:
        raise InvalidInputError(
            f"The trusted rows have {trusted.n_features} features, {len(trusted.text_columns)} of "
            f"text, and the others {dataset.n_features}, {len(dataset.text_columns)} of text; they "
            "must have the same columns."
        )
    return trusted


def _without_test_rows(by, split):
    """Leave out the rows that are among the test rows too, with the same label, and say so."""
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
