"""The page of a report: what it says, how it is built, and whether a browser shows it."""

import re
import sys
from itertools import pairwise

import numpy as np
import pytest
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_certify import BaggingCertifiedClassifier, CertifiedKNN, DPAClassifier
from sklearn_certify.cli import main
from sklearn_certify.ensemble._removal import Removal
from sklearn_certify.exceptions import MissingExtraError
from sklearn_certify.report import certification_report
from sklearn_certify.report._html_page._contributors import find_influence

from .pages import parsed, read_page

pytest.importorskip("jinja2")
pytest.importorskip("matplotlib")

HOSTILE = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def hostile(iris):
    X, y = iris
    y = np.where(y == "setosa", HOSTILE, y)
    estimators = [
        "knn",
        ("<b>dpa</b>", DPAClassifier(n_partitions=9)),
        ("scaled", make_pipeline(StandardScaler(), CertifiedKNN())),
        ("bag", BaggingCertifiedClassifier(n_estimators=30, max_samples=20, random_state=0)),
        ("fails", DPAClassifier(n_partitions=0)),
    ]
    return certification_report(estimators, X, y, source=f"{HOSTILE} & co", poison_sizes=[1, 3])


@pytest.fixture(scope="module")
def crowd():
    rng = np.random.RandomState(0)
    y = rng.randint(2, size=240)
    X = rng.normal(size=(240, 3)) + y[:, np.newaxis]
    who = np.array([f"worker {number}" for number in rng.randint(24, size=240)], dtype=object)
    return certification_report(
        ["dpa", "fa"], X, y, groups=who, base_estimator="ridge", n_partitions=5, spreading_degree=2
    )


def test_structure(hostile, tmp_path):
    page, text = parsed(hostile, tmp_path)
    assert page.of("html") == [{"lang": "en"}]
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(later <= level + 1 for level, later in pairwise(levels))
    assert len(page.of("caption")) == len(page.of("table")) > 3
    assert all(heading["scope"] in ("col", "row", "colgroup") for heading in page.of("th"))
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    for link in page.of("a"):
        assert link["href"].removeprefix("#") in ids
    for drawing in page.of("svg"):
        if drawing.get("role") == "img":
            assert set(drawing["aria-labelledby"].split()) <= set(ids)
    assert sum(drawing.get("role") == "img" for drawing in page.of("svg")) == 4


def test_nothing_is_fetched_or_run(hostile, tmp_path):
    page, text = parsed(hostile, tmp_path)
    tags = {tag for tag, _ in page.tags}
    assert not tags & {"script", "link", "iframe", "object", "b"}
    assert "http" not in text and "@import" not in text and "url(" not in text
    assert not any(name.startswith("on") for _, attrs in page.tags for name in attrs)


def test_hostile_words_are_shown_as_they_are(hostile, tmp_path):
    page, _ = parsed(hostile, tmp_path)
    assert HOSTILE in page.texts  # a label
    assert any(text.startswith(f"{HOSTILE} & co: 150 rows") for text in page.texts)
    assert "<b>dpa</b>" in page.texts


def test_numbers_are_those_of_the_report(hostile, tmp_path):
    page, _ = parsed(hostile, tmp_path)
    for result in hostile.results.values():
        for size, accuracy in zip([0, 1, 3], result.accuracies([0, 1, 3]), strict=True):
            assert f"{100 * accuracy:.1f}" in page.texts
            title = f"{result.name}: {100 * accuracy:.1f} % at poison size {size}"
            end = max(each.curve()[0][-1] for each in hostile.results.values())
            assert (title in page.texts) == (size <= end)
    together = hostile.results["<b>dpa</b>"]
    joint = together.estimator.certified_accuracy(
        hostile.material.split.X_test, together.y_true, [0, 1, 3], joint=True
    )
    assert all(f"{100 * accuracy:.1f}" in page.texts for accuracy in joint)
    assert "No joint certificate is known for bag." in page.texts


