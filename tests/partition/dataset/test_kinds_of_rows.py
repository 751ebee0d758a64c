"""Whatever rows are made of, they come back as they were."""

from datetime import date, datetime
from decimal import Decimal

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from scipy.sparse import csr_array, csr_matrix

from sklearn_certify._rows import content_digest, take_rows
from sklearn_certify._rows.tables import canonical_table, is_table
from sklearn_certify.exceptions import InvalidInputError
from sklearn_certify.partition import PartitionedDataset, hash_labels, hash_rows, split

N_ROWS, N_PARTITIONS = 120, 7
RNG = np.random.default_rng(0)
NUMBERS = RNG.normal(size=(N_ROWS, 6))
NUMBERS[::9, 0] = np.nan
NUMBERS[::5, 1] = -0.0
NUMBERS[1::5, 1] = 0.0
NUMBERS.view(np.int64)[::11, 2] = 0x7FF8000000000123  # NaN with a payload
LABELS = RNG.integers(0, 3, N_ROWS)
WORDS = np.array(["red", "green", "", "blue \udc80", "naïve\0"], dtype=object)
TEXTS = WORDS[RNG.integers(0, 5, N_ROWS)]
PLAIN_TEXTS = np.array(["red", "green", "", "blå"], dtype=object)[RNG.integers(0, 4, N_ROWS)]
CELLS = np.empty((N_ROWS, 2), dtype=object)
CELLS[:, 0] = TEXTS
ODD = [None, float("nan"), pd.NA, pd.NaT, 1, 2**70, True, -0.0, b"raw", date(2020, 1, 2)]
ODD += [datetime(2020, 1, 2, 3), Decimal("1.50"), np.float32(2.5), np.datetime64("2020-01-01")]
ODD += [np.str_("numpy"), np.timedelta64(1, "ns")]
CELLS[:, 1] = [ODD[row % len(ODD)] for row in range(N_ROWS)]
MOMENTS = np.datetime64("2020-01-01", "ns") + RNG.integers(0, 10**15, N_ROWS)
FRAME = pd.DataFrame(
    {
        "float32": NUMBERS[:, 2].astype(np.float32),
        "float64": NUMBERS[:, 0],
        "half": NUMBERS[:, 3].astype(np.float16),
        "whole": LABELS.astype(np.int16),
        "truth": NUMBERS[:, 3] > 0,
        "moment": MOMENTS.copy(),
        "span": MOMENTS - MOMENTS[0],
        "zoned": pd.Series(MOMENTS).dt.tz_localize("UTC").dt.tz_convert("Europe/Paris"),
        "text": pd.Series(PLAIN_TEXTS.copy(), dtype="str"),
        "nullable text": pd.Series(PLAIN_TEXTS.copy(), dtype="string[python]"),
        "category": pd.Categorical(PLAIN_TEXTS, categories=["", "red", "green", "blå", "no"]),
        "level": pd.Categorical(LABELS, categories=[2, 1, 0], ordered=True),
        "nullable": pd.Series(LABELS, dtype="Int64"),
        "maybe": pd.Series(NUMBERS[:, 4] > 0, dtype="boolean"),
        "cells": CELLS[:, 1],
    }
)
FRAME.loc[::4, ["moment", "zoned", "text", "nullable text", "category", "nullable", "maybe"]] = None
POLARS = pl.DataFrame(
    {
        "float": NUMBERS[:, 2],
        "text": PLAIN_TEXTS.tolist(),
        "whole": [None, *LABELS.tolist()[1:]],
        "moment": MOMENTS,
        "day": [date(2020, 1, 1), None] * 60,
        "enum": pl.Series(["b", "a", None] * 40, dtype=pl.Enum(["b", "a"])),
        "category": pl.Series(PLAIN_TEXTS.tolist(), dtype=pl.Categorical),
        "truth": NUMBERS[:, 0] > 0,
    }
)
ARROW = pa.table(
    {
        "float": pa.array(NUMBERS[:, 2], from_pandas=False),
        "text": pa.array(PLAIN_TEXTS.tolist()).dictionary_encode(),
        "whole": pa.array([None, *LABELS.tolist()[1:]], pa.int32()),
        "moment": pa.array(MOMENTS),
        "day": pa.array([date(2020, 1, 1), None] * 60),
        "truth": pa.array((NUMBERS[:, 0] > 0).tolist()),
        "amount": pa.array([Decimal("1.50"), None] * 60),
    }
)
ROWS = {
    "float64": NUMBERS,
    "float32": NUMBERS.astype(np.float32),
    "float16": NUMBERS.astype(np.float16),
    "big-endian": NUMBERS.astype(">f8"),
    "column-major": np.asfortranarray(NUMBERS),
    "images": (NUMBERS * 20).view(np.uint8).reshape(N_ROWS, 4, 4, 3),
    "truth values": NUMBERS > 0,
    "times": np.stack([MOMENTS, MOMENTS], axis=1),
    "csr_array": csr_array(np.nan_to_num(np.maximum(NUMBERS, 0))),
    "csr_matrix": csr_matrix(np.round(np.nan_to_num(np.maximum(NUMBERS, 0)))).astype(np.float32),
    "texts": TEXTS,
    "cells": CELLS,
    "pandas": FRAME,
    "numbered columns": pd.DataFrame(NUMBERS),
    "repeated names": pd.DataFrame(NUMBERS[:, :2], columns=["a", "a"]),
    "polars": POLARS,
    "arrow": ARROW,
}


