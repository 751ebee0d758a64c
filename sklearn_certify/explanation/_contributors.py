"""Who fills which partition, where the units of poison are groups."""

import numpy as np

from .._rows import check_groups
from ..exceptions import InvalidInputError
from ..partition import hash_labels, split

__all__ = ["contributors_of"]


def contributors_of(ensemble, groups):
    """Return the names of the contributors that fill each partition.

    Parameters
    ----------
    ensemble : estimator
        Fitted; its voters learn from partitions.
    groups : array-like of shape (n_rows,) or None
        The contributor of each training row, as ``fit`` got them.

    Returns
    -------
    list of set of str, or None
        None without groups.

    Raises
    ------
    InvalidInputError
        If groups are not those of ``fit``.
    """
    if groups is None:
        return None
    if ensemble.poison_unit_ != "group":
        raise InvalidInputError(
            "groups were given to explain, but not to fit, whose certificates count rows."
        )
    if not hasattr(ensemble, "partition_"):
        raise InvalidInputError(
            f"{type(ensemble).__name__} was fitted on a PartitionedDataset, whose rows explain "
            "does not read: leave groups out."
        )
    groups = check_groups(groups)
    of_rows = split(hash_labels(groups), len(ensemble.spread_))
    if not np.array_equal(of_rows, ensemble.partition_):
        raise InvalidInputError(
            "groups are not those that fit was given: pass the contributor of each training row, "
            "in the same order."
        )
    names = [set() for _ in range(len(ensemble.spread_))]
    for name, partition in zip(groups.tolist(), of_rows.tolist(), strict=True):
        names[partition].add(name)
    return names
