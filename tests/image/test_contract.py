"""What scikit-learn asks of transformers."""

import pickle
import re
from inspect import getdoc, signature

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn import config_context
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import make_pipeline, make_union
from sklearn.utils import get_tags
from sklearn.utils.estimator_checks import (
    check_dataframe_column_names_consistency,
    check_global_output_transform_pandas,
    check_global_set_output_transform_polars,
    check_param_validation,
    check_set_output_transform,
    check_set_output_transform_pandas,
    check_set_output_transform_polars,
    check_transformer_get_feature_names_out,
    check_transformer_get_feature_names_out_pandas,
    parametrize_with_checks,
)

import sklearn_certify.image
from sklearn_certify.image import (
    HOG,
    ColorGrid,
    ColorHistogram,
    ContrastNormalizer,
    Deskew,
    FlatPixels,
    GrayImages,
    HistogramEqualizer,
    ResizedCrop,
    make_hog_pipeline,
)
from sklearn_certify.image._reading import read_images

from .cases import FEATURES, FILTERS, SHAPE, TRANSFORMERS, make_images

CLASSES = [
    getattr(sklearn_certify.image, name)
    for name in sklearn_certify.image.__all__
    if isinstance(getattr(sklearn_certify.image, name), type)
]


class OfRows:
    """A transformer of rows of any length, each an image of one pixel's height.

    Scikit-learn's checks pass rows of many lengths to one estimator, while `image_shape` is that
    of the images that there are.
    """

    def _read_images(self, X, *, reset):
        shape = X.shape if hasattr(X, "shape") else np.asarray(X).shape
        image_shape = (1, shape[1]) if len(shape) == 2 else None
        return read_images(self, X, image_shape, reset=reset)


def of_rows(transformer):
    name = f"{type(transformer).__name__}OfRows"
    cls = type(name, (OfRows, type(transformer)), {"__module__": __name__})
    globals()[name] = cls  # where pickle finds it
    return cls(**transformer.get_params()).set_params(image_shape=(1, 1))


CHECKED = [
    of_rows(transformer)
    for transformer in (
        HOG(1, cells_per_block=1, interpolate=True, block_norm="L1"),
        ColorGrid(1, color_space=None, with_std=True),
        ColorHistogram(3, color_space=None),
        FlatPixels(),
        ContrastNormalizer(),
        Deskew(),
        GrayImages(),
        HistogramEqualizer(adaptive=False),
        ResizedCrop((1, 5), sigma=2),
    )
]


@parametrize_with_checks(CHECKED)
def test_scikit_learn_checks(estimator, check):
    check(estimator)


@pytest.mark.filterwarnings("ignore:X .*feature names:UserWarning")  # the checks mean to
@pytest.mark.parametrize("transformer", CHECKED, ids=lambda t: type(t).__name__)
@pytest.mark.parametrize(
    "check",
    [
        check_dataframe_column_names_consistency,
        check_global_output_transform_pandas,
        check_global_set_output_transform_polars,
        check_param_validation,
        check_set_output_transform,
        check_set_output_transform_pandas,
        check_set_output_transform_polars,
        check_transformer_get_feature_names_out,
        check_transformer_get_feature_names_out_pandas,
    ],
)
def test_more_checks_of_scikit_learn(check, transformer):
    check(type(transformer).__name__, clone(transformer))


every_transformer = pytest.mark.parametrize(
    "transformer", TRANSFORMERS, ids=lambda transformer: repr(transformer).replace("\n", "")
)


@every_transformer
def test_copies_do_the_same(transformer, tmp_path):
    images = make_images()
    expected = transformer.transform(images)
    fitted = clone(transformer).fit(images, y=range(len(images)))
    joblib.dump(fitted, tmp_path / "transformer.joblib")
    for copy in (
        fitted,
        clone(fitted),
        pickle.loads(pickle.dumps(transformer)),
        joblib.load(tmp_path / "transformer.joblib"),
    ):
        np.testing.assert_array_equal(copy.transform(images), expected)
    np.testing.assert_array_equal(clone(transformer).fit_transform(images), expected)
    assert re.fullmatch(rf"{type(transformer).__name__}\(.*\)", repr(fitted), re.DOTALL)
    assert type(transformer).__name__ in fitted._repr_html_()


