"""Bound how many rows flip together, by one multiplier per row.

Let S hold r partitions and z_t = sum_{j in S} s_tj, where row t flips only if z_t >= 1. With z_t
never below the sum m_t of the r smallest s_tj, and 0 <= lambda_t <= 1 / (1 - m_t),

    1 - lambda_t + lambda_t z_t

is at least 0 always and at least 1 if row t flips. (If m_t >= 1 any lambda_t will do, and we take
0.) So the number of flips is at most the sum of this over t, and for every S

    sum_t (1 - lambda_t) + sum_{j in S} sum_t lambda_t s_tj
        <= sum_t (1 - lambda_t) + (the sum of the r largest of sum_t lambda_t s_tj over j).

Any such lambda gives a bound. The best is half of a saddle point, the other half of which says how
much of each partition to corrupt; a primal-dual gradient method finds it. How near it comes decides
how strong the bound is, not whether it holds: that is computed from lambda in double precision.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from .._arrays import Floats

__all__ = ["blocks_of", "multiplier_bound", "sum_of_largest"]

_MOST_STEPS = 1500
_STEPS_BETWEEN_CHECKS = 30
_LONGEST_AVERAGE = 300  # steps before a restart
_HALVINGS = 30
_POWER_STEPS = 15
_SHARES_AT_ONCE = 1 << 22  # how many are turned into double precision together


def multiplier_bound(shares: Floats, budget: int, *, known: float = np.inf) -> float:
    """Bound from above how many rows flip when `budget` partitions are corrupted.

    Parameters
    ----------
    shares : ndarray of float32 of shape (n_rows, n_partitions)
        A row flips only if the shares of the corrupted partitions sum to 1 or more.
    budget : int
        Number of partitions that are corrupted, less than ``n_partitions``.
    known : float, default=inf
        Another bound. Once it is clear that this one will not be smaller, it may end up larger.

    Returns
    -------
    float
        At least the number of flips, whatever rounding did to it.
    """
    limits = np.zeros(len(shares))
    for block in blocks_of(*shares.shape):
        smallest = np.partition(shares[block], budget - 1, axis=1)[:, :budget]
        room = 1 - smallest.sum(axis=1, dtype=np.float64)
        limits[block] = np.where(room > 1e-6, 1 / np.maximum(room, 1e-6), 0)
    with np.errstate(invalid="ignore"):  # products of small matrices may warn without cause
        multipliers = _find_multipliers(shares, limits, budget, known)
    weighted = np.zeros(shares.shape[1])
    for block in blocks_of(*shares.shape):
        weighted += multipliers[block] @ shares[block].astype(np.float64)
    free = (1 - multipliers).sum()
    taken = sum_of_largest(weighted, budget)
    # each number is a sum of less than n_rows + n_partitions terms
    error = np.finfo(np.float64).eps * sum(shares.shape)
    return free + taken + 4 * error * (len(shares) + multipliers.sum() + taken)


def blocks_of(n_rows: int, row_length: int) -> list[slice]:
    """Slices of rows that are small enough to be turned into double precision."""
    step = max(_SHARES_AT_ONCE // row_length, 1)
    return [slice(start, start + step) for start in range(0, n_rows, step)]


def sum_of_largest(values: Floats, budget: int) -> float:
    """The sum of the `budget` largest values."""
    return np.partition(values, len(values) - budget)[-budget:].sum()


def _find_multipliers(shares: Floats, limits: Floats, budget: int, known: float) -> Floats:
    """Find multipliers from 0 to `limits` whose bound is small.

    This is the primal-dual hybrid gradient method with restarts from averages. It solves
    max over x of sum_t min(1, 1 + limit_t (z_t(x) - 1)), where 0 <= x <= 1 and sum_j x_j = r.
    """
    n_rows, n_partitions = shares.shape

    def bound(multipliers: Floats) -> float:
        return (1 - multipliers).sum() + sum_of_largest(_weigh(multipliers, shares), budget)

    def flips(taken: Floats) -> float:
        return np.clip(1 + limits * (_add(shares, taken) - 1), 0, 1).sum()

    step = 1 / _norm(shares)
    balance = np.sqrt(n_rows / budget)  # of the two step lengths
    taken = np.full(n_partitions, budget / n_partitions)
    multipliers = limits * np.clip(2.5 - 2 * _add(shares, taken), 0, 1)
    best, least, most = multipliers, bound(multipliers), flips(taken)
    anchor: tuple[Floats, ...] = taken, multipliers
    anchor_gap = least - most
    n_averaged = 0
    if min(least, known) < np.floor(most) + 1:
        return best
    for n_steps in range(1, _MOST_STEPS + 1):
        if n_averaged == 0:
            sums = np.zeros(n_partitions), np.zeros(n_rows)
        before = taken
        taken = _project(taken + step / balance * _weigh(multipliers, shares), budget)
        slack = 1 - _add(shares, 2 * taken - before)
        multipliers = np.clip(multipliers + step * balance * slack, 0, limits)
        sums = sums[0] + taken, sums[1] + multipliers
        n_averaged += 1
        if n_steps % _STEPS_BETWEEN_CHECKS:
            continue
        average = sums[0] / n_averaged, sums[1] / n_averaged
        pairs = [(bound(m), flips(x), x, m) for x, m in (average, (taken, multipliers))]
        for upper, lower, _, at in pairs:
            most = max(most, lower)
            if upper < least:
                least, best = upper, at
        if min(least, known) < np.floor(most) + 1:
            break  # no multipliers prove a smaller whole number
        upper, lower, *nearest = min(pairs, key=lambda pair: pair[0] - pair[1])
        if upper - lower < anchor_gap / 2 or n_averaged >= _LONGEST_AVERAGE:
            moved = [np.linalg.norm(new - old) for new, old in zip(nearest, anchor, strict=True)]
            if min(moved) > 0:
                balance = np.sqrt(balance * moved[1] / moved[0])
            taken, multipliers = anchor = tuple(nearest)
            anchor_gap = upper - lower
            n_averaged = 0
    return best


def _weigh(multipliers: Floats, shares: Floats) -> Floats:
    return (multipliers.astype(np.float32) @ shares).astype(np.float64)


def _add(shares: Floats, taken: Floats) -> Floats:
    return (shares @ taken.astype(np.float32)).astype(np.float64)


@njit(nogil=True, cache=True)
def _project(point: Floats, budget: int) -> Floats:
    """The nearest x with 0 <= x <= 1 that sums to the budget (nearly)."""
    low, high = point.min() - 1, point.max()
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        total = 0.0
        for value in point:
            total += min(max(value - middle, 0.0), 1.0)
        if total > budget:
            low = middle
        else:
            high = middle
    return np.minimum(np.maximum(point - high, 0.0), 1.0)


def _norm(shares: Floats) -> float:
    """Estimate the largest singular value."""
    vector: Floats = np.ones(shares.shape[1], dtype=np.float32)
    for _ in range(_POWER_STEPS):
        vector = (shares @ vector) @ shares
        norm = np.linalg.norm(vector)
        vector /= norm
    return np.sqrt(norm)
