"""Rows to learn from, and rows to certify, where targets are numbers."""

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.model_selection import GroupShuffleSplit, ShuffleSplit
from sklearn.utils.validation import check_consistent_length

from ..._rows import check_targets
from ...exceptions import InvalidInputError
from .._dataset import plain_rows
from .._split import Split, split_at, split_rows

__all__ = ["hold_out_targets", "split_targets"]


def split_targets(dataset, X_test, y_test, test_size, random_state):
    """Take the test rows that are given, or hold some out.

    Parameters
    ----------
    dataset : TargetDataset
        The rows.
    X_test, y_test : array-like of shape (n_test, ...) and (n_test,), or None
        Rows to certify, with their targets.
    test_size : float or None
        Share of rows to hold out, a quarter if None.
    random_state : int
        Seed of what is held out.

    Returns
    -------
    Split

    Raises
    ------
    InvalidInputError
        If one of both is missing, or there is a `test_size` too; or there are too few rows.
    ValueError
        If there is not one finite target for each test row.
    """
    ways = hold_out_targets, _with_test_targets
    return split_rows(dataset, X_test, y_test, test_size, random_state, ways=ways)


def _with_test_targets(dataset, X_test, y_test):
    X_test, y_test = plain_rows(X_test), check_targets(BaseEstimator(), y_test)
    check_consistent_length(X_test, y_test)
    return Split(dataset.X, X_test, dataset.y, y_test, dataset.groups, by_seed=False)


def hold_out_targets(dataset, test_size, random_state):
    """Split rows at random into a training and a test part, contributors with all their rows.

    Parameters
    ----------
    dataset : TargetDataset
        The rows.
    test_size : float
        The share of the rows, or of the contributors, that is held out.
    random_state : int
        Seed.

    Returns
    -------
    Split

    Raises
    ------
    InvalidInputError
        If there are too few for two parts.
    """
    groups = dataset.groups
    kind = ShuffleSplit if groups is None else GroupShuffleSplit
    splitter = kind(n_splits=1, test_size=test_size, random_state=random_state)
    try:
        train, test = next(splitter.split(np.zeros(len(dataset.y)), groups=groups))
    except ValueError as error:
        units = "rows" if groups is None else "contributors"
        raise InvalidInputError(
            f"{dataset.source} has too few {units} for training rows and {test_size:.0%} test rows."
        ) from error
    return split_at(dataset, train, test)
