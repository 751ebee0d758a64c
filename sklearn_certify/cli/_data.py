"""The rows that a report is about: digits, or a table in a file."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from ..exceptions import InvalidInputError
from ._files import read_columns

__all__ = ["Dataset", "bundled_digits", "hold_out", "read_dataset"]


@dataclass
class Dataset:
    """Rows with labels.

    Attributes
    ----------
    source : str
        Where the rows come from.
    X : ndarray of shape (n_rows, n_features)
        float64 if every column is numeric, else object.
    y : ndarray of shape (n_rows,)
        Labels: int64 if all are whole numbers, else strings.
    target : str or None
        Name of the column that the labels come from.
    text_columns : list of int
        Columns that hold text.
    is_table : bool
        Whether columns are of different kinds and scales, and cells may be missing.
    notes : list of str
        What a reader has to know about how the rows were read.
    """

    source: str
    X: np.ndarray
    y: np.ndarray
    target: str | None = None
    text_columns: list = field(default_factory=list)
    is_table: bool = True
    notes: list = field(default_factory=list)

    @property
    def only_numbers(self):
        """Whether there is neither text nor a missing cell."""
        return not self.text_columns and not np.isnan(self.X).any()

    def describe(self):
        """Say in one line what there is."""
        n_features = self.X.shape[1]
        kinds = f"{n_features} feature" + "s" * (n_features > 1)
        if self.text_columns:
            kinds += f" ({len(self.text_columns)} of text)"
        return f"{self.source}: {len(self.y)} rows, {kinds}, {len(np.unique(self.y))} classes"


def bundled_digits():
    """Return scikit-learn's handwritten digits, which need no download."""
    X, y = load_digits(return_X_y=True)
    return Dataset("scikit-learn's digits", X, y, is_table=False)


def read_dataset(path, target=None, missing=()):
    """Read a table from a CSV, TSV or Parquet file.

    A CSV column is numeric if every cell that is not empty is a number. In Parquet the types
    are known.

    Parameters
    ----------
    path : str
        The file.
    target : str, default=None
        Name of the column with the labels; the last column if None. Rows without a label are
        left out.
    missing : sequence of str, default=()
        Texts that stand for a missing cell, besides the empty one.

    Returns
    -------
    Dataset

    Raises
    ------
    InvalidInputError
        If the file cannot be read, or its table cannot be used.
    MissingExtraError
        If it is a Parquet file and pyarrow is missing.
    """
    names, columns = read_columns(path, missing)
    notes = []
    if names[0] == "" and len(names) > 1:  # the numbers of the rows, in files that pandas wrote
        names, columns = names[1:], columns[1:]
        notes.append("The first column has no name and is left out.")
    if target is None:
        position = len(names) - 1
        notes.append(f"The labels are the last column, {names[-1]!r}; --target names another.")
    elif target in names:
        position = names.index(target)
    else:
        raise InvalidInputError(
            f"There is no column {target!r} in {path}; there are {_shortened(names)}."
        )
    labels = columns.pop(position)
    target = names.pop(position)
    if not columns:
        raise InvalidInputError(f"{path} has no column besides the labels.")

    labelled = ~np.isnan(labels) if labels.dtype.kind == "f" else labels != ""
    if not labelled.any():
        raise InvalidInputError(f"No row of {path} has a label in column {target!r}.")
    if not labelled.all():
        notes.append(f"{(~labelled).sum()} rows without a label are left out.")
    y = _labels(labels[labelled], target)
    X, text_columns = _rows(names, columns)
    return Dataset(Path(path).name, X[labelled], y, target, text_columns, notes=notes)


def _shortened(names):
    listed = ", ".join(map(repr, names[:10]))
    return listed if len(names) <= 10 else f"{listed}, ... ({len(names)} in all)"


def _labels(labels, name):
    if labels.dtype.kind == "f":
        if not np.isfinite(labels).all() or (labels != np.round(labels)).any():
            raise InvalidInputError(
                f"Column {name!r} holds fractions, so it is a quantity and no class; "
                "name the column with the labels with --target."
            )
        if np.abs(labels).max() < 2**53:
            labels = labels.astype(np.int64)
    else:
        labels = np.array(labels.tolist(), dtype=str)
    n_classes = len(np.unique(labels))
    if n_classes == 1:
        raise InvalidInputError(
            f"Column {name!r} holds a single label, {labels[0].item()!r}; "
            "there is nothing to classify."
        )
    if n_classes > len(labels) / 2:
        raise InvalidInputError(
            f"Column {name!r} holds {n_classes} different labels in {len(labels)} rows, too many "
            "to learn; name the column with the labels with --target."
        )
    return labels


def _rows(names, columns):
    for name, column in zip(names, columns, strict=True):
        if column.dtype.kind == "f" and np.isinf(column).any():
            raise InvalidInputError(f"Column {name!r} holds infinite numbers.")
    text_columns = [i for i, column in enumerate(columns) if column.dtype.kind != "f"]
    if not text_columns:
        return np.column_stack(columns), text_columns
    X = np.empty((len(columns[0]), len(columns)), dtype=object)
    for i, column in enumerate(columns):
        X[:, i] = column
    return X, text_columns


def hold_out(dataset, test_size, random_state):
    """Split rows into a training and a test part, with each class in proportion.

    Labels that occur once cannot be in both parts and are learned from.

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
    X_train, X_test, y_train, y_test : ndarrays

    Raises
    ------
    InvalidInputError
        If there are too few rows for both parts to hold every class.
    """
    X, y = dataset.X, dataset.y
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
    train = np.concatenate([train, np.flatnonzero(counts[classes] == 1)])
    return X[train], X[test], y[train], y[test]
