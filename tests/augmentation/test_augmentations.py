"""A copy is a function of its row and its seed, to the last bit, and alters the row as it says."""

import pickle
import random
import re
import threading
from inspect import getdoc, signature

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage
from sklearn.base import clone
from sklearn.utils import get_tags

import sklearn_certify.augmentation
from sklearn_certify._compat import InvalidParameterError
from sklearn_certify.augmentation import (
    Augmentation,
    BrightnessContrast,
    ColumnNoise,
    Compose,
    Cutout,
    ElasticDeformation,
    FeatureDropout,
    FunctionAugmentation,
    GaussianNoise,
    HorizontalFlip,
    ImageAugmentation,
    RandomAffine,
    RandomChoice,
    RandomShift,
)
from sklearn_certify.augmentation._draws import draw_uniforms
from sklearn_certify.exceptions import InvalidInputError, UnsoundVoterError

from .cases import EVERY, OF_IMAGES, ROW_ALONE, SHAPE, jumbled, make_images, seeds_of

IMAGES = make_images()
SEEDS = seeds_of(IMAGES)
CLASSES = [
    cls
    for name in sklearn_certify.augmentation.__all__
    if issubclass(cls := getattr(sklearn_certify.augmentation, name), Augmentation)
    and cls not in (Augmentation, ImageAugmentation)
]
every_augmentation = pytest.mark.parametrize("name", EVERY)


def augmented(name, X=IMAGES, seeds=SEEDS):
    return clone(EVERY[name]).fit(IMAGES).augment(X, seeds)


@every_augmentation
@settings(deadline=None, derandomize=True, max_examples=25)
@given(rows=st.lists(st.integers(0, len(IMAGES) - 1), min_size=1, max_size=9))
def test_a_copy_follows_from_its_row_and_its_seed(name, rows):
    np.testing.assert_array_equal(augmented(name, IMAGES[rows], SEEDS[rows]), augmented(name)[rows])


@every_augmentation
def test_neither_batches_nor_the_form_in_memory_matter(name):
    many = np.tile(IMAGES, (20, 1, 1, 1))
    copies = augmented(name, many, np.resize(SEEDS, len(many)))
    np.testing.assert_array_equal(copies, np.resize(augmented(name), copies.shape))
    np.testing.assert_array_equal(augmented(name, np.asfortranarray(IMAGES)), augmented(name))


@every_augmentation
def test_rows_stay_and_copies_differ(name):
    X = IMAGES.copy()
    X.flags.writeable = False
    copies, others = augmented(name, X), augmented(name, X, SEEDS[::-1].copy())
    assert copies.shape == X.shape
    assert (copies != X).any(axis=(1, 2, 3)).mean() > 0.3
    assert (copies != others).any(axis=(1, 2, 3)).mean() > 0.3


