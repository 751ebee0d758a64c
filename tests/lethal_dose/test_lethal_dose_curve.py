"""The voters are those of the ensemble, forecasts come near what it certifies, and words say so."""

import warnings

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sparse
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.preprocessing import Normalizer
from sklearn.tree import DecisionTreeClassifier

from sklearn_certify import DPAClassifier
from sklearn_certify.exceptions import CertifyWarning, InvalidInputError, MissingExtraError
from sklearn_certify.lethal_dose import LethalDoseCurve, lethal_dose_curve, suggest_n_partitions
from sklearn_certify.lethal_dose._sampled_voters import Task, make_ensemble
from sklearn_certify.metrics import certified_accuracy_score


@pytest.mark.parametrize(
    "ensemble",
    [
        DPAClassifier(),
        DPAClassifier(DecisionTreeClassifier(max_features=3), random_state=5),
        DPAClassifier(transformer=Normalizer(), partition_by="sample", classes=range(12)),
        DPAClassifier(hash_function=lambda X, y: X.sum(axis=1).astype(int)),
    ],
    ids=["default", "random", "sample", "own hash"],
)
def test_sampled_voters_are_those_of_the_whole_ensemble(ensemble, digits):
    X, y, X_test, y_test = digits
    task = Task(make_ensemble(ensemble), X, y, None, X_test, y_test, 100)
    sampled = task.ask(40, 15, np.random.RandomState(0))
    whole = DPAClassifier(**{**ensemble.get_params(deep=False), "n_partitions": 40}).fit(X, y)
    votes = whole.votes(X_test)
    columns = [np.flatnonzero((column == votes.T).all(axis=1)) for column in sampled.votes.T]
    assert [len(found) >= 1 for found in columns] == [True] * 15


def test_held_out_rows_are_in_the_partitions_of_others(digits):
    class Recorder(ClassifierMixin, BaseEstimator):
        def fit(self, X, y):
            learned.update(map(tuple, X))
            self.classes_ = np.unique(y)
            return self

        def predict(self, X):
            asked.update(map(tuple, X))
            return np.full(len(X), self.classes_[0])

    learned, asked = set(), set()
    X, y, _, _ = digits
    curve = lethal_dose_curve(Recorder(), X, y, partition_counts=30, max_queries=200)
    assert curve.n_fitted_voters.tolist() == [24] and curve.n_queries.tolist() == [200]
    assert len(asked) == 200 and len(learned) > 1000
    assert not learned & asked


def test_forecast_on_digits_is_within_four_points(digits):
    X, y, X_test, y_test = digits
    sizes = np.arange(0, 50, 2)
    data = {"poison_sizes": sizes, "X_test": X_test, "y_test": y_test}
    for n_partitions, n_voters in [(50, 30), (50, 60), (100, 60)]:
        curve = lethal_dose_curve(
            None, X, y, partition_counts=n_partitions, n_voters=n_voters, **data
        )
        whole = DPAClassifier(n_partitions=n_partitions).fit(X, y)
        truth = whole.certified_accuracy(X_test, y_test, sizes)
        errors = np.abs(curve.certified_accuracy[0] - truth)
        assert errors.max() <= (0.0 if n_voters >= n_partitions else 0.04) + 1e-12
        low, high = curve.band()
        assert ((low[0] <= truth) & (truth <= high[0])).mean() > 0.9


def test_groups_count_contributors(digits):
    X, y, X_test, y_test = digits
    groups = np.arange(len(y)) // 4
    curve = lethal_dose_curve(
        None, X, y, groups=groups, partition_counts=20, X_test=X_test, y_test=y_test
    )
    whole = DPAClassifier(n_partitions=20).fit(X, y, groups=groups)
    truth = whole.certified_accuracy(X_test, y_test, curve.poison_sizes)
    np.testing.assert_allclose(curve.certified_accuracy[0], truth)
    assert curve.n_units == groups[-1] + 1
    assert "contributors" in repr(curve)


def test_cost_and_labels_of_the_threat_model(digits):
    X, y, X_test, y_test = digits
    for settings in ({"threat_model": "modify"}, {"classes": range(10)}):
        ensemble = DPAClassifier(n_partitions=20, **settings)
        curve = lethal_dose_curve(ensemble, X, y, partition_counts=20, X_test=X_test, y_test=y_test)
        truth = ensemble.fit(X, y).certified_accuracy(X_test, y_test, curve.poison_sizes)
        np.testing.assert_allclose(curve.certified_accuracy[0], truth)


def test_rows_of_every_kind_give_the_same(digits):
    X, y, _, _ = digits
    X, y = X[:300], y[:300]
    curves = [
        lethal_dose_curve(DecisionTreeClassifier(), rows, labels, partition_counts=[5, 20])
        for rows, labels in [
            (X, y),
            (sparse.csr_array(X), y),
            (X.tolist(), y.tolist()),
            (pd.DataFrame(X), pd.Series(y)),
        ]
    ]
    for curve in curves[1:]:
        np.testing.assert_array_equal(curve.certified_accuracy, curves[0].certified_accuracy)


