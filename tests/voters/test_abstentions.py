"""Who says with which label that none is right, and what comes of scores."""

import warnings

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import RadiusNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_certify._compute.settings import muted
from sklearn_certify.voters._abstentions import abstention_labels, abstention_parameters
from sklearn_certify.voters._answers import scores_of, votes_of, without_unknown
from sklearn_certify.voters._encoded import EncodedLabelsClassifier

NEIGHBORS = RadiusNeighborsClassifier(outlier_label="none")


def test_parameters_that_name_a_label():
    assert abstention_parameters(NEIGHBORS) == {"outlier_label": "none"}
    pipeline = make_pipeline(StandardScaler(), NEIGHBORS)
    search = GridSearchCV(pipeline, {})
    name = "radiusneighborsclassifier__outlier_label"
    assert abstention_parameters(pipeline) == {name: "none"}
    assert abstention_parameters(search) == {f"estimator__{name}": "none"}
    listed = RadiusNeighborsClassifier(outlier_label=np.array([-1]))
    assert abstention_labels(listed) == [-1]
    for value in (None, "most_frequent", [1, 2]):  # the last is of several outputs
        assert abstention_parameters(RadiusNeighborsClassifier(outlier_label=value)) == {}
    assert abstention_parameters(LogisticRegression()) == abstention_parameters(object()) == {}


class Scorer(ClassifierMixin, BaseEstimator):
    """Gives the scores that it was given."""

    def __init__(self, scores=(), classes=(), abstention_label=None):
        self.scores = scores
        self.classes = classes
        self.abstention_label = abstention_label

    def fit(self, X, y):
        self.classes_ = np.array(self.classes)
        return self

    def predict_proba(self, X):
        return np.array(self.scores, dtype=float)


def test_attributes_that_name_a_label():
    voter = LogisticRegression().fit([[0.0], [1.0]], [0, 1])
    pipeline = make_pipeline(StandardScaler(), voter)
    assert abstention_labels(pipeline) == []
    voter.abstention_label_ = "nobody"
    assert abstention_labels(pipeline) == ["nobody"]
    search = GridSearchCV(pipeline, {}, cv=2)
    search.best_estimator_ = pipeline
    assert abstention_labels(search) == ["nobody"]


LABELS = np.array([0, 1, 2])


def scores(values, classes, label=None, known=None):
    voter = Scorer(values, classes, label).fit(None, None)
    found, problem = scores_of(voter, np.zeros((len(values), 1)), LABELS, known)
    return found.tolist(), problem


NEVER = -np.inf


def test_zeros_are_an_abstention_of_those_that_may_abstain():
    rows = [[0.25, 0.75], [0, 0]]
    assert scores(rows, [0, 2]) == ([[0.25, NEVER, 0.75], [0, NEVER, 0]], None)
    assert scores(rows, [0, 2], -1) == ([[0.25, NEVER, 0.75], [NEVER] * 3], None)
    # with the label of another voter's rows it is a vote, if labels are fixed beforehand
    assert scores(rows, [0, 2], 1)[0][1] == [NEVER, 0, NEVER]
    own = np.array([True, False, True])
    assert scores(rows, [0, 2], 1, own)[0][1] == [NEVER] * 3


def test_a_class_that_is_none_abstains_where_it_has_the_highest_score():
    rows = [[0.2, 0.3, 0.5], [0.6, 0.3, 0.1]]
    expected = [[0.3, NEVER, 0.5], [NEVER] * 3], None
    assert scores(rows, [-1, 0, 2], -1) == expected
    found, problem = scores(rows, [-1, 0, 2])
    assert found == expected[0] and problem == "it scores -1, which is no label of y"
    # and so does one that only the rows of others have
    own = np.array([False, True, True])
    assert scores(rows, [0, 1, 2], None, own) == ([[NEVER, 0.3, 0.5], [NEVER] * 3], None)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_scores_that_are_no_numbers(bad):
    found, problem = scores([[bad, 0.0], [0.0, NEVER]], [0, 1])
    assert found == [[NEVER] * 3, [0, NEVER, NEVER]] and "NaN or infinity" in problem


def test_answers_in_terms_of_own_labels():
    own = np.array([True, False, True])
    votes = np.array([0, 1, 2, -1], dtype=np.int8)
    assert without_unknown(votes.copy(), None).tolist() == votes.tolist()
    assert without_unknown(votes.copy(), own).tolist() == [0, -1, 2, -1]
    assert without_unknown(np.zeros((1, 3)), own).tolist() == [[0, NEVER, 0]]
    voter = RadiusNeighborsClassifier(1.0, outlier_label=1).fit([[0.0], [0.5]], [0, 2])
    with pytest.warns(UserWarning, match="Outlier label"):
        assert votes_of(voter, np.array([[9.0]]), LABELS)[0].tolist() == [1]
        assert votes_of(voter, np.array([[9.0]]), LABELS, own) == (-1, None)


@pytest.mark.parametrize(
    ("label", "expected"),
    [("none", ["none", "b"]), ("a", ["a", "b"]), (-1, [-1, "b"]), (0, [0, "b"])],
)
def test_labels_that_are_learned_as_positions(label, expected):
    neighbors = RadiusNeighborsClassifier(1.0, outlier_label=label)
    voter = EncodedLabelsClassifier(neighbors).fit([[0.0], [5.0]], np.array(["a", "b"]))
    with muted("Outlier label"):
        assert voter.predict([[9.0], [5.0]]).tolist() == expected
        shares = voter.predict_proba([[9.0], [5.0]])
    assert shares.tolist() == [[label == "a", 0], [0, 1]]
    assert abstention_labels(voter)[0] == label
    assert neighbors.outlier_label == label


def test_muted_warnings():
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        before = list(warnings.filters)
        with muted("Outlier .* out"):
            warnings.warn("Outlier 3 is out", UserWarning, stacklevel=1)
            warnings.warn("Insider 3 is in", UserWarning, stacklevel=1)
            with muted("Outlier .* out"):
                pass
            warnings.warn("Outlier 4 is out", UserWarning, stacklevel=1)
        assert warnings.filters == before
        with muted("Nothing"):
            warnings.filters.clear()
        warnings.filters[:] = before
    assert [str(warning.message) for warning in caught] == ["Insider 3 is in"]
