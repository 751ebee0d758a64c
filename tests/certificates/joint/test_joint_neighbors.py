"""The joint certificates of radius nearest neighbours against every attack, and against theory."""

from itertools import combinations, combinations_with_replacement, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sklearn_certify.certificates._margins import rival_gaps
from sklearn_certify.certificates.joint import _branch_and_bound
from sklearn_certify.certificates.joint._attacker import Attacker
from sklearn_certify.certificates.joint._branch_and_bound import flips_by_labels
from sklearn_certify.certificates.joint._island_bound import island_flips
from sklearn_certify.certificates.joint._knapsack import most_flips
from sklearn_certify.certificates.joint._neighbor_needs import collect_needs
from sklearn_certify.certificates.joint._neighbors import joint_neighbors_accuracy
from sklearn_certify.certificates.neighbors import rnn_radius
from sklearn_certify.exceptions import InvalidInputError
from sklearn_certify.threat import THREAT_MODELS, find_threat_model

METHODS = ("pointwise", "island", "knapsack", "branch")  # each at least as strong as the last


# --- the attacker in the plane: every removal, every place and label of an insertion -------------


def near(points, queries, radius):
    """Which points lie within the radius of which queries, (n_points, n_queries)."""
    return np.linalg.norm(points[:, None] - queries, axis=2) <= radius


def places_to_insert(queries, radius):
    """The sets of queries that a new point can be near, one row for each that was found."""
    lowest, highest = queries.min(axis=0) - radius, queries.max(axis=0) + radius
    grid = np.stack(np.meshgrid(*np.linspace(lowest, highest, 40).T), axis=-1).reshape(-1, 2)
    candidates = [grid, queries]
    for one, other in combinations(queries, 2):
        middle, half = (one + other) / 2, (other - one) / 2
        length = np.linalg.norm(half)
        candidates.append(middle[None])
        if 0 < length < radius:  # where the circles meet, and a little to all sides of it
            across = np.array([-half[1], half[0]]) * np.sqrt(radius**2 / length**2 - 1)
            around = np.array(list(product([-1e-6, 0, 1e-6], repeat=2)))
            candidates += [middle + across + around, middle - across + around]
    return np.unique(near(np.concatenate(candidates), queries, radius), axis=0)


def sums(changes, most, *, repeat):
    """All sums of at most `most` changes, and how many there are in each."""
    choose = combinations_with_replacement if repeat else combinations
    totals, sizes = [], []
    for size in range(most + 1):
        for chosen in choose(range(len(changes)), size):
            totals.append(changes[list(chosen)].sum(axis=0))
            sizes.append(size)
    return np.array(totals).reshape(len(sizes), *changes.shape[1:]), np.array(sizes)


def worst_accuracy(points, labels, queries, y, radius, budget, n_classes, threat_model, phantom):
    """The accuracy after the worst attack, by trying all of them."""
    n_labels = n_classes + 1  # label 0 is the invented one, which wins ties
    votes = (
        near(points, queries, radius)[:, :, None] * np.eye(n_labels, dtype=int)[labels + 1][:, None]
    )
    usable = np.eye(n_labels, dtype=int)[0 if phantom else 1 :]
    if threat_model == "label_flip":
        clean, here = votes.sum(axis=0), near(points, queries, radius)
        changes = []
        for chosen in combinations(range(len(points)), min(budget, len(points))):
            for new in product(usable, repeat=len(chosen)):
                change = np.zeros_like(clean)
                for row, label in zip(chosen, new, strict=True):
                    change += here[row][:, None] * label - votes[row]
                changes.append(change)
        return score(clean + np.array(changes), y, phantom)
    inserted = (
        places_to_insert(queries, radius)[:, None, :, None] * usable[None, :, None, :]
    ).reshape(-1, len(queries), n_labels)
    inserts, deletes = threat_model != "delete", threat_model != "insert"
    removed, n_removed = sums(votes, budget * deletes, repeat=False)
    added, n_added = sums(inserted, budget * inserts, repeat=True)
    worst = 1.0
    for minus, n_minus in zip(removed, n_removed, strict=True):
        fits = n_added + (0 if threat_model == "modify" else n_minus) <= budget
        worst = min(worst, score(votes.sum(axis=0) - minus + added[fits], y, phantom))
    return worst


def score(counts, y, phantom):
    """The lowest accuracy of vote counts (n_attacks, n_queries, 1 + n_classes)."""
    predicted = counts.argmax(axis=2)
    if not phantom:  # column 0 is empty, so it wins only where all columns are: first class
        predicted = np.maximum(predicted, 1)
    return ((predicted == y + 1) & (y >= 0)).mean(axis=1).min()


