"""The joint certificate of the k nearest neighbours against every attack, and beside others."""

from collections import Counter
from functools import cache
from itertools import combinations, combinations_with_replacement

import numpy as np
import pytest

from sklearn_certify.certificates import joint_knn_accuracy, joint_neighbors_accuracy, knn_radius
from sklearn_certify.exceptions import InvalidInputError
from sklearn_certify.threat import THREAT_MODELS, find_threat_model

METHODS = ("pointwise", "island", "knapsack", "branch")  # each at least as strong as the last
RANKED = [model for model in THREAT_MODELS if model != "label_flip"]
INVENTED = -1  # sorts before all classes


# --- the attacker, in plain Python: inserted rows are near whichever queries they like ------------


def winner(neighbors):
    """The label with most votes, the first of them if there are several; None without votes."""
    counts = Counter(neighbors)
    return min(counts, key=lambda label: (-counts[label], label)) if counts else None


@cache
def subsets(labels):
    return {chosen for size in range(len(labels) + 1) for chosen in combinations(labels, size)}


def is_lost(ranked, k, inserted, truth):
    """Whether some of the inserted rows, put before all others, change the prediction."""
    return any(winner([*near, *ranked][:k]) != truth for near in subsets(inserted))


def attacks(n_rows, usable, budget, threat_model):
    """Every set of rows to remove, with every set of labels to insert beside it."""
    model = find_threat_model(threat_model)
    for n_removed in range(min(budget, n_rows) * model.deletes + 1):
        spent = 0 if threat_model == "modify" else n_removed
        n_inserted = (budget - spent) * model.inserts
        for removed in combinations(range(n_rows), n_removed):
            for inserted in combinations_with_replacement(usable, n_inserted):
                yield set(removed), inserted


def worst_accuracy(rankings, labels, y, k, n_classes, budget, threat_model, phantom):
    """The accuracy after the worst attack; nothing is predicted without training rows."""
    usable = (*range(n_classes), *([INVENTED] if phantom else []))
    worst = len(y)
    for removed, inserted in attacks(len(labels), usable, budget, threat_model):
        n_right = 0
        for ranking, truth in zip(rankings, y, strict=True):
            ranked = [labels[row] for row in ranking if row not in removed]
            right = winner([labels[row] for row in ranking][:k]) == truth
            n_right += right and not is_lost(tuple(ranked), k, inserted, truth)
        worst = min(worst, n_right)
    return worst / len(y)


def random_case(rng):
    """Labels of a few rows, in another order for each query; true classes; k; classes."""
    n_classes, n_rows, n_queries = rng.integers(1, 4), rng.integers(2, 8), rng.integers(1, 5)
    labels = rng.integers(n_classes, size=n_rows).tolist()
    rankings = [rng.permutation(n_rows).tolist() for _ in range(n_queries)]
    k = int(rng.integers(1, 6))
    if rng.random() < 0.7:  # a query's own class comes first, so that its prediction is firm
        for ranking in rankings:
            favourite = rng.integers(n_classes)
            ranking.sort(key=lambda row, own=favourite: labels[row] != own)
    y = np.array([winner([labels[row] for row in ranking][:k]) for ranking in rankings])
    if rng.random() < 0.2:
        y[0] = -1
    return rankings, labels, y, k, int(n_classes)


def labels_by_rank(rankings, labels):
    return np.array([[labels[row] for row in ranking] for ranking in rankings])


def compare_with_all_attacks(seed, n_cases, threat_model, method="branch"):
    """Try all attacks on a few rows; return how often the bound is above pointwise, and exact."""
    rng = np.random.default_rng(seed)
    n_gains = n_exact = n_tried = 0
    for _ in range(n_cases):
        rankings, labels, y, k, n_classes = random_case(rng)
        phantom = bool(rng.integers(2))
        options = {"threat_model": threat_model, "phantom": phantom, "n_rows": len(labels)}
        ranked, sizes = labels_by_rank(rankings, labels), np.arange(4)
        joint = joint_knn_accuracy(ranked, y, sizes, k, n_classes, method=method, **options)
        predicted, radius = knn_radius(ranked, k, n_classes, **options)
        assert (np.diff(joint) <= 0).all()
        for size in sizes:
            pointwise = np.mean((predicted == y) & (radius >= size))
            truth = worst_accuracy(rankings, labels, y, k, n_classes, size, threat_model, phantom)
            assert pointwise <= joint[size] <= truth + 1e-12
            n_gains += joint[size] > pointwise
            n_exact += abs(joint[size] - truth) < 1e-12
            n_tried += 1
    return n_gains, n_exact / n_tried


@pytest.mark.parametrize("threat_model", RANKED)
@pytest.mark.parametrize("seed", range(2))
def test_no_attack_beats_the_bound(seed, threat_model):
    n_gains, exact = compare_with_all_attacks(seed, 80, threat_model)
    assert n_gains > 2
    assert exact > 0.9


@pytest.mark.parametrize("method", METHODS)
def test_no_attack_beats_a_weaker_bound(method):
    for seed, threat_model in enumerate(RANKED):
        compare_with_all_attacks(10 + seed, 20, threat_model, method)


