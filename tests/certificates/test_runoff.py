"""The run-off election against brute force over every attack, and against plain formulas."""

from itertools import combinations, combinations_with_replacement, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sklearn_certify.certificates.runoff import runoff_radius, runoff_votes
from sklearn_certify.exceptions import InvalidInputError

NEVER = -np.inf


# --- the election and the attacker, in plain Python -------------------------------------------


def elect(scores):
    """Winner among the columns of one sample's scores, which are in the order of the labels."""
    n_classes = scores.shape[1]
    counts = [0] * n_classes
    for row in scores.tolist():
        if max(row) > NEVER:
            counts[row.index(max(row))] += 1
    by_votes = sorted(range(n_classes), key=lambda c: (-counts[c], c))
    low, high = sorted(by_votes[:2]) if n_classes > 1 else (0, 0)
    low_backers = sum(row[low] >= row[high] for row in scores.tolist())
    return low if 2 * low_backers >= len(scores) else high


def label_sets(kept, phantom, n_invented):
    """Every set of labels after an attack: sort keys in order, invented ones are no integers.

    `kept` holds the real scores of the voters that the attacker did not touch. A label that one
    of them has seen stays, any other may go.
    """
    n_classes = kept.shape[1]
    if not phantom:
        yield list(range(n_classes))
        return
    seen = [c for c in range(n_classes) if (kept[:, c] > NEVER).any()]
    gone = [c for c in range(n_classes) if c not in seen]
    places = [c - 0.5 for c in range(n_classes + 1)]
    for n_back in range(len(gone) + 1):
        for back in combinations(gone, n_back):
            for n_new in range(n_invented + 1):
                for new in combinations_with_replacement(places, n_new):
                    labels = sorted(seen + list(back) + list(new))
                    if labels:
                        yield labels


def scores_over(labels, kept):
    """Scores of untouched voters over a set of labels: -inf for those invented."""
    scores = np.full((len(kept), len(labels)), NEVER)
    for column, label in enumerate(labels):
        if label == int(label):
            scores[:, column] = kept[:, int(label)]
    return scores


def can_change(scores, touched, *, phantom, n_invented=2):
    """Whether the voters in `touched` can change the winner, whatever they come to score.

    A turned voter matters by its vote and by the finalist it backs. It backs the one that it
    votes for; if it votes for a third label it may back either, if it abstains the first one.
    """
    winner = elect(scores)
    kept = np.delete(scores, list(touched), axis=0)
    for labels in label_sets(kept, phantom, n_invented):
        if winner not in labels:
            return True
        n_labels = len(labels)
        place = labels.index(winner)
        after = scores_over(labels, kept)
        tally = np.bincount(
            [row.argmax() for row in after if row.max() > NEVER], minlength=n_labels
        )
        if n_labels == 1:
            continue
        prefers = (after[:, :, None] >= after[:, None, :]).sum(axis=0).tolist()
        tally = tally.tolist()
        for turned in combinations_with_replacement(range(-1, n_labels), len(touched)):
            counts = [tally[c] + turned.count(c) for c in range(n_labels)]
            by_votes = sorted(range(n_labels), key=lambda c: (-counts[c], c))
            low, high = sorted(by_votes[:2])
            least = prefers[low][high] + turned.count(low) + turned.count(-1)
            most = prefers[low][high] + len(turned) - turned.count(high)
            if place == low and 2 * least >= len(scores):
                continue
            if place == high and 2 * most < len(scores):
                continue
            return True
    return False


def can_change_naively(scores, touched, *, phantom, n_invented):
    """The same from full score vectors: every order of the labels, and never having seen any."""
    winner = elect(scores)
    untouched = [voter for voter in range(len(scores)) if voter not in touched]
    for labels in label_sets(scores[untouched], phantom, n_invented):
        n_labels = len(labels)
        after = np.empty((len(scores), n_labels))
        after[untouched] = scores_over(labels, scores[untouched])
        values = [0.0, 1.0, NEVER] if n_labels < 3 else [0.0, 1.0, 2.0, NEVER]
        for new in product(product(values, repeat=n_labels), repeat=len(touched)):
            after[list(touched)] = new
            if labels[elect(after)] != winner:
                return True
    return False


