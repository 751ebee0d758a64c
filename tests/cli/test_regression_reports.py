"""Reports on numbers to predict: how targets are read, and what is printed and written."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_diabetes

from sklearn_certify.cli import main
from sklearn_certify.cli._data import TableOptions, read_dataset
from sklearn_certify.report import certification_report

from .commands import refused, write

KNN = ["--estimator", "knn", "--n-neighbors", "15", "--tolerance", "2"]


def houses(n_rows=120):
    rng = np.random.RandomState(0)
    rooms = rng.randint(1, 9, size=n_rows)
    area = np.round(20 * rooms + rng.normal(size=n_rows), 1)
    price = np.round(rooms + rng.normal(size=n_rows) / 2, 2)
    return list(zip(rooms.tolist(), area.tolist(), price.tolist(), strict=True))


@pytest.fixture
def table(tmp_path):
    return write(tmp_path / "houses.csv", ["rooms", "area", "price"], houses())


def test_same_numbers_as_the_function(table, capsys):
    assert main(["report", table, *KNN, "--poison-sizes", "1,4", "--output", "r.json"]) == 0
    output, _ = capsys.readouterr()
    assert "The targets are the last column, 'price'" in output
    assert "certified within 2 of the truth" in output
    assert "Written: r.json" in output
    found = json.loads(Path("r.json").read_text(encoding="utf-8"))
    rows = np.array(houses())
    report = certification_report(
        "knn", rows[:, :2], rows[:, 2], tolerance=2, n_neighbors=15, poison_sizes=[1, 4]
    )
    expected = report.results["knn"]
    [knn] = found["regressors"]
    assert knn["certified_share"] == expected.accuracies([0, 1, 4]).tolist()
    assert knn["median_interval_width"] == expected.median_widths().tolist()
    assert knn["mean_absolute_error"] == expected.mean_absolute_error
    assert (found["target"], found["tolerance"]) == ("price", 2)


def test_without_a_file_it_is_on_diabetes(capsys):
    arguments = ["--estimator", "knn", "--tolerance", "60", "--format", "json"]
    assert main(["report", *arguments, "--poison-sizes", "4"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["source"] == "scikit-learn's diabetes"
    X, y = load_diabetes(return_X_y=True, scaled=False)
    report = certification_report("knn", X, y, tolerance=60, poison_sizes=[4])
    shares = report.results["knn"].accuracies([0, 4]).tolist()
    assert found["regressors"][0]["certified_share"] == shares


def test_rows_picture_and_page(table):
    pytest.importorskip("jinja2")
    pytest.importorskip("matplotlib")
    written = ["--rows", "rows.csv", "--output", "r.html", "--output", "r.png", "--output", "r.csv"]
    assert main(["report", table, *KNN, "--poison-sizes", "1,4", *written, "--quiet"]) == 0
    with open("rows.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    prices = [row[-1] for row in houses()]
    assert len(rows) == 30 * 3
    for row in rows:
        assert float(row["target"]) == prices[int(row["row"])]
        assert float(row["low"]) <= float(row["prediction"]) <= float(row["high"])
    page = Path("r.html").read_text(encoding="utf-8")
    assert "sklearn-certify report" in page
    assert Path("r.png").read_bytes().startswith(b"\x89PNG")


def test_targets_that_are_no_numbers_go_with_their_rows(tmp_path):
    rows = [list(row) for row in houses()]
    rows[3][2], rows[5][2], rows[8][2] = "unknown", "NA", ""
    path = write(tmp_path / "gaps.csv", ["rooms", "area", "price"], rows)
    dataset = read_dataset(path, TableOptions(target="price", has_targets=True))
    kept = [row for number, row in enumerate(rows) if number not in (3, 5, 8)]
    assert dataset.y.tolist() == [row[2] for row in kept]
    assert dataset.X.tolist() == [row[:2] for row in kept]
    assert "1 row without a label is left out." in dataset.notes
    assert "2 rows whose target is no number are left out." in dataset.notes


def test_targets_stand_beside_texts(tmp_path):
    rows = [
        [city, price] for (_, _, price), city in zip(houses(), ["Rome", "Ulm"] * 60, strict=True)
    ]
    path = write(tmp_path / "texts.csv", ["city", "price"], rows)
    dataset = read_dataset(path, TableOptions(has_targets=True))
    assert dataset.text_columns == [0]
    assert dataset.y.dtype == np.float64
    assert dataset.y.tolist() == [price for _, price in rows]
    assert dataset.X.ravel().tolist() == [city for city, _ in rows]


def test_the_decimal_mark_of_targets_is_a_limit(tmp_path):
    rows = [[number, f"{1 + number % 7}.{100 + number}"] for number in range(40)]
    path = write(tmp_path / "marks.csv", ["a", "price"], rows)
    dataset = read_dataset(path, TableOptions(has_targets=True))
    assert dataset.y[0] == 1.1
    # a changed target alone may turn the vote: that is what flips of labels are
    flips = read_dataset(path, TableOptions(has_targets=True), "label_flip")
    for found in (dataset, flips):
        [limit] = [limit for limit in found.limits if limit.option == "--decimal"]
        assert limit.units < 40
    fixed = read_dataset(path, TableOptions(has_targets=True, decimal=","))
    assert fixed.y[0] == 1100
    assert not [limit for limit in fixed.limits if limit.option == "--decimal"]


def test_one_more_row_changes_no_other_target(tmp_path):
    rows = houses()
    options = TableOptions(has_targets=True)
    before = read_dataset(write(tmp_path / "a.csv", ["r", "a", "p"], rows), options)
    for cell in ("1,5", "1.234,5", "1,234", "none", "1e9", "odd"):
        added = write(tmp_path / "b.csv", ["r", "a", "p"], [*rows, [1, 2, cell]])
        after = read_dataset(added, options)
        assert after.y[: len(rows)].tolist() == before.y.tolist()
        assert after.X[: len(rows)].tolist() == before.X.tolist()


def test_radii_end_where_poison_turns_the_reading(tmp_path, capsys):
    # hardly a cell is a number: some texts more would make texts of the column
    rows = [[number if number < 3 else "", *row] for number, row in enumerate(houses())]
    path = write(tmp_path / "few.csv", ["few", "rooms", "area", "price"], rows)
    arguments = ["--estimator", "dpa", "--n-partitions", "40", "--tolerance", "9"]
    assert main(["report", path, *arguments, "--format", "json", "--poison-sizes", "3"]) == 0
    capped = json.loads(capsys.readouterr().out)
    limit = capped["radius_limit"]
    assert limit is not None
    sizes = f"{limit},{limit + 1}"
    assert main(["report", path, *arguments, "--format", "json", "--poison-sizes", sizes]) == 0
    [dpa] = json.loads(capsys.readouterr().out)["regressors"]
    assert dpa["certified_share"][1] > 0
    assert dpa["certified_share"][2] == 0
    assert dpa["median_interval_width"][2] == "inf"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--tolerance", "x"], "from 0 up"),
        (["--tolerance", "2", "--radius", "3"], "--radius"),
        (["--tolerance", "2", "--plan-for", "3"], "--plan-for is for classifiers"),
        (["--tolerance", "2", "--attack-target", "a"], "--attack-target is for classifiers"),
        (["--tolerance", "2", "--joint"], "--joint is for classifiers"),
        (["--tolerance", "2", "--estimator", "rnn"], "no certified regressor 'rnn'"),
        (["--tolerance", "2", "--columns", "price=text"], "cannot be text"),
        ([], "report --tolerance"),
    ],
)
def test_what_makes_no_sense_is_refused(table, capsys, arguments, message):
    if arguments[1:2] == ["x"]:
        assert main(["report", table, *arguments]) == 2
        assert message in capsys.readouterr().err
    else:
        assert message in refused(capsys, table, *arguments)


def test_words_are_no_targets(iris, capsys):
    assert "no quantity" in refused(capsys, iris, "--tolerance", "1")
