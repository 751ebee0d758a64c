"""Examples have the gallery's form and use names that are there; the site's build runs them."""

import ast
import importlib
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
PATHS = sorted(EXAMPLES.rglob("*.py"))


def test_there_are_examples():
    assert len(PATHS) >= 15
    assert len({path.name for path in PATHS}) == len(PATHS)


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_an_example_has_a_title_a_plot_and_an_end(path):
    text = path.read_text(encoding="utf-8")
    title, line, blank, *_ = ast.get_docstring(ast.parse(text)).split("\n")
    assert set(line) == {"="} and len(line) == len(title) and not blank
    assert "plt.show()" in text and "To take home:" in text


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_an_example_imports_what_is_there(path):
    imports = [
        node
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom) and node.module.split(".")[0] == "sklearn_certify"
    ]
    assert imports
    for node in imports:
        # what needs an extra is listed without it, but cannot be loaded
        there = dir(importlib.import_module(node.module))
        assert {alias.name for alias in node.names} <= set(there)


@pytest.mark.parametrize("folder", [EXAMPLES, *sorted({p.parent for p in PATHS} - {EXAMPLES})])
def test_a_folder_of_examples_says_what_they_are(folder):
    assert (folder / "GALLERY_HEADER.rst").read_text().strip()
