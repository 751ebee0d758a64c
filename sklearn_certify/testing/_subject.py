"""What is attacked: how to fit it, and what it claims and answers once it is fitted."""

import warnings
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from numbers import Integral
from typing import Any

import numpy as np
from sklearn import get_config
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.dummy import DummyClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import Pipeline

from .._compat import _num_samples
from ..audit import split_pipeline
from ..base import CertifiedClassifierMixin
from ..ensemble import BaggingCertifiedClassifier, DPAClassifier
from ..ensemble._elections import Runoff
from ..ensemble._partition_ensemble import PartitionEnsembleClassifier
from ..exceptions import InvalidInputError, VoterError
from ..partition import hash_labels, hash_rows
from ..pipelines import certified_radius
from ..threat import check_threat_model

__all__ = ["Answers", "Subject", "inside", "make_subject", "refuse_periods"]

_ROWS_PER_PARTITION = 15  # of the ensemble around a plain classifier
_SEED = 0  # of the classifiers under attack: certificates compare fits under one


def refuse_periods(classifier):
    """Raise, since periods were given for a classifier whose certificates count none."""
    raise InvalidInputError(
        f"Certificates of {type(classifier).__name__} count no periods: leave periods out."
    )


@dataclass(frozen=True, eq=False)
class Answers:
    """What a fitted classifier says about the queries.

    Attributes
    ----------
    labels : list
        Predictions, as plain Python values.
    certified_labels : list
        The labels that come with the radii.
    radii : ndarray of int64, or None
        Certified radii; None if nobody asked.
    votes : list of list, or None
        The label that each voter votes for, None where it abstains: one list per query.
    scores : ndarray or None
        Each voter's scores of the classes.
    counts : list of dict, or None
        Votes per label, one dict per query.
    classes : list
        The labels, in the order of the scores.
    """

    labels: list
    certified_labels: list
    radii: Any
    votes: Any = None
    scores: Any = None
    counts: Any = None
    classes: Any = ()


