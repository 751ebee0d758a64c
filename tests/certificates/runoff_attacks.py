"""The run-off election, its attacker and the paper's bounds in plain Python; cases for them."""

from itertools import combinations, combinations_with_replacement, product

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sklearn_certify.certificates.runoff import runoff_radius

NEVER = -np.inf


# --- the election and the attacker, in plain Python -------------------------------------------


def elect(scores, may_abstain=False):
    """Winner among the columns of one sample's scores, which are in the order of the labels."""
    n_classes = scores.shape[1]
    counts = [0] * n_classes
    for row in scores.tolist():
        if max(row) > NEVER:
            counts[row.index(max(row))] += 1
    by_votes = sorted(range(n_classes), key=lambda c: (-counts[c], c))
    low, high = sorted(by_votes[:2]) if n_classes > 1 else (0, 0)
    backing = [row for row in scores.tolist() if not may_abstain or max(row) > NEVER]
    low_backers = sum(row[low] >= row[high] for row in backing)
    return low if 2 * low_backers >= len(backing) else high


def label_sets(kept, phantom, n_invented):
    """Every set of labels after an attack: sort keys in order, invented ones are no integers.

    `kept` holds the real scores of the voters that the attacker did not touch. A label that one
    of them has seen stays, any other may go.
    """
    n_classes = kept.shape[1]
    if not phantom:
        yield list(range(n_classes))
        return
    seen = [c for c in range(n_classes) if (kept[:, c] > NEVER).any()]
    gone = [c for c in range(n_classes) if c not in seen]
    places = [c - 0.5 for c in range(n_classes + 1)]
    for n_back in range(len(gone) + 1):
        for back in combinations(gone, n_back):
            for n_new in range(n_invented + 1):
                for new in combinations_with_replacement(places, n_new):
                    labels = sorted(seen + list(back) + list(new))
                    if labels:
                        yield labels


def scores_over(labels, kept):
    """Scores of untouched voters over a set of labels: -inf for those invented."""
    scores = np.full((len(kept), len(labels)), NEVER)
    for column, label in enumerate(labels):
        if label == int(label):
            scores[:, column] = kept[:, int(label)]
    return scores


def can_change(scores, touched, *, phantom, n_invented=2, may_abstain=False):
    """Whether the voters in `touched` can change the winner, whatever they come to score.

    A turned voter matters by its vote and by the finalist it backs. It backs the one that it
    votes for; if it votes for a third label it may back either, if it abstains the first one, or
    none if voters may abstain in round two.
    """
    winner = elect(scores, may_abstain)
    kept = np.delete(scores, list(touched), axis=0)
    for labels in label_sets(kept, phantom, n_invented):
        if winner not in labels:
            return True
        n_labels = len(labels)
        place = labels.index(winner)
        after = scores_over(labels, kept)
        tally = np.bincount(
            [row.argmax() for row in after if row.max() > NEVER], minlength=n_labels
        )
        if n_labels == 1:
            continue
        backing = after[(after > NEVER).any(axis=1)] if may_abstain else after
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
            if place == low and 2 * least >= n_backing:
                continue
            if place == high and 2 * most < n_backing:
                continue
            return True
    return False


def can_change_naively(scores, touched, *, phantom, n_invented, may_abstain=False):
    """The same from full score vectors: every order of the labels, and never having seen any."""
    winner = elect(scores, may_abstain)
    untouched = [voter for voter in range(len(scores)) if voter not in touched]
    for labels in label_sets(scores[untouched], phantom, n_invented):
        n_labels = len(labels)
        after = np.empty((len(scores), n_labels))
        after[untouched] = scores_over(labels, scores[untouched])
        values = [0.0, 1.0, NEVER] if n_labels < 3 else [0.0, 1.0, 2.0, NEVER]
        for new in product(product(values, repeat=n_labels), repeat=len(touched)):
            after[list(touched)] = new
            if labels[elect(after, may_abstain)] != winner:
                return True
    return False


def fewest_partitions(scores, spread, *, n_invented=2, **options):
    """Size of the smallest attack that works; n_partitions + 1 if none does."""
    for size in range(1, len(spread) + 1):
        for subset in combinations(range(len(spread)), size):
            touched = sorted(set(spread[list(subset)].ravel().tolist()))
            if can_change(scores, touched, n_invented=n_invented, **options):
                return size
    return len(spread) + 1


# --- the paper's bounds, in plain Python ------------------------------------------------------


