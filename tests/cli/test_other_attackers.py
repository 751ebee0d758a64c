"""Options on attackers who want one label, and on poison within some periods."""

import csv
import json
from datetime import date, timedelta

import numpy as np
import pytest
from sklearn.datasets import load_iris

from sklearn_certify.cli import main
from sklearn_certify.persistence import load

from .commands import refused, write

NUMBERS = ["--columns", "all=number"]
QUICK = ["--estimator", "dpa", "--base", "ridge", "--n-partitions", "5", *NUMBERS]


@pytest.fixture
def dated(tmp_path):
    """Irises with the day on which each came."""
    X, y = load_iris(return_X_y=True)
    names = ["setosa", "versicolor", "virginica"]
    order = sorted(range(150), key=lambda row: row * 37 % 150)  # classes mixed
    rows = [
        [*X[row], place // 5, (date(2024, 1, 1) + timedelta(place)).isoformat(), names[y[row]]]
        for place, row in enumerate(order)
    ]
    names = ["a", "b", "c", "d", "number", "day", "species"]
    return write(tmp_path / "dated.csv", names, rows)


def report_on(capsys, *arguments):
    assert main(["report", *arguments, *QUICK, "--format", "json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_periods_of_numbers_and_dates(dated, capsys):
    numbers = report_on(capsys, dated, "--periods", "number", "--drop", "day", "--window", "3")
    assert numbers["target"] == "species" and numbers["n_features"] == 4
    assert numbers["periods"] == "number"
    assert numbers["temporal"]["parameters"]["window"] == 3
    assert numbers["temporal"]["accuracy_by_duration"][1] > 0
    days = report_on(
        capsys, dated, "--periods", "day", "--every", "week", "--drop", "number", "--window", "3"
    )
    assert days["temporal"]["n_voters"] < numbers["temporal"]["n_voters"]


def test_columns_read_by_vote_leave_nothing_certified(dated, capsys):
    arguments = ["report", dated, "--estimator", "dpa", "--base", "ridge", "--n-partitions", "5"]
    arguments += ["--periods", "number", "--drop", "day", "--window", "3", "--format", "json"]
    assert main(arguments) == 0
    output, remarks = capsys.readouterr()
    assert set(json.loads(output)["temporal"]["accuracy_by_duration"][1:]) == {0}
    assert "nothing is certified unless it is said beforehand" in remarks


def test_a_saved_temporal_model_counts_periods(dated, capsys):
    in_time = ["--periods", "number", "--drop", "day", "--window", "3"]
    saving = ["--save", "model.skops", "--save-estimator", "temporal", "--output", "r.csv"]
    assert main(["report", dated, *QUICK, *in_time, *saving]) == 0
    assert "Saved: model.skops (temporal)" in capsys.readouterr().out
    assert main(["certify", "model.skops", dated, "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["threat_model"] == "temporal"
    assert found["poison_unit"] == "consecutive periods"
    model = load("model.skops")
    rows = np.loadtxt(dated, delimiter=",", skiprows=1, usecols=range(4))
    durations = model.certified_duration(rows).tolist()
    assert [row["radius"] for row in found["rows"]] == durations and max(durations) > 0
    assert main(["certify", "model.skops", dated]) == 0
    assert "A radius counts consecutive periods: " in " ".join(capsys.readouterr().out.split())
    assert main(["audit", "model.skops", dated]) == 0
    assert main(["audit", "model.skops", dated, "--empirical"]) == 2
    assert "takes the periods of rows" in capsys.readouterr().err


def test_a_saved_temporal_model_of_columns_read_by_vote_certifies_nothing(dated, capsys):
    in_time = ["--periods", "number", "--drop", "day", "--window", "3", "--output", "r.csv"]
    saving = ["--save", "model.skops", "--save-estimator", "temporal"]
    quick = ["--estimator", "dpa", "--base", "ridge", "--n-partitions", "5"]
    assert main(["report", dated, *quick, *in_time, *saving]) == 0
    capsys.readouterr()
    assert main(["certify", "model.skops", dated, "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert max(row["radius"] for row in found["rows"]) == found["radius_limit"] == 0


def test_attacks_toward_a_label(iris, capsys):
    arguments = ["--attack-target", "virginica"]
    [dpa] = report_on(capsys, iris, *arguments)["classifiers"]
    rates = dpa["attack_success_rate"]
    assert rates == sorted(rates) and rates[0] < rates[-1] == 1
    saving = ["--save", "model.skops", "--output", "r.csv"]
    assert main(["report", iris, *QUICK, *arguments, *saving]) == 0
    assert "Attack success rate toward 'virginica' in %" in capsys.readouterr().out
    assert main(["certify", "model.skops", iris, *arguments, "--rows", "rows.csv"]) == 0
    assert "radius toward virginica" in capsys.readouterr().out
    with open("rows.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    expected = load("model.skops").certified_radius(load_iris().data, target="virginica")
    assert [int(row["targeted_radius"]) for row in rows] == expected.tolist()


def test_digits_have_labels_that_are_numbers(capsys):
    arguments = ["--estimator", "dpa", "--base", "ridge", "--attack-target", "3"]
    assert main(["report", *arguments, "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["attack_target"] == 3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--attack-target", "rose"], "--attack-target rose is no label; there are 'setosa'"),
        (["--periods", "day"], "holds '2024-01-01', which is no whole number of a period"),
        (["--periods", "a", "--every", "week"], "Cannot read periods of column 'a'"),
        (["--periods", "species", "--target", "species"], "is the column with the labels"),
        (["--every", "week"], "--every sets nothing without --periods"),
        (["--window", "3"], "--window sets nothing without --periods"),
        (["--periods", "number", "--plan-for", "3"], "--periods cannot be used with --plan-for"),
        (["--save", "m.skops", "--save-estimator", "temporal"], "needs --periods"),
    ],
)
def test_what_makes_no_sense_is_refused(dated, capsys, arguments, message):
    assert message in refused(capsys, dated, *QUICK, "--output", "r.csv", *arguments)
