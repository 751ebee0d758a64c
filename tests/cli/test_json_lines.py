"""JSON lines: every row names its own columns, and none decides about those of others."""

import json

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from sklearn_certify.cli._data import TableOptions, read_dataset
from sklearn_certify.exceptions import InvalidInputError


def json_rows(n=60):
    for row in range(n):
        yield {"x": row % 2 + 0.01 * row, "n": row, "word": "red", "y": row % 2}


JSON_POISON = {
    "another name": {"x": 1, "n": -1, "word": "red", "y": 0, "more": 5},
    "another order": {"y": 0, "word": "red", "n": -1, "x": 1},
    "fewer names": {"n": -1, "y": 0},
    "no name but those of labels": {"y": "x"},
    "other types": {"x": "text", "n": "-1", "word": 7, "y": True},
    "nested": {"x": [1, 2], "n": {"a": 1}, "word": None, "y": "0"},
    "not finite": {"x": float("inf"), "n": float("nan"), "word": "", "y": 1.0},
    "far": {"x": 10**400, "n": -1, "word": "red", "y": 2**70},
    "no label": {"x": "text", "n": "text", "word": 7, "other": 1},
}


@pytest.mark.parametrize("poison", JSON_POISON.values(), ids=JSON_POISON)
def test_a_row_of_json_lines_changes_no_other(tmp_path, poison):
    path, options = tmp_path / "t.jsonl", TableOptions(target="y")
    rows = list(json_rows())
    path.write_text("\n".join(map(json.dumps, rows)))
    clean = read_dataset(str(path), options)
    assert clean.radius_limit >= 1
    assert clean.text_columns == [2]  # in the order of the rows
    for place in (0, 30, 60):
        path.write_text("\n".join(map(json.dumps, [*rows[:place], poison, *rows[place:]])))
        dataset = read_dataset(str(path), options)
        others = [row for row in range(len(dataset.y)) if row != place or len(dataset.y) == 60]
        assert np.array_equal(dataset.X[others], clean.X)
        assert np.array_equal(dataset.y[others], clean.y)


def test_names_that_few_rows_have(tmp_path):
    path = tmp_path / "t.jsonl"
    rows = [{**row, **({"more": 1} if i % 9 == 0 else {})} for i, row in enumerate(json_rows())]
    path.write_text("\n".join(map(json.dumps, rows)))
    dataset = read_dataset(str(path), TableOptions(target="y"))
    assert dataset.X.shape == (60, 3)
    assert "Names that few rows have are left out: 'more'; --columns NAME=KIND keeps one." in (
        dataset.notes
    )
    kept = read_dataset(str(path), TableOptions(target="y", columns=(("more", "number"),)))
    assert kept.X.shape == (60, 4)
    with pytest.raises(InvalidInputError, match="no column '1'"):
        read_dataset(str(path), TableOptions(target="1"))


names = st.lists(st.sampled_from("abc"), min_size=1, unique=True)


@settings(
    derandomize=True,
    deadline=None,
    max_examples=300,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    data=st.data(),
    threat_model=st.sampled_from(["insert", "delete", "insert_delete", "modify"]),
    grouped=st.booleans(),
)
def test_attacks_within_the_limit_change_no_row(tmp_path, data, threat_model, grouped):
    """Attackers whose rows are all alike, and who remove the rows that are against them."""
    options = TableOptions(target="y", groups="who" if grouped else None)

    def record(keys, i):
        return {**dict.fromkeys(keys, i + 0.5), "y": i % 2, "who": f"w{i // 2}"}

    def read(rows):
        path = tmp_path / "t.jsonl"
        path.write_text("\n".join(map(json.dumps, rows)))
        try:
            return read_dataset(str(path), options, threat_model)
        except InvalidInputError:
            return None

    kinds = data.draw(st.lists(names, min_size=2, max_size=3))
    n_rows = [data.draw(st.integers(2, 12)) for _ in kinds]
    rows = [keys for keys, count in zip(kinds, n_rows, strict=True) for _ in range(count)]
    rows = [record(keys, i) for i, keys in enumerate(rows)]
    clean = read(rows)
    assume(clean is not None)
    limit = min(clean.radius_limit, 30)
    chosen = data.draw(st.sampled_from(kinds))
    poison = [record(data.draw(names), 1000 + 2 * i) for i in range(limit)]
    against = [i for i, row in enumerate(rows) if list(row)[: len(chosen)] == chosen]
    removed = {row // 2 if grouped else row for row in against}
    removed = set(sorted(removed)[: data.draw(st.integers(0, limit))])
    kept = [i for i in range(len(rows)) if (i // 2 if grouped else i) not in removed]
    if threat_model == "insert":
        kept, n_new = list(range(len(rows))), limit
    elif threat_model == "insert_delete":
        n_new = limit - len(removed)
    else:
        n_new = limit if threat_model == "modify" else 0
    after = read([*(rows[i] for i in kept), *poison[:n_new]])
    assume(after is not None)
    # text, so that NaN equals NaN
    assert repr(after.X[: len(kept)].tolist()) == repr(clean.X[kept].tolist())
