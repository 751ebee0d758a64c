"""Results as a table of pandas."""

from ..exceptions import MissingExtraError

__all__ = ["data_frame"]


def data_frame(rows, columns=None):
    """Return rows as a DataFrame.

    Parameters
    ----------
    rows : iterable of dict, or dict of arrays
        Values by the name of their column.
    columns : list of str, default=None
        All columns in their order; None: as they come.

    Returns
    -------
    pandas.DataFrame

    Raises
    ------
    MissingExtraError
        If pandas is missing.
    """
    try:
        from pandas import DataFrame
    except ImportError as error:
        raise MissingExtraError(
            'Tables need pandas: pip install "sklearn-certify[table]"'
        ) from error
    return DataFrame(rows, columns=columns)
