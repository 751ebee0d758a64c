"""Rows come from anywhere, and become the same data set."""

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.dataset
import pyarrow.parquet as pq
import pytest

from sklearn_certify.exceptions import InvalidInputError
from sklearn_certify.partition import PartitionedDataset

RNG = np.random.default_rng(1)
TABLE = pd.DataFrame(
    {
        "age": RNG.integers(20, 60, 90),
        "label": RNG.integers(0, 2, 90),
        "size": RNG.normal(size=90),
        "who": RNG.integers(0, 9, 90),
        "city": pd.Series(np.array(["Rome", "Paris", "Oslo"])[RNG.integers(0, 3, 90)], dtype="str"),
    }
)
SCHEMA = {"age": "int64", "label": "int64", "size": "float64", "who": "int64", "city": "string"}
COLUMNS = ["age", "size", "city"]


def parquet_files(folder, table):
    paths = [folder / "a.parquet", folder / "b.parquet"]
    pq.write_table(table.slice(0, 50), paths[0], row_group_size=7)
    pq.write_table(table.slice(50), paths[1])
    return paths


def csv_file(folder):
    TABLE.to_csv(folder / "rows.csv", index=False)
    return folder / "rows.csv"


def sources(folder):
    table = pa.Table.from_pandas(TABLE, preserve_index=False)
    paths = parquet_files(folder, table)
    yield "pandas", TABLE, None
    yield "blocks", (TABLE.iloc[i : i + 20] for i in range(0, 90, 20)), None
    yield "polars", pl.DataFrame(TABLE.to_dict("list")), None
    yield "arrow", table, None
    yield "path", str(csv_file(folder)), SCHEMA
    yield "paths", paths, None
    yield "pattern", str(folder / "*.parquet"), None
    yield "schema", paths, SCHEMA
    yield "arrow dataset", pa.dataset.dataset(paths), None
    yield "reader", table.to_reader(max_chunksize=11), None
    yield "batches", iter(table.to_batches(max_chunksize=11)), None
    dask = pytest.importorskip("dask.dataframe")
    yield "dask", dask.from_pandas(TABLE, npartitions=4), None


def contents(dataset):
    """Return the rows of each partition as plain values, in no order."""
    for number in range(dataset.n_partitions):
        X, y, groups = dataset.read(number)
        X = X.to_pandas() if hasattr(X, "to_pandas") else X
        assert list(X.columns) == COLUMNS
        columns = [X[name].tolist() for name in COLUMNS]
        yield sorted(zip(*columns, y.tolist(), groups.tolist(), strict=True))


def test_all_sources_give_the_same_partitions(tmp_path):
    datasets = {
        name: PartitionedDataset.write(
            tmp_path / name, source, 5, target="label", groups="who", schema=schema
        )
        for name, source, schema in sources(tmp_path)
    }
    expected = list(contents(datasets["pandas"]))
    assert sum(map(len, expected)) == len(TABLE)
    for name, dataset in datasets.items():
        assert list(contents(dataset)) == expected, name


def test_appended_files_have_the_columns_of_the_first(tmp_path):
    whole = PartitionedDataset.write(tmp_path / "whole", TABLE, 5, target="label", groups="who")
    dataset = PartitionedDataset.write(
        tmp_path / "parts", TABLE.iloc[:30], 5, target="label", groups="who"
    )
    dataset.append(TABLE.iloc[30:])
    assert list(contents(dataset)) == list(contents(whole))


@pytest.mark.parametrize(
    "make, arguments, said",
    [
        (csv_file, {"target": "label"}, "pass schema="),
        (csv_file, {"target": "label", "schema": {"age": "whole"}}, "which Arrow does not know"),
        (csv_file, {"target": "label", "schema": {**SCHEMA, "age": "bool"}}, "cannot be read"),
        (lambda folder: TABLE, {}, "name the column of labels"),
        (lambda folder: TABLE, {"target": "nobody"}, "no column 'nobody'"),
        (lambda folder: TABLE, {"target": "label", "schema": SCHEMA}, "schema is for files"),
        (lambda folder: folder / "none.csv", {"target": "label"}, "There is no file"),
        (lambda folder: __file__, {"target": "label"}, "no file of Parquet"),
        (lambda folder: np.ones((3, 3)), {}, "source is a ndarray"),
        (lambda folder: 7, {}, "source is a int"),
        (lambda folder: [(1, 2, 3, 4)], {}, "a tuple of 4"),
    ],
)
def test_a_source_that_does_not_tell_is_refused(make, arguments, said, tmp_path):
    with pytest.raises(InvalidInputError, match=said):
        PartitionedDataset.write(tmp_path / "set", make(tmp_path), 5, **arguments)
    assert not (tmp_path / "set").exists() or list((tmp_path / "set").iterdir()) == []


def test_settings_are_checked(tmp_path):
    rows = (np.ones((3, 2)), [0, 1, 0])
    for settings in ({"n_partitions": 0}, {"n_partitions": 2.5}, {"partition_by": "label"}):
        with pytest.raises(InvalidInputError, match=next(iter(settings))):
            PartitionedDataset.write(tmp_path, rows, **{"n_partitions": 3, **settings})
    with pytest.raises(InvalidInputError, match="classes lacks: \\[0\\]"):
        PartitionedDataset.write(tmp_path, rows, 3, classes=[1, 2])
    PartitionedDataset.write(tmp_path, rows, 3, classes=[0, 1, 2])
    with pytest.raises(InvalidInputError, match="overwrite=True"):
        PartitionedDataset.write(tmp_path, rows, 3)
    with pytest.raises(InvalidInputError, match="classes lacks: \\[7\\]"):
        PartitionedDataset(tmp_path).append((np.ones((1, 2)), [7]))
    again = PartitionedDataset.write(tmp_path, rows, 5, overwrite=True)
    assert (again.n_partitions, again.n_rows, again.classes.tolist()) == (5, 3, [0, 1])