def fewest_partitions(scores, spread, *, phantom, n_invented=2):
    """Size of the smallest attack that works; n_partitions + 1 if none does."""
    for size in range(1, len(spread) + 1):
        for subset in combinations(range(len(spread)), size):
            touched = sorted(set(spread[list(subset)].ravel().tolist()))
            if can_change(scores, touched, phantom=phantom, n_invented=n_invented):
                return size
    return len(spread) + 1


# --- the paper's bounds, in plain Python ------------------------------------------------------


def paper_radius(scores, spread, *, phantom):
    """Radius in partitions by the paper's bounds, with ties, abstentions and invented labels.

    Without a spread these are the closed forms, which take any number of voters for granted
    that each change as much as a voter can.
    """
    n_voters, n_classes = scores.shape
    rows = scores.tolist()
    unreachable = (n_voters if spread is None else len(spread)) + 1
    votes = [row.index(max(row)) if max(row) > NEVER else None for row in rows]
    n = {c: votes.count(c) for c in range(n_classes)} | {-1: 0, -2: 0}  # -1 and -2: invented
    p = elect(scores)
    finalists = sorted(range(n_classes), key=lambda c: (-n[c], c))[:2]
    s = next((c for c in finalists if c != p), None)
    rivals = [c for c in range(-2 if phantom else 0, n_classes) if c != p]

    def gap(a, b):
        return n[a] - n[b] + (b > a)

    def backs(row, b):
        if b < 0:
            return row[p] > NEVER
        return row[p] > row[b] or (row[p] == row[b] and p < b)

    def needed(weights, most, goal):
        if spread is None:
            return -(-max(goal, 0) // most)
        damages = sorted((sum(weights[i] for i in voters) for voters in spread), reverse=True)
        return next((r for r in range(unreachable) if sum(damages[:r]) >= goal), unreachable)

    def one(a, b):
        return needed([1 + (v == a) - (v == b) for v in votes], 2, gap(a, b))

    def two(b, e):
        weights = [1 + 2 * (v == p) - (v == b) - (v == e) for v in votes]
        return max(one(p, b), one(p, e), needed(weights, 3, gap(p, b) + gap(p, e)))

    def second_round(b):
        weights = [2 * backs(row, b) for row in rows]
        turned = needed(weights, 2, sum(weights) - n_voters + (b > p))
        return turned if s in (None, b) else max(turned, one(s, b))

    bounds = [two(b, e) for b, e in combinations(rivals, 2)] + [second_round(b) for b in rivals]
    return max(min([*bounds, unreachable]), 1) - 1


# --- cases ------------------------------------------------------------------------------------


def random_scores(rng, n_voters, n_classes):
    """Few values, so that ties and -inf are frequent; often one class is ahead."""
    values = [NEVER, 0.0, 1.0, 2.0]
    scores = rng.choice(values, size=(n_voters, n_classes), p=rng.dirichlet([1, 1, 1, 1]))
    if rng.random() < 0.3:
        scores[rng.random(n_voters) < 0.5] = NEVER
    if rng.random() < 0.5:
        favourite = rng.random(n_voters) < rng.choice([0.6, 0.8, 1.0])
        scores[favourite, rng.integers(n_classes)] = 3.0
    return scores


def random_camps(rng, n_voters, n_classes):
    """Voters in a few camps, each with a ranking of its own that its voters follow roughly.

    So some finalists are narrowly ahead in one round and far ahead in the other.
    """
    n_camps = rng.integers(1, 5)
    camp = rng.choice(n_camps, size=n_voters, p=rng.dirichlet(np.full(n_camps, 2.0)))
    if rng.random() < 0.5:
        camp.sort()  # so that some partitions reach one camp only
    scores = rng.normal(size=(n_camps, n_classes))[camp] * rng.choice([1.0, 3.0])
    scores = np.round(scores + 0.5 * rng.normal(size=scores.shape), 1)
    scores[rng.random(scores.shape) < rng.choice([0.0, 0.1])] = NEVER
    return scores


def random_spread(rng, n_voters, kind, most_partitions=5):
    degree = rng.integers(1, min(n_voters, 3 if n_voters < 10 else 6) + 1)
    offsets = rng.choice([np.arange(n_voters), rng.permutation(n_voters)])[:degree]
    if kind == "cyclic":
        return (np.arange(n_voters)[:, None] + offsets) % n_voters
    n_partitions = rng.choice([n_voters, rng.integers(1, most_partitions + 1)])
    return (rng.integers(0, n_voters, size=(n_partitions, 1)) + offsets) % n_voters


def one_radius(scores, **options):
    predicted, radius = runoff_radius(scores[np.newaxis], **options)
    assert predicted.dtype == radius.dtype == np.int64
    assert predicted[0] == elect(scores)
    return radius[0]


@st.composite
def score_arrays(draw, max_voters=12, max_classes=5):
    n_voters = draw(st.integers(1, max_voters))
    n_classes = draw(st.integers(1, max_classes))
    values = st.sampled_from([NEVER, -1.0, -0.0, 0.0, 0.25, 0.5, 7.0])
    return draw(arrays(np.float64, (n_voters, n_classes), elements=values))


# --- brute force ------------------------------------------------------------------------------


@pytest.mark.parametrize("phantom", [True, False])
def test_brute_force_knows_all_that_voters_can_do(phantom):
    rng = np.random.default_rng(0)
    outcomes = set()
    for _ in range(250):
        n_voters, n_classes = rng.integers(1, 5), rng.integers(1, 4)
        scores = random_scores(rng, n_voters, n_classes)
        n_invented = int(rng.integers(0, 3 if n_classes < 3 else 2))
        n_touched = 2 if n_voters > 2 and n_classes + n_invented < 4 else 1
        touched = rng.permutation(n_voters)[:n_touched].tolist()
        options = {"phantom": phantom, "n_invented": n_invented}
        expected = can_change_naively(scores, touched, **options)
        assert can_change(scores, touched, **options) == expected
        outcomes.add(expected)
    assert outcomes == {True, False}


@pytest.mark.parametrize("phantom", [True, False])
@pytest.mark.parametrize("n_classes", [1, 2, 3])
def test_one_partition_per_voter_is_exact(n_classes, phantom):
    rng = np.random.default_rng(n_classes)
    found = set()
    for _ in range(400):
        n_voters = int(rng.integers(1, 6))
        scores = random_scores(rng, n_voters, n_classes)
        smallest_attack = fewest_partitions(scores, np.arange(n_voters)[:, None], phantom=phantom)
        radius = one_radius(scores, phantom=phantom)
        assert radius == smallest_attack - 1
        found.add(radius)
    assert found >= ({5} if (n_classes, phantom) == (1, False) else {0, 1})


def test_one_partition_per_voter_is_exact_for_more_voters_and_classes():
    rng = np.random.default_rng(4)
    found = set()
    for _ in range(60):
        n_voters, n_classes = rng.integers(6, 9), rng.integers(3, 5)
        scores = random_scores(rng, n_voters, n_classes)
        phantom = bool(rng.integers(2))
        smallest_attack = fewest_partitions(scores, np.arange(n_voters)[:, None], phantom=phantom)
        radius = one_radius(scores, phantom=phantom)
        assert radius == smallest_attack - 1
        found.add(radius)
    assert found >= {0, 1, 2, 3}


@pytest.mark.parametrize("phantom", [True, False])
@pytest.mark.parametrize("kind", ["cyclic", "any"])
def test_no_attack_within_the_radius_of_a_spread_works(kind, phantom):
    rng = np.random.default_rng(5)
    found = set()
    for _ in range(600):
        n_voters, n_classes = rng.integers(1, 6), rng.integers(1, 4)
        scores = random_scores(rng, n_voters, n_classes)
        spread = random_spread(rng, n_voters, kind)
        radius = one_radius(scores, spread=spread, phantom=phantom)
        found.add(radius)
        if radius == 0:
            continue
        for partitions in combinations(range(len(spread)), radius):
            touched = sorted(set(spread[list(partitions)].ravel().tolist()))
            # fewer partitions can do nothing that these cannot: a touched voter may stay as it is
            assert not can_change(scores, touched, phantom=phantom)
    assert found >= {0, 1, 2}


# --- formulas ---------------------------------------------------------------------------------


@settings(derandomize=True, deadline=None, max_examples=300)
@given(score_arrays(), st.booleans())
def test_exact_radius_is_never_below_the_bounds_of_the_paper(scores, phantom):
    radius = one_radius(scores, phantom=phantom)
    assert radius >= paper_radius(scores, None, phantom=phantom)
    assert radius >= paper_radius(scores, np.arange(len(scores))[:, None], phantom=phantom)


@settings(derandomize=True, deadline=None, max_examples=300)
@given(score_arrays(), st.booleans(), st.sampled_from(["cyclic", "any"]), st.integers(0, 99))
def test_spread_radius_is_the_bound_of_the_paper(scores, phantom, kind, seed):
    spread = random_spread(np.random.default_rng(seed), len(scores), kind)
    expected = paper_radius(scores, spread, phantom=phantom)
    if spread.shape == (len(scores), 1) and len(set(spread.ravel())) == len(scores):
        assert one_radius(scores, spread=spread, phantom=phantom) >= expected
    else:
        assert one_radius(scores, spread=spread, phantom=phantom) == expected


@pytest.mark.parametrize("phantom", [True, False])
def test_bounds_of_the_paper_among_camps(phantom):
    rng = np.random.default_rng(9)
    found = set()
    for _ in range(1000):
        n_voters, n_classes = rng.integers(10, 41), rng.integers(2, 8)
        scores = random_camps(rng, n_voters, n_classes)
        spread = random_spread(rng, n_voters, rng.choice(["cyclic", "any"]), 2 * n_voters)
        if spread.shape[1] > 1:
            radius = one_radius(scores, spread=spread, phantom=phantom)
            assert radius == paper_radius(scores, spread, phantom=phantom)
            found.add(radius)
        exact = one_radius(scores, phantom=phantom)
        assert exact >= paper_radius(scores, None, phantom=phantom)
    assert found >= set(range(6))


@pytest.mark.parametrize(("n_classes", "degree"), [(10, 6), (43, 4), (3, 100)])
def test_large_elections(n_classes, degree):
    # 100 voters per partition need a wider type for the damages
    rng = np.random.default_rng(6)
    scores = rng.normal(size=(4, 130, n_classes))
    scores[:3, :, 1] += rng.normal([[1.0], [2.0], [3.0]], 1.0, size=(3, 130))
    spread = (np.arange(130)[:, None] + rng.permutation(130)[:degree]) % 130
    predicted, radius = runoff_radius(scores, spread=spread)
    assert predicted.tolist() == [elect(sample) for sample in scores]
    assert radius.tolist() == [paper_radius(s, spread, phantom=True) for s in scores]
    alone = runoff_radius(scores)[1]
    assert (alone >= [paper_radius(s, None, phantom=True) for s in scores]).all()


def test_order_of_partitions_does_not_matter():
    # in order the spread is cyclic, which is summed another way, and chunk by chunk
    rng = np.random.default_rng(10)
    scores = rng.normal(size=(3, 9000, 3))
    scores[:, :, 1] += [[0.2], [0.5], [1.0]]
    spread = (np.arange(9000)[:, None] + [0, 17, 4000, 8999]) % 9000
    radius = runoff_radius(scores, spread=spread)[1]
    shuffled = runoff_radius(scores, spread=rng.permutation(spread))[1]
    assert shuffled.tolist() == radius.tolist()
    assert radius.max() > 500


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
