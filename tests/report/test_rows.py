"""What each classifier says of each test row."""

import csv

import numpy as np
import pytest
from sklearn.model_selection import train_test_split
from sklearn.neighbors import NearestCentroid
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import Normalizer

from sklearn_certify import CertifiedKNN, DPAClassifier
from sklearn_certify.report import certification_report
from sklearn_certify.report._rows import COLUMNS, write_rows

pandas = pytest.importorskip("pandas")


@pytest.fixture(scope="module")
def report(iris):
    dpa = DPAClassifier(NearestCentroid(), n_partitions=9)
    runoff = DPAClassifier(n_partitions=9, aggregation="runoff")
    estimators = {"dpa": dpa, "normed": make_pipeline(Normalizer(), dpa), "run-off": runoff}
    return certification_report(estimators, *iris)


def test_rows_are_those_of_the_results(report, iris):
    X, y = iris
    frame = report.rows_frame()
    assert tuple(frame.columns) == COLUMNS
    assert len(frame) == 3 * report.facts["n_test"]
    for name, result in report.results.items():
        rows = frame[frame["classifier"] == name]
        np.testing.assert_array_equal(y[rows["row"]], rows["label"])
        np.testing.assert_array_equal(rows["prediction"], result.y_pred)
        np.testing.assert_array_equal(rows["radius"], result.radii)
        counts = result.estimator[-1] if name == "normed" else result.estimator
        queries = X[rows["row"]]
        queries = Normalizer().transform(queries) if name == "normed" else queries
        counts = counts.vote_counts(queries)
        np.testing.assert_array_equal(rows["n_votes"], counts.sum(axis=1))
        by_label = np.searchsorted(result.classifier.classes_, rows["prediction"])
        np.testing.assert_array_equal(rows["votes"], counts[np.arange(len(rows)), by_label])
        counts[np.arange(len(rows)), by_label] = 0
        np.testing.assert_array_equal(rows["runner_up_votes"].fillna(0), counts.max(axis=1))
        assert (rows["runner_up"].isna() == (counts.max(axis=1) == 0)).all()


def test_a_file_holds_the_same(report, tmp_path):
    path = tmp_path / "rows.csv"
    write_rows(path, report)
    with open(path, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    frame = report.rows_frame()
    assert [int(row["row"]) for row in rows] == frame["row"].tolist()
    assert [row["prediction"] for row in rows] == frame["prediction"].tolist()
    assert [int(row["radius"]) for row in rows] == frame["radius"].tolist()


def test_radii_toward_a_label_and_periods_are_told_of_each_row(iris, tmp_path):
    when = np.random.RandomState(0).permutation(150) // 5
    report = certification_report(
        ["dpa", "knn"],
        *iris,
        base_estimator="ridge",
        threat_model="label_flip",
        n_partitions=9,
        attack_target="virginica",
        periods=when,
        window=2,
    )
    names = ["dpa", "dpa-white-box", "knn"]
    frame = report.rows_frame()
    assert tuple(frame.columns) == (*COLUMNS, "targeted_radius", "duration", "earliness")
    assert frame["classifier"].unique().tolist() == [*names, "temporal"]
    for name in names:
        rows, result = frame[frame["classifier"] == name], report.results[name]
        assert rows["radius"].tolist() == result.radii.tolist()
        toward = result.classifier.certified_radius(result.X_test, target="virginica")
        assert rows["targeted_radius"].tolist() == toward.tolist()
        assert rows[["duration", "earliness"]].isna().all(axis=None)
    rows, classifier = frame[frame["classifier"] == "temporal"], report.temporal.classifier
    X_test = iris[0][rows["row"]]
    assert rows["duration"].tolist() == classifier.certified_duration(X_test).tolist()
    assert rows["earliness"].tolist() == classifier.certified_earliness(X_test).tolist()
    assert rows["prediction"].tolist() == classifier.predict(X_test).tolist()
    assert rows["n_votes"].tolist() == classifier.vote_counts(X_test).sum(axis=1).tolist()
    assert rows[["radius", "targeted_radius"]].isna().all(axis=None)
    write_rows(tmp_path / "rows.csv", report)
    with open(tmp_path / "rows.csv", encoding="utf-8", newline="") as file:
        written = list(csv.DictReader(file))
    for name in ("radius", "targeted_radius", "duration", "earliness"):
        told = [None if row[name] == "" else int(row[name]) for row in written]
        assert told == [None if value is pandas.NA else value for value in frame[name]]


def test_rows_of_their_own_are_numbered(iris):
    X, X_test, y, y_test = train_test_split(*iris, random_state=1)
    report = certification_report(CertifiedKNN(), X, y, X_test=X_test, y_test=y_test)
    frame = report.rows_frame()
    assert frame["row"].tolist() == list(range(len(X_test)))
    np.testing.assert_array_equal(frame["label"], y_test)
