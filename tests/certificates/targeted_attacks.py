"""Every attack on votes that is to make one label win, in the plainest terms."""

from itertools import combinations

import numpy as np

from .brute_force import _all_ballots, elect


def can_win(votes, reached, target, n_classes):
    """Whether the voters in `reached`, voting anything at all, can make the target win.

    The target `n_classes` is an invented label.
    """
    untouched = [vote for voter, vote in enumerate(votes) if voter not in reached]
    kept = np.array([untouched.count(label) for label in range(n_classes + 1)])
    counts = kept + _all_ballots(len(reached), n_classes + 1)
    winners = counts[:, :n_classes].argmax(axis=1)
    invented = counts[:, n_classes]
    winners[(invented > 0) & (invented == counts.max(axis=1))] = n_classes
    return bool((winners == target).any())


def least_attack_for(votes, spread, target, n_classes):
    """The fewest partitions whose voters can make the target win; 0 if it does already.

    One more than there are if none do.
    """
    if elect(list(votes), n_classes) == target:
        return 0
    tried = set()
    for n_poisoned in range(1, len(spread) + 1):
        for poisoned in combinations(spread, n_poisoned):
            reached = frozenset().union(*poisoned)
            if reached not in tried and can_win(votes, reached, target, n_classes):
                return n_poisoned
            tried.add(reached)
    return len(spread) + 1
