"""What every certified classifier can do, once it knows its radii."""

from abc import ABC, abstractmethod
from collections.abc import Hashable
from contextlib import contextmanager

import numpy as np
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_consistent_length, check_is_fitted

from ._fixed_parameters import FixedParametersMixin
from ._rows import check_same_kind, read_classes, truth_of
from ._user_warnings import warn_user
from .exceptions import InvalidInputError, JointCertificateWarning
from .threat import check_poison_sizes

__all__ = ["CertifiedClassifierMixin", "all_or_nothing", "resolve_classes", "shares_of_counts"]


def _has_vote_shares(classifier):
    return hasattr(classifier, "_vote_shares")


class CertifiedClassifierMixin(FixedParametersMixin, ABC):
    """Mixin of the classifiers that prove how much poison a prediction survives.

    A subclass sets ``classes_`` in ``fit`` and says how it predicts and with which radius
    (`_predict_certified`). Where its predictions are won by votes it says which shares of them
    each class has (`_vote_shares`), where more is known of attackers who want one label, how much
    they need for it (`_predict_targeted`), and where a joint certificate is known, how many rows
    survive together (`_joint_accuracy`).

    Certificates rest on what ``fit`` did. So a subclass names the parameters that have a
    documented effect afterwards (`_may_change_after_fit`), calls `_keep_parameters` at the end of
    ``fit`` and `_check_parameters` before it looks at queries.
    """

    @abstractmethod
    def _predict_certified(self, X):
        """Return class indices and radii, two int64 arrays of shape (n_samples,)."""

    def _predict_targeted(self, X, target):
        """Return class indices and radii against attacks that make one label the prediction.

        The target is a class index, or the number of classes for a label that only an attacker
        brings. Who makes it the prediction changes the prediction: unless a subclass knows more,
        the radii are those of `_predict_certified`. They are -1 where the target is predicted.
        """
        predicted, radii = self._predict_certified(X)
        return predicted, np.where(predicted == target, -1, radii)

    def _joint_accuracy(self, X, y, poison_sizes):
        """Return lower bounds on the accuracy under one budget for all rows, or None.

        y holds class indices, -1 for a label that is not in ``classes_``. None stands for "no
        joint certificate is known".
        """
        return None

    @available_if(_has_vote_shares)
    def predict_proba(self, X):
        """Return the shares of the votes, as estimates of how probable each label is.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Query rows.

        Returns
        -------
        ndarray of float64, of shape (n_samples, n_classes)
            Shares of the votes that were cast, in the order of ``classes_``; of a run-off
            election those of its second round. They add up to one, and the first of the largest is
            the label that ``predict`` returns. Where nobody votes, that label has all. A label
            that no training row has (declared in `classes`, or an `outlier_label` of its own) has a
            column too; what calibrates or combines columns as if they were the labels of y, such
            as `CalibratedClassifierCV` and one-vs-rest, needs a classifier without such labels.

        Raises
        ------
        NotFittedError
            If the classifier was not fitted.
        """
        check_is_fitted(self)
        return self._vote_shares(X)

    def predict_certified(self, X):
        """Predict labels together with their certified radii, in one pass over X.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Query rows.

        Returns
        -------
        labels : ndarray of shape (n_samples,)
            Predicted labels.
        radii : ndarray of int64, of shape (n_samples,)
            The largest poison size, in units of `threat_model`, that provably leaves the label
            as it is (bagging: with confidence, see there); -1 where the classifier abstains.

        Raises
        ------
        NotFittedError
            If the classifier was not fitted.
        """
        check_is_fitted(self)
        indices, radii = self._predict_certified(X)
        return self.classes_[indices], radii

    def certified_radius(self, X, *, target=None):
        """Return the largest poison size that each prediction provably survives.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Query rows.
        target : label, default=None
            The label that an attacker wants these rows to get. If given, radii are about attacks
            that make it the prediction, which takes at least as much poison as any change. Unless
            the labels are fixed it may be one that no training row has.

        Returns
        -------
        ndarray of int64, of shape (n_samples,)
            Radii in units of `threat_model`; -1 where the classifier abstains, or predicts the
            `target` already.

        Raises
        ------
        NotFittedError
            If the classifier was not fitted.
        InvalidInputError
            If `target` is no label, of another kind than ``classes_``, or not among fixed labels.
        """
        check_is_fitted(self)
        return self._radii_about(X, target)

    def _radii_about(self, X, target):
        if target is None:
            return self._predict_certified(X)[1]
        return self._predict_targeted(X, self._target_index(target))[1]

    def _target_index(self, target):
        """Return the position of a label in ``classes_``, their number if it is not among them."""
        if not isinstance(target, Hashable) or target != target:
            raise InvalidInputError(f"target must be one label, got {target!r}.")
        check_same_kind([target], self.classes_, ("target", "classes_"))
        (index,) = self._class_indices([target])
        if index < 0 and getattr(self, "_labels_are_fixed", False):
            raise InvalidInputError(
                f"target={target!r} is none of the labels that classes allows, so no attack makes "
                f"it a prediction; give one of them, such as {self.classes_.tolist()[0]!r}, or fit "
                "with classes=None."
            )
        return int(index) if index >= 0 else len(self.classes_)

    def certify(self, X, poison_size, *, target=None):
        """Say which predictions provably survive an attack of the given size.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Query rows.
        poison_size : int or array-like of int of shape (n_sizes,)
            Poison sizes in units of `threat_model`.
        target : label, default=None
            The label that an attacker wants these rows to get, as in `certified_radius`.

        Returns
        -------
        ndarray of bool, of shape (n_samples,) or (n_samples, n_sizes)
            True where no attack of that size changes the prediction, or makes it the `target`;
            False where that is the prediction already.

        Raises
        ------
        NotFittedError
            If the classifier was not fitted.
        InvalidInputError
            If a poison size is negative or no whole number, or `target` is not valid.
        """
        check_is_fitted(self)
        sizes = check_poison_sizes(poison_size)
        radii = self._radii_about(X, target)
        return radii >= sizes if sizes.ndim == 0 else radii[:, np.newaxis] >= sizes

    def certified_accuracy(self, X, y, poison_size, *, joint=False):
        """Return a lower bound on the accuracy on (X, y) under every attack of the given size.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Query rows.
        y : array-like of shape (n_samples,)
            True labels.
        poison_size : int or array-like of int of shape (n_sizes,)
            Poison sizes in units of `threat_model`.
        joint : bool, default=False
            If False, every row may be attacked with the whole budget, as if each had an
            attacker of its own. If True, one shared budget attacks all rows together, which
            gives a higher bound where a joint certificate is known, and the same one with a
            `JointCertificateWarning` where none is.

        Returns
        -------
        float or ndarray of float64 of shape (n_sizes,)
            The share of rows that are classified correctly whatever the attack.

        Raises
        ------
        NotFittedError
            If the classifier was not fitted.
        InvalidInputError
            If a poison size is negative or no whole number, or if y holds labels of another kind
            than ``classes_``: texts where those are numbers.
        """
        check_is_fitted(self)
        sizes = check_poison_sizes(poison_size)
        y = truth_of(y, self.classes_)
        check_consistent_length(X, y)
        y = self._class_indices(y)
        accuracy = self._joint_accuracy(X, y, sizes) if joint else None
        if joint and accuracy is None:
            warn_user(
                f"No joint certificate is known for {self._name_in_messages()}: joint=True returns "
                "the accuracy with each row certified by itself. DPAClassifier, "
                "FiniteAggregationClassifier, TemporalAggregationClassifier, CertifiedKNN and "
                "CertifiedRNN have one.",
                JointCertificateWarning,
            )
        if accuracy is None:
            accuracy = self._pointwise_accuracy(X, y, sizes)
        return float(np.ravel(accuracy)[0]) if sizes.ndim == 0 else np.asarray(accuracy)

    def _pointwise_accuracy(self, X, y, poison_sizes):
        """Return what `_joint_accuracy` returns, but with each row certified by itself."""
        predicted, radii = self._predict_certified(X)
        survives = radii[:, np.newaxis] >= np.atleast_1d(poison_sizes)
        return (survives & (predicted == y)[:, np.newaxis]).mean(axis=0)

    def _name_in_messages(self):
        """Return what a warning calls the classifier."""
        return type(self).__name__

    def _class_indices(self, y):
        """Return the position of each label in ``classes_``, -1 where it has none."""
        positions = {label: index for index, label in enumerate(self.classes_.tolist())}
        found = (positions.get(y_i, -1) if isinstance(y_i, Hashable) else -1 for y_i in y)
        return np.fromiter(found, dtype=np.int64, count=len(y))


