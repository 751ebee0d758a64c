"""What DPA and Finite Aggregation share: partitions, voters, votes, certificates of the votes."""

from abc import abstractmethod
from typing import ClassVar

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, MetaEstimatorMixin, clone, is_classifier
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import RidgeClassifier
from sklearn.utils import check_random_state, get_tags
from sklearn.utils.validation import check_consistent_length, check_is_fitted, column_or_1d

from .._compat import HasMethods, Integral, Interval, StrOptions, _fit_context
from ..base import CertifiedClassifierMixin
from ..certificates import count_votes, joint_partition_accuracy, runoff_radius, runoff_votes
from ..exceptions import InvalidInputError, UnsoundPipelineError
from ..partition import (
    canonical_order,
    combine_hashes,
    hash_labels,
    hash_rows,
    rows_of_voters,
    split,
)
from ..threat import THREAT_MODELS, partitions_per_unit
from ._custom_hash import apply_hash_function
from ._rows import check_groups, check_labels, check_rows
from ._voters import collect_scores, collect_votes, fit_voters, voter_seeds

__all__ = ["PartitionEnsembleClassifier"]

_CHUNK_BYTES = 2**25  # votes of the queries that are held at a time
_SCORE_BYTES = 128  # per voter and query: sixteen classes, whatever their number (see _chunks)


