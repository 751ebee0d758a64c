"""Bagging's radius against exact rational arithmetic and explicit learners."""

from decimal import Decimal, localcontext
from fractions import Fraction
from itertools import product
from math import comb

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sklearn_certify.certificates import _label_probabilities as bounds
from sklearn_certify.certificates import _resampling_gaps as gaps
from sklearn_certify.certificates.resampling import bagging_radius
from sklearn_certify.threat import THREAT_MODELS

from .bagging_attacks import (
    SAMPLINGS,
    adversarial_votes,
    atoms_of_attack,
    exact_margin,
    exact_radius,
    fewest_votes,
    most_votes,
    quick,
    radius_for_bounds,
    reachable,
)


@quick
@given(
    n=st.integers(1, 9),
    k=st.integers(1, 5),
    threat_model=st.sampled_from(THREAT_MODELS),
    sampling=st.sampled_from(SAMPLINGS),
    votes=st.lists(st.sampled_from([0, 1, 3, 40, 500, 9000]), min_size=1, max_size=4),
    alpha=st.sampled_from([1e-9, 0.001, 0.3]),
    inclusion=st.sampled_from([0.05, 0.125, 0.3, 1.0]),
)
def test_radius_equals_exact_search(n, k, threat_model, sampling, votes, alpha, inclusion):
    if sum(votes) == 0 or (sampling == "without_replacement" and k > n):
        return
    draws = inclusion if sampling == "bernoulli" else k
    predicted, radius = bagging_radius(
        [votes], n, draws, alpha=alpha, threat_model=threat_model, sampling=sampling
    )
    assert predicted[0] == votes.index(max(votes))
    error, total = alpha / len(votes), sum(votes)
    top, *others = sorted(votes, reverse=True)
    lower = bounds.lower_probability_bounds(np.array([top]), total, error)[0]
    upper = bounds.upper_probability_bounds(np.array(others[:1]), total, error) if others else [0]
    if lower <= upper[0]:
        assert radius[0] == -1
    else:
        margin = exact_margin(lower, upper[0], n, draws, sampling)
        assert radius[0] == exact_radius(margin, n, draws, threat_model, sampling)


@pytest.mark.parametrize("threat_model", THREAT_MODELS)
@pytest.mark.parametrize("sampling", SAMPLINGS)
def test_radius_equals_exact_search_on_a_grid_of_margins(threat_model, sampling):
    for n, k in product((2, 5, 12), (1, 2, 4)):
        if sampling == "without_replacement" and k > n:
            continue
        draws = k / 40 if sampling == "bernoulli" else k
        for margin in (1e-12, 0.0101, 0.1003, 0.33, 0.5001, 0.77, 0.9003, 0.999999):
            found = radius_for_bounds(margin, 0, n, draws, threat_model, sampling)
            assert found == exact_radius(Fraction(margin), n, draws, threat_model, sampling)


def test_margin_is_rounded_to_samples_as_in_theorem_1():
    lower, upper = np.array([0.7, 0.5, 2.0**-60, 0.9]), np.array([0.1, 0.25, 0.0, 0.9 - 2.0**-53])
    for n, k in ((1, 3), (2, 1), (3, 2), (7, 30), (2, 64), (2, 65), (3, 45)):
        margins = gaps.probability_margin(lower, upper, n, k)
        for margin, high, low in zip(margins, lower, upper, strict=True):
            exact = exact_margin(high, low, n, k, "with_replacement")
            loss = Fraction(0) if k * np.log2(n) <= 64 else Fraction(2, n**k)
            ulp = abs(exact) / 2**52
            assert exact - loss - ulp <= Fraction(margin) <= exact + ulp


@pytest.mark.parametrize("sampling", SAMPLINGS)
def test_a_gap_that_equals_the_margin_is_not_certified(sampling):
    draws = 0.25 if sampling == "bernoulli" else 1
    # one of four rows lost: 1 - P_E = 1/4 exactly, under all samplings
    assert radius_for_bounds(0.25, 0, 4, draws, "delete", sampling) == 0
    assert radius_for_bounds(0.2500001, 0, 4, draws, "delete", sampling) == 1
    assert radius_for_bounds(0.5, 0, 4, draws, "modify", sampling) == 0
    assert radius_for_bounds(0.5000001, 0, 4, draws, "modify", sampling) == 1


def decimal_gap(n, r, k, threat_model, sampling):
    """The worst gap to 50 digits, from products."""
    with localcontext() as context:
        context.prec = 60
        rows = n + r if threat_model == "insert" else n
        if sampling == "with_replacement":
            avoided = (1 - Decimal(r) / rows) ** k
        elif sampling == "without_replacement":
            avoided = Decimal(1)
            for i in range(min(r, k)):
                avoided *= 1 - Decimal(max(r, k)) / (rows - i)
        else:
            avoided = (1 - Decimal(k)) ** r
        return {"insert": 1 / avoided - 1, "delete": 1 - avoided, "modify": 2 - 2 * avoided}[
            threat_model
        ]


@pytest.mark.parametrize("threat_model", ["insert", "delete", "modify"])
@pytest.mark.parametrize("sampling", SAMPLINGS)
def test_huge_training_sets(threat_model, sampling):
    for n, k in ((10**9, 10**6), (10**9, 10**5), (10**9, 1), (10**9, 30), (10**7, 10**6), (65, 60)):
        draws = k / n if sampling == "bernoulli" else k
        for margin in (1e-3, 0.49, 0.987):
            r = radius_for_bounds(margin, 0, n, draws, threat_model, sampling)
            if min(r, k) > 3000 and sampling == "without_replacement":
                continue  # the reference is a product of that many terms
            if r:
                assert decimal_gap(n, r, draws, threat_model, sampling) < Decimal(margin)
            if r + 1 < n and (sampling != "without_replacement" or r + 1 <= n - k):
                assert decimal_gap(n, r + 1, draws, threat_model, sampling) >= Decimal(
                    margin * (1 - 1e-12)
                )


