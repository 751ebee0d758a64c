"""Tables in files, and a folder for what the command writes."""

import pytest
from sklearn.datasets import load_iris

from .commands import MIXED_NAMES, mixed_rows, write


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


@pytest.fixture
def mixed(tmp_path):
    return write(tmp_path / "mixed.csv", MIXED_NAMES, mixed_rows())
