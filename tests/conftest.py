"""Data and switches that all tests share."""

import os

import matplotlib
import pytest
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from threadpoolctl import threadpool_limits

from sklearn_certify._compute.first_work import FirstWork

matplotlib.use("Agg")


@pytest.fixture(scope="session")
def digits():
    """Rows and labels to fit on, rows and labels to ask about."""
    X, y = load_digits(return_X_y=True)
    X, X_test, y, y_test = train_test_split(X, y, test_size=200, random_state=0, stratify=y)
    return X, y, X_test, y_test


@pytest.fixture(scope="session", autouse=True)
def one_thread_per_small_matrix():
    """Hundreds of tiny models are fitted faster without threads that wait for each other."""
    os.environ["OMP_NUM_THREADS"] = "1"  # for the processes that tests start
    with threadpool_limits(1):
        yield


@pytest.fixture(scope="session", autouse=True)
def kernels_from_the_first_call():
    """Test the kernels, however little work a test has for them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(FirstWork, "takes", lambda self, n_operations: False)
        yield
