"""Rows that the tests of filters share."""

import pytest


@pytest.fixture
def rows(digits):
    X, y, _, _ = digits
    return X[:300], y[:300]
