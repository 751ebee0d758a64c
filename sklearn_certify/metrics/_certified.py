"""Scores of certified predictions, and certificates through pipelines and searches."""

import numpy as np
from sklearn.utils.validation import check_consistent_length, column_or_1d

from ..audit import transform_queries
from ..exceptions import InvalidInputError
from ..threat import check_poison_sizes

__all__ = [
    "certified_accuracy",
    "certified_accuracy_curve",
    "certified_accuracy_score",
    "certified_radius",
    "certify",
    "median_certified_radius",
]


def certify(estimator, X, poison_size):
    """Say which predictions provably survive an attack of the given size.

    Scikit-learn's `Pipeline` and search objects do not pass ``certify`` on; this function looks
    inside them, and first checks that the certificate holds there.

    Parameters
    ----------
    estimator : estimator
        A fitted certified classifier, or a fitted `Pipeline` or search object that ends in one.
    X : array-like of shape (n_samples, n_features)
        Query rows.
    poison_size : int or array-like of int of shape (n_sizes,)
        Poison sizes in units of the classifier's `threat_model`.

    Returns
    -------
    ndarray of bool, of shape (n_samples,) or (n_samples, n_sizes)
        True where no attack of that size changes the prediction.

    Raises
    ------
    UnsoundPipelineError
        If a step before the classifier was fitted on the training set.
    InvalidInputError
        If there is no certified classifier in `estimator`, or a poison size is not valid.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import Normalizer
    >>> from sklearn_certify import DPAClassifier, certify
    >>> X, y = load_iris(return_X_y=True)
    >>> pipeline = make_pipeline(Normalizer(), DPAClassifier(n_partitions=15)).fit(X, y)
    >>> certify(pipeline, X[:2], poison_size=[3, 8])
    array([[ True, False],
           [ True, False]])
    """
    check_poison_sizes(poison_size)
    classifier, X = transform_queries(estimator, X)
    return classifier.certify(X, poison_size)


def certified_radius(estimator, X):
    """Return the largest poison size that each prediction provably survives.

    Parameters
    ----------
    estimator : estimator
        A fitted certified classifier, or a fitted `Pipeline` or search object that ends in one.
    X : array-like of shape (n_samples, n_features)
        Query rows.

    Returns
    -------
    ndarray of int64, of shape (n_samples,)
        Radii in units of the classifier's `threat_model`; -1 where it abstains.

    Raises
    ------
    UnsoundPipelineError
        If a step before the classifier was fitted on the training set.
    InvalidInputError
        If there is no certified classifier in `estimator`.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn_certify import DPAClassifier, certified_radius
    >>> X, y = load_iris(return_X_y=True)
    >>> certified_radius(DPAClassifier(n_partitions=15).fit(X, y), X[:2])
    array([7, 7])
    """
    classifier, X = transform_queries(estimator, X)
    return classifier.certified_radius(X)


class _CertifiedAccuracyScorer:
    """A scorer that can be pickled, compared and read."""

    def __init__(self, poison_size, joint):
        self.poison_size = poison_size
        self.joint = joint

    def __call__(self, estimator, X, y):
        classifier, X = transform_queries(estimator, X)
        return classifier.certified_accuracy(X, y, self.poison_size, joint=self.joint)

    def __repr__(self):
        return f"certified_accuracy(poison_size={self.poison_size}, joint={self.joint})"


def certified_accuracy(*, poison_size, joint=False):
    """Make a scorer: the accuracy that is certain under an attack of the given size.

    Parameters
    ----------
    poison_size : int
        Poison size in units of the classifier's `threat_model`.
    joint : bool, default=False
        Whether one budget attacks all rows together, see the classifiers' method
        ``certified_accuracy``.

    Returns
    -------
    callable
        ``scorer(estimator, X, y) -> float``, for ``scoring=`` in `GridSearchCV`,
        `cross_validate` and the like.

    Raises
    ------
    InvalidInputError
        If `poison_size` is not one whole number from 0 up.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.model_selection import GridSearchCV
    >>> from sklearn_certify import DPAClassifier, certified_accuracy
    >>> search = GridSearchCV(
    ...     DPAClassifier(),
    ...     {"n_partitions": [5, 15, 45]},
    ...     scoring=certified_accuracy(poison_size=1),
    ... )
    >>> search.fit(*load_iris(return_X_y=True)).best_params_
    {'n_partitions': 45}
    """
    sizes = check_poison_sizes(poison_size)
    if sizes.ndim:
        raise InvalidInputError(
            f"A scorer needs one poison_size, got {sizes.tolist()}; make one scorer for each."
        )
    return _CertifiedAccuracyScorer(int(sizes), bool(joint))