def random_scene(seed):
    """Training points and labels, queries and true classes, close enough to interact."""
    random = np.random.RandomState(seed)
    n_classes, n_queries = random.randint(1, 4), random.randint(1, 5)
    centres = random.uniform(0, random.choice([0.0, 1.5, 3.0]), (n_classes, 2))
    labels = random.randint(n_classes, size=random.randint(1, 13))
    points = centres[labels] + random.normal(0, 0.4, (len(labels), 2))
    noisy = random.rand(len(labels)) < 0.1
    labels[noisy] = random.randint(n_classes, size=noisy.sum())
    classes = random.randint(n_classes, size=n_queries)
    queries = centres[classes] + random.normal(0, 0.4, (n_queries, 2))
    counts = near(points, queries, 1.0).T.astype(int) @ np.eye(n_classes, dtype=int)[labels]
    y = counts.argmax(axis=1)
    y[random.rand(n_queries) < 0.05] = random.randint(-1, n_classes)
    return points, labels, queries, counts, y


@pytest.mark.parametrize("threat_model", THREAT_MODELS)
def test_no_attack_in_the_plane_beats_a_bound(threat_model):
    n_met, n_partly_certified, n_stronger = 0, 0, 0
    for seed in range(200):
        points, labels, queries, counts, y = random_scene(seed)
        phantom = seed % 3 > 0
        for budget in (1, 2):
            truth = worst_accuracy(
                points, labels, queries, y, 1.0, budget, counts.shape[1], threat_model, phantom
            )
            bounds = [
                joint_neighbors_accuracy(
                    counts, y, budget, threat_model=threat_model, method=method, phantom=phantom
                )
                for method in METHODS
            ]
            assert max(bounds) <= truth
            n_met += bounds[-1] == truth
            n_partly_certified += bounds[-1] == truth and 0 < truth < (counts.argmax(1) == y).mean()
            n_stronger += bounds[-1] > bounds[0]
    # a bound that is always zero would pass, and so would one that no attack comes near
    assert n_met >= 300
    assert n_partly_certified >= 30
    assert n_stronger >= 10


# --- the attacker who knows votes only -----------------------------------------------------------


def spendings(n_labels, most):
    """All ways to spend at most `most` units on labels."""
    choices = product(range(most + 1), repeat=n_labels)
    return np.array([choice for choice in choices if sum(choice) <= most])


def most_flips_of_votes(counts, budget, threat_model, phantom, *, one_label):
    """The most rows that flip if each removed or inserted row is near all of them.

    An inserted row has one label, or else the worst one for each test row.
    """
    predicted = counts.argmax(axis=1)
    gaps = rival_gaps(counts, predicted, phantom=phantom)
    others = counts.sum(axis=1) - counts.max(axis=1)
    n_classes, n_labels = counts.shape[1], gaps.shape[1]
    nothing = np.zeros((1, n_labels), dtype=int)
    removals = nothing if threat_model == "insert" else spendings(n_classes, budget)
    removals = removals[:, :n_classes]
    if one_label:
        insertions = nothing if threat_model == "delete" else spendings(n_labels, budget)
    else:
        amounts = np.arange(1 + budget * (threat_model != "delete"))
        insertions = np.repeat(amounts[:, None], n_labels, axis=1)
    most = 0
    for removed in removals:
        for inserted in insertions:
            n_inserted = inserted.sum() if one_label else inserted[0]
            if threat_model not in ("modify", "label_flip") and removed.sum() + n_inserted > budget:
                continue
            same_label = (removed + inserted[:n_classes]).max()
            if threat_model == "label_flip" and one_label and same_label > budget:
                continue
            flipped = 0
            for row, p in enumerate(predicted):
                for rival in range(n_labels):
                    gained = inserted[rival]
                    if threat_model == "label_flip":
                        of_rival = counts[row, rival] if rival < n_classes else 0
                        gained = min(gained, removed[p] + others[row] - of_rival)
                    if rival != p and removed[p] + gained > gaps[row, rival]:
                        flipped += 1
                        break
            most = max(most, flipped)
    return most


@st.composite
def few_votes(draw):
    n_classes = draw(st.integers(1, 3))
    n_rows = draw(st.integers(1, 6))
    rows = draw(
        st.lists(
            st.lists(st.integers(0, 4), min_size=n_classes, max_size=n_classes).filter(any),
            min_size=n_rows,
            max_size=n_rows,
        )
    )
    counts = np.array(rows)
    counts[np.arange(n_rows), draw(st.integers(0, n_classes - 1))] += draw(st.integers(0, 3))
    return counts


