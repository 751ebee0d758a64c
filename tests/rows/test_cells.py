"""Cells of every kind hash by value, whichever library holds them, or their column is named."""

import datetime as dt
import uuid
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sklearn_certify import DPAClassifier
from sklearn_certify._rows import cell_tokens
from sklearn_certify.exceptions import InvalidInputError
from sklearn_certify.partition import hash_rows

from .witness import Witness

pl = pytest.importorskip("polars")
pa = pytest.importorskip("pyarrow")

BERLIN = dt.timezone(dt.timedelta(hours=1))
COLUMNS = {
    "whole": [1, -5, None, 2**60],
    "fractions": [0.5, -0.0, None, float("inf")],
    "truths": [True, False, None, True],
    "texts": ["a", "", None, "ä\0"],
    "bytes": [b"a", b"", None, b"\0"],
    "days": [dt.date(2024, 2, 29), dt.date(1, 1, 1), None, dt.date(9999, 12, 31)],
    "moments": [dt.datetime(2024, 2, 29, 1, 2, 3, 4), None, dt.datetime(1700, 1, 1)],
    "zones": [dt.datetime(2024, 2, 29, 1, tzinfo=BERLIN), None],
    "spans": [dt.timedelta(1, 2, 3), -dt.timedelta(5), None],
    "times": [dt.time(1, 2, 3, 4), None, dt.time(0)],
    "decimals": [Decimal("0.50"), None, Decimal("-3.00")],
}
ARROW_TYPES = {
    "whole": pa.int64(),
    "fractions": pa.float64(),
    "truths": pa.bool_(),
    "texts": pa.string(),
    "bytes": pa.binary(),
    "days": pa.date32(),
    "moments": pa.timestamp("us"),
    "zones": pa.timestamp("us", "UTC"),
    "spans": pa.duration("us"),
    "times": pa.time64("us"),
    "decimals": pa.decimal128(6, 2),
}


@pytest.mark.parametrize("kind", COLUMNS)
def test_every_library_gives_one_value_one_hash(kind):
    cells = COLUMNS[kind]
    expected = hash_rows(pd.DataFrame({"x": pd.Series(cells, dtype=object)}))
    array = pa.array(cells, ARROW_TYPES[kind])
    held = [
        pa.table({"x": array}),
        pa.table({"x": pa.chunked_array([array.slice(0, 1), array.slice(1)])}),
        pl.DataFrame({"x": cells}),
        pd.DataFrame({"x": pd.Series(array, dtype=pd.ArrowDtype(array.type))}),
        pd.DataFrame({"x": pd.Series(cells, dtype=object).astype("category")}),
        np.array([[cell] for cell in cells], dtype=object),
    ]
    if kind not in ("bytes", "times", "decimals", "spans", "zones"):
        held.append(pa.table({"x": array.dictionary_encode()}))
    if kind not in ("days", "bytes", "times", "decimals"):
        held.append(pd.DataFrame({"x": cells}).convert_dtypes())
    for table in held:
        np.testing.assert_array_equal(hash_rows(table), expected, err_msg=str(type(table)))
    assert len(set(expected.tolist())) == len({repr(cell) for cell in cells})


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_units_of_time_do_not_matter(unit):
    moments = [dt.datetime(2024, 2, 29, 1, 2, 3), dt.datetime(1980, 1, 1)]
    spans = [dt.timedelta(1), -dt.timedelta(seconds=5)]
    for cells, kind, arrow in (
        (moments, "M8", pa.timestamp(unit)),
        (spans, "m8", pa.duration(unit)),
    ):
        expected = cell_tokens(pd.Series(cells, dtype=object))
        held = [np.array(cells, dtype=f"{kind}[{unit}]"), pa.array(cells).cast(arrow)]
        held += [pd.Series(held[0]), pd.Series(pa.array(cells), dtype=pd.ArrowDtype(arrow))]
        if unit != "s":
            held.append(pl.from_arrow(held[1]))
        for column in held:
            np.testing.assert_array_equal(cell_tokens(column), expected)


