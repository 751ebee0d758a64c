"""The most rows that removed training rows flip, when a removed row has only one label."""

from __future__ import annotations

import numpy as np
from numba import njit

from ..._compute.sorting import n_at_most, stable_order
from .._arrays import Int64s

__all__ = ["most_flips"]

_MOST_STEPS = 1 << 28  # a step takes about a nanosecond


def most_flips(
    removals: Int64s, starts: Int64s, limits: Int64s, budget: int, most_steps: int = _MOST_STEPS
) -> int:
    """The most rows that flip if rows of label l flip once enough rows of label l are removed.

    A multiple-choice knapsack: how many rows of each label to remove, `budget` in all. Its
    Lagrangian bound leaves few choices for each label; these are tried by dynamic programming
    over the number of flips, which takes no longer for a larger budget.

    Parameters
    ----------
    removals : ndarray of int64 of shape (n_rows,)
        Removals that flip each row; rows of the same label side by side.
    starts : ndarray of int64 of shape (n_labels + 1,)
        Rows of label l are ``starts[l] : starts[l + 1]``.
    limits : ndarray of int64 of shape (n_labels,)
        The most removals of each label.
    budget : int
        The most removals in all.
    most_steps : int, default=2**28
        The longest search among the choices that are left.

    Returns
    -------
    int
        Exact; where that would take too long an upper bound, which exceeds the truth by less
        than the flips of one label.
    """
    return int(_most_flips(removals, starts, limits, budget, most_steps))


@njit(nogil=True, cache=True)
def _most_flips(
    removals: Int64s, starts: Int64s, limits: Int64s, budget: int, most_steps: int
) -> int:
    costs, flips, ends, certain = _choices(removals, starts, limits, budget)
    lengths, gains, labels, order = _concave_pieces(costs, flips, ends)
    left = budget
    spent = np.zeros(len(ends), np.int64)
    feasible = 0
    last = -1
    for k in range(len(order)):
        piece = order[k]
        if lengths[piece] > left:
            last = piece
            break
        left -= lengths[piece]
        spent[labels[piece]] += lengths[piece]
        feasible += gains[piece]
    if last < 0:
        return certain + feasible
    feasible += _spend(costs, flips, ends, spent, left)
    return certain + _flips_among_few_choices(
        costs, flips, ends, budget, lengths[last], gains[last], feasible, most_steps
    )


@njit(nogil=True, cache=True)
def _choices(
    removals: Int64s, starts: Int64s, limits: Int64s, budget: int
) -> tuple[Int64s, Int64s, Int64s, int]:
    """For each label the numbers of removals that are worth considering, and what they flip."""
    n_labels = len(starts) - 1
    costs = np.empty(len(removals), np.int64)
    flips = np.empty(len(removals), np.int64)
    ends = np.empty(n_labels, np.int64)
    certain = 0
    end = 0
    for label in range(n_labels):
        limit = min(limits[label], budget)
        of_label = removals[starts[label] : starts[label + 1]]
        for needed in of_label:
            certain += needed <= 0
        within = of_label[(of_label > 0) & (of_label <= limit)]
        within = within[stable_order(within)]
        for k in range(len(within)):
            if k + 1 == len(within) or within[k + 1] > within[k]:
                costs[end] = within[k]
                flips[end] = k + 1
                end += 1
        ends[label] = end
    return costs[:end], flips[:end], ends, certain


@njit(nogil=True, cache=True)
def _concave_pieces(
    costs: Int64s, flips: Int64s, ends: Int64s
) -> tuple[Int64s, Int64s, Int64s, Int64s]:
    """The pieces of each label's least concave function above its choices, the best first."""
    lengths = np.empty(len(costs), np.int64)
    gains = np.empty(len(costs), np.int64)
    labels = np.empty(len(costs), np.int64)
    end = 0
    start = 0
    for label in range(len(ends)):
        first = end
        cost = 0
        flipped = 0
        for choice in range(start, ends[label]):
            length = costs[choice] - cost
            gain = flips[choice] - flipped
            cost = costs[choice]
            flipped = flips[choice]
            while end > first and gains[end - 1] * length <= gain * lengths[end - 1]:
                end -= 1
                length += lengths[end]
                gain += gains[end]
            lengths[end] = length
            gains[end] = gain
            labels[end] = label
            end += 1
        start = ends[label]
    # rounding can only put pieces in a worse order, and any order is sound
    order = stable_order(-gains[:end] / lengths[:end])
    return lengths[:end], gains[:end], labels[:end], order


@njit(nogil=True, cache=True)
def _spend(costs: Int64s, flips: Int64s, ends: Int64s, spent: Int64s, left: int) -> int:
    """Flips that are added by what is left, each time on the label that it flips most rows of."""
    added = 0
    while True:
        most = 0
        start = 0
        for label in range(len(ends)):
            before = n_at_most(costs, start, ends[label], spent[label])
            after = n_at_most(costs, start, ends[label], spent[label] + left)
            if after > before:
                gain = flips[start + after - 1] - (flips[start + before - 1] if before else 0)
                if gain > most:
                    most = gain
                    best = label
                    cost = costs[start + after - 1] - spent[label]
            start = ends[label]
        if most == 0:
            return added
        added += most
        spent[best] += cost
        left -= cost


@njit(nogil=True, cache=True)
def _flips_among_few_choices(
    costs: Int64s,
    flips: Int64s,
    ends: Int64s,
    budget: int,
    length: int,
    gain: int,
    feasible: int,
    most_steps: int,
) -> int:
    """The most flips within the budget, at least `feasible`.

    At a price of gain / length per removal, a label gets at most its best worth, the largest
    flips * length - cost * gain. The sum of these and the budget's own worth bounds every
    attack from above; each attack falls short of that by the sum of what its choices fall
    short. So choices that fall short by too much are in no attack better than `feasible`.
    """
    n_labels = len(ends)
    best = np.zeros(n_labels, np.int64)
    total = budget * gain
    start = 0
    for label in range(n_labels):
        for choice in range(start, ends[label]):
            best[label] = max(best[label], flips[choice] * length - costs[choice] * gain)
        total += best[label]
        start = ends[label]
    upper = total // length
    room = total - feasible * length
    reached = np.zeros(1, np.int64)  # flips by the labels so far
    removed = np.zeros(1, np.int64)  # the fewest removals for them
    steps = 0
    start = 0
    for label in range(n_labels):
        kept = [(0, 0)] if best[label] < room else [(0, 0)][:0]
        for choice in range(start, ends[label]):
            if best[label] - flips[choice] * length + costs[choice] * gain < room:
                kept.append((flips[choice], costs[choice]))
        start = ends[label]
        if len(kept) == 0 or len(reached) == 0:
            return feasible
        steps += len(kept) * len(reached)
        if steps > most_steps:
            return upper
        lowest = reached[0] + kept[0][0]
        least = np.full(reached[-1] + kept[-1][0] - lowest + 1, budget + 1)
        for flipped, cost in kept:
            for k in range(len(reached)):
                at = reached[k] + flipped - lowest
                least[at] = min(least[at], removed[k] + cost)
        best_so_far = best[: label + 1].sum()
        short = best_so_far - (lowest + np.arange(len(least))) * length + least * gain
        left = np.flatnonzero((least <= budget) & (short < room))
        reached = left + lowest
        removed = least[left]
    return max(feasible, reached[-1]) if len(reached) else feasible
