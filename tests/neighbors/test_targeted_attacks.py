"""Attackers who want one label, let loose on fitted neighbours."""

import numpy as np
import pytest
from sklearn.datasets import make_blobs

from sklearn_certify import CertifiedKNN, CertifiedRNN, certificates
from sklearn_certify.threat import THREAT_MODELS


@pytest.fixture(scope="module")
def blobs():
    X, y = make_blobs(300, centers=4, n_features=2, cluster_std=5.0, random_state=0)
    return X[10:], y[10:], X[:10]


@pytest.mark.parametrize(
    "classifier", [CertifiedKNN(21), CertifiedRNN(4.0), CertifiedRNN(4.0, outlier_label=7)]
)
@pytest.mark.parametrize("threat_model", ["insert", "label_flip"])
def test_their_radii_are_tight(classifier, threat_model, blobs):
    X, y, queries = blobs
    clean = classifier.set_params(threat_model=threat_model).fit(X, y)
    labels = clean.predict(queries)
    if isinstance(classifier, CertifiedKNN):
        near = clean.kneighbors(queries, return_distance=False)
    else:
        near = clean.radius_neighbors(queries, return_distance=False)

    def poisoned(query, target, size):
        if threat_model == "insert":
            copies = np.repeat(queries[[query]], size, axis=0)
            return np.vstack([X, copies]), np.append(y, [target] * size)
        flipped, rows = y.copy(), near[query]
        votes = [(y[rows] == label).sum() + (label < target) for label in range(4)]
        for _ in range(size):  # from the class that is ahead
            label = max(set(range(4)) - {target}, key=lambda c: votes[c])
            flipped[next(row for row in rows if flipped[row] == label)] = target
            votes[label] -= 1
        return X, flipped

    for target in range(4):
        radii = clean.certified_radius(queries, target=target)
        for query in np.flatnonzero(labels != target):
            for size in (radii[query], radii[query] + 1):
                attacked = classifier.__class__(**classifier.get_params())
                attacked.fit(*poisoned(query, target, int(size)))
                is_target = attacked.predict(queries[[query]])[0] == target
                assert is_target == (size > radii[query])


@pytest.mark.parametrize("threat_model", THREAT_MODELS)
def test_radii_are_those_of_the_labels_of_the_nearest_rows(threat_model, blobs):
    X, y, queries = blobs
    classifier = CertifiedKNN(9, threat_model=threat_model).fit(X, y)
    radii = [classifier.certified_radius(queries, target=target) for target in range(5)]
    order = classifier.kneighbors(queries, len(X), return_distance=False)
    expected = [
        certificates.knn_radius(
            y[order], 9, 4, threat_model=threat_model, n_rows=len(X), target=target
        )[1]
        for target in range(5)
    ]
    np.testing.assert_array_equal(radii, expected)
    if threat_model == "delete":  # nobody has the label 4, so that it can never win
        predicted = classifier.predict(queries)
        assert (radii[4] == len(X) - 1).all()
        assert (radii[0] < len(X) - 1)[predicted != 0].all()


def test_labels_of_empty_neighbourhoods_can_be_a_target():
    X, y = np.array([[0.0], [0.1], [0.2], [9.0]]), np.array([0, 0, 1, 1])
    radii = {}
    for fixed in (True, False):
        for threat_model in ("insert", "delete", "label_flip"):
            classifier = CertifiedRNN(
                1.0, outlier_label=5, classes=[0, 1] if fixed else None, threat_model=threat_model
            ).fit(X, y)
            radii[threat_model, fixed] = classifier.certified_radius(
                [[0.0], [9.0], [50.0]], target=5
            ).tolist()
    assert radii["delete", True] == radii["delete", False] == [2, 0, -1]
    # with fixed labels no row can have it, and without deletions no neighbourhood gets empty
    assert radii["insert", True] == radii["label_flip", True] == [3, 1, -1]
    assert radii["insert", False] == [1, 0, -1]
    assert radii["label_flip", False] == [0, 0, -1]