@every_augmentation
@pytest.mark.parametrize(
    ("dtype", "expected"),
    [(np.uint8, "f4"), (np.int16, "f4"), (np.float32, "f4"), (np.int32, "f8"), (float, "f8")],
)
def test_types_of_numbers(name, dtype, expected):
    copies = augmented(name, make_images(dtype=dtype))
    assert copies.dtype == expected
    np.testing.assert_allclose(copies, augmented(name), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("name", OF_IMAGES)
def test_flat_rows_are_images_of_their_shape(name):
    flat = clone(EVERY[name]).set_params(image_shape=SHAPE)
    copies = flat.augment(IMAGES.reshape(len(IMAGES), -1), SEEDS)
    np.testing.assert_array_equal(copies.reshape(IMAGES.shape), augmented(name))
    grey = clone(EVERY[name]).augment(IMAGES[..., 0], SEEDS)
    if name != "light":  # which looks at all channels together
        np.testing.assert_array_equal(grey, augmented(name)[..., 0])


@pytest.mark.parametrize("name", OF_IMAGES)
def test_what_is_no_image_is_refused(name):
    with pytest.raises(InvalidInputError, match=r"rows have shape \(4,\); pass image_shape="):
        EVERY[name].augment(np.zeros((2, 4)), SEEDS[:2])
    with pytest.raises(InvalidInputError, match=r"image_shape=\(3, 3\), but the rows"):
        clone(EVERY[name]).set_params(image_shape=(3, 3)).augment(np.zeros((2, 4)), SEEDS[:2])


@every_augmentation
def test_numbers_that_are_none_do_not_break_it(name):
    for value in (np.nan, np.inf, 1e300):
        with np.errstate(all="ignore"):
            assert augmented(name, np.full((3, *SHAPE), value), SEEDS[:3]).shape == (3, *SHAPE)


@every_augmentation
def test_they_are_estimators(name):
    augmentation = EVERY[name]
    again = pickle.loads(pickle.dumps(augmentation))
    np.testing.assert_array_equal(
        again.fit(IMAGES).augment(IMAGES[:3], SEEDS[:3]), augmented(name)[:3]
    )
    assert type(augmentation).__name__ in repr(augmentation)
    assert get_tags(augmentation).requires_fit == (name not in ROW_ALONE)


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_parameters_are_documented_and_checked(cls):
    section = re.split(r"\n\n[A-Z][\w ]+\n-", getdoc(cls).split("Parameters\n")[1])[0]
    parameters = list(signature(cls).parameters)
    assert re.findall(r"^(\w+) : ", section, re.MULTILINE) == parameters
    required = {"function": jumbled, "augmentations": [jumbled]}
    for name in parameters:
        given = {key: value for key, value in required.items() if key in parameters}
        with pytest.raises(InvalidParameterError, match=name):
            cls(**{**given, name: object()}).augment(IMAGES, SEEDS)


@pytest.mark.parametrize(("mode", "scipys"), [("constant", "grid-constant"), ("edge", "nearest")])
def test_affine_copies_are_scipys(mode, scipys):
    affine = RandomAffine(
        30, shear=20, scale=(0.5, 1.5), translation=0.2, mode=mode, fill_value=0.3
    )
    for image, seed in zip(IMAGES[..., 0], SEEDS, strict=True):
        angle, shear, scale, *move = draw_uniforms(np.array([seed]), 5)[0]
        angle, shear = np.deg2rad(30) * (2 * angle - 1), np.deg2rad(20) * (2 * shear - 1)
        turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
        matrix = np.array([[1, 0], [np.tan(shear), 1]]) @ turn / (0.5 + scale)
        middle = (np.array(image.shape) - 1) / 2
        move = (2 * np.array(move) - 1) * 0.2 * image.shape
        offset = middle - matrix @ (middle + move)
        expected = ndimage.affine_transform(image, matrix, offset, order=1, mode=scipys, cval=0.3)
        copy = affine.augment(image[np.newaxis], np.array([seed]))[0]
        np.testing.assert_allclose(copy, expected, atol=1e-10)


@pytest.mark.parametrize(
    "still",
    [
        RandomAffine(0, scale=(1, 1), translation=0),
        RandomShift(0),
        ElasticDeformation(0),
        BrightnessContrast(0, 0),
        HorizontalFlip(0),
        GaussianNoise(0),
        FeatureDropout(0),
        ColumnNoise(0),
    ],
    ids=lambda augmentation: type(augmentation).__name__,
)
def test_without_range_nothing_changes(still):
    np.testing.assert_allclose(still.fit(IMAGES).augment(IMAGES, SEEDS), IMAGES, rtol=1e-12)


def test_shifts_are_whole_pixels_in_all_directions():
    image = IMAGES[0, ..., 0]
    seeds = np.arange(300, dtype=np.uint64)
    moves = {}
    for copy in RandomShift(1).augment(np.repeat(image[np.newaxis], 300, axis=0), seeds):
        moves.setdefault(copy.tobytes(), copy)
    expected = {
        ndimage.shift(image, (down, right), order=0, mode="constant").tobytes()
        for down in (-1, 0, 1)
        for right in (-1, 0, 1)
    }
    assert set(moves) == expected


@pytest.mark.parametrize(("mode", "scipys"), [("constant", "grid-constant"), ("edge", "nearest")])
def test_elastic_copies_are_scipys(mode, scipys):
    image = IMAGES[0, ..., 0]
    elastic = ElasticDeformation(4, 1.5, mode=mode, fill_value=0.3)
    copy = elastic.augment(image[np.newaxis], SEEDS[:1])[0]
    draws = 2 * draw_uniforms(SEEDS[:1], 2 * image.size).reshape(2, *image.shape) - 1
    moves = [4 * ndimage.gaussian_filter(field, 1.5, mode="constant", radius=5) for field in draws]
    places = np.indices(image.shape) + moves
    expected = ndimage.map_coordinates(image, places, order=1, mode=scipys, cval=0.3)
    np.testing.assert_allclose(copy, expected, atol=1e-10)


def test_cutout_cuts_out_a_square():
    copies = Cutout(0.5, fill_value=-1.0).augment(np.zeros((200, 8, 8)), seeds_of(np.eye(200)))
    n_cut = (copies == -1).sum(axis=(1, 2))
    assert set(n_cut) <= {a * b for a in (2, 3, 4) for b in (2, 3, 4)} and n_cut.max() == 16
    assert (copies == -1).any(axis=0).all()


def test_light_is_a_change_of_scale():
    copies = BrightnessContrast(0.4, 0.3).augment(IMAGES, SEEDS)
    for image, copy in zip(IMAGES, copies, strict=True):
        slope, level = np.polyfit(image.ravel(), copy.ravel(), 1)
        np.testing.assert_allclose(copy, slope * image + level)
        light = copy.mean() / image.mean()
        assert 0.6 <= light <= 1.4 and 0.7 <= slope / light <= 1.3


def test_some_images_are_mirrored():
    copies = HorizontalFlip(0.5).augment(IMAGES, SEEDS)
    is_flipped = (copies == IMAGES[:, :, ::-1]).all(axis=(1, 2, 3))
    assert 5 < is_flipped.sum() < 25
    np.testing.assert_array_equal(copies[~is_flipped], IMAGES[~is_flipped])


def test_noise_is_normal_and_independent():
    noise = GaussianNoise(2.0).augment(np.zeros((4000, 6)), seeds_of(np.arange(4000.0)[:, None]))
    np.testing.assert_allclose(noise.mean(axis=0), 0, atol=0.15)
    np.testing.assert_allclose(np.cov(noise.T), 4 * np.eye(6), atol=0.4)
    assert 0.03 < (np.abs(noise) > 4).mean() < 0.06


def test_noise_of_columns_is_on_their_scale():
    X = np.column_stack([np.arange(500.0), 1e6 * np.arange(500.0), np.ones(500)])
    X[3, 0] = np.nan
    fitted = ColumnNoise(0.1).fit(X)
    np.testing.assert_allclose(fitted.scales_, 0.1 * np.nanstd(X, axis=0), atol=1e-9)
    noise = fitted.augment(X, seeds_of(X)) - X
    np.testing.assert_allclose(np.nanstd(noise, axis=0), fitted.scales_, rtol=0.15)
    assert np.isnan(noise[3, 0]) and np.isnan(noise).sum() == 1


def test_dropped_features_are_replaced():
    copies = FeatureDropout(0.25, fill_value=np.nan).augment(IMAGES, SEEDS)
    dropped = np.isnan(copies)
    assert 0.2 < dropped.mean() < 0.3
    np.testing.assert_array_equal(copies[~dropped], IMAGES[~dropped])


def test_one_of_several_or_one_after_the_other():
    flip, still = HorizontalFlip(1.0), HorizontalFlip(0.0)
    chosen = RandomChoice([flip, still]).augment(IMAGES, SEEDS)
    is_flipped = (chosen == IMAGES[:, :, ::-1]).all(axis=(1, 2, 3))
    assert 5 < is_flipped.sum() < 25
    np.testing.assert_array_equal(Compose([flip, flip]).augment(IMAGES, SEEDS), IMAGES)
    twice = Compose([GaussianNoise(1), GaussianNoise(1)]).augment(np.zeros((999, 1)), SEEDS[:1])
    assert twice.shape == (999, 1)


def test_parts_draw_independently():
    seeds = seeds_of(np.arange(3000.0)[:, None])
    zeros = np.zeros((3000, 2))
    twice = Compose([GaussianNoise(1), GaussianNoise(1)]).augment(zeros, seeds)
    np.testing.assert_allclose(twice.std(axis=0), np.sqrt(2), rtol=0.1)  # and not 2


@pytest.mark.parametrize("several", [Compose, RandomChoice])
def test_several_learn_what_their_parts_learn(several):
    assert get_tags(several([several([ColumnNoise()])])).requires_fit
    fitted = several([ColumnNoise(0.5)]).fit(IMAGES)
    assert fitted.augment(IMAGES, SEEDS).shape == IMAGES.shape
    with pytest.raises(InvalidInputError, match="at least one"):
        several([]).augment(IMAGES, SEEDS)


def draws_from_everywhere(row, random_state):
    return row + random_state.normal() + np.random.normal() + random.random()


def test_draws_from_global_generators_follow_from_the_seed():
    augmentation = FunctionAugmentation(draws_from_everywhere)
    np.random.seed(0)
    random.seed(0)
    before = np.random.get_state()[1].copy(), random.getstate()
    copies = augmentation.augment(IMAGES[:4], SEEDS[:4])
    assert (np.random.get_state()[1] == before[0]).all() and random.getstate() == before[1]
    np.random.seed(1)
    again = augmentation.augment(IMAGES[2:4], SEEDS[2:4])
    np.testing.assert_array_equal(again, copies[2:])


def test_draws_from_global_generators_in_threads_are_refused():
    errors = []

    def work():
        try:
            FunctionAugmentation(draws_from_everywhere).augment(IMAGES[:2], SEEDS[:2])
        except UnsoundVoterError as error:
            errors.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert len(errors) == 1


@pytest.mark.parametrize("made", [np.zeros(3), "text", None])
def test_functions_must_make_rows(made):
    with pytest.raises(InvalidInputError, match="a row of numbers of the same shape"):
        FunctionAugmentation(lambda row, random_state: made).augment(IMAGES, SEEDS)


def test_functions_may_write_to_their_row():
    def cleared(row, random_state):
        row[:] = 0
        return row

    X = IMAGES.copy()
    assert not FunctionAugmentation(cleared).augment(X, SEEDS).any()
    np.testing.assert_array_equal(X, IMAGES)


@pytest.mark.parametrize("scale", [(1, 2, 3), (0, 1), (2, 1), (1, np.inf)])
def test_scales_are_two_factors(scale):
    with pytest.raises(InvalidInputError, match="scale must be two factors"):
        RandomAffine(scale=scale).augment(IMAGES, SEEDS)
