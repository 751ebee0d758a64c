"""What a data set is written with, and keeps."""

import numpy as np

from ...exceptions import InvalidInputError
from ..partition_hashes import name_of_function

__all__ = ["checked_settings"]


def checked_settings(
    n_partitions, *, partition_by, hash_function, target, groups, target_type, classes
):
    """Return the settings of a new data set, which has no rows yet.

    Parameters
    ----------
    n_partitions, partition_by, hash_function, target, groups, target_type, classes
        As `PartitionedDataset.write` takes them.

    Returns
    -------
    dict
        As its manifest keeps them.

    Raises
    ------
    InvalidInputError
        If one of them is none that there can be.
    """
    if not isinstance(n_partitions, (int, np.integer)) or n_partitions < 1:
        raise InvalidInputError(
            f"n_partitions must be a whole number from 1, got {n_partitions!r}."
        )
    if partition_by not in ("features", "sample"):
        raise InvalidInputError(
            f"partition_by must be 'features' or 'sample', got {partition_by!r}."
        )
    if target_type not in ("labels", "numbers"):
        raise InvalidInputError(f"target_type must be 'labels' or 'numbers', got {target_type!r}.")
    if target_type == "numbers" and classes is not None:
        raise InvalidInputError("classes are labels; leave them out with target_type='numbers'.")
    for name in (target, groups):
        if name is not None and type(name) not in (str, int):
            raise InvalidInputError(
                f"target and groups name columns of tables by a text or a whole number, got a "
                f"{type(name).__name__}; give contributors beside rows, as in (X, y, groups)."
            )
    return {
        "n_partitions": int(n_partitions),
        "partition_by": partition_by,
        "hash_function": name_of_function(hash_function),
        "target": target,
        "groups": groups,
        "target_type": target_type,
        "grouped": False,
        "classes": None,
    }
