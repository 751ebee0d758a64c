"""Tokens of cells as version 0.1.0 found them, one by one: partitions and votes rest on them."""

from datetime import date, time, timedelta
from decimal import Decimal
from hashlib import blake2b
from numbers import Real
from uuid import UUID

import numpy as np
import pandas as pd

from sklearn_certify._rows.missing import is_missing

MISSING = np.uint64(0x7FF8000000000000)
TIME_TAG = np.uint64(0x74696D6500000000)


def reference_token(value):
    if isinstance(value, str):
        return _digest(b"s", value.encode("utf-8", "surrogatepass"))
    if isinstance(value, bytes):
        return _digest(b"b", value)
    if is_missing(value):
        return MISSING
    if isinstance(value, (np.datetime64, np.timedelta64)):
        return _time_token(np.array([value]))
    if isinstance(value, (Real, Decimal, np.bool_)):
        try:
            return _number_token(value)
        except OverflowError:
            return _digest(b"n", str(value).encode())
    if isinstance(value, date):
        return _time_token(np.array([_as_utc(value)], dtype="M8[us]"))
    if isinstance(value, timedelta):
        return _time_token(np.array([value], dtype="m8[us]"))
    if isinstance(value, time):
        return _digest(b"t", value.isoformat().encode())
    if isinstance(value, UUID):
        return _digest(b"u", value.bytes)
    if isinstance(value, pd.Period):
        return _digest(b"p", str(value).encode())
    if isinstance(value, pd.Interval):
        ends = np.array([reference_token(value.left), reference_token(value.right)])
        return _digest(b"i", value.closed.encode() + ends.astype("<u8").tobytes())
    raise TypeError(type(value))


def _number_token(value):
    number = np.array([value], dtype=np.float64)
    if np.isnan(number[0]):
        return MISSING
    return np.uint64(0) if number[0] == 0 else number.view(np.uint64)[0]


def _time_token(values):
    if np.isnat(values[0]):
        return MISSING
    return values.astype(f"{values.dtype.kind}8[us]").view(np.uint64)[0] ^ TIME_TAG


def _as_utc(value):
    if getattr(value, "tzinfo", None) is None:
        return value
    return value.replace(tzinfo=None) - value.utcoffset()


def _digest(kind, content):
    return np.uint64(
        int.from_bytes(blake2b(content, digest_size=8, person=kind).digest(), "little")
    )
