"""An explanation of voters that tell what flips do counts labels."""

import numpy as np
import pytest
from sklearn.base import clone

from sklearn_certify import explain
from sklearn_certify.certificates import flip_radius
from sklearn_certify.certificates.flips import least_flips
from sklearn_certify.exceptions import InvalidInputError

from .cases import FLIPS, make_rows


@pytest.fixture(scope="module")
def fitted():
    X, y, _ = make_rows()
    return clone(FLIPS).fit(X, y)


def costs_of(classifier, x):
    """Votes, and what voters tell of one row."""
    election = classifier._open_certifying_election()
    ballots = classifier._collect(election, np.asarray, x[np.newaxis])
    return election.votes(ballots)[0], election.costs(ballots)[0]


def test_it_agrees_with_the_classifier(fitted):
    for x in make_rows()[2]:
        found = explain(fitted, x)
        (label,), (radius,) = fitted.predict_certified(x[np.newaxis])
        assert (found.prediction, found.radius) == (label, radius)
        assert found.opens_voters
        if radius > 0:
            assert f"it takes at least {radius + 1} labels changed" in found.sentence
        else:
            assert "one label changed may be enough" in found.sentence


def test_rivals_are_those_who_cost_least(fitted):
    for x in make_rows()[2]:
        found = explain(fitted, x)
        votes, costs = costs_of(fitted, x)
        labels = fitted.classes_.tolist()
        counts = np.bincount(votes[votes >= 0], minlength=3)
        winner = labels.index(found.prediction)
        flips = {
            label: least_flips(votes.astype(np.int64), costs, counts, winner, index)
            for index, label in enumerate(labels)
            if index != winner
        }
        assert min(flips.values()) - 1 == found.radius
        assert sorted(found.rivals) == sorted(b for b, n in flips.items() if n == found.radius + 1)


def test_the_cheapest_votes_come_first(fitted):
    for x in make_rows()[2]:
        found = explain(fitted, x)
        votes, costs = costs_of(fitted, x)
        labels = fitted.classes_.tolist()
        rival = labels.index(found.runner_up)
        prices = []
        for carrier in found.carriers:
            voter = carrier["partition"]
            assert carrier["vote"] == labels[votes[voter]]
            assert carrier["n_rows"] == (fitted.partition_ == voter).sum()
            if carrier["vote"] != found.runner_up:
                assert carrier["flips_to_runner_up"] == max(costs[voter, rival], 1)
            if carrier["vote"] == found.prediction:
                others = np.delete(costs[voter], labels.index(found.prediction))
                assert carrier["flips_to_leave"] == max(others.min(), 1)
                assert carrier["at_stake"] == 2
            if carrier["flips_per_vote"] is not None:
                prices.append(carrier["flips_per_vote"])
        assert prices == sorted(prices)
        assert f"cheapest in partition {found.carriers[0]['partition']}" in str(found)


def test_a_target_passes_whoever_costs_most(fitted):
    labels = fitted.classes_.tolist()
    for x in make_rows()[2]:
        votes, costs = costs_of(fitted, x)
        for index, target in enumerate(labels):
            found = explain(fitted, x, target=target)
            if found.has_target:
                continue
            radius = flip_radius([votes], costs[np.newaxis], 3, target=index)[1][0]
            assert found.radius == radius
            assert target not in found.rivals
            assert "flips_to_target" in found.carriers[0]


def test_contributors_have_no_part_in_it(fitted):
    with pytest.raises(InvalidInputError, match="but not to fit"):
        explain(fitted, make_rows()[2][0], groups=np.arange(150))