class Subject:
    """An unfitted estimator with certificates, and the way to what is inside it.

    Parameters
    ----------
    estimator : estimator
        A certified classifier, or a `Pipeline` around one.
    """

    def __init__(self, estimator):
        self.estimator = estimator
        self.path, self.classifier = _innermost(estimator)

    @property
    def is_probabilistic(self):
        """Whether certificates hold with confidence, not always."""
        return isinstance(self.classifier, BaggingCertifiedClassifier)

    def with_parameters(self, **parameters):
        """Return a subject whose certified classifier has other parameters."""
        estimator = clone(self.estimator)
        estimator.set_params(**{self.path + name: value for name, value in parameters.items()})
        return type(self)(estimator)

    def has_parameter(self, name):
        """Say whether the certified classifier has a parameter."""
        return name in self.classifier.get_params(deep=False)

    def fit(self, training_set, estimator=None):
        """Fit a clone, or `estimator` itself, without a word of warning.

        Parameters
        ----------
        training_set : TrainingSet
            What to learn from.
        estimator : estimator, default=None
            What to fit in place of a clone.

        Returns
        -------
        fitted estimator
        """
        with _quiet():
            return self.fit_aloud(training_set, estimator)

    def fit_aloud(self, training_set, estimator=None):
        """Fit as `fit` does, with all warnings."""
        if estimator is None:
            estimator = clone(self.estimator)
        parameters = {}
        if training_set.groups is not None:
            routed = get_config()["enable_metadata_routing"]
            prefix = "" if routed else self.path
            parameters[f"{prefix}{training_set.groups_name}"] = training_set.groups
        return estimator.fit(training_set.X, training_set.y, **parameters)

    def answer(self, fitted, queries, *, claims=True):
        """Ask a fitted clone for what it says about the queries.

        Parameters
        ----------
        fitted : estimator
            As `fit` returns it.
        queries : array-like of shape (n_queries, ...)
            Rows.
        claims : bool, default=True
            Whether to ask for certificates as well.

        Returns
        -------
        Answers
        """
        with _quiet():
            labels = np.asarray(fitted.predict(queries)).tolist()
            certified_labels, radii = self._claims(fitted, queries) if claims else (labels, None)
            classifier, queries = inside(fitted, queries)
            classes = np.asarray(getattr(classifier, "classes_", [])).tolist()
            votes = _votes(classifier, queries, classes)
            return Answers(
                labels,
                labels if certified_labels is None else certified_labels,
                radii,
                votes,
                _scores(classifier, queries),
                _counts(classifier, queries, classes, votes),
                classes,
            )

    def votes(self, fitted, query):
        """Return the label that each voter votes for on one query.

        Parameters
        ----------
        fitted : estimator
            As `fit` returns it.
        query : array-like of shape (1, ...)
            A row.

        Returns
        -------
        list
        """
        with _quiet():
            classifier, query = inside(fitted, query)
            return _votes(classifier, query, classifier.classes_.tolist())[0]

    def _claims(self, fitted, queries):
        """Return labels, None where they come without, and radii."""
        if not hasattr(fitted, "predict_certified"):
            return None, certified_radius(fitted, queries)
        labels, radii = fitted.predict_certified(queries)
        return np.asarray(labels).tolist(), np.asarray(radii)

    def radii_against(self, fitted, queries, target):
        """Return the radii of queries toward a label, or None if the classifier knows of none.

        Parameters
        ----------
        fitted : estimator
            As `fit` returns it.
        queries : array-like of shape (n_queries, ...)
            Rows.
        target : label
            What an attacker wants.

        Returns
        -------
        ndarray of int64, of shape (n_queries,), or None
        """
        if not isinstance(self.classifier, CertifiedClassifierMixin):
            return None
        with _quiet():
            return certified_radius(fitted, queries, target=target)

    def partitions(self, fitted):
        """Return the partition of each training row and the voters that use each partition.

        Returns
        -------
        tuple of two ndarrays, or None
            None if the classifier has no voters on partitions.
        """
        classifier = _innermost(fitted)[1]
        if not all(hasattr(classifier, name) for name in ("partition_", "spread_", "votes")):
            return None
        return np.asarray(classifier.partition_), np.asarray(classifier.spread_)

    def rows_of_voters(self, training_set):
        """Return what stands for the rows that each voter learns from, None where nobody can tell.

        Voters with equal rows and the same seed must be equal.

        Parameters
        ----------
        training_set : TrainingSet
            What voters learn from.

        Returns
        -------
        list of bytes or None
        """
        fitted = self.with_parameters(estimator=RowRecorder()).fit(training_set)
        return [getattr(voter, "rows_", None) for voter in _innermost(fitted)[1].estimators_]

    def partitions_of_new_rows(self, training_set):
        """Return the partitions that rows would fall into, or None if nobody can tell.

        Parameters
        ----------
        training_set : TrainingSet
            The rows.

        Returns
        -------
        ndarray of int or None
        """
        if not self.has_parameter("estimator"):
            return None
        try:
            fitted = self.with_parameters(estimator=DummyClassifier()).fit(training_set)
            return self.partitions(fitted)[0]
        except (ValueError, TypeError):
            return None


class RowRecorder(ClassifierMixin, BaseEstimator):
    """A voter that remembers what it learned from."""

    def fit(self, X, y):
        """Remember the rows and their labels, in the order given."""
        self.classes_ = np.unique(y)
        self.rows_ = hash_rows(X).tobytes() + hash_labels(y).tobytes()
        return self

    def predict(self, X):
        """Predict the first label."""
        return np.repeat(self.classes_[:1], _num_samples(X))