def test_failures_and_the_audit_are_told(hostile, tmp_path):
    page, _ = parsed(hostile, tmp_path)
    text = " ".join(page.texts)
    assert "fails failed: InvalidParameterError" in text
    assert "Step standardscaler was fitted on all training rows" in text
    assert "sound: no step stands in front of it." in text


def test_the_least_robust_rows_come_with_their_cells(hostile, tmp_path):
    page, _ = parsed(hostile, tmp_path)
    assert "feature 0" in page.texts
    assert "certification_report(" in " ".join(page.texts)


def test_images_have_words(tmp_path):
    images = np.random.RandomState(0).rand(60, 5, 4)
    y = np.arange(60) % 2
    images[y == 1, 0] += 1
    flat = DPAClassifier(n_partitions=3, estimator=None)
    report = certification_report(flat, images.reshape(60, -1), y)
    assert report.material.dataset.image_shape is None
    report.material.dataset.__dict__["image_shape"] = (5, 4)
    page, _ = parsed(report, tmp_path)
    assert page.of("img")
    for image in page.of("img"):
        assert image["src"].startswith("data:image/png;base64,")
        assert re.fullmatch(r"Image of row \d+, labelled [01]", image["alt"])


def test_one_class(tmp_path, iris):
    report = certification_report("dpa", iris[0], np.zeros(150, dtype=int), n_partitions=10)
    page, _ = parsed(report, tmp_path)
    assert "100.0" in page.texts


def test_contributors_are_told_exactly_or_bounded(crowd, tmp_path):
    split = crowd.material.split
    for name in ("dpa", "finite-aggregation"):
        influence = find_influence(crowd, name)
        classifier = crowd.results[name].classifier
        before = classifier.predict(split.X_test)
        for contributor in influence.told:
            kept = split.groups_train != contributor.name
            again = type(classifier)(**classifier.get_params(deep=False))
            again.fit(split.X_train[kept], split.y_train[kept], groups=split.groups_train[kept])
            changed = int((again.predict(split.X_test) != before).sum())
            assert changed <= contributor.most
            partition = classifier.partition_
            [theirs] = np.unique(partition[~kept])
            assert contributor.share == (~kept).sum() / (partition == theirs).sum()
            if contributor.changed is not None:
                assert contributor.changed == changed
                assert contributor.mended + contributor.broken == changed  # of two classes
        assert influence.n_tried > 0
        assert influence.told[0].changed >= max(c.changed or 0 for c in influence.told)
    page, _ = parsed(crowd, tmp_path)
    assert "Test predictions that change without a contributor" in page.texts


def test_removal_leaves_the_classifier_as_it_is(crowd):
    split, classifier = crowd.material.split, crowd.results["dpa"].classifier
    before = classifier.votes(split.X_test)
    removed = split.groups_train == split.groups_train[0]
    removal = Removal(classifier, split.X_train, split.y_train)
    after = removal.without(removed).votes(split.X_test)
    others = np.setdiff1d(np.arange(5), removal.voters_of(removed))
    assert len(others) == 4 and np.array_equal(after[:, others], before[:, others])
    assert np.array_equal(classifier.votes(split.X_test), before)


def test_command_and_python_are_told(tmp_path, iris, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rows = "\n".join(f"{x[0]},{x[1]},{label}" for x, label in zip(*iris, strict=True))
    (tmp_path / "my flowers.csv").write_text(f"a,b,kind\n{rows}\n", encoding="utf-8")
    given = ["report", "my flowers.csv", "--estimator", "knn", "--output", "page.html"]
    assert main(given) == 0
    page, _ = read_page(tmp_path / "page.html")
    assert (
        "sklearn-certify report 'my flowers.csv' --estimator knn --output page.html" in page.texts
    )
    assert any(f"main({given!r})" in text for text in page.texts)


def test_without_jinja2(hostile, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "jinja2", None)
    with pytest.raises(MissingExtraError, match=r"pip install \"sklearn-certify\[report\]\""):
        hostile.save(tmp_path / "page.html")
