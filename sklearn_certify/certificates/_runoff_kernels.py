"""Compiled kernels of the run-off election: the election itself, and its two certificates.

Conventions of this file. `row` holds the scores of one sample, (n_voters, n_classes). `counts`
has one entry per class and a last one, 0, for an invented label, so that the index n_classes
means the invented label wherever a rival is meant. Among equals the smaller index goes first,
and an invented label may go before every class: see `_tie_against`.
"""

import numpy as np
from numba import njit

from .._compute.sorting import stable_order
from ._spread_sums import count_sums, room_for_sums, sum_over_voters

__all__ = ["MOST_DAMAGE", "first_choices", "identity_radii", "spread_radii"]

MOST_DAMAGE = 3  # of a voter, when two rivals are lifted together


@njit(nogil=True, cache=True)
def _cast_votes(row, votes):
    """Write each voter's first choice (-1 = none); False if a score is NaN or +inf."""
    for voter in range(row.shape[0]):
        best = -np.inf
        choice = -1
        for label in range(row.shape[1]):
            score = row[voter, label]
            if not score < np.inf:
                return False
            if score > best:
                best = score
                choice = label
        votes[voter] = choice
    return True


@njit(nogil=True, cache=True)
def first_choices(scores, votes):
    """Cast every sample's votes; return the first sample with a bad score, or -1."""
    for i in range(scores.shape[0]):
        if not _cast_votes(scores[i], votes[i]):
            return i
    return -1


@njit(nogil=True, cache=True)
def _tie_against(rival, label, n_classes):
    """1 if `rival` loses a tie with `label`, else 0; an invented label loses none."""
    return 1 if label < rival < n_classes else 0


@njit(nogil=True, cache=True)
def _half(need):
    """Voters to turn for a change of `need` where each one changes two."""
    return (need + 1) // 2 if need > 0 else 0


@njit(nogil=True, cache=True)
def _backs(score, rival_score, wins_tie):
    return score > rival_score or (wins_tie and score == rival_score)


@njit(nogil=True, cache=True)
def _elect(row, votes, counts):
    """Count the votes; return the winner and the losing finalist (-1 if there is one class)."""
    n_voters, n_classes = row.shape
    counts[:] = 0
    for voter in range(n_voters):
        if votes[voter] >= 0:
            counts[votes[voter]] += 1
    first = 0
    for label in range(1, n_classes):
        if counts[label] > counts[first]:
            first = label
    second = -1
    for label in range(n_classes):
        if label != first and (second < 0 or counts[label] > counts[second]):
            second = label
    if second < 0:
        return first, second
    low, high = min(first, second), max(first, second)
    low_backers = 0
    for voter in range(n_voters):
        low_backers += row[voter, low] >= row[voter, high]
    if 2 * low_backers >= n_voters:
        return low, high
    return high, low


@njit(nogil=True, cache=True)
def _gap(counts, label, rival):
    """What `rival` must gain on `label` in round one to stand before it."""
    return counts[label] - counts[rival] + _tie_against(rival, label, len(counts) - 1)


# --- one voter per partition: the fewest voters to turn, exactly ------------------------------


