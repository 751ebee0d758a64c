"""What a report was asked for is in every form of it: text, pages, JSON, CSV, picture, tables."""

import csv
import json
import re
from html import unescape
from itertools import pairwise

import matplotlib.figure
import numpy as np
import pytest

from sklearn_certify.exceptions import InvalidInputError
from sklearn_certify.report import certification_report

pytest.importorskip("jinja2")

SIZES = [0, 1, 2, 5]
WHEN = np.random.RandomState(0).permutation(150) // 5
NAMES = ["dpa", "dpa-white-box", "bagging", "knn"]
WITH_JOINT = ["dpa", "dpa-white-box", "knn"]
IN_TIME = ["duration", "earliness", "joint"]


@pytest.fixture(scope="module")
def report(iris):
    return certification_report(
        ["dpa", "bagging", "knn"],
        *iris,
        base_estimator="ridge",
        threat_model="label_flip",
        n_partitions=9,
        n_estimators=20,
        n_neighbors=15,
        poison_sizes=SIZES,
        attack_target="virginica",
        periods=WHEN,
        window=2,
        joint=True,
    )


def in_percent(shares):
    return [f"{100 * share:.1f}" for share in shares]


def wanted(report):
    """Return every figure, by its kind and the column that it stands in."""
    results, in_time = report.results.values(), report.temporal
    by_kind = {
        "accuracy": {result.name: result.accuracies(SIZES) for result in results},
        "target": {result.name: result.attack_success_rates(SIZES) for result in results},
        "joint": {
            name: report.results[name].classifier.certified_accuracy(
                report.results[name].X_test, report.results[name].y_true, SIZES, joint=True
            )
            for name in WITH_JOINT
        },
        "periods": {
            "duration": in_time.accuracies(in_time.periods),
            "earliness": in_time.accuracies_by_earliness(in_time.periods),
            "joint": in_time.classifier.certified_accuracy(
                in_time.X_test, in_time.y_true, in_time.periods, joint=True
            ),
        },
    }
    return {
        kind: {name: in_percent(shares) for name, shares in columns.items()}
        for kind, columns in by_kind.items()
    }


def kinds_of_tables(tables):
    """Return the figures of tables by their titles, each a list of rows of cells."""
    found = {}
    for title, (heads, *rows) in tables.items():
        kind = next(
            kind
            for words, kind in (
                ("Attack success", "target"),
                ("all of them together", "joint"),
                ("number of poisoned periods", "periods"),
                ("Certified accuracy in % of", "accuracy"),
            )
            if words in title
        )
        rows = [row for row in rows if row[0].isdecimal()]
        names = IN_TIME if kind == "periods" else heads[1:]
        columns = list(zip(*rows, strict=True))[1:]
        found[kind] = {name: list(column) for name, column in zip(names, columns, strict=True)}
    return found


def of_text(report, _):
    blocks = str(report).split("\n\n")
    return kinds_of_tables(
        {
            title: [re.split(r" {2,}", line.strip()) for line in table.splitlines()]
            for title, table in pairwise(blocks)
            if " in %" in title and "\n" not in title
        }
    )


def tables_of_html(text):
    found = {}
    for table in re.findall(r"<table>.*?</table>", text, flags=re.DOTALL):
        caption = unescape(re.search(r"<caption>(.*?)</caption>", table, re.DOTALL)[1])
        rows = re.findall(r"<tr>.*?</tr>", table, flags=re.DOTALL)
        cells = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, flags=re.DOTALL) for row in rows]
        found[caption] = [[unescape(cell) for cell in row] for row in cells]
    return found


def of_notebook(report, _):
    return kinds_of_tables(tables_of_html(report._repr_html_()))


def of_page(report, folder):
    report.save(folder / "r.html")
    tables = tables_of_html((folder / "r.html").read_text(encoding="utf-8"))
    is_one_of_them = re.compile("Certified accuracy in % of|Attack success")
    found = kinds_of_tables(
        {title: rows for title, rows in tables.items() if is_one_of_them.match(title)}
    )
    heads, _, *rows = tables["Certified accuracy in %, by poison size"]
    columns = list(zip(*rows, strict=True))[1:]
    pairs = zip(heads[1:], columns[::2], columns[1::2], strict=True)
    for name, alone, together in pairs:
        assert list(alone) == found["accuracy"][name]
        found.setdefault("joint", {})[name] = list(together)
    return found


def of_periods(columns):
    keys = "accuracy_by_duration", "accuracy_by_earliness", "joint_accuracy_by_duration"
    return {how: in_percent(columns[key]) for how, key in zip(IN_TIME, keys, strict=True)}


def of_json(report, folder):
    report.save(folder / "r.json")
    content = json.loads((folder / "r.json").read_text(encoding="utf-8"))
    keys = {
        "accuracy": "certified_accuracy",
        "target": "attack_success_rate",
        "joint": "joint_certified_accuracy",
    }
    found = {
        kind: {
            item["classifier"]: in_percent(item[key])
            for item in content["classifiers"]
            if item[key] is not None
        }
        for kind, key in keys.items()
    }
    found["periods"] = of_periods(content["temporal"])
    return found


