"""Scores of classes, from several answers to the same queries."""

import numpy as np

from ..exceptions import InvalidInputError

__all__ = ["estimator_has", "labels_of_scores", "mean_scores", "score_method"]


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


def score_method(classifier):
    """Return the name of the method that scores classes: of probabilities, if there are any.

    Parameters
    ----------
    classifier : meta-estimator
        It has the methods that its estimator has.

    Returns
    -------
    str

    Raises
    ------
    InvalidInputError
        If there is none.
    """
    for method in ("predict_proba", "decision_function"):
        if hasattr(classifier, method):
            return method
    raise InvalidInputError(
        f"{type(classifier._get_estimator()).__name__} has neither predict_proba nor "
        "decision_function, so that there is nothing to add up; use an estimator that scores "
        "classes."
    )


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
