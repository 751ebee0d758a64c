"""Bound how many rows flip together, by the second moments of what is done to them.

Let x in {0, 1}^P mark the r corrupted partitions, z_t = sum_j s_tj x_j, and let row t flip only if
z_t >= 1. For any u_t >= 0, (1 + u_t (z_t - 1))^2 is at least 0 always and at least 1 if row t
flips. So the number of flips is at most the largest sum over t of these squares. With y = x - r/P,
c_t = the mean of s_tj over j, z_t = r c_t + sum_j (s_tj - c_t) y_j, and each square is

    (a_t + g_t . y)^2,        a_t = 1 + u_t (r c_t - 1),        g_tj = u_t (s_tj - c_t).

Their sum is sum_t a_t^2, plus a function that is linear in x, whose maximum is a sum of r largest
numbers, plus |G y|^2. That last is a quadratic form. If G^T G has eigenvalues e_1 >= e_2 >= ... and
eigenvectors v_1, v_2, ..., then for any k

    |G y|^2 = sum_i e_i (v_i . y)^2
           <= sum_{i<k} (e_i - e_k) (v_i . y)^2 + e_k |y|^2,        |y|^2 = r (1 - r/P),

and (v_i . y)^2 is at most the square of the larger of the sums of the r largest v_ij - mean and of
the r largest mean - v_ij. This is Chebyshev's inequality with the attacker in place of chance. It
is strong where rows are many and unlike each other: many cannot all be far above their mean, since
G has no direction in which all of them are long. The multipliers' bound does not see that.

Any u gives a bound, and rows may be left out and counted as flipped. The bound is convex in u.
`_find_scales` finds a good u by going the other way, from the moments that an attacker would choose
(Frank and Wolfe's method); only the last evaluation, in double precision, has to be right.
"""

from __future__ import annotations

import numpy as np
from scipy.linalg import eigh

from .._arrays import Floats, Int64s
from ._multiplier_bound import blocks_of, sum_of_largest

__all__ = ["second_moment_bound"]

_LARGEST_MATRIX = 3072  # rows and columns of which to compute eigenvalues
_N_DIRECTIONS = 8  # eigenvectors, of which two to four tend to count
_N_ROUNDS = 40
_POWER_STEPS = 2  # in a round, from the directions of the round before
_FIRST_SPREAD = 4  # the first guess of second moments, as a multiple of a random attack's
_ERROR = 1e-9  # far above what double precision can lose relative to all terms together


def second_moment_bound(shares: Floats, budget: int) -> float:
    """Bound from above how many rows flip when `budget` partitions are corrupted.

    Parameters
    ----------
    shares : ndarray of float32 of shape (n_rows, n_partitions)
        A row flips only if the shares of the corrupted partitions sum to 1 or more.
    budget : int
        Number of partitions that are corrupted, less than ``n_partitions``.

    Returns
    -------
    float
        At least the number of flips, whatever rounding did to it.
    """
    n_partitions = shares.shape[1]
    means = shares.mean(axis=1, dtype=np.float64)
    distances = 1 - budget * means  # of a row's expectation from flipping
    far = np.flatnonzero(distances > 0)
    if n_partitions > _LARGEST_MATRIX:
        far = far[np.argsort(-distances[far], kind="stable")[:_LARGEST_MATRIX]]
    n_left_out = len(shares) - len(far)
    if len(far) == 0:
        return n_left_out
    means, distances = means[far], distances[far]
    deviations = shares[far]
    deviations -= means[:, None].astype(np.float32)
    with np.errstate(invalid="ignore"):  # products of small matrices may warn without cause
        scales = _find_scales(deviations, distances, budget)
    return n_left_out + _bound(shares, far, distances, means, scales, budget)


