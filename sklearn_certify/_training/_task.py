"""A task: rows and labels, and the learner that learns them an epoch at a time."""

from contextlib import contextmanager

import numpy as np

from .._compute.seeds import LARGEST_SEED, alone_with_seed
from ..exceptions import LearnerError, UnsoundVoterError
from ._make import make_learner, probe_learner

__all__ = ["LearningTask", "draw_rows"]

_SMALLEST_PROBABILITY = 1e-7  # bounds the loss of a row, as the theory asks
_BATCH = 2**12  # rows that are judged at a time


def draw_rows(rows, n_drawn, random_state):
    """Draw some of the rows without replacement; all of them, as they are, if there are no more.

    Parameters
    ----------
    rows : ndarray of int64
        Row numbers.
    n_drawn : int
        How many to draw.
    random_state : RandomState
        What draws them.

    Returns
    -------
    ndarray of int64
    """
    if n_drawn >= len(rows):
        return rows
    return np.sort(random_state.choice(rows, n_drawn, replace=False))


class LearningTask:
    """Rows and labels, and the learner that is to learn them.

    Parameters
    ----------
    learner : estimator, torch module, callable or None
        As `make_learner` takes it.
    X : {ndarray, CSR matrix} of shape (n_rows, ...)
        Rows as the learner takes them, see `rows_for`.
    y : ndarray of int64, of shape (n_rows,)
        Index of each row's class.
    n_classes : int
        Number of classes.
    """

    def __init__(self, learner, X, y, n_classes):
        self.learner = learner
        self.X = X
        self.y = y
        self.n_classes = n_classes

    @property
    def n_rows(self):
        """Number of rows."""
        return len(self.y)

    def part(self, rows):
        """Return the same task with some of its rows alone.

        Parameters
        ----------
        rows : ndarray of int64
            Row numbers.

        Returns
        -------
        LearningTask
        """
        return LearningTask(self.learner, self.X[rows], self.y[rows], self.n_classes)

    @contextmanager
    def reproducible(self, seed):
        """Make what the learner does inside the block a function of the seed, on one core.

        Parameters
        ----------
        seed : int
            At most `LARGEST_SEED`.

        Raises
        ------
        LearnerError
            If a global generator was used in a thread, where it cannot be seeded.
        """
        probe_learner(self.learner)  # may import torch, whose generator is then seeded
        try:
            with alone_with_seed(seed):
                yield
        except UnsoundVoterError as error:
            raise LearnerError(
                "The learner draws from a global random generator in threads, so that the result "
                "would depend on chance; use joblib's process-based backend or n_jobs=None."
            ) from error

    def new_model(self, random_state):
        """Make an untrained learner.

        Parameters
        ----------
        random_state : RandomState
            Source of its seed.

        Returns
        -------
        untrained learner
        """
        return make_learner(self.learner, random_state.randint(LARGEST_SEED))

    def train(self, rows, n_epochs, epoch_size, random_state):
        """Make a learner and train it on some rows.

        Parameters
        ----------
        rows : ndarray of int64
            The rows to learn from.
        n_epochs : int
            Number of epochs.
        epoch_size : int
            The most rows that an epoch visits, so that the number of steps is bounded.
        random_state : RandomState
            Source of the learner's seed and of the rows of each epoch.

        Returns
        -------
        trained learner
        """
        model = self.new_model(random_state)
        for _ in range(n_epochs):
            self.train_epoch(model, draw_rows(rows, epoch_size, random_state))
        return model

    def train_epoch(self, model, rows):
        """Train a learner for one epoch.

        Parameters
        ----------
        model : learner
            As `new_model` returns it.
        rows : ndarray of int64
            The rows to learn from.

        Raises
        ------
        LearnerError
            If the learner fails.
        """
        X, y = self.X[rows], self.y[rows]
        try:
            model.partial_fit(X, y, classes=np.arange(self.n_classes))
        except Exception as error:
            raise LearnerError(
                f"The learner {type(model).__name__} failed on {len(y)} rows of shape "
                f"{tuple(X.shape[1:])} with {self.n_classes} classes "
                f"({type(error).__name__}: {error})."
            ) from error

    def probabilities(self, model, rows=None):
        """Return the probability of every class on every row, or on some rows.

        Parameters
        ----------
        model : learner
            Trained.
        rows : ndarray of int64, default=None
            The rows to look at; all if None.

        Returns
        -------
        ndarray of float, of shape (n_rows, n_classes)

        Raises
        ------
        LearnerError
            If the learner fails or its answer is no table of numbers, one column per class.
        """
        rows = np.arange(self.n_rows) if rows is None else rows
        batches = [rows[start : start + _BATCH] for start in range(0, len(rows), _BATCH)]
        name = type(model).__name__
        try:  # what is taken by row numbers is a copy: a learner may write to it
            answers = [np.asarray(model.predict_proba(self.X[batch])) for batch in batches]
        except Exception as error:
            raise LearnerError(
                f"The learner {name} failed to predict ({type(error).__name__}: {error})."
            ) from error
        for batch, answer in zip(batches, answers, strict=True):
            if answer.shape != (len(batch), self.n_classes):
                raise LearnerError(
                    f"The learner {name} gave probabilities of shape {answer.shape} for "
                    f"{len(batch)} rows and {self.n_classes} classes; it must give one column per "
                    "class."
                )
            if not np.isfinite(answer).all():
                raise LearnerError(
                    f"The learner {name} gave probabilities that are no numbers; lower its "
                    "learning rate or scale the features."
                )
        return np.concatenate(answers) if answers else np.empty((0, self.n_classes))

    def log_losses(self, model):
        """Return the loss of every row: minus the logarithm of its label's probability.

        Parameters
        ----------
        model : learner
            Trained.

        Returns
        -------
        ndarray of float64, of shape (n_rows,)
            At most 16.2.
        """
        own = self.probabilities(model)[np.arange(self.n_rows), self.y]
        return -np.log(np.maximum(own.astype(np.float64), _SMALLEST_PROBABILITY))
