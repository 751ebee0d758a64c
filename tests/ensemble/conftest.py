"""Data that the tests of ensembles share."""

import numpy as np
import pytest
from sklearn.datasets import load_iris


@pytest.fixture(scope="module")
def iris():
    """A table with named columns, and labels that are texts."""
    X, y = load_iris(return_X_y=True, as_frame=True)
    return X, np.array(["setosa", "versicolor", "virginica"])[y]
