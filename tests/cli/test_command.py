"""The program: what it prints and writes, how it ends, and what it says if something is wrong."""

import csv
import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import sklearn_certify
from sklearn_certify import DPAClassifier
from sklearn_certify.cli import main
from sklearn_certify.report._choice import certified_classifiers

from .commands import DPA, SMALL, refused, write


def test_report_on_digits(capsys):
    quick = ["--n-partitions", "20", "--base", "nearest-centroid"]
    assert main(["report", *SMALL, *quick]) == 0
    output, errors = capsys.readouterr()
    assert "scikit-learn's digits: 1797 rows, 64 features, 10 classes" in output
    assert "1347 to learn from, 450 to certify" in output
    assert "DPAClassifier(n_partitions=20), 20 voters" in output
    assert "FiniteAggregationClassifier(n_partitions=20, spreading_degree=2), 40 voters" in output
    assert "How to read this" in output
    assert "Written: sklearn-certify-report.png" in output
    assert Path("sklearn-certify-report.png").read_bytes().startswith(b"\x89PNG")
    assert all(len(line) <= 100 for line in output.splitlines())
    assert len(re.findall("done after", errors)) == len(certified_classifiers())


def test_table_agrees_with_the_classifier(iris, capsys):
    arguments = ["report", iris, *SMALL, "--output", "r.json", "--output", "r.csv"]
    assert main([*arguments, "--base", "nearest-centroid", "--poison-sizes", "2,1,2"]) == 0
    output, _ = capsys.readouterr()
    report = json.loads(Path("r.json").read_text(encoding="utf-8"))
    assert report["poison_sizes"] == [0, 1, 2]
    assert report["threat_model"] == "insert_delete"
    assert report["poison_unit"] == "rows inserted or deleted"
    assert (report["n_train"], report["n_test"]) == (112, 38)
    assert (report["target"], report["n_features"], report["n_classes"]) == ("species", 4, 3)
    dpa = next(item for item in report["classifiers"] if item["classifier"] == "dpa")
    assert dpa["parameters"]["n_partitions"] == 5
    assert "NearestCentroid" in dpa["parameters"]["estimator"]
    accuracies = dpa["certified_accuracy"]
    assert accuracies == sorted(accuracies, reverse=True)
    for size, accuracy in zip(report["poison_sizes"], accuracies, strict=True):
        line = next(line for line in output.splitlines() if line.split()[:1] == [str(size)])
        assert line.split()[1] == f"{100 * accuracy:.1f}"
    curve = dpa["curve"]
    assert curve["poison_sizes"][0] == 0
    assert curve["certified_accuracy"][-1] == 0
    assert curve["certified_accuracy"][0] == accuracies[0]
    assert f"median certified radius {dpa['median_certified_radius']:>5}" in output

    with open("r.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 3 * len(report["classifiers"])
    of_dpa = [row for row in rows if row["classifier"] == "dpa"]
    assert [int(row["poison_size"]) for row in of_dpa] == [0, 1, 2]
    assert [float(row["certified_accuracy"]) for row in of_dpa] == accuracies
    assert of_dpa[0]["description"] == "DPAClassifier(n_partitions=5)"
    assert not Path("sklearn-certify-report.png").exists()


def test_report_is_the_same_every_time(iris, capsys):
    reports = []
    for _ in range(2):
        assert main(["report", iris, *SMALL, "--base", "tree", "--output", "r.json"]) == 0
        report = json.loads(Path("r.json").read_text(encoding="utf-8"))
        reports.append([item["curve"] for item in report["classifiers"]])
    assert reports[0] == reports[1]


def test_picture_is_written_where_told(iris, tmp_path):
    path = tmp_path / "curves.PNG"
    assert main(["report", iris, *DPA, "--output", str(path)]) == 0
    assert path.read_bytes().startswith(b"\x89PNG")
    assert path.stat().st_size > 10_000


def test_output_that_is_a_folder(tmp_path, capsys):
    (tmp_path / "taken.csv").mkdir()
    assert "cannot be written to" in refused(capsys, "--output", "taken.csv")


def test_no_command(capsys):
    assert main([]) == 2
    assert "required: command" in capsys.readouterr().err


def test_picture_without_matplotlib(iris, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert 'pip install "sklearn-certify[plot]"' in refused(capsys, iris, "--output", "r.png")
    assert main(["report", iris, *DPA]) == 0
    assert 'pip install "sklearn-certify[plot]"' in capsys.readouterr().out.splitlines()[-1]
    assert not Path("sklearn-certify-report.png").exists()


def test_a_classifier_that_fails(iris, monkeypatch, capsys):
    def fail(self, *args, **kwargs):
        raise ZeroDivisionError("of all things")

    monkeypatch.setattr(DPAClassifier, "fit", fail)
    arguments = ["report", iris, "--n-partitions", "5"]
    assert main([*arguments, "--estimator", "dpa,fa"]) == 1
    output, errors = capsys.readouterr()
    assert "DPAClassifier: ZeroDivisionError: of all things" in errors
    assert "Traceback" not in errors
    assert "FiniteAggregationClassifier(n_partitions=5" in output  # the others go on
    assert main([*arguments, "--estimator", "dpa", "--debug"]) == 1
    output, errors = capsys.readouterr()
    assert "Traceback" in errors
    assert "poison size" not in output


def test_failure_of_a_voter_names_it(iris, capsys):
    base = "sklearn.svm.SVC(kernel='none')"
    assert main(["report", iris, *DPA, "--base", base]) == 1
    errors = capsys.readouterr().err.splitlines()
    assert len(errors) == 2
    assert "VoterError: Pipeline failed to fit voter 0" in errors[1]


def test_voters_may_abstain(iris, capsys):
    # with 60 partitions some voters have no more rows than labels, too few for this estimator
    arguments = ["report", iris, "--n-partitions", "60", "--estimator", "dpa"]
    arguments += ["--base", "discriminant"]
    assert main(arguments) == 1
    capsys.readouterr()
    assert main([*arguments, "--on-voter-error", "abstain"]) == 0
    assert re.search(r"60 voters, \d+ of them abstain", capsys.readouterr().out)


def test_a_mistake_of_the_program_itself(monkeypatch, capsys):
    def fail(*arguments):
        raise RuntimeError("broken")

    monkeypatch.setattr("sklearn_certify.cli._report_command._made", fail)
    assert main(["report"]) == 1
    assert capsys.readouterr().err == "sklearn-certify: unexpected RuntimeError: broken\n"


def test_interrupt(iris, monkeypatch, capsys):
    def interrupt(self, *args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr(DPAClassifier, "fit", interrupt)
    assert main(["report", iris, "--estimator", "dpa"]) == 130
    errors = capsys.readouterr().err
    assert "stopped after" in errors
    assert errors.endswith("sklearn-certify: interrupted\n")


def test_output_that_nobody_reads(iris):
    command = [sys.executable, "-m", "sklearn_certify", "report", iris, *DPA]
    environment = {**os.environ, "PYTHONPATH": str(Path(sklearn_certify.__file__).parents[1])}
    reader, writer = os.pipe()
    os.close(reader)
    with open(writer, "wb") as output:
        done = subprocess.run(
            command, stdout=output, stderr=subprocess.PIPE, text=True, env=environment, timeout=120
        )
    assert done.stderr == "sklearn-certify: interrupted: the output was closed\n"
    assert done.returncode == 130


def test_warnings_of_voters_are_counted(iris, capsys):
    base = "sklearn.linear_model.LogisticRegression(max_iter=1)"
    assert main(["report", iris, *DPA, "--base", base]) == 0
    errors = capsys.readouterr().err.splitlines()
    assert len(errors) == 2
    assert "5 warnings, the first: lbfgs failed to converge" in errors[1]


class CertifiedNearestWord(DPAClassifier):
    """Stands for a classifier that a later version adds; it compares rows itself."""

    def __init__(self, threat_model="insert_delete"):
        super().__init__(n_partitions=3, threat_model=threat_model)

    def get_params(self, deep=True):
        return {"threat_model": self.threat_model}


@pytest.fixture
def later_version(monkeypatch):
    monkeypatch.setattr(
        sklearn_certify, "CertifiedNearestWord", CertifiedNearestWord, raising=False
    )
    monkeypatch.setattr(
        sklearn_certify, "__all__", [*sklearn_certify.__all__, "CertifiedNearestWord"]
    )


def test_new_classifiers_appear_by_themselves(iris, mixed, later_version, capsys):
    assert "nearest-word" in certified_classifiers()
    assert main(["report", iris, *DPA, "--estimator", "nearest-word"]) == 0
    output, _ = capsys.readouterr()
    assert "dpa  nearest-word" in output
    assert "CertifiedNearestWord(), 3 voters" in output
    assert main(["report", mixed, *DPA, "--estimator", "nearest-word"]) == 0
    output, _ = capsys.readouterr()
    assert "nearest-word is left out: it compares rows by distance" in output
    assert "CertifiedNearestWord" not in output
    # the seed is that of the split too
    assert main(["report", iris, "--estimator", "nearest-word", "--random-state", "1"]) == 0
    assert "(random_state=1)" in capsys.readouterr().out
    main(["report", "--help"])
    assert "nearest-word" in capsys.readouterr().out


def test_progress_on_a_terminal_counts_in_place(iris, monkeypatch, capsys):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    assert main(["report", iris, *DPA]) == 0
    errors = capsys.readouterr().err
    assert "\r\x1b[K[1/1] dpa: fitting ... 0 s" in errors
    assert errors.count("\n") == 1


@pytest.mark.parametrize("arguments", [["--help"], ["report", "--help"]])
def test_help_has_examples(arguments, capsys):
    assert main(arguments) == 0
    output, errors = capsys.readouterr()
    assert "examples:" in output
    assert "sklearn-certify report flowers.csv --target species" in output
    assert errors == ""


def test_version(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"sklearn-certify {sklearn_certify.__version__}\n"


def test_module_runs_as_a_program():
    root = Path(sklearn_certify.__file__).parents[1]
    command = [sys.executable, "-m", "sklearn_certify", "--version"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=root, timeout=120)
    assert done.returncode == 0
    assert done.stdout == f"sklearn-certify {sklearn_certify.__version__}\n"


def test_names_that_the_terminal_cannot_show(tmp_path, monkeypatch):
    path = write(tmp_path / "t.csv", ["x", "Käufer"], [[i % 7, "łódź"[i % 2 :]] for i in range(60)])
    terminal = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", terminal)
    assert main(["report", path, *DPA]) == 0
    terminal.flush()
    assert b"'K\\xe4ufer'" in terminal.buffer.getvalue()
