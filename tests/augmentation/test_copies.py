"""Rows come first, their copies follow from them alone, and audits see through the transformer."""

import pickle
from inspect import signature

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import Normalizer, OneHotEncoder, StandardScaler
from sklearn.utils import get_tags
from sklearn.utils.estimator_checks import check_param_validation, parametrize_with_checks

from sklearn_certify import DPAClassifier, certified_radius
from sklearn_certify._compat import InvalidParameterError
from sklearn_certify._steps._row_by_row import transform_each
from sklearn_certify.audit import find_unsound_steps
from sklearn_certify.augmentation import (
    Augmentation,
    AugmentedCopies,
    ColumnNoise,
    Compose,
    GaussianNoise,
    RandomAffine,
    _copies,
)
from sklearn_certify.exceptions import InvalidInputError, UnsoundPipelineError
from sklearn_certify.image import HOG, Deskew, make_hog_pipeline
from sklearn_certify.learners import CopiesClassifier, StackedRidgeClassifier

from .cases import ROW_ALONE, make_images

IMAGES = make_images(40)
GREY = IMAGES[..., 0]
HOGS = make_hog_pipeline(2, deskew=True)


@parametrize_with_checks([AugmentedCopies(GaussianNoise(), n_copies=2)])
def test_scikit_learns_checks(estimator, check):
    check(estimator)


def test_parameters_are_checked():
    check_param_validation("AugmentedCopies", AugmentedCopies(GaussianNoise()))
    with pytest.raises(InvalidParameterError, match="augmentation"):
        AugmentedCopies().fit(IMAGES)
    assert list(signature(AugmentedCopies).parameters)[:2] == ["augmentation", "transformer"]


@pytest.mark.parametrize("name", ROW_ALONE)
def test_copies_follow_from_their_row(name):
    copies = AugmentedCopies(ROW_ALONE[name], n_copies=3).fit_transform(IMAGES)
    assert copies.shape == (40, 4, *IMAGES.shape[1:])
    np.testing.assert_array_equal(copies[:, 0], IMAGES)
    some = np.array([7, 3, 3, 31])
    again = AugmentedCopies(ROW_ALONE[name], n_copies=3).fit_transform(IMAGES[some])
    np.testing.assert_array_equal(again, copies[some])
    more = AugmentedCopies(ROW_ALONE[name], n_copies=5).fit_transform(IMAGES)
    np.testing.assert_array_equal(more[:, :4], copies)
    assert (copies[:, 1] != copies[:, 2]).any(axis=(1, 2, 3)).mean() > 0.3
    other = AugmentedCopies(ROW_ALONE[name], n_copies=3, random_state=1).fit_transform(IMAGES)
    assert (other[:, 1:] != copies[:, 1:]).any()


def test_one_number_changes_the_copies_of_its_row_alone():
    changed = IMAGES.copy()
    changed[5, 0, 0, 0] += 1
    maker = AugmentedCopies(GaussianNoise(0.1))
    differ = (maker.fit_transform(changed) != maker.fit_transform(IMAGES)).any(axis=(2, 3, 4))
    assert differ[5].all() and not np.delete(differ, 5, axis=0).any()


def test_no_copies():
    np.testing.assert_array_equal(
        AugmentedCopies(RandomAffine(), n_copies=0).fit_transform(IMAGES)[:, 0], IMAGES
    )


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_neither_blocks_nor_workers_matter(n_jobs, monkeypatch):
    maker = AugmentedCopies(RandomAffine(), HOGS)
    expected = maker.fit_transform(GREY)
    monkeypatch.setattr(_copies, "_BLOCK_BYTES", 10_000)
    made = clone(maker).set_params(n_jobs=n_jobs).fit_transform(GREY)
    np.testing.assert_array_equal(made, expected)


def test_features_are_those_of_each_copy():
    copies = AugmentedCopies(RandomAffine()).fit_transform(GREY)
    features = AugmentedCopies(RandomAffine(), HOGS).fit_transform(GREY)
    for copy in range(5):
        np.testing.assert_array_equal(features[:, copy], HOGS.fit_transform(copies[:, copy]))


def test_features_may_be_a_table():
    tables = Normalizer().set_output(transform="pandas")
    made = AugmentedCopies(GaussianNoise(), tables).fit_transform(IMAGES.reshape(40, -1))
    assert isinstance(made, np.ndarray) and made.shape == (40, 5, 70)


