"""Self-training: learners of the rows that are kept judge rows that they have not seen."""

from typing import NamedTuple

import numpy as np
from sklearn.utils import check_random_state

from ._learners import probabilities, reproducible, train_learner

__all__ = ["FoldSettings", "judge_fold"]


class FoldSettings(NamedTuple):
    """How long the learners of self-training are trained; see `InverseSelfPacedFilter`."""

    n_epochs: int
    epoch_size: int


def judge_fold(learner, X, y, n_classes, teachers, judged, settings, seed):
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
    settings : FoldSettings
        How long to train.
    seed : int
        Fixes everything that is drawn.

    Returns
    -------
    ndarray of float64, of shape (n_judged,)
        The probability of each judged row's own label.
    """
    with reproducible(learner, seed):
        model = train_learner(
            learner, X, y, n_classes, teachers, *settings, check_random_state(seed)
        )
        shares = probabilities(model, X, n_classes, judged)
    return shares[np.arange(len(judged)), y[judged]].astype(np.float64)