def test_unknown_rows_may_be_of_any_class():
    # of ten rows four are known: two of them may go, and if three do, the others may outvote them
    accuracies = joint_knn_accuracy(
        [[0] * 4], [0], [1, 2, 3], 3, 2, threat_model="delete", phantom=False, n_rows=10
    )
    np.testing.assert_array_equal(accuracies, [1, 1, 0])


@pytest.mark.parametrize("threat_model", ["delete", "insert_delete", "modify"])
def test_no_attack_calls_up_unknown_rows(threat_model):
    rng = np.random.default_rng(5)
    for _ in range(60):
        rankings, labels, y, k, n_classes = random_case(rng)
        n_rows, phantom = len(labels), bool(rng.integers(2))
        known = labels_by_rank(rankings, labels)[:, : rng.integers(min(k, n_rows), n_rows + 1)]
        options = {"threat_model": threat_model, "phantom": phantom, "n_rows": n_rows}
        joint = joint_knn_accuracy(known, y, np.arange(4), k, n_classes, **options)
        for size, accuracy in enumerate(joint):
            truth = worst_accuracy(rankings, labels, y, k, n_classes, size, threat_model, phantom)
            assert accuracy <= truth + 1e-12


# --- larger votes ---------------------------------------------------------------------------------


def neighborhoods(seed, n_samples=200, n_columns=60, n_classes=4):
    """Labels by rank, ever more of them of other classes; true classes."""
    rng = np.random.default_rng(seed)
    y = rng.integers(n_classes, size=n_samples)
    purity = rng.uniform(0.5, 1, (n_samples, 1)) - np.linspace(0, 0.4, n_columns)
    others = rng.integers(n_classes, size=(n_samples, n_columns))
    return np.where(rng.random((n_samples, n_columns)) < purity, y[:, np.newaxis], others), y


@pytest.mark.parametrize("phantom", [True, False])
@pytest.mark.parametrize("threat_model", THREAT_MODELS)
def test_each_method_is_at_least_as_strong_as_the_last(threat_model, phantom):
    labels, y = neighborhoods(0)
    sizes = np.arange(0, 25, 2)
    options = {"threat_model": threat_model, "phantom": phantom}
    predicted, radius = knn_radius(labels, 30, 4, **options)
    bounds = [[np.mean((predicted == y) & (radius >= size)) for size in sizes]]
    bounds += [joint_knn_accuracy(labels, y, sizes, 30, 4, method=m, **options) for m in METHODS]
    np.testing.assert_array_equal(bounds[0], bounds[1])
    assert (np.diff(bounds, axis=0) >= 0).all()
    assert (np.diff(bounds, axis=1) <= 0).all()
    assert (bounds[-1] > bounds[0]).sum() > 3


def test_more_columns_never_weaken_the_bound():
    labels, y = neighborhoods(1)
    sizes = np.arange(0, 30, 3)
    bounds = [
        joint_knn_accuracy(
            labels[:, :n_columns], y, sizes, 25, 4, threat_model="delete", n_rows=n_rows
        )
        for n_columns, n_rows in [(25, None), (40, None), (40, 100), (60, 100), (60, 60)]
    ]
    assert (np.diff(bounds, axis=0) >= 0).all()
    assert (bounds[-1] > bounds[0]).any()


@pytest.mark.parametrize("threat_model", THREAT_MODELS)
def test_sizes_of_any_magnitude(threat_model):
    labels, y = neighborhoods(2, n_samples=30)
    accuracies = joint_knn_accuracy(
        labels, y, [2**62, 0, 3, 60], 20, 4, threat_model=threat_model, n_rows=60
    )
    assert accuracies[1] >= accuracies[2] > 0
    assert accuracies[0] == accuracies[3] == 0
    single = joint_knn_accuracy(labels, y, 3, 20, 4, threat_model=threat_model, n_rows=60)
    assert isinstance(single, float)
    assert single == accuracies[2]


def test_flipped_labels_leave_the_neighbors_where_they_are():
    labels, y = neighborhoods(3)
    counts = np.stack([(labels[:, :15] == label).sum(axis=1) for label in range(4)], axis=1)
    options = {"threat_model": "label_flip", "method": "branch"}
    np.testing.assert_array_equal(
        joint_knn_accuracy(labels, y, [1, 3, 5, 7], 15, 4, **options),
        joint_neighbors_accuracy(counts, y, [1, 3, 5, 7], **options),
    )


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"neighbor_labels": [[0, -1]]}, "from 0 up"),
        ({"neighbor_labels": [[0.0, 1.0]]}, "integers"),
        ({"y": [0, 1]}, "one class index for each"),
        ({"y": [2]}, "between -1"),
        ({"poison_size": -1}, "must not be negative"),
        ({"n_neighbors": 0}, "n_neighbors"),
        ({"n_rows": 1}, "n_rows"),
        ({"threat_model": "steal"}, "threat_model"),
        ({"method": "guess"}, "method"),
    ],
)
def test_bad_input(changed, message):
    arguments = {"neighbor_labels": [[0, 1]], "y": [0], "poison_size": 1}
    arguments |= {"n_neighbors": 1, "n_classes": 2} | changed
    with pytest.raises(InvalidInputError, match=message):
        joint_knn_accuracy(**arguments)
