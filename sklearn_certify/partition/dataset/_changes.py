"""A new state of a data set: what came in, laid out, checked, and only then made to count."""

from collections import Counter, defaultdict
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pyarrow as pa

from ..._rows import read_classes
from ..._user_warnings import warn_user
from ...exceptions import CertifyError, CertifyWarning, DatasetError, InvalidInputError
from ..partition_hashes import partition_hashes
from ..split_and_spread import split
from ._blocks import hashed_block
from ._label_form import label_counts
from ._layout import Layout
from ._manifest import Partition, latest_number, manifest_name
from ._reading import sums_of_checks
from ._row_files import RowFiles
from ._rows_in_arrow import RowsInArrow

__all__ = ["add_rows", "as_before", "commit", "partitions_of", "stem_of"]

_MODULUS = 2**64
_SUFFIXES = (".parquet", ".segment", ".json", ".part")


def stem_of(number):
    """Return how the names of files begin that a state is the first to have."""
    return f"rows-{number:06d}"


def partitions_of(block, settings, hash_function):
    """Return the partition of each row of a hashed block."""
    hashes = partition_hashes(
        block.X,
        block.y,
        block.groups,
        block.row_hashes,
        block.label_hashes,
        partition_by=settings["partition_by"],
        hash_function=hash_function,
    )
    return split(hashes, settings["n_partitions"])


def add_rows(folder, manifest, blocks, hash_function, classes):
    """Return the manifest of a data set with more rows. It counts once it is committed.

    Parameters
    ----------
    folder : LocalFolder or RemoteFolder
        Where files go.
    manifest : Manifest
        The new state, as yet without the new rows; without a form if it has no rows at all.
    blocks : iterable of (X, y, groups)
        As `blocks_of` yields them.
    hash_function : callable or None
        What decides partitions besides the settings.
    classes : array-like of shape (n_classes,) or None
        The labels that there can be.

    Returns
    -------
    Manifest

    Raises
    ------
    InvalidInputError
        If a block has another form than the first, or a label that there cannot be.
    DatasetError
        If the disk is full, or rows were lost on the way.
    """
    n_partitions = manifest.settings["n_partitions"]
    incoming = _Incoming(manifest, hash_function, classes)
    files = RowFiles(folder, stem_of(manifest.number), len(manifest.files))
    source = _Source(blocks)
    with as_before(folder, manifest.number, files, source):
        folder.make()
        with Layout(n_partitions, folder.scratch, stem_of(manifest.number)) as layout:
            for X, y, groups in source:
                layout.add(*incoming.take(X, y, groups))
            counts, checks, pieces = _write(layout, files)
        files.close()
        if not (np.array_equal(counts, incoming.counts) and checks == incoming.checks.tolist()):
            raise DatasetError(
                f"{int(counts.sum())} rows were written to {folder.path}, but "
                f"{int(incoming.counts.sum())} came in, or others: nothing was changed; try again, "
                "and look at the disk if it happens again."
            )
        return incoming.manifest(files.names, counts, checks, pieces)


def _write(layout, files):
    counts = np.zeros(layout.n_partitions, dtype=np.int64)
    checks, pieces = [0] * layout.n_partitions, defaultdict(tuple)
    for table, numbers in layout.tables():
        present, starts = np.unique(numbers, return_index=True)
        ends = np.append(starts[1:], len(numbers))
        sums = sums_of_checks(table.column("check").to_numpy(), ends)
        table = table.drop_columns(["check"])
        for number, start, end, check in zip(present.tolist(), starts, ends, sums, strict=True):
            pieces[number] += (files.write(table.slice(start, end - start)),)
            counts[number] += end - start
            checks[number] = (checks[number] + check) % _MODULUS
        del table  # before the next ones are read
    return counts, checks, pieces


class _Source:
    """Blocks, with what went wrong where they come from."""

    def __init__(self, blocks):
        self._blocks = blocks
        self.error = None

    def __iter__(self):
        try:
            yield from self._blocks
        except Exception as error:
            self.error = error
            raise


