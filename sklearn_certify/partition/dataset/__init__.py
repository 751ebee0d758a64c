"""Partitioned data sets on disk: more rows than memory, laid out by partition in a few files.

_partitioned_dataset  `PartitionedDataset`: write, append, remove, read
_sources              rows as they come: blocks, tables, files (_files), collections of Dask
                      (_dask_blocks); _blocks, checked
_form                 which of the forms rows have, to and from columns of Arrow:
                      _number_rows, _object_rows (_cells), _sparse_rows,
                      _pandas_rows (_pandas_columns), _polars_rows, _arrow_rows; _label_form
_changes              a new state: what came in, laid out and checked; _removal, rows taken away
_layout               rows sorted by partition, through the disk; _row_files, in Parquet
_manifest             what a state consists of, and its _settings; _folders, where it is kept
_reading              rows of partitions, checked
"""

from ._partitioned_dataset import PartitionedDataset

__all__ = ["PartitionedDataset"]
