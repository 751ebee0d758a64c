"""What decides the partition of a row."""

from ..exceptions import InvalidInputError
from ._custom_hash import apply_hash_function
from .content_hash import combine_hashes, hash_labels

__all__ = ["name_of_function", "partition_hashes"]


def partition_hashes(X, y, groups, row_hashes, label_hashes, *, partition_by, hash_function):
    """Return the hashes that `split` makes partitions of.

    Parameters
    ----------
    X : table, CSR matrix or ndarray of shape (n_rows, ...)
        Rows, for `hash_function`.
    y : ndarray of shape (n_rows,)
        Labels.
    groups : ndarray of shape (n_rows,) or None
        The contributor of each row; if given, it alone decides.
    row_hashes, label_hashes : ndarray of uint64, of shape (n_rows,)
        Content hashes.
    partition_by : {"features", "sample"}
        Whether labels count.
    hash_function : callable or None
        Takes the place of the content hash, see `DPAClassifier`.

    Returns
    -------
    ndarray of uint64, of shape (n_rows,)

    Raises
    ------
    InvalidInputError
        If `hash_function` does not return a hash of each row alone.
    """
    sees_labels = partition_by == "sample"
    if groups is not None:
        return hash_labels(groups)
    if hash_function is not None:
        return apply_hash_function(hash_function, X, y if sees_labels else None)
    return combine_hashes(row_hashes, label_hashes) if sees_labels else row_hashes


def name_of_function(function):
    """Return the name of a hash function with that of its module.

    Parameters
    ----------
    function : callable or None
        As `hash_function` above.

    Returns
    -------
    str or None

    Raises
    ------
    InvalidInputError
        If it has no name that tells it from others, as a lambda has none.
    """
    if function is None:
        return None
    name = f"{getattr(function, '__module__', '')}.{getattr(function, '__qualname__', '<')}"
    if "<" in name:
        raise InvalidInputError(
            "A partitioned data set knows hash_function by its name, and this one has none of its "
            f"own ({function!r:.60}); define it with def in a module."
        )
    return name
