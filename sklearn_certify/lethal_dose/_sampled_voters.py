"""Some of the voters that a `DPAClassifier` would have, and what they say."""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import issparse
from sklearn.base import clone
from sklearn.utils.validation import check_consistent_length

from .._compat import _num_samples
from .._rows import check_groups, check_labels, check_same_kind, take_rows, truth_of
from .._rows.lists import without_lists
from .._rows.tables import is_table
from ..base import resolve_classes
from ..certificates import count_votes
from ..ensemble import DPAClassifier
from ..exceptions import InvalidInputError
from ..partition import combine_hashes, hash_labels, hash_rows, split
from ..threat import partitions_per_unit
from ._balanced_sample import balanced_sample, label_traits
from ._stand_ins import numbers_of, stand_in_votes

__all__ = ["SampledVotes", "Task", "make_ensemble"]


def make_ensemble(estimator):
    """Return the ensemble whose voters are sampled: the one given, or one around a classifier.

    Parameters
    ----------
    estimator : estimator or None
        A base estimator, or a `DPAClassifier`.

    Returns
    -------
    DPAClassifier

    Raises
    ------
    InvalidInputError
        If it certifies a run-off election, whose second round is not forecast.
    """
    ensemble = estimator if isinstance(estimator, DPAClassifier) else DPAClassifier(estimator)
    if ensemble.aggregation != "plurality":
        raise InvalidInputError(
            "A forecast counts votes for a plurality, but the estimator has "
            f"aggregation={ensemble.aggregation!r}; pass one with aggregation='plurality'."
        )
    return ensemble


@dataclass(frozen=True)
class SampledVotes:
    """What the sampled voters of one number of partitions say.

    Attributes
    ----------
    n_partitions : int
        Number of all voters.
    votes : ndarray of int, of shape (n_queries, n_sampled)
        Index of the class each voter chooses, -1 where it abstains.
    truth : ndarray of int64, of shape (n_queries,)
        Index of the true class, -1 if it is none of them.
    n_classes : int
        Number of classes.
    balanced : ndarray of float64, of shape (n_sampled, n_balanced)
        A basis of what the sample is balanced in, see `balanced_sample`.
    stand_ins : ndarray of int, of shape (n_queries, n_sampled), or None
        What the stand-ins of the sampled voters say, see `stand_in_votes`; None if rows are no
        numbers, or no voter is left to stand in for.
    other_stand_ins : ndarray of float64, of shape (n_queries, n_classes), or None
        Which share of the stand-ins of all other voters votes for each class.
    """

    n_partitions: int
    votes: np.ndarray
    truth: np.ndarray
    n_classes: int
    balanced: np.ndarray
    stand_ins: np.ndarray | None = None
    other_stand_ins: np.ndarray | None = None


