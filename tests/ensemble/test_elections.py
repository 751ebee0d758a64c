"""Elections: winners, shares and certificates come from the same ballots and agree."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sklearn_certify.certificates import (
    bagging_radius,
    joint_runoff_accuracy,
    plurality_radius,
    runoff_radius,
)
from sklearn_certify.ensemble._elections import Plurality, Runoff, SampledPlurality

RULES = {"cost": 1, "phantom": True}


def spread_of(n_voters):
    return np.arange(n_voters)[:, np.newaxis]


@st.composite
def many_votes(draw):
    n_classes, n_voters = draw(st.integers(1, 4)), draw(st.integers(1, 6))
    row = st.lists(st.integers(-1, n_classes - 1), min_size=n_voters, max_size=n_voters)
    return n_classes, np.array(draw(st.lists(row, min_size=1, max_size=8)))


@st.composite
def many_scores(draw):
    n_classes, n_voters = draw(st.integers(1, 4)), draw(st.integers(1, 6))
    voter = st.lists(
        st.sampled_from([-np.inf, 0.0, 1.0, 2.0]), min_size=n_classes, max_size=n_classes
    )
    row = st.lists(voter, min_size=n_voters, max_size=n_voters)
    return n_classes, np.array(draw(st.lists(row, min_size=1, max_size=8)))


def check_agreement(election, ballots):
    winners, radii = election.certificates(*election.tally(ballots))
    shares = election.shares(ballots)
    np.testing.assert_array_equal(election.winners(ballots), winners)
    np.testing.assert_array_equal(shares.argmax(axis=1), winners)
    np.testing.assert_allclose(shares.sum(axis=1), 1)
    assert (shares >= 0).all()
    assert len(radii) == len(ballots)
    assert election.counts(ballots).sum() == (election.votes(ballots) >= 0).sum()


@settings(derandomize=True, deadline=None, max_examples=200)
@given(many_votes())
def test_plurality(case):
    n_classes, votes = case
    election = Plurality(
        n_classes, radius=plurality_radius, spread=spread_of(votes.shape[1]), **RULES
    )
    check_agreement(election, votes)


@settings(derandomize=True, deadline=None, max_examples=400)
@given(many_scores(), st.booleans())
def test_runoff(case, may_abstain):
    n_classes, scores = case
    spread = spread_of(scores.shape[1])
    election = Runoff(n_classes, spread=spread, may_abstain=may_abstain, **RULES)
    check_agreement(election, scores)
    # the radius of the functions that people may call themselves
    expected = runoff_radius(scores, may_abstain=may_abstain)[1]
    np.testing.assert_array_equal(election.tally(scores)[1], expected)


@pytest.mark.parametrize("cost", [1, 2])
@pytest.mark.parametrize("may_abstain", [True, False])
def test_joint_accuracy_of_a_runoff_in_batches(cost, may_abstain):
    rng = np.random.default_rng(0)
    scores = rng.choice([-np.inf, 0.0, 1.0, 2.0], size=(60, 12, 3))
    scores[:, 4:, 1] += 1
    spread = (spread_of(12) + np.array([0, 3])) % 12
    rules = {"spread": spread, "cost": cost, "phantom": True, "may_abstain": may_abstain}
    election = Runoff(3, **rules)
    parts = [election.joint_tally(scores[:25]), election.joint_tally(scores[25:])]
    tallies = map(np.concatenate, zip(*parts, strict=True))
    y, sizes = np.where(np.arange(60) % 9, 1, -1), np.array([0, 1, 2, 3])
    expected = joint_runoff_accuracy(scores, y, sizes, **rules)
    np.testing.assert_array_equal(election.joint_accuracy(tallies, y, sizes), expected)
    assert len(set(expected)) > 1


@settings(derandomize=True, deadline=None, max_examples=100)
@given(many_votes())
def test_sampled_plurality(case):
    n_classes, votes = case
    election = SampledPlurality(
        n_classes,
        seen=np.ones(n_classes, dtype=bool),
        n_units=20,
        n_voters=votes.shape[1],
        max_samples=3,
        alpha=0.1,
    )
    check_agreement(election, votes)


def test_the_second_round_decides_the_shares():
    # class 0 leads the first round by 3 to 2 to 2; the voters of class 2 prefer class 1
    scores = np.array([3 * [[2, 1, 0]] + 2 * [[0, 2, 1]] + 2 * [[0, 1, 2]]], dtype=float)
    election = Runoff(3, spread=spread_of(7), **RULES)
    np.testing.assert_array_equal(election.counts(scores), [[3, 2, 2]])
    np.testing.assert_allclose(election.shares(scores), [[3 / 7, 4 / 7, 0]])
    assert election.winners(scores) == [1]


def test_confidence_is_spent_on_all_rows_together():
    votes = np.zeros((4, 200), dtype=np.int8)
    rules = {"n_voters": 200, "max_samples": 5, "alpha": 0.05}
    election = SampledPlurality(2, seen=np.array([True, True]), n_units=5000, **rules)
    parts = [election.tally(votes[:1]), election.tally(votes[1:])]
    together = election.certificates(*map(np.concatenate, zip(*parts, strict=True)))
    expected = bagging_radius(election.counts(votes), 5000, **rules)
    np.testing.assert_array_equal(together, expected)
    alone = election.certificates(*election.tally(votes[:1]))[1]
    assert alone[0] > together[1][0]  # fewer rows share the confidence


def test_a_label_that_no_row_has_costs_no_confidence():
    votes = np.zeros((1, 200), dtype=np.int8)
    rules = {"n_units": 5000, "n_voters": 200, "max_samples": 5, "alpha": 0.05}
    radius_of = {
        n_seen: SampledPlurality(40, seen=np.arange(40) < n_seen, **rules) for n_seen in (2, 40)
    }
    radii = {n: e.certificates(*e.tally(votes))[1][0] for n, e in radius_of.items()}
    assert radii[2] > radii[40]


@pytest.mark.parametrize("election", [Plurality, Runoff, SampledPlurality])
def test_an_election_says_what_it_needs(election):
    assert election.ballots in ("votes", "scores")
    assert election.bytes_per_ballot >= 1
    assert election.has_joint_accuracy == (election is not SampledPlurality)
