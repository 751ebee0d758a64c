"""report --save keeps a classifier, certify and audit read it."""

import csv
import io
import json
import os
import sys
from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_digits, load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_certify import CertifiedKNN, DPAClassifier
from sklearn_certify.cli import main
from sklearn_certify.persistence import _header, load, save

from .commands import DPA, refused, write

pytest.importorskip("skops")

TREE = "sklearn.tree._tree.Tree"
QUICK = ["--base", "nearest-centroid", "--output", "r.json"]


def run(capsys, *arguments, code=0):
    """Run a command; return what is on standard output, and on standard error."""
    assert main([str(argument) for argument in arguments]) == code
    return capsys.readouterr()


def as_json(capsys, *arguments, code=0):
    return json.loads(run(capsys, *arguments, "--format", "json", code=code).out)


def records(text):
    return list(csv.DictReader(io.StringIO(text)))


@pytest.fixture
def model(iris, capsys):
    run(capsys, "report", iris, *DPA, *QUICK, "--save", "model.skops", "--rows", "rows.csv")
    return "model.skops"


def test_rows_are_certified_as_in_the_report(iris, model, capsys):
    found = as_json(capsys, "certify", model, iris, "--poison-size", 1)["rows"]
    reported = records(Path("rows.csv").read_text(encoding="utf-8"))
    assert len(found) == 150
    for of_report in reported:
        of_row = found[int(of_report["row"])]
        for name in ("label", "prediction", "radius", "votes", "n_votes", "runner_up_votes"):
            assert str(of_row[name] if of_row[name] is not None else "") == of_report[name]
        assert of_row["certified"] is (of_row["radius"] >= 1)


def test_what_is_said_of_all_rows(iris, model, capsys):
    found = as_json(capsys, "certify", model, iris, "--poison-size", 1)
    rows = found["rows"]
    right = [row["label"] == row["prediction"] for row in rows]
    bear = [row["radius"] >= 1 for row in rows]
    assert found["accuracy"] == np.mean(right)
    assert found["certified_accuracy"] == np.mean(np.logical_and(right, bear))
    assert found["share_certified"] == np.mean(bear)
    assert (found["n_rows"], found["n_labelled"]) == (150, 150)
    text = run(capsys, "certify", model, iris, "--poison-size", 1).out
    assert f"certified at 1: {100 * found['certified_accuracy']:.1f} %" in text
    assert all(len(line) <= 100 for line in text.splitlines())
    assert text.splitlines()[1].split() == ["0", "setosa", "setosa", "2", "5", "of", "5", "yes"]


def test_rows_without_labels_in_another_order(iris, model, tmp_path, capsys):
    all_rows = as_json(capsys, "certify", model, iris)["rows"]
    lines = [line.split(",") for line in Path(iris).read_text().splitlines()]
    names = [lines[0][place] for place in (3, 1, 0, 2)]
    cells = [[line[place] for place in (3, 1, 0, 2)] for line in lines[1:60:7]]
    new = write(tmp_path / "new rows.csv", [*names, "note"], [[*row, "?"] for row in cells], ";")
    found = as_json(capsys, "certify", model, new)
    assert found["n_labelled"] == 0 and found["accuracy"] is None
    for row, before in zip(found["rows"], all_rows[:59:7], strict=True):
        assert "label" not in row
        assert {name: before[name] for name in row if name != "row"} == {
            name: value for name, value in row.items() if name != "row"
        }


def test_standard_input_and_csv(iris, model, monkeypatch, capsys):
    class Typed:
        buffer = io.BytesIO(b"".join(Path(iris).read_bytes().splitlines(keepends=True)[:4]))

    monkeypatch.setattr(sys, "stdin", Typed)
    output, errors = run(capsys, "certify", model, "-", "--format", "csv", "--quiet")
    assert errors == ""
    assert [row["prediction"] for row in records(output)] == ["setosa"] * 3


