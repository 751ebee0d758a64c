"""Neighbours against attackers who want one label: every attack on short rankings."""

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sklearn_certify._compute.first_work import FirstWork
from sklearn_certify.certificates import knn_radius, rnn_radius
from sklearn_certify.exceptions import InvalidInputError
from sklearn_certify.threat import THREAT_MODELS

from .test_neighbors import (
    BUDGET,
    elect_of,
    one_unit,
    rankings,
    votes_after_one_unit,
    winner_of,
)


@cache
def radius_against(target, ranking, n_neighbors, n_classes, threat_model, phantom, budget):
    """The largest poison size up to `budget` that never makes the target win."""
    if elect_of(ranking[:n_neighbors], n_classes) == target:
        return -1
    rankings = {ranking}
    for size in range(1, budget + 1):
        rankings = {
            poisoned
            for reached in rankings
            for poisoned in one_unit(reached, range(n_classes + phantom), threat_model)
        }
        if any(elect_of(poisoned[:n_neighbors], n_classes) == target for poisoned in rankings):
            return size - 1
    return budget


@pytest.mark.parametrize("phantom", [False, True])
@pytest.mark.parametrize("threat_model", THREAT_MODELS)
@settings(max_examples=60, deadline=None, derandomize=True)
@given(data=st.data())
def test_knn_radius_is_the_truth(threat_model, phantom, data):
    n_classes = data.draw(st.integers(1, 3))
    budget = BUDGET if threat_model == "modify" else BUDGET + 1
    ranking = data.draw(rankings(5 if threat_model == "modify" else 7, n_classes))
    n_neighbors = data.draw(st.integers(1, 5))
    target = data.draw(st.integers(0, n_classes - 1 + phantom))
    case = ranking, n_neighbors, n_classes
    options = {"threat_model": threat_model, "phantom": phantom, "n_rows": len(ranking)}
    truth = radius_against(target, *case, threat_model, phantom, budget)
    radius = knn_radius([ranking], n_neighbors, n_classes, target=target, **options)[1][0]
    if threat_model in ("delete", "insert_delete") and len(ranking) <= budget:
        assert radius <= truth  # a radius never lets all rows be deleted
    else:
        assert min(radius, budget) == truth
    predicted, untargeted = knn_radius([ranking], n_neighbors, n_classes, **options)
    assert predicted == target or radius >= untargeted[0]


@pytest.mark.parametrize("threat_model", THREAT_MODELS)
def test_small_and_large_work_agree(threat_model, monkeypatch):
    rng = np.random.default_rng(0)
    cases = []
    for _ in range(60):
        n_classes, n_columns = int(rng.integers(1, 6)), int(rng.integers(1, 60))
        shares = rng.dirichlet(np.full(n_classes, 0.5))
        labels = rng.choice(n_classes, p=shares, size=(5, n_columns))
        n_neighbors = int(rng.integers(1, n_columns + 1))
        n_rows = [None, n_columns, n_columns + 7][rng.integers(3)]
        options = {"n_rows": n_rows, "target": int(rng.integers(n_classes + 1))}
        cases.append(((labels, n_neighbors, n_classes), options))

    def radii():
        return [
            knn_radius(*case, threat_model=threat_model, **options)[1] for case, options in cases
        ]

    of_kernels = radii()
    monkeypatch.setattr(FirstWork, "takes", lambda self, n_operations: True)
    np.testing.assert_array_equal(radii(), of_kernels)


def attack_by_formula(row, n_neighbors, target, n_classes, budget):
    """Whether i insertions and j deletions with i + j = budget win, by trying every split."""
    for i in range(budget + 1):
        j = budget - i
        first = row[: max(n_neighbors + j - i, 0)]
        own = first.count(target) + i
        missing = [
            first.count(c) + (c < target < n_classes) - own for c in range(n_classes) if c != target
        ]
        if sum(max(0, n) for n in missing) <= j:
            return True
    return False


