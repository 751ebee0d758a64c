"""Examples have the form of the gallery, and use names that are there; the site's build runs them."""

import ast
import importlib
import re
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
PATHS = sorted(EXAMPLES.rglob("*.py"))


def test_there_are_examples():
    assert len(PATHS) >= 4
    assert len({path.name for path in PATHS}) == len(PATHS)


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_an_example_has_a_title_and_a_plot(path):
    tree = ast.parse(path.read_text())
    title = re.match(r"(=+)\n(.+)\n\1\n|(.+)\n(=+)\n", ast.get_docstring(tree) or "")
    assert title, "the docstring starts with a title between or above equals signs"
    calls = {node.func for node in ast.walk(tree) if isinstance(node, ast.Call)}
    assert "plt.show" in set(map(ast.unparse, calls))


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
