"""No attack of a certified size changes a prediction, and a larger one does: all attacks tried."""

import numpy as np
import pytest
from sklearn.base import clone

from sklearn_certify.neighbors import CertifiedKNN, CertifiedRNN
from sklearn_certify.partition import hash_labels, hash_rows
from sklearn_certify.threat import THREAT_MODELS, find_threat_model

INVENTED = -1  # sorts before all labels, so that it wins ties
MOST = 2  # units that are tried


def unit_attacks(rows, cells, labels, threat_model):
    """Training sets that one unit of poison makes of `rows`, a tuple of (cell, label)."""
    choices = [(cell, label) for cell in cells for label in labels]
    for i in range(len(rows)):
        others = rows[:i] + rows[i + 1 :]
        if threat_model in ("delete", "insert_delete", "modify") and others:
            yield others
        if threat_model == "label_flip":
            yield from ((*others, (rows[i][0], label)) for label in labels)
        if threat_model == "modify":
            yield from ((*others, choice) for choice in choices)
    if threat_model in ("insert", "insert_delete", "modify"):
        yield from ((*rows, choice) for choice in choices)


def attacks(rows, cells, labels, threat_model):
    """Sets of training sets within reach of 1, ..., MOST units."""
    reached = [{tuple(sorted(rows))}]
    for _ in range(MOST):
        reached.append(
            {
                tuple(sorted(attacked))
                for start in reached[-1]
                for attacked in unit_attacks(start, cells, labels, threat_model)
            }
        )
    return reached[1:]


class Plain:
    """Both classifiers in a few plain lines, quick for a handful of rows."""

    def __init__(self, classifier, points, query, labels):
        distances = np.abs(points - query).sum(axis=1)
        self.n_neighbors = getattr(classifier, "n_neighbors", None)
        self.outlier_label = getattr(classifier, "outlier_label", None)
        self.labels_are_fixed = classifier.classes is not None
        radius = getattr(classifier, "radius", 0)
        self.within = {cell: distances[cell] <= radius for cell in range(len(points))}
        row_hashes, label_hashes = hash_rows(points), hash_labels(np.array(labels))
        self.ranks = {
            (cell, label): (distances[cell], int(row_hashes[cell]), int(label_hashes[i]))
            for cell in range(len(points))
            for i, label in enumerate(labels)
        }

    def predict(self, rows):
        if self.n_neighbors is not None:
            votes = sorted(rows, key=self.ranks.get)[: self.n_neighbors]
        else:
            votes = [row for row in rows if self.within[row[0]]]
        if not votes:
            if self.outlier_label is not None:
                return self.outlier_label
            return 0 if self.labels_are_fixed else min(label for _, label in rows)
        labels = [label for _, label in votes]
        return min(set(labels), key=lambda label: (-labels.count(label), label))


def true_radius(plain, rows, reached):
    label = plain.predict(rows)
    for size, training_sets in enumerate(reached, start=1):
        if any(plain.predict(attacked) != label for attacked in training_sets):
            return size - 1
    return MOST


def as_arrays(points, rows):
    return points[[cell for cell, _ in rows]], np.array([label for _, label in rows])


def small_case(rng, dimension, general_position):
    """Points of a grid, among them the query itself, and training rows on some of them."""
    if dimension == 1:
        points = np.arange(7.0)[:, None]
    else:
        points = np.array([(a, b) for a in range(3) for b in range(2)], dtype=float)
    if general_position:  # no two at the same distance, and no row where the query is
        points = points + rng.uniform(0, 0.3, size=points.shape)
        query = 0
        cells = 1 + rng.permutation(len(points) - 1)[: rng.integers(3, 6)]
    else:
        query = int(rng.integers(len(points)))
        cells = rng.integers(len(points), size=rng.integers(3, 7))
    n_classes = int(rng.integers(2, 4))
    rows = tuple((int(cell), int(rng.integers(n_classes))) for cell in cells)
    return points, query, rows, n_classes


# classifiers, and settings that one fit serves
CLASSIFIERS = [
    (CertifiedKNN(), [{"n_neighbors": k} for k in (1, 2, 3, 5)]),
    (CertifiedRNN(), [{"radius": radius} for radius in (1.0, 2.5)]),
    *((CertifiedRNN(2.0, outlier_label=label), [{}]) for label in (1, 9, -5)),
]


