"""Rows to learn from, and rows to certify."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from sklearn_certify.exceptions import InvalidInputError
from sklearn_certify.report._dataset import make_dataset
from sklearn_certify.report._split import hold_out, with_test_rows


def crowd():
    """Rows of contributors, some of whom have many."""
    contributors = (40 * np.random.RandomState(0).rand(240) ** 2).astype(int)
    X = np.arange(480).reshape(240, 2)
    return make_dataset(X, np.arange(240) % 2, contributors, "data", None)


def test_contributors_are_in_one_part_only():
    dataset = crowd()
    for seed in range(20):
        split = hold_out(dataset, 0.25, seed)
        assert len(split.y_train) + len(split.y_test) == len(dataset.y)
        assert set(split.y_train) == set(dataset.y)
        assert 0.15 < len(split.y_test) / len(dataset.y) <= 0.25
        held_out = [name for name in set(dataset.groups) if name not in set(split.groups_train)]
        n_test = np.isin(dataset.groups, held_out).sum()
        assert n_test == len(split.y_test)
        assert split.n_units == len(set(split.groups_train))


@pytest.mark.parametrize("container", ["array", "sparse", "pandas", "polars", "arrow", "texts"])
def test_rows_of_any_container_are_split_alike(container):
    X = np.arange(120).reshape(60, 2)
    if container == "texts":
        X = np.array([f"row {row}" for row in range(60)])
    rows = X
    if container == "sparse":
        rows = csr_matrix(X).tocoo()
    elif container == "arrow":
        pyarrow = pytest.importorskip("pyarrow")
        rows = pyarrow.table({"a": X[:, 0], "b": X[:, 1]})
    elif container in ("pandas", "polars"):
        rows = pytest.importorskip(container).DataFrame({"a": X[:, 0], "b": X[:, 1]})
    y = np.arange(60) % 3
    split = hold_out(make_dataset(rows, y, None, "data", None), 0.25, 0)
    expected = hold_out(make_dataset(X, y, None, "data", None), 0.25, 0)
    for part, rows_of_part in ((split.X_train, expected.X_train), (split.X_test, expected.X_test)):
        part = part.toarray() if container == "sparse" else np.asarray(part)
        assert part.tolist() == rows_of_part.tolist()
    assert split.y_test.tolist() == expected.y_test.tolist()


def test_test_rows_that_are_given():
    dataset = make_dataset([[0.0], [1.0]], ["a", "b"], None, "data", None)
    split = with_test_rows(dataset, [[2.0]], ["b"])
    assert (len(split.X_train), len(split.X_test), split.by_seed) == (2, 1, False)
    with pytest.raises(InvalidInputError, match="y_test holds labels such as 1, and y .* 'a'"):
        with_test_rows(dataset, [[2.0]], [1])
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        with_test_rows(dataset, [[2.0], [3.0]], ["b"])


@pytest.mark.parametrize(
    ("X", "y", "groups", "message"),
    [
        (3, [0, 1], None, "X must be rows, got 3"),
        ([[1.0], [2.0]], [0, 1, 1], None, "inconsistent numbers of samples"),
        ([[1.0], [2.0]], [0, 1], ["w"], "inconsistent numbers of samples"),
        ([[1.0], [2.0]], [0, None], None, "y contains missing labels"),
        ([[1.0], [2.0]], None, None, "y"),
    ],
)
def test_rows_that_make_no_sense(X, y, groups, message):
    with pytest.raises(ValueError, match=message):
        make_dataset(X, y, groups, "data", None)


def test_too_few_rows_or_contributors():
    few = make_dataset(np.zeros((4, 1)), [0, 1, 0, 1], None, "data", None)
    with pytest.raises(InvalidInputError, match="data has too few rows: 4 with 2 classes"):
        hold_out(few, 0.25, 0)
    rows = make_dataset(np.zeros((60, 1)), np.arange(60) % 2, np.arange(60) % 2, "data", None)
    with pytest.raises(InvalidInputError, match="none of 2 can be held out"):
        hold_out(rows, 0.25, 0)
