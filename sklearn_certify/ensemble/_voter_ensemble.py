"""What all ensembles share: voters on some of the rows each, their votes, their plurality."""

from abc import abstractmethod
from os import PathLike
from typing import ClassVar

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, MetaEstimatorMixin, clone, is_classifier
from sklearn.frozen import FrozenEstimator
from sklearn.utils import check_random_state, get_tags
from sklearn.utils.validation import check_consistent_length, check_is_fitted

from .._compat import (
    CallbackSupportMixin,
    HasMethods,
    Integral,
    StrOptions,
    _fit_context,
    callbacks_of_fit,
)
from .._compute.progress import Progress
from .._rows import (
    check_groups,
    check_labels,
    check_rows,
    slice_rows,
    warn_of_fingerprints,
    warn_of_form,
)
from .._rows.columns import is_instance
from .._steps import RowTransformerMixin
from ..base import CertifiedClassifierMixin, all_or_nothing, resolve_classes
from ..exceptions import InvalidInputError, UnsoundPipelineError
from ..learners import StackedRidgeClassifier
from ..partition import hash_labels, hash_rows
from ..threat import THREAT_MODELS
from ..voters import fit_voters
from ._base_estimator import check_predicts, check_scores
from ._fit_progress import FitProgress
from ._poison_unit import resolve_poison_unit

__all__ = ["VoterEnsembleClassifier"]

_DATASETS = "sklearn_certify.partition.dataset"  # imported where there is one
_CHUNK_BYTES = 2**25  # ballots on the queries that are held at a time


