"""The names of contributors count as texts, so that one name changes no other."""

import datetime
import uuid
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sklearn_certify import BaggingCertifiedClassifier, DPAClassifier
from sklearn_certify._rows import check_groups
from sklearn_certify.exceptions import InvalidInputError

pl = pytest.importorskip("polars")
pa = pytest.importorskip("pyarrow")

IDS = np.arange(-3, 40) * 7
NAMES = {
    "int64": IDS,
    "int8": IDS.astype(np.int8),
    "large": 2**53 + IDS,
    "unsigned": (2**63 + IDS[3:].astype(np.uint64)).astype(np.uint64),
    "float64": IDS.astype(float),
    "fractions": IDS / 10,
    "huge floats": IDS * 1e15,
    "enormous floats": IDS * 1e300,
    "float32": (IDS / 10).astype(np.float32),
    "huge float32": (IDS * 1.3e9).astype(np.float32),
    "float16": (IDS / 10).astype(np.float16),
    "bool": IDS % 2 == 0,
    "text": IDS.astype(str),
    "bytes": IDS.astype("S"),
    "days": np.datetime64("2024-01-01") + IDS,
    "seconds": np.datetime64("2024-01-01T00:00:00") + IDS * 3600,
    "nanoseconds": np.datetime64("2024-01-01T00:00:00", "ns") + IDS,
}


@pytest.mark.parametrize("kind", NAMES)
def test_appending_a_text_changes_no_other_name(kind):
    names = NAMES[kind]
    appended = np.append(names.astype(str) if names.dtype.kind in "SM" else names, "mallory")
    assert appended.dtype.kind == "U"
    assert check_groups(appended).tolist() == [*check_groups(names).tolist(), "mallory"]
    assert len(set(check_groups(names))) == len(np.unique(names))


@settings(derandomize=True, deadline=None)
@given(st.lists(st.floats(allow_nan=False), min_size=1))
def test_floats_are_the_same_name_as_their_text(values):
    for dtype in (np.float64, np.float32, np.float16):
        with np.errstate(over="ignore"):
            names = np.array(values).astype(dtype)
        assert check_groups(np.append(names, "x"))[:-1].tolist() == check_groups(names).tolist()
        assert (len(set(check_groups(names)))) == len(np.unique(names))


@settings(derandomize=True, deadline=None)
@given(st.lists(st.integers(-(2**63), 2**63 - 1), min_size=1))
def test_whole_numbers_are_their_digits_whatever_holds_them(values):
    expected = [str(value) for value in values]
    held = [values, np.array(values), np.array(values, dtype=object), pd.Series(values)]
    held += [pd.array(values, dtype="Int64"), pl.Series(values), pa.array(values), expected]
    for names in held:
        assert check_groups(names).tolist() == expected


@pytest.mark.parametrize(
    "names",
    [
        [17, 17.0, "17", "17.0", np.int8(17), np.float32(17), Decimal(17), b"17", np.uint64(17)],
        [10**16, 1e16, "1e+16", "10000000000000000", "1e16"][:4],
        [0, -0.0, 0.0, "0", "-0.0"],
        [True, np.True_, "True"],
        [0.1, "0.1", np.float32(0.1), np.float16(0.1)],
        [
            datetime.date(2024, 2, 29),
            datetime.datetime(2024, 2, 29),
            np.datetime64("2024-02-29T00:00:00.000"),
            pd.Timestamp("2024-02-29"),
            "2024-02-29",
            "2024-02-29 00:00:00",
            "2024-02-29T00:00:00.000000000",
        ],
        [uuid.UUID(int=5), str(uuid.UUID(int=5))],
        ["é", "é".encode()],
        [("a", 1), ("a", 1.0), (np.str_("a"), "1")],
        [("a", ("b", 2)), ("a", ("b", "2"))],
        [pd.Period("2024-01", "M"), "2024-01"],
    ],
    ids=repr,
)
def test_one_contributor_has_one_name(names):
    assert len(set(check_groups(names))) == 1


@pytest.mark.parametrize(
    "names",
    [
        ["7", "007", " 7", "7 ", "7.5", "1_7", "+7", "7,0"],
        ["1.50", "1.5"],
        [2**53, 2**53 + 1, -(2**53)],
        [("a", "b, c"), ("a, b", "c"), ("a", "b", "c"), ("a", ("b", "c")), (("a", "b"), "c")],
        [("a'", "b"), ("a", "'b"), ("a', 'b",), ("a", "b")],
        [True, 1, "true"],
        ["a", "a ", "A", ""],
        ["2024-02-30T00:00:00", "2024-02-30"],
        [0.1, 0.1 + 1e-16, 0.2],
        [datetime.datetime(2024, 1, 1, tzinfo=datetime.timezone.utc), datetime.date(2024, 1, 1)],
    ],
    ids=repr,
)
def test_other_contributors_have_other_names(names):
    n_names = len(set(map(repr, names)))
    assert len(set(check_groups(names))) == n_names


