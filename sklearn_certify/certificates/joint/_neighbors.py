"""Joint certificates of radius nearest neighbours: one budget of poison for all test rows."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...exceptions import InvalidInputError
from ...threat import ThreatModel, check_poison_sizes, find_threat_model
from .._arrays import Floats, Int64s, Integers
from .._validation import check_vote_counts
from ..neighbors import rnn_radius
from ._attacker import Attacker
from ._branch_and_bound import flips_by_labels
from ._island_bound import island_flips
from ._knapsack import most_flips
from ._neighbor_needs import NeighborNeeds, collect_needs, removals_beside

__all__ = ["check_classes", "check_method", "flips_of_sizes", "joint_neighbors_accuracy"]

_METHODS = ("pointwise", "island", "knapsack", "branch")  # each at least as strong as the last


def joint_neighbors_accuracy(
    vote_counts: ArrayLike,
    y: ArrayLike,
    poison_size: ArrayLike,
    *,
    threat_model: str = "insert_delete",
    method: str = "knapsack",
    phantom: bool = True,
) -> float | Floats:
    """Lower bound on the accuracy of radius nearest neighbours when one attack serves all rows.

    Counted by itself, each test row meets the whole budget, spent on this row alone. But a
    training row that is removed has one label, and so has one that is inserted, and test rows
    that take different labels to flip share the budget. The methods count this ever more closely:

    - ``"pointwise"``: each row by itself;
    - ``"island"``: removed rows are shared in groups of rows with different predictions;
    - ``"knapsack"``: removed rows are shared by all rows, each serves the rows whose predicted
      class is its label;
    - ``"branch"``: so are inserted rows, each serves the rows with its label as a rival.

    Parameters
    ----------
    vote_counts : array-like of int of shape (n_samples, n_classes)
        Training rows of each class within the radius of each query.
    y : array-like of int of shape (n_samples,)
        Index of the true class; -1 = none of the classes, which counts as wrong.
    poison_size : int or array-like of int of shape (n_sizes,)
        Amounts of poison, in units of `threat_model`.
    threat_model : {"insert_delete", "insert", "delete", "modify", "label_flip"}, \
            default="insert_delete"
        What one unit of poison may do, see `sklearn_certify.threat`.
    method : {"branch", "knapsack", "island", "pointwise"}, default="knapsack"
        How closely the attacker is followed; none is better than one named before it. "branch"
        takes longest, on many rows a second or two for each poison size.
    phantom : bool, default=True
        Whether the attacker may use a label that no clean row has; it wins ties. Without it, an
        attack that empties a neighbourhood makes it predict the first class: if yours then
        predicts something else, pass True.

    Returns
    -------
    float or ndarray of float64 of shape (n_sizes,)
        The fraction of rows that are proven to be predicted correctly whatever the attack. In an
        array, never larger for more poison.

    Raises
    ------
    InvalidInputError
        If counts are not a 2-D array of integers from 0 up, if there are no rows, if `y` is not
        one integer per row from -1 to ``n_classes - 1``, if a poison size is negative or no
        integer, or if there is no such threat model or method.

    Notes
    -----
    Let d_l removed rows have label l, and i_b inserted ones label b. A row whose predicted class
    p leads rival b by gap(b) = n_p - n_b - [b < p] flips only if d_p + i_b > gap(b) for some b.
    "modify" and "label_flip" allow sum d <= e and sum i <= e for e units, "insert_delete" no more
    than e in all. "label_flip" adds two conditions: d_l + i_l <= e, as no unit takes the label it
    gives; and in one neighbourhood b gains no more than p loses and other labels had.

    With every i_b at its most the rows that flip are a knapsack over d, which is solved exactly.
    "branch" solves it for boxes of i, and halves the worst box again and again, until a single i
    is the worst of all. Where that would take more than a second or two, it stops after a fixed
    number of boxes; the bound is valid at any time. A neighbourhood without votes counts as lost
    to the first unit.

    References
    ----------
    Jia, Cao and Gong, "Certified Robustness of Nearest Neighbors against Data Poisoning Attacks",
    2020, Theorems 2 to 4, for "pointwise" and "island". The other methods go beyond the paper.

    Examples
    --------
    Either row flips if four training rows change from its class to another, but with four changes
    both would need three removed rows of their own besides what is inserted.

    >>> from sklearn_certify.certificates import joint_neighbors_accuracy
    >>> counts, y = [[7, 0], [0, 7]], [0, 1]
    >>> joint_neighbors_accuracy(counts, y, 4, threat_model="modify", method="pointwise")
    0.0
    >>> joint_neighbors_accuracy(counts, y, [3, 4, 5], threat_model="modify", method="branch")
    array([1. , 0.5, 0. ])
    """
    model = find_threat_model(threat_model)
    check_method(method)
    sizes = check_poison_sizes(poison_size)
    counts = check_vote_counts(vote_counts)
    y = check_classes("vote_counts", y, *counts.shape)

    predicted, radius = rnn_radius(counts, threat_model=threat_model, phantom=phantom)
    correct = predicted == y
    counts, radius = counts[correct], radius[correct]

    def needs_of(weak: NDArray[np.bool_], attacker: Attacker) -> NeighborNeeds:
        return collect_needs(counts[weak], attacker, phantom=phantom)

    flips = flips_of_sizes(needs_of, radius, sizes, model, method)
    accuracy = (len(counts) - flips) / len(y)
    return accuracy if sizes.ndim else float(accuracy)


def check_classes(name: str, y: ArrayLike, n_samples: int, n_classes: int) -> Integers:
    """Return the true classes, checked."""
    if n_samples == 0:
        raise InvalidInputError(f"{name} must have at least one row.")
    y = np.asarray(y)
    if y.shape != (n_samples,) or y.dtype.kind not in "iu":
        raise InvalidInputError(
            f"y must hold one class index for each of the {n_samples} rows of {name}, "
            f"got {y.dtype} of shape {y.shape}."
        )
    if y.min() < -1 or y.max() >= n_classes:
        raise InvalidInputError(
            f"y must lie between -1 (unknown) and n_classes - 1 = {n_classes - 1}, "
            f"got values from {y.min()} to {y.max()}."
        )
    return y


def check_method(method: str) -> None:
    """Refuse what is no way to bound the flips."""
    if method not in _METHODS:
        raise InvalidInputError(
            f"method must be one of {', '.join(map(repr, _METHODS))}, got {method!r}."
        )


def flips_of_sizes(
    needs_of: Callable[[NDArray[np.bool_], Attacker], NeighborNeeds],
    radius: Int64s,
    sizes: Int64s,
    model: ThreatModel,
    method: str,
) -> Int64s:
    """Bound from above how many rows flip together at each poison size.

    Parameters
    ----------
    needs_of : callable
        ``needs_of(weak, attacker)`` works out what it takes to flip some of the rows.
    radius : ndarray of int64 of shape (n_rows,)
        How much poison each row survives by itself; all are predicted correctly.
    sizes : ndarray of int64
        Amounts of poison.
    model : ThreatModel
        What one unit may do.
    method : str
        See `joint_neighbors_accuracy`.

    Returns
    -------
    ndarray of int64, of the shape of `sizes`
    """
    flips = np.zeros(sizes.shape, dtype=np.int64)
    fewest = len(radius)
    for size in np.unique(sizes[sizes > 0])[::-1]:
        attacker = Attacker(int(size), model)
        weak = radius < size
        # what a larger budget cannot flip, a smaller one cannot
        fewest = min(fewest, int(weak.sum()))
        if fewest > 0 and method != "pointwise":
            fewest = min(fewest, _flips(needs_of(weak, attacker), attacker, method))
        flips[sizes == size] = fewest
    return flips


def _flips(rows: NeighborNeeds, attacker: Attacker, method: str) -> int:
    """Bound from above how many rows flip together."""
    # with so much poison all rows flip that have a rival; more would only be long numbers
    most_of_use = (len(rows.needs) + 1) * rows.most_needed() + 1
    attacker = attacker._replace(budget=min(attacker.budget, most_of_use))
    inserted = attacker.insertions()
    removals, _ = removals_beside(rows, np.full(len(rows.needs), inserted, dtype=np.int64))
    # where either will do, an inserted row of the worst label for each test row does at least what
    # a removed one does
    either_will_do = not (rows.floors.any() or rows.insertions.any())
    left = attacker.removals(inserted if either_will_do else 0)
    n_flips = island_flips(removals, rows.starts, left)
    if method != "island":
        limits = np.full(len(rows.starts) - 1, left, dtype=np.int64)
        n_flips = min(n_flips, most_flips(removals, rows.starts, limits, left))
    if method == "branch":
        n_flips = min(n_flips, flips_by_labels(rows, attacker))
    return n_flips
