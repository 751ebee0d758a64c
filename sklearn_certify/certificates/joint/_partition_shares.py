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

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from ..._compute.blocks import run_on_blocks
from .._arrays import Dtype, Floats, Int64s, Integers
from .._partition_damage import MOST_DAMAGE, damage_type, write_voter_damages
from .._spread_sums import cyclic_offsets, room_for_sums, sum_over_voters
from ._partition_votes import PartitionVotes

__all__ = [
    "fill_shares",
    "largest_sum",
    "raise_shares",
    "sum_of_largest_sums",
    "write_rounded_up",
]

_LARGEST_SHIFT = 0.95  # of a: 1 - a divides, and rounding errors grow with it
_ROUND_UP = 1 + 2.0**-22  # more than single precision may round down
_ERROR = 1e-12  # more than double precision may lose before that
_COUNTED_AT_ONCE = 128  # a byte holds as many
_SUMS_PER_BLOCK = 1 << 18  # fewer than these take less time than starting a thread


def fill_shares(rows: PartitionVotes, budget: int) -> NDArray[np.float32]:
    """Compute shares: corrupting `budget` partitions flips a row only if theirs sum to 1 or more.

    Parameters
    ----------
    rows : PartitionVotes
        Rows that `budget` partitions may flip.
    budget : int
        Number of partitions that are corrupted.

    Returns
    -------
    ndarray of float32 of shape (n_rows, n_partitions)
        Shares from 0 to 1, rounded up.
    """
    n_voters = rows.votes.shape[1]
    offsets = cyclic_offsets(rows.spread, n_voters)
    shares = np.zeros((len(rows.votes), len(rows.spread)), dtype=np.float32)
    run_on_blocks(
        lambda start, stop: _fill_shares(
            *rows.take(slice(start, stop)),
            offsets,
            budget,
            damage_type(rows.spread),
            shares[start:stop],
        ),
        len(shares),
        min_block=_SUMS_PER_BLOCK // rows.spread.size + 1,
    )
    return shares


@njit(nogil=True, cache=True)
def largest_sum(histogram: Integers, budget: int) -> int:
    """The sum of the `budget` largest numbers, given how many there are of each."""
    total = 0
    for value in range(len(histogram) - 1, 0, -1):
        taken = min(histogram[value], budget)
        total += taken * value
        budget -= taken
    return total


@njit(nogil=True, cache=True)
def sum_of_largest_sums(sums: Integers, budget: int) -> int:
    """The sum of the `budget` largest numbers from 0 up.

    It is the sum, over v = 1, 2, ..., of how many of them are at least v.
    """
    value = 0
    for number in sums:
        value = max(value, number)
    total = 0
    while value > 0:
        limit = sums.dtype.type(value)
        n_larger = 0
        for start in range(0, len(sums), _COUNTED_AT_ONCE):
            count: Any = np.uint8(0)  # in the type of most sums: long vectors
            for number in sums[start : start + _COUNTED_AT_ONCE]:
                count = np.uint8(count + (number >= limit))
            n_larger += count
        if n_larger >= budget:
            return total + budget * value
        total += n_larger
        value -= 1
    return total


@njit(nogil=True, cache=True)
def _fill_shares(
    votes: Integers,
    predicted: Int64s,
    gaps: Int64s,
    spread: Int64s,
    offsets: Int64s,
    budget: int,
    dtype: Dtype,
    shares: Floats,
) -> None:
    n_partitions, degree = spread.shape
    of_voter, damage, _ = room_for_sums(votes.shape[1], spread, MOST_DAMAGE, dtype)
    share = np.empty(n_partitions, np.float64)
    reach = np.empty(gaps.shape[1], np.float64)  # Z, 0 for rivals that cannot win
    for row in range(len(votes)):
        for rival in range(gaps.shape[1]):
            reach[rival] = 0
            if gaps[row, rival] < MOST_DAMAGE * degree * budget:
                write_voter_damages(votes[row], predicted[row], rival, of_voter)
                sum_over_voters(of_voter, spread, offsets, damage)
                most = sum_of_largest_sums(damage, budget)
                if most > gaps[row, rival]:
                    reach[rival] = most / (gaps[row, rival] + 1)
        nearest = reach.argmax()
        share[:] = 0
        for rival in range(gaps.shape[1]):
            if reach[rival] == 0:
                continue
            write_voter_damages(votes[row], predicted[row], rival, of_voter)
            sum_over_voters(of_voter, spread, offsets, damage)
            need = gaps[row, rival] + 1
            raise_shares(share, damage, need, reach[rival], reach[nearest], budget)
        write_rounded_up(share, shares[row])


@njit(nogil=True, cache=True)
def raise_shares(
    share: Floats, damage: Integers, need: int, reach: float, farthest: float, budget: int
) -> None:
    """Raise shares until those of `budget` partitions whose damage sums to `need` sum to 1.

    `reach` is Z of this condition, and `farthest` the largest of all conditions of the row.
    """
    shift = 0.0
    if reach < farthest:
        shift = min((farthest - reach) / (farthest - 1), _LARGEST_SHIFT)
    scale = 1 / need / (1 - shift)
    offset = shift / budget / (1 - shift) - _ERROR
    for partition in range(len(share)):
        share[partition] = max(share[partition], damage[partition] * scale - offset)


@njit(nogil=True, cache=True)
def write_rounded_up(share: Floats, shares: Floats) -> None:
    """Write shares of no more than 1 in single precision, never smaller than they were."""
    for partition in range(len(share)):
        shares[partition] = min(share[partition], 1.0) * _ROUND_UP