def as_voters_get_it(X):
    return canonical_table(X) if is_table(X) else np.ascontiguousarray(X) if is_array(X) else X


def is_array(X):
    return isinstance(X, np.ndarray)


def pieces(X, size):
    for start in range(0, N_ROWS, size):
        rows = slice(start, start + size)
        if isinstance(X, pd.DataFrame):
            yield X.iloc[rows], LABELS[rows]
        else:
            yield X[rows] if not isinstance(X, pa.Table) else X.slice(start, size), LABELS[rows]


@pytest.mark.parametrize("size", [13, N_ROWS])
@pytest.mark.parametrize("kind", ROWS)
def test_rows_come_back_to_the_last_bit(kind, size, tmp_path):
    X = ROWS[kind]
    dataset = PartitionedDataset.write(tmp_path, pieces(X, size), N_PARTITIONS)
    dataset = PartitionedDataset(tmp_path)
    expected = as_voters_get_it(X)
    partition = split(hash_rows(expected), N_PARTITIONS)
    np.testing.assert_array_equal(
        dataset.rows_per_partition, np.bincount(partition, minlength=N_PARTITIONS)
    )
    for number in range(N_PARTITIONS):
        rows = np.flatnonzero(partition == number)
        X_read, y_read, groups = dataset.read(number)
        assert type(X_read) is type(X)
        assert groups is None
        if len(rows):
            found = content_digest(as_voters_get_it(X_read), y_read)
            assert found == content_digest(take_rows(expected, rows), LABELS[rows])


@pytest.mark.parametrize("kind", ROWS)
def test_an_empty_partition_has_rows_of_the_same_form(kind, tmp_path):
    X = ROWS[kind]
    dataset = PartitionedDataset.write(tmp_path, (X, LABELS), 10_000)
    empty = int(np.flatnonzero(dataset.rows_per_partition == 0)[0])
    X_read, y_read, _ = dataset.read(empty)
    assert type(X_read) is type(X)
    assert X_read.shape == (0, *X.shape[1:])
    assert len(y_read) == 0


@pytest.mark.parametrize(
    "labels",
    [
        LABELS.astype(np.int8),
        LABELS.astype(np.float64),
        LABELS > 0,
        np.array(["a", "bb", "ccc"])[LABELS],
        np.array(["a", "b\udc80", ""], dtype=object)[LABELS],
        LABELS.tolist(),
        pd.Series(LABELS),
    ],
    ids=["int8", "float64", "bool", "texts", "objects", "list", "series"],
)
def test_labels_and_groups_come_back(labels, tmp_path):
    groups = [f"contributor {row % 11}" for row in range(N_ROWS)]
    dataset = PartitionedDataset.write(tmp_path, (NUMBERS, labels, groups), N_PARTITIONS)
    partition = split(hash_labels(groups), N_PARTITIONS)
    assert dataset.grouped
    assert dataset.classes.tolist() == np.unique(np.asarray(labels)).tolist()
    for number in range(N_PARTITIONS):
        rows = np.flatnonzero(partition == number)
        X_read, y_read, groups_read = dataset.read(number)
        np.testing.assert_array_equal(X_read, NUMBERS[rows])
        assert y_read.tolist() == np.asarray(labels)[rows].tolist()
        assert groups_read.tolist() == [groups[row] for row in rows]