@pytest.mark.filterwarnings("ignore::sklearn_certify.exceptions.OutlierWarning")
@pytest.mark.parametrize("general_position", [True, False], ids=["general", "tied"])
@pytest.mark.parametrize("fixed", [True, False], ids=["fixed", "open"])
@pytest.mark.parametrize("threat_model", THREAT_MODELS)
def test_radii_are_the_truth(threat_model, fixed, general_position):
    rng = np.random.default_rng(len(threat_model) + 10 * fixed + 100 * general_position)
    n_seen = [0] * (MOST + 1)
    for case in range(16):
        points, query, rows, n_classes = small_case(rng, 1 + case % 2, general_position)
        classes = list(range(n_classes)) if fixed else None
        labels = list(range(n_classes)) + ([] if fixed else [INVENTED])
        reached = attacks(rows, range(len(points)), labels, threat_model)
        some_attacks = [list(sets)[i] for sets in reached for i in rng.integers(len(sets), size=2)]
        for classifier, settings in CLASSIFIERS:
            classifier = clone(classifier).set_params(threat_model=threat_model, classes=classes)
            attacked = [clone(classifier).fit(*as_arrays(points, rows)) for rows in some_attacks]
            classifier.fit(*as_arrays(points, rows))
            for setting in settings:
                plain = Plain(classifier.set_params(**setting), points, points[query], labels)
                predicted, radius = classifier.predict_certified(points[[query]])
                assert predicted == plain.predict(rows)
                for other, other_rows in zip(attacked, some_attacks, strict=True):
                    other.set_params(**setting)
                    assert other.predict(points[[query]]) == plain.predict(other_rows)
                truth = true_radius(plain, rows, reached)
                radius = min(int(radius[0]), MOST)
                n_seen[truth] += 1
                assert radius <= truth
                counts = classifier.vote_counts(points[[query]])[0]
                empty = counts.max() == 0
                # deletions alone cannot give votes to a rival; an empty neighbourhood may predict
                # the same label
                by_radius = isinstance(classifier, CertifiedRNN)
                unbeatable = (
                    by_radius and threat_model == "delete" and np.count_nonzero(counts) == 1
                )
                in_order = general_position or by_radius
                if in_order and not empty and not unbeatable:
                    assert radius == truth
    assert min(n_seen[:2]) > 0


@pytest.mark.filterwarnings("ignore::sklearn_certify.exceptions.OutlierWarning")
@pytest.mark.parametrize(
    "classifier",
    [
        *(CertifiedRNN(1.5, outlier_label=label) for label in (None, 1, 9)),
        *(CertifiedKNN(k) for k in (1, 3, 4)),
    ],
    ids=str,
)
@pytest.mark.parametrize("fixed", [True, False], ids=["fixed", "open"])
@pytest.mark.parametrize("threat_model", THREAT_MODELS)
def test_joint_accuracy_is_never_above_the_truth(threat_model, fixed, classifier):
    rng = np.random.default_rng(3)
    for case in range(12):
        points, _, rows, n_classes = small_case(rng, 1 + case % 2, False)
        classes = list(range(n_classes)) if fixed else None
        labels = list(range(n_classes)) + ([] if fixed else [INVENTED])
        reached = attacks(rows, range(len(points)), labels, threat_model)
        classifier = clone(classifier).set_params(threat_model=threat_model, classes=classes)
        classifier.fit(*as_arrays(points, rows))
        plain = [Plain(classifier, points, point, labels) for point in points]
        y = classifier.predict(points)
        y[::4] = rng.integers(n_classes, size=len(y[::4]))  # wrong ones, also where nobody votes
        joint = classifier.certified_accuracy(points, y, [0, 1, 2], joint=True)
        alone = classifier.certified_accuracy(points, y, [0, 1, 2])
        assert joint[0] == classifier.score(points, y)
        assert (joint >= alone).all() and (np.diff(joint) <= 0).all()
        for size, training_sets in enumerate(reached, start=1):
            correct = np.array(
                [[one.predict(attacked) for one in plain] == y for attacked in training_sets]
            )
            assert joint[size] <= correct.mean(axis=1).min() + 1e-12
            for row in range(len(points)):
                by_radius = isinstance(classifier, CertifiedRNN)
                if by_radius and not correct[:, row].all():
                    assert (
                        classifier.certified_accuracy(points[[row]], y[[row]], size, joint=True)
                        == 0
                    )


@pytest.mark.parametrize("threat_model", ["insert", "insert_delete", "delete"])
def test_columns_are_enough(threat_model, digits):
    """The radius of a few columns is that of all of them."""
    X, y, queries, _ = digits
    for k in (1, 4, 33):
        classifier = CertifiedKNN(k, threat_model=threat_model).fit(X[:300], y[:300])
        radii = classifier.certified_radius(queries[:40])
        attacker = find_threat_model(threat_model)
        own = classifier._queries(queries[:40])
        all_columns = classifier._certify(own, 300, attacker, None)[1]
        np.testing.assert_array_equal(radii, all_columns)
        assert len(np.unique(radii)) > (1 if k > 1 or threat_model == "delete" else 0)


def test_equal_rows_with_other_labels_are_ranked_by_their_labels():
    """Which of several equal rows are among the k nearest does not depend on their order."""
    X, y = np.zeros((6, 2)), np.array([0, 1, 2, 0, 1, 2])
    rng = np.random.default_rng(0)
    counts = {
        tuple(CertifiedKNN(4).fit(X, y[rng.permutation(6)]).vote_counts(X[:1])[0])
        for _ in range(20)
    }
    assert len(counts) == 1
