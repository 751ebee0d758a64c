"""Collections of Dask, computed one partition after the other."""

from ..._rows import slice_rows
from ..._rows.columns import column_values, is_dask_collection, is_series
from ...exceptions import InvalidInputError

__all__ = ["blocks_of_collections"]


def blocks_of_collections(parts):
    """Yield blocks: partitions of collections, and as many rows of what is in memory beside them.

    Parameters
    ----------
    parts : tuple of object
        Rows, labels and groups, at least one of them a Dask DataFrame, Series or array, the others
        as ``fit`` takes them. A tuple of one is a table with its labels.

    Yields
    ------
    tuple, or a table where parts are one
        What the partitions hold.

    Raises
    ------
    InvalidInputError
        If they have different numbers of partitions, or of rows.
    """
    collections = _partitions_of_all([part for part in parts if is_dask_collection(part)])
    lengths = [_length(part) for part in parts if _is_in_memory(part)]
    n_rows = 0
    for computed in collections:
        found = iter(computed)
        start, n_rows = n_rows, n_rows + _length(computed[0])
        block = tuple(
            next(found) if is_dask_collection(part) else _rows_of(part, slice(start, n_rows))
            for part in parts
        )
        yield block if len(parts) > 1 else block[0]
    if any(length != n_rows for length in lengths):
        raise InvalidInputError(
            f"X, y and groups have different numbers of rows: {[n_rows, *lengths]}."
        )


def _is_in_memory(part):
    return part is not None and not is_dask_collection(part)


def _length(part):
    return part.shape[0] if hasattr(part, "shape") else len(part)


def _rows_of(part, rows):
    if part is None:
        return None
    if is_series(part):
        return column_values(part)[rows]
    return part[rows] if isinstance(part, list) else slice_rows(part, rows)


def _partitions_of_all(collections):
    """Yield lists of the computed n-th partitions of collections."""
    import dask

    collections = _with_equal_chunks(collections)
    counts = [collection.npartitions for collection in collections]
    if len(set(counts)) > 1:
        raise InvalidInputError(
            f"the collections have different numbers of partitions: {counts}; repartition them."
        )
    are_alike = len(set(map(_is_array, collections))) == 1
    for number in range(counts[0]):
        parts = [_partition(collection, number) for collection in collections]
        # together, where Dask can: what they have in common is computed once
        yield dask.compute(*parts) if are_alike else [part.compute() for part in parts]


def _with_equal_chunks(collections):
    """Return collections, arrays in chunks of whole rows, equal ones where sizes are known."""
    arrays = [part for part in collections if _is_array(part)]
    if not arrays:
        return collections
    known = [part.chunks[0] for part in arrays if part.shape[0] == part.shape[0]]  # not NaN
    at_once = known[0] if len(arrays) == len(collections) == len(known) else None
    if at_once is not None and len({sum(chunks) for chunks in known}) > 1:
        raise InvalidInputError(
            f"X, y and groups have different numbers of rows: {[sum(chunks) for chunks in known]}."
        )
    return [_of_whole_rows(part, at_once) if _is_array(part) else part for part in collections]


def _is_array(collection):
    return hasattr(collection, "chunks")


def _of_whole_rows(array, chunks):
    whole = dict.fromkeys(range(1, array.ndim), -1)
    return array.rechunk({**({} if chunks is None else {0: chunks}), **whole})


def _partition(collection, number):
    if _is_array(collection):
        return collection.blocks[number]
    return collection.get_partition(number)
