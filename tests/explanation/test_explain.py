"""An explanation says what the classifier and its certificate say."""

import re

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_matrix
from sklearn.base import clone
from sklearn.dummy import DummyClassifier
from sklearn.exceptions import NotFittedError
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, Normalizer, StandardScaler
from sklearn.tree import DecisionTreeClassifier

from sklearn_certify import (
    BaggingCertifiedClassifier,
    CertifiedKNN,
    CertifiedRNN,
    DPAClassifier,
    FiniteAggregationClassifier,
    certified_radius,
    explain,
)
from sklearn_certify.exceptions import InvalidInputError, UnsoundPipelineError

from .cases import CLASSIFIERS, make_rows


@pytest.fixture(scope="module")
def fitted():
    X, y, _ = make_rows()
    return {name: clone(classifier).fit(X, y) for name, classifier in CLASSIFIERS.items()}


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_it_agrees_with_the_classifier(fitted, name):
    classifier = fitted[name]
    for x in make_rows()[2]:
        explanation = explain(classifier, x)
        labels, radii = classifier.predict_certified(x[np.newaxis])
        assert (explanation.prediction, explanation.radius) == (labels[0], radii[0])
        votes = [explanation.votes[label] for label in classifier.classes_.tolist()]
        assert votes == classifier.vote_counts(x[np.newaxis])[0].tolist()
        assert sum(votes) + explanation.n_abstaining == explanation.n_voters
        assert list(explanation.votes.values()) == sorted(votes, reverse=True)
        assert explanation.prediction not in explanation.rivals
        assert explanation.runner_up in [*classifier.classes_, None]
        if explanation.second_round is not None:
            shares = classifier.predict_proba(x[np.newaxis])[0]
            backers = [explanation.second_round.get(c, 0) for c in classifier.classes_.tolist()]
            np.testing.assert_allclose(backers / np.sum(backers), shares)


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_the_sentence_claims_no_more_than_is_proven(fitted, name):
    for x in make_rows()[2]:
        explanation = explain(fitted[name], x)
        sentence = explanation.sentence
        if explanation.radius > 0:
            assert f"it takes at least {explanation.radius + 1} rows" in sentence
            assert f"up to {explanation.radius} " in explanation.remarks[0]
        elif explanation.radius == 0:
            assert "may be enough" in sentence
            assert "at least" not in sentence
        else:
            assert "nothing is certified" in sentence
        assert repr(explanation.prediction) in sentence
        assert str(explanation).startswith(sentence)


@pytest.mark.parametrize("name", ["dpa", "fa", "dpa, run-off", "fa, run-off"])
def test_the_lead_is_carried_by_partitions(fitted, name):
    classifier = fitted[name]
    runoff = classifier.aggregation == "runoff"
    for x in make_rows()[2]:
        explanation = explain(classifier, x)
        frame = explanation.to_frame()
        n_voters, degree = classifier.spread_.shape
        assert sorted(frame["partition"]) == list(range(n_voters))
        assert (np.diff(frame["at_stake"]) <= 0).all()
        np.testing.assert_array_equal(
            frame["n_rows"],
            np.bincount(classifier.partition_, minlength=n_voters)[frame["partition"]],
        )
        if runoff and explanation.decided_in_round == 1:
            continue
        votes = explanation.second_round if runoff else explanation.votes
        if explanation.runner_up in votes:
            assert frame["for_prediction"].sum() == degree * votes[explanation.prediction]
            assert frame["for_runner_up"].sum() == degree * votes[explanation.runner_up]
            # no more partitions than are proven harmless can turn the lead over this rival
            lead = votes[explanation.prediction] - votes[explanation.runner_up]
            assert frame["at_stake"][: explanation.radius].sum() <= lead
        if degree == 1:
            counted = frame["vote"].value_counts().to_dict()
            assert counted == {label: n for label, n in explanation.votes.items() if n}


@pytest.mark.parametrize("name", ["knn", "knn, deletions", "knn, modified", "rnn"])
def test_the_lead_is_carried_by_neighbours(fitted, name):
    X, y, queries = make_rows()
    for x in queries:
        explanation = explain(fitted[name], x)
        if not explanation.n_voters:
            continue
        frame = explanation.to_frame()
        assert (np.diff(frame["distance"]) >= 0).all()
        np.testing.assert_array_equal(frame["label"], y[frame["row"]])
        np.testing.assert_allclose(frame["distance"], np.abs(X[frame["row"]] - x).sum(axis=1))
        assert frame["label"].value_counts().to_dict() == {
            label: n for label, n in explanation.votes.items() if n
        }
        for_it = frame["votes_for"] == "prediction"
        assert (for_it == (frame["label"] == explanation.prediction)).all()


