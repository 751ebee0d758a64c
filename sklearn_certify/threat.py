"""Threat models: what one unit of ``poison_size`` lets an attacker do.

=================  =====================================================================
``"insert"``       one row added
``"delete"``       one row removed
``"insert_delete"``  one row added or one removed (symmetric difference of training sets)
``"modify"``       one row changed, added or removed
``"label_flip"``   one label changed, the features intact
=================  =====================================================================
"""

import numpy as np

from .exceptions import InvalidInputError

__all__ = [
    "THREAT_MODELS",
    "check_poison_sizes",
    "check_threat_model",
    "partitions_per_unit",
    "poison_unit",
]

_UNITS = {
    "insert": "rows inserted",
    "delete": "rows deleted",
    "insert_delete": "rows inserted or deleted",
    "modify": "rows changed, inserted or deleted",
    "label_flip": "labels changed",
}

THREAT_MODELS = ("insert", "delete", "insert_delete", "modify", "label_flip")


def check_threat_model(threat_model):
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
    if threat_model not in THREAT_MODELS:
        raise InvalidInputError(
            f"threat_model must be one of {', '.join(map(repr, THREAT_MODELS))}, "
            f"got {threat_model!r}."
        )
    return threat_model


def partitions_per_unit(threat_model, *, partition_sees_labels=False, grouped=False):
    """How many partitions one unit of poison can corrupt.

    A row that changes leaves one partition and may enter another: two are corrupted. A label
    flip moves a row only where its partition depends on the label. With groups a unit is a
    whole group, which has one partition of its own.

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
        1 or 2.

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
    check_threat_model(threat_model)
    if grouped:
        return 1
    if threat_model == "modify":
        return 2
    if threat_model == "label_flip" and partition_sees_labels:
        return 2
    return 1


def check_poison_sizes(poison_size):
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


def poison_unit(threat_model, *, grouped=False):
    """Say in words what a poison size counts.

    Parameters
    ----------
    threat_model : str
        Name of a threat model.
    grouped : bool, default=False
        Whether a unit is a whole group (a contributor).

    Returns
    -------
    str

    Raises
    ------
    InvalidInputError
        If no threat model has that name.
    """
    return "contributors" if grouped else _UNITS[check_threat_model(threat_model)]
