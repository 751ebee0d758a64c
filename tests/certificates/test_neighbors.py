"""The radii of nearest neighbours against every attack on short rankings."""

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sklearn_certify.certificates import knn_radius, plurality_radius, rnn_radius
from sklearn_certify.exceptions import InvalidInputError
from sklearn_certify.threat import THREAT_MODELS

from .brute_force import elect

BUDGET = 2  # of the attacks that are enumerated


def insertions(ranking, labels):
    return {
        (*ranking[:place], label, *ranking[place:])
        for place in range(len(ranking) + 1)
        for label in labels
    }


def deletions(ranking):
    return {(*ranking[:place], *ranking[place + 1 :]) for place in range(len(ranking))}


def flips(ranking, labels):
    return {
        (*ranking[:place], label, *ranking[place + 1 :])
        for place in range(len(ranking))
        for label in labels
    }


def one_unit(ranking, labels, threat_model):
    """All rankings that one unit of poison makes of this one."""
    if threat_model == "label_flip":
        return flips(ranking, labels)
    reached = set()
    if threat_model != "insert":
        reached |= deletions(ranking)
    if threat_model != "delete":
        reached |= insertions(ranking, labels)
    if threat_model == "modify":
        for rest in deletions(ranking):
            reached |= insertions(rest, labels)
    return reached


def elect_of(voters, n_classes):
    """The class that wins; None of nobody."""
    return elect(voters, n_classes) if voters else None


@cache
def true_radius(ranking, n_neighbors, n_classes, threat_model, phantom, budget):
    """The largest poison size up to `budget` that changes the winner in no way."""
    labels = range(n_classes + phantom)
    winner = elect_of(ranking[:n_neighbors], n_classes)
    rankings = {ranking}
    for size in range(1, budget + 1):
        rankings = {
            poisoned for reached in rankings for poisoned in one_unit(reached, labels, threat_model)
        }
        if any(elect_of(poisoned[:n_neighbors], n_classes) != winner for poisoned in rankings):
            return size - 1
    return budget


def rankings(most_rows, n_classes):
    return st.lists(st.integers(0, n_classes - 1), min_size=1, max_size=most_rows).map(tuple)


@pytest.mark.parametrize("phantom", [False, True])
@pytest.mark.parametrize("threat_model", THREAT_MODELS)
@settings(max_examples=60, deadline=None, derandomize=True)
@given(data=st.data())
def test_knn_radius_is_the_truth(threat_model, phantom, data):
    n_classes = data.draw(st.integers(1, 3))
    ranking = data.draw(rankings(5 if threat_model == "modify" else 8, n_classes))
    n_neighbors = data.draw(st.integers(1, 5))
    truth = true_radius(ranking, n_neighbors, n_classes, threat_model, phantom, BUDGET)
    predicted, radius = knn_radius(
        [ranking],
        n_neighbors,
        n_classes,
        threat_model=threat_model,
        phantom=phantom,
        n_rows=len(ranking),
    )
    assert predicted[0] == elect(ranking[:n_neighbors], n_classes)
    if n_classes == 1 and not phantom:  # nothing to be changed to: all that is claimed must hold
        assert min(radius[0], BUDGET) <= truth
    else:
        assert min(radius[0], BUDGET) == truth


@pytest.mark.parametrize("threat_model", ["insert", "delete", "insert_delete", "label_flip"])
@settings(max_examples=25, deadline=None, derandomize=True)
@given(data=st.data())
def test_knn_radius_is_the_truth_for_two_classes_and_larger_budgets(threat_model, data):
    ranking = data.draw(rankings(8, 2))
    n_neighbors = data.draw(st.integers(1, 7))
    arguments = {"threat_model": threat_model, "phantom": False, "n_rows": len(ranking)}
    radius = knn_radius([ranking], n_neighbors, 2, **arguments)[1][0]
    truth = true_radius(ranking, n_neighbors, 2, threat_model, False, 4)
    if threat_model == "insert_delete" and len(ranking) <= 4:
        assert min(radius, 4) <= truth  # all rows can be deleted
    else:
        assert min(radius, 4) == truth


