"""Means and variances of columns, of parts of the rows and of all."""

import numpy as np
import pytest
from sklearn.preprocessing import scale

from sklearn_certify._rows.column_moments import ColumnMoments


@pytest.mark.parametrize("seed", range(5))
def test_moments_of_parts_add_up_to_those_of_all(seed):
    rng = np.random.default_rng(seed)
    cells = rng.normal(size=(300, 6)) * 10.0 ** rng.integers(-6, 6, 6) + rng.normal(size=6)
    cells[:, 4], cells[:, 5] = 7.0, rng.integers(-1, 2, 300)
    cells[rng.random(cells.shape) < rng.choice([0, 0.2])] = np.nan
    ends = np.sort(rng.integers(0, 300, 5))
    parts = [ColumnMoments.of(part) for part in np.split(cells, ends) if len(part)]
    added, whole = sum(parts[1:], parts[0]), ColumnMoments.of(cells)
    np.testing.assert_array_equal(added.counts, whole.counts)
    np.testing.assert_allclose(added.means, whole.means, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(added.variances, whole.variances, rtol=1e-10)
    varies = whole.variances > 0
    np.testing.assert_array_equal(added.are_whole[varies], whole.are_whole[varies])


def test_parts_of_centred_rows_may_be_centred_and_others_not():
    rng = np.random.default_rng(0)
    raw = rng.normal(3, 1, size=(4000, 3))
    centred = scale(raw)
    for start in range(0, 4000, 50):
        assert ColumnMoments.of(centred[start : start + 50]).may_be_centred()
        assert not ColumnMoments.of(raw[start : start + 50]).may_be_centred()
    assert ColumnMoments.of(np.ones((5, 3))).may_be_centred()  # nothing varies in them
