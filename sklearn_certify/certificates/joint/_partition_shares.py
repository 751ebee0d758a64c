"""What share of the damage that flips a row each partition can do, given a budget of them.

Corrupting the partitions in S flips a row only if, for some rival b,

    sum_{j in S} D_j(b) >= gap(b) + 1,        D_j(b) = sum over j's voters of 1 + [v=p] - [v=b].

A joint bound wants one inequality for each row instead of one for each rival: shares s_j >= 0 such
that sum_{j in S} s_j >= 1 follows for all S of exactly r partitions. (Less than r never flip more
than r, since a corrupted partition may also behave well.) These steps lead to them.

1. A rival whose r largest D_j(b) stay below gap(b) + 1 cannot win and needs no inequality.
2. The others are divided by gap(b) + 1 and become sum_{j in S} s_j(b) >= 1.
3. S has r members. So for any a < 1, s_j(b) may be replaced with (s_j(b) - a / r) / (1 - a), which
   subtracts a from both sides of the inequality and divides by what remains on the right.
4. s_j = max_b s_j(b) holds for all rivals. With a = 0 everywhere that is loose, because a rival
   that is far from winning has shares of another size and shape. The nearest rival (that with the
   largest sum Z of its r largest shares) keeps a = 0, so s_j >= 0. For the others a is such that
   their own Z, too, becomes that of the nearest rival.
5. No share need exceed 1, since none is negative.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from ..._compute.blocks import run_on_blocks

__all__ = ["Rows", "fill_shares"]

_LARGEST_SHIFT = 0.95  # of a: 1 - a divides, and rounding errors grow with it
_ROUND_UP = 1 + 2.0**-22  # more than single precision may round down
_ERROR = 1e-12  # more than double precision may lose before that
_SUMS_PER_BLOCK = 1 << 18  # fewer than these take less time than starting a thread


class Rows(NamedTuple):
    """Test rows that are predicted correctly, and the partitions behind the votes."""

    votes: np.ndarray  # (n_rows, n_voters)
    predicted: np.ndarray  # (n_rows,)
    gaps: np.ndarray  # (n_rows, n_rivals), from `rival_gaps`; rival n_classes has no voter
    spread: np.ndarray  # (n_partitions, spreading_degree)

    def take(self, rows):
        """Keep some rows."""
        return self._replace(
            votes=self.votes[rows], predicted=self.predicted[rows], gaps=self.gaps[rows]
        )


def fill_shares(rows, budget):
    """Compute shares: corrupting `budget` partitions flips a row only if theirs sum to 1 or more.

    Parameters
    ----------
    rows : Rows
        Rows that `budget` partitions may flip.
    budget : int
        Number of partitions that are corrupted.

    Returns
    -------
    ndarray of float32 of shape (n_rows, n_partitions)
        Shares from 0 to 1, rounded up.
    """
    shares = np.zeros((len(rows.votes), len(rows.spread)), dtype=np.float32)
    run_on_blocks(
        lambda start, stop: _fill_shares(
            rows.votes[start:stop],
            rows.predicted[start:stop],
            rows.gaps[start:stop],
            rows.spread,
            budget,
            shares[start:stop],
        ),
        len(shares),
        min_block=_SUMS_PER_BLOCK // rows.spread.size + 1,
    )
    return shares


@njit(nogil=True, cache=True)
def _fill_damage(votes, predicted, rival, spread, damage):
    """Write D_j(rival)."""
    for partition in range(len(spread)):
        total = 0
        for voter in spread[partition]:
            total += 1 + (votes[voter] == predicted) - (votes[voter] == rival)
        damage[partition] = total


@njit(nogil=True, cache=True)
def _sum_of_largest(damage, budget, histogram):
    """The sum of the `budget` largest numbers, all of them from 0 to len(histogram) - 1."""
    histogram[:] = 0
    for number in damage:
        histogram[number] += 1
    total = 0
    for value in range(len(histogram) - 1, 0, -1):
        taken = min(histogram[value], budget)
        total += taken * value
        budget -= taken
    return total


@njit(nogil=True, cache=True)
def _fill_shares(votes, predicted, gaps, spread, budget, shares):
    n_partitions, degree = spread.shape
    damage = np.empty(n_partitions, np.int64)
    histogram = np.empty(2 * degree + 1, np.int64)
    share = np.empty(n_partitions, np.float64)
    reach = np.empty(gaps.shape[1], np.float64)  # Z, 0 for rivals that cannot win
    for row in range(len(votes)):
        for rival in range(gaps.shape[1]):
            reach[rival] = 0
            if gaps[row, rival] < 2 * degree * budget:
                _fill_damage(votes[row], predicted[row], rival, spread, damage)
                most = _sum_of_largest(damage, budget, histogram)
                if most > gaps[row, rival]:
                    reach[rival] = most / (gaps[row, rival] + 1)
        nearest = reach.argmax()
        share[:] = 0
        for rival in range(gaps.shape[1]):
            if reach[rival] == 0:
                continue
            shift = 0.0
            if reach[rival] < reach[nearest]:
                shift = (reach[nearest] - reach[rival]) / (reach[nearest] - 1)
                shift = min(shift, _LARGEST_SHIFT)
            _fill_damage(votes[row], predicted[row], rival, spread, damage)
            scale = 1 / (gaps[row, rival] + 1) / (1 - shift)
            offset = shift / budget / (1 - shift) - _ERROR
            for partition in range(n_partitions):
                share[partition] = max(share[partition], damage[partition] * scale - offset)
        for partition in range(n_partitions):
            shares[row, partition] = min(share[partition], 1.0) * _ROUND_UP
