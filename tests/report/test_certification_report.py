"""The report from a notebook."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, train_test_split
from sklearn.neighbors import NearestCentroid
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, Normalizer, StandardScaler

from sklearn_certify import CertifiedKNN, DPAClassifier
from sklearn_certify.exceptions import InvalidInputError, UnsoundPipelineError, VoterError
from sklearn_certify.learners import StackedNearestCentroid
from sklearn_certify.report import certification_report

SMALL = {"n_partitions": 5, "spreading_degree": 2, "n_estimators": 9}


def test_all_classifiers_by_default(iris):
    report = certification_report(None, *iris, base_estimator="nearest-centroid", **SMALL)
    assert list(report.results) == ["dpa", "finite-aggregation", "bagging", "knn", "rnn"]
    assert report.failures == {}
    for result in report.results.values():
        assert len(result.radii) == len(result.y_true) == report.facts["n_test"] == 38
        is_right = (result.y_pred == result.y_true) & (result.radii >= 0)
        assert result.accuracies(0) == np.mean(is_right)
    assert isinstance(report.results["dpa"].classifier.estimator, StackedNearestCentroid)
    assert report.notes == [
        "The radius of rnn follows from distances between training rows; radius= sets another."
    ]


def test_rows_may_be_given_for_both_parts(iris):
    X, X_test, y, y_test = train_test_split(*iris, random_state=1)
    knn = CertifiedKNN(n_neighbors=7)
    report = certification_report(knn, X, y, X_test=X_test, y_test=y_test, poison_sizes=[2, 1])
    labels, radii = CertifiedKNN(n_neighbors=7).fit(X, y).predict_certified(X_test)
    assert np.array_equal(report.results["knn"].radii, radii)
    assert np.array_equal(report.results["knn"].y_pred, labels)
    assert report.poison_sizes == [0, 1, 2]
    assert "112 to learn from, 38 to certify (as given)" in str(report)
    assert "data: 150 rows, 4 features, 3 classes" in str(report)
    assert not hasattr(knn, "classes_")  # it is a clone that was fitted


def test_hold_out_is_that_of_the_seed(iris):
    reports = [
        certification_report("knn", *iris, test_size=0.4, random_state=seed) for seed in (0, 0, 1)
    ]
    truth = [report.results["knn"].y_true.tolist() for report in reports]
    assert len(truth[0]) == 60
    assert truth[0] == truth[1] != truth[2]


def test_pipelines_and_searches(iris):
    pipeline = make_pipeline(Normalizer(), DPAClassifier(n_partitions=9))
    search = GridSearchCV(CertifiedKNN(), {"n_neighbors": [3, 9]}, cv=2)
    report = certification_report({"normed": pipeline, "searched": search}, *iris)
    assert report.results["searched"].estimator.best_params_["n_neighbors"] in (3, 9)
    text = str(report)
    assert "normed    Normalizer() -> DPAClassifier(n_partitions=9), 9 voters" in text
    assert "searched  CertifiedKNN(n_neighbors=" in text
    assert "Base estimator" not in text


def test_an_unsound_step_fails_and_takes_no_other_with_it(iris):
    unsound = make_pipeline(StandardScaler(), DPAClassifier(n_partitions=9))
    report = certification_report([("scaled", unsound), "knn"], *iris)
    assert list(report.results) == ["knn"]
    assert isinstance(report.failures["scaled"], UnsoundPipelineError)
    assert "scaled failed: UnsoundPipelineError: Step 'standardscaler'" in str(report)
    with pytest.raises(UnsoundPipelineError, match="standardscaler"):
        certification_report(unsound, *iris)


def test_if_all_fail_the_first_error_is_raised(iris):
    with pytest.raises(VoterError, match="failed to fit voter 0"):
        certification_report("dpa", *iris, base_estimator="sklearn.svm.SVC(kernel='none')")


def test_tables_with_texts_and_gaps(mixed):
    report = certification_report(None, *mixed, base_estimator="nearest-centroid", **SMALL)
    assert list(report.results) == ["dpa", "finite-aggregation", "bagging"]
    text = str(report)
    assert "120 rows, 4 features (2 of text), 2 classes" in text
    assert "knn is left out: it compares rows by distance, which takes numbers only" in text
    assert "numbers imputed and scaled, text one-hot, within each voter" in text
    assert report.facts["target"] == "buys"
    with pytest.raises(InvalidInputError, match="rnn compares rows by distance"):
        certification_report("rnn", *mixed)


def test_a_base_estimator_that_is_one_is_taken_as_it_is(mixed):
    frame, y = mixed
    X = frame[["age"]].fillna(0)
    voter = make_pipeline(StandardScaler(), LogisticRegression())
    report = certification_report("dpa", X, y, base_estimator=voter, n_partitions=3)
    assert report.results["dpa"].classifier.estimator is voter
    assert report.facts["base_estimator"].startswith("Pipeline(steps=[('standardscaler'")


@pytest.mark.parametrize("kind", ["lists", "sparse", "images", "texts"])
def test_rows_of_every_kind(iris, kind):
    X, y = iris
    texts = ["a{:.0f} b{:.0f} c{:.0f} d{:.0f}".format(*row) for row in X]
    rows = {
        "lists": X.tolist(),
        "sparse": csr_matrix(X),
        "images": X.reshape(-1, 2, 2),
        "texts": texts,
    }[kind]
    words = {
        "lists": "4 features",
        "sparse": "4 features",
        "images": "2 x 2 features",
        "texts": "a text each",
    }[kind]
    to_numbers = {
        "images": FunctionTransformer(lambda X: np.reshape(X, (len(X), -1))),
        "texts": FunctionTransformer(lambda X: np.array([[*map(ord, text[1::3])] for text in X])),
    }.get(kind, "passthrough")
    voter = make_pipeline(to_numbers, NearestCentroid())
    report = certification_report(
        None, rows, y.tolist(), base_estimator=voter, random_state=0, **SMALL
    )
    assert f"data: 150 rows, {words}, 3 classes" in str(report)
    assert report.results["dpa"].accuracies(0) > 0.7
    if kind == "lists":
        assert "knn" in report.results
    else:
        assert any(note.startswith("knn is left out") for note in report.notes)


def test_a_transformer_brings_rows_to_what_compares_numbers(iris):
    X, y = iris
    flat = FunctionTransformer(lambda X: np.reshape(X, (len(X), -1)))
    names = ["knn", "rnn"]
    images = certification_report(names, X.reshape(-1, 2, 2), y, transformer=flat)
    rows = certification_report(names, X, y)
    for name in names:
        assert np.array_equal(images.results[name].radii, rows.results[name].radii)


def test_contributors(iris):
    X, y = iris
    pandas = pytest.importorskip("pandas")
    who = pandas.Series(np.arange(150) // 3, name="who")
    mine = make_pipeline(Normalizer(), DPAClassifier(n_partitions=9))
    report = certification_report(["dpa", "knn", ("mine", mine)], X, y, groups=who, n_partitions=9)
    assert list(report.results) == ["dpa", "mine"]
    assert report.grouped and report.facts["groups"] == "who"
    text = str(report)
    assert "150 rows of 50 contributors" in text and "each contributor in one part" in text
    assert "knn is left out: it counts poisoned rows, not contributors." in text
    for result in report.results.values():
        assert result.classifier.poison_unit_ == "group"
    given = {"X_test": X[:30], "y_test": y[:30], "n_partitions": 9}
    report = certification_report("dpa", X[30:], y[30:], groups=who[30:], **given)
    assert "data: 150 rows, 120 of them of 40 contributors, 4 features" in str(report)


@pytest.mark.filterwarnings("ignore:A column-vector y")
def test_columns_keep_their_names(iris):
    X, y = iris
    pandas = pytest.importorskip("pandas")
    columns = pandas.DataFrame({"species": y, "who": np.arange(150) // 3})
    for label, who in [("species", "who"), (["species"], ["who"])]:  # alone, and in a table
        report = certification_report("dpa", X, columns[label], groups=columns[who])
        assert (report.facts["target"], report.facts["groups"]) == ("species", "who")


def test_progress_is_told_if_asked_for(iris, capsys):
    certification_report("knn", *iris)
    assert capsys.readouterr() == ("", "")
    certification_report("knn", *iris, verbose=1)
    output, errors = capsys.readouterr()
    assert output == "" and errors.startswith("[1/1] knn: done after")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"test_size": 1.5}, "test_size must be a share between 0 and 1, got 1.5"),
        ({"test_size": 10}, "test_size must be a share"),
        ({"random_state": None}, "random_state must be a whole number"),
        ({"X_test": [[0.0] * 4]}, "both X_test and y_test"),
        ({"X_test": [[0.0] * 4], "y_test": ["setosa"], "test_size": 0.2}, "no test_size"),
        ({"poison_sizes": [-1]}, "must not be negative"),
        ({"threat_model": "magic"}, "threat_model must be one of"),
        ({"estimator": NearestCentroid()}, "goes into base_estimator=, not estimator="),
        ({"base_estimator": "oak"}, "no base estimator 'oak'"),
        ({"base_estimator": NearestCentroid}, "base_estimator= must be a name, .* got <class"),
        ({"base_estimator": 3}, "base_estimator= must be a name, such as 'tree', .* got 3"),
        ({"radius": 1.0}, "radius= sets nothing: it is for rnn, and the report is on dpa"),
        ({"n_partition": 5}, "did you mean n_partitions=?"),
        ({"n_partition": None}, "did you mean n_partitions=?"),
        ({"y": None}, "A report needs the label of each row, but y is None"),
    ],
)
def test_arguments_that_make_no_sense(iris, arguments, message):
    X, y = iris
    with pytest.raises(InvalidInputError, match=message):
        certification_report("dpa", X, **{"y": y, **arguments})


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        ({"n_neighbors": -5}, "knn"),
        ({"n_neighbors": "many"}, "knn"),
        ({"metric": "magic", "n_partitions": 5}, "rnn"),
        ({"metric": "minkowski", "metric_params": {"q": 3}, "n_partitions": 5}, "rnn"),
    ],
)
def test_a_bad_setting_fails_where_it_is_used(iris, settings, name):
    others = {"knn": ["rnn"], "rnn": ["dpa"]}[name]  # a radius follows from distances
    report = certification_report([name, *others], *iris, **settings)
    assert list(report.failures) == [name]
    assert list(report.results) == others


def test_a_setting_for_a_classifier_that_is_left_out(iris):
    of_knn = "n_neighbors= sets nothing: it is for knn, .* knn is left out: it counts poisoned rows"
    with pytest.raises(InvalidInputError, match=of_knn):
        certification_report(["dpa", "knn"], *iris, groups=np.arange(150) // 3, n_neighbors=5)
    with pytest.raises(InvalidInputError, match="radius= sets nothing: it is for rnn, .* distance"):
        certification_report(["dpa", "rnn"], np.array(iris[0], dtype=str), iris[1], radius=1.0)


def test_base_estimator_that_no_classifier_has(iris):
    with pytest.raises(InvalidInputError, match="base_estimator= sets nothing: it is for dpa"):
        certification_report(["knn", "rnn"], *iris, base_estimator="tree")
