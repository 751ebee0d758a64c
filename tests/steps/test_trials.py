"""Trials see through functions that mix rows, and let pass those that do not."""

import numpy as np
import pandas as pd
import pytest
from scipy import fft, ndimage, special, stats
from scipy.sparse import coo_array, csr_array, csr_matrix
from sklearn.preprocessing import (
    FunctionTransformer,
    add_dummy_feature,
    maxabs_scale,
    minmax_scale,
    normalize,
    quantile_transform,
    robust_scale,
    scale,
)

from sklearn_certify._steps import Circumstances, try_step

pytestmark = pytest.mark.filterwarnings("ignore")

rows_at_hand = pytest.mark.parametrize("n_rows", [1, 3, 20])


def fault_of(function, X):
    step = FunctionTransformer(function).fit(X)
    found = try_step("function", step, X, Circumstances("insert_delete"))
    return None if found is None else found.fault.name


MIXES = {
    "centred": lambda X: X - X.mean(axis=0),
    "scaled": scale,
    "scaled by range": minmax_scale,
    "scaled by the largest": maxabs_scale,
    "scaled robustly": robust_scale,
    "scaled by quantiles": lambda X: quantile_transform(X, n_quantiles=min(len(X), 9)),
    "by scores": lambda X: stats.zscore(X, axis=0),
    "ranks": lambda X: stats.rankdata(X, axis=0),
    "noise": lambda X: X + np.random.RandomState(0).normal(size=X.shape),
    "softmax": lambda X: special.softmax(X, axis=0),
    "distinct rows": lambda X: np.unique(X, axis=0),
    "codes": lambda X: np.unique(X, return_inverse=True)[1].reshape(X.shape),
    "median": lambda X: X - np.median(X),
    "above the mean": lambda X: (X.mean() < X).astype(float),
    "largest three": lambda X: (np.sort(X.ravel())[-3] <= X).astype(float),
    "clipped": lambda X: np.clip(X, *np.percentile(X, [1, 99])),
    "clipped by the first": lambda X: X.clip(max=X[0].max()),
    "by another row": lambda X: X @ X[:1].T,
    "bins": lambda X: np.digitize(X, np.histogram_bin_edges(X, 5)),
    "weights of words": lambda X: X * np.log((1 + len(X)) / (1 + (X > 0).sum(axis=0))),
    "sparse": lambda X: csr_array(X - X.min(axis=0)),
    "gaps filled": lambda X: np.where(np.isnan(X), np.nanmean(X, axis=0), X),
    "any gap": lambda X: X * (1 + np.isnan(X).any()),
    "by 255 if large": lambda X: X / 255 if X.max() > 100 else X,
    "columns that are not zero": lambda X: X[:, X.any(axis=0)],
    "number of rows": lambda X: X / len(X),
    "the row before": lambda X: np.vstack([X[:1], X[:-1]]),
    "float32 product": lambda X: (
        X.astype(np.float32) @ np.cos(np.arange(192.0, dtype="f4")).reshape(64, 3)
    ),
}

ALONE = {
    "normalized": normalize,
    "one more column": add_dummy_feature,
    "logarithm": np.log1p,
    "root": np.sqrt,
    "power": lambda X: np.abs(X) ** 0.3,
    "waves": lambda X: np.c_[np.sin(X), np.cos(X)],
    "float32": lambda X: np.tanh(X.astype(np.float32)),
    "float16": lambda X: X.astype(np.float16),
    "sums": lambda X: X.sum(axis=1, keepdims=True),
    "standardised rows": lambda X: (X - X.mean(1, keepdims=True)) / (X.std(1, keepdims=True) + 1),
    "ranks in a row": lambda X: stats.rankdata(X, axis=1).astype(float),  # always of one type
    "softmax of a row": lambda X: special.softmax(X, axis=1),
    "quantiles of a row": lambda X: np.quantile(X, [0.1, 0.5], axis=1).T,
    "histogram": lambda X: np.array([np.histogram(x, 5, (0, 16))[0] for x in X]),
    "spectrum": lambda X: np.abs(np.fft.rfft2(X.reshape(-1, 8, 8))).reshape(len(X), -1),
    "cosines": lambda X: fft.dctn(X.reshape(-1, 8, 8), axes=(1, 2)).reshape(len(X), -1),
    "blurred": lambda X: ndimage.gaussian_filter(X.reshape(-1, 8, 8), (0, 1, 1)).reshape(
        len(X), -1
    ),
    "sparse": csr_array,
    "sparse matrix": csr_matrix,
    "sparse, by coordinates": coo_array,
    "words": lambda X: np.where(X > 8, "dark", "light"),
    "gaps": lambda X: np.where(X > 8, np.nan, X),
}


@rows_at_hand
@pytest.mark.parametrize("name", MIXES)
def test_what_mixes_rows_is_found(name, n_rows, digits):
    X = digits[2][50 : 50 + n_rows]
    assert fault_of(MIXES[name], X) is not None
    if name not in ("ranks", "sparse"):
        assert fault_of(MIXES[name], 0.01 * X) is not None


@rows_at_hand
@pytest.mark.parametrize("name", ALONE)
def test_what_takes_each_row_alone_passes(name, n_rows, digits):
    for X in (digits[2][50 : 50 + n_rows], digits[2][50 : 50 + n_rows].astype(np.uint8)):
        assert fault_of(ALONE[name], X) is None
        assert fault_of(ALONE[name], np.asfortranarray(X)) is None


