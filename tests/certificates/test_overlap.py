"""The overlap certificate against every attack, a plain reference and the linear program."""

from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog
from scipy.sparse import csr_matrix, hstack, identity, vstack

from sklearn_certify.certificates import _tighten, overlap_radius, plurality_radius
from sklearn_certify.certificates._partition_damage import damage_type
from sklearn_certify.exceptions import InvalidInputError

from .brute_force import ABSTAINS, least_breaking_attack


def cyclic_spread(n_voters, offsets):
    return (np.arange(n_voters)[:, None] + np.asarray(offsets)) % n_voters


def random_spread(rng, n_partitions, n_voters, degree):
    return np.stack([rng.permutation(n_voters)[:degree] for _ in range(n_partitions)])


def random_votes(rng, n_samples, n_voters, n_classes):
    """Rows that agree on a class to very different degrees; some voters abstain."""
    votes = rng.integers(ABSTAINS, n_classes, size=(n_samples, n_voters))
    favourite = rng.integers(0, n_classes, size=(n_samples, 1))
    return np.where(rng.random(votes.shape) < rng.random((n_samples, 1)), favourite, votes)


def correlated_votes(rng, n_samples, spread, n_classes):
    """Votes of an ensemble: queries differ in difficulty, voters with common partitions agree."""
    n_voters = len(spread)
    scores = rng.normal(size=(n_samples, 1, n_classes))
    scores[:, :, 0] += rng.normal(2, 1.5, size=(n_samples, 1))
    of_partition = rng.normal(size=(n_samples, len(spread), n_classes))
    shared = np.zeros((n_samples, n_voters, n_classes))
    for column in spread.T:
        for sample in range(n_samples):
            np.add.at(shared[sample], column, of_partition[sample])
    noise = rng.normal(size=shared.shape)
    return (scores + 0.7 * noise + 0.7 * shared / np.sqrt(spread.shape[1])).argmax(axis=2)


# --- the true election, attacked in every way ---------------------------------------------------


def small_cases():
    rng = np.random.default_rng(0)
    for case in range(1200):
        n_voters, n_classes = int(rng.integers(2, 9)), int(rng.integers(1, 4))
        degree = int(rng.integers(1, min(n_voters, 4) + 1))
        if case % 2:
            spread = cyclic_spread(n_voters, rng.permutation(n_voters)[:degree])
        else:
            spread = random_spread(rng, int(rng.integers(1, 9)), n_voters, degree)
        yield random_votes(rng, 1, n_voters, n_classes)[0], spread, n_classes, bool(case % 4 < 2)


def test_no_attack_within_the_radius():
    n_exact = n_raised = n_above_zero = 0
    for votes, spread, n_classes, phantom in small_cases():
        breaking = least_breaking_attack(votes.tolist(), spread.tolist(), n_classes, phantom)
        predicted, plain = overlap_radius([votes], spread, n_classes, phantom=phantom)
        again, tightened = overlap_radius([votes], spread, n_classes, phantom=phantom, tighten=True)
        assert predicted == again
        assert plain <= tightened < breaking, (votes, spread)
        n_exact += tightened[0] == breaking - 1
        n_raised += tightened[0] > plain[0]
        n_above_zero += plain[0] > 0
    # the certificate is not merely cautious
    assert n_exact > 1100
    assert n_raised >= 5
    assert n_above_zero > 400


def test_one_voter_per_partition_is_plurality():
    rng = np.random.default_rng(1)
    for n_classes in (1, 2, 3, 10):
        votes = random_votes(rng, 200, 23, n_classes)
        for phantom in (False, True):
            for cost in (1, 2):
                options = {"phantom": phantom, "cost": cost}
                expected = plurality_radius(votes, n_classes, **options)
                for tighten in (False, True):
                    actual = overlap_radius(
                        votes, np.arange(23)[:, None], n_classes, tighten=tighten, **options
                    )
                    np.testing.assert_array_equal(actual, expected)


# --- a plain reference ---------------------------------------------------------------------------


