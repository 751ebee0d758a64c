"""Self-training: learners of the rows that are kept judge rows that they have not seen."""

import numpy as np
from scipy.special import expit, logit
from sklearn.utils import check_random_state

from ..learners._incremental import probabilities, reproducible, train_learner

__all__ = ["judge_fold", "likely_enough"]

_SMALLEST_SHARE = 1e-4  # of which a logarithm is taken
_PER_MEDIAN_DEVIATION = 1.4826  # makes it comparable to a standard deviation


def judge_fold(learner, X, y, n_classes, teachers, judged, n_epochs, epoch_size, seed):
    """Train on some rows and return the probability of each label on others.

    Parameters
    ----------
    learner : learner, factory or None
        As `make_learner` takes it.
    X : {ndarray, CSR matrix} of shape (n_rows, ...)
        Rows.
    y : ndarray of int64, of shape (n_rows,)
        Index of each row's class.
    n_classes : int
        Number of classes.
    teachers, judged : ndarray of int64
        The rows to learn from and the rows to judge.
    n_epochs, epoch_size : int
        How often the learner visits how many rows at most.
    seed : int
        Fixes everything that is drawn.

    Returns
    -------
    ndarray of float64, of shape (n_judged,)
        The probability of each judged row's own label.
    """
    with reproducible(learner, seed):
        model = train_learner(
            learner, X, y, n_classes, teachers, n_epochs, epoch_size, check_random_state(seed)
        )
        shares = probabilities(model, X, n_classes, judged)
    return shares[np.arange(len(judged)), y[judged]].astype(np.float64)


def likely_enough(own, y, threshold, n_deviations):
    """Say which labels have a probability that is usual in their class, or nearly.

    Parameters
    ----------
    own : ndarray of float64, of shape (n_rows,)
        The probability of each row's own label.
    y : ndarray of int64, of shape (n_rows,)
        Index of each row's class; every class has rows.
    threshold : float
        Enough is this part of the median of the class.
    n_deviations : float
        Enough is also what lies below the median by this many median deviations, on the scale of
        log odds: where classes overlap, low probabilities are usual.

    Returns
    -------
    ndarray of bool, of shape (n_rows,)
        True for at least half of each class.
    """
    odds = logit(np.clip(own, _SMALLEST_SHARE, 1 - _SMALLEST_SHARE))
    enough = np.empty(len(y), dtype=bool)
    for label in range(y.max() + 1):
        rows = y == label
        median = np.median(odds[rows])
        spread = _PER_MEDIAN_DEVIATION * np.median(np.abs(odds[rows] - median))
        part_of_median = logit(np.clip(threshold * expit(median), _SMALLEST_SHARE, 1))
        enough[rows] = odds[rows] >= min(part_of_median, median - n_deviations * spread)
    return enough
