"""Which voters an attack must reach to flip a row, by when it starts: a kernel, and NumPy alone.

Voters are sorted by their first periods. An attack reaches those up to some voter, but for those
that ended before it starts. The first voter with whom the damage passes the gap of some rival is
the one that it must reach.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from .._arrays import Int64s, Integers
from .._numpy_temporal import all_damages
from .._partition_damage import MOST_DAMAGE, voter_damage

__all__ = ["losing_voters", "losing_voters_by_numpy"]


@njit(nogil=True, cache=True)
def losing_voters(
    votes: Integers,
    predicted: Int64s,
    gaps: Int64s,
    by_last: Int64s,
    n_ended: Int64s,
    voters: Int64s,
) -> None:
    """Write the losing voter of each row and start where it comes before what is written there.

    `by_last` are the voters by their last periods, of whom the first `n_ended` have ended before
    each start.
    """
    n_voters = votes.shape[1]
    damages = np.empty(n_voters, np.int64)
    for sample in range(len(votes)):
        row, losing = votes[sample], voters[sample]
        for rival in range(gaps.shape[1]):
            gap = gaps[sample, rival]
            if gap > MOST_DAMAGE * n_voters:  # no rival
                continue
            for voter in range(n_voters):
                damages[voter] = voter_damage(row[voter], predicted[sample], rival)
            damage, n_begun, n_gone = 0, 0, 0
            for start in range(len(n_ended)):
                while n_gone < n_ended[start]:
                    damage -= damages[by_last[n_gone]]
                    n_gone += 1
                while damage <= gap and n_begun < n_voters:
                    damage += damages[n_begun]
                    n_begun += 1
                if damage <= gap:  # and those who are reached later do no more
                    break
                losing[start] = min(losing[start], n_begun - 1)


def losing_voters_by_numpy(
    votes: Integers,
    predicted: Int64s,
    gaps: Int64s,
    by_last: Int64s,
    n_ended: Int64s,
    voters: Int64s,
) -> None:
    """Do the same as `losing_voters`."""
    for sample, rival, damages in all_damages(votes, predicted, gaps):
        ended = np.append(0, np.cumsum(damages[by_last]))[n_ended]
        losing = np.searchsorted(np.cumsum(damages), gaps[sample, rival] + ended, side="right")
        voters[sample] = np.minimum(voters[sample], losing)