@pytest.mark.parametrize("suffix", ["csv", "json"])
def test_rows_go_to_a_file(iris, model, suffix, capsys):
    path = f"out.{suffix}"
    assert f"Written: {path}" in run(capsys, "certify", model, iris, "--rows", path).out
    text = Path(path).read_text(encoding="utf-8")
    rows = json.loads(text)["rows"] if suffix == "json" else records(text)
    assert [str(row["row"]) for row in rows] == list(map(str, range(150)))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["certify", "model.skops", "absent.csv"], "Cannot read absent.csv: No such file"),
        (["certify", "absent.skops", "iris.csv"], "Cannot read absent.skops: No such file"),
        (["certify", "iris.csv", "iris.csv"], "iris.csv was not written by skops"),
        (["certify", "cut.skops", "iris.csv"], "Cannot read cut.skops: it is cut off or damaged"),
        (["certify", "model.skops", "other.csv"], "other.csv has no column 'a', 'b', 'c', 'd', "),
        (["certify", "model.skops", "iris.csv", "--rows", "o.txt"], "must end in .csv or .json"),
        (["certify", "model.skops", "iris.csv", "--rows", "no/o.csv"], "there is no folder no"),
        (["certify", "model.skops", "iris.csv", "--target", "kind"], "There is no column 'kind'"),
        (["certify", "model.skops", "iris.csv", "--poison-size", "x"], "whole number from 0 up"),
        (["certify", "model.skops"], "arguments are required: ROWS"),
        (["audit", "model.skops", "--empirical"], "--empirical fits again: it needs ROWS"),
        (["audit", "model.skops", "bare.csv", "--empirical"], "rows of bare.csv have no label"),
        (["report", "iris.csv", "--save", "m.zip"], "must end in .skops, or in .pkl"),
        (["report", "iris.csv", "--save", "no/m.skops"], "--save no/m.skops: there is no folder"),
        (["report", "iris.csv", "--save-estimator", "knn"], "sets nothing without --save"),
        (
            ["report", "iris.csv", *DPA, "--save", "m.skops", "--save-estimator", "knn"],
            "--save-estimator knn must be one classifier of those that the report is on",
        ),
        (
            ["report", "iris.csv", "--save", "m.skops", "--save-estimator", "all"],
            "--save-estimator all must be one classifier",
        ),
    ],
)
def test_what_makes_no_sense_is_said(arguments, message, model, tmp_path, capsys):
    write(tmp_path / "other.csv", ["x", "y"], [[1, 2]])
    write(tmp_path / "bare.csv", list("abcd"), [[1, 2, 3, 4], [2, 3, 4, 5]])
    Path("cut.skops").write_bytes(Path(model).read_bytes()[:2000])
    output, errors = run(capsys, *arguments, code=2)
    assert output == ""
    assert message in errors.splitlines()[0]
    assert len(errors.splitlines()) <= 2


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_a_folder_that_nobody_may_write_to(iris, monkeypatch, capsys):
    Path("locked").mkdir()
    Path("locked/model.skops").touch()
    real = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: path.name != "locked" and real(path, mode))
    line = refused(capsys, iris, "--save", "locked/model.skops")
    assert "--save locked/model.skops: its folder cannot be written to" in line


def test_an_older_model_is_replaced(iris, model, capsys):
    before = Path(model).read_bytes()
    run(capsys, "report", iris, "--estimator", "knn", "--output", "r.json", "--save", model)
    assert Path(model).read_bytes() != before
    assert isinstance(load(model), CertifiedKNN)


def test_trees_are_trusted_by_name(iris, capsys):
    arguments = ["report", iris, *DPA, "--base", "tree", "--output", "r.json"]
    output = run(capsys, *arguments, "--save", "model.skops").out
    assert f"To be read it takes: --trust {TREE}" in output
    errors = run(capsys, "certify", "model.skops", iris, code=2).err
    assert f"holds {TREE}, which" in errors and f"--trust {TREE}" in errors
    assert as_json(capsys, "certify", "model.skops", iris, "--trust", TREE)["n_rows"] == 150


def test_pickles_are_trusted_by_those_who_say_so(iris, capsys):
    run(capsys, "report", iris, *DPA, *QUICK, "--save", "model.pkl")
    errors = run(capsys, "certify", "model.pkl", iris, code=2).err
    assert "--trust-pickle reads it: a pickle may run any code" in errors
    assert as_json(capsys, "certify", "model.pkl", iris, "--trust-pickle")["n_labelled"] == 150


