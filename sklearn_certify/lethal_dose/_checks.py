"""What may be asked for: numbers of partitions, of voters, of queries."""

from numbers import Integral, Real

import numpy as np

from ..exceptions import InvalidInputError

__all__ = ["check_partition_counts", "check_share", "check_whole"]


def check_whole(value, name, *, least=1):
    """Return a whole number that is at least `least`, or raise."""
    if isinstance(value, bool) or not isinstance(value, Integral) or value < least:
        raise InvalidInputError(f"{name} must be a whole number from {least} up, got {value!r}.")
    return int(value)


def check_share(value, name):
    """Return a share between 0 and 1, or raise."""
    if isinstance(value, bool) or not isinstance(value, Real) or not 0 < value < 1:
        raise InvalidInputError(f"{name} must be a share between 0 and 1, got {value!r}.")
    return float(value)


def check_partition_counts(partition_counts):
    """Return numbers of partitions, ascending and each once, or raise."""
    counts = np.atleast_1d(np.asarray(partition_counts))
    if counts.ndim != 1 or counts.size == 0 or counts.dtype.kind not in "iu" or counts.min() < 1:
        raise InvalidInputError(
            f"partition_counts must be whole numbers from 1 up, got {partition_counts!r}."
        )
    return np.unique(counts).tolist()
