"""Triggers of ordinary values that rarely meet, for tables."""

from dataclasses import dataclass
from numbers import Integral

import numpy as np
from scipy.sparse import issparse

from ..exceptions import InvalidInputError

__all__ = ["FeatureTrigger", "draw_feature_trigger"]

_N_DRAWS = 100


@dataclass
class FeatureTrigger:
    """Fixed values in a few columns of a table.

    Parameters
    ----------
    columns : sequence of int or str
        Positions, or names of the columns of a DataFrame; a number is a name where it is one.
    values : sequence of shape (n_columns,)
        The value that each of these columns gets.

    Notes
    -----
    A trigger is a function: ``trigger(X)`` returns a copy of X, in which all rows hold `values`.
    A row that holds them already does not change.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_certify.datasets import FeatureTrigger
    >>> trigger = FeatureTrigger(columns=[0, 2], values=[7, 8])
    >>> trigger(np.zeros((2, 3), dtype=int))
    array([[7, 0, 8],
           [7, 0, 8]])
    """

    columns: tuple
    values: tuple

    def __post_init__(self):
        self.columns, self.values = _as_tuple(self.columns), _as_tuple(self.values)
        if not self.columns or len(self.columns) != len(self.values):
            raise InvalidInputError(
                "A trigger needs one value for each of its columns, got "
                f"{len(self.columns)} columns and {len(self.values)} values."
            )
        if len(set(self.columns)) < len(self.columns):
            raise InvalidInputError(f"A column is named twice: {list(self.columns)}.")

    def __call__(self, X):
        """Return a copy of rows with the trigger's values.

        Parameters
        ----------
        X : {array-like, sparse matrix, DataFrame} of shape (n_samples, n_features)
            Rows.

        Returns
        -------
        ndarray, sparse matrix or DataFrame
            Of the shape and types of X.

        Raises
        ------
        InvalidInputError
            If X has no such columns, or a column cannot hold its value.
        """
        positions = column_positions(X, self.columns)
        if hasattr(X, "iloc"):
            return self._on_frame(X.copy(), positions)
        if issparse(X):
            return self._on_array(X.tolil(copy=True), positions).asformat(X.format)
        X = np.array(X)
        # texts of fixed length would cut off a longer value
        return self._on_array(X.astype(object) if X.dtype.kind in "US" else X, positions)

    def _on_array(self, X, positions):
        for column, position, value in zip(self.columns, positions, self.values, strict=True):
            with np.errstate(invalid="ignore"):
                try:
                    cell = np.array([value]).astype(X.dtype)[0]
                except (TypeError, ValueError, OverflowError):
                    raise _unfit(column, X.dtype, value) from None
            if X.dtype.kind not in "fO" and not cell == value:  # rounding of floats is meant
                raise _unfit(column, X.dtype, value)
            X[:, position] = cell
        return X

    def _on_frame(self, X, positions):
        for column, position, value in zip(self.columns, positions, self.values, strict=True):
            old = X.iloc[:, position]
            if hasattr(old, "cat") and value not in old.cat.categories:
                raise _unfit(column, old.dtype, value)
            try:
                new = type(old)([value], dtype=old.dtype).take(np.zeros(len(X), int))
            except (TypeError, ValueError, OverflowError):
                raise _unfit(column, old.dtype, value) from None
            if getattr(old.dtype, "kind", "O") in "biu" and not (new[:1] == value).all():
                raise _unfit(column, old.dtype, value)
            X.isetitem(position, new.set_axis(X.index))
        return X


def draw_feature_trigger(X, *, columns, values, n_columns, random_state):
    """Draw what is not given of a trigger for the rows of X.

    Parameters
    ----------
    X : {array-like, sparse matrix, DataFrame} of shape (n_rows, n_features)
        Training rows.
    columns : sequence of int or str, or None
        The columns; None: drawn from those that take more than one value.
    values : sequence or None
        Their values; None: drawn.
    n_columns : int
        Number of columns to draw; all that vary if there are fewer.
    random_state : RandomState
        Source of the draws.

    Returns
    -------
    FeatureTrigger

    Raises
    ------
    InvalidInputError
        If X is no table, or has no such columns or none that vary.
    """
    if columns is None:
        if values is not None:
            raise InvalidInputError("values were given without the columns that take them.")
        columns = _draw_columns(X, n_columns, random_state)
    columns = _as_tuple(columns)
    if values is None:
        values = _draw_values(X, column_positions(X, columns), random_state)
    return FeatureTrigger(columns, values)


