"""Bagging's certificate against exact rational arithmetic and explicit attacks."""

from decimal import Decimal, localcontext
from fractions import Fraction
from itertools import combinations, product
from math import comb, factorial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sklearn_certify.certificates import _label_probabilities as bounds
from sklearn_certify.certificates import _resampling_gaps as gaps
from sklearn_certify.certificates import resampling
from sklearn_certify.certificates.resampling import bagging_radius
from sklearn_certify.exceptions import InvalidInputError
from sklearn_certify.threat import THREAT_MODELS, find_threat_model

SAMPLINGS = ("with_replacement", "without_replacement", "bernoulli")
quick = settings(derandomize=True, deadline=None, max_examples=150)


def radius_for_bounds(lower, upper, n_rows, draws, threat_model, sampling):
    """The radius that follows from bounds on the probabilities, deltas left aside."""
    model = find_threat_model(threat_model)
    limit = resampling._check_max_samples(draws, n_rows, sampling, model)[1]
    lower, upper = np.array([float(lower)]), np.array([float(upper)])
    gap = resampling._gap_of_attacks(n_rows, draws, model, sampling, lower, upper)
    return int(resampling._largest_safe(gap, lower - upper, limit)[0])


# ---- an independent, slow reference ----


def reachable(n, r, threat_model):
    """All (removed, added) of attacks with at most r units on n rows."""
    for removed, added in product(range(min(n, r) + 1), range(r + 1)):
        if {
            "insert": removed == 0,
            "delete": added == 0,
            "insert_delete": removed + added <= r,
            "modify": True,
            "label_flip": removed == added,
        }[threat_model]:
            yield removed, added


def exact_gap(n, removed, added, draws, sampling):
    """gamma + 1 - 2 P_E as a Fraction; infinite where the attacked set cannot be sampled."""
    after, intact = n - removed + added, n - removed
    if after == 0:
        return float("inf")
    if sampling == "with_replacement":
        return Fraction(after, n) ** draws + 1 - 2 * Fraction(intact, n) ** draws
    if sampling == "without_replacement":
        if after < draws:
            return float("inf")
        return 1 + Fraction(comb(after, draws) - 2 * comb(intact, draws), comb(n, draws))
    left_out = 1 - Fraction(draws)
    if left_out == 0:
        return float("inf") if removed + added else 0
    return left_out ** (removed - added) + 1 - 2 * left_out**removed


def exact_radius(margin, n, draws, threat_model, sampling):
    """The largest r all of whose attacks have a gap below the margin, by trying them all."""
    r = 0
    while not (threat_model == "label_flip" and r == n) and all(
        exact_gap(n, removed, added, draws, sampling) < margin
        for removed, added in reachable(n, r + 1, threat_model)
    ):
        r += 1
    return r


