"""report --tolerance --save keeps a regressor; certify tells intervals, and audit looks at it."""

import csv
import io
import json
import math

import numpy as np
import pytest

from sklearn_certify import CertifiedKNNRegressor
from sklearn_certify.cli import main
from sklearn_certify.persistence import load, save

from .commands import write

pytest.importorskip("skops")

NAMES = ["rooms", "area", "price"]


def houses(n_rows=90):
    rng = np.random.RandomState(0)
    rooms = rng.randint(1, 9, size=n_rows)
    area = np.round(20 * rooms + rng.normal(size=n_rows), 1)
    price = np.round(rooms + rng.normal(size=n_rows) / 2, 2)
    return list(zip(rooms.tolist(), area.tolist(), price.tolist(), strict=True))


def run(capsys, *arguments, code=0):
    assert main([str(argument) for argument in arguments]) == code
    return capsys.readouterr()


@pytest.fixture
def table(tmp_path):
    return write(tmp_path / "houses.csv", NAMES, houses())


@pytest.fixture
def model(table, capsys):
    arguments = ["--estimator", "knn,dpa", "--n-neighbors", 15, "--n-partitions", 9]
    arguments += ["--tolerance", 2, "--output", "r.json", "--save-estimator", "knn"]
    output = run(capsys, "report", table, *arguments, "--save", "m.skops").out
    assert "Saved: m.skops (knn)" in output
    return "m.skops"


def certified(capsys, *arguments):
    return json.loads(run(capsys, "certify", *arguments, "--format", "json").out)


def test_intervals_are_those_of_the_regressor(table, model, capsys):
    found = certified(capsys, model, table, "--poison-size", 3)
    regressor, rows = load(model), np.array(houses())
    assert isinstance(regressor, CertifiedKNNRegressor)
    expected = regressor.predict_interval(rows[:, :2], 3)
    assert [[row["low"], row["high"]] for row in found["rows"]] == expected.tolist()
    predictions = regressor.predict(rows[:, :2])
    assert [row["prediction"] for row in found["rows"]] == predictions.tolist()
    assert [row["target"] for row in found["rows"]] == rows[:, 2].tolist()
    assert found["mean_absolute_error"] == np.abs(rows[:, 2] - predictions).mean()
    widths = np.sort(expected[:, 1] - expected[:, 0])
    assert found["median_interval_width"] == widths[len(widths) // 2]
    assert found["poison_unit"] == "rows inserted or deleted"


def test_text_and_csv(table, model, capsys):
    text = run(capsys, "certify", model, table, "--poison-size", 3).out
    assert text.split("\n")[0].split() == ["row", "target", "prediction", "low", "high"]
    assert "Poison size 3 counts rows inserted or deleted" in text
    assert "Mean absolute error on 90 rows with a target" in text
    run(capsys, "certify", model, table, "--poison-size", 3, "--rows", "rows.csv")
    with open("rows.csv", encoding="utf-8", newline="") as file:
        from_file = list(csv.DictReader(file))
    printed = run(capsys, "certify", model, table, "--poison-size", 3, "--format", "csv").out
    assert list(csv.DictReader(io.StringIO(printed))) == from_file
    assert len(from_file) == 90


def test_rows_need_no_targets(model, tmp_path, capsys):
    rows = [[*row[:2], price] for row, price in zip(houses(4), ["", "odd", 3, ""], strict=True)]
    found = certified(capsys, model, write(tmp_path / "some.csv", NAMES, rows), "--poison-size", 1)
    assert [row["target"] for row in found["rows"]] == [None, None, 3, None]
    assert found["n_targets"] == 1
    bare = write(tmp_path / "bare.csv", NAMES[:2], [row[:2] for row in houses(4)])
    found = certified(capsys, model, bare, "--poison-size", 1)
    assert all("target" not in row for row in found["rows"])
    assert found["mean_absolute_error"] is None


def test_nothing_is_bounded_by_much_poison(table, model, capsys):
    found = certified(capsys, model, table, "--poison-size", 1000)
    assert {(row["low"], row["high"]) for row in found["rows"]} == {("-inf", "inf")}
    assert found["median_interval_width"] == "inf"
    text = run(capsys, "certify", model, table, "--poison-size", 1000).out
    assert "Nothing bounds half of the predictions" in text


def test_nothing_is_bounded_where_poison_turns_the_reading(tmp_path, capsys):
    rows = [[number if number < 3 else "", *row] for number, row in enumerate(houses())]
    few = write(tmp_path / "few.csv", ["few", *NAMES], rows)
    arguments = ["--estimator", "dpa", "--n-partitions", 40, "--tolerance", 9, "--save", "f.skops"]
    run(capsys, "report", few, *arguments, "--output", "r.json")
    limit = certified(capsys, "f.skops", few, "--poison-size", 0)["radius_limit"]
    within = certified(capsys, "f.skops", few, "--poison-size", limit)
    assert math.isfinite(float(within["median_interval_width"]))
    assert (
        certified(capsys, "f.skops", few, "--poison-size", limit + 1)["median_interval_width"]
        == "inf"
    )
    errors = run(capsys, "certify", "f.skops", few, "--poison-size", limit + 1).err
    assert f"Nothing is bounded above poison size {limit}" in errors


def test_models_saved_from_python(table, capsys):
    rows = np.array(houses())
    save(CertifiedKNNRegressor(15).fit(rows[:, :2], rows[:, 2]), "p.skops")
    found = certified(capsys, "p.skops", table, "--poison-size", 2, "--target", "price")
    assert found["n_targets"] == 90


def test_it_takes_a_poison_size(table, model, capsys):
    errors = run(capsys, "certify", model, table, code=2).err
    assert "say it with --poison-size" in errors


def test_audit(table, model, tmp_path, capsys):
    assert "nothing was found" in run(capsys, "audit", model).out
    assert "fitted twice" in run(capsys, "audit", model, table, "--empirical").out
    bare = write(tmp_path / "gaps.csv", NAMES, [[*row[:2], ""] for row in houses(20)])
    errors = run(capsys, "audit", model, bare, "--empirical", code=2).err
    assert "have no target" in errors


def test_the_one_with_most_certified_rows_is_kept(table, capsys):
    arguments = ["--estimator", "knn,dpa", "--n-neighbors", 15, "--n-partitions", 5]
    arguments += ["--tolerance", 2, "--output", "r.json", "--save", "best.skops"]
    output = run(capsys, "report", table, *arguments).out
    assert "which has most area under its curve" in output
    with open("r.json", encoding="utf-8") as file:
        curves = {item["regressor"]: item["curve"] for item in json.load(file)["regressors"]}
    areas = {
        name: np.sum(np.diff(curve["poison_sizes"]) * curve["certified_share"][:-1])
        for name, curve in curves.items()
    }
    assert f"({max(areas, key=areas.get)}, which has most" in output
