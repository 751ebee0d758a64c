"""The run-off against attackers who want one class: every attack on small elections."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sklearn_certify.certificates import runoff_radius
from sklearn_certify.exceptions import InvalidInputError

from .runoff_attacks import random_camps, random_scores, random_spread, score_arrays
from .targeted_attacks import can_win_runoff


def attacked(scores, spread, target, radius, **options):
    """Whether some `radius` partitions can make the target win."""
    tried = set()
    for partitions in combinations(range(len(spread)), min(int(radius), len(spread))):
        touched = tuple(sorted(set(spread[list(partitions)].ravel().tolist())))
        # fewer partitions can do nothing that these cannot: a touched voter may stay as it is
        if touched not in tried and can_win_runoff(scores, touched, target, **options):
            return True
        tried.add(touched)
    return False


@pytest.mark.parametrize("may_abstain", [True, False])
@pytest.mark.parametrize("phantom", [True, False])
@pytest.mark.parametrize("kind", ["alone", "cyclic", "any"])
def test_no_attack_within_the_radius_works(kind, phantom, may_abstain):
    rng = np.random.default_rng(0)
    options = {"phantom": phantom, "may_abstain": may_abstain}
    n_above = n_exact = n_cases = 0
    for case in range(150):
        n_voters, n_classes = rng.integers(2, 7), rng.integers(1, 4)
        make = random_scores if case % 2 else random_camps
        scores = make(rng, n_voters, n_classes)
        spread = np.arange(n_voters)[:, None]
        if kind != "alone":
            spread = random_spread(rng, n_voters, kind)
        predicted, untargeted = runoff_radius([scores], spread=spread, **options)
        for target in range(n_classes + phantom):
            radius = runoff_radius([scores], spread=spread, target=target, **options)[1][0]
            if target == predicted:
                assert radius == -1
                continue
            assert radius >= untargeted
            assert radius == 0 or not attacked(scores, spread, target, radius, **options)
            n_above += radius > untargeted[0]
            if radius < len(spread):
                n_exact += attacked(scores, spread, target, radius + 1, **options)
                n_cases += 1
    assert n_above >= 5
    assert n_exact > 0.85 * n_cases  # the bound is not merely cautious


@settings(derandomize=True, deadline=None, max_examples=200)
@given(score_arrays(), st.booleans(), st.booleans(), st.integers(0, 99), st.integers(1, 2))
def test_never_below_the_radius_without_a_target(scores, phantom, may_abstain, seed, cost):
    rng = np.random.default_rng(seed)
    spread = None if seed % 3 == 0 else random_spread(rng, len(scores), "any")
    options = {"phantom": phantom, "may_abstain": may_abstain, "spread": spread, "cost": cost}
    predicted, radius = runoff_radius([scores], **options)
    for target in range(scores.shape[1] + phantom):
        same, against = runoff_radius([scores], target=target, **options)
        assert same == predicted
        assert against == -1 if target == predicted else against >= radius
        n_partitions = len(scores) if spread is None else len(spread)
        assert against <= n_partitions // cost


def test_a_class_that_nobody_backs_is_far_from_winning():
    scores = np.array([60 * [[2.0, 1.0, 0.0]] + 50 * [[1.0, 2.0, 0.0]]])
    assert runoff_radius(scores)[1] == [5]
    assert runoff_radius(scores, target=0)[1] == [-1]
    assert runoff_radius(scores, target=1)[1] == [5]
    # it must reach round two, where everybody is against it
    assert runoff_radius(scores, target=2)[1] == [40]
    assert runoff_radius(scores, target=3)[1] == [39]


def test_bad_targets():
    with pytest.raises(InvalidInputError, match="target must lie"):
        runoff_radius(np.zeros((1, 3, 2)), target=2, phantom=False)
