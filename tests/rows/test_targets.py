"""Targets of regression: numbers, each for itself, and traces of a scaler of all of them."""

import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator
from sklearn.exceptions import DataConversionWarning
from sklearn.preprocessing import PowerTransformer, StandardScaler

from sklearn_certify._rows import check_targets, warn_of_fingerprints
from sklearn_certify.exceptions import FingerprintWarning

X = np.arange(60.0)[:, np.newaxis] ** 2
Y = np.random.default_rng(0).gamma(2.0, size=60)


class Regressor(BaseEstimator):
    """What errors name."""


@pytest.mark.parametrize(
    "y",
    [
        [1, 2.5, -0.0],
        np.array([1, 2.5, 0], dtype=object),
        np.array([1, 2.5, 0], dtype=np.float32),
        pd.Series([1, 2.5, 0], index=[7, 8, 9]),
        pd.Series([1, 2.5, 0], dtype="Float64"),
    ],
)
def test_targets_become_doubles(y):
    targets = check_targets(Regressor(), y)
    assert targets.dtype == np.float64 and targets.tolist() == [1, 2.5, 0]
    assert not np.signbit(targets).any()


def test_a_column_is_taken_with_a_warning():
    with pytest.warns(DataConversionWarning):
        assert check_targets(Regressor(), np.ones((3, 1))).shape == (3,)


@pytest.mark.parametrize(
    "y",
    [
        None,
        ["1", "2"],
        np.array(["1"]),
        [1, "2"],
        [1, b"2"],
        [1, None],
        np.array(["2020-01-01"], dtype="datetime64[D]"),
        [1j],
        [[1, 2], [3, 4]],
        [np.nan],
        [np.inf],
        pd.Series([1, None], dtype="Float64"),
    ],
)
def test_what_is_no_finite_number_is_refused(y):
    with pytest.raises(ValueError, match="y "):
        check_targets(Regressor(), y)


@pytest.mark.parametrize("threat_model", ["insert_delete", "label_flip"])
@pytest.mark.parametrize(
    "scaled",
    [
        StandardScaler().fit_transform(Y[:, np.newaxis])[:, 0],
        (Y - Y.mean()) / Y.std(ddof=1),
        PowerTransformer().fit_transform(Y[:, np.newaxis])[:, 0],
    ],
)
def test_targets_scaled_together_are_told(scaled, threat_model):
    with pytest.warns(FingerprintWarning, match="y has mean 0 and variance 1"):
        warn_of_fingerprints(X, scaled, threat_model, y_is_labels=False)


@pytest.mark.parametrize(
    "raw", [Y, Y - Y.mean(), np.log(Y), np.tile([-1.0, 1.0], 30), np.zeros(60), np.round(Y)]
)
def test_other_targets_raise_no_suspicion(raw):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warn_of_fingerprints(X, raw, "insert_delete", y_is_labels=False)
        some = StandardScaler().fit_transform(Y[:, np.newaxis])[:50, 0]  # of rows split later
        warn_of_fingerprints(X[:50], some, "insert_delete", y_is_labels=False)
