"""Attacks on bagging in exact rational arithmetic: what they take, and which learners lose most."""

from fractions import Fraction
from itertools import combinations, product
from math import comb

import numpy as np
from hypothesis import settings

from sklearn_certify.certificates import resampling
from sklearn_certify.threat import find_threat_model

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
