"""Rows to learn from, and rows to certify."""

from dataclasses import dataclass

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.model_selection import train_test_split
from sklearn.utils.validation import check_consistent_length

from .._rows import check_labels, take_rows
from ..exceptions import InvalidInputError
from ._dataset import plain_rows
from ._words import counted

__all__ = ["TEST_SIZE", "Split", "hold_out", "split_at", "split_rows", "with_test_rows"]

TEST_SIZE = 0.25


@dataclass
class Split:
    """A training and a test part of the rows.

    Attributes
    ----------
    X_train, X_test : ndarray, CSR matrix or DataFrame of shape (n_rows, ...)
        Rows.
    y_train, y_test : ndarray of shape (n_rows,)
        Labels.
    groups_train : ndarray of shape (n_rows,) or None
        Contributors of the training rows, where they are the units of poison.
    by_seed : bool
        Whether test rows were held out at random.
    test_numbers : ndarray of int64, of shape (n_test,), default=None
        Numbers of the test rows among all rows, from 0; None: they were rows of their own.
    periods_train : ndarray of int64, of shape (n_rows,), default=None
        Periods of the training rows, where they have some.
    """

    X_train: np.ndarray
    X_test: np.ndarray
    y_train: np.ndarray
    y_test: np.ndarray
    groups_train: np.ndarray | None = None
    by_seed: bool = True
    test_numbers: np.ndarray | None = None
    periods_train: np.ndarray | None = None

    @property
    def n_units(self):
        """Number of training rows, or of their contributors: of what poison counts."""
        return len(self.y_train) if self.groups_train is None else len(set(self.groups_train))

    @property
    def row_numbers(self):
        """Numbers of the test rows, from 0: among all rows, or else among themselves."""
        return np.arange(len(self.y_test)) if self.test_numbers is None else self.test_numbers


def split_rows(dataset, X_test, y_test, test_size, random_state, *, ways=None):
    """Take the test rows that are given, or hold some out.

    Parameters
    ----------
    dataset : Dataset
        The rows.
    X_test, y_test : array-like of shape (n_test, ...) and (n_test,), or None
        Rows to certify, as for `with_test_rows`.
    test_size : float or None
        Share of rows to hold out, a quarter if None.
    random_state : int
        Seed of what is held out.
    ways : (callable, callable), default=None
        How some rows are held out, and others taken; None: `hold_out`, and `with_test_rows`.

    Returns
    -------
    Split

    Raises
    ------
    InvalidInputError
        If one of both is missing, or there is a `test_size` too; or as `hold_out` and
        `with_test_rows` do.
    """
    hold_some_out, take = ways or (hold_out, with_test_rows)
    if X_test is None and y_test is None:
        return hold_some_out(dataset, TEST_SIZE if test_size is None else test_size, random_state)
    if X_test is None or y_test is None or test_size is not None:
        raise InvalidInputError(
            "Test rows need both X_test and y_test, and no test_size; or leave them out, and "
            "some of the rows of X are held out."
        )
    return take(dataset, X_test, y_test)


def hold_out(dataset, test_size, random_state):
    """Split rows into a training and a test part.

    Each class is in both in proportion; labels that occur once cannot be, and are learned from.
    Where rows have contributors, all rows of one are in the same part.

    Parameters
    ----------
    dataset : Dataset
        The rows.
    test_size : float
        The share of rows to hold out.
    random_state : int
        Seed.

    Returns
    -------
    Split

    Raises
    ------
    InvalidInputError
        If there are too few rows, or contributors, for two parts.
    """
    choose = _choose_rows if dataset.groups is None else _choose_contributors
    return split_at(dataset, *choose(dataset, test_size, random_state))


def split_at(dataset, train, test):
    """Return the split of a data set into rows to learn from and rows to certify, by number."""
    X, y = dataset.X, dataset.y
    groups_train = None if dataset.groups is None else dataset.groups[train]
    parts = take_rows(X, train), take_rows(X, test), y[train], y[test]
    periods_train = None if dataset.periods is None else dataset.periods[train]
    return Split(*parts, groups_train, test_numbers=test, periods_train=periods_train)


def with_test_rows(dataset, X_test, y_test):
    """Learn from all rows and certify others.

    Parameters
    ----------
    dataset : Dataset
        The training rows.
    X_test : array-like, sparse matrix or table of shape (n_test, ...)
        Rows to certify.
    y_test : array-like of shape (n_test,)
        Their labels.

    Returns
    -------
    Split

    Raises
    ------
    ValueError
        If there is not one label for each test row.
    InvalidInputError
        If labels are texts in one part and numbers in the other.
    """
    X_test, y_test = plain_rows(X_test), check_labels(BaseEstimator(), y_test)
    check_consistent_length(X_test, y_test)
    if (y_test.dtype.kind in "biuf") != (dataset.y.dtype.kind in "biuf"):
        raise InvalidInputError(
            f"y_test holds labels such as {y_test.tolist()[0]!r}, and y labels such as "
            f"{dataset.y.tolist()[0]!r}; "
            "give both one kind."
        )
    parts = dataset.X, X_test, dataset.y, y_test, dataset.groups
    return Split(*parts, by_seed=False, periods_train=dataset.periods)


def _choose_rows(dataset, test_size, random_state):
    y = dataset.y
    _, classes, counts = np.unique(y, return_inverse=True, return_counts=True)
    repeated = np.flatnonzero(counts[classes] > 1)
    n_test = int(np.ceil(test_size * len(repeated)))
    n_classes = (counts > 1).sum()
    if min(n_test, len(repeated) - n_test) < max(n_classes, 1):
        raise InvalidInputError(
            f"{dataset.source} has too few rows: {len(y)} with "
            f"{counted(len(counts), 'class', 'classes')} cannot be split into training rows and "
            f"{test_size:.0%} test rows that both hold every class."
        )
    train, test = train_test_split(
        repeated, test_size=n_test, stratify=y[repeated], random_state=random_state
    )
    return np.concatenate([train, np.flatnonzero(counts[classes] == 1)]), test


def _choose_contributors(dataset, test_size, random_state):
    """Take contributors at random, as long as the rest holds every class."""
    names, contributors = np.unique(dataset.groups, return_inverse=True)
    labels, classes = np.unique(dataset.y, return_inverse=True)
    counts = np.zeros((len(names), len(labels)), dtype=np.int64)
    np.add.at(counts, (contributors, classes), 1)
    rest, room = counts.sum(axis=0), test_size * len(classes)
    held_out = []
    for contributor in np.random.RandomState(random_state).permutation(len(names)):
        row_counts = counts[contributor]
        if row_counts.sum() <= room and (rest > row_counts).all():
            held_out.append(contributor)
            rest, room = rest - row_counts, room - row_counts.sum()
    test = np.isin(contributors, held_out)
    if not test.any():
        raise InvalidInputError(
            f"{dataset.source} has too few contributors: none of {len(names)} can be held out as "
            f"{test_size:.0%} test rows so that the others hold every class."
        )
    return np.flatnonzero(~test), np.flatnonzero(test)