def column_positions(X, columns):
    """Return where the columns of a table stand, or raise `InvalidInputError`."""
    n_columns = _n_columns(X)
    names = list(X.columns) if hasattr(X, "columns") else None
    positions = []
    for column in columns:
        if names is not None and names.count(column) == 1:
            positions.append(names.index(column))
        elif (
            isinstance(column, Integral) and 0 <= column < n_columns and column not in (names or ())
        ):
            positions.append(int(column))
        else:
            raise InvalidInputError(
                f"There is no single column {column!r} among the {n_columns} columns of X."
            )
    return positions


def _as_tuple(values):
    """Return values as a tuple, numpy's numbers as those of Python."""
    if isinstance(values, (str, bytes)) or not hasattr(values, "__iter__"):
        values = [values]
    return tuple(value.item() if isinstance(value, np.generic) else value for value in values)


def _n_columns(X):
    shape = np.shape(X) if not hasattr(X, "shape") else X.shape
    if len(shape) != 2:
        raise InvalidInputError(
            f"A trigger of features needs a table with rows and columns, got shape {shape}."
        )
    return shape[1]


def _column(X, position):
    if hasattr(X, "iloc"):
        return X.iloc[:, position]
    column = X[:, [position]]
    return column.toarray()[:, 0] if issparse(X) else column[:, 0]


def _draw_columns(X, n_columns, random_state):
    drawn = []
    for position in random_state.permutation(_n_columns(X)).tolist():
        if len(_first_rows(_codes(_column(X, position)))) > 1:
            drawn.append(position)
        if len(drawn) == n_columns:
            break
    if not drawn:
        raise InvalidInputError("No column of X takes more than one value, so none can be drawn.")
    drawn = sorted(drawn)
    if hasattr(X, "columns") and X.columns.is_unique:
        return [X.columns[position] for position in drawn]
    return drawn


def _codes(column):
    """Return a number for every value, the same for equal values, and -1 where it is missing."""
    if hasattr(column, "factorize"):
        return column.factorize()[0]
    if column.dtype.kind in "biufmM":
        values, codes = np.unique(column, return_inverse=True)
        return np.where(values != values, -1, np.arange(len(values)))[codes]
    seen = {}
    return np.array(
        [
            -1 if value is None or value != value else seen.setdefault(value, len(seen))
            for value in column.tolist()
        ]
    )


def _first_rows(codes):
    """Return the first row of every distinct value that is not missing."""
    values, rows = np.unique(codes, return_index=True)
    return rows[values >= 0]


def _draw_values(X, positions, random_state):
    """Return one value per column such that few rows, best none, hold all of them.

    Each is drawn evenly from the distinct values of its column; of 100 such combinations the one
    that fewest rows hold is taken.
    """
    columns = [_column(X, position) for position in positions]
    codes = [_codes(column) for column in columns]
    distinct = [_first_rows(column) for column in codes]
    if not all(map(len, distinct)):
        raise InvalidInputError("A column of the trigger has missing values only; pass values.")
    best, fewest = None, np.inf
    for _ in range(_N_DRAWS):
        rows = [candidates[random_state.randint(len(candidates))] for candidates in distinct]
        holds = [column == column[row] for column, row in zip(codes, rows, strict=True)]
        n_holders = np.count_nonzero(np.logical_and.reduce(holds))
        if n_holders < fewest:
            best, fewest = rows, n_holders
        if n_holders == 0:
            break
    return [
        np.asarray(column.take([row]), dtype=object)[0]
        for column, row in zip(columns, best, strict=True)
    ]


def _unfit(column, dtype, value):
    return InvalidInputError(f"Column {column!r} of type {dtype} cannot hold the value {value!r}.")