def shares_of_counts(counts, winners):
    """Turn numbers of votes into shares; where there are no votes, the winner has all.

    Parameters
    ----------
    counts : ndarray of int64, of shape (n_samples, n_classes)
        Votes for each class.
    winners : ndarray of int64, of shape (n_samples,)
        Index of the class that is predicted.

    Returns
    -------
    ndarray of float64, of shape (n_samples, n_classes)
    """
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    nobody_votes = np.flatnonzero(~counts.any(axis=1))
    shares[nobody_votes, winners[nobody_votes]] = 1.0
    return shares


@contextmanager
def all_or_nothing(estimator):
    """Take back what was done to an estimator if the block fails or is interrupted.

    Nothing stays half fitted, and nothing of an earlier fit is lost.

    Parameters
    ----------
    estimator : estimator
        What is being fitted.
    """
    before = dict(vars(estimator))
    try:
        yield
    except BaseException:
        vars(estimator).clear()
        vars(estimator).update(before)
        raise


def resolve_classes(y, classes):
    """Return the labels that there are, sorted: those of y, or those that were declared.

    Parameters
    ----------
    y : ndarray of shape (n_rows,)
        Labels.
    classes : array-like of shape (n_classes,) or None
        All labels there can be.

    Returns
    -------
    ndarray of shape (n_classes,)

    Raises
    ------
    InvalidInputError
        If y holds labels that `classes` lacks, or labels of another kind.
    """
    labels = np.unique(y)
    if classes is None:
        return labels
    classes = read_classes(classes, y)
    unknown = labels[~np.isin(labels, classes)]
    if len(unknown):
        raise InvalidInputError(
            f"y holds labels that classes lacks: {unknown[:5].tolist()}. Add them to classes, "
            "drop those rows, or leave classes=None."
        )
    return classes
