"""What all ensembles of classifiers share: their labels, their votes, their elections."""

from abc import abstractmethod
from functools import partial
from typing import ClassVar

import numpy as np
from sklearn.base import ClassifierMixin

from .._compat import _fit_context
from .._rows import check_labels, warn_of_fingerprints
from ..base import CertifiedClassifierMixin, resolve_classes
from ..learners import StackedRidgeClassifier
from ._base_ensemble import BaseVoterEnsemble
from ._base_estimator import check_learns_labels, check_scores

__all__ = ["VoterEnsembleClassifier"]


class VoterEnsembleClassifier(CertifiedClassifierMixin, ClassifierMixin, BaseVoterEnsemble):
    """Base class of the classifiers whose voters learn from some of the training rows each.

    A subclass names its parameters, says which rows each voter learns from (`_assign_rows`) and
    which election certifies the ballots (`_election_type`, `_make_election`).
    """

    _parameter_constraints: ClassVar[dict] = {
        **BaseVoterEnsemble._parameter_constraints,
        "classes": ["array-like", None],
    }

    _may_change_after_fit: ClassVar[frozenset] = BaseVoterEnsemble._may_change_after_fit

    @abstractmethod
    def _election_type(self):
        """Return the class of the election, as far as parameters tell."""

    @_fit_context(prefer_skip_nested_validation=False)
    def fit(self, X, y=None, groups=None):
        """Share out the rows and fit a voter on each share.

        Parameters
        ----------
        X : {array-like, sparse matrix, table} of shape (n_rows, ...)
            Training rows: numbers, images of any shape, columns of mixed types, or one text per
            row; whatever `estimator` takes. Tables are DataFrames of pandas and polars and tables
            of Arrow. A list is numbers or texts: pass an array of objects, or a table, for both.
            Ensembles on partitions also learn from a `PartitionedDataset` on disk, which has labels
            and groups: ``fit(dataset)``; and from a Dask DataFrame or array, which is written to
            such a data set for as long as the fit takes.
        y : array-like of shape (n_rows,)
            Labels of one kind: whole numbers, truth values or texts.
        groups : array-like of shape (n_rows,), default=None
            The contributor of each row. With groups, one unit of poison is one contributor,
            whatever they do to their own rows. Names count as texts: 17, 17.0, "17" and "17.0"
            are one contributor, and so one unit.

        Returns
        -------
        self : object
            The fitted classifier.

        Raises
        ------
        VoterError
            If the base estimator fails on the rows of a voter and `on_voter_error` is "raise",
            or if it fails on those of all voters.
        InvalidInputError
            If y holds labels that `classes` lacks, a row has no group, or a row cannot be hashed;
            if `poison_unit` and `groups` contradict each other; or if `memory` is in no folder or
            cannot tell `estimator` from others.
        UnsoundPipelineError
            If `estimator` is frozen, so that all voters would be one, or `transformer` still has
            something to learn.
        """
        return self._fit_rows_or_dataset(X, y, groups)

    def _check_y(self, y):
        return check_labels(self, y)

    def _resolve_classes(self, y):
        return resolve_classes(y, self.classes)

    def _warn_of_traces(self, X, y):
        warn_of_fingerprints(X, y, self.threat_model)

    def _settings_of_voters(self):
        return {**super()._settings_of_voters(), "labels_are_fixed": self.classes is not None}

    def _end_fit(self, estimator, classes):
        if self._needs_scores():
            check_scores(estimator, self._voters)
        self.classes_ = classes
        self._labels_are_fixed = self.classes is not None
        return super()._end_fit(estimator, classes)

    def _get_estimator(self):
        estimator = StackedRidgeClassifier() if self.estimator is None else self.estimator
        if isinstance(estimator, type):  # which `clone` refuses with a better word
            return estimator
        check_learns_labels(estimator)
        if self._needs_scores():
            check_scores(estimator)
        return estimator

    def _needs_scores(self):
        return self._election_type().ballots == "scores"

    def votes(self, X):
        """Return the vote of every voter on every row.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Query rows.

        Returns
        -------
        ndarray of the smallest integer type, of shape (n_samples, n_voters)
            Index into ``classes_``; -1 = abstains. Of a run-off election these are the votes of
            the first round.

        Raises
        ------
        NotFittedError
            If the classifier was not fitted.
        VoterError
            If a voter fails and `on_voter_error` is "raise", or if all voters fail on all rows.
        """
        election = self._open_election()
        return self._collect(election, election.votes, X)

    def vote_counts(self, X):
        """Count the votes for every class on every row.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Query rows.

        Returns
        -------
        ndarray of int64, of shape (n_samples, n_classes)
            Votes per class; abstentions count for none.

        Raises
        ------
        NotFittedError
            If the classifier was not fitted.
        VoterError
            If a voter fails and `on_voter_error` is "raise", or if all voters fail on all rows.
        """
        election = self._open_election()
        return self._collect(election, election.counts, X)

    def predict(self, X):
        """Predict the label that wins the voters' election; ties go to the first in ``classes_``.

        So does a row on which all voters abstain or fail, where nothing is certified.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Query rows.

        Returns
        -------
        ndarray of shape (n_samples,)
            Labels.

        Raises
        ------
        NotFittedError
            If the classifier was not fitted.
        VoterError
            If a voter fails and `on_voter_error` is "raise", or if all voters fail on all rows.
        """
        election = self._open_election()
        winners = self._collect(election, election.winners, X)
        return self.classes_[winners]

    def _vote_shares(self, X):
        election = self._open_election()
        return self._collect(election, election.shares, X)

    def _open_certifying_election(self):
        """Return the election that certificates are made of: that of predictions, in general."""
        return self._open_election()

    def _predict_certified(self, X):
        election = self._open_certifying_election()
        return election.certificates(*self._collect(election, election.tally, X))

    def _predict_targeted(self, X, target):
        election = self._open_certifying_election()
        tallies = self._collect(election, partial(election.targeted_tally, target=target), X)
        predicted, radii = election.certificates(*tallies, target=target)
        return predicted, np.where(predicted == target, -1, radii)

    def _joint_accuracy(self, X, y, poison_sizes):
        election = self._open_election()
        if not election.has_joint_accuracy:
            return None
        tallies = self._collect(election, election.joint_tally, X)
        return election.joint_accuracy(tallies, y, poison_sizes)

    def _name_in_messages(self):
        return f"{super()._name_in_messages()} with {self._election_type().description}"
