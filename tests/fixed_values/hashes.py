"""Hashes of rows, labels and cells, orders by content, partitions and spreads."""

from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

import numpy as np
import pandas as pd
from scipy import sparse

from sklearn_certify._rows.cell_tokens import MISSING, cell_tokens
from sklearn_certify.partition import (
    ExactContent,
    canonical_order,
    combine_hashes,
    cyclic_spread,
    hash_labels,
    hash_rows,
    rows_of_voters,
    split,
)

from .data import clustered_rows, integers, irregular_spread, texts
from .values import Cases

CASES = Cases()

WORDS = ["", "poison", "Gift", "żółw", "a\0b", "0", "1.0"]
SPECIAL = [0.0, -0.0, np.nan, np.inf, -np.inf, 5e-324, 0.1, -1.5, 2.0**60]


def _whole_numbers(n_rows=100, n_columns=7, low=-3, high=4):
    return integers(np.random.RandomState(0), high, (n_rows, n_columns), low=low)


def _mixed_frame():
    random = np.random.RandomState(1)
    numbers = integers(random, 5, 60)
    days = np.datetime64("2024-02-27", "D") + numbers
    return pd.DataFrame(
        {
            "whole": numbers,
            "half": integers(random, 9, 60) / 2,
            "narrow": (integers(random, 9, 60) / 10).astype(np.float32),
            "true": integers(random, 2, 60).astype(bool),
            "text": np.array(WORDS, dtype=object)[numbers],
            "category": pd.Categorical(np.array(["x", "y", "z"], dtype=object)[numbers % 3]),
            "day": days.astype("datetime64[s]"),
            "moment": pd.Series(days.astype("datetime64[ns]") + np.timedelta64(1500, "us")),
            "span": (numbers * 90).astype("timedelta64[s]"),
            "nullable": pd.array([None if n == 0 else n for n in numbers.tolist()], dtype="Int64"),
            "object": pd.Series([None, 1, "b", 2.5, True], dtype=object)[numbers].to_numpy(),
        }
    )


@CASES.add()
def rows_of_numbers():
    X = _whole_numbers()
    wide = integers(np.random.RandomState(2), 2**62, (60, 3), low=-(2**62))
    return {
        "float64": hash_rows(X / 4),
        "float32": hash_rows((X / 10).astype(np.float32)),
        "float16": hash_rows((X / 10).astype(np.float16)),
        "int64": hash_rows(X),
        "int64 beyond 2**53": hash_rows(wide),
        "int8": hash_rows(X.astype(np.int8)),
        "uint8": hash_rows(X.astype(np.uint8)),
        "uint64 beyond int64": hash_rows(X.astype(np.uint64)),
        "bool": hash_rows(X > 0),
        "column by column": hash_rows(np.asfortranarray(X / 3)),
        "one column": hash_rows(X[:, :1]),
        "list of lists": hash_rows((X / 2).tolist()),
        "object": hash_rows((X / 2).astype(object)),
        "special": hash_rows(np.array(SPECIAL)[:, np.newaxis]),
        "special in other columns": hash_rows(np.add.outer(np.array(SPECIAL), [0.0, 1.0, -2.0])),
        "no columns": hash_rows(np.empty((2, 0))),
    }


@CASES.add()
def rows_of_images():
    random = np.random.RandomState(3)
    return {
        "grey": hash_rows(integers(random, 256, (30, 8, 8)).astype(np.uint8)),
        "coloured": hash_rows(integers(random, 256, (30, 3, 5, 5)) / 256),
        "float32": hash_rows((integers(random, 256, (30, 1, 8, 8)) / 255).astype(np.float32)),
    }


@CASES.add()
def sparse_rows():
    X = _whole_numbers(80, 30) * (_whole_numbers(80, 30, high=1) == 0) / 2.0
    with_zeros = sparse.csr_array(np.ones_like(X))
    with_zeros.data = X.ravel().copy()
    return {
        "CSR": hash_rows(sparse.csr_matrix(X)),
        "CSR of float32": hash_rows(sparse.csr_array((X / 5).astype(np.float32))),
        "CSR of int64": hash_rows(sparse.csr_array((2 * X).astype(np.int64))),
        "CSR with stored zeros": hash_rows(with_zeros),
        "CSC": hash_rows(sparse.csc_array(X)),
        "no cells": hash_rows(sparse.csr_array((3, 4))),
    }


@CASES.add()
def rows_of_texts():
    rows, _ = texts(4, 50)
    cells = np.array(WORDS, dtype=object)[_whole_numbers(40, 3, low=0, high=7)]
    return {
        "object": hash_rows(rows),
        "list": hash_rows(rows.tolist()),
        "fixed width": hash_rows(rows.astype(str)),
        "words": hash_rows(WORDS[:4]),
        "more words": hash_rows(WORDS[4:]),
        "missing": hash_rows(np.array(["a", None, np.nan], dtype=object)),
        "columns": hash_rows(cells),
        "series": hash_rows(pd.Series(rows)),
        "frame": hash_rows(pd.DataFrame(cells, columns=list("abc"))),
    }


