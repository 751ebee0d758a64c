"""The command line: what it prints and writes, and how it says that something is wrong."""

import csv
import gzip
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.tree import DecisionTreeClassifier

import sklearn_certify
from sklearn_certify import DPAClassifier, FiniteAggregationClassifier
from sklearn_certify.base import CertifiedClassifierMixin
from sklearn_certify.cli import main
from sklearn_certify.cli._base_estimators import BASE_ESTIMATORS, parse_base_estimator
from sklearn_certify.exceptions import InvalidInputError
from sklearn_certify.report import _settings
from sklearn_certify.report._results import Result, choose_poison_sizes

SMALL = ["--n-partitions", "5", "--spreading-degree", "2", "--n-estimators", "30"]


def write(path, names, rows, delimiter=","):
    with open(path, "w", newline="", encoding="utf-8") as file:
        csv.writer(file, delimiter=delimiter).writerows([names, *rows])
    return str(path)


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def iris(tmp_path):
    """A table of numbers with labels in words."""
    X, y = load_iris(return_X_y=True)
    names = ["setosa", "versicolor", "virginica"]
    rows = [[*row, names[label]] for row, label in zip(X.tolist(), y, strict=True)]
    return write(tmp_path / "iris.csv", ["a", "b", "c", "d", "species"], rows)


def mixed_rows():
    """Numbers and texts, missing cells, and columns that say nothing."""
    rng = np.random.RandomState(0)
    for row in range(150):
        label = row % 2
        age = "" if row % 11 == 0 else f"{rng.normal(30 + 20 * label, 5):.1f}"
        city = "" if row % 13 == 0 else ["Rome", "Ulm, upon Danube"][label]
        seldom = "1.5" if row == 77 else ""
        yield [age, city, "7", "", seldom, f"name {row}", ["no", "yes"][label]]


MIXED_NAMES = ["age", "city", "constant", "empty", "seldom", "name", "buys"]


@pytest.fixture
def mixed(tmp_path):
    return write(tmp_path / "mixed.csv", MIXED_NAMES, mixed_rows())


def refused(capsys, *arguments):
    """Run what must be refused; return the one line that says why."""
    assert main(["report", *arguments]) == 2
    output, errors = capsys.readouterr()
    assert output == ""
    assert "Traceback" not in errors
    return errors.splitlines()[0]


def test_report_on_digits(capsys):
    assert main(["report", *SMALL, "--n-partitions", "20"]) == 0
    output, errors = capsys.readouterr()
    assert "scikit-learn's digits: 1797 rows, 64 features, 10 classes" in output
    assert "1347 to learn from, 450 to certify" in output
    assert "DPAClassifier(n_partitions=20), 20 voters" in output
    assert "FiniteAggregationClassifier(n_partitions=20, spreading_degree=2), 40 voters" in output
    assert "How to read this" in output
    assert "Written: sklearn-certify-report.png" in output
    assert Path("sklearn-certify-report.png").read_bytes().startswith(b"\x89PNG")
    assert all(len(line) <= 100 for line in output.splitlines())
    assert len(re.findall("done after", errors)) == len(_settings.certified_classifiers())


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
    assert main(["report", iris, *SMALL, "--estimator", "dpa", "--output", str(path)]) == 0
    assert path.read_bytes().startswith(b"\x89PNG")
    assert path.stat().st_size > 10_000


def test_default_target_and_partitions_are_said(iris, capsys):
    assert main(["report", iris, "--estimator", "dpa"]) == 0
    output, _ = capsys.readouterr()
    assert "The labels are the last column, 'species'; --target names another." in output
    assert "n_partitions=5 suits this number of rows" in output
    assert "150 rows, 4 features, 3 classes" in output


def test_default_partitions_grow_with_the_rows_and_shrink_with_the_classes():
    counts = [_settings.default_n_partitions(np.arange(n) % 2) for n in (30, 400, 10**3, 10**6)]
    assert counts == [5, 20, 50, 100]
    assert _settings.default_n_partitions(np.arange(10**3) % 40) == 5


def test_mixed_table(mixed, capsys):
    arguments = ["report", mixed, *SMALL, "--target", "buys", "--output", "r.json"]
    assert main(arguments) == 0
    output, _ = capsys.readouterr()
    assert "150 rows, 6 features (2 of text), 2 classes" in output
    assert "numbers imputed and scaled, text one-hot, within each voter" in output
    report = json.loads(Path("r.json").read_text(encoding="utf-8"))
    assert all(item["certified_accuracy"][0] > 0.9 for item in report["classifiers"])


@pytest.mark.parametrize("base", ["tree", "naive-bayes"])
def test_text_column_as_labels(mixed, base, capsys):
    arguments = ["report", mixed, *SMALL, "--target", "city", "--base", base]
    assert main([*arguments, "--estimator", "dpa"]) == 0
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
        arguments = ["report", path, "--target", "buys", *SMALL, "--estimator", "dpa"]
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
    arguments = ["report", path, *SMALL, "--estimator", "dpa"]
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
    assert main(["report", path, *SMALL, "--estimator", "dpa", "--target", "y"]) == 0
    output, _ = capsys.readouterr()
    assert "1 feature, 2 classes" in output
    assert "The first column has no name and is left out." in output


