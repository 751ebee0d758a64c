"""Reports where poison counts contributors, and where the form of the rows caps radii."""

import csv
import json
import shlex
from pathlib import Path

import matplotlib.figure
import numpy as np
import pytest

from sklearn_certify.cli import main
from sklearn_certify.cli._data import TableOptions, read_dataset
from sklearn_certify.threat import THREAT_MODELS

from .commands import write

SMALL = "--n-partitions 9 --spreading-degree 2 --n-estimators 9 --base nearest-centroid".split()


def crowd_rows(n=240, n_contributors=40):
    rng = np.random.RandomState(0)
    for row in range(n):
        who = f"w{int(n_contributors * rng.rand() ** 2)}"
        yield [who if row % 50 else "", round(rng.normal(6 * (row % 2)), 2), "x", row % 2]


@pytest.fixture
def crowd(tmp_path):
    return write(tmp_path / "crowd.csv", ["who", "size", "word", "label"], crowd_rows())


@pytest.mark.parametrize("threat_model", THREAT_MODELS)
def test_report_counts_contributors(crowd, threat_model, capsys, monkeypatch):
    drawn = []
    monkeypatch.setattr(
        matplotlib.figure.Figure,
        "savefig",
        lambda figure, path: drawn.append(figure.axes[0].get_xlabel()),
    )
    outputs = ["--output", "r.json", "--output", "r.csv", "--output", "r.png"]
    arguments = ["report", crowd, "--groups", "1", "--threat-model", threat_model, *SMALL, *outputs]
    assert main(arguments) == 0
    output, _ = capsys.readouterr()
    read = " ".join(output.split())
    assert "235 rows of 39 contributors, 2 features (1 of text), 2 classes" in read
    assert "each contributor in one part" in read
    assert f"{threat_model} (contributors)" in read
    assert "5 rows without a contributor are left out." in read
    assert "by the number of poisoned contributors" in read
    assert "A poison size counts contributors" in read
    assert "knn is left out: it counts poisoned rows, not contributors." in read
    report = json.loads(Path("r.json").read_text(encoding="utf-8"))
    assert (report["groups"], report["poison_unit"]) == ("who", "contributors")
    with open("r.csv", encoding="utf-8", newline="") as file:
        assert {row["poison_unit"] for row in csv.DictReader(file)} == {"contributors"}
    assert drawn == ["Poison size (contributors)"]


def test_classifiers_that_count_rows_are_refused(crowd, capsys):
    assert main(["report", crowd, "--groups", "who", "--estimator", "knn"]) == 2
    assert "knn counts poisoned rows, not contributors." in capsys.readouterr().err


def test_too_few_contributors(tmp_path, capsys):
    rows = [[f"w{row % 2}", row, row % 2] for row in range(60)]
    path = write(tmp_path / "t.csv", ["who", "x", "y"], rows)
    assert main(["report", path, "--groups", "who"]) == 2
    assert "t.csv has too few contributors: none of 2 can be held out" in capsys.readouterr().err


@pytest.mark.parametrize("threat_model", ["insert", "delete", "insert_delete", "modify"])
@pytest.mark.parametrize("who", ["mallory", "w0"])
def test_a_contributor_with_many_rows_changes_no_column(tmp_path, who, threat_model):
    """A contributor has one vote about the kinds of columns, however many rows it sends."""
    options, names = TableOptions(groups="who"), ["who", "size", "word", "label"]
    rows = list(crowd_rows())
    clean = read_dataset(write(tmp_path / "t.csv", names, rows), options, threat_model)
    assert clean.radius_limit >= 1
    poisoned = [*rows, *[[who, "odd", "7", "x"]] * 1000]
    dataset = read_dataset(write(tmp_path / "t.csv", names, poisoned), options, threat_model)
    n_clean = len(clean.y)
    assert dataset.text_columns == clean.text_columns
    assert np.array_equal(dataset.X[:n_clean], clean.X)
    assert np.array_equal(dataset.y[:n_clean], clean.y)


def seldom_rows():
    for row in range(150):
        yield [row % 2 * 90 + row % 40, 7 if row == 77 else "", f"{1 + row % 9},{row:03}", row % 2]


def test_limits_cap_every_radius_and_are_told(tmp_path, capsys):
    path = write(tmp_path / "t.csv", ["x", "sel dom", "amount", "y"], seldom_rows())
    arguments = ["report", path, "--n-partitions", "25", "--estimator", "dpa", "--base", "tree"]
    assert main([*arguments, "--output", "r.json"]) == 0
    output, _ = capsys.readouterr()
    report = json.loads(Path("r.json").read_text(encoding="utf-8"))
    limit = report["radius_limit"]
    assert 1 <= limit < 10
    curve = report["classifiers"][0]["curve"]
    assert max(curve["poison_sizes"]) == limit + 1
    assert curve["certified_accuracy"][-1] == 0 < curve["certified_accuracy"][-2]
    read = " ".join(output.split())
    assert f"No radius is above {limit}: the rows decide by vote that " in read
    mend = output[output.index("needs no vote: ") :].splitlines()[0].partition(": ")[2]
    assert shlex.split(mend) == ["--decimal", ".", "--columns", "sel dom=number"]
    assert main([*arguments, *shlex.split(mend), "--output", "r.json"]) == 0
    assert "No radius is above" not in capsys.readouterr().out
    fixed = json.loads(Path("r.json").read_text(encoding="utf-8"))
    assert fixed["radius_limit"] > 10
    assert max(fixed["classifiers"][0]["curve"]["poison_sizes"]) > limit + 1
    given = ["--columns", "all=number,sel dom=number", "--columns", "3=number", "--decimal", "."]
    assert main([*arguments, *given, "--output", "r.json"]) == 0
    fixed = json.loads(Path("r.json").read_text(encoding="utf-8"))
    assert fixed["radius_limit"] is None


def test_labels_do_not_flip_kinds_of_columns(tmp_path):
    path = write(tmp_path / "t.csv", ["x", "seldom", "amount", "y"], seldom_rows())
    assert read_dataset(path, threat_model="label_flip").radius_limit == float("inf")