def _certified_radii(y_true, y_pred, radii):
    """Return the radius of every row, -1 where the prediction is wrong."""
    y_true, y_pred, radii = column_or_1d(y_true), column_or_1d(y_pred), column_or_1d(radii)
    check_consistent_length(y_true, y_pred, radii)
    if len(radii) == 0:
        raise InvalidInputError("There are no rows to score.")
    if radii.dtype.kind not in "iu":
        raise InvalidInputError(f"radii must be integers, got {radii.dtype}.")
    return np.where(y_true == y_pred, radii.astype(np.int64), -1)


def certified_accuracy_score(y_true, y_pred, radii, poison_size):
    """Return the share of rows that are predicted correctly and survive the given poison size.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n_samples,)
        True and predicted labels.
    radii : array-like of int of shape (n_samples,)
        Certified radii, -1 = abstains.
    poison_size : int or array-like of int of shape (n_sizes,)
        Poison sizes in the same units.

    Returns
    -------
    float or ndarray of float64 of shape (n_sizes,)

    Raises
    ------
    InvalidInputError
        If radii or poison sizes are no whole numbers, or there are no rows.

    Examples
    --------
    >>> from sklearn_certify.metrics import certified_accuracy_score
    >>> certified_accuracy_score([0, 1, 1, 0], [0, 1, 0, 0], [5, 2, 7, 0], poison_size=2)
    0.5
    """
    sizes = check_poison_sizes(poison_size)
    certified = _certified_radii(y_true, y_pred, radii)
    score = (certified[:, np.newaxis] >= np.atleast_1d(sizes)).mean(axis=0)
    return float(score[0]) if sizes.ndim == 0 else score


def certified_accuracy_curve(y_true, y_pred, radii):
    """Return certified accuracy at every poison size, until it reaches zero.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n_samples,)
        True and predicted labels.
    radii : array-like of int of shape (n_samples,)
        Certified radii, -1 = abstains.

    Returns
    -------
    poison_sizes : ndarray of int64, of shape (n_sizes,)
        0 and every size at which the accuracy changes, ascending; the last has accuracy 0.
    accuracies : ndarray of float64, of shape (n_sizes,)
        Certified accuracy from that size up to the next.

    Raises
    ------
    InvalidInputError
        If radii are no whole numbers, or there are no rows.

    Examples
    --------
    >>> from sklearn_certify.metrics import certified_accuracy_curve
    >>> certified_accuracy_curve([0, 1, 1, 0], [0, 1, 0, 0], [5, 2, 7, 5])
    (array([0, 3, 6]), array([0.75, 0.5 , 0.  ]))
    """
    certified = _certified_radii(y_true, y_pred, radii)
    sizes = np.unique(np.append(certified[certified >= 0] + 1, 0))
    return sizes, certified_accuracy_score(y_true, y_pred, radii, sizes)


def median_certified_radius(y_true, y_pred, radii):
    """Return the largest poison size at which half of the rows are certified correct.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n_samples,)
        True and predicted labels.
    radii : array-like of int of shape (n_samples,)
        Certified radii, -1 = abstains.

    Returns
    -------
    int
        -1 if fewer than half of the rows are predicted correctly without any poison.

    Raises
    ------
    InvalidInputError
        If radii are no whole numbers, or there are no rows.

    Examples
    --------
    >>> from sklearn_certify.metrics import median_certified_radius
    >>> median_certified_radius([0, 1, 1, 0], [0, 1, 0, 0], [5, 2, 7, 5])
    5
    """
    certified = np.sort(_certified_radii(y_true, y_pred, radii))
    return int(certified[len(certified) // 2])