def _find_scales(deviations: Floats, distances: Floats, budget: int) -> Floats:
    """Find scales u whose bound is small, given the s_tj - c_t."""
    n_rows, n_partitions = deviations.shape
    energy = _energy(budget, n_partitions)
    variances = np.einsum("tj,tj->t", deviations, deviations) / n_partitions
    # moments of z - 1 under a mixture of attacks
    first = -distances
    second = distances**2 + _FIRST_SPREAD * energy * variances
    n_directions = min(_N_DIRECTIONS, n_rows, n_partitions)
    directions: Floats = np.random.default_rng(0).standard_normal((n_partitions, n_directions))
    best, least = np.zeros(n_rows), np.inf
    for n_rounds in range(_N_ROUNDS):
        scales = np.maximum(-first, 0) / second
        offsets = 1 - scales * distances
        linear = 2 * ((scales * offsets).astype(np.float32) @ deviations)
        attacked = np.argpartition(linear, n_partitions - budget)[-budget:]
        directions, responses, values = _leading(deviations, scales**2, directions)
        squares = _largest_squares(directions, budget)
        upper = (offsets**2).sum() + linear[attacked].sum()
        rests = np.append(values, 0) if n_directions == min(n_rows, n_partitions) else values
        upper += _quadratic(values, values * squares, energy, rests)
        if n_rounds >= _N_ROUNDS // 2 and upper < least:  # by then, the directions have settled
            best, least = scales, upper
        # the worst attack against these scales; it joins the mixture
        response = deviations[:, attacked].sum(axis=1)
        length = np.clip(energy - (np.cumsum(squares) - squares), 0, squares)
        step = 2 / (n_rounds + 3)
        first = (1 - step) * first + step * (response - distances)
        moment = distances**2 - 2 * distances * response + responses**2 @ length
        second = np.maximum((1 - step) * second + step * moment, first**2)
    return best


def _energy(budget: int, n_partitions: int) -> float:
    """The squared length of y = x - r/P."""
    return budget * (1 - budget / n_partitions)


def _leading(
    deviations: Floats, weights: Floats, directions: Floats
) -> tuple[Floats, Floats, Floats]:
    """Improve a guess of the longest axes v of the rows, weighted; also their v . row, and e."""
    weights = weights[:, None].astype(np.float32)
    for _ in range(_POWER_STEPS):
        directions = np.linalg.qr(directions)[0].astype(np.float32)
        directions = deviations.T @ (weights * (deviations @ directions))
    directions = np.linalg.qr(directions)[0].astype(np.float32)
    responses = deviations @ directions
    values, rotation = eigh((responses.T @ (weights * responses)).astype(np.float64))
    values, rotation = np.maximum(values[::-1], 0), rotation[:, ::-1]
    return directions @ rotation, responses @ rotation, values


def _largest_squares(directions: Floats, budget: int) -> Floats:
    """The largest (v . y)^2 for each direction v."""
    ordered = np.sort(directions - directions.mean(axis=0), axis=0)
    return np.maximum(ordered[-budget:].sum(axis=0), -ordered[:budget].sum(axis=0)) ** 2


def _quadratic(values: Floats, squares: Floats, energy: float, rests: Floats) -> float:
    """Bound |Gy|^2, given the largest eigenvalues e_i and upper bounds of e_i (v_i . y)^2.

    Each of `rests` is an upper bound of all eigenvalues that are neither larger nor given.
    """
    bounds = []
    for rest in rests:
        longer = values > rest
        along = (1 - rest / values[longer]) @ squares[longer]
        bounds.append(along + rest * energy)
    return min(bounds)


def _bound(
    shares: Floats, rows: Int64s, distances: Floats, means: Floats, scales: Floats, budget: int
) -> float:
    """Evaluate the bound for some rows and given scales u of these.

    In double precision, block by block, and with a margin for errors.
    """
    n_rows, n_partitions = len(rows), shares.shape[1]
    offsets = 1 - scales * distances
    size = min(n_rows, n_partitions)
    gram = np.zeros((size, size))
    linear = np.zeros(n_partitions)

    def part_of_g(block: slice) -> Floats:
        if n_partitions <= n_rows:  # block of rows
            return scales[block, None] * (shares[rows[block]] - means[block, None])
        return scales[:, None] * (shares[:, block][rows] - means[:, None])

    if n_partitions <= n_rows:
        for block in blocks_of(n_rows, n_partitions):
            part = part_of_g(block)
            gram += part.T @ part
            linear += 2 * (offsets[block] @ part)
    else:
        for block in blocks_of(n_partitions, n_rows):
            part = part_of_g(block)
            gram += part @ part.T
            linear[block] = 2 * (offsets @ part)
    values, axes = eigh(gram, subset_by_index=[max(size - _N_DIRECTIONS, 0), size - 1])
    if n_partitions <= n_rows:
        long_axes = axes * np.sqrt(np.maximum(values, 0))
    else:
        long_axes = np.concatenate([part_of_g(b).T @ axes for b in blocks_of(n_partitions, n_rows)])
    error = _ERROR * np.trace(gram)
    rests = values + error
    if len(values) == size:
        rests = np.append(rests, error)
    energy = _energy(budget, n_partitions)
    quadratic = _quadratic(values, _largest_squares(long_axes, budget), energy, rests)
    squared = (offsets**2).sum()
    taken = sum_of_largest(linear, budget) - linear.sum() * (budget / n_partitions)
    return squared + taken + quadratic + _ERROR * (squared + np.abs(linear).sum() + quadratic)
