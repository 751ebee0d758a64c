"""Rows taken away: the files that held them are written anew without them."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pyarrow as pa

from ...exceptions import InvalidInputError
from ._blocks import hashed_block
from ._changes import partitions_of
from ._label_form import label_counts
from ._manifest import Partition
from ._reading import read_groups_of_rows, read_partitions

__all__ = ["rows_to_remove", "without_rows"]

_MODULUS = 2**64


def rows_to_remove(blocks, rows_in_arrow, settings, hash_function):
    """Return the hashes of rows by the partition that they are in.

    Parameters
    ----------
    blocks : iterable of (X, y, groups)
        The rows.
    rows_in_arrow : RowsInArrow
        Their form.
    settings : dict
        Of the manifest.
    hash_function : callable or None
        What decides partitions besides the settings.

    Returns
    -------
    dict of set of int
    """
    wanted = {}
    for X, y, groups in blocks:
        if (groups is None) == settings["grouped"]:
            raise InvalidInputError(
                "Rows to remove need groups if the data set has them, and none if it has none."
            )
        X, y = rows_in_arrow.form.accept(X), rows_in_arrow.labels.accept(y)
        block = hashed_block(X, y, groups)
        partitions = partitions_of(block, settings, hash_function)
        for number, check in zip(partitions.tolist(), block.checks.tolist(), strict=True):
            wanted.setdefault(number, set()).add(check)
    return wanted


def without_rows(folder, manifest, rows_in_arrow, touched, is_removed, files):
    """Return a manifest without some rows; files that held none of them stay.

    Parameters
    ----------
    folder : LocalFolder or RemoteFolder
        Where the files are.
    manifest : Manifest
        The state with all rows.
    rows_in_arrow : RowsInArrow
        The form of the rows.
    touched : iterable of int
        Partitions that may hold rows to remove.
    is_removed : callable
        ``is_removed(number, block)`` says which rows of a hashed block of a partition go.
    files : RowFiles
        Writes new files.

    Returns
    -------
    manifest : Manifest
        Without the rows.
    """
    partitions, labels = list(manifest.partitions), Counter(manifest.labels)
    removed = {}
    for number in sorted(touched):
        block, _ = read_partitions(folder, manifest, rows_in_arrow, [number])
        gone = is_removed(number, block)
        if gone.any():
            removed[number] = gone
            labels.subtract(label_counts(block.y[gone], manifest.target_type))
            check = int(np.add.reduce(block.checks[gone]))
            old = partitions[number]
            partitions[number] = Partition(
                old.n_rows - int(gone.sum()), (old.check - check) % _MODULUS, old.pieces
            )
    for number, gone in removed.items():
        pieces = partitions[number].pieces
        table = pa.concat_tables(_tables_of(folder, manifest, pieces)).filter(pa.array(~gone))
        kept = (files.write(table),) if table.num_rows else ()
        partitions[number] = replace(partitions[number], pieces=kept)
    files.begin_file()
    stale = {piece[0] for number in removed for piece in manifest.partitions[number].pieces}
    for file in sorted(stale):
        _copy_the_others(folder, manifest, partitions, file, files)
    return replace(
        manifest,
        labels={label: count for label, count in labels.items() if count},
        files=(*manifest.files, *files.names),
        partitions=tuple(partitions),
    ).without_unused_files()


def _tables_of(folder, manifest, pieces):
    for file, first, n_groups in pieces:
        yield from read_groups_of_rows(folder, manifest, file, [range(first, first + n_groups)])


def _copy_the_others(folder, manifest, partitions, file, files):
    """Copy the rows that a file holds of partitions that keep theirs."""
    places = [
        (number, place)
        for number, partition in enumerate(partitions)
        for place, piece in enumerate(partition.pieces)
        if piece[0] == file
    ]
    pieces = [partitions[number].pieces[place] for number, place in places]
    groups = [range(first, first + n_groups) for _, first, n_groups in pieces]
    tables = read_groups_of_rows(folder, manifest, file, groups)
    for (number, place), table in zip(places, tables, strict=True):
        pieces = list(partitions[number].pieces)
        pieces[place] = files.write(table)
        partitions[number] = replace(partitions[number], pieces=tuple(pieces))