def test_which_of_several_is_kept(iris, capsys):
    arguments = ["report", iris, "--estimator", "dpa,knn", "--n-partitions", "5", *QUICK]
    output = run(capsys, *arguments, "--save", "model.skops").out
    classifiers = json.loads(Path("r.json").read_text())["classifiers"]
    areas = {}
    for item in classifiers:
        sizes, accuracies = item["curve"]["poison_sizes"], item["curve"]["certified_accuracy"]
        areas[item["classifier"]] = np.dot(np.diff(sizes), accuracies[:-1])
    best = max(areas, key=areas.get)
    assert f"Saved: model.skops ({best}, which has most area under its curve" in output
    other = min(areas, key=areas.get)
    output = run(capsys, *arguments, "--save", "model.skops", "--save-estimator", other).out
    assert f"Saved: model.skops ({other})" in output
    kept = load("model.skops")
    assert isinstance(kept, {"dpa": DPAClassifier, "knn": CertifiedKNN}[other])


def test_what_a_plan_recommends_is_kept(iris, capsys):
    arguments = ["report", iris, "--estimator", "knn", "--plan-for", "5", "--output", "r.json"]
    output = run(capsys, *arguments, "--save", "model.skops").out
    assert "Saved: model.skops (knn)" in output
    assert f"n_neighbors={load('model.skops').n_neighbors}" in output


def test_radii_end_where_poison_could_change_how_cells_are_read(tmp_path, capsys):
    rows = [[i % 2 + i / 1000, "?" if i < 100 else 5, "ab"[i % 2]] for i in range(200)]
    path = write(tmp_path / "t.csv", ["x", "y", "label"], rows)
    arguments = ["report", path, "--n-partitions", "40", "--estimator", "dpa", *QUICK]
    run(capsys, *arguments, "--save", "model.skops")
    output, errors = run(capsys, "certify", "model.skops", path, "--format", "json")
    found = json.loads(output)
    limit = found["radius_limit"]
    assert limit == json.loads(Path("r.json").read_text())["radius_limit"]
    radii = [row["radius"] for row in found["rows"]]
    votes = [2 * row["votes"] - row["n_votes"] for row in found["rows"]]
    assert max(votes) // 2 - 1 > limit == max(radii)
    assert f"No radius is above {limit}: the rows decided by vote that" in errors


def test_contributors(tmp_path, capsys):
    rows = [[i % 2 + i / 900, f"c{i // 4}", "ab"[i % 2]] for i in range(240)]
    path = write(tmp_path / "t.csv", ["x", "who", "label"], rows)
    run(capsys, "report", path, *DPA, *QUICK, "--groups", "who", "--save", "model.skops")
    assert as_json(capsys, "certify", "model.skops", path)["poison_unit"] == "contributors"
    assert main(["audit", "model.skops", path, "--empirical", "--quiet"]) == 0
    write(tmp_path / "bare.csv", ["x", "label"], [[row[0], row[2]] for row in rows])
    errors = run(capsys, "audit", "model.skops", "bare.csv", "--empirical", code=2).err
    assert "bare.csv has no contributors" in errors


def test_spellings_of_labels(tmp_path, capsys):
    rows = [[i % 3 + i / 1000, i % 3] for i in range(150)]
    path = write(tmp_path / "t.csv", ["x", "label"], rows)
    run(capsys, "report", path, *DPA, *QUICK, "--save", "model.skops")
    new = write(tmp_path / "new.csv", ["x", "label"], [[0, "0.0"], [1, "1"], [2, ""], [2, "new"]])
    found = as_json(capsys, "certify", "model.skops", new)
    assert [row["label"] for row in found["rows"]] == ["0", "1", None, "new"]
    assert found["n_labelled"] == 3
    assert found["accuracy"] == pytest.approx(2 / 3)