class _Incoming:
    """What is remembered of rows as they come."""

    def __init__(self, manifest, hash_function, classes):
        self._manifest, self._hash_function = manifest, hash_function
        self._declared, self._classes = classes, None
        self._rows = None
        if manifest.form:
            self._rows = RowsInArrow.from_json(
                manifest.form, manifest.label_dtype, manifest.settings["grouped"]
            )
        n_partitions = manifest.settings["n_partitions"]
        self.counts = np.zeros(n_partitions, dtype=np.int64)
        self.checks = np.zeros(n_partitions, dtype=np.uint64)
        self._labels = Counter()
        self._n_rows = 0

    def take(self, X, y, groups):
        """Return rows as a table of Arrow, and their partitions."""
        if self._rows is None:
            self._rows = RowsInArrow.of(X, y, groups)
        try:
            if self._rows.grouped != (groups is not None):
                raise InvalidInputError("some rows have groups and others have none.")
            X, y = self._rows.form.accept(X), self._rows.labels.accept(y)
            self._check_labels(y)
            block = hashed_block(X, y, groups)
            table = self._rows.encode(X, y, groups)
        except InvalidInputError as error:
            raise InvalidInputError(f"After {self._n_rows} rows: {error}") from error
        partitions = partitions_of(block, self._manifest.settings, self._hash_function)
        self._note(partitions, block)
        return table.append_column("check", pa.array(block.checks)), partitions

    def _check_labels(self, y):
        if self._declared is not None:
            if self._classes is None:
                self._classes = read_classes(self._declared, y)
            unknown = np.setdiff1d(y, self._classes)
            if len(unknown):
                raise InvalidInputError(
                    f"there are labels that classes lacks: {unknown[:5].tolist()}."
                )

    def _note(self, partitions, block):
        self._n_rows += len(partitions)
        self.counts += np.bincount(partitions, minlength=len(self.counts))
        np.add.at(self.checks, partitions, block.checks)  # modulo 2**64
        self._labels.update(label_counts(block.y, self._manifest.target_type))

    def manifest(self, names, counts, checks, pieces):
        """Return the manifest with the rows that came in."""
        before = self._manifest
        if self._rows is None:
            raise InvalidInputError("source has no rows.")
        partitions = tuple(
            Partition(
                old.n_rows + count,
                (old.check + check) % _MODULUS,
                old.pieces + pieces.get(number, ()),
            )
            for number, (old, count, check) in enumerate(
                zip(before.partitions, counts.tolist(), checks, strict=True)
            )
        )
        return replace(
            before,
            settings={
                **before.settings,
                "grouped": self._rows.grouped,
                "classes": None if self._classes is None else self._classes.tolist(),
            },
            form=self._rows.form_to_json(),
            label_dtype=self._rows.labels.dtype,
            labels=dict(Counter(before.labels) + self._labels),
            files=(*before.files, *names),
            partitions=partitions,
        )


@contextmanager
def as_before(folder, number, files, source=None):
    """Delete what was written if anything goes wrong, and say so in one sentence."""
    try:
        yield
    except CertifyError:
        files.discard()
        raise
    except (OSError, pa.ArrowException) as error:
        files.discard()
        if source is not None and error is source.error:
            raise
        if latest_number(folder.names()) >= number:
            raise DatasetError(_overtaken(folder)) from error
        raise DatasetError(
            f"{folder.path} could not be written ({error}); it is as it was before."
        ) from error
    except BaseException:
        files.discard()
        raise


def _overtaken(folder):
    return (
        f"Another process changed {folder.path} at the same time and was first; nothing was "
        "changed by this one. Open the data set again, and repeat the change."
    )


def commit(folder, manifest, new_files):
    """Let a new state count, unless another process was first, and delete what it does not need.

    Parameters
    ----------
    folder : LocalFolder or RemoteFolder
        Where it is.
    manifest : Manifest
        The new state.
    new_files : list of str
        Names of the files that were written for it.

    Raises
    ------
    DatasetError
        If there is another state of this number, or a higher one, or the disk is full.
    """
    number, name = manifest.number, manifest_name(manifest.number)
    try:
        if latest_number(folder.names()) >= number:
            raise FileExistsError(name)
        folder.create(name, manifest.to_bytes())
        if latest_number(folder.names()) > number:
            # the number was free because a later state had already swept it away
            folder.delete(name)
            raise FileExistsError(name)
    except OSError as error:
        for file in new_files:
            folder.delete(file)
        if isinstance(error, FileExistsError):
            raise DatasetError(_overtaken(folder)) from error
        raise DatasetError(
            f"{folder.path} could not be written ({error}); it is as it was before."
        ) from error
    _sweep(folder, manifest)


def _sweep(folder, manifest):
    """Delete files of earlier states, and what crashed writers have left.

    Writers that are still at work on this state or an earlier one have lost it already; files of
    later states are left alone.
    """
    needed, left = {*manifest.files, manifest_name(manifest.number)}, []
    for name in folder.names():
        number = _number_of(name)
        if number is not None and number <= manifest.number and name not in needed:
            try:
                folder.delete(name)
            except OSError as error:
                left.append(f"{name} ({error})")
    if left:
        warn_user(
            f"{folder.path} was changed, but files that no longer count could not be deleted, and "
            f"may hold rows that were removed: {', '.join(left)}. Delete them.",
            CertifyWarning,
        )


def _number_of(name):
    """Return the number of the state that a file was written for, None if it is not of ours."""
    kind, _, rest = name.partition("-")
    digits = rest.split("-")[0].split(".")[0]
    ours = kind in ("rows", "manifest") and name.endswith(_SUFFIXES)
    return int(digits) if ours and digits.isdigit() else None