@quick
@given(st.integers(1, 60), st.integers(0, 60), st.integers(1, 60))
def test_exposure_without_replacement(n, r, k):
    exposure = gaps.exposure_without_replacement(np.array([n]), np.array([r]), k)[0]
    avoided = comb(n - r, k) / comb(n, k) if r <= n and k <= n else 0
    assert np.exp(-exposure) == pytest.approx(avoided, rel=1e-12, abs=0)


# ---- explicit learners ----


@pytest.mark.parametrize("threat_model", THREAT_MODELS)
@pytest.mark.parametrize("sampling", SAMPLINGS)
def test_no_learner_loses_within_the_radius_and_one_loses_beyond(threat_model, sampling):
    tight = 0
    for n, k, share in product((2, 3, 4), (1, 2, 3), (1, Fraction(7, 8), Fraction(5, 8))):
        if sampling == "without_replacement" and k > n:
            continue
        draws = Fraction(k, 4) if sampling == "bernoulli" else k
        grid = n**k if sampling == "with_replacement" else 64  # no deltas
        lower = Fraction(int(share * grid), grid)
        upper = min(1 - lower, Fraction(grid // 8, grid))
        if lower <= upper:
            continue
        given_draws = float(draws) if sampling == "bernoulli" else draws
        r = radius_for_bounds(lower, upper, n, given_draws, threat_model, sampling)
        for attack in reachable(n, r, threat_model):
            atoms = atoms_of_attack(n, *attack, draws, sampling)
            assert fewest_votes(atoms, lower) > most_votes(atoms, upper)
        fewest_rows = k if sampling == "without_replacement" else 1
        further = [
            (removed, added)
            for removed, added in reachable(n, r + 1, threat_model)
            if n - removed + added >= fewest_rows and r + 1 in (removed, added, removed + added)
        ]
        if not further or (r + 1 >= n and sampling == "bernoulli"):
            continue  # no further attack, or one that may delete all rows
        votes = [
            adversarial_votes(atoms_of_attack(n, *attack, draws, sampling), lower, upper)
            for attack in further
        ]
        assert any(lost <= won for lost, won in votes)
        tight += 1
    assert tight >= 8


@pytest.mark.parametrize("threat_model", THREAT_MODELS)
def test_bernoulli_samples_of_k_rows_on_average(threat_model):
    certified = 0
    for n, k in ((3, 1), (5, 1), (6, 2), (7, 1), (7, 3)):
        for upper in (Fraction(0), Fraction(1, 50), Fraction(1, 5)):
            lower = 1 - upper
            r = radius_for_bounds(lower, upper, n, k, threat_model, "bernoulli")
            certified += r > 0
            for removed, added in reachable(n, r, threat_model):
                if n - removed + added + n > 13:
                    continue
                after = min(Fraction(k, n - removed + added), Fraction(1))
                atoms = atoms_of_attack(n, removed, added, Fraction(k, n), "bernoulli", after)
                assert fewest_votes(atoms, lower) > most_votes(atoms, upper)
    assert certified


def sizes_of_attack(n, removed, added, k):
    """(P, Q) of all samples of one size that hold intact rows only, and of all the others."""
    intact, after = n - removed, n - removed + added
    q, q_after = Fraction(k, n), min(Fraction(k, after), Fraction(1))
    atoms = [
        (
            comb(intact, s) * q**s * (1 - q) ** (n - s),
            comb(intact, s) * q_after**s * (1 - q_after) ** (after - s),
        )
        for s in range(intact + 1)
    ]
    lost, new = (1 - sum(column) for column in zip(*atoms, strict=True))
    return [*atoms, (lost, Fraction(0)), (Fraction(0), new)]


@pytest.mark.parametrize("threat_model", THREAT_MODELS)
def test_bernoulli_samples_of_k_rows_on_average_by_size(threat_model):
    for n, k in ((20, 1), (40, 2), (40, 12)):
        for upper in (Fraction(0), Fraction(1, 4)):
            r = radius_for_bounds(1 - upper, upper, n, k, threat_model, "bernoulli")
            for removed, added in reachable(n, r, threat_model):
                if removed + added < r - 1 and (removed + added) % 5:
                    continue
                atoms = sizes_of_attack(n, removed, added, k)
                assert fewest_votes(atoms, 1 - upper) > most_votes(atoms, upper)


@quick
@given(st.integers(2, 40), st.sampled_from([0.0, 1e-9, 0.02, 0.3, 0.5, 0.9, 0.999, 1.0]), st.data())
def test_inclusion_drift_bounds_the_loss_of_every_event(n, share, data):
    k = data.draw(st.integers(1, n - 1))
    after = data.draw(st.integers(k + 1, 2 * n))
    q, q_after = Fraction(k, n), Fraction(k, after)
    atoms = [
        tuple(comb(n, s) * p**s * (1 - p) ** (n - s) for p in (q, q_after)) for s in range(n + 1)
    ]
    loss = Fraction(share) - fewest_votes(atoms, Fraction(share))
    bound = gaps.InclusionDrift(np.array([share]), n, k, shrinks=after < n)
    drift = Fraction(bound(np.array([float(after)]), np.array([0]))[0])
    variation = sum(abs(a - b) for a, b in atoms) / 2
    assert loss * (1 - Fraction(1, 10**12)) <= drift <= 2 * variation
