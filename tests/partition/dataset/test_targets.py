"""Data sets of numbers to predict: kept as float64, finite, and never mistaken for labels."""

import json
from hashlib import sha256

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sklearn_certify.exceptions import InvalidInputError
from sklearn_certify.partition import (
    PartitionedDataset,
    combine_hashes,
    hash_labels,
    hash_rows,
    split,
)

RNG = np.random.default_rng(4)
N_ROWS, N_PARTITIONS = 60, 5
X = RNG.normal(size=(N_ROWS, 3)).round(2)
Y = RNG.normal(size=N_ROWS) * 10
TABLE = pd.DataFrame(X, columns=list("abc")).assign(price=Y)


def write(folder, source, **settings):
    return PartitionedDataset.write(
        folder, source, N_PARTITIONS, **{"target_type": "numbers", **settings}
    )


def parquet_file(folder):
    pq.write_table(pa.Table.from_pandas(TABLE), folder / "rows.parquet")
    return folder / "rows.parquet"


def csv_file(folder):
    TABLE.to_csv(folder / "rows.csv", index=False)
    return folder / "rows.csv"


SOURCES = {
    "pandas": (lambda folder: TABLE, {}),
    "blocks": (lambda folder: (TABLE.iloc[i : i + 7] for i in range(0, N_ROWS, 7)), {}),
    "polars": (lambda folder: pl.from_pandas(TABLE), {}),
    "arrow": (lambda folder: pa.Table.from_pandas(TABLE), {}),
    "parquet": (parquet_file, {}),
    "csv": (csv_file, {"schema": dict.fromkeys([*"abc", "price"], "float64")}),
}


@pytest.mark.parametrize("by", ["features", "sample"])
@pytest.mark.parametrize("name", SOURCES)
def test_numbers_of_any_source_come_back(name, by, tmp_path):
    make, settings = SOURCES[name]
    dataset = write(tmp_path / "set", make(tmp_path), target="price", partition_by=by, **settings)
    hashes = hash_rows(X)
    if by == "sample":
        hashes = combine_hashes(hashes, hash_labels(Y))
    partition = split(hashes, N_PARTITIONS)
    for number in range(N_PARTITIONS):
        _, y, _ = PartitionedDataset(tmp_path / "set").read(number)
        assert y.dtype == np.float64
        np.testing.assert_array_equal(np.sort(y), np.sort(Y[partition == number]))
    assert dataset.rows_per_partition.tolist() == np.bincount(partition, minlength=5).tolist()


def test_numbers_are_no_labels(tmp_path):
    dataset = write(tmp_path, (X, Y))
    for state in (dataset, dataset.append((X[:9], Y[:9])), dataset.remove((X[:20], Y[:20]))):
        assert (len(state.classes), len(state.labels), state.label_counts) == (0, 0, {})
    assert dataset.n_rows == N_ROWS - 20
    manifest = max(tmp_path.glob("manifest-*.json"))
    assert manifest.stat().st_size < 5000  # it does not grow with the rows


NOT_FINITE = {
    "NaN": np.where(np.arange(N_ROWS) == 50, np.nan, Y),
    "infinity": np.where(np.arange(N_ROWS) == 50, -np.inf, Y),
    "None": np.where(np.arange(N_ROWS) == 50, None, Y.astype(object)),
    "NA": pd.Series(Y, dtype="Float64").where(np.arange(N_ROWS) != 50),
    "null": pa.array(np.where(np.arange(N_ROWS) == 50, None, Y.astype(object)).tolist()),
    "text": np.where(np.arange(N_ROWS) == 50, "12", Y.astype(object)),
    "texts": Y.astype(str),
    "times": np.full(N_ROWS, np.datetime64("2020-01-01")),
    "complex": Y.astype(complex),
    "columns": np.column_stack([Y, Y]),
    "too large": [10**400, *Y[1:].tolist()],
}


@pytest.mark.parametrize("kind", NOT_FINITE)
def test_what_is_no_finite_number_is_refused(kind, tmp_path):
    y = NOT_FINITE[kind]
    with pytest.raises(InvalidInputError, match=r"After 20 rows: .*\by\b"):
        write(tmp_path, [(X[:20], Y[:20]), (X, y)])
    assert list(tmp_path.iterdir()) == []
    dataset = write(tmp_path, (X, Y))
    with pytest.raises(InvalidInputError, match=r"After 0 rows: .*\by\b"):
        dataset.append((X, y))
    assert PartitionedDataset(tmp_path).n_rows == N_ROWS


def test_an_infinite_label_is_refused_where_it_is(tmp_path):
    y = np.where(np.arange(N_ROWS) == 50, np.inf, 1.0)
    with pytest.raises(InvalidInputError, match=r"After 20 rows: .*infinity"):
        write(tmp_path, [(X[:20], y[:20]), (X, y)], target_type="labels")


@pytest.mark.parametrize(
    "settings, said",
    [
        ({"target_type": "continuous"}, "target_type must be 'labels' or 'numbers'"),
        ({"target_type": None}, "target_type must be"),
        ({"classes": [1.0, 2.0]}, "classes are labels; leave them out"),
        ({"target": "nobody"}, "no column 'nobody'"),
        ({}, "name the column of labels or numbers"),
    ],
)
def test_settings_are_checked(settings, said, tmp_path):
    with pytest.raises(InvalidInputError, match=said):
        write(tmp_path, TABLE, **settings)


def test_rows_without_numbers_are_refused(tmp_path):
    with pytest.raises(InvalidInputError, match="Rows need numbers: give blocks as"):
        write(tmp_path, (X, None))


def test_both_zeros_are_one_number(tmp_path):
    dataset = write(tmp_path, (X[:2], np.array([-0.0, 0.0])))
    y = np.concatenate([dataset.read(number)[1] for number in range(N_PARTITIONS)])
    assert not np.signbit(y).any()
    assert dataset.remove((X[:1], [0.0])).n_rows == 1


def test_a_data_set_from_before_there_were_numbers_has_labels(tmp_path):
    PartitionedDataset.write(tmp_path, (X, Y > 0), N_PARTITIONS)
    (path,) = tmp_path.glob("manifest-*.json")
    content = json.loads(path.read_bytes())["content"]
    del content["settings"]["target_type"]
    text = json.dumps(content)
    digest = sha256(text.encode()).hexdigest()
    path.write_text(f'{{"format": 1, "digest": "{digest}", "content": {text}}}')
    dataset = PartitionedDataset(tmp_path)
    assert dataset.target_type == "labels"
    assert dataset.append((X, Y > 0)).n_rows == 2 * N_ROWS