def paper_radius(scores, spread, *, phantom, may_abstain=False):
    """Radius in partitions by the paper's bounds, with ties, abstentions and invented labels.

    Without a spread these are the closed forms, which take any number of voters for granted
    that each change as much as a voter can.
    """
    n_voters, n_classes = scores.shape
    rows = scores.tolist()
    unreachable = (n_voters if spread is None else len(spread)) + 1
    votes = [row.index(max(row)) if max(row) > NEVER else None for row in rows]
    n = {c: votes.count(c) for c in range(n_classes)} | {-1: 0, -2: 0}  # -1 and -2: invented
    p = elect(scores, may_abstain)
    finalists = sorted(range(n_classes), key=lambda c: (-n[c], c))[:2]
    s = next((c for c in finalists if c != p), None)
    rivals = [c for c in range(-2 if phantom else 0, n_classes) if c != p]

    def gap(a, b):
        return n[a] - n[b] + (b > a)

    def backs(row, b):
        if b < 0:
            return row[p] > NEVER
        return row[p] > row[b] or (row[p] == row[b] and p < b)

    def needed(weights, most, goal):
        if spread is None:
            return -(-max(goal, 0) // most)
        damages = sorted((sum(weights[i] for i in voters) for voters in spread), reverse=True)
        return next((r for r in range(unreachable) if sum(damages[:r]) >= goal), unreachable)

    def one(a, b):
        return needed([1 + (v == a) - (v == b) for v in votes], 2, gap(a, b))

    def two(b, e):
        weights = [1 + 2 * (v == p) - (v == b) - (v == e) for v in votes]
        return max(one(p, b), one(p, e), needed(weights, 3, gap(p, b) + gap(p, e)))

    def second_round(b):
        silent = [may_abstain and vote is None for vote in votes]
        weights = [1 if s else 2 * backs(row, b) for row, s in zip(rows, silent, strict=True)]
        turned = needed(weights, 2, sum(weights) - n_voters + (b > p))
        return turned if s in (None, b) else max(turned, one(s, b))

    bounds = [two(b, e) for b, e in combinations(rivals, 2)] + [second_round(b) for b in rivals]
    return max(min([*bounds, unreachable]), 1) - 1


# --- cases ------------------------------------------------------------------------------------


def random_scores(rng, n_voters, n_classes):
    """Few values, so that ties and -inf are frequent; often one class is ahead."""
    values = [NEVER, 0.0, 1.0, 2.0]
    scores = rng.choice(values, size=(n_voters, n_classes), p=rng.dirichlet([1, 1, 1, 1]))
    if rng.random() < 0.3:
        scores[rng.random(n_voters) < 0.5] = NEVER
    if rng.random() < 0.5:
        favourite = rng.random(n_voters) < rng.choice([0.6, 0.8, 1.0])
        scores[favourite, rng.integers(n_classes)] = 3.0
    return scores


def random_camps(rng, n_voters, n_classes):
    """Voters in a few camps, each with a ranking of its own that its voters follow roughly.

    So some finalists are narrowly ahead in one round and far ahead in the other.
    """
    n_camps = rng.integers(1, 5)
    camp = rng.choice(n_camps, size=n_voters, p=rng.dirichlet(np.full(n_camps, 2.0)))
    if rng.random() < 0.5:
        camp.sort()  # so that some partitions reach one camp only
    scores = rng.normal(size=(n_camps, n_classes))[camp] * rng.choice([1.0, 3.0])
    scores = np.round(scores + 0.5 * rng.normal(size=scores.shape), 1)
    scores[rng.random(scores.shape) < rng.choice([0.0, 0.1])] = NEVER
    return scores


def random_spread(rng, n_voters, kind, most_partitions=5):
    degree = rng.integers(1, min(n_voters, 3 if n_voters < 10 else 6) + 1)
    offsets = rng.choice([np.arange(n_voters), rng.permutation(n_voters)])[:degree]
    if kind == "cyclic":
        return (np.arange(n_voters)[:, None] + offsets) % n_voters
    n_partitions = rng.choice([n_voters, rng.integers(1, most_partitions + 1)])
    return (rng.integers(0, n_voters, size=(n_partitions, 1)) + offsets) % n_voters


def one_radius(scores, **options):
    predicted, radius = runoff_radius(scores[np.newaxis], **options)
    assert predicted.dtype == radius.dtype == np.int64
    assert predicted[0] == elect(scores, options.get("may_abstain", False))
    return radius[0]


@st.composite
def score_arrays(draw, max_voters=12, max_classes=5):
    n_voters = draw(st.integers(1, max_voters))
    n_classes = draw(st.integers(1, max_classes))
    values = st.sampled_from([NEVER, -1.0, -0.0, 0.0, 0.25, 0.5, 7.0])
    return draw(arrays(np.float64, (n_voters, n_classes), elements=values))
