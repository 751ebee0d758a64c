"""The run-off's radius against brute force over every attack, and against plain formulas."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sklearn_certify.certificates.runoff import runoff_radius

from .runoff_attacks import (
    can_change,
    can_change_naively,
    elect,
    fewest_partitions,
    one_radius,
    paper_radius,
    random_camps,
    random_scores,
    random_spread,
    score_arrays,
)

# --- brute force ------------------------------------------------------------------------------


@pytest.mark.parametrize("may_abstain", [True, False])
@pytest.mark.parametrize("phantom", [True, False])
def test_brute_force_knows_all_that_voters_can_do(phantom, may_abstain):
    rng = np.random.default_rng(0)
    outcomes = set()
    for _ in range(250):
        n_voters, n_classes = rng.integers(1, 5), rng.integers(1, 4)
        scores = random_scores(rng, n_voters, n_classes)
        n_invented = int(rng.integers(0, 3 if n_classes < 3 else 2))
        n_touched = 2 if n_voters > 2 and n_classes + n_invented < 4 else 1
        touched = rng.permutation(n_voters)[:n_touched].tolist()
        options = {"phantom": phantom, "n_invented": n_invented, "may_abstain": may_abstain}
        expected = can_change_naively(scores, touched, **options)
        assert can_change(scores, touched, **options) == expected
        outcomes.add(expected)
    assert outcomes == {True, False}


@pytest.mark.parametrize("may_abstain", [True, False])
@pytest.mark.parametrize("phantom", [True, False])
@pytest.mark.parametrize("n_classes", [1, 2, 3])
def test_one_partition_per_voter_is_exact(n_classes, phantom, may_abstain):
    rng = np.random.default_rng(n_classes)
    found = set()
    for _ in range(400):
        n_voters = int(rng.integers(1, 6))
        scores = random_scores(rng, n_voters, n_classes)
        options = {"phantom": phantom, "may_abstain": may_abstain}
        smallest_attack = fewest_partitions(scores, np.arange(n_voters)[:, None], **options)
        radius = one_radius(scores, **options)
        assert radius == smallest_attack - 1
        found.add(radius)
    assert found >= ({5} if (n_classes, phantom) == (1, False) else {0, 1})


def test_one_partition_per_voter_is_exact_for_more_voters_and_classes():
    rng = np.random.default_rng(4)
    found = set()
    for _ in range(60):
        n_voters, n_classes = rng.integers(6, 9), rng.integers(3, 5)
        scores = random_scores(rng, n_voters, n_classes)
        phantom, may_abstain = rng.integers(2, size=2).astype(bool)
        options = {"phantom": phantom, "may_abstain": may_abstain}
        smallest_attack = fewest_partitions(scores, np.arange(n_voters)[:, None], **options)
        radius = one_radius(scores, **options)
        assert radius == smallest_attack - 1
        found.add(radius)
    assert found >= {0, 1, 2, 3}


@pytest.mark.parametrize("may_abstain", [True, False])
@pytest.mark.parametrize("phantom", [True, False])
@pytest.mark.parametrize("kind", ["cyclic", "any"])
def test_no_attack_within_the_radius_of_a_spread_works(kind, phantom, may_abstain):
    rng = np.random.default_rng(5)
    found = set()
    for _ in range(600):
        n_voters, n_classes = rng.integers(1, 6), rng.integers(1, 4)
        scores = random_scores(rng, n_voters, n_classes)
        spread = random_spread(rng, n_voters, kind)
        options = {"phantom": phantom, "may_abstain": may_abstain}
        radius = one_radius(scores, spread=spread, **options)
        found.add(radius)
        if radius == 0:
            continue
        for partitions in combinations(range(len(spread)), radius):
            touched = sorted(set(spread[list(partitions)].ravel().tolist()))
            # fewer partitions can do nothing that these cannot: a touched voter may stay as it is
            assert not can_change(scores, touched, **options)
    assert found >= {0, 1, 2}


# --- formulas ---------------------------------------------------------------------------------


@settings(derandomize=True, deadline=None, max_examples=300)
@given(score_arrays(), st.booleans(), st.booleans())
def test_exact_radius_is_never_below_the_bounds_of_the_paper(scores, phantom, may_abstain):
    options = {"phantom": phantom, "may_abstain": may_abstain}
    radius = one_radius(scores, **options)
    assert radius >= paper_radius(scores, None, **options)
    assert radius >= paper_radius(scores, np.arange(len(scores))[:, None], **options)


@settings(derandomize=True, deadline=None, max_examples=300)
@given(
    score_arrays(),
    st.booleans(),
    st.booleans(),
    st.sampled_from(["cyclic", "any"]),
    st.integers(0, 99),
)
def test_spread_radius_is_the_bound_of_the_paper(scores, phantom, may_abstain, kind, seed):
    spread = random_spread(np.random.default_rng(seed), len(scores), kind)
    options = {"phantom": phantom, "may_abstain": may_abstain}
    expected = paper_radius(scores, spread, **options)
    if spread.shape == (len(scores), 1) and len(set(spread.ravel())) == len(scores):
        assert one_radius(scores, spread=spread, **options) >= expected
    else:
        assert one_radius(scores, spread=spread, **options) == expected


@pytest.mark.parametrize("phantom", [True, False])
def test_bounds_of_the_paper_among_camps(phantom):
    rng = np.random.default_rng(9)
    found = set()
    for _ in range(500):
        n_voters, n_classes = rng.integers(10, 41), rng.integers(2, 8)
        scores = random_camps(rng, n_voters, n_classes)
        spread = random_spread(rng, n_voters, rng.choice(["cyclic", "any"]), 2 * n_voters)
        if spread.shape[1] > 1:
            radius = one_radius(scores, spread=spread, phantom=phantom)
            assert radius == paper_radius(scores, spread, phantom=phantom)
            found.add(radius)
        exact = one_radius(scores, phantom=phantom)
        assert exact >= paper_radius(scores, None, phantom=phantom)
    assert found >= set(range(6))


@pytest.mark.parametrize(("n_classes", "degree"), [(10, 6), (20, 4), (3, 100)])
def test_large_elections(n_classes, degree):
    # 100 voters per partition need a wider type for the damages
    rng = np.random.default_rng(6)
    scores = rng.normal(size=(4, 130, n_classes))
    scores[:3, :, 1] += rng.normal([[1.0], [2.0], [3.0]], 1.0, size=(3, 130))
    spread = (np.arange(130)[:, None] + rng.permutation(130)[:degree]) % 130
    predicted, radius = runoff_radius(scores, spread=spread)
    assert predicted.tolist() == [elect(sample) for sample in scores]
    assert radius.tolist() == [paper_radius(s, spread, phantom=True) for s in scores]
    alone = runoff_radius(scores)[1]
    assert (alone >= [paper_radius(s, None, phantom=True) for s in scores]).all()


def test_order_of_partitions_does_not_matter():
    # in order the spread is cyclic, which is summed another way, and chunk by chunk
    rng = np.random.default_rng(10)
    scores = rng.normal(size=(3, 9000, 3))
    scores[:, :, 1] += [[0.2], [0.5], [1.0]]
    spread = (np.arange(9000)[:, None] + [0, 17, 4000, 8999]) % 9000
    radius = runoff_radius(scores, spread=spread)[1]
    shuffled = runoff_radius(scores, spread=rng.permutation(spread))[1]
    assert shuffled.tolist() == radius.tolist()
    assert radius.max() > 500
