"""Plans: what is expected of settings, how they are chosen, and by which rows."""

from time import sleep

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from sklearn_certify import (
    BaggingCertifiedClassifier,
    CertifiedKNN,
    CertifiedRNN,
    DPAClassifier,
    FiniteAggregationClassifier,
)
from sklearn_certify.exceptions import InvalidInputError
from sklearn_certify.learners import StackedNearestCentroid, StackedRidgeClassifier
from sklearn_certify.report import plan
from sklearn_certify.report._dataset import make_dataset
from sklearn_certify.report._observer import Observer
from sklearn_certify.report._planning._candidates import Candidate
from sklearn_certify.report._planning._outcome import Outcome, accuracies_of_radii
from sklearn_certify.report._planning._trials import Trial, Trials

KNN = {"estimators": "knn", "poison_size": 10}
FEW = {"estimators": ["dpa", "knn"], "base_estimator": "nearest-centroid"}


@pytest.fixture(scope="module")
def digits():
    X, y = load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(y))
    return X[order], y[order]


@pytest.fixture(scope="module")
def found(digits):
    return plan(*digits, poison_size=10, source="digits", **FEW)


@pytest.mark.parametrize(
    ("classifier", "parameter", "value", "ratio"),
    [
        (DPAClassifier(n_partitions=50), "n_partitions", 40, 0.8),
        (DPAClassifier(n_partitions=3), "n_partitions", 2, 2 / 3),
        (FiniteAggregationClassifier(n_partitions=5, spreading_degree=5), "n_partitions", 5, 1),
        (CertifiedKNN(n_neighbors=11), "n_neighbors", 9, 9 / 11),
        (CertifiedRNN(radius=2.5), "radius", 2.5, 0.8),
        (BaggingCertifiedClassifier(max_samples=7), "max_samples", 7, 0.8),
    ],
)
def test_a_share_of_the_rows_has_a_share_of_the_voters(classifier, parameter, value, ratio):
    part, told = Candidate("name", {}, classifier).scaled(0.8)
    assert part.get_params()[parameter] == value
    assert told == pytest.approx(ratio)
    assert part is not classifier


def outcome(radii, ratio):
    return Outcome(accuracies_of_radii(np.array(radii)), len(radii), ratio)


def test_expected_accuracy_lies_between_radii():
    trial = Trial(None, [outcome([-1, 0, 1, 2, 2], 0.8)])
    # sizes of 0, 0.8, 1.6 and 2.4 among the radii
    expected = [0.8, 0.2 * 0.8 + 0.8 * 0.6, 0.4 * 0.6 + 0.6 * 0.4, 0.6 * 0.4]
    np.testing.assert_allclose(trial.expected([0, 1, 2, 3]), expected)
    assert trial.expected([4])[0] == 0
    assert trial.largest() == 2
    twice = Trial(None, [outcome([-1, 0], 1), outcome([5], 1)])
    assert twice.expected([1])[0] == pytest.approx(1 / 3)  # as many rows, not as many means
    nothing = Trial(None, [outcome([-1, -1], 1)])
    assert nothing.expected([0])[0] == 0 and nothing.largest() == 0


@pytest.mark.parametrize(
    "classifier",
    [
        DPAClassifier(StackedNearestCentroid(), 60),
        FiniteAggregationClassifier(StackedRidgeClassifier(), 40, spreading_degree=4),
        BaggingCertifiedClassifier(
            StackedNearestCentroid(), n_estimators=200, max_samples=20, random_state=0
        ),
        CertifiedKNN(n_neighbors=60),
        CertifiedRNN(radius=160),
    ],
    ids=lambda classifier: type(classifier).__name__,
)
def test_a_part_of_the_rows_tells_what_all_will_certify(digits, classifier):
    X, y = digits
    X, queries, y, truth = X[:1300], X[1300:], y[:1300], y[1300:]
    sizes, errors = [0, 5, 10, 15], []
    for seed in range(4):
        rows = np.random.default_rng(seed).permutation(1300)[:1040]
        part, ratio = Candidate("name", {}, classifier).scaled(0.8)
        predicted, radii = part.fit(X[rows], y[rows]).predict_certified(queries)
        trial = Trial(None, [outcome(np.where(predicted == truth, radii, -1), ratio)])
        whole = classifier.fit(X, y).certified_accuracy(queries, truth, sizes)
        errors.append(trial.expected(sizes) - whole)
    assert np.abs(np.mean(errors, axis=0)).max() < 0.04


def run(code):
    names = {}
    exec(code, names)
    return names["model"]


def test_the_recommendation_certifies_what_it_says(found):
    result = found.report.results[found.best_name()]
    assert f"{100 * result.accuracies([10])[0]:.1f} % of the 450 rows held out" in found.sentence()
    made = run(found.code())
    assert repr(made) == repr(found.recommended)
    split = found.report.material.split
    made.fit(split.X_train, split.y_train)
    again = made.certified_accuracy(split.X_test, split.y_test, 10)
    assert again == result.accuracies([10])[0] > 0.75
    assert found.report.poison_sizes == found.poison_sizes and 10 in found.poison_sizes
    text = str(found)
    for words in ("held out", "for choosing, no certificate", "    model = ", "may have touched"):
        assert words in text


