"""Rows are read as those of another table were: each alone."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sklearn_certify.cli._data import TableOptions, read_dataset_and_scheme
from sklearn_certify.cli._scheme import Scheme, read_with, suffix_of
from sklearn_certify.cli.tables import Table

from .commands import MIXED_NAMES, mixed_rows, write

CELLS = st.sampled_from(
    ["", "1", "1.5", "1,5", "1.234", "1,234", "1.234,5", "7 %", "x", "NA", "-9", "$ 3", "1e5"]
)


def same(one, other):
    return np.array_equal(one, other) or all(
        a == b or (a != a and b != b) for a, b in zip(one.ravel(), other.ravel(), strict=True)
    )


@pytest.mark.parametrize("decimal", [".", ","])
@given(rows=st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=2, max_size=9))
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_row_decides_how_another_is_read(decimal, rows):
    scheme = Scheme([("a", "number"), ("b", "text"), ("c", "number")], decimal=decimal)
    columns = [list(cells) for cells in zip(*rows, strict=True)]
    table = Table("t.csv", list("abc"), columns, list(range(len(rows))))
    together, _ = read_with(scheme, table, "t.csv")
    for number in range(len(rows)):
        alone, _ = read_with(scheme, table.take([number]), "t.csv")
        assert same(alone, together[[number]])


@pytest.mark.parametrize(
    ("names", "rows", "options"),
    [
        (MIXED_NAMES, list(mixed_rows()), {}),
        (MIXED_NAMES, list(mixed_rows()), {"columns": [("age", "text")], "missing": ["7"]}),
        (["x", "y"], [[f"1.{i % 4}00", "ab"[i % 2]] for i in range(60)], {"decimal": ","}),
        (["x", "y"], [[f"{i % 4},5", "ab"[i % 2]] for i in range(60)], {}),
        (
            ["x", "y"],
            [[f"1{'.' * (i % 2)}234", "ab"[i % 2]] for i in range(60)],
            {"thousands": "."},
        ),
    ],
)
def test_the_table_itself_is_read_the_same(names, rows, options, tmp_path):
    path = write(tmp_path / "t.csv", names, rows, ";")
    dataset, scheme = read_dataset_and_scheme(path, TableOptions(**options))
    kept = Scheme.from_json(scheme.as_json(), path)
    X, _ = read_with(kept, kept.table(path, set()), path)
    assert X.dtype == dataset.X.dtype
    assert same(X, dataset.X)


def test_files_of_other_forms(tmp_path):
    rows = [[i / 7, "uv"[i % 2], "ab"[i % 2]] for i in range(40)]
    path = write(tmp_path / "t.csv", ["x", "y", "z"], rows)
    (tmp_path / "t.txt").write_text(
        "\n".join(" ".join(map(str, row)) for row in [["z", "y", "x"], *(r[::-1] for r in rows)])
    )
    dataset, scheme = read_dataset_and_scheme(path, TableOptions(delimiter=","))
    X, _ = read_with(scheme, scheme.table(str(tmp_path / "t.txt"), set()), "t.txt")
    assert same(X, dataset.X)


def test_json_lines_need_not_name_what_they_have_nothing_of(tmp_path):
    path = write(tmp_path / "t.csv", ["x", "y"], [[i % 5, "ab"[i % 2]] for i in range(40)])
    scheme = read_dataset_and_scheme(path)[1]
    (tmp_path / "new.jsonl").write_text('{"other": 1}\n{"other": 2}\n')
    X, _ = read_with(scheme, scheme.table(str(tmp_path / "new.jsonl"), set()), "new.jsonl")
    assert np.isnan(X).tolist() == [[True], [True]]


@pytest.mark.parametrize(
    ("path", "suffix"),
    [("a.csv", ".csv"), ("a.b.CSV.gz", ".csv"), ("-", ".csv"), ("t.v2.parquet", ".parquet")],
)
def test_suffixes(path, suffix):
    assert suffix_of(path) == suffix
