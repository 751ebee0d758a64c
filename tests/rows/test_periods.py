"""Periods of rows are whole numbers, or what pandas calls periods."""

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from sklearn_certify._rows import check_periods
from sklearn_certify.exceptions import InvalidInputError


@pytest.mark.parametrize(
    "make",
    [
        list,
        tuple,
        np.array,
        pd.Series,
        pd.Index,
        pl.Series,
        pa.array,
        lambda numbers: np.array(numbers, dtype=np.int8),
        lambda numbers: np.array(numbers, dtype=float),
        lambda numbers: np.array(numbers, dtype=object),
        lambda numbers: pd.Series(numbers, dtype="Int64"),
        lambda numbers: pd.DataFrame({"week": numbers}),
        lambda numbers: [float(numbers[0]), *map(np.int16, numbers[1:])],
    ],
)
def test_whole_numbers_of_every_library(make):
    numbers, frequency = check_periods(make([3, -1, 2]))
    assert numbers.tolist() == [3, -1, 2]
    assert numbers.dtype == np.int64 and frequency is None


def test_periods_of_pandas():
    months = pd.period_range("2026-11", periods=3, freq="M")
    for periods in (months, pd.Series(months), list(months), months.to_numpy()):
        numbers, frequency = check_periods(periods)
        assert numbers.tolist() == [682, 683, 684] and frequency == "M"


@pytest.mark.parametrize(
    ("periods", "message"),
    [
        ([1, None], "periods has none for row 1"),
        ([1.0, float("nan")], "periods has none for row 1"),
        (np.array([1.0, np.nan]), "periods has none for row 1"),
        (pd.Series([1, None], dtype="Int64"), "periods has none for row 1"),
        ([*pd.period_range("2026", periods=2, freq="Y"), pd.NaT], "none for row 2"),
        ([1, 1.5], "holds 1.5 in row 1, which is no whole number between"),
        ([1, np.inf], "holds inf in row 1, which is no whole number between"),
        ([2**60], "holds 1152921504606846976 in row 0"),
        (np.array([2**64 - 1], dtype=np.uint64), "in row 0, which is no whole number between"),
        ([True, 2], "holds True in row 0, which is no whole number; make numbers of dates"),
        (np.array([True, False]), "in row 0, which is no whole number; make numbers"),
        (["2026-11-27"], "holds '2026-11-27' in row 0, .*periods_from_dates"),
        (pd.to_datetime(["2026-11-27"]), "in row 0, .*periods_from_dates"),
        (np.array(["2026-11-27"], dtype="datetime64[D]"), "in row 0, .*periods_from_dates"),
        ([np.timedelta64(3, "D")], "in row 0, .*periods_from_dates"),
        ([pd.Period("2026-11", "M"), pd.Period("2026", "Y")], "mixes 'M' and '[AY]-DEC'"),
        ([pd.Period("2026-11", "M"), 3], "mixes 'M' and numbers"),
        ([[1, 2], [3, 4]], "periods should be a 1d array"),
        (7, "periods should be a 1d array"),
    ],
)
def test_no_periods(periods, message):
    with pytest.raises(InvalidInputError, match=message):
        check_periods(periods)