def of_rows(rows, key):
    """Return the figures of a column of records, by classifier; those that are missing left out."""
    found = {}
    for row in rows:
        if row[key] not in ("", None) and row[key] == row[key]:
            found.setdefault(row["classifier"], []).append(float(row[key]))
    return {name: in_percent(shares) for name, shares in found.items()}


def of_csv(report, folder):
    report.save(folder / "r.csv")
    with open(folder / "r.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    in_time = [row for row in rows if row["classifier"] == "temporal"]
    rows = [row for row in rows if row["classifier"] != "temporal"]
    units = {"duration": "consecutive periods", "earliness": "last periods"}
    periods = {
        how: of_rows([row for row in in_time if row["poison_unit"] == words], "certified_accuracy")
        for how, words in units.items()
    }
    periods["joint"] = of_rows(in_time, "joint_certified_accuracy")
    return {
        "accuracy": of_rows(rows, "certified_accuracy"),
        "target": of_rows(rows, "attack_success_rate"),
        "joint": of_rows(rows, "joint_certified_accuracy"),
        "periods": {how: shares["temporal"] for how, shares in periods.items()},
    }


def of_frames(report, _):
    pytest.importorskip("pandas")
    rows, periods = report.to_frame().to_dict("records"), report.periods_frame()
    return {
        "accuracy": of_rows(rows, "certified_accuracy"),
        "target": of_rows(rows, "attack_success_rate"),
        "joint": of_rows(rows, "joint_certified_accuracy"),
        "periods": of_periods(periods),
    }


def heights(line, sizes):
    x, y = line.get_xdata(), line.get_ydata()
    return in_percent(y[np.minimum(np.searchsorted(x, sizes), len(y) - 1)])


def marked(circles, n_sizes):
    shown = in_percent(circles.get_ydata())
    return shown + ["0.0"] * (n_sizes - len(shown))


def of_picture(report, folder):
    drawn = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(matplotlib.figure.Figure, "savefig", lambda figure, _: drawn.append(figure))
        report.save(folder / "r.png")
    [figure] = drawn
    accuracy, target, periods = figure.axes
    steps = [line for line in accuracy.lines if line.get_linestyle() != "None"]
    marks = {
        line.get_color(): line for line in accuracy.lines if line.get_linestyle() == "None"
    }  # the colour is that of the curve
    found = {
        "accuracy": {line.get_label(): heights(line, SIZES) for line in steps},
        "target": {line.get_label(): heights(line, SIZES) for line in target.lines},
        "joint": {},
        "periods": {
            how: heights(line, report.temporal.periods)
            for how, line in zip(IN_TIME[:2], periods.lines[:2], strict=True)
        },
    }
    found["periods"]["joint"] = marked(periods.lines[2], len(report.temporal.periods))
    for line in steps:
        if (mark := marks.get(line.get_color())) is not None:
            found["joint"][line.get_label()] = marked(mark, len(SIZES))
    assert "Attack success" in target.get_ylabel() and "periods" in periods.get_xlabel()
    return found


FORMS = [of_text, of_notebook, of_page, of_json, of_csv, of_frames, of_picture]


@pytest.mark.parametrize("kind", ["accuracy", "target", "joint", "periods"])
@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__)
def test_it_is_there_and_right(report, form, kind, tmp_path):
    assert form(report, tmp_path)[kind] == wanted(report)[kind]


def test_all_of_it_says_something(report):
    figures = wanted(report)
    assert list(figures["accuracy"]) == NAMES == list(figures["target"])
    for kind, columns in figures.items():
        assert all(len(set(column)) > 1 for column in columns.values()), kind
    assert any(figures["joint"][name] != figures["accuracy"][name] for name in WITH_JOINT)
    assert figures["accuracy"]["dpa"] != figures["accuracy"]["dpa-white-box"]


def test_one_attack_on_all_rows_is_told_of_only_if_asked_for(iris):
    settings = {"base_estimator": "ridge", "poison_sizes": [1]}
    report = certification_report("dpa", *iris, n_partitions=9, **settings)
    assert "together" not in str(report) + report._repr_html_()
    assert not any("joint" in name for name in report.to_frame())
    report.poison_sizes = [0, 2]
    assert len(report.joint_accuracies()["dpa"]) == 2
    bagging = certification_report("bagging", *iris, joint=True, n_estimators=20, **settings)
    assert "No joint certificate is known for bagging." in str(bagging)
    assert bagging.to_frame()["joint_certified_accuracy"].isna().all()


def test_regressors_have_no_joint_certificate(iris):
    X, _ = iris
    with pytest.raises(InvalidInputError, match="joint= is about classifiers"):
        certification_report("knn", X[:, :3], X[:, 3], tolerance=1, joint=True)