def test_a_label_that_no_sampled_row_has():
    rng = np.random.RandomState(0)
    X = rng.normal(size=(300, 3))
    y = np.where(X[:, 0] > 0, "yes", "no").astype(object)
    y[0] = "maybe"
    for seed in range(4):
        curve = lethal_dose_curve(None, X, y, partition_counts=50, n_voters=3, random_state=seed)
        assert curve.voter_accuracy[0] > 0.6


def test_arguments_that_are_refused(digits):
    X, y, X_test, y_test = digits
    refused = [
        ({"partition_counts": [0, 5]}, "partition_counts must be whole numbers"),
        ({"partition_counts": 2.5}, "partition_counts must be whole numbers"),
        ({"partition_counts": 10**4}, "partition_counts has 10000, but there are 1597 rows"),
        ({"partition_counts": 1}, "leaves no rows to ask about"),
        ({"n_voters": 0}, "n_voters must be a whole number"),
        ({"max_queries": True}, "max_queries must be a whole number"),
        ({"required_accuracy": 1.5}, "required_accuracy must be a share"),
        ({"X_test": X_test}, "X_test and y_test belong together"),
        ({"poison_sizes": [-1]}, "must not be negative"),
        ({"X_test": X_test, "y_test": list("ab")}, "texts"),
    ]
    for arguments, message in refused:
        with pytest.raises(InvalidInputError, match=message):
            lethal_dose_curve(None, X, y, **arguments)
    with pytest.raises(InvalidInputError, match="aggregation='plurality'"):
        lethal_dose_curve(DPAClassifier(aggregation="runoff"), X, y)
    with pytest.raises(InvalidInputError, match="each row alone"):
        lopsided = DPAClassifier(hash_function=lambda X, y: np.arange(len(X)))
        lethal_dose_curve(lopsided, X, y, partition_counts=50, n_voters=5)


def made_curve(voter_accuracy):
    n = len(voter_accuracy)
    counts = np.array([10, 100, 1000])[:n]
    flat = np.full((n, 2), 0.5)
    return LethalDoseCurve(
        counts, np.array([0, 4]), 1000, 1000, 1000 / counts, np.full(n, 8), np.full(n, 99), True,
        np.array(voter_accuracy), np.full(n, 0.01), np.full(n, 0.3), np.full(n, 0.6), flat,
        0.1 * flat, 0.5, "insert_delete", False, 1,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("voter_accuracy", "rows_needed", "meant"),
    [
        ([0.9, 0.5, 0.1], 10, "about"),
        ([0.9, 0.75, 0.25], 10**0.5, "about"),
        ([0.9, 0.8, 0.7], 1, "at least"),
        ([0.4, 0.3, 0.2], 100, "at most"),
    ],
)
def test_where_the_learning_curve_crosses(voter_accuracy, rows_needed, meant):
    curve = made_curve(voter_accuracy)
    assert curve.rows_needed == pytest.approx(rows_needed)
    assert curve.lethal_dose == pytest.approx(1000 / rows_needed)
    assert curve.lethal_dose_is == meant
    assert f"at {meant} " in repr(curve)


def test_what_is_shown_says_that_it_is_no_certificate(monkeypatch):
    curve = made_curve([0.9, 0.5, 0.1])
    frame = curve.to_frame()
    assert len(frame) == 6 and (frame["low"] <= frame["expected_certified_accuracy"]).all()
    assert not any(column.startswith("certified") for column in frame)
    for text in (repr(curve), curve._repr_html_(), LethalDoseCurve.__doc__):
        assert "othing" in text and "is a certificate" in text
    assert "<script" not in curve._repr_html_()
    assert "conjecture" in curve.assumptions[-1] and "not a certificate" in curve.assumptions[0]
    monkeypatch.setitem(__import__("sys").modules, "pandas", None)
    with pytest.raises(MissingExtraError, match="table"):
        curve.to_frame()


def test_suggestion_is_near_the_best(digits):
    X, y, X_test, y_test = digits
    chosen = suggest_n_partitions(None, X, y, poison_size=8)

    def accuracy(n_partitions):
        whole = DPAClassifier(n_partitions=n_partitions).fit(X, y)
        labels, radii = whole.predict_certified(X_test)
        return certified_accuracy_score(y_test, labels, radii, 8)

    best = max(map(accuracy, [20, 30, 45, 70, 100, 150, 220]))
    assert accuracy(chosen) > best - 0.04


def test_sizes_out_of_reach(digits):
    X, y, _, _ = digits
    with pytest.raises(InvalidInputError, match="needs 2001 voters .* there are 1597 rows"):
        suggest_n_partitions(None, X, y, poison_size=1000)
    with pytest.warns(CertifyWarning, match="Hardly any row"):
        suggest_n_partitions(None, X, y, poison_size=30, partition_counts=[10, 20])
    with warnings.catch_warnings():
        warnings.simplefilter("error", CertifyWarning)
        assert suggest_n_partitions(None, X, y, poison_size=0, partition_counts=[5]) == 5
