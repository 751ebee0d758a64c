"""How long an attack on voters that learn from spans of periods may last, by compiled loops.

Toward rival b, voters W do the damage |W| + W_p - W_b, where W_c of them vote for class c. So all
rivals are certain to lose as long as |W| + W_p is at most W_b + gap(b) for each of them.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from .._compute.sorting import stable_order
from ._arrays import Int64s, Integers

__all__ = ["durations", "earlinesses"]


_NEVER = 2**62  # added to or not


@njit(nogil=True, cache=True)
def _room_for_rivals(gaps: Int64s) -> Int64s:
    """Room for the gap and the votes within reach of each rival, and of abstentions before them."""
    left = np.empty(gaps.shape[1] + 1, np.int64)
    left[0] = _NEVER
    return left


@njit(nogil=True, cache=True)
def durations(
    votes: Integers,
    predicted: Int64s,
    gaps: Int64s,
    first: Int64s,
    last: Int64s,
    duration: Int64s,
) -> None:
    """Write the duration of each row; voters are sorted by their first period.

    An attack may as well start in the last period of a voter. For each such start in turn it gets
    the length that all starts before it bear and one period more, less as long as that does harm.
    """
    n_voters = votes.shape[1]
    by_last = stable_order(last)
    left = _room_for_rivals(gaps)
    for sample in range(len(votes)):
        row, winner = votes[sample], predicted[sample]
        left[1:] = np.minimum(gaps[sample], _NEVER)
        least, damage = left.min(), 0  # `least` may be too low: it is looked up when it matters
        longest = last[by_last[-1]] - first[0] + 1  # all periods
        n_begun, n_ended = 0, 0
        for number in range(n_voters):
            start = last[by_last[number]]
            while last[by_last[n_ended]] < start:
                vote = row[by_last[n_ended]]
                damage -= 1 + (vote == winner)
                left[vote + 1] -= 1
                least = min(least, left[vote + 1])
                n_ended += 1
            while True:
                if damage > least:
                    least = left.min()
                    if damage > least:
                        # whoever learns from the first period of the attack has begun by then
                        longest = max(first[n_begun - 1] - start, 0)
                        break
                if n_begun == n_voters or first[n_begun] >= start + longest:
                    break
                vote = row[n_begun]
                damage += 1 + (vote == winner)
                left[vote + 1] += 1
                n_begun += 1
            if longest == 0:
                break
        duration[sample] = longest


@njit(nogil=True, cache=True)
def earlinesses(
    votes: Integers,
    predicted: Int64s,
    gaps: Int64s,
    first: Int64s,
    last: Int64s,
    earliness: Int64s,
) -> None:
    """Write the earliness of each row: an attack reaches voters from the last to end backwards."""
    from_the_end = stable_order(-last)
    end = last[from_the_end[0]]
    left = _room_for_rivals(gaps)
    for sample in range(len(votes)):
        row, winner = votes[sample], predicted[sample]
        left[1:] = np.minimum(gaps[sample], _NEVER)
        least, damage = left.min(), 0
        earliness[sample] = end - first.min() + 1
        for voter in from_the_end:
            vote = row[voter]
            damage += 1 + (vote == winner)
            left[vote + 1] += 1
            if damage > least:
                least = left.min()
                if damage > least:
                    earliness[sample] = end - last[voter]
                    break
