"""check_soundness on classifiers whose certificates count periods, and on one that is wrong."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.datasets import make_blobs
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import Normalizer, StandardScaler

from sklearn_certify import DPAClassifier, TemporalAggregationClassifier
from sklearn_certify.exceptions import InvalidInputError
from sklearn_certify.testing import check_soundness
from sklearn_certify.testing._temporal_scene import TemporalAttack
from sklearn_certify.testing._training_set import Unit
from tests.ensemble.cases import Nearest

X, Y = make_blobs(240, centers=3, n_features=4, cluster_std=3.0, random_state=0)
PERIODS = np.arange(240) // 12
NEAREST = Nearest()
CLOSED = {"first_period": 0, "last_period": 19}


@pytest.mark.parametrize("window", [1, 3])
@pytest.mark.parametrize("declared", [{}, {"last_period": 19}, CLOSED], ids=str)
def test_sound(window, declared):
    classifier = TemporalAggregationClassifier(NEAREST, window, **declared)
    report = check_soundness(classifier, X, Y, periods=PERIODS, n_attacks=60)
    assert report, report
    assert report.threat_model == "temporal" and report.radii.max() >= 2
    assert sum(count for size, count in report.sizes.items() if size) == 60
    assert report.n_refused < 20
    assert not hasattr(classifier, "classes_")


@pytest.mark.parametrize(
    "estimator",
    [
        make_pipeline(Normalizer(), TemporalAggregationClassifier(GaussianNB())),
        TemporalAggregationClassifier(make_pipeline(StandardScaler(), GaussianNB()), window=2),
        TemporalAggregationClassifier(KNeighborsClassifier(1), classes=[0, 1, 2], **CLOSED),
        GridSearchCV(TemporalAggregationClassifier(NEAREST), {"window": [1, 2]}, cv=2),
    ],
    ids=lambda e: type(e).__name__,
)
def test_what_people_bring(estimator):
    report = check_soundness(estimator, X, Y, X[:20] + 0.1, periods=PERIODS, n_attacks=30)
    assert report, report


def test_rows_of_other_containers():
    frame, labels = pd.DataFrame(X).add_prefix("x"), pd.Series(Y).map({0: "a", 1: "b", 2: "c"})
    periods = pd.Series(PERIODS)
    classifier = TemporalAggregationClassifier(GaussianNB(), window=2)
    report = check_soundness(classifier, frame, labels, periods=periods, n_attacks=30)
    assert report, report


class OnePeriodTooMany(TemporalAggregationClassifier):
    """Every duration is too long by one."""

    def _predict_certified(self, X):
        labels, durations = super()._predict_certified(X)
        return labels, durations + 1


@pytest.mark.parametrize("window", [1, 2])
@pytest.mark.parametrize("declared", [{}, CLOSED], ids=str)
@pytest.mark.parametrize("classes", [None, [0, 1, 2]])
def test_one_period_too_many_is_found_out(window, declared, classes):
    classifier = OnePeriodTooMany(NEAREST, window, classes=classes, **declared)
    report = check_soundness(classifier, X, Y, periods=PERIODS, n_attacks=60)
    assert not report, report
    example = report.counterexample
    assert example.kind == "prediction" and example.radius >= example.size > 0
    assert "'temporal'" in str(report)


def test_a_counterexample_stands_when_it_is_tried_by_hand():
    classifier = OnePeriodTooMany(NEAREST, window=2, **CLOSED)
    report = check_soundness(classifier, X, Y, X[:40] + 0.5, periods=PERIODS, n_attacks=60)
    example = report.counterexample
    label, duration = clone(classifier).fit(X, Y, PERIODS).predict_certified(example.query)
    assert (label[0], duration[0]) == (example.before, example.radius)
    assert duration[0] >= example.size
    removed = PERIODS[example.removed]
    assert removed.size == 0 or np.ptp(removed) < example.size


class Nosey(TemporalAggregationClassifier):
    """The voter of the first period looks at how many rows there are."""

    def _fit(self, X, y, groups):
        super()._fit(X, y, groups)
        self.is_odd_ = len(y) % 2
        return self

    def _ballots(self, election, X):
        for votes in super()._ballots(election, X):
            votes[:, 5] = np.where(self.is_odd_, -1, votes[:, 5])
            yield votes


def test_a_voter_that_sees_other_periods_is_found_out():
    report = check_soundness(Nosey(NEAREST, **CLOSED), X, Y, periods=PERIODS, n_attacks=60)
    assert not report, report
    assert report.counterexample.kind in ("voter", "prediction")


def test_attacks_are_made_shorter_from_their_ends():
    attack = TemporalAttack("any", tuple(Unit((i,)) for i in range(6)), 10)
    behind, before = attack.without(0, 2), attack.without(4, 6)
    assert (behind.size, behind.first_period, behind.units[0].removed) == (4, 12, (2,))
    assert (before.size, before.first_period) == (4, 10)
    assert attack.without(1, 2).size == 4 and attack.without(0, 6).size == 0


def test_what_is_refused():
    classifier = TemporalAggregationClassifier(NEAREST)
    with pytest.raises(InvalidInputError, match="count periods: pass periods="):
        check_soundness(classifier, X, Y)
    with pytest.raises(InvalidInputError, match="count no periods"):
        check_soundness(GaussianNB(), X, Y, periods=PERIODS)
    with pytest.raises(InvalidInputError, match="say nothing of attacks under 'insert'"):
        check_soundness(classifier, X, Y, periods=PERIODS, threat_model="insert")
    with pytest.raises(InvalidInputError, match="groups or periods"):
        check_soundness(classifier, X, Y, periods=PERIODS, groups=PERIODS)
    months = pd.period_range("2020-01", periods=240, freq="M")
    with pytest.raises(InvalidInputError, match="whole numbers here"):
        check_soundness(DPAClassifier(), X, Y, periods=months)
