"""Bounds on the probability that a random voter chooses a class, from the votes of a sample."""

from __future__ import annotations

import numpy as np
from scipy.special import betainc, betaincinv

from ._arrays import Floats, Int64s

__all__ = ["lower_probability_bounds", "upper_probability_bounds"]


def lower_probability_bounds(counts: Int64s, n_voters: int, error: float) -> Floats:
    """Clopper and Pearson's lower bounds on the probability of a vote, rounded down.

    Parameters
    ----------
    counts : ndarray of int64 of shape (n_counts,)
        Votes, each between 0 and `n_voters`.
    n_voters : int
        Number of independent voters.
    error : float
        The probability, for each bound, that the truth lies below it.

    Returns
    -------
    ndarray of float64 of shape (n_counts,)
        The `error` quantile of Beta(n, n_voters - n + 1), 0 for n = 0: with a success probability
        below it, n or more votes are less probable than `error`.
    """
    wins = counts.astype(np.float64)
    others = n_voters - wins + 1
    bounds = np.zeros(len(counts))
    some = np.flatnonzero(wins > 0)
    wins, others = wins[some], others[some]
    # The relative error of betainc is below 1e-12 in recent releases of scipy, and 3e-9 in 1.10
    # with 10^6 voters, growing with their number. A guard for that moves no bound visibly.
    guard = 1e-8 + 1e-14 * n_voters
    target = error * (1 - guard)
    found = betaincinv(wins, others, target * (1 - guard))
    # scipy 1.10 has quantiles that are off by 1e-6 upward, and by 0.06 downward
    tails = betainc(wins, others, found)
    missed = np.flatnonzero(~((tails <= target) & (tails >= target * (1 - 3 * guard))))
    found[missed] = _bisect(wins[missed], others[missed], target)
    bounds[some] = found
    return bounds


def _bisect(wins: Floats, others: Floats, target: float) -> Floats:
    """The largest quantiles that `betainc` confirms to lie at or below `target`."""
    low, high = np.zeros(len(wins)), np.ones(len(wins))
    while True:
        middle = (low + high) / 2
        between = (low < middle) & (middle < high)
        if not between.any():
            return low
        confirmed = betainc(wins, others, middle) <= target
        low = np.where(between & confirmed, middle, low)
        high = np.where(between & ~confirmed, middle, high)


def upper_probability_bounds(counts: Int64s, n_voters: int, error: float) -> Floats:
    """Clopper and Pearson's upper bounds on the probability of a vote, rounded up.

    The 1 - `error` quantile of Beta(n + 1, n_voters - n) is one minus the lower bound on the
    probability of not choosing the class.
    """
    return np.nextafter(1 - lower_probability_bounds(n_voters - counts, n_voters, error), 1)
