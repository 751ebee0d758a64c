"""The same logical row has the same hash, whatever holds it, wherever it is computed."""

import os
import struct
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from hashlib import blake2b

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from scipy import sparse

from sklearn_certify._rows import cell_tokens
from sklearn_certify.exceptions import InvalidInputError
from sklearn_certify.partition import combine_hashes, hash_labels, hash_rows

WORD = 2**64 - 1


def mix(value):
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & WORD
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & WORD
    return value ^ (value >> 31)


def plain_hash(row):
    """The definition of a row's hash, in plain Python."""
    total = 0
    for column, value in enumerate(row, start=1):
        if isinstance(value, str):
            digest = blake2b(value.encode(), digest_size=8, person=b"s").digest()
            token = int.from_bytes(digest, "little")
        elif value != value:
            token = 0x7FF8000000000000
        else:
            token = struct.unpack("<Q", struct.pack("<d", value))[0] if value else 0
        if token:
            total += mix((token + mix(column * 0x9E3779B97F4A7C15 & WORD)) & WORD)
    return mix(total & WORD)


def test_fixed_values():
    # These values are part of what users rely on: a change moves every row to another partition.
    X = [[0.0, 1.0], [2.0, 0.0], [-1.5, np.nan], [0.0, 0.0], [np.inf, -np.inf]]
    expected = [
        4788795539322730480,
        10167350618803617579,
        2869042414252425014,
        0,
        5736276571439057962,
    ]
    np.testing.assert_array_equal(hash_rows(X), np.array(expected, dtype=np.uint64))
    texts = hash_rows(["", "poison", "Gift"])
    np.testing.assert_array_equal(
        texts,
        np.array(
            [10824876853430578275, 2753252585025689009, 15874267736416336878], dtype=np.uint64
        ),
    )
    labels = hash_labels([0, 1, 7])
    np.testing.assert_array_equal(
        labels,
        np.array([7826240802959366789, 4899770019205466247, 4854199888653298155], dtype=np.uint64),
    )


@settings(derandomize=True, deadline=None)
@given(
    arrays(
        np.float64,
        array_shapes(min_dims=2, max_dims=2, max_side=6),
        elements=st.floats(width=64),
    )
)
def test_dense_rows_follow_the_definition(X):
    np.testing.assert_array_equal(hash_rows(X), [plain_hash(row) for row in X.tolist()])


@settings(derandomize=True, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.floats(), st.text(st.characters(codec="utf-8"), max_size=4), st.integers(-9, 9)
        ),
        min_size=1,
        max_size=6,
    )
)
def test_mixed_frames_follow_the_definition(rows):
    frame = pd.DataFrame(rows, columns=["a", "b", "c"])
    expected = [plain_hash(row) for row in rows]
    np.testing.assert_array_equal(hash_rows(frame), expected)
    np.testing.assert_array_equal(hash_rows(frame.to_numpy(dtype=object)), expected)
    np.testing.assert_array_equal(hash_rows(frame.astype({"b": "category"})), expected)


@pytest.fixture
def integers():
    return np.random.default_rng(0).integers(-3, 4, size=(200, 7))


@pytest.mark.parametrize(
    "hold",
    [
        lambda X: X.astype(np.float32),
        lambda X: X.astype(np.float16),
        lambda X: X.astype(np.int8),
        lambda X: X.astype(np.longdouble),
        lambda X: X.astype(object),
        lambda X: X.astype(">f8"),
        lambda X: np.asfortranarray(X, dtype=np.float64),
        lambda X: np.repeat(X, 2, axis=1)[:, ::2],
        lambda X: np.where(X == 0, -0.0, X),
        lambda X: X.tolist(),
        lambda X: X.reshape(200, 7, 1),
        sparse.csr_matrix,
        sparse.csc_array,
        lambda X: sparse.coo_array(X.astype(np.float32)),
        lambda X: with_stored_zeros(X),
        lambda X: with_duplicates(X),
        pd.DataFrame,
        lambda X: pd.DataFrame(X).astype("Int64"),
        lambda X: pd.DataFrame(X, index=np.arange(200)[::-1], columns=list("abcdefg")),
        lambda X: pd.DataFrame(X).astype({2: np.float32, 4: object, 5: "category", 6: "Float64"}),
    ],
)
def test_one_row_one_hash(integers, hold):
    np.testing.assert_array_equal(hash_rows(hold(integers)), hash_rows(integers))


def with_stored_zeros(X):
    full = sparse.csr_array(np.ones_like(X))
    full.data = X.ravel().astype(float)
    return full