@settings(max_examples=100, deadline=None, derandomize=True)
@given(data=st.data())
def test_unknown_rows_are_never_counted_on(data):
    """With fewer columns than rows, the radius holds whatever the labels of the others are."""
    n_classes = data.draw(st.integers(1, 3))
    ranking = data.draw(rankings(12, n_classes))
    n_neighbors = data.draw(st.integers(1, len(ranking)))
    n_columns = data.draw(st.integers(n_neighbors, len(ranking)))
    threat_model = data.draw(st.sampled_from(THREAT_MODELS))
    phantom = data.draw(st.booleans())
    arguments = {"threat_model": threat_model, "phantom": phantom}
    exact = knn_radius([ranking], n_neighbors, n_classes, n_rows=len(ranking), **arguments)[1][0]
    for n_rows in (None, len(ranking)):
        known = knn_radius(
            [ranking[:n_columns]], n_neighbors, n_classes, n_rows=n_rows, **arguments
        )[1][0]
        assert known <= exact
        if n_columns == len(ranking) and n_rows is not None:
            assert known == exact
        if threat_model in ("delete", "insert_delete") and (n_rows is None or n_columns < n_rows):
            assert known <= n_columns - n_neighbors
            assert known == min(exact, n_columns - n_neighbors)
        else:
            assert known == exact


def test_fewer_columns_than_neighbors_are_all_rows():
    labels = [[0, 0, 0, 1]]
    for threat_model in THREAT_MODELS:
        known = knn_radius(labels, 9, 2, threat_model=threat_model)
        told = knn_radius(labels, 9, 2, threat_model=threat_model, n_rows=4)
        np.testing.assert_array_equal(known, told)


@pytest.mark.parametrize(
    ("n_neighbors", "expected"),
    [
        (3, {"insert": 3, "delete": 5, "insert_delete": 3, "modify": 1, "label_flip": 1}),
        (9, {"insert": 6, "delete": 5, "insert_delete": 5, "modify": 3, "label_flip": 3}),
    ],
)
def test_radii_end_where_there_is_no_rival(n_neighbors, expected):
    for threat_model, radius in expected.items():
        arguments = {"threat_model": threat_model, "phantom": False, "n_rows": 6}
        assert knn_radius([[0] * 6], n_neighbors, 1, **arguments)[1][0] == radius


def votes_after_one_unit(counts, labels, threat_model):
    """All neighbourhoods that one unit of poison makes of this one; rows may also come from far."""
    added = {(*counts[:label], counts[label] + 1, *counts[label + 1 :]) for label in labels}
    removed = {
        (*counts[:label], counts[label] - 1, *counts[label + 1 :])
        for label, count in enumerate(counts)
        if count
    }
    if threat_model == "insert":
        return added
    if threat_model == "delete":
        return removed
    if threat_model == "insert_delete":
        return added | removed
    turned = {
        (*rest[:label], rest[label] + 1, *rest[label + 1 :]) for rest in removed for label in labels
    }
    return turned if threat_model == "label_flip" else added | removed | turned


def winner_of(counts, n_classes):
    """The class with most votes; the last count, of the invented label, wins ties if not zero."""
    if counts[n_classes] and counts[n_classes] == max(counts):
        return n_classes
    return int(np.argmax(counts[:n_classes]))