@njit(nogil=True, cache=True)
def _knock_out_size(counts, winner, phantom):
    """Fewest voters to turn so that two rivals stand before the winner in round one.

    The number grows with both rivals' gaps, so the two smallest gaps decide; two invented
    labels are rivals like any other.
    """
    n_classes = len(counts) - 1
    unreachable = np.iinfo(np.int64).max
    small = counts[winner] if phantom else unreachable
    large = small
    for rival in range(n_classes):
        if rival == winner:
            continue
        gap = _gap(counts, winner, rival)
        if gap < small:
            small, large = gap, small
        elif gap < large:
            large = gap
    if large == unreachable:
        return unreachable
    # a voter of the winner that is turned takes 2 from one gap and 1 from the other
    size = max(_half(large), -((-max(small, 0) - max(large, 0)) // 3))
    # a rival without votes that loses the tie needs a vote of its own
    return max(size, (small > counts[winner]) + (large > counts[winner]))


@njit(nogil=True, cache=True)
def _tabulate_backers(row, votes, winner, backers):
    """Fill backers[v, rival]: voters that voted v (last: abstained) and back the winner."""
    n_voters, n_classes = row.shape
    backers[:] = 0
    for voter in range(n_voters):
        vote = votes[voter] if votes[voter] >= 0 else n_classes
        score = row[voter, winner]
        for rival in range(n_classes):
            backers[vote, rival] += _backs(score, row[voter, rival], winner < rival)
        # who never saw the winner's class ties with an invented label, which may go first
        backers[vote, n_classes] += score > -np.inf


@njit(nogil=True, cache=True)
def _suffices(size, rival, winner, to_turn, counts, backers):
    """Whether `size` turned voters bring `rival` past all but the winner, and past it in round two.

    They all vote for the rival, so of the voters of every other class `label` at least
    gap - size must be among them; these are taken from the winner's backers while there are any.
    """
    forced = 0
    wasted = 0
    for label in range(len(counts) - 1):
        if label in (winner, rival):
            continue
        must_turn = _gap(counts, label, rival) - size
        if must_turn > 0:
            forced += must_turn
            wasted += max(must_turn - backers[label, rival], 0)
    return forced <= size and size - wasted >= to_turn


@njit(nogil=True, cache=True)
def _defeat_size(n_voters, counts, backers, winner, phantom, best):
    """Fewest voters to turn so that a rival beats the winner in round two; at most `best`."""
    n_classes = len(counts) - 1
    for rival in range(n_classes + phantom):
        if rival == winner:
            continue
        n_backers = backers[:, rival].sum()
        to_turn = _half(2 * n_backers - n_voters + _tie_against(rival, winner, n_classes))
        size = max(1, to_turn)
        while size < best:  # bisect size .. best: what suffices goes on to suffice
            middle = (size + best) // 2
            if _suffices(middle, rival, winner, to_turn, counts, backers):
                best = middle
            else:
                size = middle + 1
    return best


@njit(nogil=True, cache=True)
def identity_radii(scores, phantom, predicted, radius):
    """Elect each sample's class and count the voters it can lose.

    Returns the first sample with a bad score, or -1.
    """
    n_samples, n_voters, n_classes = scores.shape
    votes = np.empty(n_voters, np.int32)
    counts = np.empty(n_classes + 1, np.int64)
    backers = np.empty((n_classes + 1, n_classes + 1), np.int64)
    for i in range(n_samples):
        row = scores[i]
        if not _cast_votes(row, votes):
            return i
        winner, _ = _elect(row, votes, counts)
        predicted[i] = winner
        size = min(n_voters + 1, max(1, _knock_out_size(counts, winner, phantom)))
        _tabulate_backers(row, votes, winner, backers)
        size = _defeat_size(n_voters, counts, backers, winner, phantom, size)
        radius[i] = size - 1
    return -1


# --- partitions with several voters: greedy sums ----------------------------------------------


@njit(nogil=True, cache=True)
def _tally(room, spread, offsets):
    """Histogram of the partitions' damages, each the sum of the weights of its voters.

    `room` holds the weights, which are copied behind themselves here, the damages, and lanes of
    the histogram, of which the returned counts are a view.
    """
    weights, damages, lanes = room
    n_voters = len(weights) // 2
    for voter in range(n_voters):
        weights[n_voters + voter] = weights[voter]
    sum_over_voters(weights, spread, offsets, damages)
    return count_sums(damages, lanes)


@njit(nogil=True, cache=True)
def _partitions_needed(histogram, need, n_partitions):
    """Fewest partitions whose damages reach `need`; n_partitions + 1 if all of them do not."""
    taken = 0
    for damage in range(len(histogram) - 1, 0, -1):
        if need <= 0:
            break
        here = min(histogram[damage], (need + damage - 1) // damage)
        taken += here
        need -= here * damage
    return taken if need <= 0 else n_partitions + 1


@njit(nogil=True, cache=True)
def _weigh(votes, toll, label, rival, other, weights):
    """What a voter can change: 1, `toll` more if it voted `label`, 1 less per rival voted for."""
    label, rival, other = np.int32(label), np.int32(rival), np.int32(other)  # votes' type: faster
    for voter in range(len(votes)):
        vote = votes[voter]
        weights[voter] = 1 + toll * (vote == label) - (vote == rival) - (vote == other)


@njit(nogil=True, cache=True)
def _knock_out_partitions(votes, counts, winner, phantom, spread, offsets, room, best):
    """Partitions needed so that two rivals stand before the winner in round one; at most `best`.

    A rival's need is never less than with the weights against an invented label (no voter has
    voted for it yet): two tallies that are made once and settle most rivals and pairs.
    """
    n_partitions = len(spread)
    n_classes = len(counts) - 1
    weights = room[0]
    _weigh(votes, 1, winner, n_classes, n_classes, weights)
    single = _tally(room, spread, offsets).copy()
    _weigh(votes, 2, winner, n_classes, n_classes, weights)
    double = _tally(room, spread, offsets).copy()
    if phantom:
        best = min(best, _partitions_needed(double, 2 * counts[winner], n_partitions))

    needed = np.full(n_classes + 1, n_partitions + 1)
    for rival in range(n_classes + phantom):
        if rival == winner:
            continue
        gap = _gap(counts, winner, rival)
        needed[rival] = _partitions_needed(single, gap, n_partitions)
        if needed[rival] < best and rival < n_classes:
            _weigh(votes, 1, winner, rival, n_classes, weights)
            needed[rival] = _partitions_needed(_tally(room, spread, offsets), gap, n_partitions)

    order = stable_order(needed)
    for j in range(1, n_classes + 1):
        rival = order[j]
        for i in range(j):
            if needed[rival] >= best:
                return best
            other = order[i]
            need = _gap(counts, winner, rival) + _gap(counts, winner, other)
            if _partitions_needed(double, need, n_partitions) >= best:
                continue
            _weigh(votes, 2, winner, rival, other, weights)
            both = _partitions_needed(_tally(room, spread, offsets), need, n_partitions)
            best = min(best, max(needed[rival], both))
    return best


@njit(nogil=True, cache=True)
def _weigh_backers(row, winner, rival, weights):
    """Weight 1 for each voter that backs the winner against `rival`; returns their number."""
    n_voters, n_classes = row.shape
    n_backers = 0
    for voter in range(n_voters):
        score = row[voter, winner]
        if rival < n_classes:
            backs = _backs(score, row[voter, rival], winner < rival)
        else:
            backs = score > -np.inf
        weights[voter] = backs
        n_backers += backs
    return n_backers


@njit(nogil=True, cache=True)
def _defeat_partitions(row, votes, counts, winner, loser, phantom, spread, offsets, room, best):
    """Partitions needed so that a rival beats the winner in round two; at most `best`."""
    n_voters, n_classes = row.shape
    n_partitions = len(spread)
    weights = room[0]
    for rival in range(n_classes + phantom):
        if rival == winner:
            continue
        n_backers = _weigh_backers(row, winner, rival, weights)
        to_turn = _half(2 * n_backers - n_voters + _tie_against(rival, winner, n_classes))
        needed = _partitions_needed(_tally(room, spread, offsets), to_turn, n_partitions)
        if needed < best and loser >= 0 and rival != loser:
            gap = _gap(counts, loser, rival)
            _weigh(votes, 1, loser, rival, n_classes, weights)
            to_come = _partitions_needed(_tally(room, spread, offsets), gap, n_partitions)
            needed = max(needed, to_come)
        best = min(best, needed)
    return best


@njit(nogil=True, cache=True)
def spread_radii(scores, spread, offsets, phantom, sum_type, predicted, radius):
    """Elect each sample's class and count the partitions it can lose.

    `offsets` is empty unless partition j reaches exactly the voters (j + offset) mod n_voters.
    Returns the first sample with a bad score, or -1.
    """
    n_samples, n_voters, n_classes = scores.shape
    room = room_for_sums(n_voters, spread, MOST_DAMAGE, sum_type)
    votes = np.empty(n_voters, np.int32)
    counts = np.empty(n_classes + 1, np.int64)
    for i in range(n_samples):
        row = scores[i]
        if not _cast_votes(row, votes):
            return i
        winner, loser = _elect(row, votes, counts)
        predicted[i] = winner
        best = len(spread) + 1
        best = _defeat_partitions(
            row, votes, counts, winner, loser, phantom, spread, offsets, room, best
        )
        best = _knock_out_partitions(votes, counts, winner, phantom, spread, offsets, room, best)
        radius[i] = max(best, 1) - 1
    return -1