@settings(max_examples=60, deadline=None, derandomize=True)
@given(data=st.data())
def test_every_split_of_the_budget_is_tried(data):
    n_classes = data.draw(st.integers(2, 4))
    label = st.integers(0, n_classes - 1)
    row = data.draw(st.lists(label, min_size=60, max_size=60))
    n_neighbors = data.draw(st.integers(1, 30))
    target = data.draw(st.integers(0, n_classes))
    predicted, radius = knn_radius([row], n_neighbors, n_classes, target=target)
    budget = 0
    while predicted != target and not attack_by_formula(
        row, n_neighbors, target, n_classes, budget
    ):
        budget += 1
    assert radius == budget - 1


@settings(max_examples=100, deadline=None, derandomize=True)
@given(data=st.data())
def test_unknown_rows_are_never_counted_on(data):
    n_classes = data.draw(st.integers(1, 3))
    ranking = data.draw(rankings(12, n_classes))
    n_neighbors = data.draw(st.integers(1, len(ranking)))
    n_columns = data.draw(st.integers(n_neighbors, len(ranking)))
    threat_model = data.draw(st.sampled_from(THREAT_MODELS))
    options = {"threat_model": threat_model, "target": data.draw(st.integers(0, n_classes))}
    exact = knn_radius([ranking], n_neighbors, n_classes, n_rows=len(ranking), **options)[1][0]
    for n_rows in (None, len(ranking)):
        known = knn_radius([ranking[:n_columns]], n_neighbors, n_classes, n_rows=n_rows, **options)[
            1
        ][0]
        if threat_model in ("delete", "insert_delete") and (n_rows is None or n_columns < n_rows):
            assert known == min(exact, n_columns - n_neighbors)
        else:
            assert known == exact


@pytest.mark.parametrize("phantom", [False, True])
@pytest.mark.parametrize("threat_model", THREAT_MODELS)
@settings(max_examples=100, deadline=None, derandomize=True)
@given(data=st.data())
def test_rnn_radius_is_the_truth(threat_model, phantom, data):
    n_classes = data.draw(st.integers(1, 3))
    counts = tuple(data.draw(st.lists(st.integers(0, 4), min_size=n_classes, max_size=n_classes)))
    target = data.draw(st.integers(0, n_classes - 1 + phantom))
    options = {"threat_model": threat_model, "phantom": phantom}
    predicted, radius = rnn_radius([counts], target=target, **options)
    untargeted = rnn_radius([counts], **options)[1]
    assert predicted == target or radius >= untargeted
    assert (radius == -1) == (predicted == target)
    reached = {(*counts, 0)}
    for size in range(1, 7):
        reached = {
            after
            for before in reached
            for after in votes_after_one_unit(before, range(n_classes + phantom), threat_model)
        }
        # an empty neighbourhood may be given any label, or the first of those that are fixed
        if any(
            winner_of(after, n_classes) == target or (phantom and not any(after))
            for after in reached
        ):
            if predicted != target and any(counts):
                assert radius == size - 1
            return
    assert predicted == target or radius >= min(sum(counts), 6)


def test_deletions_alone_may_never_be_enough():
    options = {"threat_model": "delete", "phantom": False}
    assert rnn_radius([[4, 0, 1]], target=1, **options)[1] == [5]
    assert rnn_radius([[0, 4, 1]], target=0, **options)[1] == [4]  # the first of no votes
    labels = [[0] * 6 + [2] * 3]
    assert knn_radius(labels, 3, 3, target=1, n_rows=9, **options)[1] == [8]
    assert knn_radius(labels, 3, 3, target=2, n_rows=9, **options)[1] == [4]


@pytest.mark.parametrize("target", [2, -1, 0.0])
def test_bad_targets(target):
    for call in (
        lambda: knn_radius([[0, 1]], 1, 2, phantom=False, target=target),
        lambda: rnn_radius([[1, 2]], phantom=False, target=target),
    ):
        with pytest.raises(InvalidInputError, match="target must"):
            call()
