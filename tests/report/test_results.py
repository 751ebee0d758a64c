"""Fits, certificates, and the numbers that they give."""

import warnings

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import Normalizer

from sklearn_certify import DPAClassifier
from sklearn_certify.exceptions import FormWarning, InvalidInputError
from sklearn_certify.report._dataset import Dataset, make_dataset
from sklearn_certify.report._observer import Observer
from sklearn_certify.report._results import Result, choose_poison_sizes, fit_and_certify
from sklearn_certify.report._split import hold_out


@pytest.mark.parametrize(
    ("end", "expected"),
    [
        (1, [0, 1]),
        (9, [0, 1, 2, 4, 6, 8, 10]),
        (24, [0, 1, 2, 5, 10, 15, 20, 25]),
        (601, [0, 1, 2, 5, 10, 20, 50, 100, 200, 300, 400, 500, 600, 700]),
    ],
)
def test_default_poison_sizes(end, expected):
    radii = np.array([end - 1, 0])
    labels = np.array([0, 0])
    result = Result("dpa", DPAClassifier(), labels, labels, radii, 0.0, 0.0)
    sizes = choose_poison_sizes([result])
    assert sizes == expected
    assert result.accuracies(sizes)[-1] == 0


def certified(estimator, dataset, threat_model="insert_delete"):
    split = hold_out(dataset, 0.25, 0)
    return fit_and_certify("mine", estimator, dataset, split, threat_model, Observer())


def test_result_is_what_the_estimator_says(iris):
    dataset = make_dataset(*iris, None, "iris", None)
    pipeline = make_pipeline(Normalizer(), DPAClassifier(n_partitions=9))
    result = certified(pipeline, dataset)
    split = hold_out(dataset, 0.25, 0)
    labels, radii = pipeline[-1].predict_certified(Normalizer().transform(split.X_test))
    assert np.array_equal(result.y_pred, labels) and np.array_equal(result.radii, radii)
    assert result.classifier is pipeline[-1]
    sizes = [0, 1, 3]
    expected = pipeline[-1].certified_accuracy(
        Normalizer().transform(split.X_test), split.y_test, sizes
    )
    assert np.array_equal(result.accuracies(sizes), expected)


class Limit:
    units = 2


def test_form_that_rows_decided_caps_radii_and_is_not_warned_of(iris):
    X, y = iris
    y = np.where(np.arange(len(y)) == 7, "odd", (y == "setosa").astype(int).astype(str))
    voted = Dataset("file", X, y.astype(object), limits=[Limit()])
    result = certified(DPAClassifier(n_partitions=15), voted)
    assert result.radii.max() == 2 < result.largest_radius
    assert result.warnings == []
    result = certified(DPAClassifier(n_partitions=15), Dataset("notebook", X, y.astype(object)))
    assert result.radii.max() == result.largest_radius > 2
    assert len(result.warnings) == 1 and "y holds texts or objects, but" in result.warnings[0]


def test_warnings_of_others_are_counted_and_those_of_the_package_told(iris):
    class Warns(DPAClassifier):
        def fit(self, X, y):
            for text in ("form of a", "form of b", "form of a"):
                warnings.warn(text, FormWarning, stacklevel=1)
            warnings.warn("first of others\nwith more to say", UserWarning, stacklevel=1)
            return super().fit(X, y)

    dataset = make_dataset(*iris, None, "iris", None)
    learner = LogisticRegression(max_iter=1)
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        result = certified(Warns(learner, n_partitions=5), dataset)
    assert result.warnings == [
        "A warning: form of a",
        "A warning: form of b",
        "6 warnings, the first: first of others",
    ]


def test_radii_of_other_units_are_refused(iris):
    X, y = iris
    with pytest.raises(InvalidInputError, match="threat_model='modify'.*'insert_delete'"):
        certified(
            DPAClassifier(n_partitions=5, threat_model="modify"),
            make_dataset(X, y, None, "iris", None),
        )
    crowd = make_dataset(X, y, np.arange(len(y)) // 3, "iris", None)
    assert certified(DPAClassifier(n_partitions=5), crowd).classifier.poison_unit_ == "group"
    pipeline = make_pipeline(Normalizer(), DPAClassifier(n_partitions=5))
    assert certified(pipeline, crowd).classifier.poison_unit_ == "group"
    search = GridSearchCV(DPAClassifier(), {"n_partitions": [5]}, cv=2)
    with pytest.raises(InvalidInputError, match="radii count rows, .*set_fit_request"):
        certified(search, crowd)
