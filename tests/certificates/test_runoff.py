"""The run-off's radius as users meet it: elections by hand, arrays of all kinds, wrong input."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sklearn_certify.certificates.runoff import runoff_radius, runoff_votes
from sklearn_certify.exceptions import InvalidInputError

from .runoff_attacks import (
    NEVER,
    elect,
    fewest_partitions,
    one_radius,
    paper_radius,
    random_spread,
    score_arrays,
)

# --- elections by hand ------------------------------------------------------------------------


def test_exact_radius_can_exceed_the_bound_of_the_paper():
    # One voter of class 2 can lift class 0 past it, and one backer of class 1 decides round two
    # between 0 and 1. But the voters of class 2 back 0 already: it takes two voters.
    scores = np.array(4 * [[1.0, 2.0, 0.0]] + 2 * [[1.0, 0.0, 2.0]])
    assert paper_radius(scores, None, phantom=False) == 0
    assert one_radius(scores, phantom=False) == 1
    assert fewest_partitions(scores, np.arange(6)[:, None], phantom=False) == 2


def test_rival_must_pass_several_classes_at_once():
    # Two turned voters lift class 3 past class 1 or past class 2, not past both.
    scores = np.zeros((17, 9))
    scores[:6, 0] = 9.0
    for voter in range(6, 12):
        scores[voter, 1 + voter % 2] = 9.0
        scores[voter, [0, 3]] = [2.0, 1.0] if voter < 10 else [1.0, 2.0]
    for voter in range(12, 17):
        scores[voter, [voter - 8, 3, 0]] = [9.0, 2.0, 1.0]
    assert paper_radius(scores, None, phantom=False) == 1
    assert one_radius(scores, phantom=False) == 2
    assert fewest_partitions(scores, np.arange(17)[:, None], phantom=False) == 3


def ballots(*groups):
    """Scores of (number of voters, ranking from the best class down)."""
    n_classes = len(groups[0][1])
    rows = [
        [-ranking.index(c) for c in range(n_classes)] for n, ranking in groups for _ in range(n)
    ]
    return np.array(rows, dtype=float)


def identity_and_more(n_voters):
    """One partition for each voter and one more: the bound for spreads, not the exact radius."""
    return np.append(np.arange(n_voters), 0)[:, None]


def test_two_rivals_with_unequal_gaps():
    # Everybody who does not vote for class 0 ranks it second. Class 1 lacks two votes to pass it,
    # and any other class 24: twelve turned voters, though 26 votes in all are less than 3 * 9.
    others = [(7, [c, 0] + [b for b in range(1, 8) if b != c]) for c in range(2, 8)]
    scores = ballots((30, list(range(8))), (29, [1, 0, *range(2, 8)]), *others)
    assert paper_radius(scores, None, phantom=False) == 11
    assert one_radius(scores, phantom=False) == 11
    assert one_radius(scores, spread=identity_and_more(len(scores)), phantom=False) == 11


def test_all_pairs_of_rivals_count():
    # gaps 4, 6 and 5: the first and the last rival pass class 0 with three turned voters, while
    # the other two pairs need four
    scores = ballots((9, [0, 1, 2, 3]), (6, [1, 0, 2, 3]), (4, [2, 0, 1, 3]), (5, [3, 0, 1, 2]))
    assert paper_radius(scores, None, phantom=False) == 2
    assert one_radius(scores, phantom=False) == 2
    assert one_radius(scores, spread=identity_and_more(len(scores)), phantom=False) == 2


def test_turned_voters_of_a_rival_give_it_no_new_vote():
    # Each partition reaches a voter of class 0 and one of class 1, which has its vote already.
    scores = ballots((7, [0, 1, 2, 3]), (6, [1, 0, 2, 3]), (2, [2, 0, 1, 3]), (2, [3, 0, 1, 2]))
    spread = [[i, 7 + i % 6] for i in range(7)]
    assert paper_radius(scores, spread, phantom=False) == 2
    assert one_radius(scores, spread=spread, phantom=False) == 2


def test_rival_must_pass_the_losing_finalist():
    # Class 2 would win against class 0, but lacks four votes to pass class 1; a partition moves
    # two of them, also where it reaches two voters of class 0.
    scores = ballots(
        (6, [0, 2, 3, 4, 1]),
        (5, [1, 2, 0, 3, 4]),
        (2, [2, 0, 1, 3, 4]),
        (1, [3, 2, 0, 1, 4]),
        (1, [4, 2, 0, 1, 3]),
    )
    spread = [[0, 1], [2, 3], [4, 5], [6, 11], [7, 11], [8, 12], [9, 12], [10, 12], [13, 14]]
    assert paper_radius(scores, spread, phantom=False) == 1
    assert one_radius(scores, spread=spread, phantom=False) == 1


def test_winner_that_few_voters_have_seen():
    # Voter 0 alone has seen class 0, which wins by ties in round two. Delete its rows, and the
    # class is gone with them.
    scores = np.full((5, 2), NEVER)
    scores[0, 0] = scores[1, 1] = 1.0
    assert elect(scores) == 0
    assert one_radius(scores) == 0
    # with a fixed set of labels the other voters still back class 0
    assert one_radius(scores, phantom=False) == 1


@pytest.mark.parametrize("phantom", [True, False])
def test_all_voters_abstain(phantom):
    scores = np.full((5, 3), NEVER)
    assert one_radius(scores, phantom=phantom) == (0 if phantom else 1)
    assert one_radius(scores, phantom=phantom, may_abstain=True) == 0


def test_voters_that_abstain_back_nobody():
    # class 1 beats class 0 by two to one, and the voters that abstain do not back class 0
    scores = np.array(10 * [[NEVER, NEVER]] + [[1.0, 0.0]] + 4 * [[0.0, 1.0]])
    assert elect(scores) == 0 and elect(scores, may_abstain=True) == 1
    # two that are turned, or three that abstain, end the lead of three
    assert one_radius(scores, phantom=False, may_abstain=True) == 1
    assert one_radius(scores, spread=np.arange(10)[:, None], phantom=False, may_abstain=True) == 2


def test_only_one_class():
    scores = np.zeros((7, 1))
    spread = np.arange(6).reshape(3, 2)
    assert one_radius(scores, phantom=False) == 7
    assert one_radius(scores, phantom=False, cost=2) == 3
    assert one_radius(scores, spread=spread, phantom=False) == 3
    # four of seven voters for an invented label win; of six that are reached, two partitions
    assert one_radius(scores) == 3
    assert one_radius(scores, spread=spread) == 1


def test_voters_out_of_reach():
    # the two voters that a partition reaches are outvoted by the three that none reaches
    scores = np.tile([1.0, 0.0, 0.5], (5, 1))
    assert one_radius(scores, spread=[[0, 1]]) == 1
    assert one_radius(scores, spread=[[0], [1]]) == 2
    # as many partitions as voters, yet they reach no voter but those against the winner
    scores = np.repeat([[0.0, 1.0], [1.0, 0.0]], [2, 3], axis=0)
    assert one_radius(scores, spread=5 * [[0, 1]], phantom=False) == 5


# --- what must not matter ---------------------------------------------------------------------


@settings(derandomize=True, deadline=None, max_examples=60)
@given(score_arrays(), st.integers(1, 4), st.booleans())
def test_cost_and_identity_spread(scores, cost, phantom):
    radius = one_radius(scores, phantom=phantom)
    assert one_radius(scores, phantom=phantom, cost=cost) == radius // cost
    identity = np.random.default_rng(len(scores)).permutation(len(scores))[:, None]
    assert one_radius(scores, phantom=phantom, spread=identity) == radius


@settings(derandomize=True, deadline=None, max_examples=60)
@given(score_arrays(), st.integers(0, 99))
def test_only_the_order_of_scores_matters(scores, seed):
    rng = np.random.default_rng(seed)
    heights = np.sort(rng.normal(size=(len(scores), 6)) * 1e30, axis=1)
    ranks = np.searchsorted([-1.0, 0.0, 0.25, 0.5, 7.0], scores)
    moved = np.where(scores > NEVER, np.take_along_axis(heights, ranks, axis=1), NEVER)
    assert one_radius(moved) == one_radius(scores)


def test_kinds_of_arrays():
    rng = np.random.default_rng(7)
    scores = rng.integers(-20, 20, size=(30, 9, 4))
    spread = random_spread(rng, 9, "any")
    read_only = scores.astype(np.float64)
    read_only.flags.writeable = False
    variants = [
        *(scores.astype(t) for t in ("i1", "i4", "i8", "f2", "f4", "f8", ">f4", "g")),
        np.asfortranarray(scores.astype(np.float64)),
        np.repeat(scores.astype(np.float64), 2, axis=1)[:, ::2],
        scores.tolist(),
        read_only,
    ]
    for options in ({}, {"spread": spread}):
        expected = np.array([one_radius(sample.astype(float), **options) for sample in scores])
        for variant in variants:
            predicted, radius = runoff_radius(variant, **options)
            assert radius.tolist() == expected.tolist()
            assert predicted.tolist() == [elect(sample) for sample in scores]
    for variant in variants:
        assert runoff_votes(variant).tolist() == scores.argmax(axis=2).tolist()


def test_close_scores_are_told_apart():
    assert runoff_votes([[[1.0, 1.0 + 1e-12]]]) == 1
    assert runoff_votes([[[2**30, 2**30 + 1]]]) == 1
    assert runoff_radius([[[1.0, 1.0 + 1e-12]]])[0] == 1


def test_blocks_of_rows():
    rng = np.random.default_rng(8)
    scores = rng.normal(size=(4000, 40, 9)).astype(np.float32)
    spread = (np.arange(40)[:, None] + [0, 3, 11]) % 40
    few = rng.integers(0, 4000, size=50)
    for options in ({}, {"spread": spread}):
        predicted, radius = runoff_radius(scores, **options)
        again = runoff_radius(scores[few], **options)
        np.testing.assert_array_equal(again[0], predicted[few])
        np.testing.assert_array_equal(again[1], radius[few])
    scores[3999, 39, 8] = np.nan
    for call in (runoff_votes, runoff_radius):
        with pytest.raises(InvalidInputError, match="sample 3999"):
            call(scores)


# --- votes ------------------------------------------------------------------------------------


@settings(derandomize=True, deadline=None, max_examples=60)
@given(score_arrays())
def test_votes_of_round_one(scores):
    votes = runoff_votes(scores[np.newaxis])
    assert votes.dtype == np.int8
    expected = np.where((scores == NEVER).all(axis=1), -1, scores.argmax(axis=1))
    np.testing.assert_array_equal(votes[0], expected)


@pytest.mark.parametrize(("n_classes", "dtype"), [(128, np.int8), (129, np.int16)])
def test_votes_have_the_smallest_type_that_holds_every_class(n_classes, dtype):
    scores = np.zeros((1, 2, n_classes))
    scores[0, 0, -1] = 1.0
    votes = runoff_votes(scores)
    assert votes.dtype == dtype
    assert votes.tolist() == [[n_classes - 1, 0]]


# --- input ------------------------------------------------------------------------------------


@pytest.mark.parametrize("call", [runoff_votes, runoff_radius])
@pytest.mark.parametrize(
    ("scores", "match"),
    [
        (np.zeros((2, 3)), "must have shape"),
        (np.zeros((2, 0, 3)), "at least one voter"),
        (np.zeros((2, 3, 0)), "one class"),
        (np.zeros((2, 3, 2), dtype=complex), "real numbers"),
        (np.zeros((2, 3, 2), dtype=bool), "real numbers"),
        (np.full((2, 3, 2), "a"), "real numbers"),
        ([[[0.0, np.nan]]], "sample 0 hold NaN"),
        ([[[0.0, 1.0]], [[np.inf, 0.0]]], "sample 1 hold NaN or .inf"),
    ],
)
def test_refuses_bad_scores(call, scores, match):
    with pytest.raises(InvalidInputError, match=match):
        call(scores)


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"spread": [[0, 1], [2, 2]]}, "twice for partition 1"),
        ({"spread": [[0, 3]]}, "voter numbers from 0"),
        ({"spread": [0, 1]}, "must have shape"),
        ({"spread": [[0.0, 1.0]]}, "integers"),
        ({"cost": 0}, "cost"),
        ({"cost": 1.5}, "cost"),
    ],
)
def test_refuses_bad_options(options, match):
    with pytest.raises(InvalidInputError, match=match):
        runoff_radius(np.zeros((1, 3, 2)), **options)


@pytest.mark.parametrize("options", [{}, {"spread": [[0, 1], [1, 2], [2, 0]]}])
def test_no_samples(options):
    scores = np.empty((0, 3, 2))
    predicted, radius = runoff_radius(scores, **options)
    assert predicted.shape == radius.shape == (0,)
    assert runoff_votes(scores).shape == (0, 3)
