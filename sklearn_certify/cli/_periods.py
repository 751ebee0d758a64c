"""The periods in which rows of a table came."""

import re

import numpy as np

from .._rows import check_periods
from ..exceptions import InvalidInputError
from ..partition import periods_from_dates
from .tables import as_text

__all__ = ["EVERY", "read_periods"]

EVERY = ("hour", "day", "week", "month", "quarter", "year")


def read_periods(cells, name, every):
    """Return the number of the period of each row; each cell is read on its own.

    Parameters
    ----------
    cells : list
        Cells of the column, none of them missing.
    name : str
        Name of the column.
    every : str or None
        How long a period is; None: cells are whole numbers.

    Returns
    -------
    ndarray of int64, of shape (n_rows,)

    Raises
    ------
    InvalidInputError
        If a cell is no date, or no whole number.
    """
    texts = [as_text(cell).strip() for cell in cells]
    if every is not None:
        try:
            return periods_from_dates(np.array(texts, dtype=object), every)
        except InvalidInputError as error:
            raise InvalidInputError(f"Cannot read periods of column {name!r}: {error}") from error
    wrong = [text for text in texts if not re.fullmatch(r"[+-]?\d{1,17}", text)]
    if wrong:
        raise InvalidInputError(
            f"Column {name!r} holds {wrong[0]!r}, which is no whole number of a period; for dates "
            f"say how long a period is: --every {', '.join(EVERY)}."
        )
    return check_periods(np.array(list(map(int, texts)), dtype=np.int64), name)[0]
