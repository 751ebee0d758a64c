"""Reports on attackers who want one label, who poison some periods, and who flip labels."""

import csv
import json

import numpy as np
import pytest

from sklearn_certify import DPAClassifier, TemporalAggregationClassifier
from sklearn_certify.exceptions import InvalidInputError
from sklearn_certify.learners import StackedRidgeClassifier
from sklearn_certify.metrics import certified_accuracy_score, certified_attack_success_rate
from sklearn_certify.report import certification_report
from sklearn_certify.report._dataset import Dataset
from sklearn_certify.report._observer import Observer
from sklearn_certify.report._split import hold_out
from sklearn_certify.report._temporal import fit_and_certify_in_time

SIZES = [0, 1, 3]
WHEN = np.random.RandomState(0).permutation(150) // 5 + 7


@pytest.fixture(scope="module")
def report(iris):
    return certification_report(
        ["dpa", "knn"],
        *iris,
        base_estimator="ridge",
        n_partitions=15,
        poison_sizes=SIZES,
        periods=WHEN,
        window=2,
        attack_target="virginica",
    )


def test_success_rates_are_those_of_the_targeted_radii(report, iris):
    for result in report.results.values():
        X, y = result.X_test, result.y_true
        radii = result.classifier.certified_radius(X, target="virginica")
        assert np.array_equal(result.targeted_radii, radii)
        expected = certified_attack_success_rate(y, radii, SIZES, target="virginica")
        assert np.array_equal(result.attack_success_rates(SIZES), expected)
        assert expected[0] == (result.y_pred[y != "virginica"] == "virginica").mean()
    frame = report.to_frame()
    assert frame["attack_success_rate"].tolist()[3:] == expected.tolist()
    assert report.facts["attack_target"] == "virginica"


def test_rates_end_where_poison_may_turn_how_rows_are_read(iris):
    class Limit:
        units, option, value, decision = 2, None, None, "columns are numbers"

    from sklearn_certify.report._results import fit_and_certify

    X, y = iris
    dataset = Dataset("file", X, y, limits=[Limit()])
    split = hold_out(dataset, 0.25, 0)
    found = fit_and_certify(
        "dpa", DPAClassifier(n_partitions=15), dataset, split, "insert_delete", Observer(), "setosa"
    )
    assert found.targeted_radii.max() == 2
    assert found.attack_success_rates(3) == 1


def test_temporal_result_is_what_the_classifier_says(report, iris):
    result = report.temporal
    split = report.material.split
    learned_from = np.setdiff1d(np.arange(150), split.test_numbers)
    when = sorted(zip(split.X_train.tolist(), split.periods_train, strict=True))
    assert when == sorted(zip(iris[0][learned_from].tolist(), WHEN[learned_from], strict=True))
    again = TemporalAggregationClassifier(result.estimator.estimator, window=2)
    again.fit(split.X_train, split.y_train, periods=split.periods_train)
    labels, durations = again.predict_certified(split.X_test)
    earliness = again.certified_earliness(split.X_test)
    assert np.array_equal(result.y_pred, labels)
    assert np.array_equal(result.radii, durations)
    assert np.array_equal(result.earliness, earliness)
    assert (durations > 0).any()
    sizes = result.periods
    frame = report.periods_frame()
    assert frame["periods"].tolist() == sizes
    expected = certified_accuracy_score(split.y_test, labels, earliness, sizes)
    assert frame["accuracy_by_earliness"].tolist() == expected.tolist()
    expected = certified_accuracy_score(split.y_test, labels, durations, sizes)
    assert frame["accuracy_by_duration"].tolist() == expected.tolist()
    assert (frame["accuracy_by_duration"] <= frame["accuracy_by_earliness"]).all()
    assert expected[-1] == 0


def test_rows_and_periods_are_counted_apart(report):
    assert list(report.results) == ["dpa", "knn"]
    assert set(report.to_frame()["classifier"]) == {"dpa", "knn"}


def test_text_and_pages_have_both_tables(report):
    words = [
        "Attack success rate toward ",
        "by the number of poisoned periods",
        "TemporalAggregationClassifier(",
    ]
    for form in (str(report), report._repr_html_()):
        for text in words:
            assert text in form
    assert "Periods         30, of the rows to learn from, number 7 to 36" in str(report)