@pytest.mark.parametrize("threat_model", THREAT_MODELS)
@given(counts=few_votes(), budget=st.integers(0, 4), phantom=st.booleans())
@settings(max_examples=25, deadline=None, derandomize=True)
def test_knapsack_and_branch_are_exact_for_votes(threat_model, counts, budget, phantom):
    y = counts.argmax(axis=1)
    _, radius = rnn_radius(counts, threat_model=threat_model, phantom=phantom)
    n_weak = (radius < budget).sum()
    for method, one_label in (("knapsack", False), ("branch", True)):
        truth = most_flips_of_votes(counts, budget, threat_model, phantom, one_label=one_label)
        accuracy = joint_neighbors_accuracy(
            counts, y, budget, threat_model=threat_model, method=method, phantom=phantom
        )
        assert round((1 - accuracy) * len(y)) == min(truth, n_weak)


# --- the knapsack, the groups and the search -----------------------------------------------------


def knapsack_by_table(removals, starts, limits, budget):
    """The most flips by the plain dynamic programme over budgets."""
    most = np.zeros(budget + 1, dtype=int)
    for label, limit in enumerate(limits):
        needed = removals[starts[label] : starts[label + 1]]
        flips = [(needed <= spent).sum() for spent in range(min(limit, budget) + 1)]
        longer = np.zeros_like(most)
        for spent, flipped in enumerate(flips):
            longer[spent:] = np.maximum(longer[spent:], most[: budget + 1 - spent] + flipped)
        most = longer
    return most.max()


@pytest.mark.parametrize("spread", [3, 12, 60])
def test_knapsack_is_exact_and_no_better_than_without_a_search(spread):
    random = np.random.RandomState(spread)
    n_searches = 0
    for _ in range(60):
        sizes = random.randint(0, 9, random.randint(1, 6))
        starts = np.concatenate([[0], np.cumsum(sizes)])
        removals = random.randint(-2, spread, starts[-1])
        budget = random.randint(0, 2 * spread)
        limits = random.randint(0, budget + 2, len(sizes))
        exact = knapsack_by_table(removals, starts, limits, budget)
        assert most_flips(removals, starts, limits, budget) == exact
        upper = most_flips(removals, starts, limits, budget, 0)
        assert exact <= upper <= exact + sizes.max()
        n_searches += upper > exact
        unlimited = np.full(len(sizes), budget)
        assert most_flips(removals, starts, unlimited, budget) <= island_flips(
            removals, starts, budget
        )
    assert n_searches


def test_island_by_hand():
    # groups: (5, 4), (3, 4), (1, -); the row that needs 9 is safe, the one that needs 0 is lost
    removals = np.array([0, 1, 3, 5, 9, 4, 4])
    starts = np.array([0, 5, 7])
    assert island_flips(removals, starts, 5) == 1 + 1 + 1 + 1
    assert island_flips(removals, starts, 7) == 1 + 1 + 2 + 1


def test_a_search_that_stops_early_is_sound(monkeypatch):
    random = np.random.RandomState(0)
    counts = random.poisson(3, (40, 4))
    counts[np.arange(40), random.randint(4, size=40)] += 8
    stopped = []
    for threat_model in ("insert", "insert_delete", "modify", "label_flip"):
        attacker = Attacker(7, find_threat_model(threat_model))
        rows = collect_needs(counts, attacker, phantom=True)
        bounds = []
        for most_boxes in (1, 2, 10, 10_000):
            monkeypatch.setattr(_branch_and_bound, "_FEWEST_BOXES", most_boxes)
            monkeypatch.setattr(_branch_and_bound, "_MOST_BOXES", most_boxes)
            bounds.append(flips_by_labels(rows, attacker))
        assert bounds == sorted(bounds, reverse=True)
        stopped.append(bounds[0] > bounds[-1])
    assert all(stopped)


# --- what holds for any votes --------------------------------------------------------------------


def many_votes(seed, n_rows=300, n_classes=5):
    random = np.random.RandomState(seed)
    y = random.randint(n_classes, size=n_rows)
    counts = random.poisson(4, (n_rows, n_classes))
    counts[np.arange(n_rows), y] += random.poisson(25 * random.rand(n_rows))
    counts[::50] = 0
    y[::17] = -1
    return counts, y


@pytest.mark.parametrize("threat_model", THREAT_MODELS)
@pytest.mark.parametrize("phantom", [True, False])
def test_order_of_methods_and_of_sizes(threat_model, phantom):
    sizes = [0, 1, 2, 4, 8, 12, 16, 24, 40, 300, 2**62]
    counts, y = many_votes(0)
    weaker = None
    for method in METHODS:

        def accuracy(phantom, rows=slice(None), sizes=sizes, method=method):
            return joint_neighbors_accuracy(
                counts[rows],
                y[rows],
                sizes,
                threat_model=threat_model,
                method=method,
                phantom=phantom,
            )

        curve = accuracy(phantom)
        assert curve[0] == (counts.argmax(axis=1) == y).mean()
        assert (np.diff(curve) <= 0).all()
        assert (accuracy(True) <= accuracy(False)).all()
        order = np.random.RandomState(1).permutation(len(y))
        assert (accuracy(phantom, order) == curve).all()
        assert [accuracy(phantom, sizes=size) for size in sizes] == curve.tolist()
        if weaker is not None:
            assert (curve >= weaker).all()
        weaker = curve
    if threat_model != "delete":
        assert weaker[-1] == 0


