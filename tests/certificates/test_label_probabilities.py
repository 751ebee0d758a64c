"""The bounds on label probabilities against binomial sums, and how often a certificate is wrong."""

from fractions import Fraction
from itertools import product
from math import comb, factorial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sklearn_certify.certificates import _label_probabilities as bounds
from sklearn_certify.certificates import bagging_radius

from .bagging_attacks import quick


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