def test_models_that_were_saved_from_python(tmp_path, capsys):
    X, y = load_digits(return_X_y=True)
    model = CertifiedKNN(n_neighbors=9).fit(X, y)
    save(model, "model.skops")
    names = [f"p{place}" for place in range(64)]
    path = write(tmp_path / "t.csv", [*names, "digit"], np.column_stack([X, y])[:9].tolist())
    errors = run(capsys, "certify", "model.skops", path, code=2).err
    assert "has 65 columns besides those left out, but the model takes 64 features" in errors
    found = as_json(capsys, "certify", "model.skops", path, "--target", "digit")
    assert [row["radius"] for row in found["rows"]] == model.certified_radius(X[:9]).tolist()
    assert [row["label"] for row in found["rows"]] == y[:9].tolist()
    dropped = as_json(capsys, "certify", "model.skops", path, "--drop", "-1")
    assert [row["votes"] for row in dropped["rows"]] == [row["votes"] for row in found["rows"]]


def test_models_of_tables_that_were_saved_from_python(iris, capsys):
    pandas = pytest.importorskip("pandas")
    frame = pandas.read_csv(iris)
    model = DPAClassifier(LogisticRegression(), n_partitions=5)
    model.fit(frame[["d", "a"]], frame["species"])
    save(model, "model.skops")
    found = as_json(capsys, "certify", "model.skops", iris, "--target", "species")
    assert [row["radius"] for row in found["rows"]] == model.certified_radius(
        frame[["d", "a"]]
    ).tolist()


def test_audits_of_models_that_hold_and_that_do_not(iris, model, capsys):
    output = run(capsys, "audit", model).out
    assert output.startswith("DPAClassifier: nothing was found, which is no proof")
    X, y = load_iris(return_X_y=True)
    unsound = make_pipeline(StandardScaler(), CertifiedKNN()).fit(X, y)
    save(unsound, "unsound.skops")
    found = as_json(capsys, "audit", "unsound.skops", code=1)
    assert not found["sound"]
    assert [finding["step"] for finding in found["findings"]] == ["standardscaler"]
    assert found["findings"][0]["severity"] == "error"
    assert "certificates do not hold" in run(capsys, "audit", "unsound.skops", code=1).out
    arguments = ["certify", "unsound.skops", iris, "--target", "species"]
    errors = run(capsys, *arguments, code=1).err
    assert errors.splitlines()[-1].startswith("sklearn-certify: Step 'standardscaler'")


def test_an_audit_that_fits_again(iris, model, capsys):
    found = as_json(capsys, "audit", model, iris, "--empirical")
    assert found["sound"]
    assert "one label changed" in found["looked_at"]


def test_estimators_without_certificates(iris, capsys):
    X, y = load_iris(return_X_y=True)
    save(LogisticRegression(max_iter=500).fit(X, y), "model.skops")
    for command in (["certify", "model.skops", iris], ["audit", "model.skops"]):
        assert "LogisticRegression gives no certificates" in run(capsys, *command, code=2).err


def test_notes_that_someone_has_forged(iris, model, capsys):
    from sklearn_certify.persistence._model_file import read_model, write_model

    estimator, notes = read_model(model).estimator, read_model(model).notes
    for change in ({"features": [["a", "date"]]}, {"features": 3}, {"more": 1}, {"limit": "x"}):
        write_model(model, estimator, {**notes, "table": {**notes["table"], **change}})
        errors = run(capsys, "certify", model, iris, code=2).err
        assert "its notes on the table are damaged" in errors


@pytest.mark.parametrize("command", ["report", "plan", "certify", "audit"])
def test_help_is_readable(command, monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "80")
    output = run(capsys, command, "--help").out
    assert "exit codes: 0" in output and "examples:" in output
    assert output.index("examples:") > output.index("--quiet")
    assert all(len(line) <= 100 for line in output.splitlines())
    assert len(output.splitlines()[0]) <= 80


def test_other_versions_are_told_in_a_line(iris, model, monkeypatch, capsys):
    monkeypatch.setitem(_header._VERSIONS, "numpy", "0.0.7")
    output, errors = run(capsys, "audit", model, "--format", "json")
    assert json.loads(output)["sound"]
    line = errors.splitlines()[0]
    assert line.startswith("A warning: model.skops was saved with numpy") and "0.0.7" in line
