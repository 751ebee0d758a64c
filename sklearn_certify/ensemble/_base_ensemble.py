"""What all ensembles share, whatever they predict: voters on some of the rows each, and ballots."""

from abc import abstractmethod
from os import PathLike
from typing import ClassVar

import numpy as np
from sklearn.base import BaseEstimator, MetaEstimatorMixin, clone
from sklearn.utils import check_random_state, get_tags
from sklearn.utils.validation import check_consistent_length, check_is_fitted

from .._compat import (
    CallbackSupportMixin,
    HasMethods,
    Integral,
    StrOptions,
    callbacks_of_fit,
)
from .._compute.progress import Progress
from .._rows import check_groups, check_rows, slice_rows, warn_of_form
from .._rows.columns import is_dask_collection, is_partitioned_dataset
from .._steps import RowTransformerMixin
from ..base import all_or_nothing
from ..exceptions import InvalidInputError
from ..partition import hash_labels, hash_rows
from ..threat import THREAT_MODELS
from ..voters import fit_voters
from ._fit_progress import FitProgress
from ._poison_unit import resolve_poison_unit

__all__ = ["BaseVoterEnsemble"]

_CHUNK_BYTES = 2**25  # ballots on the queries that are held at a time


class BaseVoterEnsemble(
    RowTransformerMixin, MetaEstimatorMixin, CallbackSupportMixin, BaseEstimator
):
    """Base class of the ensembles whose voters learn from some of the training rows each.

    It stands behind a mixin that keeps and checks parameters, such as `CertifiedClassifierMixin`.
    A subclass says which values y may have (`_check_y`, `_resolve_classes`, `_warn_of_traces`),
    which estimators learn them (`_get_estimator`), which rows each voter learns from
    (`_assign_rows`) and which election certifies the ballots (`_make_election`).
    """

    _parameter_constraints: ClassVar[dict] = {
        "estimator": [HasMethods("fit"), None],
        "transformer": [HasMethods(["fit", "transform"]), None],
        "threat_model": [StrOptions(set(THREAT_MODELS))],
        "on_voter_error": [StrOptions({"raise", "abstain"})],
        "poison_unit": [StrOptions({"auto", "row", "group"})],
        "random_state": ["random_state"],
        "memory": [str, PathLike, HasMethods(["cache"]), None],
        "n_jobs": [Integral, None],
        "verbose": ["verbose"],
    }

    _may_change_after_fit: ClassVar[frozenset] = frozenset(
        {"threat_model", "n_jobs", "verbose", "on_voter_error", "memory"}
    )

    @abstractmethod
    def _check_y(self, y):
        """Return y as voters learn it, an array of shape (n_rows,), or raise."""

    @abstractmethod
    def _resolve_classes(self, y):
        """Return the labels that there are, sorted; None where y holds no labels but numbers."""

    @abstractmethod
    def _warn_of_traces(self, X, y):
        """Warn if X or y look as if something had been fitted on all rows."""

    @abstractmethod
    def _get_estimator(self):
        """Return the base estimator, or raise if it cannot be one."""

    @abstractmethod
    def _assign_rows(self, X, y, groups, row_hashes, label_hashes, random_state):
        """Return the row numbers of each voter, in canonical order, and the voters' seeds.

        What the assignment rests on is kept in attributes; a ``fit`` that fails drops them.
        """

    @abstractmethod
    def _make_election(self):
        """Return the `Election` of the fitted ensemble, by its parameters as they are now."""

    def _fit_rows_or_dataset(self, X, y, groups):
        with callbacks_of_fit(self, X, y), all_or_nothing(self):
            if is_dask_collection(X):
                return self._end_fit(*self._fit_collection(X, y, groups))
            if is_partitioned_dataset(X):
                return self._end_fit(*self._fit_dataset(X, y, groups))
            return self._fit(X, y, groups)

    def _fit_dataset(self, dataset, y=None, groups=None):
        """Fit voters on a `PartitionedDataset`; return the base estimator and the classes."""
        raise InvalidInputError(
            f"{type(self).__name__} learns from rows in memory; DPAClassifier and "
            "FiniteAggregationClassifier learn from a PartitionedDataset."
        )

    def _fit_collection(self, X, y, groups):
        """Fit voters on collections of Dask; return the base estimator and the classes."""
        raise InvalidInputError(
            f"X is a {type(X).__name__}, and {type(self).__name__} learns from rows in memory; "
            "call its compute() first. DPAClassifier and FiniteAggregationClassifier take it as it "
            "is."
        )

    def _fit(self, X, y, groups):
        groups = self._check_groups(groups)
        estimator = clone(self._get_estimator())
        self._fit_transformer()
        X = self._check_rows(X, reset=True)
        y = self._check_y(y)
        check_consistent_length(X, y, groups)
        warn_of_form(X, y)
        self._warn_of_traces(X, y)
        classes = self._resolve_classes(y)
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
            **self._settings_of_voters(),
        )
        return self._end_fit(estimator, classes)

    def _settings_of_voters(self):
        """Return further arguments of `fit_voters` and `fit_voters_from`, by name."""
        return {
            "memory": self.memory,
            "n_jobs": self.n_jobs,
            "verbose": FitProgress(self),
            "on_voter_error": self.on_voter_error,
        }

    def _end_fit(self, estimator, classes):
        self.n_voters_ = len(self._voters)
        # what certificates rest on is what fit did, whatever set_params says since
        self._keep_parameters()
        return self

    @property
    def estimators_(self):
        """The fitted voters; None for one without rows, or that failed."""
        check_is_fitted(self)
        return self._voters.estimators

    def forget_unused(self):
        """Delete the voters in `memory` that this ensemble does not use.

        After a ``fit`` without some rows, or without a contributor, the voters that saw them are
        still in `memory`; now they are not. All others go too: those of earlier fits, and those of
        other ensembles that share the folder.

        Returns
        -------
        int
            Number of voters that were deleted.

        Raises
        ------
        NotFittedError
            If the ensemble was not fitted.
        InvalidInputError
            If it was fitted with ``memory=None``, or comes from a file.
        """
        check_is_fitted(self)
        if self._voters.memory is None:
            raise InvalidInputError(
                f"This {type(self).__name__} keeps no voters: it was fitted with memory=None, or "
                "comes from a file. Pass the path of a folder as memory, and fit."
            )
        return self._voters.forget_unused()

    def _check_groups(self, groups):
        self.poison_unit_ = resolve_poison_unit(self.poison_unit, groups)
        return check_groups(groups)

    def _check_rows(self, X, *, reset):
        # a transformer decides for itself which rows it takes, as a composite does
        taker = self._get_estimator() if self.transformer is None else self
        X, self._row_form = check_rows(self, X, taker, None if reset else self._row_form)
        return X

    def _open_election(self):
        check_is_fitted(self)
        self._check_parameters()
        return self._make_election()

    def _collect(self, election, question, X, *of_rows):
        """Put a question to an election on each row: one array, or a tuple of arrays.

        Further arrays, of shape (n_samples, ...), go with the question, a part with each chunk.
        """
        X = self._prepare_queries(X)
        parts, start = None, 0
        for ballots in self._ballots(election, X):
            stop = start + len(ballots)
            answer = question(ballots, *(of_row[start:stop] for of_row in of_rows))
            is_tuple = isinstance(answer, tuple)
            answer = answer if is_tuple else (answer,)
            if parts is None:  # written where they stay, which halves what is needed at a time
                parts = [np.empty((X.shape[0], *part.shape[1:]), part.dtype) for part in answer]
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
        size = _CHUNK_BYTES // (self._usual_n_voters() * election.bytes_per_ballot)
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

    def _usual_n_voters(self):
        """Return about how many voters there are, by what is known without the training rows."""
        return self.n_voters_

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        base = self._input_tags_of_transformer(get_tags(self._get_estimator()).input_tags)
        tags.input_tags.sparse = base.sparse
        tags.input_tags.allow_nan = base.allow_nan
        tags.input_tags.string = base.string
        tags.input_tags.three_d_array = base.three_d_array
        return tags