@pytest.mark.parametrize(
    "X, said",
    [
        (NUMBERS.astype(np.longdouble), "extended floats"),
        (NUMBERS.astype(complex), "cannot keep rows in a ndarray of complex128"),
        (np.array([[pd.Timestamp("2020")]] * N_ROWS, dtype=object), "cell is a Timestamp"),
        (pd.DataFrame({"p": pd.period_range("2020", periods=N_ROWS)}), "column 'p' is of type"),
        (pd.DataFrame({"x": [[1]] * N_ROWS}), "Column 'x'"),
        (pl.DataFrame({"x": [[1]] * N_ROWS}), "column 'x' is of type"),
        (pa.table({"x": [[1]] * N_ROWS}), "column 'x' is of type"),
        (NUMBERS[:, 0], "X must be rows"),
        (NUMBERS[:, :0], "at least one cell"),
        (FRAME[[]], "at least one cell"),
    ],
)
def test_what_cannot_be_kept_is_refused(X, said, tmp_path):
    with pytest.raises(InvalidInputError, match=said):
        PartitionedDataset.write(tmp_path, (X, LABELS), N_PARTITIONS)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "first, second, said",
    [
        (NUMBERS.astype("f4"), NUMBERS, "are of float64, not float32"),
        (NUMBERS, NUMBERS[:, :5], r"shape \(5,\)"),
        (NUMBERS, TEXTS, "a ndarray"),
        (TEXTS, NUMBERS, "not one text per row"),
        (
            csr_array(LABELS[:, None] * 1),
            csr_array(LABELS[:, None] * 1.5),
            "sparse matrix of int64",
        ),
        (FRAME[["whole"]], FRAME[["truth"]], "columns are"),
        (FRAME[["whole"]], FRAME[["whole"]].astype(float), "column 'whole' is of type"),
        (POLARS[["float"]], POLARS[["float"]].cast(pl.Float32), "the rows are"),
        (ARROW.select(["day"]), ARROW.select(["float"]), "the columns are"),
        (FRAME[["whole"]], NUMBERS[:, :1], "not a DataFrame"),
    ],
)
def test_a_later_block_of_another_form_is_refused(first, second, said, tmp_path):
    with pytest.raises(InvalidInputError, match=f"After {N_ROWS} rows: .*{said}"):
        PartitionedDataset.write(tmp_path, [(first, LABELS), (second, LABELS)], N_PARTITIONS)


def test_a_later_block_may_be_narrower(tmp_path):
    narrow = np.round(NUMBERS[:, :1].astype(np.float32), 1)
    dataset = PartitionedDataset.write(tmp_path, [(NUMBERS[:, :1], LABELS), (narrow, LABELS)], 1)
    X, y, _ = dataset.read(0)
    np.testing.assert_array_equal(X, np.concatenate([NUMBERS[:, :1], narrow.astype(float)]))


def test_blocks_do_not_mix_labels_or_groups(tmp_path):
    for blocks in (
        [(NUMBERS, LABELS), (NUMBERS, LABELS.astype(str))],
        [(NUMBERS, LABELS), (NUMBERS, LABELS + 0.0)],
        [(NUMBERS, LABELS), (NUMBERS, LABELS, LABELS)],
        [(NUMBERS, LABELS[1:])],
        [(NUMBERS, None)],
        [NUMBERS],
        [],
    ):
        with pytest.raises(InvalidInputError):
            PartitionedDataset.write(tmp_path, blocks, N_PARTITIONS)


def test_few_rows_of_many_labels_are_no_surprise(tmp_path, recwarn):
    dataset = PartitionedDataset.write(tmp_path, (NUMBERS, np.arange(N_ROWS)), N_PARTITIONS)
    assert len(dataset.classes) == N_ROWS
    assert not recwarn.list
