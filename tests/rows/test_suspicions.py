"""Warnings of what only its traces tell: types that a few cells chose, steps fitted on all rows."""

import io
import warnings

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.datasets import load_breast_cancer, load_digits, load_iris, load_wine
from sklearn.decomposition import PCA, TruncatedSVD
from sklearn.preprocessing import MinMaxScaler, Normalizer, RobustScaler, StandardScaler

from sklearn_certify import BaggingCertifiedClassifier, DPAClassifier, FiniteAggregationClassifier
from sklearn_certify._rows import warn_of_fingerprints, warn_of_form
from sklearn_certify.exceptions import FingerprintWarning, FormWarning

pl = pytest.importorskip("polars")
pa = pytest.importorskip("pyarrow")


def messages(function, *args):
    if function is warn_of_form and len(args) == 1:
        args = (*args, unequal(args[0].shape[0]))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        function(*args)
    assert len(caught) <= 1
    return str(caught[0].message) if caught else ""


# ---- forms


CSV = "x,colour,n\n" + "\n".join(f"{i / 3:.3f},red,{i}" for i in range(60)) + "\n"


@pytest.mark.parametrize(
    ("row", "column", "words"),
    [
        (
            "oops,red,1",
            "x",
            ["60 of its 61 cells are numbers", "row 60 holds 'oops'", "to_numeric"],
        ),
        ("1.5,red,?", "n", ["row 60 holds '?'", "dtype=float"]),
        ("1.5,red,2.5", "n", ["60 of 61 are whole numbers", "row 60 holds 2.5", "Int64"]),
        ("1.5,red,", "n", ["60 of 60 are whole numbers", "row 60 holds nan", "Int64"]),
    ],
)
@pytest.mark.parametrize("hold", [lambda f: f, pl.from_pandas, pa.Table.from_pandas])
def test_one_cell_of_a_file_that_changes_a_column_is_told(row, column, words, hold):
    assert messages(warn_of_form, hold(pd.read_csv(io.StringIO(CSV)))) == ""
    frame = pd.read_csv(io.StringIO(CSV + row))
    message = messages(warn_of_form, hold(frame))
    assert f"Column {column!r} holds" in message and message.count("Column") == 1
    if hold is pa.Table.from_pandas or words[1] != "row 60 holds nan":
        for word in words:
            assert word in message


@pytest.mark.parametrize(
    ("cells", "suspicious"),
    [
        (["1", "2", "3", "x"], True),
        (["1", "2", "x", "y"], False),
        (["1", "2", "3", "4"], False),  # read as texts on purpose
        (["1", "2", None, "x"], True),
        (["007", "008", "009", "01O"], True),
        (["a", "b", "c", 3], True),
        ([1, 2, 3, "4"], True),
        ([1, 2, 3, "x"], True),
        ([1, 2, 3, None], True),  # floats, because of the missing one
        (["a", "b", None, "c"], False),
        (["nan", "inf", "infinity", "x"], False),
        ([1.0, 2.0, 3.0, 4.0], False),
        ([1.0, 2.0, 3.0, 4.0, 0.5], True),
        ([1.0, 2.0, 3.5, 0.5], False),
        ([1.0, 2.0, np.nan, 4.0], True),
        ([np.nan, np.nan], False),
        ([1, 2, 3], False),
        ([True, False, None], False),
        ([pd.Timestamp("2024"), None], False),
        ([[1], [2]], False),
    ],
    ids=repr,
)
def test_columns_that_look_chosen_by_a_few_cells(cells, suspicious):
    frame = pd.DataFrame({"x": cells})
    assert (messages(warn_of_form, frame) != "") == suspicious
    if isinstance(cells[0], str):
        for dtype in ("category", object):
            assert (messages(warn_of_form, frame.astype(dtype)) != "") == suspicious


def test_many_columns_are_one_warning():
    frame = pd.DataFrame({f"c{i}": ["1", "2", "3", "x"] for i in range(9)})
    message = messages(warn_of_form, frame)
    assert "'c2'" in message and "'c3'" not in message and "6 more" in message


def test_real_tables_are_not_suspicious():
    for load in (load_iris, load_wine, load_digits, load_breast_cancer):
        assert messages(warn_of_form, load(as_frame=True).data.iloc[:, :5]) == ""


@pytest.mark.parametrize("odd", ["x", "?"])
def test_numbers_that_numpy_turned_into_texts_are_told(odd):
    numbers = np.arange(40.0).reshape(20, 2)
    message = messages(warn_of_form, np.vstack([numbers, [[odd, "0"]]]).astype(object))
    assert "Column 0 holds texts or objects, but 20 of its 21 cells are numbers" in message
    assert f"row 20 holds {odd!r}" in message and "Column 1" not in message
    as_objects = np.vstack([numbers.astype(object), np.array([[odd, 0]], dtype=object)])
    assert messages(warn_of_form, as_objects) == ""  # one cell that changes no other
    labels = np.append(np.arange(20) % 2, odd)
    assert "y holds texts or objects" in messages(warn_of_form, np.zeros((21, 2)), labels)
    assert messages(warn_of_form, np.zeros((21, 2)), np.where(labels == "0", "no", "yes")) == ""


def test_a_long_column_of_texts_is_looked_at_quickly():
    texts = np.array([f"word {i}" for i in range(200_000)], dtype=object)
    assert messages(warn_of_form, pd.DataFrame({"x": texts})) == ""


# ---- fingerprints


def raw(n_rows=400, n_columns=4, seed=0):
    rng = np.random.default_rng(seed)
    return rng.gamma(2, size=(n_rows, n_columns)) * [1, 100, 1e-3, 7] + [0, 1e4, 5, -3]


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


def unequal(n_rows):
    return np.arange(n_rows) ** 2 % 3


@pytest.mark.parametrize("kind", SCALED)
def test_scaled_columns_leave_fingerprints(kind):
    X = SCALED[kind]
    message = messages(warn_of_fingerprints, X, unequal(X.shape[0]))
    centred_alone = kind in ("PCA", "PCA float32", "centred")
    assert ("mean 0 and variance 1" in message) == (not centred_alone)
    assert ("mean 0 to the last digits" in message) == centred_alone
    assert "FingerprintWarning" in message and "make_pipeline" in message


@pytest.mark.parametrize("kind", NOT_SCALED)
def test_raw_columns_leave_none(kind):
    X = NOT_SCALED[kind]
    with np.errstate(all="raise"):
        assert messages(warn_of_fingerprints, X, unequal(X.shape[0])) == ""


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
    message = messages(warn_of_fingerprints, raw(len(y)), y)
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