def test_intervals_and_periods():
    numbers = pd.Series([0.5, 1.5, 2.5, np.nan])
    cut = pd.cut(numbers, [0, 1, 2, 3])
    tokens = cell_tokens(cut)
    assert len(set(tokens.tolist())) == 4
    intervals = [pd.Interval(0, 1), pd.Interval(1.0, 2.0), pd.Interval(2, 3), None]
    np.testing.assert_array_equal(cell_tokens(np.array(intervals, dtype=object)), tokens)
    np.testing.assert_array_equal(cell_tokens(cut.astype(object)), tokens)
    np.testing.assert_array_equal(cell_tokens(pd.Series(pd.arrays.IntervalArray(cut))), tokens)
    assert cell_tokens(np.array([pd.Interval(0, 1, "left")], dtype=object)) != tokens[0]
    moments = pd.cut(pd.Series(pd.date_range("2024", periods=4)), 2)
    assert len(set(cell_tokens(moments).tolist())) == 2
    periods = pd.Series(pd.period_range("2024-01", periods=3, freq="M"))
    tokens = cell_tokens(periods)
    assert len(set(tokens.tolist())) == 3
    np.testing.assert_array_equal(cell_tokens(periods.astype(object)), tokens)
    assert cell_tokens(pd.Series([pd.Period("2024-01-01", "D")])) != tokens[0]
    assert cell_tokens(np.array(["2024-01"], dtype=object)) != tokens[0]


def test_universal_identifiers():
    identifiers = [uuid.UUID(int=1), uuid.UUID(int=2), None]
    tokens = cell_tokens(np.array(identifiers, dtype=object))
    assert len(set(tokens.tolist())) == 3


@settings(derandomize=True, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.none(),
            st.floats(),
            st.integers(),
            st.text(),
            st.binary(),
            st.booleans(),
            st.datetimes(),
            st.timedeltas(),
            st.times(),
            st.dates(),
            st.uuids(),
            st.decimals(allow_nan=False, allow_infinity=False),
        ),
        min_size=1,
    )
)
def test_a_cell_hashes_alike_wherever_it_stands(cells):
    column = np.empty(len(cells), dtype=object)
    for place, cell in enumerate(cells):
        column[place] = cell
    tokens = cell_tokens(column)
    np.testing.assert_array_equal(cell_tokens(column[::-1])[::-1], tokens)
    for place in range(len(cells)):
        assert cell_tokens(column[[place]])[0] == tokens[place]


BAD = {
    "lists": pd.DataFrame({"good": [1, 2], "bad one": [[1], [2]]}),
    "dicts": pd.DataFrame({"good": [1, 2], "bad one": [{}, {}]}),
    "polars": pl.DataFrame({"good": [1, 2], "bad one": [[1], [2]]}),
    "arrow": pa.table({"good": [1, 2], "bad one": [[1], [2]]}),
    "arrow in pandas": pd.DataFrame(
        {
            "good": [1, 2],
            "bad one": pd.Series([[1], [2]], dtype=pd.ArrowDtype(pa.list_(pa.int64()))),
        }
    ),
    "complex": pd.DataFrame({"good": [1, 2], "bad one": [1j, 2j]}),
}


@pytest.mark.parametrize("kind", BAD)
def test_what_cannot_be_hashed_names_its_column(kind):
    with pytest.raises(InvalidInputError, match="Column 'bad one': "):
        DPAClassifier(Witness(), n_partitions=2).fit(BAD[kind], [0, 1])


def test_what_cannot_be_hashed_in_an_array_is_numbered():
    X = np.array([[1, 2], [3, {}]], dtype=object)
    with pytest.raises(InvalidInputError, match="Column 1: .* got dict"):
        DPAClassifier(Witness(), n_partitions=2).fit(X, [0, 1])
