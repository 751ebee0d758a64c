"""Certificates that count flipped labels inside the voters: every attack on few rows, real ones."""

import pickle
from itertools import product

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_digits, make_classification
from sklearn.linear_model import RidgeClassifier

from sklearn_certify import DPAClassifier
from sklearn_certify.augmentation import AugmentedCopies, ColumnNoise, GaussianNoise, RandomAffine
from sklearn_certify.ensemble._flip_plurality import FlipPlurality
from sklearn_certify.exceptions import InvalidInputError
from sklearn_certify.learners import (
    AugmentedClassifier,
    CopiesClassifier,
    StackedKernelRidgeClassifier,
    StackedRadiusNeighborsClassifier,
    StackedRidgeClassifier,
)
from sklearn_certify.testing import check_soundness

DIGITS, LABELS = load_digits(return_X_y=True)
VOTERS = {
    "ridge": StackedRidgeClassifier(1.0, store_rows=True),
    "kernel ridge": StackedKernelRidgeClassifier(0.1),
    "radius": StackedRadiusNeighborsClassifier(1.5, outlier_label=-1),
    "copies": AugmentedClassifier(
        StackedRidgeClassifier(1.0, store_rows=True), GaussianNoise(0.5), n_copies=3
    ),
}
every_voter = pytest.mark.parametrize("voter", VOTERS.values(), ids=VOTERS)


def white_box(voter, n_partitions, classes, **parameters):
    return DPAClassifier(
        clone(voter),
        n_partitions,
        threat_model="label_flip",
        classes=classes,
        label_flips="white_box",
        **parameters,
    )


def black_box(model):
    return clone(model).set_params(label_flips="black_box")


@every_voter
@pytest.mark.parametrize(("n_classes", "n_rows"), [(2, 7), (3, 5)])
def test_every_attack_on_few_rows(voter, n_classes, n_rows):
    """Voters without rows, with one label, with labels that come and go, are all among them."""
    n_exact = 0
    n_rows -= hasattr(voter, "n_copies")  # these take longest
    for seed in range(2):
        rng = np.random.default_rng(seed)
        X, y = rng.normal(size=(n_rows, 2)), rng.integers(0, n_classes, n_rows)
        queries = rng.normal(size=(12, 2))
        model = white_box(voter, 1 + 2 * seed, range(n_classes)).fit(X, y)
        predicted, radii = model.predict_certified(queries)
        np.testing.assert_array_equal(predicted, model.predict(queries))
        assert (radii >= black_box(model).fit(X, y).certified_radius(queries)).all()
        fewest = np.full((len(queries), n_classes), n_rows + 1)
        for labels in product(range(n_classes), repeat=n_rows):
            elected = clone(model).fit(X, labels).predict(queries)
            n_flips = (np.array(labels) != y).sum()
            np.minimum.at(fewest, (np.arange(len(queries)), elected), n_flips)
        for target in range(n_classes):
            targeted = model.certified_radius(queries, target=target)
            assert (targeted < fewest[:, target]).all()
            assert (targeted >= radii)[predicted != target].all()
        fewest[np.arange(len(queries)), predicted] = n_rows + 1
        least = fewest.min(axis=1)
        assert (radii < least).all()
        n_exact += (radii == np.minimum(least - 1, n_rows)).sum()
    assert n_exact > 6


