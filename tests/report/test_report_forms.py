"""A report as text, as a table of pandas, as a page and as files."""

import csv
import json
import sys
from html.parser import HTMLParser

import numpy as np
import pytest

from sklearn_certify import CertifiedKNN, DPAClassifier
from sklearn_certify.exceptions import InvalidInputError, MissingExtraError
from sklearn_certify.report import certification_report


@pytest.fixture(scope="module")
def report(iris):
    failing = DPAClassifier(n_partitions=0)
    names = ["knn", "dpa", ("<b>fails</b>", failing)]
    return certification_report(
        names, *iris, source="<iris> & co", target="species", n_partitions=5, poison_sizes=[1, 3]
    )


def test_text(report):
    assert repr(report) == str(report)
    blocks = str(report).split("\n\n")
    assert blocks[0].splitlines()[0] == (
        "Rows            <iris> & co: 150 rows, 4 features, 3 classes"
    )
    assert blocks[1].startswith("<b>fails</b> failed: InvalidParameterError: ")
    assert blocks[2] == "Certified accuracy in % of the 38 test rows"
    assert blocks[-1].startswith("How to read this\n- ")


def test_frame(report):
    pandas = pytest.importorskip("pandas")
    frame = report.to_frame()
    assert frame["classifier"].tolist() == ["dpa"] * 3 + ["knn"] * 3
    assert frame["poison_size"].tolist() == [0, 1, 3] * 2
    for name, result in report.results.items():
        of_name = frame[frame["classifier"] == name]
        assert of_name["n_voters"].tolist() == ([5] * 3 if name == "dpa" else [pandas.NA] * 3)
        assert np.array_equal(of_name["certified_accuracy"], result.accuracies([0, 1, 3]))
        assert set(of_name["median_certified_radius"]) == {result.median_radius()}


def test_frame_without_pandas(report, monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(MissingExtraError, match=r"pip install \"sklearn-certify\[table\]\""):
        report.to_frame()


class Page(HTMLParser):
    """Keeps the tags, which must close in turn, and the texts outside of style sheets."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.texts, self.open = set(), [], []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open[-1:] != ["style"] and data.strip():
            self.texts.append(data)


def test_page(report):
    page = Page(report._repr_html_())
    assert "script" not in page.tags and "b" not in page.tags
    assert "<iris> & co: 150 rows, 4 features, 3 classes" in page.texts
    assert any(text.startswith("<b>fails</b> failed: ") for text in page.texts)
    for result in report.results.values():
        assert result.name in page.texts
        for accuracy in result.accuracies([0, 1, 3]):
            assert f"{100 * accuracy:.1f}" in page.texts
    for block in ("A poison size counts", "The proof holds for fixed settings"):
        assert any(text.startswith(block) for text in page.texts)


def test_files(report, tmp_path):
    for name in ("r.json", "r.csv", "r.png"):
        report.save(tmp_path / name)
    written = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
    assert written["source"] == "<iris> & co" and written["target"] == "species"
    assert [item["classifier"] for item in written["classifiers"]] == ["dpa", "knn"]
    with open(tmp_path / "r.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for item in written["classifiers"]:
        accuracies = report.results[item["classifier"]].accuracies([0, 1, 3]).tolist()
        assert item["certified_accuracy"] == accuracies
        of_item = [row for row in rows if row["classifier"] == item["classifier"]]
        assert [float(row["certified_accuracy"]) for row in of_item] == accuracies
    assert (tmp_path / "r.png").read_bytes().startswith(b"\x89PNG")


def test_paths_that_cannot_be_written(report, tmp_path, monkeypatch):
    with pytest.raises(InvalidInputError, match="^path .*r.pdf must end in one of .csv, .json"):
        report.save(tmp_path / "r.pdf")
    with pytest.raises(InvalidInputError, match="there is no folder"):
        report.save(tmp_path / "absent" / "r.csv")
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(MissingExtraError, match=r"sklearn-certify\[plot\]"):
        report.save(tmp_path / "r.png")


def test_odd_settings_can_be_written(iris, tmp_path):
    classifier = CertifiedKNN(n_neighbors=np.int64(3), metric=lambda a, b: np.abs(a - b).max())
    report = certification_report(classifier, *iris, random_state=np.int64(1), target=3)
    report.save(tmp_path / "r.json")
    assert json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))["target"] == "3"


def test_numbers_of_numpy_are_numbers_in_json(iris, tmp_path):
    knn = CertifiedKNN(n_neighbors=np.arange(3, 9)[2])
    certification_report(knn, *iris, poison_sizes=[1]).save(tmp_path / "r.json")
    [item] = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))["classifiers"]
    assert item["parameters"]["n_neighbors"] == 5
