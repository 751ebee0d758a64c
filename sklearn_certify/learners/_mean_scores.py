"""Scores of classes, from several answers to the same queries."""

import numpy as np

__all__ = ["estimator_has", "labels_of_scores", "mean_scores"]


def estimator_has(method):
    """Return a check, for `available_if`, of whether the estimator of a meta-estimator has it.

    Parameters
    ----------
    method : str
        Name of the method.

    Returns
    -------
    callable
    """

    def check(self):
        return hasattr(getattr(self, "estimator_", None) or self._get_estimator(), method)

    return check


def mean_scores(answers):
    """Return the mean of scores, added up in their order.

    Parameters
    ----------
    answers : iterable of ndarray of shape (n_samples,) or (n_samples, n_classes)
        At least one.

    Returns
    -------
    ndarray of float64, of that shape
    """
    total, n_answers = 0.0, 0
    for answer in answers:
        total, n_answers = total + np.asarray(answer, dtype=np.float64), n_answers + 1
    return total / n_answers


def labels_of_scores(scores, classes):
    """Return the label of the highest score; the first of several.

    Parameters
    ----------
    scores : ndarray of shape (n_samples,) or (n_samples, n_classes)
        One column stands for the second of two classes, above 0.
    classes : ndarray of shape (n_classes,)
        Labels.

    Returns
    -------
    ndarray of shape (n_samples,)
    """
    indices = (scores > 0).astype(int) if scores.ndim == 1 else scores.argmax(axis=1)
    return classes[indices]
