"""What partition ensembles would be without some of their training rows."""

from copy import copy

import numpy as np

from ..partition import ExactContent, canonical_order, hash_labels, hash_rows

__all__ = ["Removal"]


class Removal:
    """Takes rows away from a fitted partition ensemble; only voters that had them are fitted anew.

    Parameters
    ----------
    classifier : PartitionEnsembleClassifier
        A fitted ensemble; it is left as it is.
    X : array-like of shape (n_rows, ...)
        The rows that it was fitted on.
    y : array-like of shape (n_rows,)
        Their labels.
    """

    def __init__(self, classifier, X, y):
        self.classifier = classifier
        X = classifier._check_rows(X, reset=False)
        self._y = classifier._check_y(y)
        content = ExactContent(X, self._y)
        self._order = canonical_order(hash_rows(X), hash_labels(self._y), content)
        self._X = classifier._transform_rows(X)

    def voters_of(self, removed):
        """Return the numbers of the voters that learn from any of these rows.

        Parameters
        ----------
        removed : ndarray of bool, of shape (n_rows,)
            Rows to take away.

        Returns
        -------
        ndarray of int64
        """
        partitions = np.unique(self.classifier.partition_[removed])
        return np.unique(self.classifier.spread_[partitions])

    def without(self, removed):
        """Return the ensemble that a fit without these rows gives.

        Labels that only they have stay in ``classes_``, and no voter votes for them.

        Parameters
        ----------
        removed : ndarray of bool, of shape (n_rows,)
            Rows to take away; at least one stays.

        Returns
        -------
        PartitionEnsembleClassifier
            For predictions.

        Raises
        ------
        VoterError
            If a voter cannot learn from the rows that it keeps and `on_voter_error` is "raise".
        """
        classifier = copy(self.classifier)
        numbers = self.voters_of(removed)
        partition, kept = classifier.partition_, self._order[~removed[self._order]]
        rows = _rows_of(partition, classifier.spread_, kept, numbers)
        classifier._voters = classifier._voters.refit(
            numbers.tolist(),
            self._X,
            self._y,
            rows,
            n_jobs=classifier.n_jobs,
            verbose=classifier.verbose,
            on_voter_error=classifier.on_voter_error,
        )
        return classifier


def _rows_of(partition, spread, kept, numbers):
    """Yield the rows that are kept of some voters, in canonical order."""
    for number in numbers:
        partitions = np.flatnonzero((spread == number).any(axis=1))
        yield kept[np.isin(partition[kept], partitions)]