def table(n_rows):
    rng = np.random.RandomState(0)
    return pd.DataFrame(
        {
            "n": rng.normal(size=n_rows),
            "i": rng.randint(9, size=n_rows),
            "word": [("red", "green", "blue")[i % 3] for i in range(n_rows)],
            "true": [i % 2 > 0 for i in range(n_rows)],
            "kind": pd.Categorical([("x", "y")[i % 2] for i in range(n_rows)], ["x", "y", "z"]),
            "day": pd.date_range("2020-01-01", periods=n_rows),
        }
    )


TABLES_MIXED = {
    "dummies": lambda t: pd.get_dummies(t[["word"]]),
    "codes": lambda t: t.assign(word=t.word.astype("category").cat.codes),
    "mean in gaps": lambda t: t.assign(n=t.n.fillna(t.n.mean())),
    "mode in gaps": lambda t: t.assign(word=t.word.fillna(t.word.mode()[0])),
    "mode of all": lambda t: t.assign(common=t.word == t.word.mode()[0]),
    "row before in gaps": lambda t: t[["n"]].ffill().fillna(0),
    "interpolated": lambda t: t[["n"]].interpolate(),
    "ranks": lambda t: t[["n"]].rank(),
    "without gaps": lambda t: t.dropna(),
    "index": lambda t: t.assign(k=t.index),
    "sorted": lambda t: t.sort_values("n"),
    "distinct": lambda t: t.drop_duplicates(),
    "days since": lambda t: t.assign(day=(t.day - t.day.min()).dt.total_seconds()),
    "counts": lambda t: t.assign(word=t.word.map(t.word.value_counts())),
    "any true": lambda t: t.assign(any=t.true.any()),
    "first kind": lambda t: t.assign(first=t.kind == t.kind.iloc[0]),
    "longest": lambda t: t.assign(longest=t.word.str.len().max()),
    "smallest type": lambda t: t[["i"]].apply(pd.to_numeric, downcast="integer"),
    "integers unless gaps": lambda t: t.assign(length=t.word.str.len()),
}

TABLES_ALONE = {
    "as it is": lambda t: t,
    "some columns": lambda t: t[["n", "i"]],
    "array": lambda t: t[["n", "i"]].to_numpy(),
    "constant in gaps": lambda t: t.assign(n=t.n.fillna(0), word=t.word.fillna("none")),
    "upper case": lambda t: t.assign(word=t.word.str.upper()),
    "ratio": lambda t: t[["n", "i"]].assign(ratio=t.n / (t.i + 1)),
    "flags": lambda t: t.isna().astype(float),
    "year": lambda t: t.assign(day=t.day.dt.year.astype(float)),
    "row sums": lambda t: t[["n", "i"]].sum(axis=1).to_frame(),
}


@rows_at_hand
@pytest.mark.parametrize("name", TABLES_MIXED)
def test_tables_that_are_mixed_are_found(name, n_rows):
    assert fault_of(TABLES_MIXED[name], table(n_rows)) is not None


@rows_at_hand
@pytest.mark.parametrize("name", TABLES_ALONE)
def test_tables_row_by_row_pass(name, n_rows):
    assert fault_of(TABLES_ALONE[name], table(n_rows)) is None


@rows_at_hand
def test_tables_of_polars(n_rows):
    pl = pytest.importorskip("polars")
    X = pl.from_pandas(table(n_rows)[["n", "i", "word", "day"]])
    n, word = pl.col("n"), pl.col("word")
    for mixed in (
        lambda t: t.with_columns(n - n.mean()),
        lambda t: t.with_columns(n.fill_null(n.mean())),
        lambda t: t.with_columns(n.rank()),
        lambda t: t.with_columns(word.len().over("word").alias("count")),
    ):
        assert fault_of(mixed, X) is not None
    for alone in (
        lambda t: t.with_columns(2 * n),
        lambda t: t.with_columns(word.str.to_uppercase()),
    ):
        assert fault_of(alone, X) is None


@rows_at_hand
def test_texts(n_rows):
    texts = [f"good film {i}" for i in range(n_rows)]

    def counts(texts):
        return [sum(text[:4] == other[:4] for other in texts) for text in texts]

    def common_words_left_out(texts):
        common = set.intersection(*(set(text.split()) for text in texts))
        return [" ".join(w for w in text.split() if w not in common) for text in texts]

    for X in (texts, np.array(texts), np.array(texts, dtype=object), pd.Series(texts)):
        assert fault_of(lambda texts: np.array(counts(texts))[:, None], X) is not None
        assert fault_of(common_words_left_out, X) is not None
        assert fault_of(lambda texts: [text.upper() for text in texts], X) is None
        assert fault_of(lambda texts: np.array([[len(text)] for text in texts]), X) is None


def test_images_of_any_shape(digits):
    images = digits[0][:9].reshape(-1, 2, 4, 8)
    for X in (images, images.astype(np.uint8), images.astype(np.float32), images > 8):
        assert fault_of(lambda X: X.reshape(len(X), -1) / 255, X) is None
        assert fault_of(lambda X: X.reshape(len(X), -1) + X.mean(), X[:1]) is not None


def test_random_numbers_are_found(digits):
    X = digits[0][:9]
    assert fault_of(lambda X: X + np.random.normal(size=X.shape), X) == "UNSTEADY"
    step = FunctionTransformer(lambda X: X + np.random.normal(size=X.shape)).fit(X)
    found = try_step("function", step, X, Circumstances("label_flip"))
    assert found.fault.name == "UNSTEADY"
    step = FunctionTransformer(lambda X: X - X.mean(axis=0)).fit(X)
    assert try_step("function", step, X, Circumstances("label_flip")) is None
