"""What tokens are made of: bits of numbers, microseconds of times, digests of texts."""

from hashlib import blake2b

import numpy as np

__all__ = ["MISSING", "digest_tokens", "microsecond_tokens", "number_tokens", "time_tokens"]

MISSING = np.uint64(0x7FF8000000000000)  # the bits of the NaN that stands for all missing values
_TIME_TAG = np.uint64(0x74696D6500000000)  # keeps times apart from numbers with the same bits

# strings, bytes, numbers beyond float64, times of day, UUIDs, periods, intervals;
# a copy of a hasher costs a third of a new one
_KINDS = (b"s", b"b", b"n", b"t", b"u", b"p", b"i")
_HASHERS = {kind: blake2b(digest_size=8, person=kind) for kind in _KINDS}


def number_tokens(values):
    """Return the bits of real numbers as float64, with one zero and one NaN."""
    values = np.array(values, dtype=np.float64, ndmin=1)
    zero, missing = values == 0, np.isnan(values)
    tokens = values.view(np.uint64)
    tokens[zero] = 0
    tokens[missing] = MISSING
    return tokens


def time_tokens(values):
    """Return a token for every time, or time span, of an array of numpy's kinds."""
    # microseconds whatever the unit: the years 1 to 9999 fit
    microseconds = values.astype(f"{values.dtype.kind}8[us]")
    tokens = microsecond_tokens(microseconds.view(np.int64))
    tokens[np.isnat(values)] = MISSING
    return tokens


def microsecond_tokens(microseconds):
    """Return a token for every time, or time span, none of them missing, in microseconds."""
    return microseconds.view(np.uint64) ^ _TIME_TAG


def digest_tokens(kind, contents):
    """Return a token for everything of a kind, a letter, whose content is given as bytes."""
    copy = _HASHERS[kind].copy
    digests = []
    for content in contents:
        hasher = copy()
        hasher.update(content)
        digests.append(hasher.digest())
    return np.frombuffer(b"".join(digests), dtype="<u8").astype(np.uint64)