def test_the_rival_is_the_one_that_decides_and_not_the_one_with_most_votes():
    # 'a' would win a tie, so its votes count for one more
    X, y = np.arange(11.0)[:, np.newaxis], list("aaabbbcccca")
    knn = CertifiedKNN(10, threat_model="modify", classes=list("abc")).fit(X[:10], y[:10])
    explanation = explain(knn, [0.0])
    assert explanation.votes == {"c": 4, "a": 3, "b": 3}
    assert (explanation.prediction, explanation.rivals) == ("c", ["a", "b"])


def test_an_invented_label_may_be_the_rival():
    X, y = np.arange(9.0)[:, np.newaxis], ["b"] * 9 + []
    knn = CertifiedKNN(9).fit(X, y)
    explanation = explain(knn, [0.0])
    assert (explanation.runner_up, explanation.rivals) == (None, [None])
    assert "a label that the attacker invents" in str(explanation)
    alone = explain(CertifiedKNN(9, classes=["b"]).fit(X, y), [0.0])
    assert alone.rivals == []
    assert "No other label can win" in str(alone)


def test_units_are_those_of_the_threat_model():
    X, y, queries = make_rows()
    for threat_model, words in [("label_flip", "labels changed"), ("modify", "rows changed")]:
        model = DPAClassifier(DecisionTreeClassifier(), 25, threat_model=threat_model).fit(X, y)
        explanation = max((explain(model, x) for x in queries), key=lambda found: found.radius)
        assert words in explanation.sentence
        assert (explanation.threat_model, explanation.unit) == (threat_model, "row")
    assert explanation.partitions_per_unit == 2
    assert "2 partitions" in str(explanation)


def test_contributors_fill_partitions():
    X, y, queries = make_rows()
    groups = np.array([f"person {i % 40}" for i in range(len(X))])
    model = DPAClassifier(DecisionTreeClassifier(), n_partitions=9).fit(X, y, groups=groups)
    explanation = explain(model, queries[0], groups=groups)
    assert explanation.unit == "group"
    assert "contributor" in explanation.sentence
    names = explanation.to_frame().set_index("partition")["contributors"]
    for name, partition in zip(groups, model.partition_, strict=True):
        assert name in names[partition]
    assert sorted(name for of_one in names for name in of_one) == sorted(set(groups))
    assert "contributors" not in explain(model, queries[0]).to_frame()
    with pytest.raises(InvalidInputError, match="not those that fit was given"):
        explain(model, queries[0], groups=groups[::-1])
    with pytest.raises(InvalidInputError, match="but not to fit"):
        explain(DPAClassifier(DecisionTreeClassifier(), 9).fit(X, y), queries[0], groups=groups)
    with pytest.raises(InvalidInputError, match="leave groups out"):
        explain(CertifiedKNN().fit(X, y), queries[0], groups=groups)


def test_bagging_says_how_sure_it_is_and_that_it_abstains():
    X, y, queries = make_rows()
    model = BaggingCertifiedClassifier(DecisionTreeClassifier(), 40, 5, random_state=0, alpha=0.01)
    model.fit(X, y)
    explanations = [explain(model, x) for x in queries]
    assert {found.confidence for found in explanations} == {0.99}
    assert any(found.radius < 0 for found in explanations)
    for found in explanations:
        assert "infinitely many" in str(found)
        assert len(found.to_frame()) == 40
        if found.radius > 0:
            assert "with 99 % confidence" in found.sentence


class Stubborn(DecisionTreeClassifier):
    """Fails on rows without the label b, and predicts no others."""

    def fit(self, X, y):
        if not (np.asarray(y) == "b").any():
            raise ValueError("no b")
        return super().fit(X, y)


@pytest.mark.filterwarnings("ignore::sklearn_certify.exceptions.VoterWarning")
@pytest.mark.parametrize("aggregation", ["plurality", "runoff"])
def test_voters_without_a_model_abstain(aggregation):
    X, y, queries = make_rows(n_rows=40)
    model = DPAClassifier(Stubborn(), 30, on_voter_error="abstain", aggregation=aggregation).fit(
        X, y
    )
    without = sum(fitted is None for fitted in model.estimators_)
    explanation = explain(model, queries[0])
    assert 0 < without == explanation.n_without_model == explanation.n_abstaining
    assert f"{without} of 30 voters abstain" in str(explanation)
    assert "(abstain)" in str(explanation)
    assert explanation.to_frame()["vote"].isna().sum() == without
    if aggregation == "runoff":
        assert sum(explanation.second_round.values()) == 30 - without


@pytest.mark.filterwarnings("ignore::sklearn_certify.exceptions.OutlierWarning")
def test_rows_far_from_all_others_are_explained():
    X, y, _ = make_rows()
    for outlier_label in (None, "none", "b"):
        model = CertifiedRNN(1.0, outlier_label=outlier_label).fit(X, y)
        explanation = explain(model, [99.0, 99.0, 99.0])
        assert explanation.prediction == (outlier_label or "a")
        assert (explanation.radius, explanation.n_voters) == (0, 0)
        assert "no training row lies within 1 of it" in explanation.sentence
        assert len(explanation.to_frame()) == 0
        explanation._repr_html_()


