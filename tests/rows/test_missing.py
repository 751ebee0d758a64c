"""None, NaN, NaT and NA are missing, and nothing else is."""

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from sklearn_certify._rows.missing import is_missing


@pytest.mark.parametrize(
    "value",
    [
        None,
        np.nan,
        float("nan"),
        np.float32("nan"),
        np.datetime64("NaT"),
        np.timedelta64("NaT"),
        pd.NaT,
        pd.NA,
        Decimal("nan"),
        complex("nan"),
    ],
    ids=repr,
)
def test_what_is_missing(value):
    assert is_missing(value) is True


class Contrary:
    """Differs from everything, and says so in a way of its own."""

    def __ne__(self, other):
        return "yes"


class Refusing:
    def __ne__(self, other):
        raise TypeError("no comparison")


PRESENT = [0, 0.0, -0.0, "", "nan", b"", False, np.inf, np.array([np.nan]), [], (), Decimal(0)]
PRESENT += [np.str_("NA"), pd.Timestamp("2024"), pd.Interval(0, 1), Contrary(), Refusing()]


@pytest.mark.parametrize("value", PRESENT, ids=lambda value: type(value).__name__)
def test_what_is_not(value):
    assert is_missing(value) is False