def test_files(report, tmp_path):
    for suffix in ("html", "json", "csv"):
        report.save(tmp_path / f"report.{suffix}")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert '<h2 id="more">Other attackers</h2>' in page and "by the number of poisoned" in page
    for name, quantity in (("success-rates", "the attack success rate"), ("periods", "certified")):
        assert f'<title id="{name}-title">Curves of {quantity}' in page
    knn, in_time = report.results["knn"], report.temporal
    rates, durations = knn.attack_success_rates(SIZES), in_time.accuracies(in_time.periods)
    for size, rate in zip(SIZES, rates, strict=True):
        assert f"<title>knn: {100 * rate:.1f} % at poison size {size}</title>" in page
    for count, share in zip(in_time.periods[:-1], durations, strict=False):
        told = f"any in a row: {100 * share:.1f} % with {count} poisoned periods"
        assert f"<title>{told}</title>" in page
    content = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    rates = report.results["dpa"].attack_success_rates(SIZES).tolist()
    assert content["classifiers"][0]["attack_success_rate"] == rates
    assert content["temporal"]["periods"] == report.temporal.periods
    assert content["attack_target"] == "virginica"
    with open(tmp_path / "report.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    units = {row["poison_unit"] for row in rows if row["classifier"] == "temporal"}
    assert units == {"consecutive periods", "last periods"}
    assert len(rows) == 2 * len(SIZES) + 2 * len(report.temporal.periods)


def test_without_them_a_report_has_nothing_of_them(iris):
    report = certification_report("dpa", *iris, base_estimator="ridge", poison_sizes=SIZES)
    assert "Attack success" not in str(report) and "periods" not in str(report)
    assert "attack_success_rate" not in report.to_frame()
    assert not {"attack_target", "periods"} & report.facts.keys()
    with pytest.raises(InvalidInputError, match="nothing about periods"):
        report.periods_frame()


def test_dates(iris):
    dates = np.datetime64("2026-01-01") + np.arange(150)
    report = certification_report(
        "knn", *iris, base_estimator="ridge", periods=dates, every="week", poison_sizes=[1]
    )
    assert report.temporal.classifier.last_period_ - report.temporal.classifier.first_period_ <= 22
    assert any(note.startswith("window=") for note in report.notes)


def test_declared_periods_reach_the_classifier(iris):
    report = certification_report(
        "knn", *iris, periods=WHEN, window=2, first_period=0, last_period=40, poison_sizes=[1]
    )
    assert report.temporal.classifier.first_period_ == 0
    assert report.temporal.classifier.last_period_ == 40


def test_a_failure_takes_no_other_classifier_with_it(iris):
    report = certification_report(
        "knn", *iris, periods=WHEN, first_period=20, poison_sizes=[1], window=2
    )
    assert report.temporal is None and list(report.failures) == ["temporal"]
    assert "temporal failed: " in str(report)


def test_one_period_may_turn_how_rows_are_read(iris):
    class Limit:
        units = 40

    X, y = iris
    dataset = Dataset("file", X, y, limits=[Limit()], periods=WHEN, period_column="when")
    split = hold_out(dataset, 0.25, 0)
    result = fit_and_certify_in_time(
        TemporalAggregationClassifier(window=2), dataset, split, Observer()
    )
    assert result.radii.max() == result.earliness.max() == 0
    assert result.joint_accuracies[0] > 0 == result.joint_accuracies[1:].max()
    assert "nothing is certified" in result.warnings[-1]


def test_label_flips_are_counted_inside_the_voters_where_that_is_offered(iris):
    settings = {"threat_model": "label_flip", "n_partitions": 5, "poison_sizes": SIZES}
    report = certification_report("dpa", *iris, base_estimator="ridge", **settings)
    assert list(report.results) == ["dpa", "dpa-white-box"]
    black, white = report.results.values()
    assert np.array_equal(black.y_pred, white.y_pred)
    assert (white.radii >= black.radii).all() and (white.radii > black.radii).any()
    alone = DPAClassifier(
        StackedRidgeClassifier(store_rows=True),
        5,
        threat_model="label_flip",
        classes=["setosa", "versicolor", "virginica"],
        label_flips="white_box",
    )
    split = report.material.split
    alone.fit(split.X_train, split.y_train)
    assert np.array_equal(white.radii, alone.certified_radius(split.X_test))


@pytest.mark.parametrize(
    "arguments",
    [
        {"base_estimator": "tree"},
        {"base_estimator": "ridge", "aggregation": "runoff"},
        {"base_estimator": "ridge", "groups": np.arange(150) // 2},
        {"base_estimator": "ridge", "threat_model": "modify"},
    ],
    ids=lambda given: list(given)[-1],
)
def test_else_they_are_not(iris, arguments):
    arguments = {"threat_model": "label_flip", **arguments}
    report = certification_report("dpa", *iris, n_partitions=5, poison_sizes=[1], **arguments)
    assert list(report.results) == ["dpa"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"estimators": TemporalAggregationClassifier()}, "leave it out and give the periods"),
        ({"window": 3}, "window= sets nothing without periods="),
        ({"every": "week"}, "give periods="),
        ({"attack_target": 1}, "texts"),
        ({"periods": np.arange(150) / 2}, "no whole number"),
        (
            {"X_test": np.ones((2, 4)), "y_test": ["setosa"] * 2, "attack_target": "setosa"},
            "All test rows are 'setosa'",
        ),
    ],
)
def test_what_makes_no_sense_is_refused(iris, arguments, message):
    with pytest.raises(InvalidInputError, match=message):
        certification_report(arguments.pop("estimators", "knn"), *iris, **arguments)


def test_joint_certificates_are_asked_for_of_each_classifier(iris):
    report = certification_report(
        ["dpa", "bagging"],
        *iris,
        base_estimator="ridge",
        aggregation="runoff",
        n_partitions=15,
        n_estimators=20,
        poison_sizes=SIZES,
    )
    joint = report.joint_accuracies()
    assert list(joint) == ["dpa"]  # its run-off has one, bagging has none
    dpa = report.results["dpa"]
    expected = dpa.classifier.certified_accuracy(dpa.X_test, dpa.y_true, SIZES, joint=True)
    assert np.array_equal(joint["dpa"], expected)
    assert (expected >= dpa.accuracies(SIZES)).all()
