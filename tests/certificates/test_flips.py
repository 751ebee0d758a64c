"""The certificate of flipped labels against every way to spend them."""

import os
from functools import cache
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sklearn_certify.certificates import flip_radius, plurality_radius
from sklearn_certify.exceptions import InvalidInputError

NEVER = np.iinfo(np.int32).max
N_CASES = int(os.environ.get("FLIP_CASES", "10000"))


@cache
def all_votes(n_voters, n_classes):
    """Every way that voters can vote, -1 included, and which class wins then."""
    votes = np.array(list(product(range(-1, n_classes), repeat=n_voters)))
    counts = (votes[:, :, np.newaxis] == np.arange(n_classes)).sum(axis=1)
    return votes, counts.argmax(axis=1)


def least_flips(votes, costs, n_classes):
    """The cheapest votes that elect each class, of all there are; infinite if none do.

    A voter that abstains may go on with it, and no other begins to.
    """
    others, winners = all_votes(len(votes), n_classes)
    prices = np.append(np.maximum(costs, 1).astype(float), np.full((len(votes), 1), np.inf), axis=1)
    voters = np.arange(len(votes))
    prices[voters, votes] = 0
    totals = prices[voters, others].sum(axis=1)
    return [totals[winners == label].min() for label in range(n_classes)]


def random_case(rng):
    n_classes = int(rng.integers(1, 5))
    n_voters = int(rng.integers(1, {1: 7, 2: 7, 3: 6, 4: 5}[n_classes]))
    votes = rng.integers(-1, n_classes, size=n_voters)
    votes[rng.random(n_voters) < rng.random()] = rng.integers(0, n_classes)
    costs = rng.integers(0, rng.integers(2, 20), size=(n_voters, n_classes))
    costs[rng.random(costs.shape) < 0.05] = NEVER
    return votes, costs, n_classes


def test_every_way_to_spend_flips():
    rng = np.random.default_rng(0)
    for _ in range(N_CASES):
        votes, costs, n_classes = random_case(rng)
        (predicted,), (radius,) = flip_radius([votes], [costs], n_classes)
        least = least_flips(votes, costs, n_classes)
        assert least[predicted] == 0
        others = least[:predicted] + least[predicted + 1 :]
        assert radius == min([NEVER, *(cost - 1 for cost in others)]), (votes, costs)
        for target, cost in enumerate(least):
            targeted = flip_radius([votes], [costs], n_classes, target=target)[1][0]
            if target == predicted:
                assert targeted == -1
            else:
                assert radius <= targeted < cost
                assert n_classes > 2 or targeted == min(cost - 1, NEVER)


def by_knapsack(votes, costs, n_classes):
    """The same by a table over gains, voter by voter."""
    counts = [votes.count(label) for label in range(n_classes)]
    winner = counts.index(max(counts))
    least = NEVER + 1
    for rival in set(range(n_classes)) - {winner}:
        need = counts[winner] - counts[rival] - (rival < winner) + 1
        table = [0] + [np.inf] * need
        for vote, cost in zip(votes, costs, strict=True):
            cost = [max(c, 1) for c in cost]
            offers = [] if vote == rival else [(1, cost[rival])]
            if vote == winner:
                others = cost[:winner] + cost[winner + 1 :]
                offers = [(1, min(others)), (2, cost[rival])]
            table = [
                min([table[g], *(table[max(g - gain, 0)] + c for gain, c in offers)])
                for g in range(need + 1)
            ]
        least = min(least, table[need])
    return winner, min(least - 1, NEVER)


@st.composite
def elections(draw):
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n_classes, n_voters = draw(st.sampled_from([2, 3, 10])), draw(st.integers(1, 40))
    votes = rng.integers(-1, n_classes, size=(3, n_voters))
    votes[rng.random(votes.shape) < rng.random()] = rng.integers(0, n_classes)
    costs = rng.integers(0, draw(st.sampled_from([2, 5, 300])), size=(3, n_voters, n_classes))
    return votes, costs, n_classes


@settings(derandomize=True, deadline=None, max_examples=150)
@given(elections())
def test_the_same_as_a_table_of_gains(election):
    votes, costs, n_classes = election
    predicted, radii = flip_radius(votes, costs, n_classes)
    expected = [
        by_knapsack(v, c, n_classes) for v, c in zip(votes.tolist(), costs.tolist(), strict=True)
    ]
    np.testing.assert_array_equal(np.column_stack([predicted, radii]), expected)


@settings(derandomize=True, deadline=None, max_examples=100)
@given(elections(), st.integers(0, 2**32 - 1))
def test_dearer_votes_never_lower_a_radius(election, seed):
    votes, costs, n_classes = election
    predicted, radii = flip_radius(votes, costs, n_classes)
    more = np.random.default_rng(seed).integers(0, 4, size=costs.shape)
    assert (flip_radius(votes, costs + more, n_classes)[1] >= radii).all()
    black_box = plurality_radius(votes, n_classes, phantom=False)
    np.testing.assert_array_equal(predicted, black_box[0])
    assert (radii >= black_box[1]).all()
    for target in range(n_classes):
        targeted = flip_radius(votes, costs, n_classes, target=target)[1]
        assert (targeted >= np.where(predicted == target, -1, radii)).all()
        voters = plurality_radius(votes, n_classes, phantom=False, target=target)[1]
        assert (targeted >= voters).all()
    ones = np.ones_like(costs)
    np.testing.assert_array_equal(flip_radius(votes, ones, n_classes)[1], black_box[1])


def test_the_vote_of_today_costs_nothing_and_does_not_matter():
    votes, costs = [[0, 0, 1]], np.array([[[5, 4], [9, 3], [2, 7]]])
    radius = flip_radius(votes, costs, 2)[1]
    costs[0, [0, 1, 2], votes[0]] = 0
    np.testing.assert_array_equal(flip_radius(votes, costs, 2)[1], radius)


@pytest.mark.parametrize("dtype", [np.int8, np.int32, np.int64, np.uint64])
def test_costs_of_every_type(dtype):
    costs = np.array([[[0, 2], [0, 4]]], dtype=dtype)
    np.testing.assert_array_equal(flip_radius([[0, 0]], costs, 2)[1], [5])
    if dtype in (np.int64, np.uint64):
        costs[0, 1, 1] = np.iinfo(dtype).max
        costs[0, 0, 1] = np.iinfo(dtype).max
        np.testing.assert_array_equal(flip_radius([[0, 0]], costs, 2)[1], [NEVER])


def test_no_rows_and_no_rivals():
    predicted, radius = flip_radius(np.empty((0, 3), int), np.empty((0, 3, 2), int), 2)
    assert predicted.shape == radius.shape == (0,)
    np.testing.assert_array_equal(flip_radius([[0]], [[[0]]], 1)[1], [NEVER])


@pytest.mark.parametrize(
    ("costs", "message"),
    [
        ([[[0, 1]]], "must have shape"),
        ([[[0.0, 1.0], [0.0, 1.0]]], "must be integers"),
        ([[[0, -1], [0, 1]]], "must not be negative"),
    ],
)
def test_what_is_no_cost(costs, message):
    with pytest.raises(InvalidInputError, match=message):
        flip_radius([[0, 0]], costs, 2)


def test_what_is_no_target():
    with pytest.raises(InvalidInputError, match="target must lie between"):
        flip_radius([[0, 0]], [[[0, 1], [0, 1]]], 2, target=2)
