"""Other parameters of a sanitized classifier's ``fit``, and samplers of others."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal
from sklearn import config_context
from sklearn.base import BaseEstimator
from sklearn.exceptions import UnsetMetadataPassedError
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_certify.exceptions import InvalidInputError
from sklearn_certify.sanitize import SanitizedClassifier

from .stand_ins import EveryNth, Recorder

WEIGHTS = np.arange(300.0)
KEPT = np.arange(300) % 5 != 0


@pytest.mark.parametrize(
    "weights", [WEIGHTS, list(WEIGHTS), pd.Series(WEIGHTS, index=np.arange(300)[::-1])]
)
def test_what_belongs_to_rows_is_cut_with_them(weights, rows):
    model = SanitizedClassifier(Recorder(), EveryNth()).fit(
        *rows, sample_weight=weights, note="x" * 300, per_row={i: i for i in range(300)}
    )
    seen = model.estimator_.seen_
    assert_array_equal(seen["weights"], WEIGHTS[KEPT])
    assert seen["note"] == "x" * 300
    assert len(seen["per_row"]) == 300
    per_row = np.arange(600).reshape(300, 2)
    seen = model.fit(*rows, per_row=per_row, note=np.float64(3)).estimator_.seen_
    assert_array_equal(seen["per_row"], per_row[KEPT])
    assert seen["note"] == 3
    assert seen["weights"] is None
    assert model.fit(*rows, note=[1, 2]).estimator_.seen_["note"] == [1, 2]


def test_parameters_without_routing(rows):
    X, y = rows
    model = SanitizedClassifier(Recorder(), EveryNth())
    pipeline = make_pipeline(StandardScaler(), model)
    pipeline.fit(X, y, sanitizedclassifier__sample_weight=WEIGHTS)
    assert_array_equal(pipeline[-1].estimator_.seen_["weights"], WEIGHTS[KEPT])
    assert pipeline[-1].sanitizer_.weights_ is None
    assert_array_equal(model.predict(X, shift=2), np.full(300, 2))
    assert model.score(X, y, sample_weight=(y == 0).astype(float)) == 1
    with pytest.raises(TypeError, match="nonsense"):
        model.fit(X, y, nonsense=1)


def test_metadata_goes_where_it_is_requested(rows):
    X, y = rows
    with config_context(enable_metadata_routing=True):
        ask = Recorder().set_fit_request(sample_weight=True, note=True, per_row=False)
        filter = EveryNth().set_fit_request(sample_weight="filter_weight")
        model = SanitizedClassifier(ask, filter)
        model.fit(X, y, sample_weight=WEIGHTS, note="n", filter_weight=-WEIGHTS)
        seen = model.estimator_.seen_
        assert_array_equal(seen["weights"], WEIGHTS[KEPT])
        assert seen["note"] == "n"
        assert_array_equal(model.sanitizer_.weights_, -WEIGHTS)  # the filter judges all rows

        ask.set_predict_request(shift=True).set_score_request(sample_weight=True)
        model = SanitizedClassifier(ask, filter.set_fit_request(sample_weight=False)).fit(X, y)
        assert_array_equal(model.predict(X, shift=2), np.full(300, 2))
        assert model.score(X, y, sample_weight=(y == 0).astype(float)) == 1
        routed = make_pipeline("passthrough", model).fit(X, y, sample_weight=WEIGHTS)[-1]
        assert_array_equal(routed.estimator_.seen_["weights"], WEIGHTS[KEPT])
        search = GridSearchCV(model, {"sanitizer__n": [5]}, cv=2)
        search.fit(X, y, sample_weight=WEIGHTS)
        assert_array_equal(search.best_estimator_.estimator_.seen_["weights"], WEIGHTS[KEPT])


def test_metadata_that_nobody_spoke_for_is_refused(rows):
    X, y = rows
    with config_context(enable_metadata_routing=True):
        model = SanitizedClassifier(Recorder(), EveryNth().set_fit_request(sample_weight=False))
        with pytest.raises(UnsetMetadataPassedError, match="sample_weight"):
            model.fit(X, y, sample_weight=WEIGHTS)
        with pytest.raises(TypeError, match="nonsense"):
            model.fit(X, y, nonsense=1)
        with pytest.raises(UnsetMetadataPassedError, match="shift"):
            model.fit(X, y).predict(X, shift=1)
        SanitizedClassifier().get_metadata_routing()  # of the defaults


# Filters of others, with fit_resample alone


class Sampler(BaseEstimator):
    """A sampler as imbalanced-learn writes them."""

    def __init__(self, tells=True, new_rows=False, n_chosen=7):
        self.tells = tells
        self.new_rows = new_rows
        self.n_chosen = n_chosen

    def fit_resample(self, X, y):
        chosen = np.array([7, 3, 3, 0, 12, 40, 41])[: self.n_chosen]
        if self.tells:
            self.sample_indices_ = chosen
        return X[chosen] + self.new_rows, y[chosen]


def test_a_sampler_that_tells_its_rows(rows):
    X, y = rows
    model = SanitizedClassifier(Recorder(), Sampler()).fit(X, y, sample_weight=WEIGHTS)
    assert_array_equal(model.estimator_.seen_["X"], X[[7, 3, 3, 0, 12, 40, 41]])
    assert_array_equal(model.estimator_.seen_["weights"], [7, 3, 3, 0, 12, 40, 41])
    assert_array_equal(np.flatnonzero(model.keep_mask_), [0, 3, 7, 12, 40, 41])
    with config_context(enable_metadata_routing=True):
        model = SanitizedClassifier(Recorder().set_fit_request(sample_weight=True), Sampler())
        seen = model.fit(X, y, sample_weight=WEIGHTS).estimator_.seen_
        assert_array_equal(seen["weights"], [7, 3, 3, 0, 12, 40, 41])


def test_a_sampler_that_does_not(rows):
    X, y = rows
    model = SanitizedClassifier(Recorder(), EveryNth()).fit(X, y)
    model.set_params(sanitizer=Sampler(tells=False, new_rows=True)).fit(X, y, note=[1, 2])
    assert not hasattr(model, "keep_mask_")
    assert_array_equal(model.estimator_.seen_["X"][0], X[7] + 1)
    with pytest.raises(InvalidInputError, match="sample_weight has one value per row, but Sampler"):
        model.fit(X, y, sample_weight=WEIGHTS)


def test_a_sampler_that_leaves_nothing(rows):
    with pytest.raises(InvalidInputError, match="Sampler keeps 0 of the 300 rows"):
        SanitizedClassifier(Recorder(), Sampler(n_chosen=0)).fit(*rows)
