"""Rows to learn from, and rows to certify."""

from dataclasses import dataclass

import numpy as np
from sklearn.model_selection import train_test_split

from ..exceptions import InvalidInputError

__all__ = ["Split", "hold_out"]


@dataclass
class Split:
    """A training and a test part of the rows.

    Attributes
    ----------
    X_train, X_test : ndarray of shape (n_rows, n_features)
        Rows.
    y_train, y_test : ndarray of shape (n_rows,)
        Labels.
    groups_train : ndarray of shape (n_rows,) or None
        Contributors of the training rows, where they are the units of poison.
    """

    X_train: np.ndarray
    X_test: np.ndarray
    y_train: np.ndarray
    y_test: np.ndarray
    groups_train: np.ndarray | None = None

    @property
    def n_units(self):
        """Number of training rows, or of their contributors: of what poison counts."""
        return len(self.y_train) if self.groups_train is None else len(set(self.groups_train))


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
    train, test = choose(dataset, test_size, random_state)
    X, y = dataset.X, dataset.y
    groups_train = None if dataset.groups is None else dataset.groups[train]
    return Split(X[train], X[test], y[train], y[test], groups_train)


def _choose_rows(dataset, test_size, random_state):
    y = dataset.y
    _, classes, counts = np.unique(y, return_inverse=True, return_counts=True)
    repeated = np.flatnonzero(counts[classes] > 1)
    n_test = int(np.ceil(test_size * len(repeated)))
    n_classes = (counts > 1).sum()
    if min(n_test, len(repeated) - n_test) < max(n_classes, 1):
        raise InvalidInputError(
            f"{dataset.source} has too few rows: {len(y)} with {len(counts)} classes cannot be "
            f"split into training rows and {test_size:.0%} test rows that both hold every class."
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
