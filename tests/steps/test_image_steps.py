"""Features of images in front of certified classifiers, and as their transformer."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.linear_model import RidgeClassifier
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline, make_union

from sklearn_certify import (
    BaggingCertifiedClassifier,
    CertifiedKNN,
    CertifiedRNN,
    DPAClassifier,
    FiniteAggregationClassifier,
    certified_radius,
    certify,
)
from sklearn_certify._steps import _in_front, _row_by_row
from sklearn_certify._steps._row_by_row import transform_each
from sklearn_certify.audit import find_unsound_steps
from sklearn_certify.exceptions import InvalidInputError, UnsoundPipelineError
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
from sklearn_certify.kernel_approximation import RandomFourierFeatures
from sklearn_certify.testing import check_soundness

CLASSIFIERS = [
    DPAClassifier(RidgeClassifier(), n_partitions=7),
    FiniteAggregationClassifier(RidgeClassifier(), n_partitions=4, spreading_degree=2),
    BaggingCertifiedClassifier(
        RidgeClassifier(), n_estimators=60, max_samples=40, alpha=0.01, random_state=0
    ),
    CertifiedKNN(9),
    CertifiedRNN(1e3, outlier_label=0),
]
every_classifier = pytest.mark.parametrize(
    "classifier", CLASSIFIERS, ids=lambda classifier: type(classifier).__name__
)
STEPS = [
    HOG(3),
    HOG((2, 4), interpolate=True, signed=True, transform_sqrt=True),
    ColorGrid(2, color_space=None, with_std=True),
    ColorHistogram(4, grid=4, color_space=None, value_range=(0, 16)),
    FlatPixels(scale=1 / 16),
    make_pipeline(Deskew(), ContrastNormalizer("stretch"), HOG(4)),
    make_pipeline(GrayImages(), ContrastNormalizer("local", sigma=2), FlatPixels()),
    make_pipeline(ContrastNormalizer(), HistogramEqualizer(adaptive=False), HOG(4)),
    make_pipeline(ResizedCrop(9, crop=6.5), HOG(3, cells_per_block=3, center_surround=True)),
    make_pipeline(Deskew(spread=2), HOG(4), RandomFourierFeatures(n_components=40)),
    make_hog_pipeline((2, 4), deskew=True, n_jobs=2),
    make_union(HOG(4), make_pipeline(HistogramEqualizer(), ColorGrid(2, color_space=None))),
]
every_step = pytest.mark.parametrize(
    "step", STEPS, ids=lambda step: repr(step).replace("\n", "").replace(" ", "")
)


@pytest.fixture(scope="module")
def images(digits):
    X, y, queries, _ = digits
    return X[:160].reshape(-1, 8, 8), y[:160] % 3, queries[:30].reshape(-1, 8, 8)


@pytest.fixture
def no_trials(monkeypatch):
    """Rules suffice: nothing is tried."""

    def fail(*args, **kwargs):
        raise AssertionError("a step was tried")

    monkeypatch.setattr(_in_front, "fault_in_trial", fail)


@every_step
@every_classifier
def test_certificates_hold_behind_features_of_images(classifier, step, images, no_trials):
    X, y, queries = images
    model = make_pipeline(clone(step), clone(classifier)).fit(X, y)
    assert find_unsound_steps(model) == []
    radii = certified_radius(model, queries)
    np.testing.assert_array_equal(certify(model, queries, 1), radii >= 1)
    assert radii.max() >= 1


@every_step
def test_features_are_the_same_row_by_row(step, images):
    X, _, _ = images
    np.testing.assert_array_equal(transform_each(step, X), step.transform(X))
    np.testing.assert_array_equal(transform_each(step, X[[3]]), step.transform(X)[[3]])


@every_step
def test_a_block_is_the_same_as_row_by_row(step, images, monkeypatch):
    X, _, _ = images
    calls = []
    together = _row_by_row._transform_together
    monkeypatch.setattr(
        _row_by_row,
        "_transform_together",
        lambda *args: calls.append(together(*args)) or calls[-1],
    )
    expected = transform_each(step, X)
    assert [made is None for made in calls] == [False]
    monkeypatch.setattr(_row_by_row, "_transform_together", lambda *args: None)
    np.testing.assert_array_equal(transform_each(step, X), expected)


@every_step
def test_a_transformer_is_what_it_would_be_in_front(step, images):
    X, y, queries = images
    features = step.transform(X)
    radius = np.median(np.abs(features[1:] - features[:-1]).sum(axis=1))
    with_it = CertifiedRNN(radius, outlier_label=0, transformer=step).fit(X, y)
    in_front = make_pipeline(clone(step), CertifiedRNN(radius, outlier_label=0)).fit(X, y)
    counts = in_front[-1].vote_counts(in_front[0].transform(queries))
    np.testing.assert_array_equal(with_it.vote_counts(queries), counts)
    np.testing.assert_array_equal(
        with_it.certified_radius(queries), certified_radius(in_front, queries)
    )


@every_classifier
def test_a_transformer_has_certificates(classifier, images):
    X, y, queries = images
    model = clone(classifier).set_params(transformer=make_hog_pipeline((2, 4), deskew=True))
    assert model.fit(X, y).certified_radius(queries).max() >= 1


@pytest.mark.parametrize("threat_model", ["insert_delete", "modify", "label_flip"])
@pytest.mark.parametrize(
    ("in_front", "flat"), [(True, True), (False, False)], ids=["in front", "transformer"]
)
def test_the_certificates_are_sound(flat, in_front, threat_model, digits):
    X, y, _, _ = digits
    X, y = X[:120], y[:120] % 3
    features = make_hog_pipeline((2, 4), deskew=True, image_shape=(8, 8) if flat else None)
    classifier = DPAClassifier(KNeighborsClassifier(1), n_partitions=9)
    model = (
        make_pipeline(features, classifier)
        if in_front
        else classifier.set_params(transformer=features)
    )
    report = check_soundness(
        model, X if flat else X.reshape(-1, 8, 8), y, threat_model=threat_model, n_attacks=6
    )
    assert report, report
    assert report.radii.max() >= 1


class Centred(FlatPixels):
    """Not what it derives from: it looks at all images of a batch."""

    def _transform_images(self, images):
        return super()._transform_images(images - images.mean())


def test_a_changed_kind_of_features_is_not_believed(images):
    X, y, queries = images
    model = make_pipeline(Centred(), CertifiedKNN(9)).fit(X, y)
    with pytest.raises(UnsoundPipelineError, match="Centred"):
        certify(model, queries, 1)
    alone = transform_each(Centred(), X)
    expected = X - X.mean(axis=(1, 2), keepdims=True)
    np.testing.assert_allclose(alone, expected.reshape(len(X), -1), atol=1e-5)


def test_an_image_that_fails_is_named(images):
    X, y, _ = images
    X = X.copy()
    X[7, 2, 2] = -1
    with pytest.raises(InvalidInputError, match="row 7 .*negative values"):
        CertifiedKNN(transformer=HOG(4, transform_sqrt=True)).fit(X, y)
