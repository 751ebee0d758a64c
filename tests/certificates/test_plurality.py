"""The plurality certificate against every attack, and against its formula."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sklearn_certify.certificates import count_votes, plurality_radius
from sklearn_certify.exceptions import InvalidInputError

from .brute_force import ABSTAINS, least_breaking_attack


def radius_by_formula(votes, n_classes, cost, phantom):
    """The smallest floor(gap / 2) over all rivals, from plain counts."""
    radii = []
    for row in votes.tolist():
        n_votes = [row.count(label) for label in range(n_classes)]
        predicted = n_votes.index(max(n_votes))
        gaps = [
            n_votes[predicted] - n_votes[rival] - (rival < predicted)
            for rival in range(n_classes)
            if rival != predicted
        ]
        if phantom:
            gaps.append(n_votes[predicted] - 1)
        least = min((max(gap // 2, 0) for gap in gaps), default=len(row))
        radii.append((predicted, least // cost))
    return np.array(radii).reshape(-1, 2).T


@pytest.mark.parametrize("phantom", [False, True])
@pytest.mark.parametrize("n_classes", [1, 2, 3])
def test_no_attack_within_the_radius_and_one_just_beyond(n_classes, phantom):
    for n_voters in range(1, 7):
        alone = [[voter] for voter in range(n_voters)]
        rows = list(product([ABSTAINS, *range(n_classes)], repeat=n_voters))
        _, radii = plurality_radius(rows, n_classes, phantom=phantom)
        found = {}
        for row, radius in zip(rows, radii, strict=True):
            # the order of the voters is of no account: one attack search serves all orders
            key = tuple(sorted(row))
            if key not in found:
                found[key] = least_breaking_attack(key, alone, n_classes, phantom)
            assert radius == found[key] - 1, row


@st.composite
def elections(draw):
    n_classes = draw(st.sampled_from([1, 2, 3, 10, 43, 200]))
    shape = draw(st.integers(0, 5)), draw(st.integers(1, 40))
    seed = draw(st.integers(0, 2**32 - 1))
    rng = np.random.default_rng(seed)
    votes = rng.integers(ABSTAINS, n_classes, size=shape)
    agreeing = rng.random(shape) < rng.random((shape[0], 1))
    return np.where(agreeing, rng.integers(0, n_classes, size=(shape[0], 1)), votes), n_classes


@settings(derandomize=True, max_examples=200, deadline=None)
@given(election=elections(), cost=st.integers(1, 3), phantom=st.booleans())
def test_equals_the_formula(election, cost, phantom):
    votes, n_classes = election
    predicted, radius = plurality_radius(votes, n_classes, cost=cost, phantom=phantom)
    expected = radius_by_formula(votes, n_classes, cost, phantom)
    np.testing.assert_array_equal([predicted, radius], expected)
    assert predicted.dtype == radius.dtype == np.int64


def test_label_that_nobody_can_win_with_changes_nothing():
    rng = np.random.default_rng(1)
    votes = rng.integers(ABSTAINS, 4, size=(300, 25))
    counts = count_votes(votes, 4)
    predicted = counts.argmax(axis=1)
    rows = np.arange(300)
    gaps = counts[rows, predicted][:, None] - counts - (np.arange(4) < predicted[:, None])
    gaps[rows, predicted] = 100
    does_not_bind = gaps.min(axis=1) <= counts.max(axis=1) - 1
    assert does_not_bind.sum() > 250
    _, with_phantom = plurality_radius(votes, 4, phantom=True)
    np.testing.assert_array_equal(with_phantom[does_not_bind], gaps.min(axis=1)[does_not_bind] // 2)


def test_label_that_the_attacker_invents_can_bind():
    # three votes of six make a tie, which class 0 wins against class 1 but not against a new label
    votes = [[0, 0, 0, 0, 0, 0]]
    assert plurality_radius(votes, 2, phantom=False)[1] == [3]
    assert plurality_radius(votes, 2, phantom=True)[1] == [2]


def test_without_votes_only_an_untouched_training_set_is_certified():
    for phantom in (False, True):
        predicted, radius = plurality_radius([[ABSTAINS] * 5], 3, phantom=phantom)
        assert (predicted, radius) == ([0], [0])


def test_without_rivals_everything_may_be_poisoned():
    votes = np.zeros((2, 7), dtype=int)
    assert plurality_radius(votes, 1, phantom=False)[1].tolist() == [7, 7]
    assert plurality_radius(votes, 1, phantom=False, cost=2)[1].tolist() == [3, 3]


@pytest.mark.parametrize("dtype", [np.int8, np.int16, np.int32, np.int64, np.uint8, np.uint64])
@pytest.mark.parametrize("layout", ["C", "F", "strided"])
def test_integer_types_and_memory_layouts_agree(dtype, layout):
    votes = np.random.default_rng(2).integers(0, 5, size=(30, 17))
    expected = radius_by_formula(votes, 5, 1, True)
    given_votes = votes.astype(dtype, order="F" if layout == "F" else "C")
    if layout == "strided":
        given_votes = np.repeat(np.repeat(given_votes, 2, axis=0), 3, axis=1)[::2, ::3]
        assert not given_votes.flags.c_contiguous
    np.testing.assert_array_equal(plurality_radius(given_votes, 5), expected)


def test_many_rows_are_shared_among_threads():
    rng = np.random.default_rng(3)
    votes = rng.integers(ABSTAINS, 3, size=(60_000, 40), dtype=np.int8)
    expected = np.stack([(votes == label).sum(axis=1) for label in range(3)], axis=1)
    np.testing.assert_array_equal(count_votes(votes, 3), expected)


@pytest.mark.parametrize("n_classes", [127, 128, 129, 300])
def test_class_numbers_at_the_edge_of_a_type(n_classes):
    votes = np.array([[n_classes - 1] * 3 + [ABSTAINS, 0]])
    assert count_votes(votes, n_classes)[0, [0, -1]].tolist() == [1, 3]
    assert plurality_radius(votes, n_classes)[0] == [n_classes - 1]


def test_no_samples():
    votes = np.empty((0, 4), dtype=int)
    predicted, radius = plurality_radius(votes, 2)
    assert predicted.shape == radius.shape == (0,)
    assert count_votes(votes, 2).shape == (0, 2)


@pytest.mark.parametrize(
    ("votes", "n_classes", "options", "message"),
    [
        ([[0.0, 1.0]], 2, {}, "votes must be integers"),
        ([[True, False]], 2, {}, "votes must be integers"),
        ([[0, 2]], 2, {}, "votes must lie between -1"),
        ([[0, -2]], 2, {}, "votes must lie between -1"),
        ([0, 1], 2, {}, "votes must have shape"),
        (np.empty((3, 0), int), 2, {}, "votes must have shape"),
        ([[0, 0]], 0, {}, "n_classes must be a whole number"),
        ([[0, 0]], 2.0, {}, "n_classes must be a whole number"),
        ([[0, 0]], 2, {"cost": 0}, "cost must be a whole number"),
        ([[0, 0]], 2, {"cost": 1.5}, "cost must be a whole number"),
    ],
)
def test_bad_input(votes, n_classes, options, message):
    with pytest.raises(InvalidInputError, match=message):
        plurality_radius(votes, n_classes, **options)
    if not options:
        with pytest.raises(InvalidInputError, match=message):
            count_votes(votes, n_classes)
