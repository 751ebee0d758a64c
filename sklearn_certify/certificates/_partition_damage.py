"""The damage that partitions do to the lead over one rival, and how many of them it survives.

An attacker who reaches a voter moves the margin between the predicted class p and a rival b by at
most 1 + [v = p] - [v = b], where v is the voter's vote: by 2, 1 (an abstention counts like a vote
for a third class) or 0. A partition's damage is the sum over the voters that use it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from ._arrays import Dtype, Int64s, Integers, Room
from ._spread_sums import count_sums, most_within, sum_over_voters

__all__ = ["MOST_DAMAGE", "damage_type", "theorem_2_radius", "voter_damage", "write_voter_damages"]

MOST_DAMAGE = 2  # of a voter


def damage_type(spread: Int64s) -> Dtype:
    """The smallest type that holds the damage of any partition; it adds fastest."""
    return np.min_scalar_type(MOST_DAMAGE * spread.shape[1])


@njit(nogil=True, cache=True)
def voter_damage(vote: Any, predicted: Any, rival: Any) -> Any:
    """What reaching a voter takes from the lead of the predicted class, at most."""
    return 1 + (vote == predicted) - (vote == rival)


@njit(nogil=True, cache=True)
def write_voter_damages(votes: Integers, predicted: int, rival: int, damages: Integers) -> None:
    """Write the damage of each voter twice, one copy after the other, as `room_for_sums` has room.

    Rival ``n_classes`` stands for an invented label, which no voter chooses. The votes' type must
    hold it, as that of `check_votes` does.
    """
    first, second = damages[: len(votes)], damages[len(votes) :]
    as_vote = votes.dtype.type  # numbers of one type are compared fastest
    winning, losing = as_vote(predicted), as_vote(rival)
    for voter in range(len(votes)):
        damage = voter_damage(votes[voter], winning, losing)
        first[voter] = damage
        second[voter] = damage


@njit(nogil=True, cache=True)
def theorem_2_radius(
    votes: Integers,
    predicted: int,
    rival: int,
    gap: int,
    spread: Int64s,
    offsets: Int64s,
    room: Room,
) -> int:
    """The most partitions whose damages, added up, leave the lead over one rival intact.

    This is Theorem 2 of Wang, Levine and Feizi (ICML 2022) for one rival: the largest r whose r
    largest damages sum to at most the gap.
    """
    damages, sums, lanes = room
    write_voter_damages(votes, predicted, rival, damages)
    sum_over_voters(damages, spread, offsets, sums)
    return most_within(count_sums(sums, lanes), gap)
