"""Rows sorted by partition, with more of them than memory holds."""

import os
from contextlib import suppress
from itertools import pairwise
from uuid import uuid4

import numpy as np
import pyarrow as pa

__all__ = ["Layout"]

_HELD_BYTES = 1 << 28  # rows that are held until they are sorted
_MOST_BUCKETS = 1024


class Layout:
    """Takes rows as they come, and gives them back partition by partition.

    Rows are gathered, sorted and written to the disk, in buckets of consecutive partitions; the
    buckets are then read one after the other. Few rows never leave memory.

    Parameters
    ----------
    n_partitions : int
        Number of partitions.
    scratch : str
        Folder for files that are of no use afterwards.
    name : str
        How their names begin.
    """

    def __init__(self, n_partitions, scratch, name):
        self.n_partitions = n_partitions
        n_buckets = min(n_partitions, _MOST_BUCKETS)
        self._edges = np.arange(n_buckets + 1) * n_partitions // n_buckets
        # one file, however many rows come: a process may have only so many of them open
        self._path = os.path.join(scratch, f"{name}-{uuid4().hex}.segment")
        self._file = self._writer = None
        self._n_segments = 0
        self._held, self._held_partitions, self._n_bytes = [], [], 0

    def __enter__(self):
        return self

    def __exit__(self, *error):
        with suppress(Exception):  # a full disk is full
            self._close()
        if os.path.exists(self._path):
            os.unlink(self._path)

    def add(self, table, partitions):
        """Take some rows.

        Parameters
        ----------
        table : pyarrow.Table
            Rows, in columns that are the same each time.
        partitions : ndarray of int64, of shape (n_rows,)
            The partition of each.
        """
        self._held.append(table)
        self._held_partitions.append(partitions)
        self._n_bytes += table.nbytes
        if self._n_bytes >= _HELD_BYTES:
            self._write_segment()

    def tables(self):
        """Yield all rows, sorted by partition: some consecutive partitions at a time.

        Yields
        ------
        table : pyarrow.Table
            Rows; those of one partition are in the order in which they came.
        partitions : ndarray of int64, of shape (n_rows,)
            Their partitions, ascending.
        """
        if not self._n_segments:
            yield from self._sorted_buckets()
            return
        if self._held:
            self._write_segment()
        self._close()
        with pa.OSFile(self._path) as file:
            reader, n_buckets = pa.ipc.open_file(file), len(self._edges) - 1
            for bucket in range(n_buckets):
                places = range(bucket, self._n_segments * n_buckets, n_buckets)
                batches = [reader.get_batch(place) for place in places]
                if any(map(len, batches)):
                    yield _sorted_rows(batches)

    def _sorted_buckets(self):
        """Yield what is held, bucket by bucket, the empty ones too if it is for a segment."""
        if not self._held:
            return
        whole = pa.concat_tables(self._held).combine_chunks()
        numbers = np.concatenate(self._held_partitions)
        self._held, self._held_partitions, self._n_bytes = [], [], 0
        order = _stable_order(numbers)
        numbers = numbers[order]
        ends = np.searchsorted(numbers, self._edges)
        for start, stop in pairwise(ends):
            if stop > start or self._n_segments:
                yield _take(whole, order[start:stop]), numbers[start:stop]

    def _write_segment(self):
        """Write what is held, one batch for each bucket."""
        self._n_segments += 1
        for table, numbers in self._sorted_buckets():
            table = table.add_column(0, "partition", pa.array(numbers)).combine_chunks()
            if self._writer is None:
                self._file = pa.OSFile(self._path, "wb")
                self._writer = pa.ipc.new_file(self._file, table.schema)
            for batch in table.to_batches() or [_empty_batch(table.schema)]:
                self._writer.write_batch(batch)

    def _close(self):
        if self._writer is not None:
            writer, self._writer = self._writer, None
            try:
                writer.close()
            finally:
                self._file.close()


def _sorted_rows(batches):
    """Return the rows of batches by partition, with never more than two copies of them."""
    table = pa.Table.from_batches(batches)
    batches.clear()
    numbers = table.column(0).to_numpy()
    table = table.remove_column(0).combine_chunks()
    order = _stable_order(numbers)
    return _take(table, order), numbers[order]


def _stable_order(partitions):
    small = partitions.max(initial=0) < 1 << 16  # which NumPy sorts by radix
    return np.argsort(partitions.astype(np.uint16) if small else partitions, kind="stable")


def _empty_batch(schema):
    return pa.RecordBatch.from_arrays([pa.array([], f.type) for f in schema], schema=schema)


def _take(table, rows):
    return table.take(pa.array(rows))
