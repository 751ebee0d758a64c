"""Warnings of steps that were fitted on all rows, told by their traces alone."""

import warnings

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.datasets import load_breast_cancer, load_digits, load_wine
from sklearn.decomposition import PCA, TruncatedSVD
from sklearn.preprocessing import MinMaxScaler, Normalizer, RobustScaler, StandardScaler

from sklearn_certify import BaggingCertifiedClassifier, DPAClassifier, FiniteAggregationClassifier
from sklearn_certify._rows import warn_of_fingerprints
from sklearn_certify.exceptions import FingerprintWarning, FormWarning

from .traces import messages, raw, unequal

pl = pytest.importorskip("polars")
pa = pytest.importorskip("pyarrow")


def with_missing(X):
    X = X.copy()
    X[::7, 1] = np.nan
    return X


def centred(X):
    return X - X.mean(axis=0)


SCALED = {
    "StandardScaler": StandardScaler().fit_transform(raw()),
    "float32": StandardScaler().fit_transform(raw().astype(np.float32)),
    "cast later": StandardScaler().fit_transform(raw()).astype(np.float32),
    "a constant column": StandardScaler().fit_transform(np.c_[raw(), np.full(400, 3.7)]),
    "missing values": StandardScaler().fit_transform(with_missing(raw())),
    "by hand": (raw() - raw().mean(axis=0)) / raw().std(axis=0, ddof=1),
    "pandas": (pd.DataFrame(raw()) - pd.DataFrame(raw()).mean()) / pd.DataFrame(raw()).std(),
    "polars": pl.DataFrame(StandardScaler().fit_transform(raw())),
    "images": StandardScaler().fit_transform(raw()).reshape(-1, 2, 2),
    "many rows": StandardScaler().fit_transform(raw(200_000)),
    "whitened": PCA(whiten=True).fit_transform(raw()),
    "PCA": PCA().fit_transform(raw()),
    "PCA float32": PCA().fit_transform(load_digits().data.astype(np.float32)),
    "centred": centred(raw()),
    "digits": StandardScaler().fit_transform(load_digits().data),
    "dates and all": StandardScaler().fit_transform(1.7e9 + 1e6 * raw()),
    "mixed": pd.DataFrame(StandardScaler().fit_transform(raw())).assign(colour="red"),
}
NOT_SCALED = {
    "raw": raw(),
    "float32": raw().astype(np.float32),
    "normal": np.random.default_rng(0).normal(size=(100_000, 2)),
    "normal float32": np.random.default_rng(0).normal(size=(100_000, 2)).astype(np.float32),
    "MinMaxScaler": MinMaxScaler().fit_transform(raw()),
    "RobustScaler": RobustScaler().fit_transform(raw()),
    "Normalizer": Normalizer().fit_transform(raw()),
    "SVD": TruncatedSVD(2).fit_transform(raw()),
    "scaled by others": StandardScaler().fit(raw(seed=1)).transform(raw()),
    "part of what was scaled": StandardScaler().fit_transform(raw())[:300],
    "one column": StandardScaler().fit_transform(raw())[:, :1],
    "few rows": StandardScaler().fit_transform(raw(10)),
    "design": np.array(list(np.ndindex(2, 2, 2, 2, 2)), dtype=float) * 2 - 1,
    "whole numbers": np.arange(-50, 51).reshape(-1, 1) * [1, -1],
    "sparse": sparse.csr_array(StandardScaler().fit_transform(raw())),
    "constant": np.ones((400, 3)),
    "zeros": np.zeros((400, 3)),
    "infinite": np.where(raw() > 2, np.inf, raw()),
    "texts": np.array(["a", "b"] * 100, dtype=object),
    "digits": load_digits().data,
    "digits as shares": load_digits().data / 16,
    "cancer": load_breast_cancer().data,
    "frame": load_wine(as_frame=True).data,
}


@pytest.mark.parametrize("kind", SCALED)
def test_scaled_columns_leave_fingerprints(kind):
    X = SCALED[kind]
    message = messages(warn_of_fingerprints, X, unequal(X.shape[0]), "modify")
    centred_alone = kind in ("PCA", "PCA float32", "centred")
    assert ("mean 0 and variance 1" in message) == (not centred_alone)
    assert ("mean 0 to the last digits" in message) == centred_alone
    assert "FingerprintWarning" in message and "make_pipeline" in message


def test_features_may_be_scaled_where_labels_alone_are_attacked():
    X, y = SCALED["PCA"], unequal(400)
    assert messages(warn_of_fingerprints, X, y, "label_flip") == ""
    assert "equal" in messages(warn_of_fingerprints, X, np.arange(400) % 2, "label_flip")


@pytest.mark.parametrize("kind", NOT_SCALED)
def test_raw_columns_leave_none(kind):
    X = NOT_SCALED[kind]
    with np.errstate(all="raise"):
        assert messages(warn_of_fingerprints, X, unequal(X.shape[0]), "modify") == ""


@pytest.mark.parametrize(
    ("counts", "suspicious"),
    [
        ([50, 50], True),
        ([50, 51], False),
        ([40, 40, 40], True),
        ([5, 5], False),
        ([200], False),
        ([100, 100, 99], False),
    ],
)
@pytest.mark.parametrize("kind", [int, str, bool, object])
def test_equal_classes_are_asked_about(counts, suspicious, kind):
    if kind is bool and len(counts) > 2:
        return
    y = np.repeat(np.arange(len(counts)), counts)
    y = y.astype(str).astype(object) if kind is object else y.astype(kind)
    message = messages(warn_of_fingerprints, raw(len(y)), y, "modify")
    assert (message != "") == suspicious
    if suspicious:
        assert f"has exactly {counts[0]} rows: were" in message and "?" in message


@pytest.mark.parametrize(
    "ensemble",
    [
        DPAClassifier(n_partitions=3),
        FiniteAggregationClassifier(n_partitions=3, spreading_degree=2),
        BaggingCertifiedClassifier(n_estimators=5, max_samples=9, random_state=0),
    ],
    ids=lambda e: type(e).__name__,
)
def test_fit_warns_once_where_it_was_called_and_can_be_silenced(ensemble):
    X, y = StandardScaler().fit_transform(raw()), np.arange(400) % 2
    with pytest.warns(FingerprintWarning) as caught:
        ensemble.fit(X, y)
    assert len(caught) == 1 and caught[0].filename == __file__
    frame = pd.DataFrame({"x": np.r_[np.arange(399.0), 0.5], "z": raw()[:, 0]})
    with pytest.warns(FormWarning) as caught:
        ensemble.fit(frame, unequal(400))
    assert len(caught) == 1 and caught[0].filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.simplefilter("ignore", FingerprintWarning)
        warnings.simplefilter("ignore", FormWarning)
        ensemble.fit(X, y)
        ensemble.fit(frame, unequal(400))
        ensemble.predict(frame)
