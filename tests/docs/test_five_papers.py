"""The page of the five papers names what there is, and shows the figures of the benchmarks."""

import importlib
import inspect
import re
from pathlib import Path

import pytest

import sklearn_certify

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "five_papers.md").read_text()
# what stands in backticks and is no object: parameters, an option, a function of C and NumPy
OTHER_WORDS = {"sklearn_certify", "max_samples", "log1p", "--dataset cifar10"}
NAMED = [named for named in re.findall(r"`([^`\n]+)`", PAGE) if named not in OTHER_WORDS]
NUMBER = re.compile(r"(?<![\w.,])\d+\.\d+(?![\w.,])")


def find(path):
    """Return a public object by its path in the package, such as ``metrics.certified_accuracy``."""
    found = sklearn_certify
    for name in path.split("."):
        public = getattr(found, "__all__", dir(found))
        is_room = (ROOT / "sklearn_certify" / name).with_suffix(".py").exists() or (
            ROOT / "sklearn_certify" / name / "__init__.py"
        ).exists()
        assert name in public or (found is sklearn_certify and is_room), path
        found = (
            importlib.import_module(f"sklearn_certify.{name}")
            if found is sklearn_certify and is_room
            else getattr(found, name)
        )
    return found


def test_tests_and_benchmarks_that_are_named_are_there():
    file = None
    for named in NAMED:
        if "/" in named:
            [file] = [path for path in (ROOT / named, ROOT / "tests" / named) if path.exists()]
        elif named.startswith("test_"):  # stands behind its file
            assert f"\ndef {named}(" in file.read_text(), named


@pytest.mark.parametrize(
    "named", sorted({name for name in NAMED if "/" not in name and not name.startswith("test_")})
)
def test_objects_that_are_named_are_there(named):
    called = re.fullmatch(r"([\w.]+)(?:\((\w+)=.*\))?", named)
    assert called, named
    found = find(called[1])
    if called[2]:
        assert called[2] in inspect.signature(found).parameters


def rows_with_figures(text):
    """Yield the numbers with a decimal point in each row of a table that has some."""
    for line in re.findall(r"^\|.*\|$", text, re.MULTILINE):
        figures = NUMBER.findall(line)
        if len(figures) >= 4:
            yield figures


def test_figures_are_those_of_the_benchmarks():
    measured = list(rows_with_figures((ROOT / "benchmarks" / "README.md").read_text()))
    shown = list(rows_with_figures(PAGE))
    assert len(shown) > 20
    for figures in shown:
        assert any(figures == row[: len(figures)] for row in measured), figures


def test_pages_that_quote_the_papers_quote_all_five():
    bibliography = " ".join((ROOT / "docs" / "references.bib").read_text().split())
    bibliography = re.sub(r"[{}]", "", bibliography)
    titles = re.findall(r'^"([^"]+)"', PAGE, re.MULTILINE)
    assert len(titles) == 5
    for title in titles:
        assert title in bibliography
