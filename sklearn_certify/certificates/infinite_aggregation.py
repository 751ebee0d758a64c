"""Infinite aggregation: voters on Bernoulli samples, judged by the rows that each has drawn."""

from __future__ import annotations

from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_matrix, issparse

from ..exceptions import InvalidInputError
from ..threat import find_threat_model
from ._arrays import Floats, Int64s
from ._label_probabilities import lower_probability_bounds, upper_probability_bounds
from ._margins import count_checked_votes
from ._resampling_gaps import only_inserts
from ._row_losses import RowLosses
from ._validation import check_n_classes, check_votes
from .resampling import bagging_radius

__all__ = ["infinite_aggregation_radius"]

_CELLS_PER_BLOCK = 1 << 22  # queries times rows


def infinite_aggregation_radius(
    votes: ArrayLike,
    drawn: Any,
    n_classes: int,
    inclusion_probability: float,
    *,
    alpha: float = 0.001,
    threat_model: str = "modify",
) -> tuple[Int64s, Int64s]:
    """Certified radius of infinite aggregation, from statistics of single training rows.

    Infinite aggregation is the vote of infinitely many voters, each of which draws every training
    row for itself with the same probability, as `BaggingCertifiedClassifier` does with
    ``sampling="bernoulli"``. `bagging_radius` knows how many of them choose each class. This
    function also knows who drew what: a row hurts the prediction by what the voters that drew it
    say, and where few of them are for the predicted class, taking the row away, or changing it,
    hurts less.

    With probability ``1 - alpha``, for all rows of the call at once: wherever the radius is not
    -1, infinite aggregation predicts `predicted`, and does so after every attack of at most
    `radius` units on the training set.

    Parameters
    ----------
    votes : array-like of int of shape (n_samples, n_voters)
        Index of the class each voter chooses; -1 where a voter abstains.
    drawn : {array-like, sparse matrix} of bool of shape (n_voters, n_rows)
        Whether a voter drew a training row. All voters must have drawn every row independently.
    n_classes : int
        Number of classes.
    inclusion_probability : float
        The probability with which each voter draws each row, between 0 and 1. It must be fixed,
        and not depend on the number of rows, which the attacker may change.
    alpha : float, default=0.001
        Probability that any radius of this call is wrong. Half of it is spent on the shares of
        votes and half on the statistics of rows, in equal parts for all rows and classes.
    threat_model : {"modify", "delete", "label_flip", "insert", "insert_delete"}, default="modify"
        What one unit of poison is. Against insertions statistics of rows are of no use, and what
        is returned for the last two is the radius of `bagging_radius`.

    Returns
    -------
    predicted : ndarray of int64 of shape (n_samples,)
        The class with most votes, the first of them if there are several.
    radius : ndarray of int64 of shape (n_samples,)
        The largest amount of poison, in units, that is proven harmless; -1 where the votes cannot
        tell the first class from the second. As in `bagging_radius`, no radius allows all rows to
        be deleted, and under ``"label_flip"`` radii end at the number of rows.

    Raises
    ------
    InvalidInputError
        If an argument has the wrong type, shape or range.

    See Also
    --------
    bagging_radius : From the numbers of votes alone; larger where voters are few or rows are many.
    overlap_radius : Finite Aggregation: the same idea without chance.

    Notes
    -----
    Let m(S) be 1, -1 or 0 where the voter of sample S chooses p, the rival, or neither, u one
    minus the inclusion probability q, and Delta the mean of m. If the rows J are deleted, j of
    them, the samples that there are now are those that hold no row of J, each u^-j times as
    probable. If i rows are inserted, a sample holds none of them with probability u^i, and one
    that does may vote for the rival. So the lead that is left is at least

        u^i (Delta - H(J)) u^-j - (1 - u^i),

    where H(J) is the share of the voters for p that hold a row of J, and the prediction stands if
    it is positive for every rival. With a_x the share of the voters that drew row x and are for p,
    and any T from 0 up,

        H(J) <= (sum of a_x over J) / (T + 1) + sum over t <= T of Pr[t] (1 - t / (T + 1)),

    where Pr[t] is the probability of drawing t of j rows, t from 1 up: a sample with t rows of J
    is counted t / (T + 1) times in the first sum and, if that is less than once, for the rest in
    the second. T = 0 counts each row for itself; T without end gives 1 - u^j, and then the radius
    is that of `bagging_radius`. The worst J has the largest a_x.

    The paper's Theorem 3 takes at least as much for each row, q (1 + Delta_x) for a deleted one
    with lead Delta_x among the voters that drew it and q (1 + Delta) for an inserted one, so that
    no radius here is smaller. It speaks of the true shares, which sum over all samples. Here they
    are estimated: a_x is q times Clopper and Pearson's upper bound, from the voters that happened
    to draw row x. That takes many voters: some hundreds that drew each row.

    References
    ----------
    Wang, Levine and Feizi, "Improved Certified Defenses against Data Poisoning with
    (Deterministic) Finite Aggregation", ICML 2022, Definition 2 and Theorem 3.

    Examples
    --------
    Twenty thousand voters, each on about a tenth of 60 rows. Two in five choose the first class,
    and the others one of nineteen more.

    >>> import numpy as np
    >>> from sklearn_certify.certificates import bagging_radius, infinite_aggregation_radius
    >>> rng = np.random.default_rng(0)
    >>> drawn = rng.random((20_000, 60)) < 0.1
    >>> others = rng.integers(1, 20, (1, 20_000))
    >>> votes = np.where(rng.random((1, 20_000)) < 0.4, 0, others)
    >>> infinite_aggregation_radius(votes, drawn, 20, 0.1, threat_model="delete")
    (array([0]), array([7]))
    >>> bagging_radius(
    ...     [np.bincount(votes[0])], 60, 0.1, sampling="bernoulli", threat_model="delete"
    ... )
    (array([0]), array([4]))
    """
    model = find_threat_model(threat_model)
    n_classes = check_n_classes(n_classes)
    votes = check_votes(votes, n_classes)
    n_samples, n_voters = votes.shape
    drawn = _check_drawn(drawn, n_voters)
    n_rows = drawn.shape[1]
    given = {"inclusion_probability": inclusion_probability, "alpha": alpha}
    for name, share in given.items():
        if not isinstance(share, Real) or not 0 < share < 1:
            raise InvalidInputError(f"{name} must lie between 0 and 1, got {share!r}.")
    inclusion = float(inclusion_probability)
    counts = count_checked_votes(votes, n_classes)
    if only_inserts(model):
        return bagging_radius(
            counts,
            n_rows,
            inclusion,
            alpha=alpha,
            threat_model=threat_model,
            sampling="bernoulli",
            n_voters=n_voters,
        )
    predicted = counts.argmax(axis=1).astype(np.int64)
    radius = np.empty_like(predicted)
    if not n_samples:
        return predicted, radius
    leads = _leads(counts, n_voters, alpha / 4 / n_samples / n_classes)
    most_for_class = _BoundsOfHolders(drawn, alpha / 2 / n_samples / n_classes / n_rows)
    losses = RowLosses(n_rows, inclusion)
    size = max(_CELLS_PER_BLOCK // (n_rows + 1), 1)
    for start in range(0, n_samples, size):
        block = slice(start, start + size)
        for_class = votes[block] == predicted[block, np.newaxis]
        with_row = inclusion * most_for_class(for_class)
        radius[block] = losses.largest_radii(leads[block], with_row, model)
    return predicted, radius


def _leads(counts: Int64s, n_voters: int, error: float) -> Floats:
    """Lower bounds on the lead over the strongest rival; each of its two parts may err."""
    most = counts.max(axis=1)
    lower = lower_probability_bounds(most, n_voters, error)
    if counts.shape[1] == 1:  # an invented label starts from nothing
        return lower
    second = np.partition(counts, -2, axis=1)[:, -2]
    upper = upper_probability_bounds(second, n_voters, error)
    return np.nextafter(lower - np.minimum(upper, 1 - lower), -1)


class _BoundsOfHolders:
    """Upper bounds on the share, among the voters that draw a row, of those for a class."""

    def __init__(self, drawn: csr_matrix, error: float) -> None:
        self._rows_of_voters = drawn.T.tocsr()
        self._error = error
        holders = np.asarray(drawn.sum(axis=0)).ravel()
        self._sizes, self._size_of_row = np.unique(holders, return_inverse=True)
        # by number of holders and of votes, found when they are first met
        self._bounds = np.full((len(self._sizes), self._sizes.max() + 1), np.nan)

    def __call__(self, for_class: NDArray[np.bool_]) -> Floats:
        """Take who is for the class, (n_samples, n_voters); return (n_samples, n_rows)."""
        counts = (self._rows_of_voters @ for_class.T.astype(np.int32)).T
        met = np.zeros(self._bounds.shape, dtype=bool)
        met[self._size_of_row, counts] = True
        met &= np.isnan(self._bounds)
        for place in np.flatnonzero(met.any(axis=1)):
            new = np.flatnonzero(met[place])
            bounds = upper_probability_bounds(new, int(self._sizes[place]), self._error)
            self._bounds[place, new] = np.minimum(bounds, 1)
        return self._bounds[self._size_of_row, counts]


def _check_drawn(drawn: Any, n_voters: int) -> csr_matrix:
    """Return who drew what as a sparse array of ones."""
    given = drawn if issparse(drawn) else np.asarray(drawn)
    if given.ndim != 2 or given.shape[0] != n_voters or given.shape[1] == 0:
        raise InvalidInputError(
            f"drawn must have shape (n_voters, n_rows) with the {n_voters} voters of votes and at "
            f"least one row, got {given.shape}."
        )
    if given.dtype.kind != "b":  # numbers of rows, or repeats, would be taken for True
        raise InvalidInputError(
            f"drawn must hold True or False for every voter and row, got {given.dtype}."
        )
    return csr_matrix(given).astype(np.int32)