@pytest.mark.parametrize("copies", [False, True])
@pytest.mark.parametrize("n_partitions", [4, 9])
def test_the_radius_is_no_more_than_an_attacker_needs(n_partitions, copies):
    """Of two classes nothing is lost: an attack by the voters' weights needs one flip more."""
    X, y = make_classification(260, 8, flip_y=0.05, class_sep=0.6, random_state=0)
    X, queries, y = X[:240], X[240:], y[:240]
    voter = StackedRidgeClassifier(5.0, store_rows=True)
    if copies:
        voter = AugmentedClassifier(voter, GaussianNoise(0.5), n_copies=3)
    model = white_box(voter, n_partitions, [0, 1])
    predicted, radii = model.fit(X, y).predict_certified(queries)
    assert (radii > black_box(model).fit(X, y).certified_radius(queries)).mean() > 0.5
    for query, label, radius in zip(queries, predicted, radii, strict=True):
        votes = model.votes(query[np.newaxis])[0]
        costs = [voter.flip_costs([query], [0, 1])[0, 1 - label] for voter in model.estimators_]
        need = (votes == label).sum() - (votes != label).sum() + (label == 0)
        turned = [i for i in np.argsort(costs) if votes[i] == label][: -(-need // 2)]
        flipped = y.copy()
        for number in turned:
            (rows,) = np.nonzero(model.partition_ == number)
            voter = model.estimators_[number]
            ridge, n_copies = (voter.estimator_, 4) if copies else (voter, 1)
            own = ridge.X_fit_[: len(rows)]
            order = [np.flatnonzero((X[rows] == row).all(axis=1))[0] for row in own]
            weights = ridge._label_weights(n_copies)(query[np.newaxis])[0][0]
            gains = np.where((weights > 0) == (y[rows[order]] == label), np.abs(weights), 0)
            worst = rows[np.array(order)[np.argsort(-gains)[: costs[number]]]]
            flipped[worst] = 1 - flipped[worst]
        assert (flipped != y).sum() == radius + 1
        assert clone(model).fit(X, flipped).predict([query])[0] != label


@every_voter
@pytest.mark.parametrize("on_voter_error", ["raise", "abstain"])
def test_attackers_find_nothing(voter, on_voter_error):
    if hasattr(voter, "radius"):
        voter = clone(voter).set_params(radius=22.0)
    model = white_box(voter, 5, range(10), on_voter_error=on_voter_error)
    report = check_soundness(model, DIGITS[:300], LABELS[:300], n_attacks=30)
    assert report.sound, report


def test_radii_are_several_times_as_large():
    voter = StackedRidgeClassifier(1e4, store_rows=True)
    model = white_box(voter, 5, range(10), n_jobs=2).fit(DIGITS[:1500], LABELS[:1500])
    queries, truth = DIGITS[1500:], LABELS[1500:]
    predicted, radii = model.predict_certified(queries)
    plain = black_box(model).fit(DIGITS[:1500], LABELS[:1500])
    np.testing.assert_array_equal(predicted, plain.predict(queries))
    assert (radii >= plain.certified_radius(queries)).all()
    assert np.median(radii) > 3 * np.median(plain.certified_radius(queries))
    sizes = [0, 5, 10, 20]
    pointwise = model.certified_accuracy(queries, truth, sizes)
    together = model.certified_accuracy(queries, truth, sizes, joint=True)
    assert (together >= pointwise).all()
    assert (together >= plain.certified_accuracy(queries, truth, sizes, joint=True)).all()
    again = pickle.loads(pickle.dumps(model)).set_params(n_jobs=None)
    np.testing.assert_array_equal(again.certified_radius(queries), radii)


def test_copies_made_once_for_all_voters():
    """Rows that come with copies may be asked with theirs, and stand several times as much."""
    copies = AugmentedCopies(RandomAffine(image_shape=(8, 8)), n_copies=3)
    voter = CopiesClassifier(
        StackedRidgeClassifier(1e4, store_rows=True), test_time_augmentation=True
    )
    model = white_box(voter, 5, range(10), transformer=copies).fit(DIGITS[:1500], LABELS[:1500])
    queries = DIGITS[1500:]
    predicted, radii = model.predict_certified(queries)
    np.testing.assert_array_equal(predicted, model.predict(queries))
    plain = black_box(model).fit(DIGITS[:1500], LABELS[:1500]).certified_radius(queries)
    assert (radii >= plain).all()
    assert np.median(radii) > 3 * np.median(plain)


def test_voters_kept_in_memory_tell_the_same(tmp_path):
    voter = StackedRidgeClassifier(100.0, store_rows=True)
    model = white_box(voter, 5, range(10)).fit(DIGITS[:300], LABELS[:300])
    for _ in range(2):
        kept = clone(model).set_params(memory=str(tmp_path)).fit(DIGITS[:300], LABELS[:300])
        np.testing.assert_array_equal(
            kept.certified_radius(DIGITS[300:400]), model.certified_radius(DIGITS[300:400])
        )


def test_who_has_no_labels_cannot_be_turned():
    ballots = np.array([[[0, 2], [1, 1]], [[1, 1], [1, 1]]], dtype=np.int32)
    winners, radii = FlipPlurality(2, n_rows=np.array([9, 0])).tally(ballots)
    np.testing.assert_array_equal(winners, [0, 0])
    np.testing.assert_array_equal(radii, [1, 0])
    winners, radii = FlipPlurality(2, n_rows=np.array([0, 0])).tally(ballots[1:])
    np.testing.assert_array_equal(radii, [0])


# ---- what is refused


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"threat_model": "modify"}, "threat_model='label_flip'"),
        ({"partition_by": "sample"}, "partition_by='features'"),
        ({"classes": None}, "all labels in classes"),
        ({"aggregation": "runoff"}, "aggregation='plurality'"),
        ({"estimator": None}, "an estimator that offers flip_costs"),
        ({"estimator": RidgeClassifier()}, "an estimator that offers flip_costs"),
        ({"estimator": StackedRidgeClassifier()}, "an estimator that offers flip_costs"),
        ({"estimator__class_weight": "balanced"}, "without class_weight"),
        (
            {"estimator": AugmentedClassifier(VOTERS["ridge"], ColumnNoise())},
            "each copy must follow from its row",
        ),
    ],
    ids=str,
)
def test_conditions(parameters, message):
    model = white_box(VOTERS["ridge"], 3, range(10)).set_params(**parameters)
    with pytest.raises(InvalidInputError, match=f"label_flips='white_box' needs .*{message}"):
        model.fit(DIGITS[:60], LABELS[:60])


def test_contributors_are_refused():
    model = white_box(VOTERS["ridge"], 3, range(10))
    with pytest.raises(InvalidInputError, match="no groups"):
        model.fit(DIGITS[:60], LABELS[:60], groups=np.arange(60) // 2)


@pytest.mark.parametrize(
    "parameters", [{"threat_model": "delete"}, {"aggregation": "runoff"}], ids=str
)
def test_what_changes_after_fit_is_refused(parameters):
    model = white_box(VOTERS["ridge"], 3, range(10)).fit(DIGITS[:60], LABELS[:60])
    model.set_params(**parameters)
    with pytest.raises(InvalidInputError, match="label_flips='white_box' needs"):
        model.certified_radius(DIGITS[:5])
