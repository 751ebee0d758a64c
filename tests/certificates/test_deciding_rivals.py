"""The rivals that are named are those that keep a radius from being larger."""

from functools import partial

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sklearn_certify.certificates import (
    count_votes,
    knn_radius,
    overlap_radius,
    plurality_radius,
    rnn_radius,
    runoff_radius,
    runoff_votes,
)
from sklearn_certify.certificates._deciding_rivals import (
    rivals_among_counts,
    rivals_among_ranks,
    rivals_among_votes,
    rivals_in_runoff,
)
from sklearn_certify.partition import cyclic_spread
from sklearn_certify.threat import find_threat_model

EVERY_SEED = st.integers(0, 10**6)


def draw_votes(seed):
    rng = np.random.default_rng(seed)
    n_classes, n_voters = int(rng.integers(1, 5)), int(rng.integers(1, 14))
    return rng.integers(-1, n_classes, size=(1, n_voters)), n_classes


@settings(max_examples=150, deadline=None)
@given(seed=EVERY_SEED, degree=st.integers(0, 3), tighten=st.booleans(), phantom=st.booleans())
def test_without_the_rivals_the_radius_of_votes_is_larger(seed, degree, tighten, phantom):
    votes, n_classes = draw_votes(seed)
    n_voters = votes.shape[1]
    certify = plurality_radius
    if degree:
        random_state = np.random.RandomState(seed % 1000)
        spread = cyclic_spread(n_voters, min(degree, n_voters), random_state)
        certify = partial(overlap_radius, spread=spread, tighten=tighten)
    (predicted,), (radius,) = certify(votes, n_classes=n_classes, phantom=phantom)
    counts = count_votes(votes, n_classes)[0]
    rivals = rivals_among_votes(
        certify, votes[0], counts, predicted, n_partitions=n_voters, phantom=phantom
    )
    others = [label for label in range(n_classes) if label not in (predicted, *rivals)]
    # the votes for a rival count as abstentions where it can no longer win: the others decide
    if not counts[predicted]:
        return
    assert bool(rivals) == (radius < n_voters)
    for rival in others:
        first = rival < predicted
        duel = np.select([votes == predicted, votes == rival], [int(first), int(not first)], -1)
        assert certify(duel, n_classes=2, phantom=False)[1][0] > radius
    for rival in rivals:
        if rival == n_classes:
            assert phantom
            continue
        first = rival < predicted
        duel = np.select([votes == predicted, votes == rival], [int(first), int(not first)], -1)
        assert certify(duel, n_classes=2, phantom=False)[1][0] == radius


@settings(max_examples=100, deadline=None)
@given(seed=EVERY_SEED, phantom=st.booleans())
def test_without_the_rivals_the_radius_of_counts_is_larger(seed, phantom):
    counts = np.random.default_rng(seed).integers(0, 6, size=4)
    counts[0] += 1
    (predicted,), (radius,) = rnn_radius(counts[None], phantom=phantom)
    rivals = rivals_among_counts(counts, predicted, phantom=phantom)
    assert rivals
    kept = [c for c in range(4) if c not in rivals]
    without = rnn_radius(counts[None, kept], phantom=phantom and 4 not in rivals)[1][0]
    assert without > radius or len(kept) == 1 or counts[predicted] == radius


@settings(max_examples=300, deadline=None)
@given(
    seed=EVERY_SEED,
    threat_model=st.sampled_from(["insert", "delete", "insert_delete"]),
    phantom=st.booleans(),
)
def test_rivals_among_ranks_win_with_one_unit_more_and_not_before(seed, threat_model, phantom):
    rng = np.random.default_rng(seed)
    n_classes, n_rows = int(rng.integers(1, 4)), int(rng.integers(1, 12))
    labels, k = rng.integers(0, n_classes, size=n_rows), int(rng.integers(1, 9))
    model = find_threat_model(threat_model)
    (predicted,), (radius,) = knn_radius(
        labels[None], k, n_classes, threat_model=threat_model, phantom=phantom, n_rows=n_rows
    )
    counts = np.bincount(labels[:k], minlength=n_classes)
    find = partial(
        rivals_among_ranks,
        labels,
        k,
        counts,
        predicted,
        inserts=model.inserts,
        deletes=model.deletes,
        phantom=phantom,
    )
    assert not any(find(smaller) for smaller in range(-1, radius))
    most = n_rows - 1 if model.deletes else min(k, n_rows)
    if radius < most and radius < min(k, n_rows):
        assert find(radius)


@settings(max_examples=400, deadline=None)
@given(seed=EVERY_SEED, degree=st.integers(1, 3), phantom=st.booleans())
def test_a_run_off_is_lost_with_one_partition_more_and_not_before(seed, degree, phantom):
    rng = np.random.default_rng(seed)
    n_classes, n_voters = int(rng.integers(1, 5)), int(rng.integers(1, 9))
    scores = rng.integers(0, 4, size=(1, n_voters, n_classes)).astype(float)
    scores[rng.random(scores.shape) < 0.2] = -np.inf
    scores[rng.random((1, n_voters)) < 0.1] = -np.inf
    random_state = np.random.RandomState(seed % 1000)
    spread = cyclic_spread(n_voters, min(degree, n_voters), random_state)
    (predicted,), (radius,) = runoff_radius(
        scores, spread=spread, phantom=phantom, may_abstain=True
    )
    votes = runoff_votes(scores)
    counts = count_votes(votes, n_classes)[0]

    def find(n_corrupted):
        return rivals_in_runoff(
            scores[0],
            votes[0],
            counts,
            predicted,
            n_corrupted,
            spread=spread,
            phantom=phantom,
        )

    for n_corrupted in range(1, radius + 1):
        assert find(n_corrupted) == (0, [])
    if radius < n_voters:
        number, rivals = find(radius + 1)
        assert (number, len(rivals)) in [(1, 2), (2, 1)]
