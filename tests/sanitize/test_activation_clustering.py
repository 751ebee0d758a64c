"""Activation clustering: when the smaller cluster of a class is dropped."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sklearn_certify._compat import InvalidParameterError
from sklearn_certify.sanitize import ActivationClusteringFilter

from .rows_of_classes import lumps, two_classes

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@pytest.mark.parametrize(
    ("params", "sizes", "dropped"),
    [
        ({}, (70, 30), True),
        ({}, (51, 49), True),
        ({}, (50, 50), False),
        ({"rule": "relative_size"}, (66, 34), True),
        ({"rule": "relative_size"}, (65, 35), False),
        ({"rule": "relative_size", "size_threshold": 0.2}, (70, 30), False),
        ({"rule": "silhouette", "silhouette_threshold": 0.9}, (70, 30), True),
        ({"rule": "silhouette", "silhouette_threshold": 0.99}, (70, 30), False),
        ({"rule": "silhouette"}, (50, 50), False),
    ],
)
def test_when_the_smaller_cluster_is_dropped(params, sizes, dropped):
    X, y, lump = lumps(*sizes)
    expected = (lump == 0) if dropped else np.ones(100, dtype=bool)
    keep = ActivationClusteringFilter(**params).fit(X, y).keep_mask_
    np.testing.assert_array_equal(keep[y == 0], expected)
    if params.get("rule") != "silhouette":  # independent components have another scale
        keep = ActivationClusteringFilter(reduction="ica", **params).fit(X, y).keep_mask_
        np.testing.assert_array_equal(keep[y == 0], expected)


def test_the_silhouette_tells_lumps_from_one_cloud():
    X, y, lump = lumps(80, 20)  # class 1 is one cloud
    keep = ActivationClusteringFilter(rule="silhouette", silhouette_threshold=0.5).fit(X, y)
    np.testing.assert_array_equal(keep.keep_mask_, np.append(lump == 0, np.ones(100, bool)))


@settings(max_examples=20, deadline=None, derandomize=True)
@given(seed=st.integers(0, 10**6))
def test_margins_toward_the_smaller_cluster(seed):
    X, y = two_classes(seed)
    fitted = ActivationClusteringFilter().fit(X, y)
    for label in (0, 1):
        rows, keep = X[y == label], fitted.keep_mask_[y == label]
        if keep.all():  # two clusters of one size
            continue
        assert np.count_nonzero(keep) > np.count_nonzero(~keep)
        # all six dimensions are left, so that distances are those in the rows themselves
        to_larger, to_smaller = (
            np.linalg.norm(rows - rows[part].mean(axis=0), axis=1) for part in (keep, ~keep)
        )
        np.testing.assert_allclose(fitted.suspicion_[y == label], to_larger - to_smaller, atol=1e-6)
        np.testing.assert_array_equal(fitted.suspicion_[y == label] > 0, ~keep)


def test_small_classes_stay_whole():
    X, y = two_classes(sizes=(60, 9))
    fitted = ActivationClusteringFilter().fit(X, y)
    assert fitted.keep_mask_[y == 1].all()
    assert (fitted.suspicion_[y == 1] == 0).all()
    assert not fitted.keep_mask_[y == 0].all()
    assert not ActivationClusteringFilter(n_components=9).fit(X, y).keep_mask_[y == 1].all()
    X, y = two_classes(sizes=(60, 2))
    fitted = ActivationClusteringFilter(n_components=1).fit(X, y)
    assert fitted.keep_mask_[y == 1].all()
    assert (fitted.suspicion_[y == 1] == 0).all()


def test_dimensions_that_do_not_vary_do_no_harm():
    X, y, lump = lumps(70, 30)
    X = np.hstack([X, X, np.ones((200, 20)), 1e-9 * X])
    for reduction in ("pca", "ica"):
        keep = ActivationClusteringFilter(reduction=reduction).fit(X, y).keep_mask_
        np.testing.assert_array_equal(keep[y == 0], lump == 0)


@pytest.mark.parametrize(
    "params",
    [
        {"rule": "largest"},
        {"reduction": "tsne"},
        {"n_components": 0},
        {"size_threshold": 0.6},
        {"silhouette_threshold": 2},
    ],
)
def test_parameters_of_activation_clustering(params):
    with pytest.raises(InvalidParameterError):
        ActivationClusteringFilter(**params).fit(*two_classes())


@pytest.mark.parametrize("unit", [1e-170, 1e160])
def test_clusters_of_extreme_values(unit, digits):
    X, y = digits[0], digits[1]
    expected = ActivationClusteringFilter().fit(X, y).keep_mask_
    assert (ActivationClusteringFilter().fit(X * unit, y).keep_mask_ == expected).mean() > 0.99
