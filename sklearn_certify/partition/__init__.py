"""Partitions: which voters a training row reaches, from the content of that row alone.

content_hash      rows, labels and pairs of both as 64-bit numbers; _custom_hash, of a user's own
split_and_spread  from hashes to partitions, from partitions to voters
partition_hashes  what decides a row's partition: its group, its features, or its label as well
periods           from the dates of rows, for temporal aggregation
dataset           rows on disk, by partition
"""

from .._lazy_names import lazy_names
from .._rows import ExactContent
from .content_hash import combine_hashes, hash_labels, hash_rows
from .partition_hashes import partition_hashes
from .periods import periods_from_dates
from .split_and_spread import (
    canonical_order,
    cyclic_spread,
    partitions_of_voters,
    rows_of_voters,
    split,
)

_HOMES = {"PartitionedDataset": ".dataset"}

__all__ = [
    "ExactContent",
    "PartitionedDataset",
    "canonical_order",
    "combine_hashes",
    "cyclic_spread",
    "hash_labels",
    "hash_rows",
    "partition_hashes",
    "partitions_of_voters",
    "periods_from_dates",
    "rows_of_voters",
    "split",
]

__getattr__ = lazy_names(__name__, _HOMES, needs=("pyarrow",), extra="table")


def __dir__():
    return [*globals(), *_HOMES]
