"""The examples of the documentation run, and have what the gallery needs."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "docs" / "examples"
EXAMPLES = sorted(FOLDER.rglob("*.py"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_example(path):
    environment = {**os.environ, "MPLBACKEND": "Agg", "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, path], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "Warning" not in done.stderr


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_form(path):
    text = path.read_text(encoding="utf-8")
    title, line, blank, *_ = ast.get_docstring(ast.parse(text)).split("\n")
    assert set(line) == {"="} and len(line) == len(title) and not blank
    assert "plt.show()" in text and "To take home:" in text


def test_every_theme_has_a_header():
    folders = {FOLDER, *(path.parent for path in EXAMPLES)}
    assert all((folder / "GALLERY_HEADER.rst").is_file() for folder in folders)
    assert len(EXAMPLES) >= 15
