"""A better bound on the damage of several corrupted partitions that share voters.

Voter i can hurt the margin by at most its damage w_i = 1 + [v_i = p] - [v_i = b]. Theorem 2 of
Finite Aggregation adds up the damages of each partition's voters and so charges a voter once for
every corrupted partition that reaches it. Yet a voter has one vote. For any u with
0 <= u_i <= w_i, the partitions in S together do a damage of at most

    sum_{i reached by S} w_i  <=  sum_i (w_i - u_i) + sum_{i reached by S} u_i
                              <=  sum_i (w_i - u_i) + sum_{j in S} sum_{i in spread(j)} u_i,

and r partitions at most the first sum plus the r largest of the inner sums. u = w is Theorem 2.
The best u solves a linear program, the dual of covering as much weight as possible with r
partitions, each of which may be taken in part. `raise_radius` walks towards it by subgradients.
Whatever u it tries is made of integers before it proves anything: rounding costs no soundness.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from ._arrays import Dtype, Floats, Int64s, Integers, Room
from ._partition_damage import MOST_DAMAGE, theorem_2_radius, write_voter_damages
from ._spread_sums import count_sums, most_within, room_for_sums, sum_over_voters

__all__ = ["STEPS", "raise_radius", "room_for_search", "search_types", "tightened_radii"]

_UNIT = 64  # u is counted in 64ths of a vote
_WHOLE = 1024  # a partition is taken in so many parts
STEPS = 96  # for one row, shared among its rivals
_PATIENCE = 3  # steps without progress before a search aims lower or gives up
_STREAK = 3  # steps that each prove more before a search aims higher
_PROGRESS = 0.9  # what a step must leave at most of the distance to the bound that is needed
_RELAXATION = 1.5  # Polyak's step converges for factors below 2
_MOMENTUM = np.float32(0.5)


def search_types(spread: Int64s, most: int = MOST_DAMAGE) -> tuple[Dtype, Dtype]:
    """Small types that hold a partition's units, and the parts that reach a voter.

    `most` is the most damage that a voter can do.
    """
    most_units = most * spread.shape[1] * _UNIT
    most_parts = int(np.bincount(spread.ravel()).max()) * _WHOLE
    # one byte holds the units of a spread by one voter only, not worth kernels of its own
    units = np.promote_types(np.min_scalar_type(most_units), np.uint16)
    return units, np.min_scalar_type(most_parts)


@njit(nogil=True, cache=True)
def room_for_search(
    n_voters: int, spread: Int64s, most: int, unit_type: Dtype, part_type: Dtype
) -> Room:
    """Arrays that `raise_radius` works in, for damages up to `most`; types of `search_types`."""
    return (
        *room_for_sums(n_voters, spread, most * _UNIT, unit_type),
        np.empty(n_voters, unit_type),
        np.empty(2 * len(spread), part_type),
        np.empty(n_voters, part_type),
        np.empty(n_voters, np.float32),
        np.empty(n_voters, np.float32),
        np.empty(n_voters, np.float32),
    )


@njit(nogil=True, cache=True)
def _start(weights: Integers, most: Integers, u: Floats) -> None:
    """Let u be the part of w that it was when the last search ended; all where `most` is 0."""
    for voter in range(len(u)):
        weight = weights[voter] * _UNIT
        if most[voter] == 0:
            u[voter] = weights[voter]
        elif most[voter] != weight:
            u[voter] *= weight / most[voter]
        most[voter] = weight


@njit(nogil=True, cache=True)
def _to_units(u: Floats, most: Integers, units: Integers) -> int:
    """Write u as whole units, twice, none above `most`; return their sum.

    The units have an unsigned type. So they lie between 0 and w whatever u is, and that alone
    makes the certificate sound.
    """
    first, second = units[: len(u)], units[len(u) :]
    as_unit = units.dtype.type
    for voter in range(len(u)):
        rounded = np.int32(u[voter] * np.float32(_UNIT) + np.float32(0.5))
        unit = min(as_unit(rounded), most[voter])
        first[voter] = unit
        second[voter] = unit
    return _total(first)


@njit(nogil=True, cache=True)
def _total(numbers: Integers) -> int:
    total = np.int64(0)  # by position, which compilers make more of than of an iterator
    for position in range(len(numbers)):
        total += np.int64(numbers[position])
    return int(total)


@njit(nogil=True, cache=True)
def _take_largest(
    histogram: Integers, sums: Integers, target: int, taken: Integers
) -> tuple[int, int]:
    """Take the `target` partitions with the largest sums, in equal shares where sums are equal.

    Returns the total of their sums, and how many parts are taken.
    """
    larger = 0
    total = 0
    threshold = len(histogram) - 1
    while larger + histogram[threshold] < target:
        larger += histogram[threshold]
        total += histogram[threshold] * threshold
        threshold -= 1
    total += (target - larger) * threshold
    share = max((target - larger) * _WHOLE // histogram[threshold], 1)
    _take(sums, sums.dtype.type(threshold), taken.dtype.type(share), taken)
    return total, larger * _WHOLE + histogram[threshold] * share


@njit(nogil=True, cache=True)
def _take(sums: Integers, threshold: Any, share: Any, taken: Integers) -> None:
    """Write, twice, all parts where sums are above the threshold and `share` where at it."""
    first, second = taken[: len(sums)], taken[len(sums) :]
    whole, nothing = taken.dtype.type(_WHOLE), taken.dtype.type(0)
    for partition in range(len(sums)):
        if_not_above = share if sums[partition] == threshold else nothing
        part = whole if sums[partition] > threshold else if_not_above
        first[partition] = part
        second[partition] = part


@njit(nogil=True, cache=True)
def _cover(taken: Integers, spread: Int64s, backward: Int64s, cover: Integers) -> None:
    """Write how many parts of the partitions that reach each voter are taken."""
    if len(backward):
        sum_over_voters(taken, spread, backward, cover)
        return
    cover[:] = 0
    for partition in range(len(spread)):
        if taken[partition]:
            for voter in spread[partition]:
                cover[voter] += taken[partition]


@njit(nogil=True, cache=True)
def _turn(cover: Integers, scale: Any, u: Floats, weights: Integers, direction: Floats) -> float:
    """Turn the direction of descent by the new subgradient; return its squared length.

    Components that point out of 0 <= u <= w are dropped.
    """
    one, zero, most = np.float32(1), np.float32(0), np.float32(1 << 20)
    for voter in range(len(u)):
        subgradient = np.float32(np.int32(cover[voter])) * scale - one
        direction[voter] = subgradient + _MOMENTUM * direction[voter]
    for voter in range(len(u)):
        turned = direction[voter]
        turned = min(turned, zero) if u[voter] <= zero else turned
        turned = max(turned, zero) if u[voter] >= np.float32(weights[voter]) else turned
        direction[voter] = turned
    # whole numbers have the same sum in any order, and compilers may choose one
    squares = np.int64(0)
    for voter in range(len(u)):
        square = min(direction[voter] * direction[voter], most)
        squares += np.int64(np.int32(square * np.float32(1 << 10)))
    return squares / (1 << 10)


@njit(nogil=True, cache=True)
def _move(u: Floats, weights: Integers, direction: Floats, length: Any) -> None:
    for voter in range(len(u)):
        moved = u[voter] - length * direction[voter]
        u[voter] = min(max(moved, np.float32(0)), np.float32(weights[voter]))


@njit(nogil=True, cache=True)
def _covered_weight(
    cover: Integers, share: Any, average: Floats, scale: Any, weights: Integers
) -> float:
    """Add ``share * cover`` to `average`; return the weight that `scale` times that covers."""
    whole = np.float32(1 << 16)
    scale *= whole
    for voter in range(len(cover)):
        average[voter] += share * np.float32(np.int32(cover[voter]))
    weight = np.int64(0)
    for voter in range(len(cover)):
        part = min(average[voter] * scale, whole)
        weight += np.int64(np.int32(weights[voter]) * np.int32(part))
    return weight / (1 << 16)


@njit(nogil=True, cache=True)
def raise_radius(
    weights: Integers,
    gap: int,
    proven: int,
    ceiling: int,
    cost: int,
    n_steps: int,
    spread: Int64s,
    offsets: Int64s,
    backward: Int64s,
    room: Room,
) -> tuple[int, int]:
    """Look for a u that proves more than `proven` partitions harmless.

    A step evaluates the bound for a target somewhat beyond what is proven and moves u against a
    subgradient, as far as Polyak's rule says, since the bound to reach is known: just below
    gap + 1. The subgradients come from choices of partitions. If the average choice covers more
    weight than the gap, no u can reach the target. Then, or when there is no progress, the
    target comes closer.

    Proofs beyond `ceiling` partitions are of no use, nor is what lies between two multiples of
    `cost`. Returns the number of partitions proven harmless and the number of steps.

    `room` holds two copies of u in units, their sums, the histogram, w in units, two copies of
    what is taken of each partition, how much of that reaches each voter, u, the direction, and
    the average of what reaches each voter, times the sum of the step lengths. u starts from where
    the last search left it, or from w where w in units is 0.
    """
    units, sums, lanes, most, taken, cover, u, direction, average = room
    _start(weights, most, u)
    total = _total(most)
    direction[:] = 0
    average[:] = 0
    sum_of_lengths = 0.0
    reach, streak, idle, last_target, least = 1, 0, 0, 0, 0.0
    for step in range(n_steps):
        slack = total - _to_units(u, most, units)
        sum_over_voters(units, spread, offsets, sums)
        histogram = count_sums(sums, lanes)
        harmless = most_within(histogram, (gap + 1) * _UNIT - 1 - slack)
        streak = streak + 1 if harmless > proven else 0
        if streak >= _STREAK:
            reach *= 2
        proven = max(proven, harmless)
        next_useful = (proven // cost + 1) * cost
        if next_useful > ceiling:
            return proven, step
        target = min(max(proven + reach, next_useful), ceiling)

        damage, amount = _take_largest(histogram, sums, target, taken)
        bound = (slack + damage) / _UNIT
        _cover(taken, spread, backward, cover)
        squared_length = _turn(cover, np.float32(target / amount), u, weights, direction)
        if squared_length == 0:
            return proven, step
        length = _RELAXATION * (bound - gap - 0.5) / squared_length
        _move(u, weights, direction, np.float32(length))

        sum_of_lengths += length
        scale = np.float32(target / sum_of_lengths)
        covered = _covered_weight(cover, np.float32(length / amount), average, scale, weights)
        if target != last_target or bound - gap < _PROGRESS * (least - gap):
            last_target, least, idle = target, bound, 0
        else:
            idle += 1
        if covered > gap + 0.999 or idle == _PATIENCE:
            if target == next_useful:
                return proven, step
            reach = (target - proven) // 2
        elif step == 0:
            # a quarter of the room that the first choice leaves is mostly too much, but not far
            reach = max(1, min(int((gap + 1 - covered) / (4 * bound / target)), proven // 40))
    return proven, n_steps


@njit(nogil=True, cache=True)
def tightened_radii(
    votes: Integers,
    predicted: Int64s,
    gaps: Int64s,
    cost: int,
    spread: Int64s,
    offsets: Int64s,
    sum_type: Dtype,
    unit_type: Dtype,
    part_type: Dtype,
    radius: Int64s,
) -> None:
    """Write the radius of each row, in partitions.

    `gaps` (n_samples, n_rivals) say what damage the margin over each rival survives. Only every
    `cost`-th radius is of use. `sum_type` holds the damage of any partition, the other types are
    those of `search_types`.
    """
    n_partitions, degree = spread.shape
    n_voters = votes.shape[1]
    n_rivals = gaps.shape[1]
    room = room_for_sums(n_voters, spread, MOST_DAMAGE, sum_type)
    search_room = room_for_search(n_voters, spread, MOST_DAMAGE, unit_type, part_type)
    weights, most = room[0], search_room[3]
    backward = (n_voters - offsets) % n_voters
    proven = np.empty(n_rivals, np.int64)
    stage = np.empty(n_rivals, np.int64)
    for sample in range(len(votes)):
        # a start that costs nothing: as if every partition did all the damage that it might
        for rival in range(n_rivals):
            proven[rival] = min(gaps[sample, rival] // (MOST_DAMAGE * degree), n_partitions)
        stage[:] = 0
        ceiling = n_partitions  # none of the other rivals needs a greater radius than this
        n_steps = STEPS
        most[:] = 0
        while True:
            rival, n_close = _next_rival(proven, stage, ceiling)
            if n_close == 0:
                break
            gap = gaps[sample, rival]
            if stage[rival] == 0:
                proven[rival] = theorem_2_radius(
                    votes[sample], predicted[sample], rival, gap, spread, offsets, room
                )
            else:
                write_voter_damages(votes[sample], predicted[sample], rival, weights)
                proven[rival], n_taken = raise_radius(
                    weights[:n_voters],
                    gap,
                    proven[rival],
                    ceiling,
                    cost,
                    2 * n_steps // (n_close + 1),
                    spread,
                    offsets,
                    backward,
                    search_room,
                )
                n_steps -= n_taken
                ceiling = min(ceiling, proven[rival])
            stage[rival] += 1
        radius[sample] = proven.min()


@njit(nogil=True, cache=True)
def _next_rival(proven: Int64s, stage: Int64s, ceiling: int) -> tuple[int, int]:
    """The rival to work on, and how many are left whose radius is about as small.

    Only these are worth any work; those without a radius by Theorem 2 come first.
    """
    chosen = int(proven.argmin())
    n_close = 0
    if stage[chosen] < 2:
        nearby = proven[chosen] + proven[chosen] // 64 + 1
        for rival in range(len(proven)):
            if stage[rival] < 2 and proven[rival] <= nearby and proven[rival] < ceiling:
                n_close += 1
                if stage[rival] < stage[chosen]:
                    chosen = rival
    return chosen, n_close