class Task:
    """Rows that a `DPAClassifier` shall learn from, and those that it is asked about.

    Parameters
    ----------
    ensemble : DPAClassifier
        The settings; `n_partitions` is chosen later.
    X, y, groups
        As for ``fit``.
    X_test, y_test
        Rows to ask about and their labels, or None: rows of the partitions that no sampled voter
        learns from.
    max_queries : int
        How many rows of X are asked about, at most.

    Attributes
    ----------
    n_units : int
        Number of rows, or of groups, that poison is counted in.
    cost : int
        Partitions that one unit of poison corrupts.
    phantom : bool
        Whether the attacker may invent a label.
    grouped : bool
        Whether a unit is a group.
    """

    def __init__(self, ensemble, X, y, groups, X_test, y_test, max_queries):
        self.ensemble, self.max_queries = ensemble, max_queries
        self.X, self.y = _rows(X), check_labels(ensemble, y)
        self.groups = check_groups(groups)
        check_consistent_length(self.X, self.y, self.groups)
        if (X_test is None) != (y_test is None):
            raise InvalidInputError("X_test and y_test belong together; pass both or neither.")
        self.classes = resolve_classes(self.y, ensemble.classes)
        self.X_test = None
        if X_test is not None:
            check_same_kind(np.asarray(y_test), self.classes)
            self.X_test, self.truth = _rows(X_test), self._positions(truth_of(y_test))
            check_consistent_length(self.X_test, self.truth)
        self.codes = np.searchsorted(self.classes, self.y)
        self.numbers = numbers_of(self.X)
        self.grouped = groups is not None
        self.n_units = len(np.unique(self.groups)) if self.grouped else len(self.y)
        self.phantom = ensemble.classes is None
        sees_labels = ensemble.partition_by == "sample"
        self.cost = partitions_per_unit(
            ensemble.threat_model, partition_sees_labels=sees_labels, grouped=self.grouped
        )
        self.hashes = self._hashes(sees_labels)

    def _hashes(self, sees_labels):
        """Hash what the ensemble will partition by; `ask` checks that it does."""
        if self.grouped:
            return hash_labels(self.groups)
        if self.ensemble.hash_function is not None:
            labels = self.y if sees_labels else None
            return np.asarray(self.ensemble.hash_function(self.X, labels)).astype(np.uint64)
        hashes = hash_rows(self.X)
        return combine_hashes(hashes, hash_labels(self.y)) if sees_labels else hashes

    def _positions(self, labels):
        positions = {label: index for index, label in enumerate(self.classes.tolist())}
        return np.array([positions.get(label, -1) for label in labels], dtype=np.int64)

    def ask(self, n_partitions, n_voters, random_state):
        """Fit some of the voters and let them vote.

        Parameters
        ----------
        n_partitions : int
            Number of all voters.
        n_voters : int
            How many to fit, at most.
        random_state : RandomState
            Source of the draws.

        Returns
        -------
        SampledVotes
        """
        partition = split(self.hashes, n_partitions)
        traits = label_traits(self.codes, partition, n_partitions)
        n_sampled = min(n_voters, self._n_to_spare(n_partitions))
        chosen, balanced = balanced_sample(traits, n_sampled, random_state)
        learned = np.isin(partition, chosen)
        if not learned.any():
            raise InvalidInputError(
                f"None of the sampled voters has a row: {n_partitions} partitions are too many "
                f"for {len(self.y)} rows."
            )
        asked, X_query, truth = self._queries(np.flatnonzero(~learned), random_state)
        rows = np.flatnonzero(learned)
        # Partitions that were not chosen have no rows here, and their voters are not fitted. The
        # others are what they are in the whole ensemble: functions of their rows and their seeds.
        fitted = clone(self.ensemble).set_params(n_partitions=n_partitions)
        groups = None if self.groups is None else self.groups[rows]
        fitted.fit(take_rows(self.X, rows), self.y[rows], groups=groups)
        if not np.array_equal(fitted.partition_, partition[rows]):
            raise InvalidInputError(
                "Rows have another partition when other rows are around them; a hash_function "
                "must look at each row alone."
            )
        votes = fitted.votes(X_query)[:, chosen]
        own = np.searchsorted(self.classes, fitted.classes_)  # a label may have no sampled row
        votes = np.where(votes >= 0, own[votes], -1)
        own_voter = None if asked is None else partition[asked]
        stand_ins = self._ask_stand_ins(partition, n_partitions, chosen, X_query, own_voter)
        return SampledVotes(n_partitions, votes, truth, len(self.classes), balanced, *stand_ins)

    def _ask_stand_ins(self, partition, n_partitions, chosen, X_query, own_voter):
        """Return what stand-ins of the sampled voters say, and how many of all others what."""
        queries = numbers_of(X_query) if len(chosen) < n_partitions else None
        if queries is None or self.numbers is None or queries.shape[1] != self.numbers.shape[1]:
            return None, None
        n_classes = len(self.classes)
        votes = stand_in_votes(
            self.numbers, self.codes, partition, n_partitions, queries, n_classes
        )
        others = np.full(len(votes), n_partitions - len(chosen))
        of_sample = votes[:, chosen]
        counts = count_votes(votes, n_classes) - count_votes(of_sample, n_classes)
        if own_voter is not None:  # which knows the answer, and would not of a row to come
            own = votes[np.arange(len(votes)), own_voter]
            counts[np.arange(len(votes)), own] -= 1
            others -= 1
        return of_sample, counts / np.maximum(others, 1)[:, np.newaxis]

    def _n_to_spare(self, n_partitions):
        """Return how many voters may be sampled: a fifth of the rows, or more, is asked about."""
        if self.X_test is not None:
            return n_partitions
        if n_partitions == 1:
            raise InvalidInputError(
                "One partition leaves no rows to ask about; pass X_test and y_test."
            )
        return n_partitions - max(1, n_partitions // 5)

    def _queries(self, held_out, random_state):
        """Return the numbers of the rows that are asked about, if they are rows of X, and them."""
        if self.X_test is not None:
            return None, self.X_test, self.truth
        if len(held_out) == 0:
            raise InvalidInputError(
                "No row is left to ask about: all are in the partitions of the sampled voters; "
                "pass X_test and y_test."
            )
        rows = np.sort(random_state.permutation(held_out)[: self.max_queries])
        return rows, take_rows(self.X, rows), self.codes[rows]


def _rows(X):
    X = without_lists(X)
    X = X.tocsr() if issparse(X) else X
    if _num_samples(X) == 0:
        raise InvalidInputError("There are no rows.")
    return X if is_table(X) or issparse(X) else np.asarray(X)
