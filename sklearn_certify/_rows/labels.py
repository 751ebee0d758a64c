"""Labels keep their kind: no row decides what the labels of the others are."""

from collections.abc import Iterable, Mapping, Set

import numpy as np
from scipy.sparse import issparse
from sklearn.exceptions import DataConversionWarning
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_array

from .._user_warnings import warn_user
from ..exceptions import InvalidInputError
from .columns import column_values, is_series
from .label_kinds import check_same_kind, kind_of_type
from .missing import is_missing
from .tables import column_names, column_of, is_table

__all__ = ["check_labels", "column_cells", "read_classes", "truth_of"]

_LARGEST = 2**63


def check_labels(classifier, y):
    """Validate labels and return them as a 1-D array of their one kind.

    Labels are whole numbers, whole floats, truth values or texts. Those in a list or an
    array of objects are looked at one by one, because NumPy would make texts of all labels where
    one is a text.

    Parameters
    ----------
    classifier : estimator
        Named in errors.
    y : array-like of shape (n_rows,)
        Labels, in an array, a list, or a column of pandas, polars or Arrow.

    Returns
    -------
    ndarray of shape (n_rows,)

    Raises
    ------
    ValueError
        If y is missing, not one-dimensional, not finite, or no classification target; if labels
        are missing or of several kinds.
    """
    if y is None:
        raise InvalidInputError(
            f"{type(classifier).__name__} requires y to be passed, but the target y is None."
        )
    y = _of_one_kind(column_cells(y, "y", warn=True), "y")
    if _comparable_kind(y) == "bytes":
        raise InvalidInputError(
            "y holds bytes, which scikit-learn takes for no labels; decode them into texts, as in "
            "[label.decode() for label in y]."
        )
    if y.dtype.kind == "f":
        check_array(y, ensure_2d=False, input_name="y", estimator=classifier)
    if y.dtype.kind != "O":  # texts are, and it takes long to say so
        check_classification_targets(y)
    return y


def read_classes(classes, y):
    """Return declared labels, sorted, of the kind of those in y.

    Parameters
    ----------
    classes : array-like of shape (n_classes,)
        All labels there can be, in any form that labels may have.
    y : ndarray of shape (n_rows,)
        Labels as `check_labels` returns them.

    Returns
    -------
    ndarray of shape (n_classes,)

    Raises
    ------
    InvalidInputError
        If declared labels are missing, of several kinds, or texts where those of y are numbers.
    """
    classes = _of_one_kind(column_cells(classes, "classes"), "classes")
    kind, kind_of_y = _comparable_kind(classes), _comparable_kind(y)
    if kind != kind_of_y and len(classes) and len(y):
        raise InvalidInputError(
            f"classes holds {kind} (such as {classes.tolist()[0]!r}), but y holds {kind_of_y} "
            f"(such as {y.tolist()[0]!r}); declare labels of the kind of y."
        )
    if kind in ("texts", "bytes"):
        classes = classes.astype(y.dtype.kind)
    return np.unique(classes)


def truth_of(y, classes=None):
    """Return true labels one by one, to be looked up among those that can be predicted.

    Parameters
    ----------
    y : array-like of shape (n_rows,)
        Labels; missing ones and unknown ones are no error, they are merely wrong.
    classes : ndarray of shape (n_classes,), default=None
        The labels that can be predicted; None lets labels of any kind pass.

    Returns
    -------
    list

    Raises
    ------
    InvalidInputError
        If labels are of another kind than those in `classes`, see `check_same_kind`.
    """
    y = column_cells(y, "y")
    if classes is not None:
        check_same_kind(y, classes)
    return y.tolist()


def column_cells(values, name, *, warn=False):
    """Return what a user gave for one value per row as a 1-D array, no cell changed.

    Parameters
    ----------
    values : array-like of shape (n_rows,), or a table of one column
        Anything: list, array, column, table.
    name : str
        What errors call it.
    warn : bool, default=False
        Whether to warn of a table or a column-vector, as scikit-learn does.

    Returns
    -------
    ndarray of shape (n_rows,)
        Of objects if it was a list.

    Raises
    ------
    InvalidInputError
        If there is not one value per row.
    """
    if is_table(values) and len(column_names(values)) == 1:
        values = np.asarray(column_values(column_of(values, 0)))[:, np.newaxis]
    if is_series(values):
        return column_values(values)
    values = np.asarray(values) if hasattr(values, "__array__") else _objects_of(values, name)
    if values.ndim == 1:
        return values.astype(object) if values.dtype.kind == "T" else values
    if values.ndim != 2 or values.shape[1] != 1:
        raise InvalidInputError(
            f"{name} should be a 1d array, got an array of shape {values.shape} instead."
        )
    if warn:
        warn_user(
            f"A column-vector {name} was passed when a 1d array was expected. Please change the "
            "shape of y to (n_samples,), for example using ravel().",
            DataConversionWarning,
        )
    return values.ravel()


