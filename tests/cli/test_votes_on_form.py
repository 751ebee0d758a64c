"""Votes of the rows: their margins, by brute force."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sklearn_certify.cli.tables import Vote, count_votes
from sklearn_certify.cli.tables._features import _FOR_COMMA, _FOR_NUMBERS
from sklearn_certify.cli.tables._labels import _FOR_NUMBERS as _FOR_NUMBER_LABELS
from sklearn_certify.threat import THREAT_MODELS


def one_unit_further(counts, threat_model, by_labels):
    """Yield what one unit of poison makes of the counts of voters."""
    kinds = range(3)
    for kind in kinds:
        if threat_model in ("insert", "insert_delete", "modify"):
            yield tuple(counts[i] + (i == kind) for i in kinds)
        if counts[kind] and threat_model in ("delete", "insert_delete", "modify"):
            yield tuple(counts[i] - (i == kind) for i in kinds)
        if counts[kind] and (
            threat_model == "modify" or (threat_model == "label_flip" and by_labels)
        ):
            for other in kinds:
                yield tuple(counts[i] - (i == kind) + (i == other) for i in kinds)


def smallest_attack(weights, counts, threat_model, by_labels, most=9):
    """Search all attacks for the smallest one that turns the vote."""
    carried = Vote(weights, counts).carried
    reached = {counts}
    for units in range(1, most + 1):
        reached = {
            c for counts in reached for c in one_unit_further(counts, threat_model, by_labels)
        }
        if any(Vote(weights, c).carried != carried for c in reached):
            return units
    return None


@pytest.mark.parametrize("threat_model", THREAT_MODELS)
@pytest.mark.parametrize("weights", [_FOR_NUMBERS, _FOR_COMMA, _FOR_NUMBER_LABELS, (1, -1, 0)])
def test_margin_is_exact(weights, threat_model):
    n_turned = 0
    for counts in np.ndindex(5, 5, 3):
        for by_labels in (False, True):
            vote = Vote(weights, counts, by_labels)
            attack = smallest_attack(weights, counts, threat_model, by_labels)
            margin = vote.margin(threat_model)
            if attack is None:
                assert margin >= 9
            else:
                assert margin == attack - 1, (counts, margin, attack)
                n_turned += 1
    assert n_turned > 0


def test_what_cannot_be_turned_has_no_margin():
    assert Vote(_FOR_NUMBERS, (3, 0, 0)).margin("delete") == math.inf
    assert Vote(_FOR_NUMBERS, (3, 0, 0)).margin("label_flip") == math.inf
    assert Vote(_FOR_NUMBERS, (3, 4, 0), by_labels=True).margin("label_flip") < math.inf


@given(st.lists(st.tuples(st.integers(0, 4), st.sampled_from([-1, 0, 1])), min_size=1))
def test_a_contributor_has_one_vote(rows):
    names, votes = map(np.array, zip(*rows, strict=True))
    _, contributors = np.unique(names, return_inverse=True)
    n_for, n_against, n_silent = count_votes(votes, contributors)
    assert n_for + n_against + n_silent == len(set(names.tolist()))
    of_each = [votes[names == name].sum() for name in set(names.tolist())]
    assert n_for == sum(total > 0 for total in of_each)
    assert n_against == sum(total < 0 for total in of_each)
