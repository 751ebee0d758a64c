"""A plurality vote and every attack on it, in the plainest terms."""

from functools import cache
from itertools import combinations, combinations_with_replacement

import numpy as np

ABSTAINS = -1


def elect(votes, n_classes):
    """The class with most votes, the first of them if there are several.

    An invented label, `n_classes`, comes before all others, and exists once it has a vote.
    """
    counts = [votes.count(label) for label in (n_classes, *range(n_classes))]
    if counts[0] and counts[0] == max(counts):
        return n_classes
    return int(np.argmax(counts[1:]))


@cache
def _all_ballots(n_voters, n_labels):
    """Every way that `n_voters` can vote, counted by label; a voter may abstain."""
    ballots = combinations_with_replacement(range(n_labels + 1), n_voters)
    return np.array([np.bincount(b, minlength=n_labels + 1)[:n_labels] for b in ballots])


def can_change(votes, reached, n_classes, phantom):
    """Whether the voters in `reached`, voting anything at all, can change who wins."""
    untouched = [vote for voter, vote in enumerate(votes) if voter not in reached]
    kept = np.array([untouched.count(label) for label in range(n_classes + phantom)])
    counts = kept + _all_ballots(len(reached), n_classes + phantom)
    winners = counts[:, :n_classes].argmax(axis=1)
    if phantom:
        invented = counts[:, n_classes]
        winners[(invented > 0) & (invented == counts.max(axis=1))] = n_classes
    return bool((winners != elect(votes, n_classes)).any())


def least_breaking_attack(votes, spread, n_classes, phantom):
    """The fewest partitions whose voters can change who wins; one more than there are if none."""
    tried = set()
    for n_poisoned in range(1, len(spread) + 1):
        for poisoned in combinations(spread, n_poisoned):
            reached = frozenset().union(*poisoned)
            if reached not in tried and can_change(votes, reached, n_classes, phantom):
                return n_poisoned
            tried.add(reached)
    return len(spread) + 1
