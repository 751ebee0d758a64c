"""Training rows on disk, by partition."""

from dataclasses import replace
from functools import lru_cache
from hashlib import sha256

import numpy as np

from ..._rows import check_groups
from ...exceptions import DatasetError, InvalidInputError
from ..content_hash import hash_labels
from ..partition_hashes import name_of_function
from ..split_and_spread import split
from ._changes import add_rows, as_before, commit, stem_of
from ._folders import open_folder
from ._label_form import LabelForm
from ._manifest import Manifest, Partition, latest_number, read_manifest
from ._reading import read_partitions
from ._removal import rows_to_remove, without_rows
from ._row_files import RowFiles
from ._rows_in_arrow import RowsInArrow
from ._settings import checked_settings
from ._sources import blocks_of

__all__ = ["PartitionedDataset"]


class PartitionedDataset:
    """Training rows in a folder, laid out by partition; more of them than memory holds.

    Rows come block by block. Each goes into the partition that its content alone decides, the one
    that it has in `DPAClassifier`, and lies in a few Parquet files, from which the rows of any
    partition are read at once. A manifest says how many rows each partition has and what their
    hashes add up to, and every reading is checked against it.

    The form of the rows is that of the first block's container: its types and its columns. A later
    block has the same form, or is refused.

    A change (`write`, `append`, `remove`) counts as a whole or not at all, whenever the process is
    killed or the disk is full. Of two processes that change a data set at once, one gets an error.

    Parameters
    ----------
    folder : str or path-like
        Where the data set is: a path, or a URL that fsspec knows.
    hash_function : callable, default=None
        The function that the data set was written with, if there was one; needed to change it.

    Attributes
    ----------
    folder : str
        Absolute path, or URL.
    n_rows : int
        Number of rows.
    n_partitions : int
        Number of partitions.
    rows_per_partition : ndarray of int64, of shape (n_partitions,)
        Number of rows of each.
    target_type : {"labels", "numbers"}
        What y holds: labels, for classifiers, or numbers, for regressors.
    classes : ndarray of shape (n_classes,)
        The labels that were declared, or else those of the rows, sorted; none where y holds
        numbers.
    labels : ndarray of shape (n_labels,)
        The labels of the rows, sorted; none where y holds numbers.
    hash_function : str or None
        Name of the function that decides partitions in place of the content hash.
    label_counts : dict of int
        How many rows have each label; empty where y holds numbers.
    partition_by : {"features", "sample"}
        Whether a row's partition depends on its features alone or on its y too.
    grouped : bool
        Whether rows have groups, which then alone decide their partitions.

    Raises
    ------
    DatasetError
        If there is no data set, or it is damaged, or of another version.

    Examples
    --------
    >>> from tempfile import mkdtemp
    >>> from sklearn.datasets import load_digits
    >>> from sklearn_certify.partition import PartitionedDataset
    >>> X, y = load_digits(return_X_y=True)
    >>> blocks = ((X[i : i + 500], y[i : i + 500]) for i in range(0, 1500, 500))
    >>> dataset = PartitionedDataset.write(mkdtemp(), blocks, n_partitions=50)
    >>> dataset
    <PartitionedDataset of 1500 rows in 50 partitions>
    >>> dataset.append((X[1500:], y[1500:])).n_rows
    1797
    >>> X_part, y_part, _ = dataset.read(7)
    >>> X_part.shape == (dataset.rows_per_partition[7], 64)
    True
    """

    def __init__(self, folder, *, hash_function=None):
        self._folder = open_folder(folder)
        number = latest_number(self._folder.names())
        if not number:
            raise DatasetError(
                f"There is no data set in {self._folder.path}; make one with "
                "PartitionedDataset.write."
            )
        self._hash_function = hash_function
        self._manifest = read_manifest(self._folder, number)

    @classmethod
    def write(
        cls,
        folder,
        source,
        n_partitions,
        *,
        target=None,
        groups=None,
        target_type="labels",
        classes=None,
        schema=None,
        partition_by="features",
        hash_function=None,
        overwrite=False,
    ):
        """Write rows into a folder.

        Parameters
        ----------
        folder : str or path-like
            Where to; it is made if it is not there.
        source : object
            ``(X, y)`` or ``(X, y, groups)`` as ``fit`` takes them; a table of pandas, polars or
            Arrow; an iterable of these; paths of Parquet or CSV files (one, a list, a pattern); an
            Arrow dataset or RecordBatchReader; a Dask DataFrame. Where rows, labels or groups are
            Dask DataFrames, Series or arrays, they are computed one partition after the other.
        n_partitions : int
            Number of partitions: `n_partitions` of `DPAClassifier` and `DPARegressor`, or
            ``n_partitions * spreading_degree`` of Finite Aggregation.
        target, groups : str or int, default=None
            Where blocks are tables: the columns of y and of contributors.
        target_type : {"labels", "numbers"}, default="labels"
            What y holds: labels, for classifiers, or finite numbers, for regressors, which are
            kept as float64 whatever type they come in.
        classes : array-like of shape (n_classes,), default=None
            All labels there can be; others are refused.
        schema : dict of str or pyarrow.Schema, default=None
            Types of the columns of files and tables of Arrow, as Arrow calls them. CSV files need
            one. Columns that it leaves out are not read.
        partition_by : {"features", "sample"}, default="features"
            As for `DPAClassifier`.
        hash_function : callable, default=None
            As for `DPAClassifier`.
        overwrite : bool, default=False
            Whether to replace a data set that is already there.

        Returns
        -------
        PartitionedDataset

        Raises
        ------
        InvalidInputError
            If a block has another form than the first, or rows that ``fit`` would refuse, such as
            those without a finite number to predict; if there is a data set already.
        DatasetError
            If the disk is full, or another process writes to the same folder.
        """
        settings = checked_settings(
            n_partitions,
            partition_by=partition_by,
            hash_function=hash_function,
            target=target,
            groups=groups,
            target_type=target_type,
            classes=classes,
        )
        place = open_folder(folder)
        number = latest_number(place.names())
        if number and not overwrite:
            raise InvalidInputError(
                f"There is a data set in {place.path}; append to it, or pass overwrite=True."
            )
        empty = Manifest(number + 1, settings, {}, "", partitions=(Partition(),) * n_partitions)
        dataset = cls.__new__(cls)
        dataset._folder, dataset._hash_function = place, hash_function
        dataset._add(empty, _blocks_of(source, settings, schema), classes)
        return dataset

    def _add(self, base, blocks, classes):
        manifest = add_rows(self._folder, base, blocks, self._hash_function, classes)
        commit(self._folder, manifest, manifest.files[len(base.files) :])
        self._manifest = manifest

    def append(self, source, *, schema=None):
        """Add rows; those that are there stay where they are.

        Parameters
        ----------
        source : object
            As for `write`; columns of labels and groups are called as they were there.
        schema : dict of str or pyarrow.Schema, default=None
            As for `write`.

        Returns
        -------
        PartitionedDataset
            This one, with the new rows.

        Raises
        ------
        InvalidInputError
            If a block has another form than the rows that are there.
        DatasetError
            If another process changed the data set since it was opened, or the disk is full.
        """
        self._check_hash_function()
        classes = self.classes if self._settings["classes"] is not None else None
        self._add(self._next(), _blocks_of(source, self._settings, schema), classes)
        return self

    def remove(self, rows=None, *, groups=None, schema=None):
        """Take rows away; afterwards no file holds them.

        Parameters
        ----------
        rows : object, default=None
            Rows with their y (and groups, if the data set has them), in any form that `write`
            takes. Every row of the same content and y goes, however often it is there; what
            hashes count as one value (0.0 and -0.0, None and NaN) is the same.
        groups : array-like of shape (n_groups,), default=None
            Contributors, all of whose rows go.
        schema : dict of str or pyarrow.Schema, default=None
            As for `write`.

        Returns
        -------
        PartitionedDataset
            This one, without the rows.

        Raises
        ------
        InvalidInputError
            If a row or a contributor is not there; then nothing is removed.
        DatasetError
            If another process changed the data set since it was opened, or the disk is full.
        """
        if (rows is None) == (groups is None):
            raise InvalidInputError("Say which rows to remove: either rows or groups.")
        base = self._next()
        if groups is not None:
            touched, is_removed, n_missing = self._of_groups(groups)
        else:
            self._check_hash_function()
            wanted = rows_to_remove(
                _blocks_of(rows, self._settings, schema),
                self._rows,
                self._settings,
                self._hash_function,
            )
            touched, is_removed, n_missing = _of_rows(wanted)
        files = RowFiles(self._folder, stem_of(base.number), len(base.files))
        with as_before(self._folder, base.number, files):
            left = without_rows(
                self._folder, self._manifest, self._rows, touched, is_removed, files
            )
            files.close()
            if n_missing():
                raise InvalidInputError(
                    f"{n_missing()} of the {'contributors' if groups is not None else 'rows'} to "
                    "remove are not in the data set; nothing was removed."
                )
        manifest = replace(left, number=base.number)
        commit(self._folder, manifest, files.names)
        self._manifest = manifest
        return self

    def _of_groups(self, groups):
        if not self.grouped:
            raise InvalidInputError("The data set has no groups; remove rows.")
        names = set(check_groups(groups))
        missing = set(names)
        touched = set(split(hash_labels(np.array(list(names), object)), self.n_partitions).tolist())

        def is_removed(number, block):
            gone = np.array([name in names for name in block.groups], dtype=bool)
            missing.difference_update(block.groups[gone])
            return gone

        return touched, is_removed, lambda: len(missing)

    def read(self, partitions):
        """Return the rows of some partitions, in the form that they came in.

        Parameters
        ----------
        partitions : int or sequence of int
            Numbers of partitions.

        Returns
        -------
        X : table, CSR matrix or ndarray of shape (n_rows, ...)
            Rows, one partition after the other.
        y : ndarray of shape (n_rows,)
            Labels, or numbers.
        groups : ndarray of str objects, of shape (n_rows,), or None
            Contributors.

        Raises
        ------
        DatasetError
            If a file is missing or damaged, or rows are not those that were written.
        InvalidInputError
            If there is no such partition.
        """
        numbers = [int(number) for number in np.atleast_1d(partitions)]
        if not all(0 <= number < self.n_partitions for number in numbers):
            raise InvalidInputError(f"Partitions are numbered from 0 to {self.n_partitions - 1}.")
        if len(set(numbers)) < len(numbers):
            raise InvalidInputError("Name no partition twice.")
        block, X = read_partitions(self._folder, self._manifest, self._rows, numbers)
        return X, block.y, block.groups

    @property
    def folder(self):
        return self._folder.path

    @property
    def n_rows(self):
        return int(self.rows_per_partition.sum())

    @property
    def n_partitions(self):
        return self._settings["n_partitions"]

    @property
    def rows_per_partition(self):
        return np.array([p.n_rows for p in self._manifest.partitions], dtype=np.int64)

    @property
    def target_type(self):
        """What y holds, "labels" or "numbers"."""
        return self._manifest.target_type

    @property
    def classes(self):
        labels = LabelForm(self._manifest.label_dtype)
        declared = self._settings["classes"]
        return np.sort(
            labels.from_list(list(self._manifest.labels if declared is None else declared))
        )

    @property
    def labels(self):
        """The labels of the rows, sorted."""
        labels = LabelForm(self._manifest.label_dtype)
        return np.sort(labels.from_list(list(self._manifest.labels)))

    @property
    def label_counts(self):
        """How many rows have each label, a dict."""
        return dict(self._manifest.labels)

    @property
    def partition_by(self):
        return self._settings["partition_by"]

    @property
    def grouped(self):
        return self._settings["grouped"]

    @property
    def hash_function(self):
        """Name of the function that decides partitions in place of the content hash, or None."""
        return self._settings["hash_function"]

    @property
    def _settings(self):
        return self._manifest.settings

    @property
    def _rows(self):
        return RowsInArrow.from_json(self._manifest.form, self._manifest.label_dtype, self.grouped)

    def _next(self):
        return replace(self._manifest, number=self._manifest.number + 1)

    def _check_hash_function(self):
        if name_of_function(self._hash_function) != self.hash_function:
            raise InvalidInputError(
                f"The data set was written with hash_function {self.hash_function}; open it with "
                "PartitionedDataset(folder, hash_function=...) to change it."
            )

    def __getstate__(self):
        digest = sha256(self._manifest.to_bytes()).hexdigest()
        return self._folder, self._manifest.number, digest, self._hash_function

    def __setstate__(self, state):
        self._folder, number, digest, self._hash_function = state
        self._manifest = _manifest_of(self.folder, number, digest)

    def __repr__(self):
        return f"<PartitionedDataset of {self.n_rows} rows in {self.n_partitions} partitions>"


@lru_cache(maxsize=4)
def _manifest_of(folder, number, digest):
    """Return a manifest that other processes have opened; each reads it once."""
    folder = open_folder(folder)
    manifest = read_manifest(folder, number)
    if sha256(manifest.to_bytes()).hexdigest() != digest:
        raise DatasetError(f"{folder.path} was changed since it was opened; open it again.")
    return manifest


def _blocks_of(source, settings, schema):
    named = {name: settings[name] for name in ("target", "groups", "target_type")}
    return blocks_of(source, schema=schema, **named)


def _of_rows(wanted):
    missing = {number: set(checks) for number, checks in wanted.items()}

    def is_removed(number, block):
        checks = block.checks.tolist()
        missing[number].difference_update(checks)
        return np.array([check in wanted[number] for check in checks], dtype=bool)

    return wanted.keys(), is_removed, lambda: sum(map(len, missing.values()))