def exact_margin(lower, upper, n, draws, sampling):
    lower, upper = Fraction(lower), Fraction(upper)
    if sampling != "with_replacement":
        return lower - upper
    grid = n**draws
    return Fraction(lower * grid // 1 + -upper * grid // 1, grid)


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


def sample_law(rows, draws, sampling):
    """Probability of each sample of the rows, as a dict of Fractions."""
    if sampling == "with_replacement":
        return {s: Fraction(1, len(rows) ** draws) for s in product(rows, repeat=draws)}
    if sampling == "without_replacement":
        samples = list(combinations(rows, draws))
        return {s: Fraction(1, len(samples)) for s in samples}
    q = Fraction(draws)
    return {
        s: q ** len(s) * (1 - q) ** (len(rows) - len(s))
        for size in range(len(rows) + 1)
        for s in combinations(rows, size)
    }


def atoms_of_attack(n, removed, added, draws, sampling, draws_after=None):
    """(P, Q) of every sample, before and after the attack. Row numbers are sorted in samples."""
    before = sample_law(range(n), draws, sampling)
    after_rows = range(removed, n + added)  # 0 .. removed - 1 go, n .. n + added - 1 come
    after = sample_law(after_rows, draws if draws_after is None else draws_after, sampling)
    return [(before.get(s, 0), after.get(s, 0)) for s in before.keys() | after.keys()]


def fewest_votes(atoms, lower):
    """Neyman and Pearson: the least Q(l) of a randomised learner with P(l) >= lower."""
    left, votes = lower, Fraction(0)
    for p, q in sorted((a for a in atoms if a[0]), key=lambda a: a[1] / a[0]):
        share = min(p, left)
        votes += share * q / p
        left -= share
    return votes


def most_votes(atoms, upper):
    """The greatest Q(s) of a randomised learner with P(s) <= upper."""
    votes, left = sum(q for p, q in atoms if p == 0), upper
    for p, q in sorted((a for a in atoms if a[0]), key=lambda a: -a[1] / a[0]):
        share = min(p, left)
        votes += share * q / p
        left -= share
    return votes


def adversarial_votes(atoms, lower, upper):
    """(Q(l), Q(s)) of Theorem 2's learner: one vote per sample, P(l) = lower and P(s) = upper."""
    shares = [[Fraction(0), Fraction(0)] for _ in atoms]
    left = lower
    for i in sorted(range(len(atoms)), key=lambda i: atoms[i][1] > 0):  # lost samples first
        if atoms[i][0]:
            shares[i][0] = min(Fraction(1), left / atoms[i][0])
            left -= shares[i][0] * atoms[i][0]
    left = upper
    for i in sorted(range(len(atoms)), key=lambda i: atoms[i][1] == 0):  # intact ones first
        p = atoms[i][0]
        shares[i][1] = min(1 - shares[i][0], left / p) if p else Fraction(1)
        left -= shares[i][1] * p
    assert all(min(a, b) >= 0 and a + b <= 1 for a, b in shares)
    assert sum(s[0] * p for s, (p, _) in zip(shares, atoms, strict=True)) == lower
    assert sum(s[1] * p for s, (p, _) in zip(shares, atoms, strict=True)) == upper
    return tuple(sum(s[c] * q for s, (_, q) in zip(shares, atoms, strict=True)) for c in (0, 1))


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


# ---- confidence ----


@quick
@given(st.integers(1, 40), st.data())
def test_clopper_pearson_bounds_against_binomial_sums(n_voters, data):
    wins = data.draw(st.integers(0, n_voters))
    error = data.draw(st.sampled_from([0.3, 0.01, 1e-5, 1e-12]))
    lower = Fraction(bounds.lower_probability_bounds(np.array([wins]), n_voters, error)[0])
    upper = Fraction(bounds.upper_probability_bounds(np.array([wins]), n_voters, error)[0])

    def sum_of(wins_range, p):
        return sum(comb(n_voters, i) * p**i * (1 - p) ** (n_voters - i) for i in wins_range)

    above, below = range(wins, n_voters + 1), range(wins + 1)
    if wins == 0:
        assert lower == 0
    else:
        assert sum_of(above, lower) <= Fraction(error)
        assert sum_of(above, lower * (1 + Fraction(1, 10**7))) > Fraction(error)
    if wins == n_voters:
        assert upper == 1
    else:
        assert sum_of(below, upper) <= Fraction(error)
        step = (1 - upper) / 10**7 + Fraction(1, 2**52)
        assert sum_of(below, upper - step) > Fraction(error)


def test_a_bad_quantile_is_found_out(monkeypatch):
    wins = np.array([1, 7, 50, 99, 100])
    right = bounds.lower_probability_bounds(wins, 100, 1e-6)
    for factor in (1.001, 0.9, np.nan):
        monkeypatch.setattr(bounds, "betaincinv", lambda a, b, y, factor=factor: right * factor)
        found = bounds.lower_probability_bounds(wins, 100, 1e-6)
        np.testing.assert_allclose(found, right, rtol=1e-7)
        assert (found <= right * (1 + 1e-7)).all()


def vote_vectors(n_voters, n_classes):
    for votes in product(range(n_voters + 1), repeat=n_classes):
        if sum(votes) == n_voters:
            yield votes


@pytest.mark.parametrize(("n_voters", "n_classes"), [(1, 2), (7, 2), (3, 3), (8, 3), (5, 4)])
def test_wrong_certificates_are_rare_whatever_the_probabilities(n_voters, n_classes):
    n_rows, alpha = 1000, 0.4
    votes = list(vote_vectors(n_voters, n_classes))
    found = [
        [out[0] for out in bagging_radius([v], n_rows, 1, alpha=alpha, threat_model="delete",
                                          sampling="without_replacement")]
        for v in votes
    ]  # fmt: skip
    ways = [factorial(n_voters) / np.prod([factorial(c) for c in v]) for v in votes]
    steps = 12 if n_classes < 4 else 6
    for steps_of in vote_vectors(steps, n_classes):
        truth = np.array(steps_of) / steps
        wrong = 0.0
        for v, way, (label, radius) in zip(votes, ways, found, strict=True):
            margin = truth[label] - np.delete(truth, label).max()
            # without replacement, k = 1: deleting r of n rows takes r / n of the margin
            if radius > np.ceil(n_rows * margin - 1e-9) - 1 and radius >= 0:
                wrong += way * np.prod(truth ** np.array(v))
        assert wrong <= alpha


@pytest.mark.parametrize("error", [0.45, 0.2, 0.01])
def test_a_pair_of_classes_fails_with_no_more_than_its_error(error):
    for n_voters in (1, 2, 5, 9):
        lower = bounds.lower_probability_bounds(np.arange(n_voters + 1), n_voters, error)
        cells = [(x, y) for x in range(n_voters + 1) for y in range(x, n_voters + 1)]
        for total in np.unique([lower[x] + lower[y] for x, y in cells])[1:]:
            for p in np.linspace(max(0, total - 1), total / 2, 9):
                # class c has probability p, all but its rival total - p
                failing = sum(
                    comb(n_voters, y) * comb(y, x)
                    * p**x * max(total - 2 * p, 0) ** (y - x) * (1 - total + p) ** (n_voters - y)
                    for x, y in cells
                    if lower[x] + lower[y] >= total
                )  # fmt: skip
                assert failing <= error * (1 + 1e-9)


# ---- what users rely on ----


def test_paper_setting():
    # MNIST's 60,000 rows, k = 100, N = 1,000, ten classes, 10,000 queries
    votes = np.zeros((10_000, 10), dtype=np.int64)
    votes[:, 3], votes[:, 5] = 900, 100
    predicted, radius = bagging_radius(votes, 60_000, 100, threat_model="modify")
    assert (predicted == 3).all()
    assert len(np.unique(radius)) == 1
    lower = bounds.lower_probability_bounds(np.array([900]), 1000, 0.001 / 10**5)[0]
    upper = bounds.upper_probability_bounds(np.array([100]), 1000, 0.001 / 10**5)[0]
    assert radius[0] == np.ceil(60_000 * (1 - (1 - (lower - upper) / 2) ** 0.01)) - 1
    assert (bagging_radius(votes[:1], 60_000, 100, threat_model="modify")[1] >= radius[0]).all()


def test_ties_abstain_and_go_to_the_first_class():
    predicted, radius = bagging_radius([[5, 90, 90, 15]], 100, 3)
    assert predicted[0] == 1
    assert radius[0] == -1


def test_unanimous_votes_and_a_single_voter():
    assert bagging_radius([[1, 0]], 100, 1)[1][0] == -1
    # lower bound a = 0.45, upper bound of the rival 0.55: still no proof
    assert bagging_radius([[1, 0]], 100, 1, alpha=0.9)[1][0] == -1
    predicted, radius = bagging_radius([[0, 1000, 0]], 500, 1)
    assert predicted[0] == 1
    assert 400 < radius[0] < 500


@pytest.mark.parametrize("sampling", SAMPLINGS)
def test_one_class_has_no_rival(sampling):
    # p_l = a^(1/N), p_s = 0: an invented label starts from nothing
    lower = Fraction(bounds.lower_probability_bounds(np.array([100]), 100, 0.001)[0])
    predicted, radius = bagging_radius([[100]], 50, 1, threat_model="insert", sampling=sampling)
    assert predicted[0] == 0
    assert radius[0] == radius_for_bounds(
        exact_margin(lower, 0, 50, 1, sampling), 0, 50, 1, "insert", sampling
    )
    assert radius[0] > 10
    assert bagging_radius([[0]], 50, 1, n_voters=10)[1][0] == -1


def test_abstaining_voters_count_among_the_trials():
    few = bagging_radius([[90, 10]], 1000, 5, n_voters=200)[1][0]
    many = bagging_radius([[90, 10]], 1000, 5)[1][0]
    assert -1 <= few < many
    assert bagging_radius([[600, 10]], 1000, 5, n_voters=1000)[1][0] > 0


def test_input_types_and_empty_input():
    votes = np.array([[99, 1], [60, 40]])
    expected = bagging_radius(votes, 1000, 5)
    for given_votes in (votes.astype(np.uint8), votes.tolist(), np.asfortranarray(votes)):
        found = bagging_radius(given_votes, np.int32(1000), np.uint8(5))
        for a, b in zip(found, expected, strict=True):
            assert a.dtype == np.int64
            np.testing.assert_array_equal(a, b)
    predicted, radius = bagging_radius(np.empty((0, 3), dtype=int), 10, 2)
    assert predicted.shape == radius.shape == (0,)
    assert predicted.dtype == radius.dtype == np.int64


def test_label_flips_end_at_all_labels():
    # nearly all samples are empty: no amount of flipping matters
    flips = bagging_radius([[999, 1]], 7, 1e-6, threat_model="label_flip", sampling="bernoulli")
    assert flips[1][0] == 7
    deletions = bagging_radius([[999, 1]], 7, 1e-6, threat_model="delete", sampling="bernoulli")
    assert deletions[1][0] == 6


@pytest.mark.parametrize("inclusion", [1e-9, 1e-300, 5e-324])
def test_insertions_may_outnumber_the_rows(inclusion):
    radius = bagging_radius(
        [[999, 1]], 7, inclusion, threat_model="insert", sampling="bernoulli"
    )[1][0]  # fmt: skip
    assert radius == 2**62 if inclusion < 1e-200 else 10**8 < radius < 10**9


@pytest.mark.parametrize("sampling", SAMPLINGS[1:])
@pytest.mark.parametrize("threat_model", THREAT_MODELS)
def test_samples_of_all_rows_certify_nothing(threat_model, sampling):
    radius = bagging_radius([[999, 1]], 50, 50, threat_model=threat_model, sampling=sampling)[1][0]
    assert radius == 0


@pytest.mark.parametrize("sampling", SAMPLINGS[:2])
@pytest.mark.parametrize("threat_model", THREAT_MODELS)
def test_a_share_of_the_rows_keeps_its_sample_size(threat_model, sampling):
    for n, share in product((1, 2, 9, 40, 57), (0.01, 0.1, 1 / 3, 0.29, 1.0)):
        k = max(1, int(share * n))
        common = {"threat_model": threat_model, "sampling": sampling}
        radius = bagging_radius([[999, 1]], n, share, **common)[1][0]
        with_int = bagging_radius([[999, 1]], n, k, **common)[1][0]

        def same(r, n=n, share=share, k=k):
            sizes = {n - removed + added for removed, added in reachable(n, r, threat_model)}
            return all(size > 0 and max(1, int(share * size)) == k for size in sizes)

        expected = max(r for r in range(with_int + 1) if r == 0 or same(r))
        assert radius == min(with_int, expected)


counts = st.integers(0, 400)


@quick
@given(
    counts, counts, st.sampled_from(SAMPLINGS), st.sampled_from(THREAT_MODELS), st.integers(1, 300)
)
def test_monotone_in_votes_alpha_and_sample_size(top, second, sampling, threat_model, k):
    top, second = max(top, second, 1), min(top, second)

    def radius(top, second, alpha=0.01, k=k):
        return bagging_radius(
            [[top, second]], 300, k, alpha=alpha, threat_model=threat_model, sampling=sampling,
            n_voters=1000,
        )[1][0]  # fmt: skip

    here = radius(top, second)
    assert radius(top + 1, second) >= here
    assert radius(top, max(second - 1, 0)) >= here
    assert radius(top, second, alpha=0.1) >= here
    assert radius(top, second, k=max(k - 1, 1)) >= here


@quick
@given(
    st.integers(501, 1000),
    st.integers(1, 3000),
    st.sampled_from(SAMPLINGS),
    st.one_of(st.integers(1, 3000), st.floats(1e-4, 1)),
)
def test_stronger_attackers_leave_smaller_radii(top, n, sampling, draws):
    if sampling == "without_replacement" and draws > n:
        return
    radius = {
        threat_model: bagging_radius(
            [[top, 1000 - top]], n, draws, threat_model=threat_model, sampling=sampling
        )[1][0]
        for threat_model in THREAT_MODELS
    }
    assert radius["label_flip"] >= radius["modify"]
    assert radius["insert"] >= radius["insert_delete"]
    assert radius["delete"] >= radius["insert_delete"] >= radius["modify"]


def test_rows_are_certified_together():
    votes = [[80, 20], [99, 1], [60, 40]]
    together = bagging_radius(votes, 1000, 10, alpha=0.03)[1]
    alone = [bagging_radius([v], 1000, 10, alpha=0.01)[1][0] for v in votes]
    np.testing.assert_array_equal(together, alone)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"vote_counts": [1, 2]}, "shape"),
        ({"vote_counts": np.empty((2, 0), dtype=int)}, "at least one class"),
        ({"vote_counts": [[1.0, 2.0]]}, "integers"),
        ({"vote_counts": [[-1, 2]]}, "from 0 up"),
        ({"vote_counts": [[1, 2], [3, 4]]}, "pass n_voters"),
        ({"vote_counts": [[0, 0]]}, "number of votes"),
        ({"n_voters": 9}, "more than"),
        ({"n_voters": 0}, "n_voters must be"),
        ({"n_rows": 0}, "n_rows must be"),
        ({"n_rows": 10.0}, "n_rows must be"),
        ({"n_rows": 2**53 + 1}, "n_rows must be"),
        ({"max_samples": 0}, "max_samples must be"),
        ({"max_samples": True}, "max_samples must be"),
        ({"max_samples": 1.5}, "max_samples must be"),
        ({"max_samples": float("nan")}, "max_samples must be"),
        ({"max_samples": "all"}, "max_samples must be"),
        ({"max_samples": 51, "sampling": "without_replacement"}, "Lower max_samples"),
        ({"alpha": 0}, "alpha must"),
        ({"alpha": 1.0}, "alpha must"),
        ({"alpha": float("nan")}, "alpha must"),
        ({"alpha": "0.1"}, "alpha must"),
        ({"threat_model": "bribe"}, "threat_model must"),
        ({"sampling": "poisson"}, "sampling must"),
    ],
)
def test_invalid_input(change, message):
    arguments = {"vote_counts": [[9, 1], [8, 2]], "n_rows": 50, "max_samples": 5} | change
    with pytest.raises(InvalidInputError, match=message):
        bagging_radius(**arguments)
