"""Rows that several tests of reports share."""

import numpy as np
import pytest
from sklearn.datasets import load_iris


@pytest.fixture(scope="package")
def iris():
    """Rows of numbers with labels in words."""
    X, y = load_iris(return_X_y=True)
    return X, np.array(["setosa", "versicolor", "virginica"], dtype=object)[y]


@pytest.fixture(scope="package")
def mixed():
    """A table with columns of numbers, texts and truth values, with gaps, and its labels."""
    pandas = pytest.importorskip("pandas")
    rng = np.random.RandomState(0)
    label = np.arange(120) % 2
    frame = pandas.DataFrame(
        {
            "age": rng.normal(30 + 20 * label, 5),
            "city": np.where(rng.rand(120) < 0.3 + 0.4 * label, "Rome", "Ulm"),
            "member": rng.rand(120) < 0.5,
            "visits": pandas.array(rng.randint(9, size=120), dtype="Int64"),
        }
    )
    frame.loc[::11, "age"] = np.nan
    frame.loc[::13, "visits"] = pandas.NA
    return frame, pandas.Series(label, name="buys")