def test_the_methods_differ():
    counts, y = many_votes(1)
    for threat_model in ("modify", "label_flip"):
        accuracy = [
            joint_neighbors_accuracy(counts, y, 10, threat_model=threat_model, method=method)
            for method in METHODS
        ]
        assert (np.diff(accuracy) > 0).all()


def test_pointwise_is_the_radius():
    counts, y = many_votes(2)
    for threat_model in THREAT_MODELS:
        predicted, radius = rnn_radius(counts, threat_model=threat_model)
        assert joint_neighbors_accuracy(
            counts, y, 6, threat_model=threat_model, method="pointwise"
        ) == np.mean((predicted == y) & (radius >= 6))


def test_flipped_labels_must_be_near():
    """Insertions near two rows of different classes serve both; labels that flip there do not."""
    counts, y = [[9, 0, 0], [0, 9, 0]], [0, 1]
    sizes = [4, 5, 7, 8, 9, 10]
    modify = joint_neighbors_accuracy(counts, y, sizes, threat_model="modify", method="branch")
    flip = joint_neighbors_accuracy(counts, y, sizes, threat_model="label_flip", method="branch")
    # modify: 9 - e removals of either label beside e insertions of the invented one;
    # flips: half of the nine neighbours of each row must be taken from it, five of either label
    np.testing.assert_array_equal(modify, [1, 0.5, 0, 0, 0, 0])
    np.testing.assert_array_equal(flip, [1, 0.5, 0.5, 0.5, 0.5, 0])


def test_a_flipped_label_is_not_given_and_taken():
    # four units that give label 0 flip the first four rows, but then the last, which loses its
    # lead as soon as one row of label 0 is gone, stays as it is
    counts = [[2, 6, 2, 2, 2], [2, 2, 6, 2, 2], [2, 2, 2, 6, 2], [2, 2, 2, 2, 6], [3, 3, 0, 0, 0]]
    accuracy = joint_neighbors_accuracy(
        counts, [1, 2, 3, 4, 0], 4, threat_model="label_flip", method="branch", phantom=False
    )
    truth = most_flips_of_votes(np.array(counts), 4, "label_flip", False, one_label=True)
    assert truth == 4
    assert accuracy == 1 / 5


def test_an_empty_neighbourhood_is_lost_to_the_first_unit():
    for threat_model in THREAT_MODELS:
        for method in METHODS:
            for phantom in (True, False):
                accuracy = joint_neighbors_accuracy(
                    [[0, 0]], [0], [0, 1], threat_model=threat_model, method=method, phantom=phantom
                )
                assert accuracy.tolist() == [1, 0]


def test_counts_beyond_four_billion_are_bounded_from_below():
    counts = [[2**60, 0], [5, 2**59]]
    accuracy = joint_neighbors_accuracy(counts, [0, 1], [2**31, 2**62], threat_model="modify")
    assert accuracy.tolist() == [1, 0]


def test_one_class_without_rivals():
    for method in METHODS[1:]:
        assert joint_neighbors_accuracy([[3]], [0], 50, method=method, phantom=False) == 1


# --- what is refused -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"method": "best"}, "method must be one of 'pointwise', 'island', 'knapsack', 'branch'"),
        ({"method": ["branch"]}, "method must be one of"),
        ({"threat_model": "rename"}, "threat_model must be one of"),
        ({"vote_counts": [3, 0]}, "vote_counts must have shape"),
        ({"vote_counts": [[3.0, 0.0]]}, "vote_counts must be integers"),
        ({"vote_counts": [[-3, 0]]}, "vote_counts must be numbers of votes"),
        ({"vote_counts": np.zeros((0, 2), int), "y": []}, "at least one row"),
        ({"y": [0, 1]}, "y must hold one class index for each of the 1 rows"),
        ({"y": [0.0]}, "y must hold one class index"),
        ({"y": [2]}, "y must lie between -1 .unknown. and n_classes - 1 = 1"),
        ({"y": [-2]}, "y must lie between -1"),
        ({"poison_size": -1}, "poison_size must not be negative"),
        ({"poison_size": 0.5}, "poison_size must be a whole number"),
    ],
)
def test_wrong_arguments(changes, message):
    arguments = {"vote_counts": [[3, 0]], "y": [0], "poison_size": 1} | changes
    with pytest.raises(InvalidInputError, match=message):
        joint_neighbors_accuracy(**arguments)