class PartitionEnsembleClassifier(
    CertifiedClassifierMixin, ClassifierMixin, MetaEstimatorMixin, BaseEstimator
):
    """Base class of the ensembles whose voters learn from partitions of the training rows.

    A subclass names its parameters, says which voters use which partition (`_make_spread`) and
    how votes are certified (`_plurality_certificate`).
    """

    _parameter_constraints: ClassVar[dict] = {
        "estimator": [HasMethods(["fit", "predict"]), None],
        "n_partitions": [Interval(Integral, 1, None, closed="left")],
        "threat_model": [StrOptions(set(THREAT_MODELS))],
        "aggregation": [StrOptions({"plurality", "runoff"})],
        "partition_by": [StrOptions({"features", "sample"})],
        "hash_function": [callable, None],
        "on_voter_error": [StrOptions({"raise", "abstain"})],
        "classes": ["array-like", None],
        "random_state": ["random_state"],
        "n_jobs": [Integral, None],
        "verbose": ["verbose"],
    }

    @abstractmethod
    def _make_spread(self, random_state):
        """Return the voters that use each partition, int64 of shape (n_partitions, d)."""

    @abstractmethod
    def _plurality_certificate(self, votes, cost, phantom):
        """Return predicted class indices and radii of votes of shape (n_samples, n_voters)."""

    @_fit_context(prefer_skip_nested_validation=False)
    def fit(self, X, y, groups=None):
        """Partition the rows by their content and fit a voter on each share.

        Parameters
        ----------
        X : {array-like, sparse matrix, DataFrame} of shape (n_rows, ...)
            Training rows: numbers, images of any shape, columns of mixed types, or one text per
            row; whatever `estimator` takes.
        y : array-like of shape (n_rows,)
            Labels.
        groups : array-like of shape (n_rows,), default=None
            The contributor of each row. With groups, one unit of poison is one contributor,
            whatever they do to their own rows.

        Returns
        -------
        self : object
            The fitted classifier.

        Raises
        ------
        VoterError
            If the base estimator fails on the rows of a voter and `on_voter_error` is "raise".
        InvalidInputError
            If y holds labels that `classes` lacks, a row has no group, or a row cannot be hashed.
        UnsoundPipelineError
            If `estimator` is frozen, so that all voters would be one.
        """
        before = dict(vars(self))
        try:
            return self._fit(X, y, groups)
        except BaseException:  # an interrupt too: nothing stays half fitted, nothing is lost
            vars(self).clear()
            vars(self).update(before)
            raise

    def _fit(self, X, y, groups):
        estimator = clone(self._get_estimator())
        X = check_rows(self, X, estimator, reset=True)
        y = check_labels(self, y)
        groups = check_groups(groups)
        check_consistent_length(X, y, groups)
        classes = self._resolve_classes(y)
        random_state = check_random_state(self.random_state)
        spread = self._make_spread(random_state)
        n_voters = len(spread)
        seeds = voter_seeds(n_voters, random_state)

        row_hashes, label_hashes = hash_rows(X), hash_labels(y)
        partition = split(self._partition_hashes(X, y, groups, row_hashes, label_hashes), n_voters)
        voters = fit_voters(
            estimator,
            X,
            y,
            rows_of_voters(partition, spread, n_voters, canonical_order(row_hashes, label_hashes)),
            seeds,
            n_jobs=self.n_jobs,
            verbose=self.verbose,
            on_voter_error=self.on_voter_error,
        )
        self.classes_ = classes
        self.n_voters_ = n_voters
        self.partition_ = partition
        self.spread_ = spread
        self.estimators_ = voters
        # what certificates rest on is what fit did, whatever set_params says since
        self._grouped = groups is not None
        self._partition_sees_labels = self.partition_by == "sample"
        self._labels_are_fixed = self.classes is not None
        return self

    def _get_estimator(self):
        estimator = RidgeClassifier() if self.estimator is None else self.estimator
        is_class = isinstance(estimator, type)  # which `clone` refuses with a better word
        parameters = [] if is_class else estimator.get_params(deep=True).values()
        if any(
            isinstance(part, FrozenEstimator) and is_classifier(part)
            for part in (estimator, *parameters)
        ):
            raise UnsoundPipelineError(
                "estimator holds a classifier in a FrozenEstimator: all voters would be the same "
                "model, and what it was fitted on is unknown, so no certificate holds. Pass an "
                "estimator that learns from each voter's rows; frozen transformers before it are "
                "fine."
            )
        if self.aggregation == "runoff" and not (
            hasattr(estimator, "predict_proba") or hasattr(estimator, "decision_function")
        ):
            raise InvalidInputError(
                f"aggregation='runoff' needs scores per class, but {type(estimator).__name__} has "
                "neither predict_proba nor decision_function; use aggregation='plurality'."
            )
        return estimator

    def _resolve_classes(self, y):
        labels = np.unique(y)
        if self.classes is None:
            return labels
        classes = np.unique(column_or_1d(self.classes))
        unknown = labels[~np.isin(labels, classes)]
        if len(unknown):
            raise InvalidInputError(
                f"y holds labels that classes lacks: {unknown[:5].tolist()}. Add them to classes, "
                "drop those rows, or leave classes=None."
            )
        return classes

    def _partition_hashes(self, X, y, groups, row_hashes, label_hashes):
        sees_labels = self.partition_by == "sample"
        if groups is not None:
            return hash_labels(groups)
        if self.hash_function is not None:
            return apply_hash_function(self.hash_function, X, y if sees_labels else None)
        return combine_hashes(row_hashes, label_hashes) if sees_labels else row_hashes

    def _cost(self):
        return partitions_per_unit(
            self.threat_model,
            partition_sees_labels=self._partition_sees_labels,
            grouped=self._grouped,
        )

    def votes(self, X):
        """Return the vote of every voter on every row.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Query rows.

        Returns
        -------
        ndarray of the smallest integer type, of shape (n_samples, n_voters)
            Index into ``classes_``; -1 = abstains. With ``aggregation="runoff"``, the votes of
            the first round.

        Raises
        ------
        NotFittedError
            If the classifier was not fitted.
        """
        return np.concatenate([votes for votes, _ in self._ballots(X)])

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
        """
        return np.concatenate(
            [count_votes(votes, len(self.classes_)) for votes, _ in self._ballots(X)]
        )

    def predict(self, X):
        """Predict the label that wins the voters' election; ties go to the first in ``classes_``.

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
        """
        check_is_fitted(self)
        if self.aggregation == "runoff":
            return self.predict_certified(X)[0]
        return self.classes_[self.vote_counts(X).argmax(axis=1)]

    def _ballots(self, X):
        """Yield the votes and, for the run-off election, the scores of chunks of rows."""
        check_is_fitted(self)
        X = check_rows(self, X, self._get_estimator(), reset=False)
        runoff = self.aggregation == "runoff"
        for chunk in self._chunks(X.shape[0]):
            rows = X.iloc[chunk] if hasattr(X, "iloc") else X[chunk]
            arguments = {"n_jobs": self.n_jobs, "verbose": self.verbose}
            if runoff:
                scores = collect_scores(self.estimators_, rows, self.classes_, **arguments)
                yield runoff_votes(scores), scores
            else:
                yield collect_votes(self.estimators_, rows, self.classes_, **arguments), None

    def _chunks(self, n_samples):
        # Chunks must not depend on the training rows, and so not on the number of classes: a
        # matrix product may round differently in a batch of another size.
        bytes_per_row = self.n_voters_ * (_SCORE_BYTES if self.aggregation == "runoff" else 1)
        size = min(max(_CHUNK_BYTES // bytes_per_row, 16), 2**16)
        return [slice(start, start + size) for start in range(0, max(n_samples, 1), size)]

    def _predict_certified(self, X):
        parts = [self._certificate(votes, scores) for votes, scores in self._ballots(X)]
        return tuple(np.concatenate(part) for part in zip(*parts, strict=True))

    def _certificate(self, votes, scores):
        cost, phantom = self._cost(), not self._labels_are_fixed
        if scores is None:
            return self._plurality_certificate(votes, cost, phantom)
        return runoff_radius(scores, spread=self.spread_, cost=cost, phantom=phantom)

    def _joint_accuracy(self, X, y, poison_sizes):
        if self.aggregation == "runoff":
            return None
        return joint_partition_accuracy(
            self.votes(X),
            y,
            poison_sizes,
            spread=self.spread_,
            n_classes=len(self.classes_),
            cost=self._cost(),
            phantom=not self._labels_are_fixed,
        )

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        base = get_tags(self._get_estimator()).input_tags
        tags.input_tags.sparse = base.sparse
        tags.input_tags.allow_nan = base.allow_nan
        tags.input_tags.string = base.string
        return tags
