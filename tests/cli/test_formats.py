"""--format and --quiet: results for programs on standard output, and nothing else."""

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import sklearn_certify
from sklearn_certify.cli import main

from .commands import DPA, write

KNN = ["--estimator", "knn"]


def refuse(constant):
    raise ValueError(constant)


def strict(text):
    assert text.isascii()
    return json.loads(text, parse_constant=refuse)


def test_a_report_as_json_is_the_file(iris, capsys):
    assert main(["report", iris, *DPA, "--format", "json", "--output", "r.json"]) == 0
    output, errors = capsys.readouterr()
    printed = strict(output)
    written = strict(Path("r.json").read_text())
    assert printed == written
    assert "Rows            iris.csv: 150 rows" in errors
    assert "Written: r.json" in errors
    assert "dpa: done after" in errors


def test_a_report_as_csv_is_the_file(iris, capsys):
    assert main(["report", iris, *DPA, "--format", "csv", "--output", "r.csv", "--quiet"]) == 0
    output, errors = capsys.readouterr()
    assert output == Path("r.csv").read_text()
    assert errors == ""
    assert {row["classifier"] for row in csv.DictReader(io.StringIO(output))} == {"dpa"}


@pytest.mark.parametrize("form", ["json", "csv"])
def test_no_picture_unless_it_is_asked_for(iris, form, capsys):
    assert main(["report", iris, *DPA, "--format", form]) == 0
    assert os.listdir() == ["iris.csv"]


def test_a_plan_as_json(iris, capsys):
    arguments = ["plan", iris, *KNN, "--poison-size", "3"]
    assert main([*arguments, "--format", "json"]) == 0
    output, errors = capsys.readouterr()
    plan = strict(output)
    assert plan["recommended"]["classifier"] == "knn"
    assert plan["recommended"]["code"].splitlines()[-1].startswith("model = CertifiedKNN(")
    assert plan["frontier"][0]["poison_size"] == 0
    assert len(plan["settings"]) > 3
    assert "done after" in errors
    assert main(arguments) == 0
    words = " ".join(capsys.readouterr().out.split())
    assert plan["sentence"] in words


def test_a_plan_that_reaches_nothing_as_json(iris, capsys):
    assert main(["plan", iris, *KNN, "--poison-size", "500", "--format", "json", "--quiet"]) == 1
    output, errors = capsys.readouterr()
    assert strict(output)["recommended"] is None
    assert errors == ""


def test_quiet_tells_of_errors_alone(iris, capsys):
    assert main(["report", iris, *DPA, "--quiet", "--output", "r.json"]) == 0
    assert capsys.readouterr() == ("", "")
    assert main(["report", iris, "--quiet", "--radius", "1", *DPA]) == 2
    output, errors = capsys.readouterr()
    assert output == "" and "--radius sets nothing" in errors


def test_quiet_tells_of_classifiers_that_fail(iris, capsys):
    base = "sklearn.svm.SVC(kernel='none')"
    assert main(["report", iris, *DPA, "--quiet", "--base", base, "--format", "json"]) == 1
    output, errors = capsys.readouterr()
    assert output == ""
    assert errors.startswith("sklearn-certify: DPAClassifier: VoterError:")


def test_infinity_is_no_json(iris, capsys):
    base = "sklearn.linear_model.LogisticRegression(C=1e999)"
    assert main(["report", iris, *DPA, "--quiet", "--format", "json", "--base", base]) == 0
    assert "inf" in strict(capsys.readouterr().out)["classifiers"][0]["parameters"]["estimator"]


@pytest.mark.parametrize("form", ["json", "csv", "text"])
def test_names_that_the_terminal_cannot_show(form, tmp_path):
    rows = [[i % 7, "łódź"[i % 2 :]] for i in range(60)]
    path = write(tmp_path / "t.csv", ["x", "Käufer"], rows)
    command = [sys.executable, "-m", "sklearn_certify", "report", path, *DPA]
    command += ["--format", form, "--output", "r.csv"]
    environment = {
        **os.environ,
        "PYTHONPATH": str(Path(sklearn_certify.__file__).parents[1]),
        "PYTHONIOENCODING": "ascii",
    }
    done = subprocess.run(command, capture_output=True, env=environment, timeout=120)
    assert done.returncode == 0
    if form == "csv":  # is a file, in the encoding of files
        assert done.stdout == Path("r.csv").read_bytes()
        assert "Käufer".encode() in done.stdout
    elif form == "json":
        assert strict(done.stdout.decode("ascii"))["target"] == "Käufer"
    else:
        assert b"'K\\xe4ufer'" in done.stdout


def test_standard_input(iris, monkeypatch, capsys):
    class Typed:
        buffer = io.BytesIO(Path(iris).read_bytes())

    monkeypatch.setattr(sys, "stdin", Typed)
    assert main(["report", "-", *DPA, "--format", "json", "--quiet"]) == 0
    report = strict(capsys.readouterr().out)
    assert report["source"] == "standard input"
    assert report["target"] == "species"


def test_an_unknown_format(iris, capsys):
    assert main(["plan", iris, "--poison-size", "3", "--format", "csv"]) == 2
    assert "invalid choice: 'csv'" in capsys.readouterr().err


def test_a_reader_that_stops(iris):
    shell = (
        f"{sys.executable} -m sklearn_certify report {iris} --estimator knn --format csv | head -1"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(sklearn_certify.__file__).parents[1])}
    done = subprocess.run(
        ["sh", "-c", shell], capture_output=True, text=True, env=environment, timeout=120
    )
    assert done.stdout.startswith("classifier,") and done.stdout.count("\n") == 1
    assert "Traceback" not in done.stderr
