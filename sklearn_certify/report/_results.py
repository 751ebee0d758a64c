"""Fit certified classifiers, certify the test rows, and keep the numbers."""

import math
import warnings
from dataclasses import dataclass
from time import perf_counter

import numpy as np

from ..base import CertifiedClassifierMixin
from ..exceptions import FormWarning
from ..metrics import certified_accuracy_curve, certified_accuracy_score, median_certified_radius

__all__ = ["FitError", "Result", "choose_poison_sizes", "fit_and_certify"]

_MAX_STEPS = 8  # of a table of poison sizes, at the largest distance between two of them


class FitError(Exception):
    """A classifier could not be fitted or could not certify."""


@dataclass
class Result:
    """What a classifier proved about the test rows.

    Attributes
    ----------
    name : str
        Short name of the classifier.
    classifier : CertifiedClassifierMixin
        The fitted classifier.
    y_true, y_pred : ndarray of shape (n_test,)
        True and predicted labels.
    radii : ndarray of int64, of shape (n_test,)
        Certified radii.
    fit_seconds, certify_seconds : float
        How long it took.
    largest_radius : int, default=0
        The largest radius before poison that can change the form of the rows capped it.
    """

    name: str
    classifier: CertifiedClassifierMixin
    y_true: np.ndarray
    y_pred: np.ndarray
    radii: np.ndarray
    fit_seconds: float
    certify_seconds: float
    largest_radius: int = 0

    def accuracies(self, poison_sizes):
        """Return certified accuracy at each of the poison sizes."""
        return certified_accuracy_score(self.y_true, self.y_pred, self.radii, poison_sizes)

    def curve(self):
        """Return all poison sizes at which certified accuracy changes, and its values."""
        return certified_accuracy_curve(self.y_true, self.y_pred, self.radii)

    def median_radius(self):
        """Return the largest poison size at which half of the rows are certified correct."""
        return median_certified_radius(self.y_true, self.y_pred, self.radii)


def fit_and_certify(name, classifier, split, step, radius_limit=math.inf):
    """Fit a classifier on the training rows and certify the test rows.

    Parameters
    ----------
    name : str
        Short name.
    classifier : CertifiedClassifierMixin
        The classifier to fit.
    split : Split
        The rows.
    step : Step
        Is told what is being done.
    radius_limit : int or inf, default=inf
        The largest poison size that leaves the form of the rows as it is; caps every radius.

    Returns
    -------
    Result

    Raises
    ------
    FitError
        If that fails for any reason.
    """
    groups = {} if split.groups_train is None else {"groups": split.groups_train}
    try:
        with warnings.catch_warnings(record=True) as caught:
            # types and labels were told apart cell by cell, and what rows decide has a limit
            warnings.simplefilter("ignore", FormWarning)
            start = perf_counter()
            classifier.fit(split.X_train, split.y_train, **groups)
            fit_seconds = perf_counter() - start
            step.update("certifying")
            # compiles, which must not count as certifying
            classifier.predict_certified(split.X_test[:1])
            start = perf_counter()
            y_pred, radii = classifier.predict_certified(split.X_test)
            certify_seconds = perf_counter() - start
    except Exception as error:
        raise FitError(f"{type(classifier).__name__}: {type(error).__name__}: {error}") from error
    if caught:
        first = str(caught[0].message).strip().splitlines()[0]
        several = f"{len(caught)} warnings, the first" if len(caught) > 1 else "A warning"
        step.note(f"{several}: {first}")
    largest = int(radii.max())
    if largest > radius_limit:
        radii = np.minimum(radii, radius_limit)
    return Result(
        name, classifier, split.y_test, y_pred, radii, fit_seconds, certify_seconds, largest
    )


def choose_poison_sizes(results):
    """Choose a dozen poison sizes, from 0 to where every curve is 0.

    Parameters
    ----------
    results : list of Result
        The curves.

    Returns
    -------
    list of int
        0, 1, 2, 5, 10, ... and from some size on multiples of it.
    """
    end = max(int(result.curve()[0][-1]) for result in results)
    ladder = [digit * 10**power for power in range(len(str(end)) + 1) for digit in (1, 2, 5)]
    stride = next(size for size in ladder if size * _MAX_STEPS >= end)
    multiples = range(stride, end + stride, stride)
    return [0, *(size for size in ladder if size < stride), *multiples]
