"""Parameters of classifiers that go by name: those asked for, else what suits the rows."""

import numpy as np
import pytest
from sklearn.preprocessing import FunctionTransformer

from sklearn_certify import CertifiedKNN, DPAClassifier
from sklearn_certify.exceptions import InvalidInputError
from sklearn_certify.report._choice import choose
from sklearn_certify.report._settings import (
    check_settings,
    complete,
    default_n_partitions,
    default_radius,
    make,
)
from sklearn_certify.report._split import Split


def called(parameter):
    return f"<{parameter}>"


def test_default_partitions_grow_with_the_rows_and_shrink_with_the_classes():
    counts = [default_n_partitions(np.arange(n) % 2) for n in (30, 400, 10**3, 10**6)]
    assert counts == [5, 20, 50, 100]
    assert default_n_partitions(np.arange(10**3) % 40) == 5


def test_default_partitions_leave_voters_contributors():
    y = np.arange(2000) % 2
    assert default_n_partitions(y) == 100
    assert [default_n_partitions(y, n) for n in (10, 40, 200, 2000)] == [5, 10, 50, 100]


def test_settings_reach_the_classifier():
    settings = {"n_partitions": 7, "spreading_degree": 3, "threat_model": "modify", "n_jobs": None}
    classifier = make(DPAClassifier, settings)
    assert classifier.n_partitions == 7
    assert classifier.threat_model == "modify"
    assert classifier.n_jobs is None
    assert not hasattr(classifier, "spreading_degree")


def test_neighbours_are_compared_on_all_cores_unless_told_otherwise():
    assert make(CertifiedKNN, {}).n_jobs == -1
    assert make(CertifiedKNN, {"n_jobs": 1}).n_jobs == 1
    transformer = FunctionTransformer()  # not worth processes
    assert make(CertifiedKNN, {"transformer": transformer}).n_jobs is None
    assert make(CertifiedKNN, {"transformer": transformer, "n_jobs": 2}).n_jobs == 2


def test_settings_suit_the_rows_or_are_those_asked_for():
    X = np.random.RandomState(0).rand(120, 2)
    split = Split(X, X, np.arange(120) % 3, np.arange(120) % 3)
    settings, notes = complete(choose("all"), {"n_jobs": None}, split, called)
    radius = settings.pop("radius")
    assert settings == {
        "n_partitions": 5,
        "n_estimators": 500,
        "max_samples": 24,  # as many rows as a part has
        "n_neighbors": 10,  # a quarter of the rows of a class
    }
    distances = np.abs(X[:, np.newaxis] - X).sum(axis=2)
    assert 8 <= (distances <= radius).sum(axis=1).mean() <= 12
    assert notes == [
        "n_partitions=5 suits this number of rows; <n_partitions> sets another.",
        "The radius of rnn follows from distances between training rows; <radius> sets another.",
    ]
    given = {**settings, "n_partitions": 9, "max_samples": 3, "n_neighbors": 2, "radius": 0.5}
    assert complete(choose("all"), given, split, called) == (given, [])


def test_what_no_classifier_has_is_not_told():
    X, y = np.zeros((40, 2)), np.arange(40) % 2
    split = Split(X, X, y, y, groups_train=np.arange(40) // 2)
    assert complete(choose("knn"), {}, split, called)[1] == []
    (note,) = complete(choose("dpa"), {}, split, called)[1]
    assert note.startswith("n_partitions=5 suits this number of rows and contributors;")


def test_default_radius_is_about_rows_as_they_are_compared():
    X = np.random.RandomState(0).rand(200, 4)
    far = default_radius(X, 20)
    ten_times = FunctionTransformer(lambda X: 10 * X)
    assert default_radius(X, 20, transformer=ten_times) == pytest.approx(10 * far)
    assert default_radius(X, 20, metric="euclidean") < far
    assert default_radius(np.zeros((20, 2)), 5) == 1.0
    assert default_radius(X, 10**6) >= default_radius(X, 199)


@pytest.mark.parametrize(
    ("chosen", "given", "message"),
    [
        ("dpa", {"radius": 3.0}, "<radius> sets nothing: it is for rnn, and the report is on dpa"),
        ("rnn", {"n_partitions": 9}, "it is for dpa, finite-aggregation, and the report is on rnn"),
        (["knn", "rnn"], {"estimator": "tree"}, "<estimator> sets nothing"),
        (DPAClassifier(), {"n_partitions": 9}, "the report is on dpa, taken as they are"),
        ("dpa", {"n_partition": 9}, "has a parameter <n_partition>; did you mean <n_partitions>"),
        ("dpa", {"xyz": 9}, "No certified classifier has a parameter <xyz>."),
        ("dpa", {"estimator": "oak"}, "no base estimator 'oak'"),
    ],
)
def test_settings_that_nothing_uses_are_refused(chosen, given, message):
    with pytest.raises(InvalidInputError, match=message):
        check_settings(choose(chosen), given, called)


def test_settings_that_one_uses_are_fine():
    given = {"radius": 3.0, "n_partitions": 9, "estimator": None, "alpha": None}
    check_settings(choose(["dpa", "rnn"]), given, called)
    check_settings(choose(["dpa", ("mine", CertifiedKNN())]), {"n_partitions": 9}, called)