@pytest.mark.parametrize("phantom", [False, True])
@pytest.mark.parametrize("threat_model", THREAT_MODELS)
@settings(max_examples=60, deadline=None, derandomize=True)
@given(data=st.data())
def test_rnn_radius_is_the_truth(threat_model, phantom, data):
    n_classes = data.draw(st.integers(2, 3))
    counts = data.draw(st.lists(st.integers(0, 5), min_size=n_classes, max_size=n_classes))
    predicted, radius = rnn_radius([counts], threat_model=threat_model, phantom=phantom)
    start = (*counts, 0)
    winner, reached, truth = winner_of(start, n_classes), {start}, None
    assert predicted[0] == winner
    for size in range(1, 7):
        reached = {
            after
            for before in reached
            for after in votes_after_one_unit(before, range(n_classes + phantom), threat_model)
        }
        # an empty neighbourhood may be given any label
        if any(
            winner_of(after, n_classes) != winner or (phantom and not any(after))
            for after in reached
        ):
            truth = size - 1
            break
    if not any(counts):
        assert radius[0] == 0
    elif truth is not None:
        assert radius[0] == truth
    else:  # deletions alone may not be able to change it
        assert threat_model == "delete" or radius[0] >= 6


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.lists(st.lists(st.integers(0, 2), min_size=9, max_size=9), min_size=1, max_size=5))
def test_modified_neighbors_are_a_plurality_vote(labels):
    for phantom in (False, True):
        voters = plurality_radius(np.array(labels)[:, :5], 3, phantom=phantom)
        for threat_model in ("modify", "label_flip"):
            np.testing.assert_array_equal(
                knn_radius(labels, 5, 3, threat_model=threat_model, phantom=phantom), voters
            )


def test_stronger_attackers_have_smaller_radii():
    labels = np.random.RandomState(0).randint(0, 3, (200, 60))
    labels[:, ::2] = 1
    labels[:, 31:] = 2  # move up where rows are deleted
    radii = {
        threat_model: knn_radius(labels, 31, 3, threat_model=threat_model, n_rows=60)[1]
        for threat_model in THREAT_MODELS
    }
    assert (radii["insert"] >= radii["insert_delete"]).all()
    assert (radii["delete"] >= radii["insert_delete"]).all()
    assert (radii["insert_delete"] >= radii["modify"]).all()
    assert (radii["label_flip"] == radii["modify"]).all()
    assert (radii["insert"] > radii["insert_delete"]).any()
    assert (radii["insert_delete"] > radii["modify"]).any()


def test_types_and_shapes():
    for dtype in (np.int8, np.int16, np.int32, np.int64, np.uint8):
        predicted, radius = knn_radius(np.array([[1, 1, 0]], dtype), 3, 300)
        assert predicted.tolist() == [1] and radius.dtype == predicted.dtype == np.int64
    predicted, radius = knn_radius(np.zeros((0, 4), int), 3, 2)
    assert predicted.shape == radius.shape == (0,)
    predicted, radius = rnn_radius(np.zeros((0, 4), int))
    assert predicted.shape == radius.shape == (0,)


@pytest.mark.parametrize(
    ("call", "match"),
    [
        (lambda: knn_radius([[0, 1]], 0, 2), "n_neighbors must"),
        (lambda: knn_radius([[0, 1]], 1.5, 2), "n_neighbors must"),
        (lambda: knn_radius([[0, 1]], 1, 0), "n_classes must"),
        (lambda: knn_radius([[0, 2]], 1, 2), "votes must lie"),
        (lambda: knn_radius([[0, -1]], 1, 2), "from 0 up"),
        (lambda: knn_radius([[0.0, 1.0]], 1, 2), "integers"),
        (lambda: knn_radius([[0, 1]], 1, 2, threat_model="all"), "threat_model must"),
        (lambda: knn_radius([[0, 1]], 1, 2, n_rows=1), "a column for each"),
        (lambda: knn_radius([[0, 1]], 3, 2, n_rows=4), "a column for each"),
        (lambda: knn_radius([[0, 1]], 3, 2, n_rows=0), "n_rows must"),
        (lambda: rnn_radius([0, 1]), "vote_counts must have shape"),
        (lambda: rnn_radius([[-1, 2]]), "from 0 up"),
        (lambda: rnn_radius([[0.5, 2]]), "integers"),
        (lambda: rnn_radius([[1, 2]], threat_model="all"), "threat_model must"),
    ],
)
def test_bad_input_is_refused(call, match):
    with pytest.raises(InvalidInputError, match=match):
        call()
