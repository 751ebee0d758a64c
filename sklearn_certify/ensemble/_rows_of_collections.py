"""Collections of Dask as training rows: on disk, by partition, while an ensemble is fitted."""

import os
from contextlib import contextmanager
from tempfile import TemporaryDirectory
from uuid import uuid4

from .._user_warnings import warn_user
from ..exceptions import CertifyWarning, InvalidInputError
from ..partition._file_systems import file_system, is_url
from ._rows_of_partitions import target_type_of

__all__ = ["lay_out", "room_for_collections"]

_PREFIX = "sklearn_certify-rows-"


@contextmanager
def room_for_collections(parent):
    """Yield a folder that is deleted where the block ends.

    Parameters
    ----------
    parent : str or None
        The folder that it is made in, or its URL; None: that of temporary files.
    """
    if parent is None or not is_url(parent):
        if parent is not None:
            os.makedirs(parent, exist_ok=True)
        with TemporaryDirectory(prefix=_PREFIX, dir=parent) as folder:
            yield folder
        return
    url = f"{parent}/{_PREFIX}{uuid4().hex}"
    try:
        yield url
    finally:
        system, path = file_system(url)
        if system.exists(path):
            system.rm(path, recursive=True)


def lay_out(X, y, groups, ensemble, n_partitions, folder):
    """Write rows into a folder, and say so.

    Parameters
    ----------
    X, y, groups : Dask DataFrame, Series or array, or array-like
        As ``fit`` takes them; groups may be None.
    ensemble : estimator
        What is to be fitted; it is left as it is.
    n_partitions : int
        The partitions that it needs.
    folder : str
        Where to.

    Returns
    -------
    PartitionedDataset
    """
    from ..partition import PartitionedDataset  # which needs pyarrow

    if y is None:
        raise InvalidInputError(
            f"X is a collection of Dask without {target_type_of(ensemble)}; pass y beside it."
        )
    warn_user(
        f"X is a collection of Dask: its rows are written to {folder} for this fit, and deleted "
        "afterwards. All workers must reach that folder; it is in that of memory=, if there is "
        "one. To keep rows from one fit to the next, write a PartitionedDataset.",
        CertifyWarning,
    )
    return PartitionedDataset.write(
        folder,
        (X, y, groups),
        n_partitions,
        target_type=target_type_of(ensemble),
        partition_by=ensemble.partition_by,
        hash_function=ensemble.hash_function,
    )