def make_subject(estimator, training_set, threat_model):
    """Make a subject of whatever a person brings.

    Parameters
    ----------
    estimator : estimator
        A certified classifier, a `Pipeline` or search around one, or a plain classifier, which
        becomes the voter of a `DPAClassifier`.
    training_set : TrainingSet
        Searches choose their parameters on it, once.
    threat_model : str or None
        None leaves the classifier's own.

    Returns
    -------
    subject : Subject
        Unfitted.
    threat_model : str
        The threat model whose attacks to try.
    """
    if hasattr(estimator, "error_score") and hasattr(estimator, "refit"):  # a search
        fitted = Subject(estimator).fit(training_set)
        if not hasattr(fitted, "best_estimator_"):
            raise InvalidInputError(
                f"{type(estimator).__name__} has no best_estimator_ to attack: set refit=True."
            )
        estimator = fitted.best_estimator_
    if isinstance(_innermost(estimator)[1], FrozenEstimator):
        raise InvalidInputError(
            "A FrozenEstimator cannot be fitted on poisoned rows, so no attack can be tried on it; "
            "pass the classifier inside."
        )
    if not _gives_certificates(estimator):
        n_partitions = int(np.clip(len(training_set) // _ROWS_PER_PARTITION, 3, 20))
        estimator = DPAClassifier(estimator, n_partitions=n_partitions)
    subject = Subject(clone(estimator))
    if subject.has_parameter("random_state") and not isinstance(
        subject.classifier.random_state,
        (Integral, str),  # "deprecated" has no effect
    ):
        subject = subject.with_parameters(random_state=_SEED)
    own = getattr(subject.classifier, "threat_model", None)
    if own == "temporal" and threat_model in (None, own):
        return subject, own
    if threat_model is None:
        threat_model = own
        if threat_model is None:
            raise InvalidInputError(
                f"{type(subject.classifier).__name__} has no threat_model; say which attacks its "
                "certificates are about, with threat_model=."
            )
    elif own == "temporal":
        raise InvalidInputError(
            f"Certificates of {type(subject.classifier).__name__} count periods; they say nothing "
            f"of attacks under {threat_model!r}. Leave threat_model out."
        )
    elif subject.has_parameter("threat_model"):
        subject = subject.with_parameters(threat_model=threat_model)
    return subject, check_threat_model(threat_model)


def _innermost(estimator):
    """Return the prefix of its parameters' names and the classifier at the end of pipelines."""
    path = ""
    while isinstance(estimator, Pipeline):
        name, estimator = estimator.steps[-1]
        path += f"{name}__"
    return path, estimator


def inside(fitted, queries):
    """Return the classifier at the end of fitted pipelines, and the rows as it gets them."""
    while isinstance(fitted, Pipeline):
        if len(fitted.steps) > 1:
            queries = fitted[:-1].transform(queries)
        fitted = fitted.steps[-1][1]
    return fitted, queries


def _gives_certificates(estimator):
    if any(hasattr(part, "predict_certified") for part in (estimator, _innermost(estimator)[1])):
        return True
    try:
        split_pipeline(estimator)
    except InvalidInputError:
        return False
    return True


def _votes(classifier, queries, classes):
    if not hasattr(classifier, "votes"):
        return None
    names = [*classes, None]  # the index -1 abstains
    return [[names[vote] for vote in votes] for votes in classifier.votes(queries).tolist()]


def _scores(classifier, queries):
    """Return the voters' scores, which tell more than votes, or None if they have none."""
    if not isinstance(classifier, PartitionEnsembleClassifier):
        return None
    try:
        return classifier._collect(Runoff, np.asarray, queries)
    except VoterError:
        return None


def _counts(classifier, queries, classes, votes):
    if votes is not None:
        return [dict(Counter(vote for vote in of_query if vote is not None)) for of_query in votes]
    if not hasattr(classifier, "vote_counts"):
        return None
    return [
        {label: count for label, count in zip(classes, counts, strict=True) if count}
        for counts in classifier.vote_counts(queries).tolist()
    ]


@contextmanager
def _quiet():
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        yield
