"""Threat models: what one unit of ``poison_size`` lets an attacker do.

=================  =====================================================================
``"insert"``       one row added
``"delete"``       one row removed
``"insert_delete"``  one row added or one removed (symmetric difference of training sets)
``"modify"``       one row changed, added or removed
``"label_flip"``   one label changed, the features intact
=================  =====================================================================

Users pass these names. `TemporalAggregationClassifier` alone has another, ``"temporal"``: any rows
added, changed and removed within one period, and if it is several, within consecutive ones. What
follows from a name - abilities, cost, words - is decided here alone, by the `ThreatModel` that
`find_threat_model` returns.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .exceptions import InvalidInputError

__all__ = [
    "THREAT_MODELS",
    "ThreatModel",
    "Words",
    "check_poison_sizes",
    "check_threat_model",
    "find_threat_model",
    "partitions_per_unit",
]


@dataclass(frozen=True)
class Words:
    """What people call the units of poison.

    Attributes
    ----------
    one : str
        One unit, such as ``"one row added"``.
    many : str
        Several, such as ``"rows added"``: what stands behind a number, or along an axis.
    meaning : str
        What the attacker does with them, as a clause that ends a sentence.
    """

    one: str
    many: str
    meaning: str


@dataclass(frozen=True)
class ThreatModel:
    """What an attacker can do with one unit of poison.

    Attributes
    ----------
    name : str
        What users pass as `threat_model`.
    inserts, deletes : bool
        Whether rows may be added, and whether rows may be removed.
    relabels : bool
        Whether a row may get another label. One unit then takes the label away and gives the
        other; without this ability a unit does only one of the two.
    rows, groups : Words
        What a unit is called where rows are counted, and where groups of rows are (contributors).
    """

    name: str
    inserts: bool
    deletes: bool
    relabels: bool
    rows: Words
    groups: Words

    @property
    def labels_alone(self) -> bool:
        """Whether rows stay, with their features, and only labels change."""
        return not (self.inserts or self.deletes)

    @property
    def gives_labels(self) -> bool:
        """Whether there may be a label where there was none, or another."""
        return self.inserts or self.relabels

    @property
    def takes_labels(self) -> bool:
        """Whether a label that there was may be gone."""
        return self.deletes or self.relabels

    def partitions_per_unit(
        self, *, partition_sees_labels: bool = False, grouped: bool = False
    ) -> int:
        """How many partitions one unit of poison can corrupt.

        A row that changes leaves one partition and may enter another: two are corrupted. A label
        flip moves a row only where its partition depends on the label. With groups a unit is a
        whole group, which has one partition of its own.

        Parameters
        ----------
        partition_sees_labels : bool, default=False
            Whether the partition of a row depends on its label.
        grouped : bool, default=False
            Whether rows are partitioned by the group (the contributor) they belong to.

        Returns
        -------
        int
            1 or 2.
        """
        moves = self.relabels and (partition_sees_labels or not self.labels_alone)
        return 2 if moves and not grouped else 1

    def words(self, *, grouped: bool = False) -> Words:
        """Return what a unit is called.

        Parameters
        ----------
        grouped : bool, default=False
            Whether a unit is a whole group (a contributor).

        Returns
        -------
        Words
        """
        return self.groups if grouped else self.rows


_MODELS = {
    model.name: model
    for model in (
        ThreatModel(
            "insert",
            inserts=True,
            deletes=False,
            relabels=False,
            rows=Words(
                "one row inserted",
                "rows inserted",
                "rows that the attacker adds to the training rows",
            ),
            groups=Words(
                "one contributor added",
                "contributors",
                "contributors whom the attacker adds, each with any number of training rows",
            ),
        ),
        ThreatModel(
            "delete",
            inserts=False,
            deletes=True,
            relabels=False,
            rows=Words(
                "one row deleted",
                "rows deleted",
                "training rows that the attacker removes",
            ),
            groups=Words(
                "one contributor removed",
                "contributors",
                "contributors whom the attacker removes, each with all their training rows",
            ),
        ),
        ThreatModel(
            "insert_delete",
            inserts=True,
            deletes=True,
            relabels=False,
            rows=Words(
                "one row inserted or deleted",
                "rows inserted or deleted",
                "training rows added or removed, in any mixture; a changed row counts as two",
            ),
            groups=Words(
                "one contributor added or removed",
                "contributors",
                "contributors added or removed, each with all their training rows",
            ),
        ),
        ThreatModel(
            "modify",
            inserts=True,
            deletes=True,
            relabels=True,
            rows=Words(
                "one row changed, inserted or deleted",
                "rows changed, inserted or deleted",
                "training rows changed at will (features, label or both), added or removed",
            ),
            groups=Words(
                "one contributor who changes anything",
                "contributors",
                "contributors who add, change and remove their training rows at will",
            ),
        ),
        ThreatModel(
            "label_flip",
            inserts=False,
            deletes=False,
            relabels=True,
            rows=Words(
                "one label changed",
                "labels changed",
                "training labels changed; no row is added or removed, no feature changed",
            ),
            groups=Words(
                "one contributor who changes labels",
                "contributors",
                "contributors who change the labels of their training rows; no row is added or "
                "removed, no feature changed",
            ),
        ),
    )
}

THREAT_MODELS = tuple(_MODELS)

_PERIODS = Words(
    "one period",
    "consecutive periods",
    "consecutive periods in which the attacker adds, changes and removes any training rows",
)
_TEMPORAL = ThreatModel(
    "temporal", inserts=True, deletes=True, relabels=True, rows=_PERIODS, groups=_PERIODS
)


def find_threat_model(name: str, *, of_a_classifier: bool = False) -> ThreatModel:
    """Return the threat model of a name, or raise with the list of those that exist.

    Parameters
    ----------
    name : {"insert", "delete", "insert_delete", "modify", "label_flip"}
        Name of a threat model.
    of_a_classifier : bool, default=False
        Whether a classifier has it, and not a user who asks for it: "temporal" is one too, then.

    Returns
    -------
    ThreatModel

    Raises
    ------
    InvalidInputError
        If no threat model has that name.

    Examples
    --------
    >>> from sklearn_certify.threat import find_threat_model
    >>> model = find_threat_model("insert_delete")
    >>> model.inserts, model.deletes, model.relabels
    (True, True, False)
    >>> model.words().many
    'rows inserted or deleted'
    """
    if of_a_classifier and name == _TEMPORAL.name:
        return _TEMPORAL
    if not isinstance(name, str) or name not in _MODELS:
        raise InvalidInputError(
            f"threat_model must be one of {', '.join(map(repr, THREAT_MODELS))}, got {name!r}."
        )
    return _MODELS[name]


def check_threat_model(threat_model: str) -> str:
    """Return `threat_model`, or raise with the list of those that exist.

    Parameters
    ----------
    threat_model : str
        Name of a threat model.

    Returns
    -------
    str

    Raises
    ------
    InvalidInputError
        If no threat model has that name.

    Examples
    --------
    >>> from sklearn_certify.threat import check_threat_model
    >>> check_threat_model("modify")
    'modify'
    """
    return find_threat_model(threat_model).name


def partitions_per_unit(
    threat_model: str, *, partition_sees_labels: bool = False, grouped: bool = False
) -> int:
    """How many partitions one unit of poison can corrupt.

    Parameters
    ----------
    threat_model : {"insert", "delete", "insert_delete", "modify", "label_flip"}
        What the attacker may do.
    partition_sees_labels : bool, default=False
        Whether the partition of a row depends on its label.
    grouped : bool, default=False
        Whether rows are partitioned by the group (the contributor) they belong to.

    Returns
    -------
    int
        1 or 2; see `ThreatModel.partitions_per_unit`.

    Raises
    ------
    InvalidInputError
        If no threat model has that name.

    Examples
    --------
    >>> from sklearn_certify.threat import partitions_per_unit
    >>> partitions_per_unit("insert_delete"), partitions_per_unit("modify")
    (1, 2)
    >>> partitions_per_unit("label_flip", partition_sees_labels=True)
    2
    """
    return find_threat_model(threat_model).partitions_per_unit(
        partition_sees_labels=partition_sees_labels, grouped=grouped
    )


def check_poison_sizes(poison_size: ArrayLike) -> NDArray[np.int64]:
    """Return poison sizes as an int64 array of 0 or 1 dimensions.

    Parameters
    ----------
    poison_size : int or array-like of int of shape (n_sizes,)
        Whole numbers from 0 up.

    Returns
    -------
    ndarray of int64, of shape () or (n_sizes,)

    Raises
    ------
    InvalidInputError
        If a size is negative or no integer, or if there is more than one dimension.

    Examples
    --------
    >>> from sklearn_certify.threat import check_poison_sizes
    >>> check_poison_sizes([0, 5, 10])
    array([ 0,  5, 10])
    """
    sizes = np.asarray(poison_size)
    if sizes.ndim > 1:
        raise InvalidInputError(
            f"poison_size must be a whole number or a 1-D array of them, got shape {sizes.shape}."
        )
    if sizes.size == 0:
        return sizes.astype(np.int64)
    if sizes.dtype.kind not in "iu":
        raise InvalidInputError(f"poison_size must be a whole number, got {poison_size!r}.")
    if sizes.min() < 0:
        raise InvalidInputError(f"poison_size must not be negative, got {poison_size!r}.")
    if sizes.dtype == np.uint64:  # what int64 cannot hold would turn negative
        sizes = np.asarray(np.minimum(sizes, np.uint64(np.iinfo(np.int64).max)))
    return sizes.astype(np.int64)
