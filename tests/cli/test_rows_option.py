"""--rows writes what each classifier says of each row."""

import csv
from pathlib import Path

from sklearn_certify.cli import main

from .commands import DPA, refused


def test_rows_are_written(iris, capsys):
    arguments = [*DPA, "--base", "nearest-centroid", "--output", "r.json", "--rows", "rows.csv"]
    assert main(["report", iris, *arguments]) == 0
    assert "Written: rows.csv" in capsys.readouterr().out
    with open("rows.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    lines = Path(iris).read_text().splitlines()
    assert len(rows) == 38
    for row in rows:
        assert lines[1 + int(row["row"])].endswith(f",{row['label']}")
        assert row["classifier"] == "dpa"
        assert int(row["votes"]) <= int(row["n_votes"]) == 5
        assert int(row["radius"]) <= 2


def test_another_format_is_refused(iris, capsys):
    assert "--rows rows.json must end in .csv" in refused(capsys, iris, "--rows", "rows.json")
    assert "there is no folder" in refused(capsys, iris, "--rows", "nowhere/rows.csv")


def test_what_else_was_asked_for_is_told_of_each_row(iris, capsys):
    arguments = [*DPA, "--base", "ridge", "--attack-target", "virginica", "--columns", "all=number"]
    arguments += ["--periods", "day", "--every", "week"]
    path = Path(iris)
    first, *lines = path.read_text().splitlines()
    days = [f"{line},2024-01-{1 + number * 37 % 28:02}" for number, line in enumerate(lines)]
    path.write_text("\n".join([f"{first},day", *days]))
    arguments += ["--target", "species", "--joint", "--output", "r.json", "--rows", "rows.csv"]
    assert main(["report", iris, *arguments]) == 0
    assert "under one attack on all of them together" in capsys.readouterr().out
    with open("rows.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    of_dpa, in_time = rows[:38], rows[38:]
    assert {row["classifier"] for row in in_time} == {"temporal"}
    assert all(int(row["targeted_radius"]) >= -1 and row["duration"] == "" for row in of_dpa)
    assert all(row["radius"] == "" for row in in_time)
    assert all(int(row["duration"]) <= int(row["earliness"]) for row in in_time)
