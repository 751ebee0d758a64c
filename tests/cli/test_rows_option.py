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