def theorem_2_by_sorting(votes, spread, n_classes, cost=1, phantom=True):
    """Theorem 2 as it is stated: sort the damages and add them up."""
    results = []
    for row in votes:
        n_votes = np.bincount(row[row >= 0], minlength=n_classes)
        predicted = n_votes.argmax()
        radius = len(spread)
        for rival in range(n_classes + phantom):
            if rival == predicted:
                continue
            if rival < n_classes:
                gap = n_votes[predicted] - n_votes[rival] - (rival < predicted)
            else:
                gap = n_votes[predicted] - 1
            weights = 1 + (row == predicted) - (row == rival).astype(int)
            damage = np.sort(weights[spread].sum(axis=1))[::-1].cumsum()
            radius = min(radius, int((damage <= gap).sum()))
        results.append((predicted, radius // cost))
    return np.array(results).reshape(-1, 2).T


@st.composite
def problems(draw):
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n_classes = draw(st.sampled_from([1, 2, 3, 10, 43, 130]))
    n_voters = draw(st.integers(1, 60))
    degree = draw(st.integers(1, min(n_voters, 9)))
    kind = draw(st.sampled_from(["cyclic", "cyclic, shuffled", "arbitrary", "one row differs"]))
    if kind == "arbitrary":
        spread = random_spread(rng, draw(st.integers(1, 80)), n_voters, degree)
    else:
        spread = cyclic_spread(n_voters, rng.permutation(n_voters)[:degree])
    if kind == "cyclic, shuffled":
        spread = rng.permuted(spread, axis=1)
    if kind == "one row differs":
        spread[rng.integers(n_voters)] = rng.permutation(n_voters)[:degree]
    votes = random_votes(rng, draw(st.integers(0, 6)), n_voters, n_classes)
    if votes.min(initial=0) >= 0:
        dtypes = [np.int8, np.int16, np.int32, np.int64, np.uint8]
    else:
        dtypes = [np.int8, np.int16, np.int32, np.int64]
    dtypes = [dtype for dtype in dtypes if n_classes <= np.iinfo(dtype).max]
    return votes.astype(draw(st.sampled_from(dtypes))), spread, n_classes


@settings(derandomize=True, max_examples=200, deadline=None)
@given(problem=problems(), cost=st.integers(1, 3), phantom=st.booleans())
def test_equals_the_reference_and_tightening_never_lowers(problem, cost, phantom):
    votes, spread, n_classes = problem
    options = {"cost": cost, "phantom": phantom}
    actual = overlap_radius(votes, spread, n_classes, **options)
    expected = theorem_2_by_sorting(votes.astype(int), spread, n_classes, **options)
    np.testing.assert_array_equal(actual, expected)
    assert actual[0].dtype == actual[1].dtype == np.int64
    predicted, tightened = overlap_radius(votes, spread, n_classes, tighten=True, **options)
    np.testing.assert_array_equal(predicted, actual[0])
    assert (tightened >= actual[1]).all()
    assert (tightened <= len(spread) // cost).all()


@pytest.mark.parametrize(("n_partitions_per_voter", "degree"), [(50, 8), (20, 16), (30, 4)])
def test_offsets_of_the_finite_aggregation_authors(n_partitions_per_voter, degree):
    n_voters = n_partitions_per_voter * degree
    offsets = Random(999999999 + 208).sample(range(n_voters), degree)
    spread = cyclic_spread(n_voters, offsets)
    votes = random_votes(np.random.default_rng(2), 40, n_voters, 10)
    # the authors know no invented label
    np.testing.assert_array_equal(
        overlap_radius(votes, spread, 10, phantom=False),
        theorem_2_by_sorting(votes, spread, 10, phantom=False),
    )


def test_toy_example_of_the_paper():
    """Figure 2 and appendix A: the same shares of votes, a poison less to fear."""
    bird, cat, deer, dog = range(4)
    alone = [[cat, dog, cat, deer, cat, bird]]
    predicted, radius = plurality_radius(alone, 4)
    assert (predicted, radius) == ([cat], [0])
    shared = [alone[0] * 2]
    predicted, radius = overlap_radius(shared, cyclic_spread(12, [0, 1]), 4)
    assert (predicted, radius) == ([cat], [1])


def test_invented_label_that_does_not_bind():
    rng = np.random.default_rng(3)
    votes = rng.choice([ABSTAINS, 0, 1, 2], p=[0.1, 0.1, 0.4, 0.4], size=(200, 200))
    spread = cyclic_spread(200, [0, 3, 17, 20])
    expected = theorem_2_by_sorting(votes, spread, 3, phantom=False)
    assert len(set(expected[1])) > 3
    np.testing.assert_array_equal(overlap_radius(votes, spread, 3, phantom=True), expected)


@pytest.mark.parametrize("tighten", [False, True])
def test_invented_label_is_a_label_without_votes_that_comes_first(tighten):
    rng = np.random.default_rng(4)
    votes = random_votes(rng, 200, 60, 3)
    spread = cyclic_spread(60, [0, 3, 17, 20])
    _, invented = overlap_radius(votes, spread, 3, phantom=True, tighten=tighten)
    moved_up = np.where(votes == ABSTAINS, ABSTAINS, votes + 1)
    _, first = overlap_radius(moved_up, spread, 4, phantom=False, tighten=tighten)
    np.testing.assert_array_equal(invented, first)


# --- shapes and types at the edges ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("n_voters", "n_partitions", "degree", "n_classes", "modes"),
    [
        (100_000, 100_000, 8, 43, [False, True]),  # many voters, many classes
        (300, 300, 127, 3, [False]),  # the largest damage that fits one byte
        (300, 300, 128, 3, [False]),
        (33_000, 2, 32_800, 2, [False]),  # damages that do not fit two bytes
        (1_100, 1_100, 600, 3, [False, True]),  # sums of 64ths, and of 1024ths, need four bytes
        (40, 3_000, 5, 4, [False]),  # more partitions than voters
        (20, 20, 20, 3, [False, True]),  # every partition reaches every voter
    ],
)
def test_large_and_lopsided_shapes(n_voters, n_partitions, degree, n_classes, modes):
    rng = np.random.default_rng(4)
    if n_partitions == n_voters:
        spread = cyclic_spread(n_voters, rng.permutation(n_voters)[:degree])
    else:
        spread = random_spread(rng, n_partitions, n_voters, degree)
    votes = random_votes(rng, 3, n_voters, n_classes)
    expected = theorem_2_by_sorting(votes, spread, n_classes)
    for tighten in modes:
        predicted, radius = overlap_radius(votes, spread, n_classes, tighten=tighten)
        np.testing.assert_array_equal(predicted, expected[0])
        assert (radius >= expected[1]).all() if tighten else (radius == expected[1]).all()


@pytest.mark.parametrize("degree", [1, 2, 127, 128, 511, 512, 600, 32_767, 32_768])
@pytest.mark.parametrize("most_uses", [1, 2, 63, 64, 65])
def test_types_hold_the_largest_sums(degree, most_uses):
    spread = np.tile(np.arange(degree), (most_uses, 1))
    units, parts = _tighten.search_types(spread)
    assert all(np.issubdtype(dtype, np.unsignedinteger) for dtype in (units, parts))
    assert np.iinfo(damage_type(spread)).max >= 2 * degree
    assert np.iinfo(units).max >= _tighten._UNIT * 2 * degree
    assert np.iinfo(parts).max >= _tighten._WHOLE * most_uses


@pytest.mark.parametrize("tighten", [False, True])
def test_class_numbers_at_the_edge_of_a_type(tighten):
    spread = cyclic_spread(12, [0, 5])
    for n_classes in (127, 128, 129, 255, 256, 257, 300):
        votes = np.array([[n_classes - 1] * 9 + [ABSTAINS, 0, 1]])
        expected = theorem_2_by_sorting(votes, spread, n_classes)
        actual = overlap_radius(votes, spread, n_classes, tighten=tighten)
        np.testing.assert_array_equal(actual, expected)


@pytest.mark.parametrize("tighten", [False, True])
@pytest.mark.parametrize("n_classes", [255, 256, 257, 300])
def test_labels_that_the_type_of_the_votes_cannot_hold(n_classes, tighten):
    # cut to one byte, an invented label 255 would be an abstention and 256 the winner; no other
    # label has as small a gap
    for n_for_winner, offsets in ((6, [0, 6]), (8, [0, 1])):
        votes = np.array([[0] * n_for_winner + [ABSTAINS] * (12 - n_for_winner)])
        spread = cyclic_spread(12, offsets)
        expected = theorem_2_by_sorting(votes, spread, n_classes)
        assert expected[1] < theorem_2_by_sorting(votes, spread, n_classes, phantom=False)[1]
        actual = overlap_radius(votes.astype(np.int8), spread, n_classes, tighten=tighten)
        np.testing.assert_array_equal(actual, expected)


def test_very_many_equal_damages():
    votes = np.repeat([[0, 1]], [10_005, 9_995], axis=1)
    spread = cyclic_spread(20_000, np.arange(16))
    for tighten in (False, True):
        assert overlap_radius(votes, spread, 2, phantom=False, tighten=tighten)[1] == [0]


def test_many_rows_are_shared_among_threads():
    rng = np.random.default_rng(5)
    spread = cyclic_spread(200, rng.permutation(200)[:8])
    votes = random_votes(rng, 3_000, 200, 4)
    for tighten in (False, True):
        together = np.array(overlap_radius(votes, spread, 4, tighten=tighten))
        apart = [overlap_radius(votes[i : i + 1], spread, 4, tighten=tighten) for i in range(50)]
        np.testing.assert_array_equal(together[:, :50], np.array(apart)[:, :, 0].T)


@pytest.mark.parametrize("tighten", [False, True])
def test_memory_layouts_agree(tighten):
    rng = np.random.default_rng(6)
    votes, spread = random_votes(rng, 10, 30, 3), random_spread(rng, 25, 30, 4)
    expected = overlap_radius(votes, spread, 3, tighten=tighten)
    for other_votes, other_spread in [
        (np.asfortranarray(votes), np.asfortranarray(spread)),
        (np.repeat(votes, 2, axis=1)[:, ::2], spread.astype(np.uint16)),
        (votes[::-1][::-1], np.repeat(spread, 3, axis=0)[::3]),
        (votes.tolist(), spread.tolist()),
    ]:
        actual = overlap_radius(other_votes, other_spread, 3, tighten=tighten)
        np.testing.assert_array_equal(actual, expected)


@pytest.mark.parametrize("tighten", [False, True])
def test_without_rivals_everything_may_be_poisoned(tighten):
    votes = np.zeros((2, 7), dtype=int)
    spread = [[0, 1], [2, 3], [4, 5]]
    options = {"phantom": False, "tighten": tighten}
    assert overlap_radius(votes, spread, 1, **options)[1].tolist() == [3, 3]
    assert overlap_radius(votes, spread, 1, cost=2, **options)[1].tolist() == [1, 1]


@pytest.mark.parametrize("tighten", [False, True])
def test_no_samples(tighten):
    votes = np.empty((0, 4), dtype=int)
    predicted, radius = overlap_radius(votes, [[0, 1], [2, 3]], 2, tighten=tighten)
    assert predicted.shape == radius.shape == (0,)


# --- the bound beyond the paper ------------------------------------------------------------------


def test_partitions_that_share_all_their_voters_do_no_more_damage_than_one():
    votes = [[0] * 7]
    spread = [[0, 1]] * 5
    assert overlap_radius(votes, spread, 2, phantom=False)[1] == [1]
    # whatever voters 0 and 1 say, five votes remain
    assert overlap_radius(votes, spread, 2, phantom=False, tighten=True)[1] == [5]
    assert overlap_radius(votes, spread, 2, phantom=False, tighten=True, cost=2)[1] == [2]


def covering_bound(weights, spread, n_poisoned):
    """The most weight that `n_poisoned` partitions cover if parts of partitions may be taken.

    No u can bound the damage below it.
    """
    n_partitions, degree = spread.shape
    n_voters = len(weights)
    entries = (spread.ravel(), np.repeat(np.arange(n_partitions), degree))
    reaches = csr_matrix((np.ones(spread.size), entries), shape=(n_voters, n_partitions))
    constraints = vstack(
        [
            hstack([-reaches, identity(n_voters)]),
            hstack([csr_matrix(np.ones((1, n_partitions))), csr_matrix((1, n_voters))]),
        ]
    )
    solution = linprog(
        np.concatenate([np.zeros(n_partitions), -weights.astype(float)]),
        A_ub=constraints,
        b_ub=np.concatenate([np.zeros(n_voters), [n_poisoned]]),
        bounds=(0, 1),
    )
    return -solution.fun


def radius_by_linear_program(votes, spread, n_classes, proven):
    """The largest radius that any u could prove, given one that is proven."""
    n_votes = np.bincount(votes[votes >= 0], minlength=n_classes)
    predicted = n_votes.argmax()
    gaps = {
        rival: n_votes[predicted] - n_votes[rival] - (rival < predicted)
        for rival in range(n_classes)
        if rival != predicted
    }
    gaps[n_classes] = n_votes[predicted] - 1  # the invented label

    def is_harmless(radius, rival):
        weights = 1 + (votes == predicted) - (votes == rival).astype(int)
        if np.sort(weights[spread].sum(axis=1))[-radius:].sum() <= gaps[rival]:
            return True  # with u = w
        # damages are whole numbers, so that a bound below gap + 1 is enough
        return covering_bound(weights, spread, radius) < gaps[rival] + 1 - 1e-7

    nearest, *others = sorted(gaps, key=gaps.get)
    radius = proven
    while radius < len(spread) and is_harmless(radius + 1, nearest):
        radius += 1
    for rival in others:
        while radius > proven and not is_harmless(radius, rival):
            radius -= 1
    return radius


def unequal_spread(rng, n_voters, degree, inequality):
    """A spread in which some voters use many more partitions than others."""
    popularity = (1 + np.arange(n_voters)) ** -inequality
    popularity /= popularity.sum()
    return np.stack(
        [rng.choice(n_voters, degree, replace=False, p=popularity) for _ in range(n_voters)]
    )


def test_tightened_radius_comes_close_to_the_linear_program():
    rng = np.random.default_rng(8)
    gained = could_gain = 0
    for spread in [
        cyclic_spread(160, rng.permutation(160)[:8]),
        cyclic_spread(160, np.arange(8)),
        unequal_spread(rng, 160, 8, 0.5),
        unequal_spread(rng, 100, 6, 1.0),
    ]:
        votes = np.concatenate(
            [random_votes(rng, 25, len(spread), 4), correlated_votes(rng, 25, spread, 4)]
        )
        _, plain = overlap_radius(votes, spread, 4)
        _, tightened = overlap_radius(votes, spread, 4, tighten=True)
        pairs = zip(votes, plain, strict=True)
        best = np.array([radius_by_linear_program(row, spread, 4, radius) for row, radius in pairs])
        assert (plain <= tightened).all()
        assert (tightened <= best).all()  # more than that would be more than any u can prove
        gained += (tightened - plain).sum()
        could_gain += (best - plain).sum()
    assert could_gain > 20
    assert gained >= 0.85 * could_gain


# --- bad input -----------------------------------------------------------------------------------


GOOD = {"votes": [[0, 1, 1]], "spread": [[0, 1], [1, 2], [2, 0]], "n_classes": 2}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"votes": [[0.0, 1.0, 1.0]]}, "votes must be integers"),
        ({"votes": [[0, 1, 2]]}, "votes must lie between -1"),
        ({"votes": [[0, 1, -2]]}, "votes must lie between -1"),
        ({"votes": [0, 1, 1]}, "votes must have shape"),
        ({"spread": [[0, 1], [2, 2]]}, "spread names a voter twice for partition 1"),
        ({"spread": [[0, 1], [2, 3]]}, "spread must hold voter numbers from 0"),
        ({"spread": [[0, -1]]}, "spread must hold voter numbers from 0"),
        ({"spread": [[0.0, 1.0]]}, r"spread must hold voter numbers \(integers\)"),
        ({"spread": [0, 1, 2]}, "spread must have shape"),
        ({"spread": np.empty((0, 2), int)}, "spread must have shape"),
        ({"n_classes": 0}, "n_classes must be a whole number"),
        ({"cost": 0}, "cost must be a whole number"),
        ({"cost": -1}, "cost must be a whole number"),
    ],
)
def test_bad_input(changes, message):
    overlap_radius(**GOOD)
    with pytest.raises(InvalidInputError, match=message):
        overlap_radius(**{**GOOD, **changes})