@every_transformer
def test_tags(transformer):
    tags = get_tags(transformer)
    assert not tags.requires_fit
    assert tags.input_tags.three_d_array and not tags.input_tags.two_d_array
    assert get_tags(clone(transformer).set_params(image_shape=SHAPE)).input_tags.two_d_array
    assert not tags.input_tags.allow_nan and not tags.input_tags.sparse


@pytest.mark.parametrize("transformer", FEATURES, ids=lambda transformer: repr(transformer))
def test_features_have_names(transformer):
    images, transformer = make_images(), clone(transformer)
    with pytest.raises(NotFittedError):
        transformer.get_feature_names_out()
    n_features = transformer.transform(images).shape[1]
    prefix = type(transformer).__name__.lower()
    expected = [f"{prefix}{i}" for i in range(n_features)]
    assert transformer.fit(images).get_feature_names_out().tolist() == expected
    unfitted = clone(transformer).set_params(image_shape=SHAPE)
    assert unfitted.get_feature_names_out().tolist() == expected
    table = transformer.set_output(transform="pandas").transform(images)
    assert table.columns.tolist() == expected


@pytest.mark.parametrize("transformer", FILTERS, ids=lambda transformer: repr(transformer))
def test_images_stay_arrays(transformer):
    images = make_images()
    expected = transformer.transform(images)
    assert expected.ndim >= 3
    asked = clone(transformer).set_output(transform="pandas")
    np.testing.assert_array_equal(asked.transform(images), expected)
    with config_context(transform_output="pandas"):
        assert isinstance(clone(transformer).fit_transform(images), np.ndarray)
    assert not hasattr(transformer, "get_feature_names_out")


@pytest.mark.parametrize("transformer", FILTERS, ids=lambda transformer: repr(transformer))
def test_flat_rows_become_tables(transformer):
    images, of_tables = make_images(), clone(transformer).set_params(image_shape=SHAPE)
    table = pd.DataFrame(images.reshape(len(images), -1), index=range(50, 50 + len(images)))
    out = of_tables.set_output(transform="pandas").fit_transform(table)
    assert out.index.equals(table.index)
    expected = transformer.transform(images).reshape(len(images), -1)
    np.testing.assert_array_equal(out.to_numpy(), expected)
    assert out.columns.tolist() == of_tables.get_feature_names_out().tolist()


def test_pipelines_give_tables():
    images = make_images()
    pipeline = make_pipeline(ContrastNormalizer(), make_union(HOG(3), ColorGrid(2)))
    expected = pipeline.fit_transform(images)
    table = pipeline.set_output(transform="pandas").transform(images)
    np.testing.assert_array_equal(table.to_numpy(), expected)
    assert table.columns[0] == "hog__hog0" and table.columns[-1] == "colorgrid__colorgrid11"


def test_steps_can_be_set():
    pipeline = make_hog_pipeline(3, deskew=True).set_params(hog__cell_sizes=2, deskew__center=False)
    images = make_images()
    expected = HOG(2).transform(Deskew(center=False).transform(images))
    np.testing.assert_array_equal(pipeline.transform(images), expected)


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_what_is_documented_is_there(cls):
    documentation = getdoc(cls)
    parameters = documentation.partition("Parameters\n")[2].partition("Attributes\n")[0]
    names = re.findall(r"^(\w+) :", parameters, re.MULTILINE)
    assert names == list(signature(cls).parameters) and set(names) == set(cls().get_params())
    assert set(names) == set(cls._parameter_constraints)
    attributes = documentation.partition("Attributes\n")[2].partition("See Also\n")[0]
    attributes = re.findall(r"^(\w+_) :", attributes, re.MULTILINE)
    settings = {"grid": 1} if "grid" in names else {}
    rows = pd.DataFrame(make_images().reshape(9, -1)).rename(columns=str)
    fitted = cls(**settings, image_shape=SHAPE).set_params(
        **({"cell_sizes": 3} if "cell_sizes" in names else {})
    )
    fitted.fit(rows)
    assert sorted(attributes) == sorted(name for name in vars(fitted) if name.endswith("_"))