@CASES.add()
def rows_of_frames():
    frame = _mixed_frame()
    values = {f"only {name}": hash_rows(frame[[name]]) for name in frame.columns}
    zone = timezone(timedelta(hours=2))
    return {
        **values,
        "all": hash_rows(frame),
        "numbers": hash_rows(frame[["whole", "half", "narrow", "true"]]),
        "with a zone": hash_rows(frame[["moment"]].apply(lambda c: c.dt.tz_localize(zone))),
        "columns turned round": hash_rows(frame[frame.columns[::-1]]),
        "object array": hash_rows(frame[["whole", "text", "object"]].to_numpy(dtype=object)),
    }


@CASES.add()
def cells():
    zone = timezone(timedelta(hours=2))
    rare = [
        [None, pd.NA, pd.NaT, np.nan, Decimal("NaN")],
        [0, 1, True, 0.5, Fraction(1, 2), Decimal("0.1"), 10**400, np.float32(0.1)],
        ["", "a", b"a", "\udcff"],
        [datetime(2024, 2, 29, 12, 30, tzinfo=zone), datetime(2024, 2, 29, 12, 30)],
        [date(2024, 2, 29), time(12, 30), timedelta(minutes=90), np.timedelta64(90, "m")],
        [UUID(int=7), pd.Period("2024-02", freq="M"), pd.Interval(0, 1.5, closed="left")],
    ]
    tokens = {f"objects {n}": cell_tokens(_as_objects(row)) for n, row in enumerate(rare)}
    return {
        **tokens,
        "missing": int(MISSING),
        "days": cell_tokens(np.array(["1969-12-31", "2024-02-29", "NaT"], dtype="datetime64[D]")),
        "nullable": cell_tokens(pd.array([1.5, None, 0], dtype="Float64")),
        "categories": cell_tokens(pd.Series(["b", None, "a"], dtype="category")),
    }


def _as_objects(values):
    cells = np.empty(len(values), dtype=object)
    cells[:] = values
    return cells


@CASES.add()
def labels():
    numbers = integers(np.random.RandomState(5), 50, 40)
    return {
        "whole numbers": hash_labels(numbers),
        "few whole numbers": hash_labels([0, 1, 7]),
        "negative": hash_labels([-1, -7]),
        "halves": hash_labels(numbers / 2),
        "truth values": hash_labels([False, True]),
        "texts": hash_labels(WORDS),
        "fixed width": hash_labels(np.array(["cat", "dog"])),
        "objects": hash_labels(np.array(["cat", "dog"], dtype=object)),
        "categories": hash_labels(pd.Series(["cat", "dog"], dtype="category")),
        "combined": combine_hashes(hash_rows(numbers[:, np.newaxis]), hash_labels(numbers % 3)),
        "combined the other way": combine_hashes(hash_labels([0, 1]), hash_rows([[0], [1]])),
    }


@CASES.add()
def orders():
    X, y = clustered_rows(6, 100)
    twice, labels_twice = np.concatenate([X[:30], X[:50]]), np.concatenate([y[:30], y[:50] % 2])
    signs = np.where(_whole_numbers(40, 2, low=0, high=2) > 0, -0.0, 0.0)
    objects = np.array([1, True, 1.0, np.int8(1), np.float32(1)], dtype=object)
    objects = objects[_whole_numbers(40, 1, low=0, high=5)]
    missing = np.array([None, np.nan, "a"], dtype=object)[_whole_numbers(40, 2, low=0, high=3)]
    one = np.ones(40, dtype=np.int64)
    stored = sparse.csr_array((signs.ravel(), np.tile([0, 1], 40), np.arange(0, 81, 2)))
    hashed = hash_rows(twice), hash_labels(labels_twice)
    return {
        "by hash": canonical_order(hash_rows(X), hash_labels(y)),
        "by hash and label": canonical_order(*hashed),
        "equal rows": canonical_order(*hashed, ExactContent(twice, labels_twice)),
        "signs of zeros": _order_of_ties(signs, one),
        "signs of zeros in float32": _order_of_ties(signs.astype(np.float32), one),
        "signs of zeros in CSR": _order_of_ties(stored, one),
        "signs of zeros in a frame": _order_of_ties(pd.DataFrame(signs), one),
        "kinds of ones": _order_of_ties(objects, one),
        "kinds of missing": _order_of_ties(missing, one),
        "keys": ExactContent(signs, one).keys(np.arange(5)),
    }


def _order_of_ties(X, y):
    """Return an order in which only rows that are equal to the last bit can be exchanged."""
    return canonical_order(hash_rows(X), hash_labels(y), ExactContent(X, y))


@CASES.add()
def partitions():
    X, y = clustered_rows(7, 200)
    hashes = hash_rows(X)
    values = {f"split into {n}": split(hashes, n) for n in (1, 2, 7, 50, 1200)}
    for n_partitions, degree in ((6, 2), (40, 1), (40, 8), (400, 8)):
        for seed in (0, 17):
            spread = cyclic_spread(n_partitions, degree, np.random.RandomState(seed))
            values[f"spread of {n_partitions} by {degree}, seed {seed}"] = spread
    order = canonical_order(hashes, hash_labels(y))
    spreads = {
        "cyclic": cyclic_spread(24, 3, np.random.RandomState(0)),
        "one each": np.arange(24)[:, np.newaxis],
        "irregular": irregular_spread(8, 24, 10, 2),
    }
    for name, spread in spreads.items():
        rows = rows_of_voters(split(hashes, 24), spread, int(spread.max()) + 1, order)
        values[f"rows of voters, {name}"] = np.concatenate(rows)
        values[f"numbers of rows, {name}"] = [len(voter) for voter in rows]
    return values
