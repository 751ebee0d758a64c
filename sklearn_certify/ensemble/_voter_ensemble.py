"""What all ensembles share: voters on some of the rows each, their votes, their plurality."""

from abc import abstractmethod
from typing import ClassVar

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, MetaEstimatorMixin, clone, is_classifier
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import RidgeClassifier
from sklearn.utils import check_random_state, get_tags
from sklearn.utils.validation import check_consistent_length, check_is_fitted

from .._compat import HasMethods, Integral, StrOptions, _fit_context
from .._rows import (
    check_groups,
    check_labels,
    check_rows,
    slice_rows,
    warn_of_fingerprints,
    warn_of_form,
)
from .._steps import RowTransformerMixin
from ..base import CertifiedClassifierMixin, all_or_nothing, resolve_classes
from ..certificates import count_votes
from ..exceptions import UnsoundPipelineError
from ..partition import hash_labels, hash_rows
from ..threat import THREAT_MODELS
from ..voters import collect_votes, fit_voters, warn_of_failures
from ._base_estimator import check_predicts
from ._poison_unit import resolve_poison_unit

__all__ = ["VoterEnsembleClassifier"]

_CHUNK_BYTES = 2**25  # votes of the queries that are held at a time


class VoterEnsembleClassifier(
    RowTransformerMixin,
    CertifiedClassifierMixin,
    ClassifierMixin,
    MetaEstimatorMixin,
    BaseEstimator,
):
    """Base class of the ensembles whose voters learn from some of the training rows each.

    A subclass names its parameters, says which rows each voter learns from (`_assign_rows`) and
    how votes are certified (`_predict_certified`).
    """

    _parameter_constraints: ClassVar[dict] = {
        "estimator": [HasMethods("fit"), None],
        "transformer": [HasMethods(["fit", "transform"]), None],
        "threat_model": [StrOptions(set(THREAT_MODELS))],
        "on_voter_error": [StrOptions({"raise", "abstain"})],
        "poison_unit": [StrOptions({"auto", "row", "group"})],
        "classes": ["array-like", None],
        "random_state": ["random_state"],
        "n_jobs": [Integral, None],
        "verbose": ["verbose"],
    }

    _may_change_after_fit: ClassVar[frozenset] = frozenset(
        {*CertifiedClassifierMixin._may_change_after_fit, "on_voter_error"}
    )

    @abstractmethod
    def _assign_rows(self, X, y, groups, row_hashes, label_hashes, random_state):
        """Return the row numbers of each voter, in canonical order, and the voters' seeds.

        What the assignment rests on is kept in attributes; a ``fit`` that fails drops them.
        """

    def _check_voters(self):
        """Raise if the fitted voters cannot do what the election needs."""

    @_fit_context(prefer_skip_nested_validation=False)
    def fit(self, X, y, groups=None):
        """Share out the rows and fit a voter on each share.

        Parameters
        ----------
        X : {array-like, sparse matrix, table} of shape (n_rows, ...)
            Training rows: numbers, images of any shape, columns of mixed types, or one text per
            row; whatever `estimator` takes. Tables are DataFrames of pandas and polars and tables
            of Arrow. A list is numbers or texts: pass an array of objects, or a table, for both.
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
            or if `poison_unit` and `groups` contradict each other.
        UnsoundPipelineError
            If `estimator` is frozen, so that all voters would be one, or `transformer` still has
            something to learn.
        """
        with all_or_nothing(self):
            return self._fit(X, y, groups)

    def _fit(self, X, y, groups):
        self.poison_unit_ = resolve_poison_unit(self.poison_unit, groups)
        estimator = clone(self._get_estimator())
        self._fit_transformer()
        X = self._check_rows(X, reset=True)
        y = check_labels(self, y)
        groups = check_groups(groups)
        check_consistent_length(X, y, groups)
        warn_of_form(X, y)
        warn_of_fingerprints(X, y)
        classes = resolve_classes(y, self.classes)
        rows_of_voters, seeds = self._assign_rows(
            X, y, groups, hash_rows(X), hash_labels(y), check_random_state(self.random_state)
        )
        self.estimators_ = fit_voters(
            estimator,
            self._transform_rows(X),
            y,
            rows_of_voters,
            seeds,
            n_jobs=self.n_jobs,
            verbose=self.verbose,
            on_voter_error=self.on_voter_error,
        )
        self._check_voters()
        self.classes_ = classes
        self.n_voters_ = len(self.estimators_)
        # what certificates rest on is what fit did, whatever set_params says since
        self._labels_are_fixed = self.classes is not None
        self._keep_parameters()
        return self

    def _check_rows(self, X, *, reset):
        # a transformer decides for itself which rows it takes, as a composite does
        taker = self._get_estimator() if self.transformer is None else self
        X, self._row_form = check_rows(self, X, taker, None if reset else self._row_form)
        return X

    def _get_estimator(self):
        estimator = RidgeClassifier() if self.estimator is None else self.estimator
        if isinstance(estimator, type):  # which `clone` refuses with a better word
            return estimator
        check_predicts(estimator)
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
            If a voter fails and `on_voter_error` is "raise", or if all voters fail.
        """
        return np.concatenate(self._over_chunks(self._votes_of, X))

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
            If a voter fails and `on_voter_error` is "raise", or if all voters fail.
        """
        return np.concatenate(self._over_chunks(self._counts_of, X))

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
        VoterError
            If a voter fails and `on_voter_error` is "raise", or if all voters fail.
        """
        winners = self._winners(X)
        return self.classes_[winners]

    def _winners(self, X):
        return self.vote_counts(X).argmax(axis=1)

    def _counts_of(self, rows, failures):
        return count_votes(self._votes_of(rows, failures), len(self.classes_))

    def _votes_of(self, rows, failures):
        return self._ask(collect_votes, rows, failures)

    def _ask(self, collect, rows, failures):
        """Collect the voters' answers on some rows, and add to the list of their failures."""
        answers, failed = collect(
            self.estimators_,
            rows,
            self.classes_,
            n_jobs=self.n_jobs,
            verbose=self.verbose,
            on_voter_error=self.on_voter_error,
        )
        failures += failed
        return answers

    def _over_chunks(self, answer, X):
        """Return answers on X, some rows at a time, and warn once of voters that failed."""
        failures = []
        answers = [answer(rows, failures) for rows in self._chunks(X)]
        warn_of_failures(failures, self.n_voters_)
        return answers

    def _chunks(self, X):
        """Yield X, checked, some rows at a time."""
        check_is_fitted(self)
        self._check_parameters()
        X = self._transform_rows(self._check_rows(X, reset=False))
        # Chunks must not depend on the training rows, and so not on the number of classes: a
        # matrix product may round differently in a batch of another size.
        size = min(max(_CHUNK_BYTES // self._bytes_per_row(), 16), 2**16)
        for start in range(0, max(X.shape[0], 1), size):
            chunk = slice(start, start + size)
            yield slice_rows(X, chunk)

    def _bytes_per_row(self):
        return self.n_voters_

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        base = self._input_tags_of_transformer(get_tags(self._get_estimator()).input_tags)
        tags.input_tags.sparse = base.sparse
        tags.input_tags.allow_nan = base.allow_nan
        tags.input_tags.string = base.string
        tags.input_tags.three_d_array = base.three_d_array
        return tags