def test_rows_of_a_table_are_numbers():
    frame = pd.DataFrame(IMAGES.reshape(40, -1)).rename(columns=str)
    maker = AugmentedCopies(GaussianNoise()).fit(frame)
    assert list(maker.feature_names_in_) == list(frame.columns)
    np.testing.assert_array_equal(maker.transform(frame)[:, 0], frame)


def test_it_can_be_pickled():
    maker = AugmentedCopies(RandomAffine(), HOGS).fit(GREY)
    np.testing.assert_array_equal(
        pickle.loads(pickle.dumps(maker)).transform(GREY), maker.transform(GREY)
    )


@pytest.mark.parametrize("augmentation", [ColumnNoise(), Compose([ColumnNoise()])])
def test_what_learns_from_all_rows_is_refused(augmentation):
    with pytest.raises(InvalidInputError, match="learns from all rows"):
        AugmentedCopies(augmentation).fit(IMAGES)


def test_sparse_features_are_refused():
    flat = IMAGES.reshape(40, -1)
    maker = AugmentedCopies(GaussianNoise(), OneHotEncoder(handle_unknown="ignore")).fit(flat)
    with pytest.raises(InvalidInputError, match="sparse rows are not taken"):
        maker.transform(flat)


STATELESS = [
    None,
    Normalizer(),
    make_pipeline(Normalizer(), "passthrough"),
    make_union(Normalizer(), HOG(2, image_shape=(7, 10))),
    FrozenEstimator(StandardScaler().fit(IMAGES.reshape(40, -1))),
]


@pytest.mark.parametrize("transformer", STATELESS, ids=repr)
def test_what_learns_nothing_may_stand_in_front(transformer, digits):
    maker = AugmentedCopies(GaussianNoise(), transformer, n_copies=2)
    assert not get_tags(maker).requires_fit
    flat = IMAGES.reshape(40, -1)
    np.testing.assert_array_equal(maker.transform(flat), clone(maker).fit_transform(flat))
    np.testing.assert_array_equal(transform_each(maker, flat), maker.transform(flat))


@pytest.mark.parametrize(
    "transformer", [StandardScaler(), make_pipeline(Normalizer(), StandardScaler())], ids=repr
)
def test_what_learns_is_refused_in_front(transformer, digits):
    X, y = digits[:2]
    maker = AugmentedCopies(GaussianNoise(), transformer, n_copies=1)
    assert get_tags(maker).requires_fit
    with pytest.raises(UnsoundPipelineError, match="AugmentedCopies"):
        DPAClassifier(CopiesClassifier(), transformer=maker).fit(X[:100], y[:100])
    pipeline = make_pipeline(maker, DPAClassifier(CopiesClassifier(), n_partitions=5))
    assert [step.name for step in find_unsound_steps(pipeline)] == ["augmentedcopies"]


def test_a_pipeline_is_certified_and_transforms_row_by_row(digits):
    X, y, X_test, _ = digits
    maker = AugmentedCopies(RandomAffine(image_shape=(8, 8)), Deskew(image_shape=(8, 8)))
    voters = DPAClassifier(CopiesClassifier(StackedRidgeClassifier(alpha=50)), n_partitions=10)
    pipeline = make_pipeline(maker, voters).fit(X[:300], y[:300])
    assert find_unsound_steps(pipeline) == []
    radii = certified_radius(pipeline, X_test)
    assert radii.max() == 4
    inside = clone(voters).set_params(transformer=maker).fit(X[:300], y[:300])
    assert inside.votes(X_test).shape == (200, 10)


class Mixed(Augmentation):
    """A user's, which looks at all rows."""

    def _augment(self, X, seeds):
        return X + X.mean()


def test_what_mixes_rows_gets_one_row_at_a_time_or_is_found_out():
    flat = IMAGES.reshape(40, -1)
    maker = AugmentedCopies(Mixed(), n_copies=1)
    alone = [maker.transform(row[np.newaxis])[0] for row in flat]
    np.testing.assert_array_equal(transform_each(maker, flat), alone)
    pipeline = make_pipeline(maker, DPAClassifier(CopiesClassifier(), n_partitions=3))
    pipeline.fit(flat, np.arange(40) % 2)
    with pytest.raises(UnsoundPipelineError, match="AugmentedCopies"):
        certified_radius(pipeline, flat)
