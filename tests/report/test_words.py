"""What reports say."""

from types import SimpleNamespace

import numpy as np
import pytest
from sklearn.preprocessing import FunctionTransformer

from sklearn_certify import CertifiedKNN, DPAClassifier
from sklearn_certify.report import CertificationReport, certification_report
from sklearn_certify.report._results import Result
from sklearn_certify.report._words import counted, describe, legend, on_limits, title
from sklearn_certify.threat import THREAT_MODELS, find_threat_model

FACTS = {"groups": None, "threat_model": "insert_delete"}


def report_on(radii, limits=(), classifier=None, **facts):
    """Return a report on one classifier that predicts every row as 0, which is right."""
    radii = np.array(radii)
    labels = np.zeros(len(radii), dtype=int)
    result = Result("mine", classifier, labels, labels, radii, 0.0, 0.0, int(radii.max()))
    return CertificationReport({}, {**FACTS, **facts}, [], {"mine": result}, {}, [0, 1], limits)


def in_a_line(report):
    return " ".join(str(report).split())


@pytest.mark.parametrize("threat_model", THREAT_MODELS)
def test_threat_models_are_explained(iris, threat_model):
    text = in_a_line(certification_report("knn", *iris, threat_model=threat_model))
    words = find_threat_model(threat_model).words()
    assert f"Threat model {threat_model} ({words.many})" in text
    assert f"- A poison size counts {words.meaning}. -" in text


def test_confidence_is_told_where_a_proof_has_one(iris):
    text = in_a_line(certification_report("bagging", *iris, n_estimators=9))
    assert "stays right, with confidence 99.9 %, whatever" in text
    assert "bagging proves with confidence 99.9 %" in text and "but not the seed" in text
    assert "confidence" not in in_a_line(certification_report("knn", *iris))


def test_numbers_agree_with_their_nouns():
    assert counted(1, "voter") == "1 voter" and counted(2, "voter") == "2 voters"
    assert title(report_on([3])) == "Certified accuracy in % of the 1 test row"
    classifier = DPAClassifier(n_partitions=3)
    classifier.n_voters_, classifier._voters = 3, SimpleNamespace(estimators=[None, 1, 2])
    told = legend(report_on([3], classifier=classifier))["mine"]
    assert told == "DPAClassifier(n_partitions=3), 3 voters, 1 of them abstains"
    classifier.n_voters_, classifier._voters = 1, SimpleNamespace(estimators=[1])
    assert legend(report_on([3], classifier=classifier))["mine"].endswith("), 1 voter")


def test_parameters_that_matter_are_told():
    assert describe(CertifiedKNN()) == "CertifiedKNN(n_neighbors=5)"
    told = describe(CertifiedKNN(metric="euclidean", classes=np.array([0, 1])))
    assert told == "CertifiedKNN(classes=array([0, 1]), metric='euclidean', n_neighbors=5)"
    told = describe(DPAClassifier(transformer=FunctionTransformer()))
    assert told == "DPAClassifier(n_partitions=50, transformer=FunctionTransformer())"


class Limit:
    def __init__(self, units, option, value):
        self.units, self.option, self.value = units, option, value
        self.decision = f"{value} it is"


def test_limits_are_told_where_they_bind():
    far, near = Limit(9, "--decimal", "."), Limit(2, "--columns", "a b=text")
    nearest = Limit(1, "--columns", "c=number")
    assert on_limits(report_on([9, 3], [far])) == []
    assert on_limits(report_on([3], [far, near])) == [
        "No radius is above 2: the rows decide by vote that a b=text it is, and more poison may "
        "turn it.",
        "What is known beforehand needs no vote: --columns 'a b=text'",
    ]
    what, mend = on_limits(report_on([3], [near, nearest, far]))
    assert "c=number it is (and 1 more such vote), and" in what
    assert mend.endswith("--columns 'c=number,a b=text'")
    assert "and 2 more such votes" in on_limits(report_on([30], [near, nearest, far]))[0]
    (_, mend) = on_limits(report_on([3], [Limit(1, "", "")]))
    assert mend == "A file with a line of names has no such limit."