def test_who_removes_all_neighbours_makes_an_outlier():
    X, y = [[0.0], [1.0], [9.0]], ["a", "a", "b"]
    model = CertifiedRNN(2.0, outlier_label="b", threat_model="delete", classes=["a", "b"])
    model.fit(X, y)
    explanation = explain(model, [0.0])
    assert (explanation.radius, explanation.rivals) == (1, ["b"])


def test_it_looks_through_pipelines_and_searches():
    X, y, queries = make_rows()
    pipeline = make_pipeline(Normalizer(), CertifiedKNN(9))
    search = GridSearchCV(pipeline, {"certifiedknn__n_neighbors": [3, 9]}, cv=2)
    for model in (pipeline.fit(X, y), search.fit(X, y)):
        explanation = explain(model, queries[0])
        assert explanation.radius == certified_radius(model, queries[:1])[0]
    with pytest.raises(UnsoundPipelineError):
        explain(make_pipeline(StandardScaler(), CertifiedKNN()).fit(X, y), queries[0])
    with pytest.raises(NotFittedError):
        explain(CertifiedKNN(), queries[0])
    with pytest.raises(InvalidInputError, match="gives no certificates"):
        explain(DummyClassifier().fit(X, y), queries[0])


def test_a_row_comes_in_many_ways():
    X, y, queries = make_rows()
    frame = pd.DataFrame(X, columns=["u", "v", "w"])
    of_arrays = DPAClassifier(DecisionTreeClassifier(), 9).fit(X, y)
    of_tables = DPAClassifier(DecisionTreeClassifier(), 9).fit(frame, y)
    expected = explain(of_arrays, queries[0]).votes
    for x in (queries[0].tolist(), [queries[0].tolist()], queries[:1], queries[0]):
        assert explain(of_arrays, x).votes == expected
    table = pd.DataFrame(queries, columns=["u", "v", "w"])
    assert explain(of_tables, table.iloc[[0]]).votes == explain(of_tables, table.iloc[0]).votes
    sparse = DPAClassifier(LogisticRegression(), 5).fit(csr_matrix(X), y)
    assert explain(sparse, csr_matrix(queries[:1])).n_voters == 5
    for several in (queries[:2], queries[:0], table, csr_matrix(queries)):
        with pytest.raises(InvalidInputError, match="explain takes one row"):
            explain(of_tables, several)


def test_images_and_texts_are_rows_too():
    X, y, _ = make_rows(n_rows=60)
    images = np.repeat(X[:, :, np.newaxis], 3, axis=2)
    flat = FunctionTransformer(lambda rows: np.reshape(rows, (len(rows), -1)))
    model = CertifiedKNN(5, transformer=flat).fit(images, y)
    assert explain(model, images[7]).votes == explain(model, images[[7]]).votes
    texts = [f"{label} {label} word{number % 3}" for number, label in enumerate(y)]
    reader = HashingVectorizer(n_features=16, alternate_sign=False)
    for model in (
        CertifiedKNN(5, transformer=reader).fit(texts, y),
        make_pipeline(reader, FiniteAggregationClassifier(n_partitions=4)).fit(texts, y),
    ):
        assert explain(model, texts[0]).votes == explain(model, texts[:1]).votes


def test_what_it_looks_like(fitted):
    X, y, queries = make_rows()
    names = np.array(["<b>", "&", "c"])[np.unique(y, return_inverse=True)[1]]
    for model in (*fitted.values(), CertifiedKNN(30).fit(X, names)):
        html = explain(model, queries[0])._repr_html_()
        assert not re.search("<b>|<script|http", html)
        assert unclosed(html) == []


def unclosed(html):
    tags = []
    for closing, tag in re.findall("<(/?)([a-z]+)", html):
        if not closing:
            tags.append(tag)
        elif tags.pop() != tag:
            return ["mixed up", tag]
    return tags


def test_many_labels_are_told_together():
    rng = np.random.default_rng(0)
    y = rng.integers(0, 30, size=400)
    model = CertifiedKNN(100).fit(rng.normal(size=(400, 2)), y)
    explanation = explain(model, [0.0, 0.0])
    lines = str(explanation).splitlines()
    assert any(line.startswith("20 others") for line in lines)
    assert len(explanation.votes) == 30


def test_what_makes_no_sense_is_refused():
    X, y, queries = make_rows()
    knn = CertifiedKNN(9, classes=["a", "b", "c"]).fit(X, y)
    with pytest.raises(InvalidInputError, match="tolerance is for regressors"):
        explain(knn, queries[0], tolerance=1.0)
    with pytest.raises(InvalidInputError, match="none of the labels that classes allows"):
        explain(knn, queries[0], target="d")
    with pytest.raises(InvalidInputError, match="target"):
        explain(knn, queries[0], target=3)
