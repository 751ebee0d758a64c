"""The command plan, and reports on what it chooses."""

import json

from sklearn_certify.cli import main

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
