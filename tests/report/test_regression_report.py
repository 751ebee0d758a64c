"""Reports on regressors: the numbers are those of the regressors, in every form."""

import json

import numpy as np
import pytest
from sklearn.ensemble import RandomForestRegressor
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, Normalizer, StandardScaler

from sklearn_certify import CertifiedKNN, CertifiedKNNRegressor, DPARegressor
from sklearn_certify.exceptions import InvalidInputError
from sklearn_certify.metrics import certified_interval_width, certified_within_tolerance_score
from sklearn_certify.report import CertificationReport, RegressionReport, certification_report
from sklearn_certify.report._regression._words import rounded

SIZES = [0, 1, 3, 8]


@pytest.fixture(scope="module")
def rows():
    rng = np.random.RandomState(0)
    X = rng.normal(size=(160, 3))
    return X, X[:, 0] * 10 + rng.normal(size=160)


@pytest.fixture(scope="module")
def report(rows):
    estimators = ["dpa", "knn", ("given", make_pipeline(Normalizer(), CertifiedKNNRegressor(9)))]
    return certification_report(
        estimators, *rows, tolerance=5, poison_sizes=SIZES, n_partitions=9, source="<b>rows</b>"
    )


def test_numbers_are_those_of_the_regressors(rows, report):
    assert isinstance(report, RegressionReport)
    assert list(report.results) == ["dpa", "knn", "given"]
    for result in report.results.values():
        assert np.array_equal(result.y_true, rows[1][result.row_numbers])
        X_test = rows[0][result.row_numbers]
        shares = certified_within_tolerance_score(result.y_true, result.intervals, tolerance=5)
        assert result.accuracies(SIZES).tolist() == shares.tolist()
        assert result.mean_absolute_error == np.abs(result.y_pred - result.y_true).mean()
        if result.name == "given":
            X_test = Normalizer().transform(X_test)
        assert np.array_equal(result.regressor.predict(X_test), result.y_pred)
        expected = result.regressor.predict_interval(X_test, SIZES)
        assert np.array_equal(result.intervals, expected)
        widths = np.sort(certified_interval_width(expected), axis=0)
        assert result.median_widths().tolist() == widths[len(widths) // 2].tolist()


def test_rows_to_learn_from_are_no_test_rows(rows, report):
    split = report.material.split
    n_test = len(split.y_test)
    assert (n_test, len(split.y_train)) == (40, 120)
    assert not set(split.y_test) & set(split.y_train)


def test_text_has_both_tables(report):
    text = str(report)
    assert "Share in % of the 40 test rows certified within 5 of the truth" in text
    assert "Tolerance       5, in units of the targets" in text
    knn = report.results["knn"]
    assert f"{100 * knn.accuracies(1):.1f}" in text
    assert rounded(knn.median_widths()[1]) in text
    assert "unbounded" in text  # nine voters, eight rows
    assert "prediction interval of statistics" in text
    assert max(map(len, text.splitlines())) <= 110


def test_frames(report):
    pytest.importorskip("pandas")
    frame = report.to_frame()
    assert frame["poison_size"].tolist() == 3 * SIZES
    of_knn = frame[frame["regressor"] == "knn"]
    assert of_knn["certified_share"].tolist() == report.results["knn"].accuracies(SIZES).tolist()
    assert of_knn["n_voters"].isna().all()
    told = report.rows_frame()
    assert len(told) == 3 * 40 * len(SIZES)
    last = told.iloc[-1]
    assert [last["low"], last["high"]] == report.results["given"].intervals[-1, :, -1].tolist()


def test_files(report, tmp_path):
    report.save(tmp_path / "r.json")
    content = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
    assert content["tolerance"] == 5
    assert "n_classes" not in content
    dpa = content["regressors"][0]
    assert dpa["certified_share"] == report.results["dpa"].accuracies(SIZES).tolist()
    assert dpa["median_interval_width"][0] == 0
    assert dpa["median_interval_width"][-1] == "inf"
    report.save(tmp_path / "r.csv")
    lines = (tmp_path / "r.csv").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 1 + 3 * len(SIZES)
    with pytest.raises(InvalidInputError, match="must end in"):
        report.save(tmp_path / "r.pdf")


def test_pictures_and_pages(report, tmp_path):
    pytest.importorskip("matplotlib")
    pytest.importorskip("jinja2")
    report.save(tmp_path / "r.png")
    assert (tmp_path / "r.png").read_bytes().startswith(b"\x89PNG")
    report.save(tmp_path / "r.html")
    for page in ((tmp_path / "r.html").read_text(encoding="utf-8"), report._repr_html_()):
        assert "<b>rows" not in page
        assert "&lt;b&gt;rows" in page
        assert "Median width of the certified intervals" in page
        assert "unbounded" in page
        assert "nan" not in page
        assert "<script" not in page


def test_width_curves_rise_to_where_nothing_bounds_them(report):
    pytest.importorskip("jinja2")
    from sklearn_certify.report._html_page._drawings import ticks
    from sklearn_certify.report._regression._html_page import _widths

    drawn = _widths(report, ticks)["series"]
    assert drawn[0]["path"].endswith("V0")  # dpa, unbounded at 8
    for series, result in zip(drawn, report.results.values(), strict=True):
        heights = [float(part.split("H")[0]) for part in series["path"].split("V")[1:]]
        assert heights == sorted(heights, reverse=True)
        assert len(series["points"]) == np.isfinite(result.median_widths()).sum()


def test_poison_sizes_end_where_no_row_is_certified(rows):
    found = certification_report("knn", *rows, tolerance=5, n_neighbors=15)
    shares = found.results["knn"].accuracies(found.poison_sizes)
    assert shares[0] > 0
    assert shares[-1] == 0


@pytest.mark.parametrize("threat_model", ["modify", "label_flip"])
def test_threat_models(rows, threat_model):
    found = certification_report(
        "dpa", *rows, tolerance=5, n_partitions=9, threat_model=threat_model, poison_sizes=[1]
    )
    assert found.results["dpa"].regressor.threat_model == threat_model


def test_contributors_are_kept_together(rows):
    groups = np.arange(160) // 4
    found = certification_report(
        None, *rows, groups=groups, tolerance=5, n_partitions=9, poison_sizes=[1]
    )
    assert list(found.results) == ["dpa", "finite-aggregation"]
    assert "knn is left out" in str(found)
    split = found.material.split
    assert not set(split.groups_train) & set(groups[split.test_numbers])
    assert "contributors" in str(found)


def test_one_that_fails_leaves_the_others(rows):
    estimators = {"good": CertifiedKNNRegressor(9), "bad": DPARegressor(n_partitions=0)}
    found = certification_report(estimators, *rows, tolerance=5, poison_sizes=[1])
    assert list(found.results) == ["good"]
    assert "bad failed: " in str(found)
    unsound = make_pipeline(StandardScaler(), CertifiedKNNRegressor(9))
    found = certification_report(
        {"good": CertifiedKNNRegressor(9), "scaled": unsound}, *rows, tolerance=5
    )
    assert list(found.failures) == ["scaled"]


def test_searches_and_base_estimators(rows):
    X, y = rows
    search = GridSearchCV(CertifiedKNNRegressor(), {"n_neighbors": [5, 9]}, cv=2)
    found = certification_report(
        [search, "dpa"],
        X,
        y,
        tolerance=5,
        n_partitions=3,
        base_estimator="tree",
        poison_sizes=[1],
        X_test=X[:7],
        y_test=y[:7],
    )
    assert len(found.results["dpa"].radii) == 7
    assert "DecisionTreeRegressor" in str(found)


def test_tables_are_prepared_within_voters(rows):
    pandas = pytest.importorskip("pandas")
    X, y = rows
    frame = pandas.DataFrame({"a": X[:, 0], "b": np.where(X[:, 1] > 0, "Rome", "Ulm")})
    frame.loc[::9, "a"] = np.nan
    found = certification_report(
        None, frame, pandas.Series(y, name="price"), tolerance=5, n_partitions=5, poison_sizes=[1]
    )
    assert list(found.results) == ["dpa", "finite-aggregation"]
    assert found.facts["target"] == "price"
    assert "text one-hot, within each voter" in str(found)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"estimators": "dpa"}, "tolerance="),
        ({"estimators": CertifiedKNNRegressor()}, "needs tolerance="),
        ({"estimators": CertifiedKNN(), "tolerance": 5}, "is a classifier"),
        ({"estimators": "rnn", "tolerance": 5}, "no certified regressor 'rnn'"),
        ({"estimators": "dpa", "tolerance": -1}, "tolerance must be"),
        ({"estimators": "dpa", "tolerance": np.nan}, "tolerance must be"),
        ({"estimators": "dpa", "tolerance": 5, "max_samples": 3}, "No certified regressor"),
        ({"estimators": "dpa", "tolerance": 5, "base_estimator": "logistic"}, "no base estimator"),
        ({"estimators": "knn", "tolerance": 5, "base_estimator": "tree"}, "sets nothing"),
        ({"estimators": "dpa", "tolerance": 5, "attack_target": 1}, "is about classifiers"),
        ({"estimators": "dpa", "tolerance": 5, "X_test": [[1, 2, 3]]}, "both X_test and y_test"),
    ],
)
def test_what_makes_no_sense_is_refused(rows, arguments, message):
    estimators = arguments.pop("estimators")
    with pytest.raises(InvalidInputError, match=message):
        certification_report(estimators, *rows, **arguments)


def test_whole_numbers_are_still_classes(rows):
    X, y = rows
    found = certification_report("knn", X, (y > 0).astype(int), poison_sizes=[1])
    assert isinstance(found, CertificationReport)


def test_base_estimators_that_are_given_are_taken_as_they_are(rows):
    base = RandomForestRegressor(2)
    found = certification_report(
        "dpa", *rows, tolerance=5, base_estimator=base, n_partitions=3, poison_sizes=[1]
    )
    assert found.results["dpa"].regressor.estimator is base


def test_too_few_rows():
    with pytest.raises(InvalidInputError, match="too few rows"):
        certification_report("knn", [[1.0]], [2.0], tolerance=1)


def test_transformers_reach_the_neighbours(rows):
    found = certification_report(
        "knn", *rows, tolerance=5, transformer=FunctionTransformer(np.abs), poison_sizes=[1]
    )
    assert found.results["knn"].regressor.transformer is not None
