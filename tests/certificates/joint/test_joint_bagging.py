"""Bagging has no joint certificate: one attack takes every row that does not survive by itself."""

from fractions import Fraction
from itertools import product

import pytest

from sklearn_certify.threat import THREAT_MODELS

from ..bagging_attacks import (
    SAMPLINGS,
    adversarial_votes,
    atoms_of_attack,
    exact_gap,
    exact_radius,
    reachable,
)


def worst_attack(n, size, draws, threat_model, sampling):
    """The attack that leaves voters the most freedom; it is chosen without a look at any row."""
    attacks = reachable(n, size, threat_model)
    return max(attacks, key=lambda attack: exact_gap(n, *attack, draws, sampling))


@pytest.mark.parametrize("threat_model", THREAT_MODELS)
@pytest.mark.parametrize("sampling", SAMPLINGS)
def test_one_attack_takes_all_rows_with_a_smaller_radius(threat_model, sampling):
    n_together = 0
    for n, k in product((3, 4), (1, 2, 3)):
        draws = Fraction(k, 4) if sampling == "bernoulli" else k
        grid = n**k if sampling == "with_replacement" else 64
        # rows that voters agree on more and less: shares of the predicted label and of its rival
        rows = [
            (Fraction(votes, grid), Fraction(min(grid - votes, rival), grid))
            for votes in range(grid // 2 + 1, grid + 1, max(grid // 12, 1))
            for rival in (0, grid // 8, grid)
            if votes > min(grid - votes, rival)
        ]
        radii = [exact_radius(p - q, n, draws, threat_model, sampling) for p, q in rows]
        fewest_rows = k if sampling == "without_replacement" else 1  # that attacks leave
        for size in range(1, n - fewest_rows + 1):
            attack = worst_attack(n, size, draws, threat_model, sampling)
            atoms = atoms_of_attack(n, *attack, draws, sampling)
            weak = [row for row, radius in zip(rows, radii, strict=True) if radius < size]
            for lower, upper in weak:
                # one learner for all rows: on each it says what this one does
                lost, won = adversarial_votes(atoms, lower, upper)
                assert lost <= won
            n_together += len(weak) > 1
    assert n_together >= 4
