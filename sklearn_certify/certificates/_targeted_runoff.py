"""How many partitions an attacker needs to make one label win a run-off.

The target b wins as one of two finalists, so there is another one, e: the winner p, a third class
or an invented label. For each e the attacker must meet all of these conditions:

- b passes every class but e in round one. The sum of the leads of k of them must be gained, as in
  `_targeted_overlap`; taken is the k whose leads have the largest sum divided by k + 1.
- b beats e in round two. A voter that backs e takes 2 from its lead, one that abstains 1.
- If e is not p, e too passes p in round one, and b and e do so together: a voter for p that is
  turned takes 3 from the sum of both gaps, one for b or e nothing, and any other 1.

Each is of the form "the weights of the turned voters sum to at least `need`", and withstands any r
partitions whose r largest sums stay below that. The attacker chooses e.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from ._arrays import Dtype, Floats, Int64s, Integers, Room
from ._partition_damage import voter_damage
from ._runoff_election import round_one_gap, tie_against
from ._runoff_kernels import write_second_damages
from ._spread_sums import count_sums, most_within, room_for_sums, sum_over_voters

__all__ = ["targeted_radii"]


@njit(nogil=True, cache=True)
def _withstood(weights: Integers, need: int, spread: Int64s, offsets: Int64s, room: Room) -> int:
    """The most partitions whose voters' weights stay below what is needed."""
    doubled, sums, lanes = room
    n_voters = len(weights)
    for voter in range(n_voters):
        doubled[voter] = weights[voter]
        doubled[n_voters + voter] = weights[voter]
    sum_over_voters(doubled, spread, offsets, sums)
    return most_within(count_sums(sums, lanes), need - 1)


@njit(nogil=True, cache=True)
def _need_in_round_one(
    votes: Integers, leads: Int64s, order: Int64s, target: int, finalist: int, weights: Integers
) -> int:
    """Write what each voter gives the target on the classes but one finalist; return the need."""
    best_k, best_need, k, need = 0, 0, 0, 0
    for label in order:
        if label == finalist:
            continue
        k += 1
        need += leads[label]
        if best_k == 0 or need * (best_k + 1) > best_need * (k + 1):
            best_k, best_need = k, need
    weights[:] = best_k
    k = 0
    for label in order:
        if label != finalist and k < best_k:
            k += 1
            for voter in range(len(votes)):
                weights[voter] += votes[voter] == label
    for voter in range(len(votes)):
        if votes[voter] == target:
            weights[voter] = 0
    return best_need


@njit(nogil=True, cache=True)
def _withstood_against(
    row: Floats,
    votes: Integers,
    counts: Int64s,
    leads: Int64s,
    order: Int64s,
    winner: int,
    target: int,
    finalist: int,
    may_abstain: bool,
    spread: Int64s,
    offsets: Int64s,
    room: Room,
    damages: Integers,
    best: int,
) -> int:
    """The most partitions that do not make the target win against one other finalist.

    At `best` or more it does not matter how many they are.
    """
    rules = spread, offsets, room
    weights = damages[: len(votes)]
    need = _need_in_round_one(votes, leads, order, target, finalist, weights)
    harmless = _withstood(weights, need, *rules)
    if harmless < best and finalist < row.shape[1]:  # all may turn from an invented one
        lead = write_second_damages(row, votes, finalist, target, may_abstain, damages)
        need = lead + tie_against(target, finalist, row.shape[1])
        harmless = max(harmless, _withstood(weights, need, *rules))
    if harmless < best and finalist != winner:
        as_vote: Any = votes.dtype.type
        p, b, e = as_vote(winner), as_vote(target), as_vote(finalist)
        of_finalist, of_target = (
            round_one_gap(counts, winner, finalist),
            round_one_gap(counts, winner, target),
        )
        for voter in range(len(votes)):
            weights[voter] = voter_damage(votes[voter], p, e)
        harmless = max(harmless, _withstood(weights, of_finalist, *rules))
        for voter in range(len(votes)):
            weights[voter] += (votes[voter] == p) - (votes[voter] == b)
        harmless = max(harmless, _withstood(weights, of_finalist + of_target, *rules))
    return harmless


@njit(nogil=True, cache=True)
def targeted_radii(
    scores: Floats,
    votes: Integers,
    counts: Int64s,
    leads: Int64s,
    order: Int64s,
    predicted: Int64s,
    target: int,
    phantom: bool,
    may_abstain: bool,
    spread: Int64s,
    offsets: Int64s,
    dtype: Dtype,
    radius: Int64s,
) -> None:
    """Write how many partitions never make the target win, where that is more than `radius` says.

    `counts` has a last column, 0, for an invented label; `votes` a type that holds `n_classes`;
    `leads` and `order` are those of `leads_over` and `largest_first`. `dtype` holds the sum of
    weights of up to ``n_classes + 3`` over the voters of a partition.
    """
    n_samples, n_voters, n_classes = scores.shape
    room = room_for_sums(n_voters, spread, n_classes + 3, dtype)
    damages = np.empty(2 * n_voters, np.int64)
    for sample in range(n_samples):
        winner = predicted[sample]
        if winner == target:
            continue
        harmless = len(spread)
        for place in range(-1, n_classes + phantom):
            finalist = winner if place < 0 else place  # mostly the weakest is the winner
            if finalist == target < n_classes or place == winner or harmless <= radius[sample]:
                continue
            against = _withstood_against(
                scores[sample],
                votes[sample],
                counts[sample],
                leads[sample],
                order[sample],
                winner,
                target,
                finalist,
                may_abstain,
                spread,
                offsets,
                room,
                damages,
                harmless,
            )
            harmless = min(harmless, against)
        radius[sample] = max(radius[sample], harmless)