def test_labels_that_occur_once_are_learned_from(tmp_path, capsys):
    rows = [[i % 3, i % 3 if i else "once"] for i in range(90)]
    path = write(tmp_path / "t.csv", ["x", "y"], rows)
    assert main(["report", path, *SMALL, "--estimator", "dpa"]) == 0
    assert "4 classes" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "holds no rows"),
        ("x,y\n", "holds no rows"),
        ("x,y\n1,0\n2\n", "Line 3 of .* has 1 cells, but its first line names 2 columns"),
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


def test_output_that_is_a_folder(tmp_path, capsys):
    (tmp_path / "taken.csv").mkdir()
    assert "cannot be written to" in refused(capsys, "--output", "taken.csv")


def test_no_command(capsys):
    assert main([]) == 2
    assert "required: command" in capsys.readouterr().err


def test_picture_without_matplotlib(iris, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert 'pip install "sklearn-certify[plot]"' in refused(capsys, iris, "--output", "r.png")
    assert main(["report", iris, *SMALL, "--estimator", "dpa"]) == 0
    assert 'pip install "sklearn-certify[plot]"' in capsys.readouterr().out.splitlines()[-1]
    assert not Path("sklearn-certify-report.png").exists()


def test_a_classifier_that_fails(iris, monkeypatch, capsys):
    def fail(self, *args, **kwargs):
        raise ZeroDivisionError("of all things")

    monkeypatch.setattr(DPAClassifier, "fit", fail)
    arguments = ["report", iris, *SMALL]
    assert main(arguments) == 1
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
    assert main(["report", iris, *SMALL, "--base", base, "--estimator", "dpa"]) == 1
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
    def fail(arguments):
        raise RuntimeError("broken")

    monkeypatch.setattr("sklearn_certify.cli._main._report", fail)
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


def test_warnings_of_voters_are_counted(iris, capsys):
    base = "sklearn.linear_model.LogisticRegression(max_iter=1)"
    assert main(["report", iris, *SMALL, "--estimator", "dpa", "--base", base]) == 0
    errors = capsys.readouterr().err.splitlines()
    assert len(errors) == 2
    assert "5 warnings, the first: lbfgs failed to converge" in errors[1]


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ("dpa", ["dpa"]),
        ("FA", ["finite-aggregation"]),
        ("finite-aggregation,dpa", ["dpa", "finite-aggregation"]),
        ("DPAClassifier", ["dpa"]),
        ("all", ["dpa", "finite-aggregation"]),
    ],
)
def test_names_of_classifiers(names, expected):
    chosen = list(_settings.choose(names.split(",")))
    assert [name for name in chosen if name in ("dpa", "finite-aggregation")] == expected


class CertifiedNearestWord(DPAClassifier):
    """Stands for a classifier that a later version adds; it compares rows itself."""

    def __init__(self, threat_model="insert_delete", random_state=0):
        super().__init__(n_partitions=3, threat_model=threat_model)
        self.random_state = random_state

    def get_params(self, deep=True):
        return {"threat_model": self.threat_model, "random_state": self.random_state}


@pytest.fixture
def later_version(monkeypatch):
    monkeypatch.setattr(
        sklearn_certify, "CertifiedNearestWord", CertifiedNearestWord, raising=False
    )
    monkeypatch.setattr(
        sklearn_certify, "__all__", [*sklearn_certify.__all__, "CertifiedNearestWord"]
    )


def test_new_classifiers_appear_by_themselves(iris, later_version, capsys):
    assert "nearest-word" in _settings.certified_classifiers()
    assert main(["report", iris, *SMALL, "--estimator", "dpa,nearest-word"]) == 0
    output, _ = capsys.readouterr()
    assert "dpa  nearest-word" in output
    assert "CertifiedNearestWord(), 3 voters" in output
    main(["report", "--help"])
    assert "nearest-word" in capsys.readouterr().out


def test_classifiers_by_distance_are_left_out_of_tables_with_text(mixed, later_version, capsys):
    assert main(["report", mixed, *SMALL]) == 0
    output, _ = capsys.readouterr()
    assert "nearest-word is left out: it compares rows by distance" in output
    assert "CertifiedNearestWord" not in output
    assert "nearest-word compares rows" in refused(capsys, mixed, "--estimator", "nearest-word")


def test_every_certified_classifier_is_found():
    found = set(_settings.certified_classifiers().values())
    assert {DPAClassifier, FiniteAggregationClassifier} <= found
    assert all(issubclass(item, CertifiedClassifierMixin) for item in found)


