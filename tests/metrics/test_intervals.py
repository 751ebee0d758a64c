"""Scores of certified intervals."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sklearn_certify.exceptions import InvalidInputError
from sklearn_certify.metrics import certified_interval_width, certified_within_tolerance_score
from sklearn_certify.metrics._intervals import interval_around

finite = st.floats(allow_nan=False, allow_infinity=False)


@given(finite, st.floats(min_value=0, allow_nan=False))
def test_no_number_around_is_farther_than_the_tolerance(y, tolerance):
    (low,), (high,) = interval_around([y], tolerance)
    if tolerance == np.inf:
        assert (low, high) == (-np.inf, np.inf)
        return
    y, tolerance = Fraction(y), Fraction(tolerance)
    assert np.isfinite(low) and np.isfinite(high)
    assert y - tolerance <= Fraction(low) <= y <= Fraction(high) <= y + tolerance
    for end, outwards in ((low, -np.inf), (high, np.inf)):  # and the ends are the last ones
        with np.errstate(over="ignore"):
            beyond = np.nextafter(end, outwards)
        assert np.isinf(beyond) or abs(Fraction(beyond) - y) > tolerance


def test_widths():
    intervals = [[0.0, 2.5], [-np.inf, 1.0], [-np.inf, np.inf], [np.inf, np.inf], [-1e308, 1e308]]
    assert certified_interval_width(intervals).tolist() == [2.5, np.inf, np.inf, 0, np.inf]
    several = np.stack([intervals, np.zeros((5, 2))], axis=2)
    np.testing.assert_array_equal(
        certified_interval_width(several)[:, 0], [2.5, np.inf, np.inf, 0, np.inf]
    )
    np.testing.assert_array_equal(certified_interval_width(several)[:, 1], np.zeros(5))


def test_score_counts_intervals_that_stay_near_the_truth():
    intervals = [[0.0, 2.0], [1.0, 3.0], [-np.inf, 1.0]]
    assert certified_within_tolerance_score([1, 1, 1], intervals, tolerance=1) == pytest.approx(
        1 / 3
    )
    assert certified_within_tolerance_score([1, 1, 1], intervals, tolerance=[1, 2, np.inf]) == 1
    several = np.stack([intervals, np.ones((3, 2))], axis=2)
    score = certified_within_tolerance_score([1, 1, 1], several, tolerance=1)
    np.testing.assert_allclose(score, [1 / 3, 1])


@pytest.mark.parametrize(
    "intervals", [[0.0, 1.0], [[0.0, 1.0, 2.0]], [[1.0, 0.0]], [[np.nan, 0.0]]]
)
def test_what_is_no_interval_is_refused(intervals):
    with pytest.raises(InvalidInputError, match="intervals must"):
        certified_interval_width(intervals)


def test_no_rows_are_refused():
    with pytest.raises(InvalidInputError, match="no rows"):
        certified_within_tolerance_score([], np.empty((0, 2)), tolerance=1)
