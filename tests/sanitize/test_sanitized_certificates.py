"""A filter in front of a certified classifier voids the certificate, and so it is refused."""

import numpy as np
import pytest
from sklearn.linear_model import RidgeClassifier
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

from sklearn_certify import DPAClassifier, certify
from sklearn_certify.audit import find_unsound_steps
from sklearn_certify.exceptions import InvalidInputError, UnsoundPipelineError
from sklearn_certify.sanitize import InverseSelfPacedFilter, SanitizedClassifier

from .stand_ins import EveryNth


def dpa():
    return DPAClassifier(n_partitions=5)


WRAPPED = {
    "wrapper": lambda: SanitizedClassifier(dpa(), EveryNth()),
    "in a pipeline": lambda: make_pipeline("passthrough", SanitizedClassifier(dpa(), EveryNth())),
    "around a pipeline": lambda: SanitizedClassifier(
        make_pipeline("passthrough", dpa()), EveryNth()
    ),
    "search": lambda: GridSearchCV(
        SanitizedClassifier(dpa(), EveryNth()), {"sanitizer__n": [4]}, cv=2
    ),
    "search inside": lambda: SanitizedClassifier(
        GridSearchCV(dpa(), {"n_partitions": [5]}, cv=2), EveryNth()
    ),
}


@pytest.mark.parametrize("name", WRAPPED)
def test_certificates_behind_a_filter_are_refused(name, rows):
    X, y = rows
    model = WRAPPED[name]().fit(X, y)
    assert not hasattr(model, "certify")
    message = r"^Filter 'sanitizer' \(EveryNth\) .* the certificate of DPAClassifier is void\. "
    with pytest.raises(UnsoundPipelineError, match=message):
        certify(model, X[:2], 1)
    assert [step.name for step in find_unsound_steps(model)] == ["sanitizer"]


def test_a_filter_before_a_certified_classifier_really_is_unsound(rows):
    """One more row moves the rows that voters learn from which never see that row."""
    X, y = rows
    model = SanitizedClassifier(dpa(), EveryNth(2))
    before = model.fit(X, y).estimator_.votes(X)
    after = model.fit(np.vstack([X[:1] + 1, X]), np.append(3, y)).estimator_.votes(X)
    assert (before != after).any(axis=0).sum() > 1


def test_unfitted_and_uncertified(rows):
    unfitted = SanitizedClassifier(dpa())
    assert isinstance(find_unsound_steps(unfitted)[0].step, InverseSelfPacedFilter)
    model = SanitizedClassifier(RidgeClassifier(), EveryNth()).fit(*rows)
    with pytest.raises(InvalidInputError, match="RidgeClassifier gives no certificates"):
        certify(model, rows[0], 1)
