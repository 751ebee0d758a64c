"""How far poison moves the label probabilities of voters that see random samples of the rows."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from scipy.special import gammaln
from scipy.stats import binom

from ..threat import ThreatModel
from ._arrays import Floats, Int64s

__all__ = [
    "InclusionDrift",
    "bernoulli_exposure",
    "exposure_with_replacement",
    "exposure_without_replacement",
    "only_inserts",
    "probability_margin",
    "worst_gap",
]

_GUARD = 1e-13  # the exposures are off by a few units in the last place, 1e-15
_SERIES_START = 16  # from here five terms of Stirling's series are exact in double precision


def exposure_with_replacement(n_rows: Floats, n_chosen: Floats, n_draws: float) -> Floats:
    """-log of the probability that `n_draws` rows, with repeats, avoid `n_chosen` of `n_rows`."""
    return -n_draws * np.log1p(-n_chosen / n_rows)


def bernoulli_exposure(n_chosen: Floats, inclusion: float | Floats) -> Floats:
    """-log of the probability that none of `n_chosen` rows is included."""
    return -n_chosen * np.log1p(-inclusion)


def exposure_without_replacement(n_rows: Floats, n_chosen: Floats, n_draws: float) -> Floats:
    """-log of the probability that `n_draws` different rows avoid `n_chosen` of `n_rows`.

    That is log C(n, k) - log C(n - r, k). Stirling's formula for the four factorials, with its
    large terms cancelled on paper, has only terms of the size of the result, r k / n:

    - (n-r-k + 1/2) log1p(r k / (n (n-r-k))) - k log1p(-r / n) - r log1p(-k / n)
    - s(n-r) - s(n-k) + s(n-r-k) + s(n),   s(x) = log x! - Stirling's formula.

    Few rows are brought into the reach of the series for s by the ratio of the probabilities for
    n - 1 and n, which is 1 - r k / ((n-r) (n-k)).

    Parameters
    ----------
    n_rows, n_chosen : ndarray of float64 of shape (n_radii,)
        Whole numbers.
    n_draws : int
        Sample size.

    Returns
    -------
    ndarray of float64 of shape (n_radii,)
        Infinite where fewer than `n_draws` rows are left.
    """
    rows, chosen, draws = np.broadcast_arrays(n_rows * 1.0, n_chosen * 1.0, n_draws * 1.0)
    possible = rows - chosen - draws >= 0
    rows, chosen, draws = rows[possible], chosen[possible], draws[possible]
    few = np.flatnonzero(rows - chosen - draws < _SERIES_START)
    found = np.zeros(len(rows))
    for _ in range(_SERIES_START):
        rows[few] += 1
        outside = (rows[few] - chosen[few]) * (rows[few] - draws[few])
        found[few] -= np.log1p(-chosen[few] * draws[few] / outside)
    rest = rows - chosen - draws
    found -= (rest + 0.5) * np.log1p(chosen * draws / (rows * rest))
    found -= draws * np.log1p(-chosen / rows) + chosen * np.log1p(-draws / rows)
    found += _stirling_rest(rest) - _stirling_rest(rows - chosen)
    found -= _stirling_rest(rows - draws) - _stirling_rest(rows)
    exposure = np.full(len(possible), np.inf)
    exposure[possible] = found
    return exposure


def _stirling_rest(x: Floats) -> Floats:
    """log x! less Stirling's formula, for x from 16 up."""
    y = 1 / (x * x)
    return (1 / 12 - y * (1 / 360 - y * (1 / 1260 - y * (1 / 1680 - y / 1188)))) / x


def only_inserts(threat_model: ThreatModel) -> bool:
    """Whether the worst attack adds rows and leaves all others as they are."""
    return threat_model.inserts and not threat_model.relabels


def worst_gap(threat_model: ThreatModel, exposure: Floats) -> Floats:
    """Upper bound on gamma + 1 - 2 P_E over all attacks of one size.

    The worst attack only inserts, only deletes, or replaces as many rows as it may, as
    `bagging_radius` derives.

    Parameters
    ----------
    threat_model : ThreatModel
        What the attacker may do.
    exposure : ndarray of float64 of shape (n_radii,)
        Of the inserted rows among clean and inserted ones, or of the rows that are lost among the
        clean ones.

    Returns
    -------
    ndarray of float64 of shape (n_radii,)
        Exact but for the rounding, which is upward.
    """
    if only_inserts(threat_model):
        gap = np.expm1(exposure)
    else:
        gap = -np.expm1(-exposure) * (2 if threat_model.relabels else 1)
    return gap * (1 + _GUARD)


