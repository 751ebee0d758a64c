"""What scikit-learn asks of every estimator, and what all filters of training sets share."""

import numpy as np
import pytest
from sklearn.naive_bayes import GaussianNB
from sklearn.utils.estimator_checks import parametrize_with_checks

from sklearn_certify.exceptions import FilterWarning, InvalidInputError
from sklearn_certify.sanitize import (
    ActivationClusteringFilter,
    InverseSelfPacedFilter,
    SpectralSignatureFilter,
    TrimmedLossFilter,
)
from sklearn_certify.sanitize._base import TrainingSetFilter
from sklearn_certify.sanitize._feature_filter import FeatureFilter

from .stand_ins import EveryNth

QUICK = [
    ActivationClusteringFilter(n_components=2),
    InverseSelfPacedFilter(
        GaussianNB(), n_rounds=2, n_bags=1, self_training_cycles=1, self_training_epochs=1
    ),
    SpectralSignatureFilter(),
    TrimmedLossFilter(GaussianNB(), n_rounds=2),
]
every_filter = pytest.mark.parametrize("filter", QUICK, ids=lambda f: type(f).__name__)


@parametrize_with_checks(QUICK)
def test_scikit_learn_checks(estimator, check):
    check(estimator)


def test_what_lacks_a_hook_is_no_filter():
    class Undecided(TrainingSetFilter):
        pass

    class Unjudging(FeatureFilter):
        pass

    for kind, hook in (
        (TrainingSetFilter, "_keep_rows"),
        (Undecided, "_keep_rows"),
        (FeatureFilter, "_judge_class"),
        (Unjudging, "_judge_class"),
    ):
        with pytest.raises(TypeError, match=f"abstract .*{hook}"):
            kind()


@every_filter
def test_what_is_kept_is_what_the_mask_says(filter, digits):
    X, y = digits[0][:200], digits[1][:200]
    X_kept, y_kept = filter.fit_resample(X, y)
    assert 0 < filter.keep_mask_.sum() < 200 and filter.keep_mask_.dtype == bool
    np.testing.assert_array_equal(X_kept, X[filter.keep_mask_])
    np.testing.assert_array_equal(y_kept, y[filter.keep_mask_])
    assert filter.suspicion_.shape == (200,)


@every_filter
def test_a_failed_fit_loses_nothing(filter, digits):
    X, y = digits[0][:200], digits[1][:200]
    before = dict(vars(filter.fit(X, y)))
    for bad_X, bad_y, message in (
        (np.where(X > 15, np.nan, X), y, "NaN or infinity"),
        (X, np.zeros(200), "one class only"),
        (X, y[1:], "inconsistent numbers"),
    ):
        with pytest.raises(ValueError, match=message):
            filter.fit(bad_X, bad_y)
        assert vars(filter) == before


def test_the_loss_of_a_class_is_told_where_fit_was_called(digits):
    X, y = digits[0][:200], digits[1][:200]
    with pytest.warns(FilterWarning, match="TrimmedLossFilter keeps no row of") as warned:
        TrimmedLossFilter(GaussianNB(), keep_share=0.01).fit(X, y)
    assert [w.filename for w in warned if w.category is FilterWarning] == [__file__]
    with pytest.raises(InvalidInputError, match="EveryNth would keep none of the 200 rows"):
        EveryNth(1).fit(X, y)