def test_the_frontier_is_the_best_of_all_that_was_tried(found):
    trials = found.trials.trials
    for entry in found.frontier():
        expected = [trial.expected([entry["poison_size"]])[0] for trial in trials]
        assert entry["expected_accuracy"] == max(expected)
    accuracies = [entry["expected_accuracy"] for entry in found.frontier()]
    assert (np.diff(accuracies) <= 1e-12).all()
    frame = found.to_frame()
    assert len(frame) == len(trials) and frame["expected_accuracy"].is_monotonic_decreasing
    assert set(frame["classifier"]) == {"dpa", "knn"}


def test_rows_held_out_have_no_part_in_the_choice(found, digits):
    X, y = digits
    first = plan(X[:900], y[:900], X_test=X[900:], y_test=y[900:], poison_size=10, **FEW)
    other = plan(X[:900], y[:900], X_test=0 * X[:90], y_test=y[:90], poison_size=10, **FEW)
    assert str(first.to_frame()) == str(other.to_frame())
    assert first.frontier() == other.frontier() and first.code() == other.code()
    accuracies = [p.report.results[p.best_name()].accuracies([0])[0] for p in (first, other)]
    assert accuracies[0] > 0.9 > accuracies[1]


def test_trusted_rows_alone_choose(digits):
    X, y = digits
    trusted = {"X_trusted": X[900:], "y_trusted": y[900:], "poison_size": 10, "estimators": "rnn"}
    honest = plan(X[:900], y[:900], **trusted)
    poisoned = plan(1000 - 3 * X[:900], y[:900], **trusted)
    assert str(honest.to_frame()) == str(poisoned.to_frame())
    assert "certificates cover the choice" in " ".join(str(honest).split())
    with pytest.raises(InvalidInputError, match="must have the same columns"):
        plan(X[:900, :5], y[:900], **trusted)
    with pytest.raises(InvalidInputError, match="both X_trusted and y_trusted"):
        plan(X, y, poison_size=1, X_trusted=X)


def test_a_size_out_of_reach_is_said(digits):
    found = plan(*digits, poison_size=1000, estimators="knn")
    assert found.recommended is None and found.code() is None and found.best_name() is None
    assert "No setting that was tried certifies anything at 1000 rows" in found.sentence()
    assert found.frontier()[-1]["expected_accuracy"] == 0
    assert "no setting" in str(found)


def test_time_is_up(digits):
    found = plan(*digits, poison_size=10, budget=1e-9, **FEW)
    assert len(found.trials.trials) == 1 and found.trials.n_untried > 5
    assert "settings found no time" in str(found)
    assert found.recommended is not None


def test_what_is_settled_is_not_sought(digits):
    found = plan(*digits, poison_size=5, estimators="dpa", base_estimator="ridge", n_partitions=30)
    assert [trial.candidate.settings for trial in found.trials.trials] == [{"base": "ridge"}]
    assert found.recommended.n_partitions == 30
    found = plan(*digits, poison_size=5, estimators="knn", n_neighbors=20, metric="euclidean")
    assert found.code().splitlines() == [
        "from sklearn_certify import CertifiedKNN",
        "model = CertifiedKNN(metric='euclidean', n_jobs=-1, n_neighbors=20)",
    ]


def test_slow_classifiers_take_up_what_dpa_found(digits):
    X, y = digits
    found = plan(
        X[:600],
        y[:600],
        poison_size=5,
        estimators=["dpa", "fa", "bagging"],
        base_estimator=["nearest-centroid", LogisticRegression(C=1e-9, max_iter=1)],
        n_estimators=50,
    )
    best = found.trials.ranked("dpa")[0].candidate.settings
    assert best["base"] == "nearest-centroid"  # the other learns nothing
    for name, parameter in (("finite-aggregation", "spreading_degree"), ("bagging", "max_samples")):
        settings = [trial.candidate.settings for trial in found.trials.ranked(name)]
        assert settings[0]["base"] == "nearest-centroid"
        of_it = {s[parameter] for s in settings if s["base"] == "nearest-centroid"}
        assert len(of_it) >= 3


def test_contributors_are_what_counts(digits):
    X, y = digits
    groups = np.arange(len(y)) // 3
    found = plan(X, y, groups=groups, poison_size=5, estimators="dpa", base_estimator="ridge")
    assert found.report.grouped and "5 contributors" in found.sentence()
    held_out = found.report.results["dpa"]
    assert held_out.accuracies([5])[0] == pytest.approx(
        found.trials.at(found.trials.ranked()[0]), abs=0.1
    )


