"""Rows of a partitioned data set as voters get them, read wherever a voter is fitted."""

import numpy as np
from sklearn.base import clone, is_regressor

from .._compat import without_callbacks
from .._rows import Notes, may_be_centred, take_rows, warn_of_notes
from ..exceptions import InvalidInputError
from ..partition import ExactContent, canonical_order, hash_labels, hash_rows
from ..partition.partition_hashes import name_of_function
from ..voters import room_for_rows, take_labels

__all__ = ["RowsOfPartitions", "check_settings", "target_type_of"]

_READ_AT_ONCE = 32  # times what tasks hold whose rows are in memory already


class RowsOfPartitions:
    """Reads the rows of partitions, and treats them as ``fit`` treats rows in memory.

    Parameters
    ----------
    dataset : PartitionedDataset
        The rows.
    ensemble : estimator
        What is being fitted; it is left as it is.
    n_uses : int, default=1
        How many voters learn from each partition.

    Attributes
    ----------
    n_rows : ndarray of int64, of shape (n_partitions,)
        Number of rows of each partition.
    room : int
        How many rows the voters of a task may have together.
    checked : estimator
        A copy that knows the form of the rows.
    """

    def __init__(self, dataset, ensemble, n_uses=1):
        self.dataset = dataset
        self.n_rows = dataset.rows_per_partition
        copy = without_callbacks(clone(ensemble))  # they need not be fit for a journey
        self.checked = copy.set_params(memory=None, n_jobs=None, verbose=0)
        self.checked._fit_transformer()
        first = dataset.read(int(np.flatnonzero(self.n_rows)[0]))[0]
        first = self.checked._check_rows(first, reset=True)
        self.room = _READ_AT_ONCE * room_for_rows(first)
        # most rows plainly were not centred: then nobody need look at the others
        self._notes_moments = ensemble.threat_model != "label_flip" and may_be_centred(first)
        self._n_uses = n_uses

    def rows_of(self, partitions):
        """Return rows and y of some partitions, in canonical order.

        Parameters
        ----------
        partitions : sequence of int
            Their numbers.

        Returns
        -------
        X : DataFrame, CSR matrix or ndarray of shape (n_rows, ...), or None
            Rows as voters learn from them; None if there are none.
        y : ndarray of shape (n_rows,)
            Labels, or numbers.
        notes : Notes or None
            What is to be remembered of the rows.
        """
        partitions = [number for number in partitions if self.n_rows[number]]
        if not partitions:
            return None, self.dataset.labels[:0], None
        X, y, _ = self.dataset.read(partitions)
        X = self.checked._check_rows(X, reset=False)
        y_is_labels = self.dataset.target_type == "labels"
        notes = Notes.of(X, y, self._notes_moments, y_is_labels=y_is_labels)
        order = canonical_order(hash_rows(X), hash_labels(y), ExactContent(X, y))
        return take_rows(self.checked._transform_rows(X), order), take_labels(y, order), notes

    def warn(self, notes):
        """Warn of what a fit in memory warns of.

        Parameters
        ----------
        notes : iterable of Notes
            What is remembered of the rows of all voters.
        """
        warn_of_notes(notes, int(self.n_rows.sum()), self.dataset.label_counts, self._n_uses)


def target_type_of(ensemble):
    """Return what y holds in a data set for an ensemble, "labels" or "numbers"."""
    return "numbers" if is_regressor(ensemble) else "labels"


def check_settings(dataset, ensemble, n_partitions):
    """Raise if a data set was not laid out for an ensemble.

    Parameters
    ----------
    dataset : PartitionedDataset
        The rows.
    ensemble : estimator
        What is to be fitted.
    n_partitions : int
        The partitions that it needs.

    Raises
    ------
    InvalidInputError
        Names the setting that differs, and both values.
    """
    settings = [
        ("target_type", dataset.target_type, target_type_of(ensemble)),
        ("n_partitions", dataset.n_partitions, n_partitions),
        ("partition_by", dataset.partition_by, ensemble.partition_by),
        ("hash_function", dataset.hash_function, name_of_function(ensemble.hash_function)),
    ]
    for name, laid_out, needed in settings:
        if laid_out != needed:
            raise InvalidInputError(
                f"The data set in {dataset.folder} was written with {name}={laid_out!r}, and "
                f"{type(ensemble).__name__} needs {name}={needed!r}: write it anew, or change "
                f"the {'regressor' if is_regressor(ensemble) else 'classifier'}."
            )
    if not dataset.n_rows:
        raise InvalidInputError(f"The data set in {dataset.folder} has no rows left.")