def with_duplicates(X):
    # every cell is stored as two parts whose sum is the cell
    rows, columns = np.indices(X.shape).reshape(2, -1)
    parts = np.concatenate([X.ravel() - 5, np.full(X.size, 5)])
    indices = np.argsort(np.tile(rows, 2), kind="stable")
    starts = np.arange(len(X) + 1) * 2 * X.shape[1]
    data, columns = parts[indices].astype(float), np.tile(columns, 2)[indices]
    return sparse.csr_array((data, columns, starts), shape=X.shape)


def test_booleans_are_numbers():
    X = np.random.default_rng(0).random((20, 3)) < 0.5
    expected = hash_rows(X.astype(float))
    for held in (X, pd.DataFrame(X), pd.DataFrame(X).astype("boolean"), X.astype(object)):
        np.testing.assert_array_equal(hash_rows(held), expected)


def test_all_missing_values_are_one():
    quiet, payload = struct.unpack(
        "<2d", struct.pack("<2Q", 0x7FF8000000000000, 0xFFF0000000000123)
    )
    frames = [
        np.array([[quiet, 1.0]]),
        np.array([[payload, 1.0]]),
        np.array([[None, 1.0]], dtype=object),
        np.array([[pd.NA, 1]], dtype=object),
        np.array([[pd.NaT, 1]], dtype=object),
        np.array([[Decimal("NaN"), 1]], dtype=object),
        pd.DataFrame({"a": pd.array([None], dtype="Int64"), "b": [1]}),
        pd.DataFrame({"a": pd.array([None], dtype="string"), "b": [1]}),
        pd.DataFrame({"a": pd.Series([None], dtype="category"), "b": [1]}),
        pd.DataFrame({"a": pd.to_datetime([None]), "b": [1]}),
        sparse.csr_array(np.array([[np.nan, 1.0]])),
    ]
    assert len({int(hash_rows(frame)[0]) for frame in frames}) == 1


def test_times_count_by_value():
    when = datetime(2024, 2, 29, 12, 30, tzinfo=timezone(timedelta(hours=2)))
    utc = when.astimezone(timezone.utc).replace(tzinfo=None)
    columns = [
        pd.Series([utc]),
        pd.Series([utc]).astype("datetime64[s]"),
        pd.Series([utc]).astype("datetime64[ns]"),
        pd.Series([utc], dtype=object),
        pd.Series(pd.to_datetime([when])),
        np.array([when], dtype=object),
        np.array([utc], dtype="datetime64[ms]"),
        np.array([pd.Timestamp(when)], dtype=object),
    ]
    assert len({int(cell_tokens(column)[0]) for column in columns}) == 1
    assert cell_tokens(columns[0])[0] != cell_tokens(columns[0] + pd.Timedelta("1us"))[0]


def test_categories_count_by_value_not_by_code():
    first = pd.DataFrame({"a": pd.Categorical(["y", "x", "y"])})
    second = pd.DataFrame({"a": pd.Categorical(["y", "x", "y"], categories=["y", "w", "x"])})
    np.testing.assert_array_equal(hash_rows(first), hash_rows(second))


def test_numbers_and_the_strings_that_spell_them_differ():
    assert hash_rows(np.array([[1, 2]], dtype=object)) != hash_rows(np.array([["1", "2"]]))


def test_exact_types_of_numbers_do_not_matter():
    cells = [0.5, np.float32(0.5), Fraction(1, 2), Decimal("0.5")]
    tokens = cell_tokens(np.array(cells, dtype=object))
    assert len(set(tokens.tolist())) == 1
    assert cell_tokens(np.array([10**400], dtype=object)) != cell_tokens(
        np.array([10**401], dtype=object)
    )


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (lambda X: X[:, [1, 0, 2]], "columns swapped"),
        (lambda X: X + np.array([0, 0, 1e-12]), "a cell changed a little"),
        (lambda X: -X, "signs changed"),
    ],
)
def test_other_rows_have_other_hashes(change, what):
    X = np.random.default_rng(0).normal(size=(1000, 3))
    assert not np.isin(hash_rows(change(X)), hash_rows(X)).any(), what


def test_hashes_are_spread_evenly():
    # small integers, such as pixels, are the worst case for a weak mix
    X = np.indices((16, 16, 16)).reshape(3, -1).T
    hashes = hash_rows(X)
    assert len(np.unique(hashes)) == len(X)
    for n_partitions in (2, 64, 100):
        sizes = np.bincount((hashes % np.uint64(n_partitions)).astype(int), minlength=n_partitions)
        expected = len(X) / n_partitions
        assert ((sizes - expected) ** 2 / expected).sum() < n_partitions + 4 * n_partitions**0.5


