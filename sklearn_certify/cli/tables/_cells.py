"""What a cell is that is no text yet: each is judged alone."""

import json
from decimal import Decimal
from numbers import Real

__all__ = ["WORDS_FOR_MISSING", "as_text", "to_cell"]

# what programs write where nothing is, in lower case
WORDS_FOR_MISSING = {"nan", "na", "n/a", "<na>", "#n/a", "null", "none"}


def to_cell(value):
    """Return a number as it is, anything else as text, "" if it is missing.

    Parameters
    ----------
    value : object
        A value that a reader of files found.

    Returns
    -------
    str or number
    """
    if value is None or value != value:
        return ""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, (Real, Decimal)):
        return value
    if isinstance(value, bytes):  # text of programs that do not say so
        return value.decode("utf-8", "backslashreplace").strip()
    if isinstance(value, (dict, list)):
        return json.dumps(value, sort_keys=True)
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def as_text(cell):
    """Return the text of a cell, exactly: a whole number has no fraction, whatever its type.

    Parameters
    ----------
    cell : str or number
        A cell.

    Returns
    -------
    str

    Examples
    --------
    >>> from sklearn_certify.cli.tables import as_text
    >>> as_text(7), as_text(7.0), as_text(2**53 + 1), as_text(True), as_text("007")
    ('7', '7', '9007199254740993', 'True', '007')
    """
    if isinstance(cell, (str, bool)):
        return str(cell)
    try:
        whole = int(cell)
    except (OverflowError, ValueError):  # infinite
        return str(cell)
    return str(whole) if whole == cell else str(cell)