def test_settings_reach_the_classifier():
    settings = {"n_partitions": 7, "spreading_degree": 3, "threat_model": "modify", "n_jobs": None}
    classifier = _settings.make(DPAClassifier, settings)
    assert classifier.n_partitions == 7
    assert classifier.threat_model == "modify"
    assert not hasattr(classifier, "spreading_degree")


@pytest.mark.parametrize(
    ("end", "expected"),
    [
        (1, [0, 1]),
        (9, [0, 1, 2, 4, 6, 8, 10]),
        (24, [0, 1, 2, 5, 10, 15, 20, 25]),
        (601, [0, 1, 2, 5, 10, 20, 50, 100, 200, 300, 400, 500, 600, 700]),
    ],
)
def test_default_poison_sizes(end, expected):
    radii = np.array([end - 1, 0])
    labels = np.array([0, 0])
    result = Result("dpa", DPAClassifier(), labels, labels, radii, 0.0, 0.0)
    sizes = choose_poison_sizes([result])
    assert sizes == expected
    assert result.accuracies(sizes)[-1] == 0


def test_base_estimators():
    assert parse_base_estimator("tree") is BASE_ESTIMATORS["tree"]
    tree = parse_base_estimator("sklearn.tree.DecisionTreeClassifier(max_depth=3, ccp_alpha=-0.5)")
    assert isinstance(tree, DecisionTreeClassifier)
    assert (tree.max_depth, tree.ccp_alpha) == (3, -0.5)
    with pytest.raises(InvalidInputError):
        parse_base_estimator("__import__('os').getcwd()")


@pytest.mark.parametrize("base", BASE_ESTIMATORS)
def test_every_base_estimator_bears_a_table(mixed, base):
    arguments = ["report", mixed, "--n-partitions", "3", "--estimator", "dpa", "--base", base]
    assert main([*arguments, "--output", "r.csv"]) == 0


@pytest.mark.parametrize("threat_model", ["insert", "delete", "modify", "label_flip"])
def test_threat_models_are_explained(iris, threat_model, capsys):
    arguments = ["report", iris, *SMALL, "--estimator", "dpa", "--threat-model", threat_model]
    assert main(arguments) == 0
    output, _ = capsys.readouterr()
    words = {"insert": "adds", "delete": "removes", "modify": "changed at will"}
    assert words.get(threat_model, "labels changed;") in output
    assert f"Threat model    {threat_model} (" in output


def test_confidence_is_told_where_a_proof_has_one(iris, capsys):
    assert main(["report", iris, *SMALL, "--estimator", "bagging"]) == 0
    output, _ = capsys.readouterr()
    read = " ".join(output.split())
    assert "stays right, with confidence 99.9 %, whatever" in read
    assert "bagging proves with confidence 99.9 %" in read and "but not the seed" in read
    assert main(["report", iris, *SMALL, "--estimator", "dpa,knn"]) == 0
    assert "confidence" not in capsys.readouterr().out


def test_settings_suit_the_rows_or_are_those_asked_for(iris, capsys):
    names = ["--estimator", "bagging,knn,rnn"]
    assert main(["report", iris, *SMALL, *names]) == 0
    output, _ = capsys.readouterr()
    assert "CertifiedKNN(n_neighbors=9)" in output  # a quarter of 112 / 3
    assert "max_samples=22)" in output  # 112 / 5
    radius = float(re.search(r"CertifiedRNN\(radius=([0-9.]+)\)", output)[1])
    assert 0.5 < radius < 1.5
    assert "The radius of rnn follows from distances between training rows" in output
    given = ["--n-neighbors", "7", "--radius", "0.75", "--max-samples", "11"]
    assert main(["report", iris, *SMALL, *names, *given]) == 0
    output, _ = capsys.readouterr()
    for told in ("CertifiedKNN(n_neighbors=7)", "CertifiedRNN(radius=0.75)", "max_samples=11)"):
        assert told in output
    assert "radius of rnn" not in output


def test_rows_that_cannot_be_compared_are_left_to_the_voters(mixed, capsys):
    assert main(["report", mixed, *SMALL]) == 0
    output, errors = capsys.readouterr()
    assert "knn is left out: it compares rows by distance" in output
    assert "rnn is left out" in output and "knn" not in errors
    assert "takes numbers only" in refused(capsys, mixed, "--estimator", "knn")


def test_progress_on_a_terminal_counts_in_place(iris, monkeypatch, capsys):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    assert main(["report", iris, *SMALL, "--estimator", "dpa"]) == 0
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


def test_names_that_the_terminal_cannot_show(tmp_path):
    path = write(tmp_path / "t.csv", ["x", "Käufer"], [[i % 7, "łódź"[i % 2 :]] for i in range(60)])
    command = [sys.executable, "-m", "sklearn_certify", "report", path, "--estimator", "dpa"]
    root = Path(sklearn_certify.__file__).parents[1]
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONPATH": str(root)}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=120)
    assert done.returncode == 0
    assert "'K\\xe4ufer'" in done.stdout
