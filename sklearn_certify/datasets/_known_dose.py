"""Tasks for which it is known how much poison no defence survives."""

from numbers import Integral, Real
from typing import NamedTuple

import numpy as np
from scipy.special import erf
from sklearn.utils import check_random_state

from ..exceptions import InvalidInputError

__all__ = [
    "KnownDoseTask",
    "make_bijection_uncovering",
    "make_instance_memorization",
    "make_isotropic_gaussians",
]


class KnownDoseTask(NamedTuple):
    """A training set of a task with a known lethal dose, and rows to ask about.

    Attributes
    ----------
    X : ndarray of float64, of shape (n_samples, n_features)
        Training rows, independent draws.
    y : ndarray of int64, of shape (n_samples,)
        Labels.
    X_test : ndarray of float64, of shape (n_queries, n_features)
        Rows to ask about.
    y_test : ndarray of int64, of shape (n_queries,)
        The most likely label of each.
    distance : ndarray of float64, of shape (n_queries,)
        For each of these rows, the total variation distance from the task's distribution to a
        distribution of the same kind under which that label is no longer the best answer. About
        ``1 / distance`` clean rows are needed, and about ``distance * n_samples`` poisoned rows
        are more than any defence survives, both up to a constant.
    """

    X: np.ndarray
    y: np.ndarray
    X_test: np.ndarray
    y_test: np.ndarray
    distance: np.ndarray


def make_bijection_uncovering(n_samples=1000, n_classes=10, *, random_state=None):
    """Draw rows of as many inputs as labels, of which each label belongs to one input.

    The easiest classification there is: rows of one class are alike, rows of different classes
    differ, and all there is to learn is which class is called what.

    Parameters
    ----------
    n_samples : int, default=1000
        Number of training rows.
    n_classes : int, default=10
        Number of labels, and of inputs (k in the paper).
    random_state : int, RandomState instance or None, default=None
        Draws the bijection, then the rows.

    Returns
    -------
    KnownDoseTask
        Its inputs are the numbers from 0 on, and each is asked about once. `distance` is
        ``2 / n_classes``: two labels exchanged.

    Raises
    ------
    InvalidInputError
        If a number is out of range.

    References
    ----------
    Wang, Levine, Feizi: "Lethal Dose Conjecture on Data Poisoning", NeurIPS 2022, Definition 1.

    Examples
    --------
    >>> from sklearn_certify.datasets import make_bijection_uncovering
    >>> task = make_bijection_uncovering(100, n_classes=4, random_state=0)
    >>> task.X.shape, task.distance
    ((100, 1), array([0.5, 0.5, 0.5, 0.5]))
    """
    _check_whole(n_samples, "n_samples", 1)
    _check_whole(n_classes, "n_classes", 2)
    random_state = check_random_state(random_state)
    labels = random_state.permutation(n_classes)
    return _finite_task(labels, n_samples, 2 / n_classes, random_state)


def make_instance_memorization(n_samples=1000, n_inputs=100, n_classes=10, *, random_state=None):
    """Draw rows of some inputs, each of which has a label that no other input tells anything of.

    The hardest classification there is: nothing can be learned but by heart.

    Parameters
    ----------
    n_samples : int, default=1000
        Number of training rows.
    n_inputs : int, default=100
        Number of inputs (m in the paper).
    n_classes : int, default=10
        Number of labels (k in the paper).
    random_state : int, RandomState instance or None, default=None
        Draws the labels of the inputs, then the rows.

    Returns
    -------
    KnownDoseTask
        Its inputs are the numbers from 0 on, and each is asked about once. `distance` is
        ``1 / n_inputs``: another label for one input.

    Raises
    ------
    InvalidInputError
        If a number is out of range.

    References
    ----------
    Wang, Levine, Feizi: "Lethal Dose Conjecture on Data Poisoning", NeurIPS 2022, Definition 2.

    Examples
    --------
    >>> from sklearn_certify.datasets import make_instance_memorization
    >>> task = make_instance_memorization(100, n_inputs=20, n_classes=3, random_state=0)
    >>> task.X_test.shape, float(task.distance[0])
    ((20, 1), 0.05)
    """
    _check_whole(n_samples, "n_samples", 1)
    _check_whole(n_inputs, "n_inputs", 1)
    _check_whole(n_classes, "n_classes", 2)
    random_state = check_random_state(random_state)
    labels = random_state.randint(n_classes, size=n_inputs)
    return _finite_task(labels, n_samples, 1 / n_inputs, random_state)


