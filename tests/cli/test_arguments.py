"""Arguments that make no sense, or that nothing uses, are refused in a sentence."""

import gzip
import re
from pathlib import Path

import pytest

from sklearn_certify.cli import main

from .commands import SMALL, refused


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--target", "kind"], "no column 'kind' in .*iris.csv; there are 'a', 'b'"),
        (
            ["--estimator", "dpa,magic"],
            "no certified classifier 'magic'; there are dpa, finite-aggregation, bagging, knn, rnn",
        ),
        (["--base", "naive-bays"], "no base estimator 'naive-bays'; there are logistic"),
        (["--base", "sklearn.tree.Oak"], "Cannot import sklearn.tree.Oak"),
        (["--base", "absent.Oak"], "Cannot import absent.Oak"),
        (["--base", "sklearn.tree.DecisionTreeClassifier(3)"], "need names: name=value"),
        (["--base", "sklearn.svm.SVC(C=print(1))"], "value of C in .* must be a number"),
        (["--base", "sklearn.svm.SVC(width=3)"], "Cannot make"),
        (["--base", "sklearn.svm.SVC(C=1"], "as a class and its arguments"),
        (["--base", "1 + 1"], "as a class and its arguments"),
        (["--base", "sklearn.linear_model.Ridge"], "is no scikit-learn classifier"),
        (["--base", "pathlib.Path.touch(self='called')"], "Cannot import pathlib.Path.touch"),
        (["--base", "os.mkdir(path='called')"], "is no scikit-learn classifier"),
        (["--poison-sizes", "0,x"], "whole numbers from 0 up"),
        (["--poison-sizes", "-1"], "whole numbers from 0 up|expected one argument"),
        (["--poison-sizes", "1.5"], "whole numbers from 0 up"),
        (["--radius", "0"], "must be a number above 0"),
        (["--radius", "inf"], "must be a number above 0"),
        (["--n-partitions", "0"], "whole number from 1 up"),
        (["--spreading-degree", "x"], "whole number from 1 up"),
        (["--test-size", "1"], "between 0 and 1"),
        (["--test-size", "x"], "between 0 and 1"),
        (["--test-size", "0.01"], "too few rows"),
        (["--random-state", "x"], "0 to 2\\*\\*32 - 1"),
        (["--n-jobs", "0"], "-1 for all cores"),
        (["--n-jobs", "x"], "-1 for all cores"),
        (["--threat-model", "magic"], "invalid choice: 'magic'"),
        (["--output", "report.pdf"], "must end in one of .csv, .json, .png"),
        (["--output", "absent/report.csv"], "there is no folder absent"),
        (["--columns", "a:number"], "must be columns and their kinds"),
        (["--columns", "a=number,b=date"], "must be columns and their kinds"),
        (["--columns", "e=number"], "no column 'e' in .*iris.csv"),
        (["--drop", "e"], "no column 'e' in .*iris.csv"),
        (["--groups", "6"], "no column '6' in .*iris.csv"),
        (["--groups", "species", "--target", "5"], "is the column with the labels"),
        (["--delimiter", "ab"], "must be one character, tab or space"),
        (["--delimiter", '"'], "must be one character, tab or space"),
        (["--decimal", "x"], "invalid choice: 'x'"),
        (["--thousands", "x"], "invalid choice: 'x'"),
        (["--encoding", "klingon"], "no encoding 'klingon'"),
        (["--no-such-option"], "unrecognized arguments"),
    ],
)
def test_bad_arguments(iris, arguments, message, capsys):
    line = refused(capsys, iris, *arguments)
    assert re.search(message, line), line
    assert not Path("called").exists()


@pytest.mark.parametrize(
    "arguments",
    [["--target", "species"], ["--drop", "a"], ["--no-header"], ["--header"], ["--thousands", ""]],
)
def test_options_about_a_file_need_one(arguments, capsys):
    assert f"{arguments[0]} is about FILE, but no FILE was given" in refused(capsys, *arguments)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("dpa --radius 3", "--radius sets nothing: it is for rnn, and the report is on dpa."),
        (
            "rnn --n-partitions 9",
            "--n-partitions sets nothing: it is for dpa, finite-aggregation, and the report is "
            "on rnn.",
        ),
        ("dpa,rnn --n-neighbors 3", "--n-neighbors sets nothing: it is for knn, and"),
        ("knn,rnn --base tree", "--base sets nothing: it is for dpa, finite-aggregation, bagging"),
        ("knn --base logistic", "--base sets nothing"),
        ("bagging --aggregation runoff", "--aggregation sets nothing"),
        ("knn --on-voter-error abstain", "--on-voter-error sets nothing"),
        ("dpa --spreading-degree 2", "--spreading-degree sets nothing"),
        ("dpa --max-samples 9 --n-estimators 3", "--n-estimators sets nothing"),
    ],
)
def test_options_that_nothing_uses(arguments, message, capsys):
    names, *options = arguments.split()
    # before the file is so much as looked for
    assert message in refused(capsys, "absent.csv", "--estimator", names, *options)


@pytest.mark.parametrize(
    ("name", "option"),
    [
        ("t.parquet", "--delimiter"),
        ("t.pq", "--encoding"),
        ("t.parquet", "--header"),
        ("t.xlsx", "--encoding"),
        ("t.jsonl.gz", "--delimiter"),
        ("t.ndjson", "--no-header"),
    ],
)
def test_options_that_a_format_does_not_use(tmp_path, name, option, capsys):
    path = tmp_path / name
    with (gzip.open if name.endswith(".gz") else open)(path, "wb"):
        pass
    values = {"--delimiter": [","], "--encoding": ["cp1252"]}
    line = refused(capsys, str(path), option, *values.get(option, []))
    assert f"{option} sets nothing: a file that ends in ." in line


def test_options_of_a_classifier_that_is_left_out(mixed, capsys):
    assert main(["report", mixed, *SMALL]) == 0
    assert "knn is left out" in capsys.readouterr().out
    line = refused(capsys, mixed, *SMALL, "--n-neighbors", "3")
    assert "--n-neighbors sets nothing: it is for knn, and the report is on dpa, " in line
    assert "knn is left out: it compares rows by distance" in line


def test_what_one_of_the_classifiers_uses_is_fine(iris, capsys):
    options = "--n-partitions 5 --n-neighbors 3 --base tree --random-state 1 --n-jobs 1".split()
    assert main(["report", iris, "--estimator", "dpa,knn", *options]) == 0
    output = capsys.readouterr().out
    assert "DPAClassifier(n_partitions=5)" in output and "CertifiedKNN(n_neighbors=3)" in output
    assert main(["report", iris, "--estimator", "knn"]) == 0
    output = capsys.readouterr().out
    assert "Base estimator" not in output and "n_partitions" not in output  # nor is it told of
