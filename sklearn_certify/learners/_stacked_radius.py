"""Radius neighbours that may abstain, of many voters at once."""

from numbers import Real
from typing import ClassVar

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from .._compat import Interval, StrOptions
from ..exceptions import InvalidInputError
from ._fit_each import FitEachMixin
from ._flip_costs import check_classes
from ._near_rows import METRICS, count_near
from ._stacked import StackedClassifierMixin

__all__ = ["StackedRadiusNeighborsClassifier"]


class StackedRadiusNeighborsClassifier(
    FitEachMixin, StackedClassifierMixin, ClassifierMixin, BaseEstimator
):
    """Radius neighbours: the label of most rows within a radius of the query.

    As a voter it abstains where none of its rows is near, if `outlier_label` is a label that no
    row has. It predicts what scikit-learn's `RadiusNeighborsClassifier` predicts with uniform
    weights, and ensembles ask many of them at once.

    Parameters
    ----------
    radius : float, default=1.0
        Rows at this distance or less count.
    metric : {"euclidean", "manhattan", "chebyshev"}, default="euclidean"
        Distance between two rows.
    outlier_label : str, number or None, default=None
        Prediction for a query without any row within the radius. One that no row has makes voters
        abstain there. None: such a query is an error.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The labels of the rows, sorted.
    X_fit_ : ndarray of shape (n_rows, n_features)
        The rows.
    n_features_in_ : int
        Number of features.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of the features, if all are texts.

    See Also
    --------
    sklearn_certify.CertifiedRNN : All training rows vote, and the certificate counts rows.
    sklearn.neighbors.RadiusNeighborsClassifier : The same with weights and other metrics.

    Notes
    -----
    Distances are computed in double precision, feature by feature, so that they depend on two rows
    alone. Rows must be dense.

    References
    ----------
    Wang, Levine and Feizi, "Lethal Dose Conjecture on Data Poisoning", NeurIPS 2022, section 7.3,
    where Deep Partition Aggregation has such voters.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn_certify import DPAClassifier
    >>> from sklearn_certify.learners import StackedRadiusNeighborsClassifier
    >>> X, y = load_digits(return_X_y=True)
    >>> voter = StackedRadiusNeighborsClassifier(radius=33, outlier_label=-1)
    >>> dpa = DPAClassifier(voter, n_partitions=150).fit(X[:1500], y[:1500])
    >>> votes = dpa.votes(X[1500:])
    >>> float(round((votes == -1).mean(), 2))
    0.66
    >>> dpa.certified_accuracy(X[1500:], y[1500:], [0, 5]).round(2)
    array([0.93, 0.81])
    """

    _parameter_constraints: ClassVar[dict] = {
        "radius": [Interval(Real, 0, None, closed="both")],
        "metric": [StrOptions(set(METRICS))],
        "outlier_label": [str, Interval(Real, None, None, closed="neither"), None],
    }
    _least_classes: ClassVar[int] = 1

    def __init__(self, radius=1.0, *, metric="euclidean", outlier_label=None):
        self.radius = radius
        self.metric = metric
        self.outlier_label = outlier_label

    def _learn(self, X, codes):
        if self.outlier_label is not None:
            first = self.classes_.tolist()[0]
            if (
                isinstance(self.outlier_label, str) != isinstance(first, str)
                or self.outlier_label == "most_frequent"
            ):
                raise InvalidInputError(
                    f"outlier_label={self.outlier_label!r} must be a label of the kind of those in "
                    f"y, such as {first!r}."
                )
        self.X_fit_, self._codes = X, codes

    def _counts(self, X):
        """Return how many rows of each class are near each query."""
        return _count_together([self], X)[0]

    def predict_proba(self, X):
        """Return the shares of the labels among the rows near each query.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Query rows.

        Returns
        -------
        ndarray of float64, of shape (n_samples, n_classes)
            Where no row is near, `outlier_label` has all if it is a label, and else no label has
            any.

        Raises
        ------
        NotFittedError
            If the classifier was not fitted.
        ValueError
            If a query has no row near and there is no `outlier_label`.
        """
        counts, empty = self._look_up(X)
        return self._shares(counts, empty)

    def predict(self, X):
        """Predict the label of most rows near; the first in ``classes_`` of several.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Query rows.

        Returns
        -------
        ndarray of shape (n_samples,)
            Labels.

        Raises
        ------
        NotFittedError
            If the classifier was not fitted.
        ValueError
            If a query has no row near and there is no `outlier_label`.
        """
        counts, empty = self._look_up(X)
        labels = self.classes_[counts.argmax(axis=1)]
        if empty.any():
            labels = labels.astype(np.append(self.classes_[:1], self.outlier_label).dtype)
            labels[empty] = self.outlier_label
        return labels

    def _look_up(self, X):
        check_is_fitted(self)
        X = validate_data(self, X, dtype=[np.float64, np.float32], order="C", reset=False)
        counts = self._counts(X)
        return counts, self._are_empty(counts)

    def _are_empty(self, counts):
        """Say which queries have no row near; raise if nobody has said what they are."""
        empty = ~counts.any(axis=1)
        if self.outlier_label is None and empty.any():
            raise ValueError(
                f"No row is within radius={self.radius} of query {int(empty.argmax())}; choose a "
                "larger radius, or an outlier_label (voters abstain with one that no row has)."
            )
        return empty

    def _shares(self, counts, empty):
        shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
        if empty.any():
            shares[np.ix_(empty, self.classes_ == self.outlier_label)] = 1.0
        return shares

    def flip_costs(self, X, classes=None):
        """Return how many training labels must change before a class may be predicted.

        No change of fewer labels, each to one of `classes`, lets the classifier that ``fit`` makes
        predict the class.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Query rows.
        classes : array-like of shape (n_classes,), default=None
            All labels that there can be, sorted. None: those of ``classes_``.

        Returns
        -------
        ndarray of int32, of shape (n_samples, n_classes)
            0 for the class that is predicted now. The largest int32 stands for "never": what is
            said where no row is near follows from no label.

        Raises
        ------
        NotFittedError
            If the classifier was not fitted.
        ValueError
            If a query has no row near and there is no `outlier_label`, or if `classes` lacks some
            of ``classes_``.
        """
        known, empty = self._look_up(X)
        classes, columns = check_classes(self, classes)
        counts = np.zeros((len(known), len(classes)), dtype=np.int64)
        counts[:, columns] = known
        winners = counts.argmax(axis=1)
        # each flip moves the difference by two while there are rows of the winner's near
        behind = counts[np.arange(len(counts)), winners][:, np.newaxis] - counts
        costs = (behind + (np.arange(len(classes)) > winners[:, np.newaxis]) + 1) // 2
        costs[empty] = np.iinfo(np.int32).max
        outlier = _index_of(self.outlier_label, classes)
        if outlier >= 0:
            costs[empty, outlier] = 0
        return costs.astype(np.int32)

    def vote_stack(self, voters, X, classes):
        votes = np.full((len(voters), len(X)), -1, np.min_scalar_type(-len(classes)))
        for place, voter, counts in _each_counts(voters, X):
            empty = voter._are_empty(counts)
            votes[place] = np.searchsorted(classes, voter.classes_)[counts.argmax(axis=1)]
            votes[place, empty] = _index_of(voter.outlier_label, classes)
        return votes

    def score_stack(self, voters, X, classes):
        scores = np.full((len(voters), len(X), len(classes)), -np.inf)
        for place, voter, counts in _each_counts(voters, X):
            empty = voter._are_empty(counts)
            columns = np.searchsorted(classes, voter.classes_)
            scores[place][:, columns] = voter._shares(counts, empty)
            if voter.outlier_label not in voter.classes_.tolist():
                scores[place, empty] = -np.inf
                outlier = _index_of(voter.outlier_label, classes)
                scores[place, empty, outlier] = -np.inf if outlier < 0 else 0.0
        return scores


def _index_of(label, classes):
    """Return the position of a label, -1 if it is none."""
    labels = classes.tolist()
    return labels.index(label) if label in labels else -1


def _each_counts(voters, X):
    """Yield the place of each voter, the voter, and how many rows of each class are near."""
    places = [place for place, voter in enumerate(voters) if voter is not None]
    there = [voters[place] for place in places]
    return zip(places, there, _count_together(there, X), strict=True)


def _count_together(voters, X):
    """Return, for each of some voters, how many rows of each class are near each query."""
    if not voters:
        return []
    starts = np.cumsum([0, *(len(voter.classes_) for voter in voters)])
    columns = np.concatenate(
        [start + voter._codes for start, voter in zip(starts[:-1], voters, strict=True)]
    )
    if ((columns < 0) | (columns >= starts[-1])).any():  # in a file that someone has forged
        raise InvalidInputError("Training rows have labels that are not among the classes.")
    counts = np.zeros((len(X), starts[-1]), dtype=np.int64)
    count_near(
        voters[0].metric,
        np.concatenate([voter.X_fit_ for voter in voters]),
        columns,
        np.require(X, np.float64, "CW"),
        float(voters[0].radius),
        counts,
    )
    return np.split(counts, starts[1:-1], axis=1)
