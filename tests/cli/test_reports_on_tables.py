"""Tables in files through the command: which rows and columns a report is about."""

import gzip
import json
import re
import sys
from pathlib import Path

import pytest

from sklearn_certify.cli import main

from .commands import DPA, MIXED_NAMES, SMALL, mixed_rows, refused, write


def test_default_target_and_partitions_are_said(iris, capsys):
    assert main(["report", iris, "--estimator", "dpa"]) == 0
    output, _ = capsys.readouterr()
    assert "The labels are the last column, 'species'; --target names another." in output
    assert "n_partitions=5 suits this number of rows" in output
    assert "150 rows, 4 features, 3 classes" in output


def test_mixed_table(mixed, capsys):
    arguments = ["report", mixed, *SMALL, "--target", "buys", "--output", "r.json"]
    assert main(arguments) == 0
    output, errors = capsys.readouterr()
    assert "150 rows, 6 features (2 of text), 2 classes" in output
    assert "numbers imputed and scaled, text one-hot, within each voter" in output
    for name in ("knn", "rnn"):
        why = f"{name} is left out: it compares rows by distance, which takes numbers only"
        assert why in output and name not in errors
    report = json.loads(Path("r.json").read_text(encoding="utf-8"))
    assert all(item["certified_accuracy"][0] > 0.9 for item in report["classifiers"])
    assert "takes numbers only" in refused(capsys, mixed, "--estimator", "knn")


@pytest.mark.parametrize("base", ["tree", "naive-bayes"])
def test_text_column_as_labels(mixed, base, capsys):
    arguments = ["report", mixed, *DPA, "--target", "city", "--base", base]
    assert main(arguments) == 0
    output, _ = capsys.readouterr()
    assert "12 rows without a label are left out." in output
    assert "2 classes" in output


def test_formats_hold_the_same_table(tmp_path, capsys):
    pandas = pytest.importorskip("pandas")
    pytest.importorskip("pyarrow")
    rows = list(mixed_rows())
    comma = write(tmp_path / "comma.csv", MIXED_NAMES, rows)
    paths = [
        comma,
        write(tmp_path / "tab.tsv", MIXED_NAMES, rows, delimiter="\t"),
        write(tmp_path / "semicolon.csv", MIXED_NAMES, rows, delimiter=";"),
        str(tmp_path / "packed.csv.gz"),
        str(tmp_path / "marked.csv"),
        str(tmp_path / "typed.parquet"),
    ]
    Path(paths[3]).write_bytes(gzip.compress(Path(comma).read_bytes()))
    Path(paths[4]).write_text(Path(comma).read_text(encoding="utf-8"), encoding="utf-8-sig")
    pandas.read_csv(comma).to_parquet(paths[5])
    curves = []
    for path in paths:
        arguments = ["report", path, "--target", "buys", *DPA]
        assert main([*arguments, "--output", "r.json"]) == 0
        report = json.loads(Path("r.json").read_text(encoding="utf-8"))
        curves.append(report["classifiers"][0]["curve"])
    assert all(curve == curves[0] for curve in curves)


def test_parquet_without_pyarrow(tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    (tmp_path / "rows.parquet").write_bytes(b"")
    assert "pip install pyarrow" in refused(capsys, str(tmp_path / "rows.parquet"))


def test_parquet_that_is_none(tmp_path, capsys):
    pytest.importorskip("pyarrow")
    path = tmp_path / "rows.parquet"
    path.write_text("no parquet")
    assert "Cannot read" in refused(capsys, str(path))
    assert "Cannot read" in refused(capsys, str(tmp_path / "absent.parquet"))


def test_parquet_with_records(tmp_path, capsys):
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow.parquet import write_table

    path = str(tmp_path / "rows.parquet")
    write_table(pyarrow.table({"x": [[1], [2]], "y": [0, 1]}), path)
    assert "Column 'x' holds lists or records" in refused(capsys, path)


def test_missing_texts(tmp_path, capsys):
    rows = [["?" if i % 7 == 0 else i % 2 + 0.1 * (i % 5), i % 2] for i in range(80)]
    path = write(tmp_path / "t.csv", ["x", "y"], rows)
    arguments = ["report", path, *DPA]
    assert main(arguments) == 0
    output = capsys.readouterr().out
    assert "1 feature, 2 classes" in output
    assert "'x': 12 cells of a column of numbers counted as missing, first '?' in line 2." in output
    assert main([*arguments, "--missing", "?", "--missing", "NA"]) == 0
    output = capsys.readouterr().out
    assert "1 feature, 2 classes" in output and "counted as missing" not in output
    assert main([*arguments, "--columns", "x=text"]) == 0
    assert "1 feature (1 of text)" in capsys.readouterr().out


def test_column_of_row_numbers_is_left_out(tmp_path, capsys):
    path = write(tmp_path / "t.csv", ["", "x", "y"], [[i, i % 2, i % 2] for i in range(60)])
    assert main(["report", path, *DPA, "--target", "y"]) == 0
    output, _ = capsys.readouterr()
    assert "1 feature, 2 classes" in output
    assert "The first column has no name and is left out." in output


def test_labels_that_occur_once_are_learned_from(tmp_path, capsys):
    rows = [[i % 3, i % 3 if i else "once"] for i in range(90)]
    path = write(tmp_path / "t.csv", ["x", "y"], rows)
    assert main(["report", path, *DPA]) == 0
    assert "4 classes" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "holds no rows"),
        ("x,y\n", "holds no rows"),
        ("x,y\n1,0\n2\n", "Line 3 of .* has 1 cell, but its first line names 2 columns"),
        ("5.1,3.5\n4.9,3\n", "first line of .* holds numbers only.* --no-header"),
        ("y\n0\n1\n", "no column besides the labels"),
        ("x,y\n1,\n2,\n", "No row of .* has a label in column 'y'"),
        ("x,y\n1,0\n2,0\n3,0\n", "single label, 0;"),
        ("x,y\n1,a\n2,b\n3,c\n", "3 different labels in 3 rows"),
        ("x,y\n1,0.5\n2,1.5\n", "holds fractions"),
        ("x,y\n1,0\n2,1\n3,0\n4,1\n", "too few rows: 4 with 2 classes"),
        ('x,y\n"' + 200_000 * "a" + '",0\n', "field larger than field limit"),
    ],
)
def test_unusable_tables(tmp_path, content, message, capsys):
    path = tmp_path / "t.csv"
    path.write_text(content)
    line = refused(capsys, str(path))
    assert re.search(message, line), line


def test_unreadable_files(tmp_path, capsys):
    assert "No such file" in refused(capsys, "absent.csv")
    (tmp_path / "latin.csv").write_bytes(b"x,y\n\xe9,1\n")
    assert "not text in UTF-8" in refused(capsys, "latin.csv")
    (tmp_path / "broken.csv.gz").write_bytes(b"x,y\n")
    assert "Cannot read broken.csv.gz" in refused(capsys, "broken.csv.gz")
    (tmp_path / "folder.csv").mkdir()
    assert "Cannot read folder.csv" in refused(capsys, "folder.csv")
    (tmp_path / "table.sav").write_bytes(b"")
    assert "must end in one of" in refused(capsys, "table.sav")
