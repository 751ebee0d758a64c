"""Rows of partitions, as they were written, or an error."""

from collections import defaultdict

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from ...exceptions import DatasetError
from ._blocks import hashed_block
from ._manifest import latest_number

__all__ = ["read_groups_of_rows", "read_partitions", "sums_of_checks"]


def read_partitions(folder, manifest, rows_in_arrow, partitions):
    """Return the rows of some partitions, after a look at whether they all are there.

    Parameters
    ----------
    folder : LocalFolder or RemoteFolder
        Where the files are.
    manifest : Manifest
        What is to be there.
    rows_in_arrow : RowsInArrow
        The form of the rows.
    partitions : sequence of int
        Numbers of partitions, none twice.

    Returns
    -------
    HashedBlock and the rows in their own form
        One partition after the other.

    Raises
    ------
    DatasetError
        If a file is missing or damaged, or if counts or hash sums are not those of the manifest.
    """
    tables = [[] for _ in partitions]
    wanted = defaultdict(list)
    for place, number in enumerate(partitions):
        for file, first, n_groups in manifest.partitions[number].pieces:
            wanted[file].append((place, first, n_groups))
    for file, pieces in wanted.items():
        starts = [range(first, first + n_groups) for _, first, n_groups in pieces]
        read = read_groups_of_rows(folder, manifest, file, starts)
        for (place, _, _), table in zip(pieces, read, strict=True):
            tables[place].append(table)
    counts = [sum(table.num_rows for table in parts) for parts in tables]
    for number, count in zip(partitions, counts, strict=True):
        if count != manifest.partitions[number].n_rows:
            raise DatasetError(_mismatch(folder, manifest, number, f"{count} rows"))
    every = [table for parts in tables for table in parts]
    if not every:
        every = [rows_in_arrow.empty_table()]
    rows = rows_in_arrow.decode(pa.concat_tables(every))
    block = hashed_block(*rows)
    ends = np.cumsum(counts)
    for number, check in zip(partitions, sums_of_checks(block.checks, ends), strict=True):
        if check != manifest.partitions[number].check:
            raise DatasetError(_mismatch(folder, manifest, number, "rows of other content"))
    return block, rows[0]


def _mismatch(folder, manifest, number, what):
    return (
        f"Partition {number} of {folder.path} has {what} where the manifest says "
        f"{manifest.partitions[number].n_rows} rows: the data set is damaged; restore its files "
        "from a copy, or write it anew."
    )


def read_groups_of_rows(folder, manifest, file, pieces):
    """Return tables of row groups of one file.

    Parameters
    ----------
    folder, manifest
        As for `read_partitions`.
    file : int
        Number of the file.
    pieces : list of sequence of int
        The row groups of each table.

    Returns
    -------
    list of pyarrow.Table
    """
    name = manifest.files[file]
    try:
        with (
            folder.open_to_read(name) as source,
            pq.ParquetFile(source, page_checksum_verification=True) as parquet,
        ):
            # voters are read at the same time as others; few columns gain nothing from threads
            return [parquet.read_row_groups(list(groups), use_threads=False) for groups in pieces]
    except FileNotFoundError as error:
        if latest_number(folder.names()) > manifest.number:
            raise DatasetError(
                f"{folder.path} was changed since it was opened; open it again."
            ) from error
        raise DatasetError(
            f"{name} is missing in {folder.path}; restore it from a copy, or write the data anew."
        ) from error
    except (pa.ArrowException, OSError, IndexError) as error:
        raise DatasetError(
            f"{name} in {folder.path} is damaged ({error}); restore it from a copy, or write the "
            "data anew."
        ) from error


def sums_of_checks(checks, ends):
    """Return the sums of consecutive hashes, modulo ``2**64``.

    Parameters
    ----------
    checks : ndarray of uint64, of shape (n_rows,)
        Hashes.
    ends : ndarray of int, of shape (n_parts,)
        Where each part ends.

    Returns
    -------
    list of int
    """
    totals = np.concatenate([np.zeros(1, np.uint64), np.cumsum(checks, dtype=np.uint64)])
    starts = np.concatenate([[0], ends[:-1]]).astype(np.int64)
    return (totals[ends] - totals[starts]).tolist()
