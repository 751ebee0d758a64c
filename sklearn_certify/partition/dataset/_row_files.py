"""Rows in Parquet files: few of them, with row groups of one partition each."""

from contextlib import suppress
from uuid import uuid4

import pyarrow.parquet as pq

__all__ = ["RowFiles"]

_MOST_BYTES = 1 << 27  # then a new file begins
_MOST_PARTITIONS = 256
_MOST_ROWS = 1 << 20  # of a row group


class RowFiles:
    """Writes the rows of partitions into new files.

    Parameters
    ----------
    folder : LocalFolder or RemoteFolder
        Where they go.
    stem : str
        How their names begin.
    n_before : int, default=0
        Number of files that there are already.
    """

    def __init__(self, folder, stem, n_before=0):
        self.folder, self.stem, self.n_before = folder, stem, n_before
        self.names = []
        self._writer = self._file = None

    def write(self, table):
        """Write the rows of one partition.

        Parameters
        ----------
        table : pyarrow.Table
            At least one row.

        Returns
        -------
        (int, int, int)
            Where they are, as a `Partition` says.
        """
        if self._writer is None or self._n_bytes >= _MOST_BYTES or self._n_left == 0:
            self._begin(table.schema)
        first = self._n_groups
        n_groups = -(-table.num_rows // _MOST_ROWS)
        self._writer.write_table(table, row_group_size=_MOST_ROWS)
        self._n_bytes += table.nbytes
        self._n_groups += n_groups
        self._n_left -= 1
        return self.n_before + len(self.names) - 1, first, n_groups

    def begin_file(self):
        """Let what is written next go into a new file."""
        self._end()

    def _begin(self, schema):
        self._end()
        self.names.append(f"{self.stem}-{uuid4().hex[:12]}.parquet")
        self._n_bytes, self._n_groups, self._n_left = 0, 0, _MOST_PARTITIONS
        self._file = self.folder.open_to_write(self.names[-1])
        # no dictionaries: equal numbers with other bits (0.0 and -0.0) would become one
        self._writer = pq.ParquetWriter(
            self._file,
            schema,
            use_dictionary=False,
            write_statistics=False,
            compression="lz4",
            write_page_checksum=True,
        )

    def _end(self):
        if self._writer is not None:
            writer, file = self._writer, self._file
            self._writer = self._file = None
            writer.close()
            file.close()
            self.folder.settle(self.names[-1])

    def close(self):
        """Finish the last file."""
        self._end()

    def discard(self):
        """Delete the files, as if nothing had been written."""
        for thing in (self._writer, self._file):
            with suppress(Exception):  # a full disk is full
                if thing is not None:
                    thing.close()
        self._writer = self._file = None
        for name in self.names:
            with suppress(OSError):
                self.folder.delete(name)