def probability_margin(lower: Floats, upper: Floats, n_rows: int, n_draws: int) -> Floats:
    """Theorem 1's p_l - p_s - delta_l - delta_s, for samples with replacement.

    delta_l and delta_s round the probabilities to multiples of n^-k, away from each other.

    Parameters
    ----------
    lower, upper : ndarray of float64 of shape (n_pairs,)
        Bounds on the probabilities of the predicted class and of its strongest rival.
    n_rows, n_draws : int
        Number of rows n, sample size k.

    Returns
    -------
    ndarray of float64 of shape (n_pairs,)
    """
    if n_draws * np.log2(n_rows) > 64:  # too fine a grid to matter: both deltas are below n^-k
        return lower - upper - 2 * float(n_rows) ** -n_draws
    grid = n_rows**n_draws
    margins = np.empty(len(lower))
    for pair, (high, low) in enumerate(zip(lower.tolist(), upper.tolist(), strict=True)):
        steps = Fraction(high) * grid // 1 + Fraction(-low) * grid // 1
        margins[pair] = steps / grid
    return margins


class InclusionDrift:
    """Upper bound on what a vote loses by a change of the inclusion probability.

    Rows are included with probability q = k / n before and q' = k / n' after the poisoning. Among
    the events of a given probability under q, the one that loses most depends on the number of
    included rows alone: S <= j if q' is greater, S > j if it is less (Neyman and Pearson), with a
    part of one size if need be. As the loss is concave in the probability of the event, the worse
    of the next two events without a part bounds it. The loss of either event is the integral of
    n Bin(n - 1, t)(j) over t between q and q': at most n |q - q'| times the largest value, which t
    as close as can be to j / (n - 1) has.

    Parameters
    ----------
    probability : ndarray of float64 of shape (n_pairs,)
        Of the event under q.
    n_rows, n_draws : int
        Number of rows n, expected sample size k, less than n.
    shrinks : bool
        Whether the poisoned set has fewer rows than the clean one.
    """

    def __init__(self, probability: Floats, n_rows: int, n_draws: int, *, shrinks: bool) -> None:
        self._n_rows, self._n_draws = n_rows, n_draws
        probability, pairs = np.unique(probability, return_inverse=True)
        if not shrinks:
            probability = 1 - probability
        # the quantile and the size before it; slack, so that rounding does not lose the right ones
        slack = 1e-6 * np.minimum(probability, 1 - probability) + 1e-14
        ends = np.clip([probability - slack, probability + slack], 0, 1)
        first, last = np.clip(binom.ppf(ends, n_rows, n_draws / n_rows), 0, n_rows)
        sizes = np.clip([first - 1, first, last], 0, n_rows - 1)
        self._sizes = sizes[:, pairs]
        self._heights = _log_density_at_mean(sizes, n_rows - 1)[:, pairs]

    def __call__(self, n_poisoned: Floats, pairs: Int64s) -> Floats:
        """Return bounds for poisoned sets of given sizes, more than k, and numbers of events.

        Both arguments and the result have shape (n_radii,).
        """
        low = self._n_draws / np.maximum(n_poisoned, self._n_rows)
        high = self._n_draws / np.minimum(n_poisoned, self._n_rows)
        wins, trials = self._sizes[:, pairs], self._n_rows - 1
        rate = np.clip(wins / trials, low, high)
        # the density at its own mean, less its fall from there to the rate
        excess = wins - trials * rate
        with np.errstate(divide="ignore", invalid="ignore"):  # 0 log1p(-1), which is none
            fall = np.where(wins > 0, wins * np.log1p(excess / (trials * rate)), 0)
            losses = trials - wins
            fall += np.where(losses > 0, losses * np.log1p(-excess / (trials * (1 - rate))), 0)
        density = np.exp(self._heights[:, pairs] - np.maximum(fall, 0)).max(axis=0)
        distance = np.abs(n_poisoned - self._n_rows) * (self._n_draws / n_poisoned)  # n |q - q'|
        return np.minimum(distance * density * (1 + 1e-9), 1)


def _log_density_at_mean(wins: Floats, trials: int) -> Floats:
    """log Bin(trials, wins / trials)(wins), by Stirling's formula."""
    losses = trials - wins
    with np.errstate(divide="ignore"):
        logs = 0.5 * np.log(trials / (2 * np.pi * wins * losses))
    logs += _any_stirling_rest(np.float64(trials))
    logs -= _any_stirling_rest(wins) + _any_stirling_rest(losses)
    return np.where((wins == 0) | (losses == 0), 0, logs)


def _any_stirling_rest(x: Floats | np.float64) -> Floats:
    """log x! less Stirling's formula, for x from 1 up."""
    near = np.clip(x, 1, _SERIES_START)
    formula = (near + 0.5) * np.log(near) - near + 0.5 * np.log(2 * np.pi)
    return np.where(
        x < _SERIES_START, gammaln(near + 1) - formula, _stirling_rest(np.maximum(x, 1))
    )
