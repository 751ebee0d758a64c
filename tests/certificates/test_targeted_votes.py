"""Votes on partitions against attackers who want one label: every attack, and the formulas."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sklearn_certify._compute.first_work import FirstWork
from sklearn_certify.certificates import (
    bagging_radius,
    count_votes,
    overlap_radius,
    plurality_radius,
)
from sklearn_certify.exceptions import InvalidInputError
from sklearn_certify.threat import THREAT_MODELS

from .bagging_attacks import SAMPLINGS
from .brute_force import ABSTAINS
from .targeted_attacks import least_attack_for
from .test_overlap import (
    correlated_votes,
    cyclic_spread,
    problems,
    small_cases,
    unequal_spread,
)
from .test_plurality import elections


@pytest.mark.parametrize("n_classes", [1, 2, 3])
def test_plurality_is_exact(n_classes):
    for n_voters in range(1, 7):
        alone = [[voter] for voter in range(n_voters)]
        rows = list(product([ABSTAINS, *range(n_classes)], repeat=n_voters))
        for target in range(n_classes + 1):
            _, radii = plurality_radius(rows, n_classes, target=target)
            found = {}
            for row, radius in zip(rows, radii, strict=True):
                # the order of the voters is of no account: one attack search serves all orders
                key = tuple(sorted(row))
                if key not in found:
                    found[key] = least_attack_for(key, alone, target, n_classes)
                assert radius == found[key] - 1, (row, target)


@settings(derandomize=True, max_examples=200, deadline=None)
@given(election=elections(), cost=st.integers(1, 3), data=st.data())
def test_plurality_equals_the_definition(election, cost, data):
    votes, n_classes = election
    target = data.draw(st.integers(0, n_classes))
    predicted, radius = plurality_radius(votes, n_classes, cost=cost, target=target)
    counts = count_votes(votes, n_classes)
    for row, label, found in zip(counts.tolist(), predicted, radius, strict=True):
        own = row[target] if target < n_classes else 0
        turned = target == n_classes  # an invented label needs a vote
        while label != target and turned < sum(
            max(0, n + (c < target < n_classes) - own - turned)
            for c, n in enumerate(row)
            if c != target
        ):
            turned += 1
        assert found == (-1 if label == target else (turned - 1) // cost)


@settings(derandomize=True, max_examples=200, deadline=None)
@given(problem=problems(), cost=st.integers(1, 3), phantom=st.booleans(), data=st.data())
def test_no_target_is_easier_than_any_change(problem, cost, phantom, data):
    votes, spread, n_classes = problem
    target = data.draw(st.integers(0, n_classes - 1 + phantom))
    options = {"cost": cost, "phantom": phantom}
    alone = plurality_radius(votes, n_classes, **options)
    targeted = plurality_radius(votes, n_classes, target=target, **options)
    np.testing.assert_array_equal(targeted[0], alone[0])
    np.testing.assert_array_equal(targeted[1] == -1, alone[0] == target)
    others = alone[0] != target
    assert (targeted[1] >= alone[1])[others].all()
    plain = None
    for tighten in (False, True):
        predicted, radius = overlap_radius(votes, spread, n_classes, tighten=tighten, **options)
        same, against = overlap_radius(
            votes, spread, n_classes, tighten=tighten, target=target, **options
        )
        np.testing.assert_array_equal(same, predicted)
        np.testing.assert_array_equal(against == -1, predicted == target)
        assert (against >= radius)[others].all()
        assert (against <= len(spread) // cost).all()
        assert plain is None or (against >= plain).all()
        plain = against


def test_the_hardest_of_all_targets_is_any_change():
    rng = np.random.default_rng(0)
    votes = rng.choice(5, p=[0.4, 0.3, 0.15, 0.1, 0.05], size=(300, 31))
    predicted, radius = plurality_radius(votes, 5)
    by_target = np.array([plurality_radius(votes, 5, target=b)[1] for b in range(6)])
    np.testing.assert_array_equal(np.where(by_target < 0, 99, by_target).min(axis=0), radius)
    assert (by_target.max(axis=0) > radius + 3).mean() > 0.5


def test_one_voter_per_partition_is_plurality():
    rng = np.random.default_rng(1)
    for n_classes in (1, 2, 3, 10):
        votes = rng.integers(ABSTAINS, n_classes, size=(100, 23))
        for target in range(n_classes + 1):
            for cost in (1, 2):
                options = {"target": target, "cost": cost}
                expected = plurality_radius(votes, n_classes, **options)
                for tighten in (False, True):
                    actual = overlap_radius(
                        votes, np.arange(23)[:, None], n_classes, tighten=tighten, **options
                    )
                    np.testing.assert_array_equal(actual, expected)


def test_no_attack_on_overlapping_parts_within_the_radius():
    n_exact = n_cases = n_above = 0
    for votes, spread, n_classes, _ in small_cases():
        for target in range(n_classes + 1):
            least = least_attack_for(votes.tolist(), spread.tolist(), target, n_classes)
            options = {"n_classes": n_classes, "target": target}
            plain = overlap_radius([votes], spread, **options)[1][0]
            tightened = overlap_radius([votes], spread, tighten=True, **options)[1][0]
            assert plain <= tightened < max(least, 1), (votes, spread, target)
            n_exact += tightened == least - 1
            n_above += plain > overlap_radius([votes], spread, n_classes)[1][0]
            n_cases += 1
    # the certificate is not merely cautious
    assert n_exact > 0.97 * n_cases
    assert n_above > 150


def targeted_by_sorting(votes, spread, n_classes, target):
    """The bound as it is stated: for each k, sort what each partition can take and add it up."""
    radii = []
    for row in votes:
        n_votes = np.bincount(row[row >= 0], minlength=n_classes)
        own = n_votes[target] if target < n_classes else 0
        leads = n_votes - own + (np.arange(n_classes) < (target if target < n_classes else 0))
        order = sorted(set(range(n_classes)) - {target}, key=lambda c: -leads[c])
        radius = 0
        for k in range(1, len(order) + 1):
            weights = np.where(row == target, 0, k + np.isin(row, order[:k]))
            taken = np.sort(weights[spread].sum(axis=1))[::-1].cumsum()
            radius = max(radius, int((taken < leads[order[:k]].sum()).sum()))
        radii.append(-1 if n_votes.argmax() == target else radius)
    return radii


@pytest.mark.parametrize("by_numpy", [False, True])
def test_overlap_equals_the_reference(by_numpy, monkeypatch):
    monkeypatch.setattr(FirstWork, "takes", lambda self, n_operations: by_numpy)
    rng = np.random.default_rng(2)
    for n_classes, offsets in [(4, [0, 3, 17, 20]), (12, [0, 1]), (2, range(16))]:
        spread = cyclic_spread(60, list(offsets))
        votes = correlated_votes(rng, 12, spread, n_classes)
        votes[rng.random(votes.shape) < 0.05] = ABSTAINS
        for used in (spread, np.r_[spread, rng.permutation(spread[:9])]):
            for target in range(n_classes + 1):
                radius = overlap_radius(votes, used, n_classes, target=target)[1]
                assert radius.tolist() == targeted_by_sorting(votes, used, n_classes, target)


@pytest.mark.parametrize("by_numpy", [False, True])
def test_voters_for_the_target_have_nothing_to_give(by_numpy, monkeypatch):
    # each partition reaches all that are for class 2 already, and one of the others
    monkeypatch.setattr(FirstWork, "takes", lambda self, n_operations: by_numpy)
    votes = np.array([[0] * 6 + [1] * 6 + [2] * 4])
    spread = np.array([[voter, 12, 13, 14, 15] for voter in range(6)])
    assert targeted_by_sorting(votes, spread, 3, 2) == [1]
    assert overlap_radius(votes, spread, 3, target=2)[1] == [1]


def test_partitions_that_share_voters_do_no_more_damage_than_one():
    # whatever voters 0 and 1 say, five votes remain
    votes, spread = [[0] * 7 + [1] * 4], [[0, 1]] * 5
    for tighten in (False, True):
        options = {"n_classes": 3, "tighten": tighten}
        assert overlap_radius(votes, spread, target=2, **options)[1] == [5]
        assert overlap_radius(votes, spread, target=2, cost=2, **options)[1] == [2]
        assert overlap_radius(votes, spread, target=1, **options)[1] == [0]


def test_tightening_helps_against_targets():
    rng = np.random.default_rng(3)
    spread = unequal_spread(rng, 160, 8, 0.8)
    votes = correlated_votes(rng, 20, spread, 4)
    gained = 0
    for target in range(4):
        plain = overlap_radius(votes, spread, 4, target=target)[1]
        gained += (overlap_radius(votes, spread, 4, target=target, tighten=True)[1] - plain).sum()
    assert gained > 10


@settings(derandomize=True, deadline=None, max_examples=150)
@given(
    st.sampled_from(SAMPLINGS),
    st.sampled_from(THREAT_MODELS),
    st.integers(1, 4),
    st.integers(0, 2**32 - 1),
    st.booleans(),
)
def test_bagging_is_never_below_the_radius_without_a_target(
    sampling, threat_model, n_classes, seed, share
):
    rng = np.random.default_rng(seed)
    shares = rng.dirichlet(np.full(n_classes + 1, 0.4))
    counts = rng.multinomial(int(rng.integers(5, 300)), shares, size=4)[:, :n_classes]
    n_voters = int(counts.sum(axis=1).max())
    rules = {
        "n_rows": int(rng.integers(50, 500)),
        "max_samples": 0.02 if share else int(rng.integers(1, 10)),
        "sampling": sampling,
        "threat_model": threat_model,
        "n_voters": max(n_voters, 1),
        "alpha": 0.05,
    }
    predicted, radius = bagging_radius(counts, **rules)
    for target in range(n_classes + 1):
        same, against = bagging_radius(counts, target=target, **rules)
        np.testing.assert_array_equal(same, predicted)
        assert (against[predicted == target] == -1).all()
        assert (against >= radius)[predicted != target].all()


def test_bagging_looks_at_the_upper_bound_of_the_target():
    counts, rules = [[600, 350, 50]], {"n_rows": 60_000, "max_samples": 100}
    radius = bagging_radius(counts, **rules)[1][0]
    by_target = [bagging_radius(counts, target=b, **rules)[1][0] for b in range(4)]
    assert by_target[0] == -1
    assert radius == by_target[1] < by_target[2] < by_target[3]
    # two classes, one bound each: the radius is that of the same shares without the third class
    assert by_target[3] == bagging_radius([[600]], alpha=0.001 / 3, n_voters=1000, **rules)[1][0]


@pytest.mark.parametrize(
    ("target", "phantom", "message"),
    [
        (2, False, "target must lie between 0 and n_classes - 1 = 1"),
        (3, True, "target must lie between 0"),
        (-1, True, "target must lie between 0"),
        (1.0, True, "target must be the index of a class"),
        (True, True, "target must be the index of a class"),
        ("spam", True, "target must be the index of a class"),
    ],
)
def test_bad_targets(target, phantom, message):
    calls = [
        lambda: plurality_radius([[0, 1]], 2, phantom=phantom, target=target),
        lambda: overlap_radius([[0, 1]], [[0]], 2, phantom=phantom, target=target),
    ]
    if phantom:
        calls.append(lambda: bagging_radius([[5, 1]], 100, 5, target=target))
    for call in calls:
        with pytest.raises(InvalidInputError, match=message):
            call()


def test_no_samples():
    votes = np.empty((0, 4), dtype=int)
    for predicted, radius in (
        plurality_radius(votes, 2, target=1),
        overlap_radius(votes, [[0, 1]], 2, target=1),
        overlap_radius(votes, [[0, 1]], 2, target=1, tighten=True),
        bagging_radius(votes, 9, 2, target=1),
    ):
        assert predicted.shape == radius.shape == (0,)