INDEX = pd.MultiIndex.from_tuples([("a", 1), ("a", 2), ("b", 1)], names=["site", "reader"])
TEXTS = ["a", "b", "a"]


@pytest.mark.parametrize(
    ("held", "plain"),
    [
        (INDEX, list(INDEX)),
        (pd.Index(TEXTS), TEXTS),
        (pd.Series(TEXTS, index=[5, 5, 6]), TEXTS),
        (pd.Series(TEXTS, dtype="category"), TEXTS),
        (pd.Series(TEXTS, dtype="string[pyarrow]"), TEXTS),
        (pd.DataFrame({"who": TEXTS}), TEXTS),
        (pd.Series([1, 2, 1], dtype="int64[pyarrow]"), [1, 2, 1]),
        (pl.Series(TEXTS), TEXTS),
        (pl.Series(TEXTS, dtype=pl.Categorical), TEXTS),
        (pl.DataFrame({"who": TEXTS}), TEXTS),
        (pl.Series([1, 2, 1]), [1, 2, 1]),
        (pl.Series([datetime.date(2024, 1, 1)]), ["2024-01-01"]),
        (pa.array(TEXTS), TEXTS),
        (pa.chunked_array([TEXTS[:2], TEXTS[2:]]), TEXTS),
        (pa.array(TEXTS).dictionary_encode(), TEXTS),
        (pa.table({"who": TEXTS}), TEXTS),
        (pa.array([datetime.date(2024, 1, 1)]), ["2024-01-01"]),
        (np.array(TEXTS)[:, np.newaxis], TEXTS),
        (np.array([("a", 1), ("b", 2)], dtype="U1,i4"), [("a", 1), ("b", 2)]),
        (iter(TEXTS), TEXTS),
    ],
    ids=lambda held: f"{type(held).__module__}.{type(held).__name__}",
)
def test_names_in_whatever_holds_them(held, plain):
    assert check_groups(held).tolist() == check_groups(plain).tolist()


@pytest.mark.parametrize(
    "names",
    [
        ["a", None, "b", None],
        np.array([1.0, np.nan, 2.0, np.nan]),
        [1, pd.NA, 2, pd.NaT],
        pd.array([1, None, 2, None], dtype="Int64"),
        pd.Series(["a", None, "b", None], dtype="category"),
        pl.Series(["a", None, "b", None]),
        pl.Series([1, None, 2, None]),
        pa.array(["a", None, "b", None]),
        [("a", 1), ("a", None), ("b", 1), (None, None)],
        np.array(["2024-01-01", "NaT", "2024-01-02", "NaT"], dtype="M8[D]"),
    ],
    ids=lambda names: f"{type(names).__module__}.{type(names).__name__}",
)
def test_missing_names_are_refused(names):
    with pytest.raises(InvalidInputError, match="no name for 2 of the rows, the first is row 1"):
        check_groups(names)


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["a", {"b": 1}], "dict in row 1"),
        (["a", object()], "object in row 1"),
        (["a", 1j], "complex in row 1"),
        ([["a", "b"], ["c", "d"]], "groups should be a 1d array"),
        (pd.DataFrame({"a": TEXTS, "b": TEXTS}), "groups should be a 1d array"),
        (pa.table({"a": TEXTS, "b": TEXTS}), "groups should be a 1d array"),
        (np.zeros((3, 2)), "groups should be a 1d array"),
        (7, "groups should be a 1d array"),
    ],
)
def test_what_is_no_name_is_one_sentence(names, message):
    with pytest.raises(InvalidInputError, match=message):
        check_groups(names)


@pytest.mark.parametrize("hold", [list, np.array, pd.Series, pl.Series, pa.array])
def test_large_whole_numbers_are_as_many_contributors(hold):
    X, y = np.random.default_rng(0).normal(size=(60, 2)), np.arange(60) % 2
    names = hold((2**60 + np.arange(60)).tolist())
    partition = DPAClassifier(n_partitions=5).fit(X, y, groups=names).partition_
    assert len(np.unique(partition)) == 5
    bagging = BaggingCertifiedClassifier(n_estimators=3, max_samples=5, random_state=0).fit(
        X, y, groups=names
    )
    assert bagging.n_units_ == 60


def test_a_poisoned_contributor_moves_no_row_of_the_others():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(300, 2)), rng.integers(0, 2, 300)
    groups = np.arange(300) // 3
    ensemble = DPAClassifier(n_partitions=20)
    labels, radii = ensemble.fit(X, y, groups=groups).predict_certified(X[:60])
    assert (radii >= 1).any()
    poisoned = np.vstack([X, rng.normal(size=(50, 2))]), np.append(y, np.zeros(50, int))
    names = np.append(groups, np.full(50, "mallory"))
    after = ensemble.fit(*poisoned, groups=names).predict(X[:60])
    assert (after == labels)[radii >= 1].all()
