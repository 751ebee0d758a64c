"""Every attack on votes that is to make one label win, in the plainest terms."""

from itertools import combinations, combinations_with_replacement

import numpy as np

from . import runoff_attacks
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


def can_win_runoff(scores, touched, target, *, phantom, may_abstain=False, n_invented=2):
    """Whether the voters in `touched` can make the target win a run-off, whatever they score.

    As `runoff_attacks.can_change`; the target is a class, or their number for an invented label.
    """
    kept = np.delete(scores, list(touched), axis=0)
    for labels in runoff_attacks.label_sets(kept, phantom, n_invented):
        if target < scores.shape[1]:
            wanted = {labels.index(target)} if target in labels else set()
        else:
            wanted = {place for place, label in enumerate(labels) if label != int(label)}
        if not wanted:
            continue
        n_labels = len(labels)
        after = runoff_attacks.scores_over(labels, kept)
        tally = np.bincount(
            [row.argmax() for row in after if row.max() > runoff_attacks.NEVER], minlength=n_labels
        )
        if n_labels == 1:
            return True
        backing = after[(after > runoff_attacks.NEVER).any(axis=1)] if may_abstain else after
        prefers = (backing[:, :, None] >= backing[:, None, :]).sum(axis=0).tolist()
        tally = tally.tolist()
        for turned in combinations_with_replacement(range(-1, n_labels), len(touched)):
            counts = [tally[c] + turned.count(c) for c in range(n_labels)]
            by_votes = sorted(range(n_labels), key=lambda c: (-counts[c], c))
            low, high = sorted(by_votes[:2])
            silent = turned.count(-1) if may_abstain else 0
            n_backing = len(backing) + len(turned) - silent
            least = prefers[low][high] + turned.count(low) + turned.count(-1) - silent
            most = prefers[low][high] + len(turned) - turned.count(high) - silent
            if (low in wanted and 2 * most >= n_backing) or (
                high in wanted and 2 * least < n_backing
            ):
                return True
    return False
