"""The classifiers behave alike: shares of the votes, joint accuracy, warnings, labels."""

import pickle
import warnings

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.datasets import load_breast_cancer, load_iris
from sklearn.ensemble import VotingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss, roc_auc_score
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import Normalizer

from sklearn_certify import (
    BaggingCertifiedClassifier,
    CertifiedKNN,
    CertifiedRNN,
    DPAClassifier,
    FiniteAggregationClassifier,
    TemporalAggregationClassifier,
    certified_accuracy,
    certified_radius,
    certify,
    neg_certified_attack_success_rate,
    predict_certified,
)
from sklearn_certify.exceptions import InvalidInputError, JointCertificateWarning
from sklearn_certify.metrics import certified_attack_success_rate
from sklearn_certify.threat import THREAT_MODELS

EVERY = {
    "dpa": DPAClassifier(n_partitions=9),
    "dpa-runoff": DPAClassifier(LogisticRegression(), n_partitions=9, aggregation="runoff"),
    "fa": FiniteAggregationClassifier(n_partitions=5, spreading_degree=2),
    "fa-runoff": FiniteAggregationClassifier(
        LogisticRegression(), n_partitions=5, spreading_degree=2, aggregation="runoff"
    ),
    "bagging": BaggingCertifiedClassifier(n_estimators=30, max_samples=20, random_state=0),
    "temporal": TemporalAggregationClassifier(window=2),
    "knn": CertifiedKNN(n_neighbors=15),
    "rnn": CertifiedRNN(radius=1.5),
    "rnn-outlier": CertifiedRNN(radius=0.3, outlier_label=-1),
}
WITHOUT_JOINT = {"bagging"}
every_classifier = pytest.mark.parametrize("name", EVERY)


