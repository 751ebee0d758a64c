"""Scores of classes, from several answers to the same queries."""

import numpy as np

from ..exceptions import InvalidInputError

__all__ = [
    "estimator_has",
    "labels_of_scores",
    "mean_of_stacks",
    "mean_scores",
    "score_method",
]


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


def mean_of_stacks(answers):
    """Return the mean of the scores of many voters, each of which may abstain in some answers.

    Parameters
    ----------
    answers : iterable of ndarray of float64, of shape (n_voters, n_samples, n_classes)
        At least one; all scores of a voter that abstains are -inf, and count as zero.

    Returns
    -------
    ndarray of float64, of that shape
        All -inf where a voter abstains in all answers.
    """
    total, is_silent, n_answers = 0.0, True, 0
    for answer in answers:
        abstains = (answer == -np.inf).all(axis=2)
        total = total + np.where(abstains[..., np.newaxis], 0.0, answer)
        is_silent, n_answers = is_silent & abstains, n_answers + 1
    mean = total / n_answers
    mean[is_silent] = -np.inf
    return mean


def labels_of_scores(scores, fitted, X):
    """Return the label of the highest score; the first of several.

    Parameters
    ----------
    scores : ndarray of shape (n_samples,) or (n_samples, n_classes)
        One column stands for the second of two classes, above 0.
    fitted : fitted classifier
        One of those whose scores these are the mean of.
    X : array-like of shape (n_samples, ...)
        Queries, as it gets them. Where all scores are 0, its prediction stands: of probabilities
        this says "none of them".

    Returns
    -------
    ndarray of shape (n_samples,)
    """
    if scores.ndim == 1:
        return fitted.classes_[(scores > 0).astype(int)]
    labels, is_scored = fitted.classes_[scores.argmax(axis=1)], scores.any(axis=1)
    return labels if is_scored.all() else np.where(is_scored, labels, fitted.predict(X))