def make_isotropic_gaussians(
    n_samples=1000, n_classes=3, n_features=2, *, spread=2.0, n_queries=100, random_state=None
):
    """Draw rows of normally distributed classes, all with the identity as covariance.

    Parameters
    ----------
    n_samples : int, default=1000
        Number of training rows.
    n_classes : int, default=3
        Number of classes, all equally likely (k in the paper).
    n_features : int, default=2
        Number of features (d in the paper).
    spread : float, default=2.0
        Standard deviation of the classes' centers along each feature.
    n_queries : int, default=100
        Number of rows to ask about, drawn like training rows.
    random_state : int, RandomState instance or None, default=None
        Draws the centers, the training rows and the rows to ask about.

    Returns
    -------
    KnownDoseTask
        `y_test` is the class whose center is nearest. `distance` is the exact
        ``erf((d2 - d1) / sqrt(8)) / n_classes``, where d1 and d2 are the distances to the nearest
        center and to the second one: the second class moved as near as the first.

    Raises
    ------
    InvalidInputError
        If a number is out of range.

    Notes
    -----
    Two normal distributions with unit variances and centers apart by s have the total variation
    distance Pr[abs(N(0, 1)) <= s / 2] = erf(s / sqrt(8)). This is Lemma 5 of the paper; where the
    paper puts it to use the division by two is lost.

    References
    ----------
    Wang, Levine, Feizi: "Lethal Dose Conjecture on Data Poisoning", NeurIPS 2022, Definition 3.

    Examples
    --------
    >>> from sklearn_certify.datasets import make_isotropic_gaussians
    >>> task = make_isotropic_gaussians(200, n_classes=3, n_queries=50, random_state=0)
    >>> task.X.shape, task.X_test.shape
    ((200, 2), (50, 2))
    >>> bool((task.distance < 1 / 3).all())
    True
    """
    _check_whole(n_samples, "n_samples", 1)
    _check_whole(n_classes, "n_classes", 2)
    _check_whole(n_features, "n_features", 1)
    _check_whole(n_queries, "n_queries", 1)
    if isinstance(spread, bool) or not isinstance(spread, Real) or not 0 < spread < np.inf:
        raise InvalidInputError(f"spread must be a positive number, got {spread!r}.")
    random_state = check_random_state(random_state)
    centers = random_state.normal(scale=spread, size=(n_classes, n_features))
    y = random_state.randint(n_classes, size=n_samples)
    X = centers[y] + random_state.normal(size=(n_samples, n_features))
    drawn = random_state.randint(n_classes, size=n_queries)
    X_test = centers[drawn] + random_state.normal(size=(n_queries, n_features))
    far = np.linalg.norm(X_test[:, np.newaxis] - centers, axis=2)
    nearest, second = np.sort(far, axis=1)[:, :2].T
    distance = erf((second - nearest) / np.sqrt(8)) / n_classes
    return KnownDoseTask(X, y.astype(np.int64), X_test, far.argmin(axis=1), distance)


def _finite_task(labels, n_samples, distance, random_state):
    """Draw inputs, which are numbers from 0 on, with the label that each has."""
    drawn = random_state.randint(len(labels), size=n_samples)
    inputs = np.arange(len(labels), dtype=np.float64)[:, np.newaxis]
    labels = labels.astype(np.int64)
    return KnownDoseTask(
        inputs[drawn], labels[drawn], inputs, labels, np.full(len(labels), distance)
    )


def _check_whole(value, name, least):
    if isinstance(value, bool) or not isinstance(value, Integral) or value < least:
        raise InvalidInputError(f"{name} must be a whole number from {least} up, got {value!r}.")