def fit(estimator, X, y):
    """Fit on rows that came five in a period, where a classifier, or the last step, has periods."""
    prefix, classifier = "", estimator
    if isinstance(estimator, Pipeline):
        name, classifier = estimator.steps[-1]
        prefix = f"{name}__"
    if not isinstance(classifier, TemporalAggregationClassifier):
        return estimator.fit(X, y)
    return estimator.fit(X, y, **{f"{prefix}periods": np.arange(len(y)) // 5})


@pytest.fixture(scope="module")
def iris():
    X, y = load_iris(return_X_y=True)
    order = np.random.RandomState(0).permutation(len(y))
    return X[order], y[order]


@every_classifier
@pytest.mark.filterwarnings("ignore:Some rows have no training row")
def test_shares_of_the_votes(name, iris):
    X, y = iris
    fitted = fit(EVERY[name], X[:100], y[:100])
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
@pytest.mark.filterwarnings("ignore:fit was given no periods")
def test_soft_scores(name, iris):
    X, y = iris
    if name == "rnn-outlier":
        pytest.skip("an outlier label is a class that y_true lacks")
    classifier = fit(EVERY[name], X[:100], y[:100])
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


@pytest.mark.parametrize(
    "name", ["dpa", "dpa-runoff", "fa", "fa-runoff", "bagging", "temporal", "knn"]
)
def test_two_classes_have_a_roc_curve(name):
    X, y = load_breast_cancer(return_X_y=True)
    shares = fit(EVERY[name], X[:300], y[:300]).predict_proba(X[300:])
    assert roc_auc_score(y[300:], shares[:, 1]) > 0.9


@every_classifier
@pytest.mark.filterwarnings("ignore:Some rows have no training row")
def test_a_joint_certificate_that_nobody_knows_is_told_once(name, iris):
    X, y = iris
    fitted = fit(EVERY[name], X[:100], y[:100])
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
    fitted = fit(EVERY[name], X[:100], y[:100])
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
    pipeline = fit(make_pipeline(Normalizer(), EVERY[name]), X[:100], y[:100])
    labels, radii = predict_certified(pipeline, X[100:])
    np.testing.assert_array_equal(labels, pipeline.predict(X[100:]))
    expected = pipeline[-1].certified_radius(Normalizer().transform(X[100:]))
    np.testing.assert_array_equal(radii, expected)


@every_classifier
@pytest.mark.parametrize("threat_model", THREAT_MODELS)
@pytest.mark.parametrize("fixed", [False, True])
@pytest.mark.filterwarnings("ignore:Some rows have no training row")
def test_no_label_is_easier_to_get_than_any_change(name, threat_model, fixed, iris):
    X, y = iris
    classes = [0, 1, 2] if fixed else None
    classifier = clone(EVERY[name]).set_params(classes=classes)
    if name != "temporal":
        classifier.set_params(threat_model=threat_model)
    elif threat_model != THREAT_MODELS[0]:
        pytest.skip("it has one threat model")
    fitted = fit(classifier, X[:100], y[:100])
    far = np.vstack([X[100:], np.full((1, 4), 100.0)])
    labels, radii = fitted.predict_certified(far)
    targets = fitted.classes_.tolist() if fixed else [*fitted.classes_.tolist(), 7]
    for target in targets:
        against = fitted.certified_radius(far, target=target)
        assert against.dtype == np.int64
        is_target = labels == target
        assert (against[is_target] == -1).all()
        assert (against >= radii)[~is_target].all()
        if name != "bagging":  # which may not be able to tell
            assert (against[~is_target] >= 0).all()
        np.testing.assert_array_equal(fitted.certify(far, 0, target=target), against >= 0)
        sizes = [0, 1, 5]
        expected = against[:, np.newaxis] >= sizes
        np.testing.assert_array_equal(fitted.certify(far, sizes, target=target), expected)


@every_classifier
@pytest.mark.filterwarnings("ignore:Some rows have no training row")
def test_targets_are_labels(name, iris):
    X, y = iris
    fitted = fit(EVERY[name], X[:100], y[:100])
    same = fitted.certified_radius(X[100:], target=1)
    for target in (1.0, np.int8(1), np.float64(1), True):
        np.testing.assert_array_equal(fitted.certified_radius(X[100:], target=target), same)
    for target in ("1", 1.5, b"1", (1,)):
        with pytest.raises(InvalidInputError, match="target holds"):
            fitted.certified_radius(X[100:], target=target)
    for target in ([1], np.array([1, 2]), np.nan):
        with pytest.raises(InvalidInputError, match="target must be one label"):
            fitted.certify(X[100:], 1, target=target)
    fixed = fit(clone(EVERY[name]).set_params(classes=[0, 1, 2]), X[:100], y[:100])
    with pytest.raises(InvalidInputError, match="target=7 is none of the labels that classes"):
        fixed.certified_radius(X[100:], target=7)


@every_classifier
@pytest.mark.filterwarnings("ignore:Some rows have no training row")
def test_targets_through_a_pipeline_and_a_scorer(name, iris):
    X, y = iris
    pipeline = fit(make_pipeline(Normalizer(), EVERY[name]), X[:100], y[:100])
    radii = pipeline[-1].certified_radius(Normalizer().transform(X[100:]), target=2)
    np.testing.assert_array_equal(certified_radius(pipeline, X[100:], target=2), radii)
    np.testing.assert_array_equal(certify(pipeline, X[100:], 1, target=2), radii >= 1)
    scorer = neg_certified_attack_success_rate(poison_size=1, target=2, source=1)
    of_source = y[100:] == 1
    assert scorer(pipeline, X[100:], y[100:]) == -(radii[of_source] < 1).mean()
    rate = certified_attack_success_rate(y[100:], radii, 1, target=2, source=1)
    assert scorer(pipeline, X[100:], y[100:]) == -rate


def test_a_search_finds_what_bears_most():
    X, y = load_breast_cancer(return_X_y=True)
    search = GridSearchCV(
        DPAClassifier(),
        {"n_partitions": [3, 41]},
        scoring=neg_certified_attack_success_rate(poison_size=5, target=1, source=0),
        cv=3,
    ).fit(X, y)
    assert search.best_params_ == {"n_partitions": 41}
    assert -1 <= search.best_score_ < 0
    scorer = pickle.loads(pickle.dumps(search.scoring))
    assert repr(scorer) == repr(search.scoring)
    assert "target=1, source=0" in repr(scorer)
    with pytest.raises(InvalidInputError, match="one poison_size"):
        neg_certified_attack_success_rate(poison_size=[1, 2], target=1)