class VoterEnsembleClassifier(
    RowTransformerMixin,
    CertifiedClassifierMixin,
    ClassifierMixin,
    MetaEstimatorMixin,
    CallbackSupportMixin,
    BaseEstimator,
):
    """Base class of the ensembles whose voters learn from some of the training rows each.

    A subclass names its parameters, says which rows each voter learns from (`_assign_rows`) and
    which election certifies the ballots (`_election_type`, `_make_election`).
    """

    _parameter_constraints: ClassVar[dict] = {
        "estimator": [HasMethods("fit"), None],
        "transformer": [HasMethods(["fit", "transform"]), None],
        "threat_model": [StrOptions(set(THREAT_MODELS))],
        "on_voter_error": [StrOptions({"raise", "abstain"})],
        "poison_unit": [StrOptions({"auto", "row", "group"})],
        "classes": ["array-like", None],
        "random_state": ["random_state"],
        "memory": [str, PathLike, HasMethods(["cache"]), None],
        "n_jobs": [Integral, None],
        "verbose": ["verbose"],
    }

    _may_change_after_fit: ClassVar[frozenset] = frozenset(
        {*CertifiedClassifierMixin._may_change_after_fit, "on_voter_error", "memory"}
    )

    @abstractmethod
    def _assign_rows(self, X, y, groups, row_hashes, label_hashes, random_state):
        """Return the row numbers of each voter, in canonical order, and the voters' seeds.

        What the assignment rests on is kept in attributes; a ``fit`` that fails drops them.
        """

    @abstractmethod
    def _election_type(self):
        """Return the class of the election, as far as parameters tell."""

    @abstractmethod
    def _make_election(self):
        """Return the `Election` of the fitted ensemble, by its parameters as they are now."""

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
            and groups: ``fit(dataset)``.
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
        with callbacks_of_fit(self, X, y), all_or_nothing(self):
            if not is_instance(X, _DATASETS, "PartitionedDataset"):
                return self._fit(X, y, groups)
            if y is not None or groups is not None:
                raise InvalidInputError(
                    "A PartitionedDataset holds labels and groups; call fit(dataset) alone."
                )
            return self._end_fit(*self._fit_dataset(X))

    def _fit_dataset(self, dataset):
        """Fit voters on a `PartitionedDataset`; return the base estimator and the classes."""
        raise InvalidInputError(
            f"{type(self).__name__} learns from rows in memory; DPAClassifier and "
            "FiniteAggregationClassifier learn from a PartitionedDataset."
        )

    def _know_rows_like(self, other):
        """Remember of rows what another classifier does that has looked at some of them."""
        names = ("n_features_in_", "feature_names_in_", "_row_form", "_row_transformer")
        for name in names:
            vars(self).pop(name, None)
            if name in vars(other):
                setattr(self, name, getattr(other, name))

    def _fit(self, X, y, groups):
        self.poison_unit_ = resolve_poison_unit(self.poison_unit, groups)
        estimator = clone(self._get_estimator())
        self._fit_transformer()
        X = self._check_rows(X, reset=True)
        y = check_labels(self, y)
        groups = check_groups(groups)
        check_consistent_length(X, y, groups)
        warn_of_form(X, y)
        warn_of_fingerprints(X, y, self.threat_model)
        classes = resolve_classes(y, self.classes)
        rows_of_voters, seeds = self._assign_rows(
            X, y, groups, hash_rows(X), hash_labels(y), check_random_state(self.random_state)
        )
        self._voters = fit_voters(
            estimator,
            self._transform_rows(X),
            y,
            rows_of_voters,
            seeds,
            classes,
            labels_are_fixed=self.classes is not None,
            memory=self.memory,
            n_jobs=self.n_jobs,
            verbose=FitProgress(self),
            on_voter_error=self.on_voter_error,
        )
        return self._end_fit(estimator, classes)

    def _end_fit(self, estimator, classes):
        if self._needs_scores():
            check_scores(estimator, self._voters)
        self.classes_ = classes
        self.n_voters_ = len(self._voters)
        # what certificates rest on is what fit did, whatever set_params says since
        self._labels_are_fixed = self.classes is not None
        self._keep_parameters()
        return self

    @property
    def estimators_(self):
        """The fitted voters; None for one without rows, or that failed."""
        check_is_fitted(self)
        return self._voters.estimators

    def forget_unused(self):
        """Delete the voters in `memory` that this classifier does not use.

        After a ``fit`` without some rows, or without a contributor, the voters that saw them are
        still in `memory`; now they are not. All others go too: those of earlier fits, and those of
        other classifiers that share the folder.

        Returns
        -------
        int
            Number of voters that were deleted.

        Raises
        ------
        NotFittedError
            If the classifier was not fitted.
        InvalidInputError
            If it was fitted with ``memory=None``, or comes from a file.
        """
        check_is_fitted(self)
        if self._voters.memory is None:
            raise InvalidInputError(
                "This classifier keeps no voters: it was fitted with memory=None, or comes from a "
                "file. Pass the path of a folder as memory, and fit."
            )
        return self._voters.forget_unused()

    def _check_rows(self, X, *, reset):
        # a transformer decides for itself which rows it takes, as a composite does
        taker = self._get_estimator() if self.transformer is None else self
        X, self._row_form = check_rows(self, X, taker, None if reset else self._row_form)
        return X

    def _get_estimator(self):
        estimator = StackedRidgeClassifier() if self.estimator is None else self.estimator
        if isinstance(estimator, type):  # which `clone` refuses with a better word
            return estimator
        check_predicts(estimator)
        if self._needs_scores():
            check_scores(estimator)
        if any(
            isinstance(part, FrozenEstimator) and is_classifier(part)
            for part in (estimator, *estimator.get_params(deep=True).values())
        ):
            raise UnsoundPipelineError(
                "estimator holds a classifier in a FrozenEstimator: all voters would be the same "
                "model, and what it was fitted on is unknown, so no certificate holds. Pass an "
                "estimator that learns from each voter's rows; frozen transformers before it are "
                "fine."
            )
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

    def _predict_certified(self, X):
        election = self._open_election()
        return election.certificates(*self._collect(election, election.tally, X))

    def _joint_accuracy(self, X, y, poison_sizes):
        election = self._open_election()
        if not election.has_joint_accuracy:
            return None
        votes = self._collect(election, election.votes, X)
        return election.joint_accuracy(votes, y, poison_sizes)

    def _name_in_messages(self):
        return f"{super()._name_in_messages()} with {self._election_type().description}"

    def _open_election(self):
        check_is_fitted(self)
        self._check_parameters()
        return self._make_election()

    def _collect(self, election, question, X):
        """Put a question to an election on each row: one array, or a tuple of arrays."""
        X = self._prepare_queries(X)
        parts, start = None, 0
        for ballots in self._ballots(election, X):
            answer = question(ballots)
            is_tuple = isinstance(answer, tuple)
            answer = answer if is_tuple else (answer,)
            if parts is None:  # written where they stay, which halves what is needed at a time
                parts = [np.empty((X.shape[0], *part.shape[1:]), part.dtype) for part in answer]
            stop = start + len(ballots)
            for whole, part in zip(parts, answer, strict=True):
                whole[start:stop] = part
            start = stop
        return tuple(parts) if is_tuple else parts[0]

    def _prepare_queries(self, X):
        return self._transform_rows(self._check_rows(X, reset=False))

    def _ballots(self, election, X):
        """Yield the voters' ballots on prepared queries, some at a time; warn once of failures."""
        ask = getattr(self._voters, election.ballots)
        # Chunks must not depend on the training rows, and so not on the number of classes: a
        # matrix product may round differently in a batch of another size.
        size = _CHUNK_BYTES // (self.n_voters_ * election.bytes_per_ballot)
        size = min(max(size, 16), 2**16)
        batches, progress = [], Progress(self.verbose)
        with progress.on("Votes", X.shape[0] * self.n_voters_, "cast"):
            for start in range(0, max(X.shape[0], 1), size):
                ballots, failures = ask(
                    slice_rows(X, slice(start, start + size)),
                    n_jobs=self.n_jobs,
                    verbose=progress,
                    on_voter_error=self.on_voter_error,
                )
                batches.append(failures)
                yield ballots
        self._voters.tell_of_failures(batches)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        base = self._input_tags_of_transformer(get_tags(self._get_estimator()).input_tags)
        tags.input_tags.sparse = base.sparse
        tags.input_tags.allow_nan = base.allow_nan
        tags.input_tags.string = base.string
        tags.input_tags.three_d_array = base.three_d_array
        return tags