def test_tables_with_texts_and_gaps():
    pd = pytest.importorskip("pandas")
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, size=200)
    sizes = np.where(np.arange(200) % 9 == 0, np.nan, y + rng.normal(size=200))
    X = pd.DataFrame({"size": sizes, "colour": np.where(y + rng.random(200) > 0.8, "red", "blue")})
    found = plan(X, y, poison_size=3, estimators=["dpa", "knn"], base_estimator=["ridge", "tree"])
    assert set(found.to_frame()["classifier"]) == {"dpa"}
    assert "knn is left out: it compares rows by distance" in str(found)
    held_out = found.report.results["dpa"].accuracies([3])[0]
    assert held_out > 0.5
    made, split = run(found.code()), found.report.material.split
    assert made.fit(split.X_train, split.y_train)
    assert made.certified_accuracy(split.X_test, split.y_test, 3) == held_out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"poison_size": [1, 2]}, "one whole number"),
        ({"poison_size": -1}, "poison"),
        ({"poison_size": 1, "budget": 0}, "budget must be a number of seconds"),
        ({"poison_size": 1, "estimators": CertifiedKNN()}, "is an estimator"),
        ({"poison_size": 1, "estimator": "ridge"}, "base_estimator="),
        (
            {"poison_size": 1, "estimators": "dpa", "base_estimator": "rigde"},
            "no base estimator .rigde.",
        ),
        ({"poison_size": 1, "base_estimator": "ridge"}, "sets nothing"),
        ({"poison_size": 1, "nonsense": 3}, "No certified classifier has a parameter"),
        ({"poison_size": 1, "X_test": [[1.0]]}, "both X_test and y_test"),
    ],
)
def test_bad_arguments(iris, arguments, message):
    with pytest.raises(InvalidInputError, match=message):
        plan(*iris, **{"estimators": "knn", **arguments})


def test_some_voters_of_dpa_tell_what_all_certify(digits):
    X, y = digits
    rows = make_dataset(X[:1347], y[:1347], None, "digits", None)
    truth = DPAClassifier(n_partitions=100).fit(X[:1347], y[:1347])
    truth = truth.certified_accuracy(X[1347:], y[1347:], 25)
    expected = {}
    for name, base in {"all": None, "some": make_pipeline(StackedRidgeClassifier())}.items():
        trials = Trials(rows, 1347, np.inf, "insert_delete", 25, np.inf, Observer())
        candidate = Candidate("dpa", {}, DPAClassifier(base, 100))
        for repeat in range(3):
            trials.run([candidate], repeat, seed=repeat)
        expected[name] = trials.at(trials.trials[0])
    assert expected["all"] == pytest.approx(truth, abs=0.04)
    assert expected["some"] == pytest.approx(truth, abs=0.06)
    # as many partitions of fewer rows would look worse than they are
    fewer = DPAClassifier(n_partitions=100).fit(X[:898], y[:898])
    assert fewer.certified_accuracy(X[898:1347], y[898:1347], 25) < truth - 0.1


def test_what_is_measured_on_has_no_part_in_the_choice_even_if_it_comes_twice(digits):
    X, y = digits
    once = plan(X[:900], y[:900], poison_size=10, estimators="knn")
    split = once.report.material.split
    twice = plan(
        X[:900], y[:900], X_trusted=X[:900], y_trusted=y[:900], poison_size=10, estimators="knn"
    )
    chosen_by = {row.tobytes() for row in twice.chosen_by.X}
    assert len(chosen_by) == len(split.y_train)
    assert not any(row.tobytes() in chosen_by for row in split.X_test)
    assert "225 of the 900 rows to choose by are among the test rows" in str(twice)
    given = plan(X[:900], y[:900], X_test=X[600:900], y_test=y[600:900], **KNN)
    assert len(given.chosen_by.y) == 600
    with pytest.raises(InvalidInputError, match="measured on rows that it was chosen by"):
        plan(X[:900], y[:900], X_test=X[:850], y_test=y[:850], **KNN)


def test_few_trusted_rows_are_told(digits):
    X, y = digits
    found = plan(X[:900], y[:900], X_trusted=X[900:1100], y_trusted=y[900:1100], **KNN)
    assert "Settings were chosen by 200 rows for 675 to learn from" in str(found)


def test_a_setting_that_takes_longer_than_there_is_is_not_taken(digits):
    class Slow(StackedNearestCentroid):
        def fit(self, X, y):
            sleep(0.02)
            return super().fit(X, y)

    X, y = digits
    found = plan(
        X[:600],
        y[:600],
        poison_size=3,
        estimators=["dpa", "fa", "bagging"],
        base_estimator=make_pipeline(Slow()),
        budget=3,
    )
    assert found.seconds < 4.5  # all of bagging would take 20
    assert set(found.report.results) <= {"dpa", "finite-aggregation"}
    assert found.recommended is not None and found.trials.n_untried > 0
