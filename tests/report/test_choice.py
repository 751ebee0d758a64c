"""What a report compares: classifiers that go by name, and estimators as they are."""

import pytest
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import Normalizer

from sklearn_certify import CertifiedKNN, DPAClassifier, FiniteAggregationClassifier
from sklearn_certify.base import CertifiedClassifierMixin
from sklearn_certify.exceptions import InvalidInputError
from sklearn_certify.report._choice import (
    certified_classifiers,
    certified_part,
    choose,
    common_threat_model,
)


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ("dpa", ["dpa"]),
        (["FA"], ["finite-aggregation"]),
        (("finite-aggregation", "dpa"), ["dpa", "finite-aggregation"]),
        (["dpa", "DPAClassifier"], ["dpa"]),
        ("CertifiedKNN", ["knn"]),
        ("all", list(certified_classifiers())),
        (None, list(certified_classifiers())),
    ],
)
def test_names_of_classifiers(names, expected):
    chosen = choose(names)
    assert list(chosen) == expected
    assert all(item is certified_classifiers()[name] for name, item in chosen.items())


def test_every_certified_classifier_is_found():
    found = set(certified_classifiers().values())
    assert {DPAClassifier, FiniteAggregationClassifier} <= found
    assert all(issubclass(item, CertifiedClassifierMixin) for item in found)


def test_estimators_are_taken_as_they_are_under_names_of_their_own():
    few, many = DPAClassifier(n_partitions=5), DPAClassifier(n_partitions=9)
    search = GridSearchCV(make_pipeline(Normalizer(), many), {"dpaclassifier__n_partitions": [5]})
    assert choose(few) == {"dpa": few}
    assert choose([few, "knn", many]) == {"knn": CertifiedKNN, "dpa-1": few, "dpa-2": many}
    assert choose([("few", few), search]) == {"few": few, "dpa": search}
    assert choose({"few": few, 9: many}) == {"few": few, "9": many}
    assert certified_part(search) is many
    assert certified_part(make_pipeline(Normalizer(), search)) is many


@pytest.mark.parametrize(
    ("estimators", "message"),
    [
        ("magic", "no certified classifier 'magic'; there are dpa, finite-aggregation"),
        (LogisticRegression(), "LogisticRegression gives no certificates"),
        ([make_pipeline(LogisticRegression())], "LogisticRegression gives no certificates"),
        ({"a": "dpa"}, "'dpa' is a name, and has no other"),
        (3, "estimators must be a name, a certified classifier, or several of them, got 3"),
        (DPAClassifier, "DPAClassifier is a class; pass an estimator, such as DPAClassifier()"),
        ([("knn", DPAClassifier()), "knn"], "Two estimators are called 'knn'"),
        (FrozenEstimator(DPAClassifier()), "pass the estimator inside"),
        ([], "no estimator to report on"),
    ],
)
def test_what_gives_no_certificates_is_refused(estimators, message):
    with pytest.raises(InvalidInputError, match=message):
        choose(estimators)


def test_a_report_counts_units_of_one_kind():
    flips = DPAClassifier(threat_model="label_flip")
    assert common_threat_model(choose("all")) == "insert_delete"
    assert common_threat_model(choose("all"), "modify") == "modify"
    assert common_threat_model(choose(["knn", flips])) == "label_flip"
    with pytest.raises(InvalidInputError, match="dpa has 'label_flip' and other has 'insert'"):
        common_threat_model(choose([flips, ("other", CertifiedKNN(threat_model="insert"))]))
    with pytest.raises(InvalidInputError, match="the report has 'modify' and dpa has 'label_flip'"):
        common_threat_model(choose(flips), "modify")
    with pytest.raises(InvalidInputError, match="threat_model must be one of"):
        common_threat_model(choose("dpa"), "magic")
