"""The command plan, and reports on what it chooses."""

import json
import shlex

from sklearn_certify.cli import main

from .commands import write

KNN = ["--estimator", "knn"]


def test_a_plan_is_told(iris, capsys):
    assert main(["plan", iris, *KNN, "--poison-size", "5"]) == 0
    output = capsys.readouterr().out
    assert "To bear 5 rows inserted or deleted, take knn (n_neighbors=" in output
    assert "    model = CertifiedKNN(n_jobs=-1, n_neighbors=" in output
    assert "may have touched" in output
    assert output.count("Rows            ") == 1


def test_trusted_rows_are_a_file_of_the_same_columns(iris, tmp_path, capsys):
    arguments = ["plan", iris, *KNN, "--poison-size", "2"]
    assert main([*arguments, "--trusted", iris]) == 0
    output = capsys.readouterr().out
    assert "trusted rows, up to" in output and "are among the test rows too" in output
    other = tmp_path / "other.csv"
    other.write_text("a,b\n1,x\n2,y\n3,x\n4,y\n")
    assert main([*arguments, "--trusted", str(other)]) == 2
    assert "must have the same columns" in capsys.readouterr().err


def test_a_size_out_of_reach(iris, capsys):
    assert main(["plan", iris, *KNN, "--poison-size", "500"]) == 1
    assert "No setting that was tried certifies anything at 500 rows" in capsys.readouterr().out


def test_a_report_on_what_the_plan_chooses(iris, capsys):
    assert main(["report", iris, *KNN, "--plan-for", "5", "--output", "r.json"]) == 0
    with open("r.json", encoding="utf-8") as file:
        described = json.load(file)["classifiers"][0]["description"]
    assert main(["plan", iris, *KNN, "--poison-size", "5"]) == 0
    chosen = capsys.readouterr().out.partition("take knn (")[2].partition(")")[0]
    assert chosen in described


def test_a_report_says_how_its_settings_were_chosen(iris, capsys):
    assert main(["report", iris, *KNN, "--plan-for", "5", "--output", "r.json"]) == 0
    assert "Settings were chosen for poison size 5 by the training rows" in capsys.readouterr().out


def test_bad_sizes(capsys):
    for size in ("-1", "1.5", "ten"):
        assert main(["plan", "--poison-size", size]) == 2
        assert "whole number from 0 up" in capsys.readouterr().err
    assert main(["plan"]) == 2
    assert "--poison-size" in capsys.readouterr().err


def test_an_interrupted_plan_ends_in_one_line(iris, capsys, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("sklearn_certify.report._planning._trials.find_out", interrupt)
    assert main(["plan", iris, *KNN, "--poison-size", "5"]) == 130
    assert capsys.readouterr().err.endswith("sklearn-certify: interrupted\n")


def test_a_report_tells_the_command_that_plans(tmp_path, capsys):
    rows = [[f"{row / 7:.3f}".replace(".", ","), "?", row % 40, row % 2] for row in range(160)]
    path = write(tmp_path / "my rows.csv", ["x", "-y", "day", "kind"], rows, delimiter=";")
    about = ["--target", "kind", "--missing", "?", "--missing=-9", "--decimal", ",", "--header"]
    about += ["--columns", "x=number,-y=text", "--drop=-y", "--test-size", "0.3"]
    sizes = ["--n-neighbors", "9", "--poison-sizes", "1,2", "--periods", "day", "--window", "40"]
    saved = ["--format", "text", "--output", "r.json", "--n-jobs", "1"]
    assert main(["report", path, *KNN, *about, *sizes, *saved]) == 0
    output = capsys.readouterr().out
    [command] = [
        line for line in output.splitlines() if line.startswith("    sklearn-certify plan")
    ]
    given = shlex.split(command)[1:]
    assert given == [
        *["plan", path, "--target", "kind", "--drop=-y", "--drop", "day", "--columns", "x=number"],
        *["--columns=-y=text", "--missing", "?", "--missing=-9", "--decimal", ",", "--header"],
        *["--estimator", "knn", "--test-size", "0.3", "--n-jobs", "1", "--poison-size", "1"],
    ]
    assert main(given) in (0, 1)
    assert "neighbors" in capsys.readouterr().out


def test_reports_on_digits_and_on_plans(iris, capsys):
    arguments = ["--estimator", "knn", "--n-neighbors", "100", "--random-state", "7"]
    assert main(["report", *arguments, "--output", "r.json", "--poison-sizes", "5"]) == 0
    said = "    sklearn-certify plan --estimator knn --random-state 7 --poison-size 5\n"
    assert said in capsys.readouterr().out
    assert main(["report", iris, *KNN, "--plan-for", "5", "--output", "r.json"]) == 0
    assert "sklearn-certify plan" not in capsys.readouterr().out
