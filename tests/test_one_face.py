"""The five classifiers behave alike: shares of the votes, joint accuracy, warnings, labels."""

import warnings

import numpy as np
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.datasets import load_breast_cancer, load_iris
from sklearn.ensemble import VotingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss, roc_auc_score
from sklearn.model_selection import cross_val_score
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import Normalizer

from sklearn_certify import (
    BaggingCertifiedClassifier,
    CertifiedKNN,
    CertifiedRNN,
    DPAClassifier,
    FiniteAggregationClassifier,
    certified_accuracy,
    predict_certified,
)
from sklearn_certify.exceptions import InvalidInputError, JointCertificateWarning

EVERY = {
    "dpa": DPAClassifier(n_partitions=9),
    "dpa-runoff": DPAClassifier(LogisticRegression(), n_partitions=9, aggregation="runoff"),
    "fa": FiniteAggregationClassifier(n_partitions=5, spreading_degree=2),
    "fa-runoff": FiniteAggregationClassifier(
        LogisticRegression(), n_partitions=5, spreading_degree=2, aggregation="runoff"
    ),
    "bagging": BaggingCertifiedClassifier(n_estimators=30, max_samples=20, random_state=0),
    "knn": CertifiedKNN(n_neighbors=15),
    "rnn": CertifiedRNN(radius=1.5),
    "rnn-outlier": CertifiedRNN(radius=0.3, outlier_label=-1),
}
WITHOUT_JOINT = {"bagging"}
every_classifier = pytest.mark.parametrize("name", EVERY)


@pytest.fixture(scope="module")
def iris():
    X, y = load_iris(return_X_y=True)
    order = np.random.RandomState(0).permutation(len(y))
    return X[order], y[order]


@every_classifier
@pytest.mark.filterwarnings("ignore:Some rows have no training row")
def test_shares_of_the_votes(name, iris):
    X, y = iris
    fitted = EVERY[name].fit(X[:100], y[:100])
    far = np.vstack([X[100:], np.full((1, 4), 100.0), np.zeros((1, 4))])
    shares = fitted.predict_proba(far)
    assert shares.dtype == np.float64
    assert shares.shape == (len(far), len(fitted.classes_))
    np.testing.assert_allclose(shares.sum(axis=1), 1)
    assert (shares >= 0).all()
    np.testing.assert_array_equal(fitted.classes_[shares.argmax(axis=1)], fitted.predict(far))
    if "runoff" in name:  # only the two finalists have any
        assert ((shares > 0).sum(axis=1) <= 2).all()
        return
    counts = fitted.vote_counts(far)
    voted = counts.sum(axis=1) > 0
    np.testing.assert_allclose(
        shares[voted] * counts[voted].sum(axis=1, keepdims=True), counts[voted]
    )


@every_classifier
def test_soft_scores(name, iris):
    X, y = iris
    if name == "rnn-outlier":
        pytest.skip("an outlier label is a class that y_true lacks")
    classifier = EVERY[name].fit(X[:100], y[:100])
    shares = classifier.predict_proba(X[100:])
    assert roc_auc_score(y[100:], shares, multi_class="ovr") > 0.8
    assert log_loss(y[100:], shares) < 1
    scores = cross_val_score(classifier, X, y, scoring="roc_auc_ovr", cv=3, error_score="raise")
    assert scores.min() > 0.8
    calibrated = CalibratedClassifierCV(classifier, cv=2).fit(X, y)
    assert calibrated.score(X, y) > 0.6
    rest = OneVsRestClassifier(classifier).fit(X[:100], y[:100])
    assert rest.score(X[100:], y[100:]) > 0.6
    soft = VotingClassifier([("one", classifier), ("other", LogisticRegression())], voting="soft")
    assert soft.fit(X[:100], y[:100]).score(X[100:], y[100:]) > 0.8


@pytest.mark.parametrize("name", ["dpa", "dpa-runoff", "fa", "fa-runoff", "bagging", "knn"])
def test_two_classes_have_a_roc_curve(name):
    X, y = load_breast_cancer(return_X_y=True)
    shares = EVERY[name].fit(X[:300], y[:300]).predict_proba(X[300:])
    assert roc_auc_score(y[300:], shares[:, 1]) > 0.9


@every_classifier
@pytest.mark.filterwarnings("ignore:Some rows have no training row")
def test_a_joint_certificate_that_nobody_knows_is_told_once(name, iris):
    X, y = iris
    fitted = EVERY[name].fit(X[:100], y[:100])
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        joint = fitted.certified_accuracy(X[100:], y[100:], [0, 1, 2], joint=True)
        certified_accuracy(poison_size=1, joint=True)(fitted, X[100:], y[100:])
    told = [w for w in caught if issubclass(w.category, JointCertificateWarning)]
    assert len(told) == (2 if name in WITHOUT_JOINT else 0)
    assert all(w.filename == __file__ for w in told)
    alone = fitted.certified_accuracy(X[100:], y[100:], [0, 1, 2])
    if name in WITHOUT_JOINT:
        np.testing.assert_array_equal(joint, alone)
        assert type(fitted).__name__ in str(told[0].message)
    else:
        assert (joint >= alone).all()


@every_classifier
@pytest.mark.filterwarnings("ignore:Some rows have no training row")
def test_labels_of_another_kind_are_no_wrong_labels(name, iris):
    X, y = iris
    fitted = EVERY[name].fit(X[:100], y[:100])
    for joint in (False, True):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", JointCertificateWarning)
            with pytest.raises(InvalidInputError, match="y"):
                fitted.certified_accuracy(X[100:], y[100:].astype(str), 1, joint=joint)
            right = fitted.certified_accuracy(X[100:], y[100:], 0, joint=joint)
            assert fitted.certified_accuracy(X[100:], y[100:] + 0.0, 0, joint=joint) == right
            assert fitted.certified_accuracy(X[100:], y[100:].tolist(), 0, joint=joint) == right
            # a label that there might have been is no mistake, but is wrong
            assert fitted.certified_accuracy(X[100:], y[100:] + 70, 0, joint=joint) == 0


@every_classifier
@pytest.mark.filterwarnings("ignore:Some rows have no training row")
def test_labels_and_radii_through_a_pipeline(name, iris):
    X, y = iris
    pipeline = make_pipeline(Normalizer(), EVERY[name]).fit(X[:100], y[:100])
    labels, radii = predict_certified(pipeline, X[100:])
    np.testing.assert_array_equal(labels, pipeline.predict(X[100:]))
    expected = pipeline[-1].certified_radius(Normalizer().transform(X[100:]))
    np.testing.assert_array_equal(radii, expected)
