"""Sizes that are given as one number or as two."""

from numbers import Integral

import numpy as np

from ..exceptions import InvalidInputError

__all__ = ["check_pair"]


def check_pair(size, name):
    """Return what is meant for rows and for columns.

    Parameters
    ----------
    size : int or (int, int)
        Whole numbers from 1 up; one number stands for both.
    name : str
        Name of the parameter.

    Returns
    -------
    ndarray of int64, of shape (2,)

    Raises
    ------
    InvalidInputError
        If it is something else.
    """
    pair = [size, size] if np.isscalar(size) else list(size)
    if len(pair) != 2 or not all(isinstance(value, Integral) and value >= 1 for value in pair):
        raise InvalidInputError(
            f"{name} holds {size!r}; a size is a whole number from 1 up, or two of them, for rows "
            "and for columns."
        )
    return np.array(pair, dtype=np.int64)
