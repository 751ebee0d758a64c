"""What an explanation says of a target is what its certificate rests on."""

import numpy as np
import pytest

from sklearn_certify.certificates import (
    count_votes,
    overlap_radius,
    plurality_radius,
    runoff_radius,
    runoff_votes,
)
from sklearn_certify.certificates._deciding_leads import finalist_to_beat, labels_to_pass
from sklearn_certify.certificates._targets import leads_over


def cases(n_cases, rng):
    for _ in range(n_cases):
        n_classes = int(rng.integers(2, 6))
        degree = int(rng.integers(1, 4))
        n_voters = int(rng.integers(4, 15))
        spread = np.arange(n_voters)[:, np.newaxis]
        if degree > 1:
            starts = rng.permutation(n_voters)[:degree]
            spread = np.sort((np.arange(n_voters)[:, np.newaxis] + starts) % n_voters, axis=1)
        target = int(rng.integers(0, n_classes + 1))
        yield n_voters, n_classes, spread, target


def withstood(sums, need):
    """How many of the largest may be added up without reaching the need."""
    return int((np.sort(sums)[::-1].cumsum() < need).sum())


def test_labels_to_pass_prove_the_radius():
    rng = np.random.default_rng(0)
    n_seen = 0
    for n_voters, n_classes, spread, target in cases(600, rng):
        votes = rng.integers(-1, n_classes, size=n_voters)
        votes[rng.random(n_voters) < 0.4] = rng.integers(0, n_classes)
        if spread.shape[1] == 1:
            certified = plurality_radius([votes], n_classes, target=target)
        else:
            certified = overlap_radius([votes], spread, n_classes, target=target)
        (predicted,), (radius,) = certified
        if predicted == target:
            continue
        counts = count_votes([votes], n_classes)[0]
        labels, taken = labels_to_pass(votes, counts, predicted, target, spread=spread)
        leads = leads_over(counts, target)
        assert (leads[labels] > 0).all()
        assert min(leads[labels]) >= max(np.delete(leads, labels), default=0)
        proven = withstood(taken[spread].sum(axis=1), leads[labels].sum())
        assert proven == radius, (votes, spread, target)
        n_seen += len(labels) > 1
    assert n_seen > 10


@pytest.mark.parametrize("phantom", [False, True])
def test_the_finalist_to_beat_proves_the_radius(phantom):
    rng = np.random.default_rng(1)
    rounds = set()
    for n_voters, n_classes, spread, target in cases(400, rng):
        if target == n_classes and not phantom:
            continue
        scores = rng.integers(0, 4, size=(1, n_voters, n_classes)).astype(float)
        scores[:, :, rng.integers(0, n_classes)] += rng.integers(0, 4, size=(1, n_voters))
        scores[rng.random(scores.shape) < 0.1] = -np.inf
        rules = {"spread": spread, "phantom": phantom, "may_abstain": True}
        (predicted,), (of_any_change,) = runoff_radius(scores, **rules)
        radius = runoff_radius(scores, target=target, **rules)[1][0]
        if predicted == target:
            continue
        votes = runoff_votes(scores)[0].astype(np.int64)
        harmless, finalist, number, taken = finalist_to_beat(
            scores[0],
            votes,
            count_votes([votes], n_classes)[0],
            predicted,
            target,
            spread=spread,
            phantom=phantom,
        )
        assert radius == max(of_any_change, min(harmless, len(spread)))
        assert finalist != target or finalist == n_classes
        assert (taken >= 0).all()
        rounds.add(number)
    assert rounds == {1, 2}