def test_a_hash_depends_on_its_row_alone():
    X = np.random.default_rng(0).normal(size=(50, 4))
    order = np.random.default_rng(1).permutation(50)
    np.testing.assert_array_equal(hash_rows(X[order]), hash_rows(X)[order])
    np.testing.assert_array_equal(hash_rows(X[:1]), hash_rows(X)[:1])


def test_other_processes_agree():
    code = (
        "from sklearn_certify.partition import hash_rows, hash_labels;"
        "print(hash_rows(['a', 'b']).tolist(), hash_labels(['x', 3]).tolist(),"
        "hash_rows([[1.5, 2]]).tolist())"
    )
    answers = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(answers) == 1


def test_labels_count_by_value():
    np.testing.assert_array_equal(hash_labels([1, 2]), hash_labels(np.array([1.0, 2.0])))
    np.testing.assert_array_equal(hash_labels([True, False]), hash_labels([1, 0]))
    np.testing.assert_array_equal(hash_labels(["a"]), hash_labels(np.array(["a"], dtype=object)))
    np.testing.assert_array_equal(
        hash_labels(["a"]), hash_labels(pd.Series(["a"], dtype="category"))
    )
    assert hash_labels([1]) != hash_rows([[1]])


def test_combined_hashes_depend_on_both():
    rows, labels = hash_rows([[1], [1], [2]]), hash_labels([0, 1, 0])
    assert len(set(combine_hashes(rows, labels).tolist())) == 3


@pytest.mark.parametrize("cell", [{"a": 1}, [1], object(), 1j, (1, 2), np.zeros(3)])
def test_what_is_no_value_is_refused(cell):
    X = np.empty((1, 1), dtype=object)
    X[0, 0] = cell
    with pytest.raises(InvalidInputError, match="must be a string or a number"):
        hash_rows(X)


def test_complex_numbers_and_single_values_are_refused():
    with pytest.raises(InvalidInputError, match="complex"):
        hash_rows(np.array([[1j]]))
    with pytest.raises(InvalidInputError, match="must have rows"):
        hash_rows(3.0)
    with pytest.raises(InvalidInputError, match="one-dimensional"):
        hash_labels([[1], [2]])


def test_no_rows_no_hashes():
    for X in (
        np.empty((0, 3)),
        np.empty((0, 0)),
        sparse.csr_array((0, 3)),
        pd.DataFrame({"a": []}),
    ):
        assert hash_rows(X).shape == (0,)
    assert hash_rows(np.empty((2, 0))).tolist() == [0, 0]


def test_sparse_rows_hold_every_kind_of_number():
    special = np.array([0xFFF0000000000123, 0x8000000000000000], dtype=np.uint64).view(np.float64)
    X = np.array([[*special, np.inf, -np.inf, 5e-324, 1.0]])  # an odd NaN and -0.0 come first
    held = sparse.csr_array((X.ravel(), np.arange(6), [0, 6]), shape=X.shape)
    assert len(held.data) == 6
    expected = plain_hash([np.nan, 0.0, np.inf, -np.inf, 5e-324, 1.0])
    assert hash_rows(held).tolist() == hash_rows(X).tolist() == [expected]


def test_hashing_leaves_rows_as_they_are(integers):
    X = with_duplicates(integers)
    n_stored = X.nnz
    hash_rows(X)
    assert X.nnz == n_stored


def test_the_order_of_combined_hashes_matters():
    rows, labels = hash_rows([[1.0]]), hash_labels([2])
    assert combine_hashes(rows, labels) != combine_hashes(labels, rows)
    assert combine_hashes(rows, rows) != combine_hashes(labels, labels)


def test_fixed_values_of_combined_hashes_and_texts_of_every_kind():
    assert combine_hashes(hash_rows([[0.0, 1.0]]), hash_labels([7])).tolist() == [
        831511247270552454
    ]
    assert hash_rows(np.array([["\udcff"]], dtype=object)).tolist() == [308953105365125856]


def test_values_of_different_kinds_differ():
    kinds = [
        np.array([b"a"], dtype=object),
        np.array(["a"], dtype=object),
        np.array([1000], dtype="timedelta64[us]"),
        np.array([1000.0]),
        np.array([np.int64(1000).view(np.float64)]),
    ]
    assert len({int(cell_tokens(kind)[0]) for kind in kinds}) == len(kinds)


def test_time_spans_count_by_value():
    spans = [
        pd.Series(pd.to_timedelta(["90min"])),
        np.array([90], dtype="timedelta64[m]"),
        np.array([np.timedelta64(5400, "s")], dtype=object),
    ]
    assert len({int(cell_tokens(span)[0]) for span in spans}) == 1
