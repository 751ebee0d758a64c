"""The columns of a table keep their names and their order, whatever the names are."""

from collections import Counter

from sklearn.utils.validation import validate_data

from ..exceptions import InvalidInputError
from .missing import is_missing
from .tables import column_names

__all__ = ["check_columns", "names_to_remember", "refuse_repeated_names"]


def check_columns(estimator, table, *, reset):
    """Check how many columns and rows a table has, and what its columns are called.

    Parameters
    ----------
    estimator : estimator
        Its ``n_features_in_`` and ``feature_names_in_`` are set or compared by scikit-learn.
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


def names_to_remember(table):
    """Return the names of a table's columns, None for each that is missing.

    Parameters
    ----------
    table : table
        Rows.

    Returns
    -------
    list
    """
    return [None if is_missing(name) else name for name in column_names(table)]