def _objects_of(values, name):
    if isinstance(values, (Set, Mapping)) and name != "classes":
        raise InvalidInputError(
            f"{name} is a {type(values).__name__}, whose values belong to no rows; give one value "
            "per row, in their order."
        )
    if issparse(values) or not isinstance(values, Iterable):
        raise InvalidInputError(
            f"{name} should be a 1d array, got a {type(values).__name__} instead."
        )
    cells = [cell.item() if _is_single_value(cell) else cell for cell in values]
    if cells and all(isinstance(cell, (list, np.ndarray)) for cell in cells):
        return np.array(cells, dtype=object)  # a column, or one too many
    objects = np.empty(len(cells), dtype=object)
    for place, cell in enumerate(cells):
        objects[place] = cell
    return objects


def _is_single_value(cell):
    """Say whether a cell is an array or a tensor of one value that has no dimension."""
    return hasattr(cell, "__array__") and np.ndim(cell) == 0 and not isinstance(cell, np.generic)


def _of_one_kind(cells, name):
    if cells.dtype.kind in "fmM":
        _refuse_missing(np.flatnonzero(cells != cells), cells, name)
        return cells
    return cells if cells.dtype.kind != "O" else _natural(cells, name)


def _natural(cells, name):
    """Give labels in objects the type that their kind has by nature; texts stay objects."""
    kinds = {cell_type: kind_of_type(cell_type) for cell_type in set(map(type, cells))}
    first = {}
    if len(set(kinds.values())) > 1 or None in kinds.values():
        missing = [row for row, cell in enumerate(cells) if is_missing(cell)]
        _refuse_missing(missing, cells, name)
        for row, cell in enumerate(cells):
            first.setdefault(kinds[type(cell)], (row, cell))
    if None in first:
        row, cell = first[None]
        raise InvalidInputError(
            f"{name} holds a {type(cell).__name__} in row {row}, but labels are whole numbers, "
            "booleans or texts."
        )
    if len(first) > 1:
        (a, (row_a, cell_a)), (b, (row_b, cell_b)) = list(first.items())[:2]
        raise InvalidInputError(
            f"{name} mixes {a} ({cell_a!r} in row {row_a}) and {b} ({cell_b!r} in row {row_b}); "
            f"give all labels one kind, such as [str(label) for label in {name}]."
        )
    kind = next(iter(kinds.values()), "texts")
    if kind == "whole numbers":
        return _whole_numbers(cells, name)
    if kind == "booleans":
        return cells.astype(bool)
    if kind == "floats":
        return _of_one_kind(cells.astype(np.float64), name)
    plain = str.__str__ if kind == "texts" else bytes
    return np.array([plain(cell) for cell in cells], dtype=object)


def _whole_numbers(cells, name):
    for row, cell in enumerate(cells):
        if not -_LARGEST <= cell < _LARGEST:
            raise InvalidInputError(
                f"{name} holds {int(cell)} in row {row}, which no 64-bit integer can be; "
                "pass such labels as texts."
            )
    return cells.astype(np.int64)


def _comparable_kind(labels):
    """Return the kind of labels where all numbers are one, since they compare by value."""
    kind = labels.dtype.kind
    if kind == "O" and len(labels):
        kind = "S" if isinstance(labels[0], bytes) else "U"
    if kind in "biuf":
        return "numbers"
    return {"S": "bytes", "m": "time spans", "M": "times"}.get(kind, "texts")


def _refuse_missing(rows, cells, name):
    if len(rows):
        raise InvalidInputError(
            f"{name} contains missing labels (Input {name} contains NaN): row {rows[0]} holds "
            f"{cells[rows[0]]}, {len(rows)} of {len(cells)} rows have none. Drop these rows, or "
            "give them a label of their own."
        )
