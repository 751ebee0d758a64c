"""Partitions: which voters a training row reaches, from the content of that row alone."""

from .._rows import ExactContent
from .content_hash import combine_hashes, hash_labels, hash_rows
from .split_and_spread import canonical_order, cyclic_spread, rows_of_voters, split

__all__ = [
    "ExactContent",
    "canonical_order",
    "combine_hashes",
    "cyclic_spread",
    "hash_labels",
    "hash_rows",
    "rows_of_voters",
    "split",
]
