"""Joint certificates of the k nearest neighbours: one budget of poison for all test rows."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...threat import check_poison_sizes, find_threat_model
from .._arrays import Floats
from .._margins import count_checked_votes
from .._validation import check_n_classes
from ..neighbors import check_n_rows, check_neighbor_labels, knn_radius
from ._attacker import Attacker
from ._neighbor_needs import NeighborNeeds
from ._neighbors import check_classes, check_method, flips_of_sizes, joint_neighbors_accuracy
from ._ranked_needs import collect_ranked_needs

__all__ = ["joint_knn_accuracy"]

_UNKNOWN = np.iinfo(np.int64).max // 4  # rows


def joint_knn_accuracy(
    neighbor_labels: ArrayLike,
    y: ArrayLike,
    poison_size: ArrayLike,
    n_neighbors: int,
    n_classes: int,
    *,
    threat_model: str = "insert_delete",
    method: str = "branch",
    phantom: bool = True,
    n_rows: int | None = None,
) -> float | Floats:
    """Lower bound on the accuracy of the k nearest neighbours when one attack serves all rows.

    What :func:`joint_neighbors_accuracy` is to all rows within a radius: a training row that is
    removed or inserted has one label, and test rows that take different labels to flip share the
    budget. Most is gained under "delete". An inserted row serves more test rows here, because it
    pushes out a neighbour of any label, so that under the other threat models less is gained.

    Parameters
    ----------
    neighbor_labels : array-like of int of shape (n_samples, n_columns)
        Class indices of the training rows, nearest first, as :func:`knn_radius` takes them: the
        `n_neighbors` nearest at least, and as many further ones as rows may be removed.
    y : array-like of int of shape (n_samples,)
        Index of the true class; -1 = none of the classes, which counts as wrong.
    poison_size : int or array-like of int of shape (n_sizes,)
        Amounts of poison, in units of `threat_model`.
    n_neighbors : int
        Number of neighbours that vote.
    n_classes : int
        Number of classes.
    threat_model : {"insert_delete", "insert", "delete", "modify", "label_flip"}, \
            default="insert_delete"
        What one unit of poison may do, see `sklearn_certify.threat`.
    method : {"branch", "knapsack", "island", "pointwise"}, default="branch"
        How closely the attacker is followed, see :func:`joint_neighbors_accuracy`.
    phantom : bool, default=True
        Whether the attacker may use a label that no clean row has; it wins ties.
    n_rows : int, default=None
        Number of training rows. Those without a column count as rows of whatever label is worst.
        None = unknown.

    Returns
    -------
    float or ndarray of float64 of shape (n_sizes,)
        The fraction of rows that are proven to be predicted correctly whatever the attack. In an
        array, never larger for more poison, and never below the count of each row by itself.

    Raises
    ------
    InvalidInputError
        As :func:`knn_radius` and :func:`joint_neighbors_accuracy` do.

    Notes
    -----
    Let D(m) be the margin of the predicted class p over rival b among the m nearest clean rows.
    With i inserted and j removed rows near a query, i_b of label b and j_p of label p, it is at
    least D(k + j - i) - i_b - j_p. So b wins only if

    - i_b + j_p exceeds the smallest D(m) that the budget reaches, less one if b wins ties;
    - i_b does, with D(m) - j_p in place of D(m), m >= k + j_p - i, whatever j_p is;
    - j_p does, with D(m) - i_b, m <= k + j - i_b, whatever i_b is; and
    - b can have the majority of k votes, which p has no more.

    With these needs the bounds are those of radius neighbours. Inserted rows are taken to be near
    all queries, and removed ones too. Under "label_flip" the neighbours are taken to stay where
    they are: where labels decide the ranks of equal rows, ask for "modify", which includes it.

    References
    ----------
    Jia, Cao and Gong, "Certified Robustness of Nearest Neighbors against Data Poisoning Attacks",
    2020, for the radius of a row and for joint certificates of radius neighbours. This one goes
    beyond the paper.

    Examples
    --------
    Either row flips if two of its three neighbours are deleted, but these have different labels.

    >>> from sklearn_certify.certificates import joint_knn_accuracy, knn_radius
    >>> labels = [[0, 0, 0, 1, 1, 1], [1, 1, 1, 0, 0, 0]]
    >>> options = {"threat_model": "delete", "phantom": False, "n_rows": 6}
    >>> knn_radius(labels, 3, 2, **options)
    (array([0, 1]), array([1, 1]))
    >>> joint_knn_accuracy(labels, [0, 1], [1, 2, 3, 4], 3, 2, **options)
    array([1. , 0.5, 0.5, 0. ])
    """
    model = find_threat_model(threat_model)
    check_method(method)
    sizes = check_poison_sizes(poison_size)
    n_classes = check_n_classes(n_classes)
    labels, n_neighbors = check_neighbor_labels(neighbor_labels, n_neighbors, n_classes)
    y = check_classes("neighbor_labels", y, len(labels), n_classes)
    if model.labels_alone:  # the neighbours stay where they are
        counts = count_checked_votes(np.ascontiguousarray(labels[:, :n_neighbors]), n_classes)
        return joint_neighbors_accuracy(
            counts, y, sizes, threat_model=threat_model, method=method, phantom=phantom
        )

    predicted, radius = knn_radius(
        labels, n_neighbors, n_classes, threat_model=threat_model, phantom=phantom, n_rows=n_rows
    )
    n_rows = _UNKNOWN if n_rows is None else check_n_rows(n_rows, labels.shape[1], n_neighbors)
    correct = predicted == y

    def needs_of(weak: NDArray[np.bool_], attacker: Attacker) -> NeighborNeeds:
        rows = np.flatnonzero(correct)[weak]
        return collect_ranked_needs(
            labels[rows],
            predicted[rows],
            n_neighbors,
            n_rows,
            n_classes,
            attacker,
            phantom=bool(phantom),
        )

    flips = flips_of_sizes(needs_of, radius[correct], sizes, model, method)
    accuracy = (np.count_nonzero(correct) - flips) / len(y)
    return accuracy if sizes.ndim else float(accuracy)
