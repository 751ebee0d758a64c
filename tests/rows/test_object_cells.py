"""Cells that are Python objects have the tokens of version 0.1.0, whatever stands beside them."""

import datetime as dt
from decimal import Decimal
from enum import Enum, IntEnum
from fractions import Fraction
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import from_dtype

from sklearn_certify._rows import cell_tokens
from sklearn_certify.exceptions import InvalidInputError

from .reference_tokens import MISSING, reference_token


class Text(str):
    pass


class Whole(int):
    pass


class Real(float):
    pass


class Bytes(bytes):
    pass


class Moment(dt.datetime):
    pass


class Colour(str, Enum):
    RED = "red"


class Level(IntEnum):
    LOW = 1


NAN_PAYLOADS = np.array([0x7FF8000000000001, 0xFFF8DEADBEEF0001], np.uint64).view(np.float64)
ODD = [
    *[None, pd.NA, pd.NaT, np.nan, Decimal("nan"), Decimal("-inf"), Decimal("1e400")],
    *[*NAN_PAYLOADS, *NAN_PAYLOADS.tolist(), np.float32("nan"), np.datetime64("NaT")],
    *[-0.0, 0, False, np.float16(-0.0), Decimal("-0"), 1, True, 1.0, np.True_, Level.LOW, Whole(1)],
    *[10**400, -(10**400), 2**1024, 2**53 + 1, 2**63, 2**64, Fraction(10**400), Fraction(1, 3)],
    *[np.longdouble(0.1), Real(0.1), Real("nan"), Whole(10**400)],
    *["a", b"a", Text("a"), Bytes(b"a"), np.str_("a"), np.bytes_(b"a"), "red", Colour.RED],
    *["", b"", "a\0", b"a\0", "\udcff", "\ud800\udc00", "\U00010000", Text("\udcff")],
    *[dt.date.min, dt.date.max, dt.datetime.min, dt.datetime.max, Moment(1970, 1, 1)],
    *[dt.timedelta.min, dt.timedelta.max, dt.timedelta(microseconds=-1), np.timedelta64(5)],
    *[pd.Timestamp.min, pd.Timestamp.max, pd.Timedelta.min, pd.Timedelta.max],
    *[pd.Timestamp("1969-12-31 23:59:59.999999999"), pd.Timedelta(-1), pd.Timestamp("9999-12-31")],
    *[np.datetime64(-(2**63) + 1, "ns"), np.datetime64(-1, "ns"), np.timedelta64(-1, "ns")],
    *[
        pd.Period("2024-02", "M"),
        pd.Interval(0, 1.5),
        pd.Interval(pd.Timestamp(0), pd.Timestamp(1)),
    ],
]
ZONES = [dt.timezone.utc, dt.timezone(-dt.timedelta(hours=9, microseconds=1))]
ZONES += [ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")]
IN_REACH = {"min_value": dt.datetime(2, 1, 1), "max_value": dt.datetime(9998, 1, 1)}
CELLS = st.one_of(
    st.integers(0, len(ODD) - 1).map(ODD.__getitem__),  # not all of them can be hashed
    st.floats(),
    st.integers(),
    st.booleans(),
    st.fractions(),
    st.decimals(allow_nan=False),
    st.text(max_size=3),
    st.binary(max_size=3),
    st.text(max_size=3).map(Text),
    st.integers().map(Whole),
    st.floats().map(Real),
    st.dates(),
    st.datetimes(),
    st.datetimes(**IN_REACH, timezones=st.sampled_from(ZONES)),
    st.times(),
    st.timedeltas(),
    st.uuids(),
    *(from_dtype(np.dtype(code)) for code in "?bBhHiIlLqQefd"),
    *(
        from_dtype(np.dtype(f"{kind}8[{unit}]"), min_value=-(10**9), max_value=10**9)
        for kind in "Mm"
        for unit in ("D", "s", "ms", "us", "ns")
    ),
    st.integers(-(2**63) + 1, 2**63 - 1).map(pd.Timestamp),
    st.integers(-(2**63) + 1, 2**63 - 1).map(pd.Timedelta),
    st.datetimes().map(pd.Timestamp),
    st.integers(-(10**18), 10**18).map(lambda number: pd.Timestamp(number, tz=ZONES[2])),
)


def as_objects(cells):
    column = np.empty(len(cells), dtype=object)
    for place, cell in enumerate(cells):
        column[place] = cell
    return column


@settings(derandomize=True, deadline=None, max_examples=400)
@given(st.lists(CELLS, min_size=1, max_size=30))
def test_tokens_are_those_of_every_cell_alone(cells):
    expected = np.array([reference_token(cell) for cell in cells])
    np.testing.assert_array_equal(cell_tokens(as_objects(cells)), expected)
    for cell, token in zip(cells, expected, strict=True):
        assert cell_tokens(as_objects([cell]))[0] == token


@pytest.mark.parametrize("cell", ODD, ids=lambda cell: f"{type(cell).__name__} {cell!r}"[:40])
def test_odd_cells_keep_their_tokens_and_those_of_all_others(cell):
    token = reference_token(cell)
    assert cell_tokens(as_objects([cell, cell]))[1] == token
    others = [other for other in ODD if other is not cell]
    tokens = cell_tokens(as_objects([*others, cell, *others]))
    assert tokens[len(others)] == token
    expected = [reference_token(other) for other in others]
    np.testing.assert_array_equal(np.delete(tokens, len(others)), expected * 2)


GOLDEN = {
    "text": ("Grüße", 18341708597047553342),
    "bytes": (b"\0\xff", 7055083321375502416),
    "whole": (2**53 + 1, 4845873199050653696),
    "huge": (-(10**400), 4848295423695240535),
    "fraction": (Fraction(1, 3), 4599676419421066581),
    "day": (dt.date(1969, 12, 31), 10058387960155906048),
    "moment": (dt.datetime(1969, 12, 31, 23, 59, 59, 999999), 10058388012196167679),
    "zone": (dt.datetime(2024, 3, 31, 2, 30, fold=1, tzinfo=ZONES[2]), 8390058277196706304),
    "timestamp": (pd.Timestamp("1969-12-31 23:59:59.999999999"), 10058388012196167679),
    "span": (dt.timedelta(-1, 2, 3), 10058387960157906051),
    "pandas span": (pd.Timedelta(-1), 10058388012196167679),
    "time": (dt.time(12, 30, tzinfo=ZONES[1]), 17347921952437727722),
}


@pytest.mark.parametrize("kind", GOLDEN)
def test_tokens_are_these_numbers(kind):
    cell, token = GOLDEN[kind]
    assert cell_tokens(as_objects([cell, None, cell])).tolist() == [token, MISSING, token]


class Impostor(str):
    """A text that says that it is another one."""

    def __eq__(self, other):
        return other in ("good", "evil")

    def __hash__(self):
        return hash("good")


@pytest.mark.parametrize("others", [[], ["good"], [Text("good")], [None, "good", 1.5]])
def test_what_a_text_says_that_it_equals_does_not_matter(others):
    tokens = cell_tokens(as_objects([*others, Impostor("evil"), Impostor("worse"), *others]))
    place = len(others)
    assert tokens[place] == reference_token("evil")
    assert tokens[place + 1] == reference_token("worse")
    np.testing.assert_array_equal(tokens[:place], [reference_token(other) for other in others])


@pytest.mark.parametrize("texts", [["a", "b", "a", ""], ["ä\udcff", "b"], [b"a", b"", b"a"]])
def test_arrays_of_texts_have_the_tokens_of_their_cells(texts):
    expected = [reference_token(text) for text in texts]
    np.testing.assert_array_equal(cell_tokens(np.array(texts)), expected)
    np.testing.assert_array_equal(cell_tokens(as_objects(list(np.array(texts)))), expected)


@pytest.mark.skipif(np.__version__ < "2", reason="numpy 2 has them")
@pytest.mark.parametrize("missing", [None, np.nan])
def test_arrays_of_texts_of_any_length_may_lack_some(missing):
    texts = ["a", missing, "b", "a"]
    column = np.array(texts, dtype=np.dtypes.StringDType(na_object=missing))
    np.testing.assert_array_equal(cell_tokens(column), [reference_token(text) for text in texts])


def test_common_kinds_are_never_taken_one_by_one(monkeypatch):
    cells = [0.5, -3, True, np.float32(2), np.int8(3), np.True_, Decimal("0.1"), Fraction(1, 3)]
    cells += ["a", "a", "\udcff", Text("a"), np.str_("b"), Colour.RED, b"a", None, pd.NA, pd.NaT]
    cells += [
        dt.date(2024, 2, 29),
        dt.datetime(2024, 2, 29),
        dt.time(1),
        dt.timedelta(1),
        UUID(int=7),
    ]
    cells += [dt.datetime(2024, 2, 29, tzinfo=zone) for zone in ZONES]
    cells += [pd.Timestamp(0), pd.Timestamp("2024", tz=ZONES[2]), pd.Timedelta(-1)]
    cells += [np.datetime64(7, "s"), np.datetime64("NaT", "s")]
    expected = [reference_token(cell) for cell in cells]
    monkeypatch.setattr("sklearn_certify._rows.object_tokens.one_cell_token", None)
    np.testing.assert_array_equal(cell_tokens(as_objects(cells)), expected)


def test_a_moment_whose_utc_is_before_the_first_year_has_a_token():
    moment = dt.datetime(1, 1, 1, tzinfo=dt.timezone(dt.timedelta(hours=1)))
    same = np.datetime64("0000-12-31T23:00")
    assert cell_tokens(as_objects([moment]))[0] == cell_tokens(np.array([same]))[0]


def test_no_cells_have_no_tokens():
    assert cell_tokens(np.array([], dtype=object)).shape == (0,)


@pytest.mark.parametrize("cell", [[1], 1j, object(), np.array([1]), {}, str])
def test_what_has_no_token_is_refused_wherever_it_stands(cell):
    for cells in ([cell], [1, cell, 2], ["a", None, cell], [cell, dt.date.min, pd.NaT]):
        with pytest.raises(InvalidInputError, match=f"got {type(cell).__name__}"):
            cell_tokens(as_objects(cells))
