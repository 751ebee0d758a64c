"""Filters and classifiers work together with imbalanced-learn, where it is installed."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal
from sklearn import config_context
from sklearn.linear_model import RidgeClassifier
from sklearn.model_selection import GridSearchCV, cross_validate
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import Normalizer, StandardScaler

from sklearn_certify import DPAClassifier, certify
from sklearn_certify.audit import find_unsound_steps
from sklearn_certify.exceptions import InvalidInputError, UnsoundPipelineError
from sklearn_certify.sanitize import (
    ActivationClusteringFilter,
    InverseSelfPacedFilter,
    SanitizedClassifier,
    SpectralSignatureFilter,
    TrimmedLossFilter,
)

pytest.importorskip("imblearn", reason="imbalanced-learn is not installed")

from imblearn import FunctionSampler
from imblearn.over_sampling import SMOTE, RandomOverSampler
from imblearn.pipeline import make_pipeline
from imblearn.under_sampling import EditedNearestNeighbours, RandomUnderSampler

FILTERS = [
    ActivationClusteringFilter(),
    InverseSelfPacedFilter(n_rounds=3, n_bags=1, self_training_cycles=1),
    SpectralSignatureFilter(poison_share=0.05),
    TrimmedLossFilter(keep_share=0.9),
]
every_filter = pytest.mark.parametrize("filter", FILTERS, ids=lambda f: type(f).__name__)
pytestmark = pytest.mark.filterwarnings("ignore:.* keeps no row of")


@pytest.fixture
def rows(digits):
    X, y, _, _ = digits
    return X[:300], y[:300]


@every_filter
def test_a_filter_is_a_step_that_filters_in_fit_only(filter, rows):
    X, y = rows
    model = make_pipeline(StandardScaler(), filter, RidgeClassifier()).fit(X, y)
    scaled = StandardScaler().fit_transform(X)
    keep = model[1].keep_mask_
    expected = RidgeClassifier().fit(scaled[keep], y[keep])
    assert not keep.all()
    assert_array_equal(model.predict(X), expected.predict(scaled))
    alone = SanitizedClassifier(RidgeClassifier(), filter).fit(scaled, y)
    assert_array_equal(alone.keep_mask_, keep)
    assert_array_equal(alone.predict(scaled), model.predict(X))


@every_filter
def test_fit_resample_keeps_types(filter, rows):
    X, y = rows
    frame, labels = pd.DataFrame(X).rename(columns=str), pd.Series(y, name="digit")
    kept, kept_labels = filter.fit_resample(frame, labels)
    pd.testing.assert_frame_equal(kept, frame[filter.keep_mask_])
    pd.testing.assert_series_equal(kept_labels, labels[filter.keep_mask_])


def test_a_filter_in_a_search_and_in_cross_validation(rows):
    X, y = rows
    model = make_pipeline(TrimmedLossFilter(n_rounds=1), KNeighborsClassifier(1))
    scores = cross_validate(model, X, y, cv=3, return_estimator=True)
    assert scores["test_score"].min() > 0.7
    assert [len(fitted[0].keep_mask_) for fitted in scores["estimator"]] == [200, 200, 200]
    grid = {"trimmedlossfilter__keep_share": [0.1, 0.95]}
    search = GridSearchCV(model, grid, cv=2).fit(X, y)
    assert search.best_params_ == {"trimmedlossfilter__keep_share": 0.95}


def test_filters_between_samplers(rows):
    X, y = rows
    steps = (RandomUnderSampler(random_state=0), TrimmedLossFilter(keep_share=0.9))
    model = make_pipeline(*steps, KNeighborsClassifier(1)).fit(X, y)
    n_rows = 10 * np.bincount(y).min()
    assert len(model[1].keep_mask_) == n_rows
    assert model[-1].n_samples_fit_ == np.ceil(0.9 * n_rows)


def test_metadata_passes_a_filter_by(rows):
    X, y = rows
    with config_context(enable_metadata_routing=True):
        inner = SanitizedClassifier(
            RidgeClassifier().set_fit_request(sample_weight=True), TrimmedLossFilter(n_rounds=1)
        )
        weights = np.where(y == 3, 1000.0, 1e-9)
        model = make_pipeline(Normalizer(), inner).fit(X, y, sample_weight=weights)
        assert (model.predict(X) == 3).mean() > 0.5
        plain = make_pipeline(TrimmedLossFilter(n_rounds=1), RidgeClassifier()).fit(X, y)
        assert plain.score(X, y) > 0.8


def test_samplers_in_a_sanitized_classifier(rows):
    X, y = rows
    weights = np.arange(300.0)
    for sampler in (EditedNearestNeighbours(), RandomOverSampler(random_state=0)):
        model = SanitizedClassifier(RidgeClassifier(), sampler).fit(X, y, sample_weight=weights)
        chosen = model.sanitizer_.sample_indices_
        assert_array_equal(np.flatnonzero(model.keep_mask_), np.unique(chosen))
        expected = RidgeClassifier().fit(X[chosen], y[chosen], sample_weight=weights[chosen])
        assert_array_equal(model.predict(X), expected.predict(X))
    smote = SanitizedClassifier(RidgeClassifier(), SMOTE(random_state=0)).fit(X, y)
    assert smote.score(X, y) > 0.9
    assert not hasattr(smote, "keep_mask_")
    with pytest.raises(InvalidInputError, match="SMOTE does not tell which rows it kept"):
        smote.fit(X, y, sample_weight=weights)


@pytest.mark.parametrize(
    "step",
    [*FILTERS[1:], RandomUnderSampler(random_state=0), FunctionSampler()],
    ids=lambda step: type(step).__name__,
)
def test_a_filter_before_a_certified_classifier_voids_the_certificate(step, rows):
    X, y = rows
    model = make_pipeline(Normalizer(), step, DPAClassifier(n_partitions=5)).fit(X, y)
    kind = type(step).__name__
    with pytest.raises(UnsoundPipelineError, match=rf"^Filter .* \({kind}\) .* is void\."):
        certify(model, X[:2], 1)
    assert [type(found.step) for found in find_unsound_steps(model)] == [type(step)]
    sound = make_pipeline(Normalizer(), DPAClassifier(n_partitions=5)).fit(X, y)
    assert certify(sound, X[:20], 1).any()
