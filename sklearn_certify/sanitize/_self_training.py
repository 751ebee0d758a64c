"""Self-training: learners of the rows that are kept judge rows that they have not seen."""

from typing import NamedTuple

import numpy as np
from joblib import Parallel, delayed
from scipy.special import expit, logit
from sklearn.utils import check_random_state

from .._compute.seeds import LARGEST_SEED

__all__ = ["SelfTraining", "likely_enough"]

_SMALLEST_SHARE = 1e-4  # of which a logarithm is taken
_PER_MEDIAN_DEVIATION = 1.4826  # makes it comparable to a standard deviation


class SelfTraining(NamedTuple):
    """How the rows that are kept teach; see `InverseSelfPacedFilter`."""

    n_folds: int
    n_epochs: int
    epoch_size: int

    def judge(self, task, keep, random_state, n_jobs=None):
        """Return the probability of each row's label under learners that have not seen the row.

        Parameters
        ----------
        task : LearningTask
            Rows, labels and learner.
        keep : ndarray of bool, of shape (n_rows,)
            The rows to learn from.
        random_state : RandomState
            Source of the folds and of the learners' seeds.
        n_jobs : int, default=None
            Number of folds that are judged at the same time.

        Returns
        -------
        ndarray of float64, of shape (n_rows,)
        """
        folds = random_state.randint(self.n_folds, size=task.n_rows)
        seeds = random_state.randint(LARGEST_SEED, size=self.n_folds).tolist()
        judged = [np.flatnonzero(folds == fold) for fold in range(self.n_folds)]
        kept = np.flatnonzero(keep)
        teachers = [kept[folds[kept] != fold] for fold in range(self.n_folds)]
        teachers = [rows if len(rows) else kept for rows in teachers]  # of a tiny table
        answers = Parallel(n_jobs=n_jobs)(
            delayed(self._judge_fold)(task, *fold)
            for fold in zip(teachers, judged, seeds, strict=True)
        )
        own = np.empty(task.n_rows)
        own[np.concatenate(judged)] = np.concatenate(answers)
        return own

    def _judge_fold(self, task, teachers, judged, seed):
        """Train on the teachers and return the probabilities of the labels of the judged."""
        with task.reproducible(seed):
            model = task.train(teachers, self.n_epochs, self.epoch_size, check_random_state(seed))
            shares = task.probabilities(model, judged)
        return shares[np.arange(len(judged)), task.y[judged]].astype(np.float64)


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
