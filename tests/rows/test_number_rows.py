"""Filters, and whatever else takes numbers alone, say what is no number."""

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.base import BaseEstimator

from sklearn_certify._rows import RowForm, check_number_rows
from sklearn_certify.sanitize import SpectralSignatureFilter

pl = pytest.importorskip("polars")
pa = pytest.importorskip("pyarrow")

X = np.random.default_rng(0).normal(size=(60, 3))


@pytest.mark.parametrize(
    "held",
    [
        X,
        np.asfortranarray(X),
        X.astype(object),
        X.tolist(),
        pd.DataFrame(X),
        pd.DataFrame(X).astype("Float64"),
        pd.DataFrame(X, columns=list("abc")),
        pl.DataFrame(X),
        pa.table({"a": X[:, 0], "b": X[:, 1], "c": X[:, 2]}),
        pa.RecordBatch.from_pydict({"a": X[:, 0], "b": X[:, 1], "c": X[:, 2]}),
    ],
    ids=lambda held: type(held).__name__,
)
def test_numbers_in_whatever_holds_them(held):
    estimator = BaseEstimator()
    rows, form = check_number_rows(estimator, held)
    assert rows.dtype == np.float64 and rows.flags.c_contiguous and estimator.n_features_in_ == 3
    np.testing.assert_array_equal(rows, X)
    again, same = check_number_rows(estimator, held, form)
    np.testing.assert_array_equal(again, X)
    assert same is form and set(vars(estimator)) <= {"n_features_in_", "feature_names_in_"}


DAYS = pd.date_range("2024", periods=60)
OTHERS = {
    "a column of times": (pd.DataFrame({"a": X[:, 0], "when": DAYS}), "column 'when' .* times"),
    "a column with zone": (
        pd.DataFrame({"when": DAYS.tz_localize("UTC"), "a": X[:, 0]}),
        "column 'when' .* times",
    ),
    "a column of spans": (pd.DataFrame({"long": DAYS - DAYS[0]}), "column 'long' .* time spans"),
    "times": (DAYS.to_numpy().reshape(30, 2), "X holds times"),
    "spans": ((DAYS - DAYS[0]).to_numpy().reshape(30, 2), "X holds time spans"),
    "texts": (np.array([["a", "b"]] * 60), "X holds texts"),
    "texts that spell numbers": (np.array([["1", "2"]] * 60), "X holds texts"),
    "bytes": (np.array([["a", "b"]] * 60, dtype="S"), "X holds texts"),
    "list of texts": ([["a", "b"]] * 60, "takes numbers"),
    "mixed list": ([[1, "b"]] * 60, "mixes numbers"),
    "objects": (np.array([["a", 1]] * 60, dtype=object), "takes numbers.*'a'"),
    "times as objects": (pd.DataFrame({"a": DAYS.astype(object)}), "takes numbers|holds times"),
    "a column of texts": (pd.DataFrame({"a": X[:, 0], "b": ["red"] * 60}), "takes numbers"),
    "categories": (pd.DataFrame({"b": pd.Categorical(["red"] * 60)}), "takes numbers"),
    "polars times": (pl.DataFrame({"a": DAYS.to_list()}), "column 'a' .* times"),
    "polars texts": (pl.DataFrame({"a": ["red"] * 60}), "takes numbers"),
    "arrow times": (pa.table({"a": pa.array(DAYS)}), "column 'a' .* times"),
    "arrow texts": (pa.table({"a": ["red"] * 60}), "takes numbers"),
    "one text per row": (["red"] * 60, "takes numbers|2D"),
    "repeated names": (pd.DataFrame(X, columns=list("aab")), "2 columns named 'a'"),
    "missing": (pd.DataFrame({"a": pd.array([1, None] * 30, dtype="Int64")}), "NaN"),
}


@pytest.mark.parametrize("kind", OTHERS)
@pytest.mark.parametrize("fitted", [None, RowForm((3,), None, True)])
def test_what_is_no_number_is_one_sentence(kind, fitted):
    held, message = OTHERS[kind]
    with pytest.raises(ValueError, match=message) as raised:
        check_number_rows(BaseEstimator(), held, fitted)
    assert len(str(raised.value)) < 400 or kind == "missing"  # that is scikit-learn's
    if fitted is None:
        with pytest.raises(ValueError, match=message):
            SpectralSignatureFilter().fit(held, np.arange(len(held)) % 2)


@pytest.mark.parametrize("hold", [lambda f: f, pl.from_pandas, pa.Table.from_pandas])
def test_columns_are_compared(hold):
    estimator, frame = BaseEstimator(), pd.DataFrame(X, columns=list("abc"))
    _, form = check_number_rows(estimator, hold(frame))
    with pytest.raises(ValueError, match="same order"):
        check_number_rows(estimator, hold(frame[["b", "a", "c"]]), form)
    numbered = pd.DataFrame(X)
    _, form = check_number_rows(estimator, numbered)
    with pytest.raises(ValueError, match="same order"):
        check_number_rows(estimator, numbered[[1, 0, 2]], form)


def test_filters_take_images_and_sparse_rows():
    y = np.arange(60) % 2
    kept = SpectralSignatureFilter().fit(X, y).keep_mask_
    for held in (X.reshape(60, 3, 1), sparse.csr_array(X), X.astype(np.float32)):
        assert (SpectralSignatureFilter().fit(held, y).keep_mask_ == kept).mean() > 0.95
