"""Pictures of the pages are there, small, and drawn by the script beside them."""

import re
import runpy
from pathlib import Path

import matplotlib.pyplot as plt

ROOT = Path(__file__).parents[2]


def pictures():
    """Return the pictures that pages show."""
    for page in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]:
        for path in re.findall(r"!\[[^]]+\]\(([^):]+)\)", page.read_text()):
            yield (page.parent / path).resolve()


def test_pictures_are_small_and_drawn_by_scripts(tmp_path):
    shown = set(pictures())
    assert shown == set((ROOT / "docs" / "pictures").glob("*.png"))
    for picture in shown:
        assert picture.stat().st_size < 60_000
        drawn = tmp_path / picture.name
        runpy.run_path(str(picture.with_suffix(".py")))["draw"](drawn)
        assert plt.imread(drawn).shape == plt.imread(picture).shape
