"""Periods follow from each date alone."""

from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sklearn_certify.exceptions import InvalidInputError
from sklearn_certify.partition import periods_from_dates

BERLIN = ZoneInfo("Europe/Berlin")
DAYS = ["2026-11-27", "1969-12-31", "2024-02-29"]
EVERY = ["hour", "day", "week", "month", "quarter", "year", timedelta(days=10)]
every_length = pytest.mark.parametrize("every", EVERY, ids=str)


def by_hand(day, every):
    """The period of a day, by the calendar of Python."""
    days = (day - date(1970, 1, 1)).days
    months = 12 * (day.year - 1970) + day.month - 1
    return {
        "hour": 24 * days,
        "day": days,
        "week": (day - date(1970, 1, 5)).days // 7,
        "month": months,
        "quarter": months // 3,
        "year": day.year - 1970,
        timedelta(days=10): days // 10,
    }[every]


@every_length
@pytest.mark.parametrize(
    "make",
    [
        list,
        lambda days: [date.fromisoformat(day) for day in days],
        lambda days: [datetime.fromisoformat(day) for day in days],
        lambda days: [datetime.fromisoformat(day).replace(tzinfo=timezone.utc) for day in days],
        lambda days: [f"{day}T00:00:00Z" for day in days],
        lambda days: np.array(days, dtype="datetime64[D]"),
        lambda days: np.array(days, dtype="datetime64[ns]"),
        lambda days: list(np.array(days, dtype="datetime64[s]")),
        pd.to_datetime,
        lambda days: pd.Series(pd.to_datetime(days)),
        lambda days: pd.Series(pd.to_datetime(days)).dt.tz_localize("UTC"),
        lambda days: pd.to_datetime(days).to_period("D"),
        lambda days: list(pd.to_datetime(days)),
        lambda days: pl.Series(days).str.to_date(),
        lambda days: pl.Series(days).str.to_datetime(),
        lambda days: pa.array(np.array(days, dtype="datetime64[s]")),
    ],
)
def test_dates_of_every_library(make, every):
    found = periods_from_dates(make(DAYS), every)
    assert found.tolist() == [by_hand(date.fromisoformat(day), every) for day in DAYS]
    assert found.dtype == np.int64


@every_length
@given(day=st.dates(), other=st.dates(), seconds=st.integers(0, 86399))
def test_a_date_goes_alone(every, day, other, seconds):
    moment = datetime.combine(day, datetime.min.time()) + timedelta(seconds=seconds)
    alone = periods_from_dates(moment, every)
    assert periods_from_dates([other, moment, other], every)[1] == alone
    assert alone == by_hand(day, every) + (seconds // 3600 if every == "hour" else 0)


@given(day=st.dates(date(1700, 1, 1), date(2200, 1, 1)), days=st.integers(1, 400))
def test_lengths_and_origins(day, days):
    origin = date(2020, 2, 1)
    expected = (day - origin).days // days
    for length in (timedelta(days), np.timedelta64(days, "D"), pd.Timedelta(days, "D")):
        assert periods_from_dates(day, length, origin=origin) == expected
    months = 12 * (day.year - 2020) + day.month - 2
    assert periods_from_dates(day, "month", origin=origin) == months
    assert periods_from_dates(day, "quarter", origin="2020-02-01") == months // 3


def test_dates_with_a_time_zone_count_in_utc():
    midnight = datetime(2026, 3, 1, tzinfo=BERLIN)
    assert periods_from_dates(midnight, "month") == periods_from_dates("2026-02-28", "month")
    assert periods_from_dates(midnight, "day", origin=midnight) == 0
    # summer and winter have one time zone
    year = pd.Series(pd.to_datetime(["2026-01-15", "2026-07-15"])).dt.tz_localize("Europe/Berlin")
    found = periods_from_dates(year, "hour")
    assert found[1] - found[0] == 181 * 24 - 1


def test_one_date_and_none():
    assert periods_from_dates(pd.Timestamp("1970-01-02"), "day") == 1
    assert periods_from_dates([], "day").shape == (0,)
    assert isinstance(periods_from_dates("1970-01-02", "day"), int)


@pytest.mark.parametrize(
    ("dates", "options", "message"),
    [
        ([None], {}, "dates has none for row 0"),
        (["2026-01-01", pd.NaT], {}, "dates has none for row 1"),
        (np.array(["2026", "NaT"], dtype="datetime64[Y]"), {}, "dates has none for row 1"),
        (["yesterday"], {}, "dates holds 'yesterday' in row 0"),
        ([20261127], {}, "dates holds 20261127 in row 0, which is no date"),
        (np.array(["20261-01-01"], dtype="datetime64[D]"), {}, "20261-01-01 in row 0; years go"),
        (
            ["2026-01-01", datetime(2026, 1, 1, tzinfo=BERLIN)],
            {},
            "mixes time zones: none in row 0, Europe/Berlin in row 1",
        ),
        (
            [datetime(2026, 1, 1, tzinfo=zone) for zone in (timezone.utc, BERLIN)],
            {},
            "mixes time zones: UTC in row 0, Europe/Berlin in row 1",
        ),
        ([datetime.min.replace(tzinfo=BERLIN)], {}, "in row 0: date value out of range"),
        (DAYS, {"every": "fortnight"}, "every must be one of 'hour'.* got 'fortnight'"),
        (DAYS, {"every": timedelta(0)}, "every must be one of"),
        (DAYS, {"every": np.timedelta64(1, "M")}, "every must be one of"),
        (DAYS, {"every": np.timedelta64("NaT")}, "every must be one of"),
        (DAYS, {"every": 7}, "every must be one of"),
        (DAYS, {"every": "month", "origin": "2026-01-02"}, "origin must be the first moment"),
        (DAYS, {"origin": datetime(2026, 1, 1, tzinfo=BERLIN)}, "must both have a time zone"),
        (DAYS, {"origin": "tomorrow"}, "origin holds 'tomorrow'"),
    ],
)
def test_what_is_refused(dates, options, message):
    with pytest.raises(InvalidInputError, match=message):
        periods_from_dates(dates, **{"every": "day", **options})
