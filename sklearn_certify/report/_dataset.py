"""The rows that a report is about."""

import math
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from scipy.sparse import issparse
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_consistent_length

from .._rows import check_groups, check_labels, check_number_rows, check_periods
from .._rows.columns import column_values, is_series
from .._rows.lists import without_lists
from .._rows.tables import canonical_table, column_names, is_table
from ..exceptions import InvalidInputError
from ..partition import periods_from_dates
from ._words import counted

__all__ = ["Dataset", "as_numbers", "make_dataset", "plain_rows"]


@dataclass(frozen=True)
class Dataset:
    """Rows with labels, and what is known of where they come from.

    Attributes
    ----------
    source : str
        Where the rows come from.
    X : ndarray, CSR matrix or DataFrame of shape (n_rows, ...)
        Rows.
    y : ndarray of shape (n_rows,)
        Labels.
    target : str or None
        Name of the column that the labels come from.
    groups : ndarray of shape (n_rows,) or None
        Contributor of each row, where contributors are the units of poison.
    group_column : str or None
        Name of the column that the contributors come from.
    text_columns : list of int
        Columns that hold text, or anything else that is no number.
    is_table : bool
        Whether columns are of different kinds and scales, and cells may be missing.
    notes : list of str
        What a reader has to know about how the rows were read.
    limits : list of Limit or None
        What was decided by a vote of the rows, and how much poison turns it. None where nobody
        has voted: what looks decided by the rows is then warned of.
    feature_names : list of str or None
        Names of the columns, where they have some.
    image_shape : tuple of int or None
        Height, width and, in colour, channels, where rows are images.
    periods : ndarray of int64, of shape (n_rows,), or None
        The period in which each row came.
    period_column : str or None
        Name of the column that the periods come from.
    """

    source: str
    X: np.ndarray
    y: np.ndarray
    target: str | None = None
    groups: np.ndarray | None = None
    group_column: str | None = None
    text_columns: list = field(default_factory=list)
    is_table: bool = True
    notes: list = field(default_factory=list)
    limits: list | None = None
    feature_names: list | None = None
    image_shape: tuple | None = None
    periods: np.ndarray | None = None
    period_column: str | None = None

    @property
    def radius_limit(self):
        """The largest poison size that leaves the form of the rows as it is; inf if all do."""
        return min((limit.units for limit in self.limits or ()), default=math.inf)

    @cached_property
    def only_numbers(self):
        """Whether rows are finite numbers and nothing else, in a dense table."""
        return not self.text_columns and as_numbers(self.X) is not None

    @property
    def n_features(self):
        """Number of features; one text per row is one."""
        return math.prod(self.X.shape[1:])

    def describe(self, n_rows=None):
        """Say in one line what there is, of more rows than these if their number is given."""
        n_rows = len(self.y) if n_rows is None else n_rows
        rows = counted(n_rows, "row")
        if self.groups is not None:
            of_them = f", {len(self.y)} of them" if n_rows > len(self.y) else ""
            rows += f"{of_them} of {counted(len(set(self.groups)), 'contributor')}"
        parts = [rows, self._features_in_words(), self._labels_in_words()]
        return f"{self.source}: {', '.join(parts)}"

    def _labels_in_words(self):
        return counted(len(np.unique(self.y)), "class", "classes")

    def _features_in_words(self):
        shape = self.X.shape[1:]
        if not shape:
            return "a text each"
        if len(shape) > 1:
            return f"{' x '.join(map(str, shape))} features"
        text = f" ({len(self.text_columns)} of text)" if self.text_columns else ""
        return counted(self.n_features, "feature") + text


def make_dataset(
    X, y, groups, source, target, periods=None, every=None, *, kind=Dataset, check=check_labels
):
    """Check rows as they come from a notebook.

    Parameters
    ----------
    X : array-like, sparse matrix or table of shape (n_rows, ...)
        Rows.
    y : array-like of shape (n_rows,)
        Labels.
    groups : array-like of shape (n_rows,) or None
        Contributors.
    source, target : str or None
        Names; those of columns are taken from `y` and `groups` where these have one.
    periods : array-like of shape (n_rows,), default=None
        When rows came: whole numbers, or dates if `every` is given.
    every : str or timedelta, default=None
        How long a period is.
    kind : type, default=Dataset
        What is made.
    check : callable, default=check_labels
        Called as ``check(estimator, y)``; returns the labels as they are kept.

    Returns
    -------
    Dataset

    Raises
    ------
    ValueError
        If there is not one label, and one contributor if any, for each row.
    """
    if y is None:
        raise InvalidInputError("A report needs the label of each row, but y is None.")
    target = _name_of(y) if target is None else str(target)
    group_column = None if groups is None else _name_of(groups) or "groups"
    X, y, groups = plain_rows(X), check(BaseEstimator(), y), check_groups(groups)
    period_column = None if periods is None else _name_of(periods) or "periods"
    periods = _numbers_of_periods(periods, every)
    check_consistent_length(X, y, groups, periods)
    table = is_table(X)
    is_text = [not _is_number(kind) for kind in X.dtypes] if table else []
    return kind(
        str(source),
        X,
        y,
        target,
        groups,
        group_column,
        text_columns=np.flatnonzero(is_text).tolist(),
        is_table=table,
        feature_names=list(map(str, column_names(X))) if table else None,
        image_shape=_image_shape(X),
        periods=periods,
        period_column=period_column,
    )


def _numbers_of_periods(periods, every):
    if periods is None:
        if every is not None:
            raise InvalidInputError("every= says how long the periods of dates are: give periods=.")
        return None
    return check_periods(periods)[0] if every is None else periods_from_dates(periods, every)


def _image_shape(X):
    """Return the shape of rows that are images of numbers: grey, or with three channels or four."""
    shape = X.shape[1:]
    is_image = len(shape) == 2 or (len(shape) == 3 and shape[2] in (1, 3, 4))
    return shape if is_image and X.dtype.kind in "biuf" else None


def plain_rows(X):
    """Return rows in a container that some of them can be taken from.

    Parameters
    ----------
    X : array-like, sparse matrix or table of shape (n_rows, ...)
        Rows.

    Returns
    -------
    ndarray, CSR matrix or DataFrame
    """
    X = without_lists(X)
    if is_table(X):
        return canonical_table(X)
    if issparse(X):
        return X.tocsr()
    X = column_values(X) if is_series(X) else np.asanyarray(X)
    if X.ndim == 0:
        raise InvalidInputError(f"X must be rows, got {X.item()!r}.")
    return X


def _name_of(column):
    name = getattr(column, "name", None)
    if is_table(column) and len(column_names(column)) == 1:
        name = column_names(column)[0]
    return None if name is None or callable(name) else str(name)


def _is_number(dtype):
    """Say whether a column is declared as numbers; what its cells are is up to each row."""
    # a column of truth values is one of two categories
    return dtype.kind in "iuf" if hasattr(dtype, "kind") else dtype.is_numeric()


def as_numbers(X):
    """Return rows as finite numbers, or None if they are anything else.

    Parameters
    ----------
    X : ndarray, CSR matrix or DataFrame of shape (n_rows, ...)
        Rows.

    Returns
    -------
    ndarray of float64 of shape (n_rows, n_features), or None
    """
    try:
        return check_number_rows(BaseEstimator(), X)[0]
    except (TypeError, ValueError):
        return None
