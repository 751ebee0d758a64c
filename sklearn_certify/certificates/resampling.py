"""Bagging: every voter sees a small random sample of the rows, and most samples miss the poison."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from functools import partial
from numbers import Integral, Real
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from ..exceptions import InvalidInputError
from ..threat import ThreatModel, find_threat_model
from ._arrays import Floats, Int64s
from ._label_probabilities import lower_probability_bounds, upper_probability_bounds
from ._resampling_gaps import (
    InclusionDrift,
    bernoulli_exposure,
    exposure_with_replacement,
    exposure_without_replacement,
    only_inserts,
    probability_margin,
    worst_gap,
)
from ._validation import check_target, check_vote_counts, check_whole

__all__ = ["SAMPLINGS", "bagging_radius", "draws_of_share"]

SAMPLINGS = ("with_replacement", "without_replacement", "bernoulli")
_LARGEST = 2**53  # whole numbers up to here are exact in double precision
_LONGEST_RADIUS = 2**62  # int64 holds no more; only nearly empty samples come near

_Gap: TypeAlias = Callable[[Floats, Int64s], Floats]  # what attacks of each size take


def bagging_radius(
    vote_counts: ArrayLike,
    n_rows: int,
    max_samples: int | float,
    *,
    alpha: float = 0.001,
    threat_model: str = "insert_delete",
    sampling: str = "with_replacement",
    n_voters: int | None = None,
    target: int | None = None,
) -> tuple[Int64s, Int64s]:
    """Certified radius of a vote of classifiers that are fitted on random samples of the rows.

    With probability ``1 - alpha``, for all rows of the call at once: wherever the radius is not
    -1, an ensemble of infinitely many voters predicts `predicted`, and does so after every attack
    of at most `radius` units on the training set.

    Parameters
    ----------
    vote_counts : array-like of int of shape (n_samples, n_classes)
        Votes for each class. The voters must have drawn their rows independently of each other.
    n_rows : int
        Number of training rows n.
    max_samples : int or float
        An int is the number of rows k that a voter draws (on average, for Bernoulli samples). A
        float in (0, 1] is a share of the rows: each row's own probability of inclusion if
        `sampling` is ``"bernoulli"``, else ``k = max(1, int(max_samples * n_rows))``. **Give an
        int** for the two samplings that draw a number of rows: with a share, k depends on the
        number of rows, which the attacker changes, and radii end where k would change. For
        Bernoulli samples a float is the natural form and gives the larger radii.
    alpha : float, default=0.001
        Probability that any radius of this call is wrong. It is spent per call, in equal shares
        for all rows and classes: certify all rows of interest in one call.
    threat_model : {"insert", "delete", "insert_delete", "modify", "label_flip"}, \
            default="insert_delete"
        What one unit of poison is.
    sampling : {"with_replacement", "without_replacement", "bernoulli"}, \
            default="with_replacement"
        How a voter's rows are drawn: k times any row; k different rows; every row by a toss of
        its own (binomial selection).
    n_voters : int, default=None
        Number of voters, those that abstain included. By default every voter has cast a vote.
    target : int, default=None
        The class that an attacker wants, or `n_classes` for a label that no voter can choose before
        the attack. The radius is then about attacks that make it the prediction; other changes do
        not matter.

    Returns
    -------
    predicted : ndarray of int64 of shape (n_samples,)
        The class with most votes, the first of them if there are several.
    radius : ndarray of int64 of shape (n_samples,)
        The largest amount of poison, in units, that is proven harmless; -1 where the votes cannot
        tell the first class from the second (the certificate abstains). No radius allows all
        rows to be deleted; under ``"label_flip"`` radii end at `n_rows`, all labels. Otherwise
        there is no cap (but for 2**62, which only nearly empty Bernoulli samples reach). With a
        `target`, -1 where it is the prediction, or the votes cannot tell that it is not.

    Raises
    ------
    InvalidInputError
        If an argument has the wrong type or range, if votes do not add up to `n_voters` or less,
        if `max_samples` exceeds `n_rows` without replacement, or if there is no such `target`.

    Notes
    -----
    *Confidence.* a = alpha / (n_samples * n_classes). With N voters, p_l is the a quantile of
    Beta(n_l, N - n_l + 1) and p_s the 1 - a quantile of Beta(n_s + 1, N - n_s) for the rival with
    most votes (the paper's equation 6 has it misprinted), which never exceeds 1 - p_l. With two
    classes and no abstention both bounds fail together, and `alpha` is proven. Else the classes l
    and s are chosen from the same votes, and the union bound alone proves no more than
    ``(n_classes + 2) / n_classes * alpha``. But in exact enumerations (up to 200 voters, a from
    0.5 down to 1e-4) p_l - p_s never exceeded its true value with more than probability a for any
    two classes fixed beforehand, which would imply `alpha`; and all classes of a row together
    never failed with more than 2 a.

    *One inequality for all samplings.* Call P the law of a voter's rows before and Q after the
    attack, E the samples of intact rows only, and P_E = P(E). On E the ratio gamma = P / Q is
    constant, so class l keeps at least (p_l - (1 - P_E)) / gamma of Q, a rival gets at most
    1 - P_E / gamma + p_s / gamma, and l stays ahead if gamma + 1 - 2 P_E < p_l - p_s. No weaker
    condition would do: a learner that knows the attack may vote for l wherever a sample holds
    rows that are about to go, and for s wherever it holds new ones (Theorem 2). A label that the
    attacker invents needs no rival of its own: voters choose among labels that they have seen, so
    its probability before the attack is 0, which p_s covers. With m intact rows and n' rows after
    the attack:

    - with replacement, gamma = (n' / n)^k and P_E = (m / n)^k (Theorem 1). The paper rounds p_l
      down and p_s up to multiples of n^-k, and so does this function, though the argument above
      does not need it;
    - without replacement, gamma = C(n', k) / C(n, k) and P_E = C(m, k) / C(n, k): all samples of
      k rows are equally probable;
    - Bernoulli samples with inclusion probability q, u = 1 - q: a sample S has probability
      ``q^|S| u^(n - |S|)``, so gamma = u^(n - n') and P_E = u^(n - m).

    *A target* b takes the place of s: it does not win while some class l is ahead of it. With its
    upper bound, and lower bounds for the classes that l may be, ``n_classes`` bounds can fail, and
    the union bound proves `alpha`. (Of a label that no voter has seen the probability is 0, and all
    bounds are lower ones.) The radius is never below the one without a target.

    *The worst attack* of r units, for every sampling: ``"insert"`` and ``"insert_delete"``
    insert r rows, which takes gamma - 1 (deleting some instead never raises gamma + 1 - 2 P_E),
    ``"delete"`` deletes r, which takes 1 - P_E, and ``"modify"`` and ``"label_flip"`` replace r,
    which takes 2 - 2 P_E. For ``"modify"`` that holds wherever a radius is certified:
    2 - 2 P_E < p_l - p_s <= 1 means P_E > 1/2, and then inserting a row and sparing one raises
    gamma by less than 2 P_E. (So of the three cases of the paper's equation 7 only the first
    ever certifies.) The gap grows with r, and bisection finds the largest radius.

    *Bernoulli samples with an int k* have q = min(k / n, 1), which becomes q' = k / n'. First
    replace q by q' on the clean rows: p_l falls and p_s rises by no more than the event of the
    same probability that loses or gains most, which Neyman and Pearson's lemma finds among those
    that depend on the sample size alone. The rest is the certificate for q'. The radius holds for
    the largest q' and the largest drift that the attack can reach.

    Rounding is against certification throughout.

    References
    ----------
    Jia, Cao and Gong, "Intrinsic Certified Robustness of Bagging against Data Poisoning Attacks",
    AAAI 2021, Theorem 1 and Algorithm 1. Binomial selection: Chen, Li, Wu, Sheng and Li, "A
    Framework of Randomized Selection Based Certified Defenses Against Data Poisoning Attacks",
    2020; it is the infinite aggregation of Wang, Levine and Feizi, "Improved Certified Defenses
    against Data Poisoning with (Deterministic) Finite Aggregation", ICML 2022, Definition 2.

    Examples
    --------
    A thousand voters on 100 of 60,000 rows each. The second vote is too close to tell.

    >>> from sklearn_certify.certificates import bagging_radius
    >>> bagging_radius([[990, 10], [510, 490]], n_rows=60_000, max_samples=100)
    (array([0, 0]), array([401,  -1]))
    """
    model = find_threat_model(threat_model)
    if sampling not in SAMPLINGS:
        raise InvalidInputError(
            f"sampling must be one of {', '.join(map(repr, SAMPLINGS))}, got {sampling!r}."
        )
    if not isinstance(alpha, Real) or not 0 < alpha < 1:
        raise InvalidInputError(f"alpha must lie between 0 and 1, got {alpha!r}.")
    n_rows = _check_exact("n_rows", n_rows)
    draws, limit = _check_max_samples(max_samples, n_rows, sampling, model)
    counts, n_voters = _check_vote_counts(vote_counts, n_voters)
    if target is not None:
        target = check_target(target, counts.shape[1], phantom=True)
    predicted = counts.argmax(axis=1).astype(np.int64)
    if not len(counts):
        return predicted, predicted.copy()
    lower, upper, pairs = _probability_bounds(counts, n_voters, alpha, target)
    if sampling == "with_replacement":
        margins = probability_margin(lower, upper, n_rows, draws)
    else:
        margins = lower - upper
    gap = _gap_of_attacks(n_rows, draws, model, sampling, lower, upper)
    radii = np.where(lower > upper, _largest_safe(gap, margins, limit), -1)
    return predicted, radii[pairs]


def _probability_bounds(
    counts: Int64s, n_voters: int, alpha: float, target: int | None
) -> tuple[Floats, Floats, Int64s]:
    """Return bounds for each pair of counts that decide, and the number of the pair of each row."""
    n_samples, n_classes = counts.shape
    error = alpha / n_samples / n_classes
    most = counts.max(axis=1)
    most, first = np.unique(most, return_inverse=True)
    lower = lower_probability_bounds(most, n_voters, error)
    # voters choose among labels they have seen: no rival, or no such target, has a vote
    if target == n_classes or (target is None and n_classes == 1):
        return lower, np.zeros(len(lower)), first
    second = np.partition(counts, -2, axis=1)[:, -2] if target is None else counts[:, target]
    second, rival = np.unique(second, return_inverse=True)
    upper = upper_probability_bounds(second, n_voters, error)
    pairs, pair_of_row = np.unique(first * len(second) + rival, return_inverse=True)
    return lower[pairs // len(second)], upper[pairs % len(second)], pair_of_row


def _gap_of_attacks(
    n_rows: int,
    draws: int | float,
    threat_model: ThreatModel,
    sampling: str,
    lower: Floats,
    upper: Floats,
) -> _Gap:
    """Return ``gap(radii, pairs)``: what the worst attack of each size takes from p_l - p_s.

    `draws` is the int k or, for Bernoulli samples, perhaps the inclusion probability.
    """
    if sampling == "bernoulli" and isinstance(draws, int):
        if not threat_model.labels_alone and draws < n_rows:
            drifts = [  # of the predicted class and of all but the rival, if rows go or come
                [InclusionDrift(p, n_rows, draws, shrinks=shrinks) for p in (lower, 1 - upper)]
                for shrinks in (True, False)
            ]
            return partial(_drifting_gap, n_rows, draws, threat_model, drifts)
        draws = min(draws / n_rows, 1.0)
    return partial(_gap, n_rows, draws, threat_model, sampling)


def _gap(
    n_rows: int,
    draws: int | float,
    threat_model: ThreatModel,
    sampling: str,
    radii: Floats,
    pairs: Int64s,
) -> Floats:
    rows = n_rows + radii if only_inserts(threat_model) else n_rows * np.ones(len(radii))
    with np.errstate(divide="ignore", over="ignore"):  # no sample avoids the rows: infinite
        if sampling == "with_replacement":
            exposure = exposure_with_replacement(rows, radii, draws)
        elif sampling == "without_replacement":
            exposure = exposure_without_replacement(rows, radii, draws)
        else:
            exposure = bernoulli_exposure(radii, draws)
        return worst_gap(threat_model, exposure)


def _drifting_gap(
    n_rows: int,
    n_draws: int,
    threat_model: ThreatModel,
    drifts: Sequence[Sequence[InclusionDrift]],
    radii: Floats,
    pairs: Int64s,
) -> Floats:
    """As `_gap`, for Bernoulli samples whose inclusion probability is k / n."""
    gaps = np.full(len(radii), np.inf)  # with k rows left, every sample holds them all
    some = np.flatnonzero((n_rows - radii > n_draws) | (not threat_model.deletes))
    radii, pairs = radii[some], pairs[some]
    shrunk, grown = n_rows - radii, n_rows + radii
    drift: Floats = np.zeros(len(some))
    if threat_model.deletes:
        drift = _drift_of_both(drifts[0], shrunk, pairs)
    if threat_model.inserts:
        drift = np.maximum(drift, _drift_of_both(drifts[1], grown, pairs))
    inclusion = n_draws / (shrunk if threat_model.deletes else grown)
    with np.errstate(over="ignore"):
        taken = worst_gap(threat_model, bernoulli_exposure(radii, inclusion))
    gaps[some] = taken + drift
    return gaps


def _drift_of_both(
    of_classes: Sequence[InclusionDrift], n_poisoned: Floats, pairs: Int64s
) -> Floats:
    """What the predicted class loses and the strongest rival gains, each at most."""
    of_predicted, of_rival = of_classes
    return of_predicted(n_poisoned, pairs) + of_rival(n_poisoned, pairs)


def _largest_safe(gap: _Gap, margins: Floats, limit: int) -> Int64s:
    """The largest whole number up to `limit`, at least 0, whose gap is below the margin."""
    safe = np.zeros(len(margins), dtype=np.int64)
    unsafe = np.full(len(margins), limit + 1, dtype=np.int64)
    while len(open_ := np.flatnonzero(unsafe - safe > 1)):
        middle = safe[open_] + (unsafe[open_] - safe[open_]) // 2
        holds = gap(middle.astype(np.float64), open_) < margins[open_]
        safe[open_[holds]] = middle[holds]
        unsafe[open_[~holds]] = middle[~holds]
    return safe


def _check_exact(name: str, value: object) -> int:
    value = check_whole(name, value)
    if value > _LARGEST:
        raise InvalidInputError(f"{name} must be a whole number from 1 to 2**53, got {value!r}.")
    return value


def draws_of_share(share: float, n_rows: int) -> int:
    """Return how many rows a voter draws if it draws a share of them, at least one."""
    return max(1, int(float(share) * n_rows))


def _check_max_samples(
    max_samples: int | float, n_rows: int, sampling: str, threat_model: ThreatModel
) -> tuple[int | float, int]:
    """Return k or the inclusion probability, and a size of attack that no radius may exceed."""
    if threat_model.labels_alone:
        limit = n_rows
    elif not threat_model.deletes:
        limit = _LONGEST_RADIUS if sampling == "bernoulli" else n_rows
    else:
        limit = n_rows - 1
    if isinstance(max_samples, Integral):
        draws = _check_exact("max_samples", max_samples)
        if sampling == "without_replacement" and draws > n_rows:
            raise InvalidInputError(
                f"max_samples={draws} exceeds n_rows={n_rows}: without replacement a voter cannot "
                "draw more rows than there are. Lower max_samples or draw with replacement."
            )
        return draws, limit
    if not isinstance(max_samples, Real) or not 0 < max_samples <= 1:
        raise InvalidInputError(
            "max_samples must be a whole number from 1 up or a share of the rows in (0, 1], "
            f"got {max_samples!r}."
        )
    share = float(max_samples)
    if sampling == "bernoulli":
        return share, limit
    draws = draws_of_share(share, n_rows)
    if threat_model.inserts:
        most = bisect_right(range(2 * n_rows), draws, n_rows, key=partial(draws_of_share, share))
        limit = min(limit, most - 1 - n_rows)
    if threat_model.deletes:
        fewest = bisect_left(range(n_rows), draws, 1, key=partial(draws_of_share, share))
        limit = min(limit, n_rows - fewest)
    return draws, limit


def _check_vote_counts(vote_counts: ArrayLike, n_voters: int | None) -> tuple[Int64s, int]:
    """Return votes as an int64 array, and the number of voters."""
    counts = check_vote_counts(vote_counts)
    sums = counts.sum(axis=1, dtype=np.float64)  # exact where allowed, never wraps around
    if n_voters is not None:
        n_voters = _check_exact("n_voters", n_voters)
    elif len(sums):
        if sums.min() != sums.max():
            raise InvalidInputError(
                f"Rows of vote_counts add up to between {sums.min():.0f} and {sums.max():.0f} "
                "votes: where voters abstain, pass n_voters, the number of all voters."
            )
        n_voters = _check_exact("The number of votes in a row of vote_counts", int(sums[0]))
    else:
        n_voters = 0
    if len(sums) and sums.max() > n_voters:
        raise InvalidInputError(
            f"A row of vote_counts adds up to {sums.max():.0f} votes, more than the "
            f"n_voters={n_voters} voters."
        )
    return counts, n_voters
