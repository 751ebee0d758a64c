"""The columns of a table keep their names and their order, whatever the names are."""

from collections import Counter

import numpy as np
from sklearn.utils.validation import validate_data

from ..exceptions import InvalidInputError
from .missing import is_missing
from .tables import column_names

__all__ = ["check_columns", "compare_names", "refuse_repeated_names"]


def check_columns(estimator, table, *, reset):
    """Check how many columns and rows a table has, and what its columns are called.

    Parameters
    ----------
    estimator : estimator
        Its ``n_features_in_`` and ``feature_names_in_`` are set or compared.
    table : table
        Rows.
    reset : bool
        True in ``fit``, False for queries.

    Raises
    ------
    ValueError
        If the table is empty, two columns have one name, or columns are not those of ``fit``.
    """
    refuse_repeated_names(table)
    n_rows, n_columns = len(table), len(column_names(table))
    if n_rows == 0:
        raise InvalidInputError("Found array with 0 sample(s), but at least 1 is required.")
    if n_columns == 0:
        raise InvalidInputError("Found array with 0 feature(s), but at least 1 is required.")
    validate_data(estimator, X=table, reset=reset, skip_check_array=True)
    compare_names(estimator, table, reset=reset)


def refuse_repeated_names(table):
    """Raise an error if two columns have one name.

    Parameters
    ----------
    table : table
        Rows.

    Raises
    ------
    InvalidInputError
        Names the columns.
    """
    counts = Counter(column_names(table))
    repeated = [name for name, count in counts.items() if count > 1]
    if repeated:
        raise InvalidInputError(
            f"X has {counts[repeated[0]]} columns named {repeated[0]!r}; give every column a name "
            "of its own."
        )


def compare_names(estimator, table, *, reset):
    """Keep the names of a table's columns, or compare them with those of ``fit``.

    scikit-learn compares strings alone, and not those of every table.

    Parameters
    ----------
    estimator : estimator
        What was given the table.
    table : table
        Rows.
    reset : bool
        True in ``fit``, False for queries.

    Raises
    ------
    InvalidInputError
        If columns are missing, new or in another order.
    """
    names = [None if is_missing(name) else name for name in column_names(table)]
    if reset:
        estimator._column_names = names
        if all(isinstance(name, str) for name in names):
            estimator.feature_names_in_ = np.array(names, dtype=object)
        return
    fitted = getattr(estimator, "_column_names", names)
    if names == fitted:
        return
    known, given = set(fitted), set(names)
    lines = ["The feature names should match those that were passed during fit."]
    for what, those in (
        ("Feature names unseen at fit time", [name for name in names if name not in known]),
        ("Feature names seen at fit time, yet now missing", [n for n in fitted if n not in given]),
    ):
        if those:
            lines.append(f"{what}: {', '.join(map(repr, those[:5]))}.")
    if known == given:
        lines.append("Feature names must be in the same order as they were in fit.")
    raise InvalidInputError(" ".join(lines))
