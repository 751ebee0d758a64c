"""Forecasts: votes are counted as certificates count them, and what is filled in is unbiased."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from sklearn_certify.certificates import count_votes, plurality_radius
from sklearn_certify.lethal_dose._balanced_sample import balanced_sample, label_traits
from sklearn_certify.lethal_dose._forecast import _outcomes, forecast
from sklearn_certify.lethal_dose._sampled_voters import SampledVotes
from sklearn_certify.lethal_dose._unexplained import Unexplained
from sklearn_certify.metrics import certified_accuracy_score


def true_accuracies(votes, truth, n_classes, sizes, **rules):
    predicted, radii = plurality_radius(votes, n_classes, **rules)
    return certified_accuracy_score(truth, predicted, radii, sizes)


def sample_of(votes, truth, n_classes, chosen):
    constant = np.full((len(chosen), 1), len(chosen) ** -0.5)
    return SampledVotes(votes.shape[1], votes[:, chosen], truth, n_classes, constant)


@settings(derandomize=True, deadline=None, max_examples=60)
@given(
    st.integers(1, 4),
    st.integers(1, 12),
    st.integers(0, 2**32 - 1),
    st.sampled_from([1, 2]),
    st.booleans(),
)
def test_votes_of_all_voters_leave_nothing_to_fill_in(n_classes, n_voters, seed, cost, phantom):
    rng = np.random.RandomState(seed)
    votes = rng.randint(-1, n_classes, size=(30, n_voters))
    truth = rng.randint(-1, n_classes, size=30)
    sizes = np.arange(n_voters + 1)
    expected = true_accuracies(votes, truth, n_classes, sizes, cost=cost, phantom=phantom)
    counts = count_votes(votes, n_classes)
    counts = np.column_stack([counts, n_voters - counts.sum(axis=1)])
    rules = {"truth": truth, "poison_sizes": sizes, "cost": cost, "phantom": phantom}
    np.testing.assert_allclose(_outcomes(counts, **rules)[:-1], expected)
    sampled = sample_of(votes, truth, n_classes, np.arange(n_voters))
    found = forecast(sampled, sizes, cost=cost, phantom=phantom, seed=0)
    np.testing.assert_allclose(found.certified_accuracy, expected)
    right = (votes == truth[:, np.newaxis])[truth >= 0].sum()
    assert found.voter_accuracy == pytest.approx(right / votes.size)


def drawn_votes(rng, n_queries, n_voters, n_classes=4):
    """Votes of voters that are draws of one kind, on queries of all degrees of difficulty."""
    truth = rng.randint(n_classes, size=n_queries)
    weights = np.full((n_queries, n_classes), 0.4)
    weights[np.arange(n_queries), truth] = rng.choice([1.0, 3.0, 20.0], size=n_queries)
    shares = rng.standard_gamma(weights)
    shares /= shares.sum(axis=1, keepdims=True)
    draws = rng.uniform(size=(n_queries, n_voters, 1))
    return (draws > np.cumsum(shares, axis=1)[:, None, :-1]).sum(axis=2), truth


@pytest.mark.parametrize(("n_voters", "n_sampled"), [(40, 30), (300, 60), (301, 20)])
def test_forecasts_come_near_the_truth(n_voters, n_sampled):
    votes, truth = drawn_votes(np.random.RandomState(0), 3000, n_voters)
    sizes = np.linspace(0, n_voters // 2, 12).astype(int)
    sampled = sample_of(votes, truth, 4, np.arange(n_sampled))
    found = forecast(sampled, sizes, cost=1, phantom=True, seed=0)
    expected = true_accuracies(votes, truth, 4, sizes)
    assert np.abs(found.certified_accuracy - expected).max() < (0.015 if n_sampled > 20 else 0.04)
    assert (np.diff(found.certified_accuracy) <= 0).all()
    share = np.mean(
        np.abs(found.certified_accuracy - expected) <= 3 * found.certified_accuracy_error
    )
    assert share > 0.9


def test_scaled_counts_would_be_further_off():
    votes, truth = drawn_votes(np.random.RandomState(1), 3000, 300)
    sizes = np.array([0, 30, 60, 90])
    sampled = sample_of(votes, truth, 4, np.arange(12))
    found = forecast(sampled, sizes, cost=1, phantom=True, seed=0).certified_accuracy
    scaled = true_accuracies(np.repeat(votes[:, :12], 25, axis=1), truth, 4, sizes)
    expected = true_accuracies(votes, truth, 4, sizes)
    assert np.abs(found - expected).max() < np.abs(scaled - expected).max()


def voters_with_stand_ins(rng, n_queries=400, n_voters=300, n_classes=3):
    """Voters of which some are better than others, in what their stand-ins are better as well."""
    truth = rng.randint(n_classes, size=n_queries)
    ease = rng.normal(0.7, 1.0, size=(n_queries, 1))
    shared = 0.5 * rng.normal(size=n_voters) + rng.normal(size=(n_queries, n_voters))
    wrong = (truth[:, np.newaxis] + rng.randint(1, n_classes, size=(n_queries, 1))) % n_classes

    def ballots(own_ease):
        own = rng.normal(scale=0.5, size=(n_queries, n_voters))
        return np.where(own_ease + shared + own > 0, truth[:, np.newaxis], wrong)

    return ballots(ease), ballots(0.8 * ease + 0.3), truth


def forecast_with_stand_ins(votes, stand_ins, truth, n_classes, chosen, sizes, *, use):
    sampled = sample_of(votes, truth, n_classes, chosen)
    if use:
        others = np.delete(stand_ins, chosen, axis=1)
        shares = count_votes(others, n_classes) / others.shape[1]
        sampled = replace(sampled, stand_ins=stand_ins[:, chosen], other_stand_ins=shares)
    return forecast(sampled, sizes, cost=1, phantom=True, seed=0)


def test_stand_ins_make_errors_smaller_and_bands_hold():
    sizes = np.arange(0, 150, 10)
    errors, inside = {True: [], False: []}, {True: [], False: []}
    for seed in range(20):
        rng = np.random.RandomState(seed)
        votes, stand_ins, truth = voters_with_stand_ins(rng)
        expected = true_accuracies(votes, truth, 3, sizes)
        chosen = np.sort(rng.permutation(300)[:60])
        for use in (True, False):
            found = forecast_with_stand_ins(votes, stand_ins, truth, 3, chosen, sizes, use=use)
            error = np.abs(found.certified_accuracy - expected)
            errors[use].append(error)
            inside[use].append(error <= norm.ppf(0.95) * found.certified_accuracy_error)
    assert np.mean(np.square(errors[True])) < 0.6 * np.mean(np.square(errors[False]))
    assert np.mean(errors[True]) < 0.012
    assert min(np.mean(inside[True]), np.mean(inside[False])) >= 0.8  # of bands of 90 %


def test_stand_ins_that_know_nothing_do_no_harm():
    votes, _, truth = voters_with_stand_ins(np.random.RandomState(0))
    noise = np.random.RandomState(1).randint(3, size=votes.shape)
    sizes, chosen = np.arange(0, 150, 10), np.arange(60)
    with_them, without = (
        forecast_with_stand_ins(votes, noise, truth, 3, chosen, sizes, use=use)
        for use in (True, False)
    )
    off = np.abs(with_them.certified_accuracy - without.certified_accuracy)
    assert off.max() < 0.02


def test_what_stand_ins_explain_is_what_they_share_with_voters():
    rng = np.random.RandomState(0)
    votes = rng.randint(2, size=(500, 40))
    copied = rng.uniform(size=votes.shape) < 0.6
    stand_ins = np.where(copied, votes, rng.randint(2, size=votes.shape))
    constant = np.full((40, 1), 40**-0.5)
    found = Unexplained(constant, 400, votes, stand_ins, 2)
    assert found.slope == pytest.approx(0.6, abs=0.02)
    assert found.share == pytest.approx(1 - 0.6**2, abs=0.03)
    alone = Unexplained(constant, 400, votes, None, 2)
    assert (alone.slope, alone.share) == (0.0, pytest.approx(1.0))
    unanimous = Unexplained(constant, 400, np.ones_like(votes), stand_ins, 2)
    assert (unanimous.slope, unanimous.share) == (0.0, 1.0)


def test_one_voter_gives_a_forecast_too():
    votes, truth = drawn_votes(np.random.RandomState(0), 50, 9)
    found = forecast(sample_of(votes, truth, 4, [3]), np.arange(3), cost=1, phantom=True, seed=0)
    assert np.isfinite(found.certified_accuracy).all()
    assert np.isnan(found.agreement)


def test_voters_that_never_vote_certify_nothing():
    votes = np.full((20, 30), -1)
    sampled = sample_of(votes, np.ones(20, dtype=int), 3, np.arange(10))
    found = forecast(sampled, np.arange(5), cost=1, phantom=True, seed=0)
    np.testing.assert_array_equal(found.certified_accuracy, np.zeros(5))
    assert found.voter_accuracy == found.agreement == 0


def test_a_sample_has_the_labels_of_all():
    rng = np.random.RandomState(0)
    traits = label_traits(rng.randint(5, size=4000), rng.randint(200, size=4000), 200)
    assert traits[:, :5].sum() == 4000
    blind = traits[rng.permutation(200)[:40]].mean(axis=0) - traits.mean(axis=0)
    chosen, balanced = balanced_sample(traits, 40, np.random.RandomState(0))
    assert len(set(chosen)) == 40 and (np.diff(chosen) > 0).all()
    off = traits[chosen].mean(axis=0) - traits.mean(axis=0)
    assert np.abs(off / traits.std(axis=0)).max() < 0.25 * np.abs(blind / traits.std(axis=0)).max()
    np.testing.assert_allclose(balanced.T @ balanced, np.eye(balanced.shape[1]), atol=1e-12)


@pytest.mark.parametrize("size", [1, 2, 7])
def test_all_voters_or_few(size):
    traits = label_traits(np.arange(7) % 3, np.arange(7), 7)
    chosen, balanced = balanced_sample(traits, size, np.random.RandomState(0))
    assert len(chosen) == size == len(balanced)
