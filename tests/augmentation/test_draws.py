"""Seeds of copies follow from the content of rows, and stay from release to release."""

import numpy as np
import pytest
from scipy.stats import kstest

from sklearn_certify.augmentation._draws import copy_seeds, draw_uniforms, seeds_of_part


def test_seeds_stay():
    X = np.array([[0.0, 1.5], [-0.0, 1.5], [2, 3]])
    assert copy_seeds(X, 2, 0).tolist() == [
        [1985330822127743920, 5586202177099093794],
        [1985330822127743920, 5586202177099093794],
        [13990163787563271704, 5385808576742185974],
    ]
    assert copy_seeds(X, 2, 5)[2].tolist() == [8723899068015473488, 3986811728041208436]
    draws = draw_uniforms(np.array([7], dtype=np.uint64), 3)
    assert draws.tolist() == [[0.3898297483912715, 0.01678829452815611, 0.9007606806068834]]


@pytest.mark.parametrize("dtype", [np.uint8, np.int64, np.float32, np.float16])
def test_seeds_follow_from_values_and_not_from_types(dtype):
    X = np.random.default_rng(0).integers(0, 200, (20, 3, 4))
    seeds = copy_seeds(X.astype(float), 3, 1)
    np.testing.assert_array_equal(copy_seeds(X.astype(dtype), 3, 1), seeds)
    np.testing.assert_array_equal(copy_seeds(np.asfortranarray(X), 2, 1), seeds[:, :2])
    assert len(np.unique(seeds)) == seeds.size


@pytest.mark.parametrize("other", [lambda s: s, lambda s: seeds_of_part(s, 3)])
def test_draws_are_uniform(other):
    seeds = other(copy_seeds(np.arange(3000.0)[:, np.newaxis], 1, 0).ravel())
    draws = draw_uniforms(seeds, 4)
    assert draws.min() >= 0 and draws.max() < 1
    for column in draws.T:
        assert kstest(column, "uniform").pvalue > 1e-3
    assert np.abs(np.corrcoef(draws.T) - np.eye(4)).max() < 0.06
