"""Inverse self-paced learning: from a training set to a part of it that fits itself."""

from typing import NamedTuple

import numpy as np

from .._training import draw_rows

__all__ = ["SelfPacedSchedule", "inverse_self_paced_learning"]


class SelfPacedSchedule(NamedTuple):
    """How inverse self-paced learning goes about it; see `InverseSelfPacedFilter`."""

    expansion_factor: float
    momentum: float
    min_class_share: float
    warm_up_epochs: int
    epochs_per_iteration: int
    max_epoch_size: int


def inverse_self_paced_learning(task, model, shares, schedule, random_state):
    """Find the rows that a learner fits best after seeing few of them.

    Parameters
    ----------
    task : LearningTask
        Rows and labels.
    model : learner
        Untrained; it is trained on.
    shares : sequence of float
        The share of the rows that is selected after each iteration, falling.
    schedule : SelfPacedSchedule
        The other settings.
    random_state : RandomState
        Source of the samples.

    Returns
    -------
    selected : ndarray of int64
        Numbers of the selected rows, ascending.
    objectives : list of float
        The sum of the losses of the selected rows after each iteration.

    References
    ----------
    Algorithm 2 of "Defending Against Backdoor Attacks Using Ensembles of Weak Learners".
    """
    selected = np.arange(task.n_rows)
    average = np.zeros(task.n_rows)
    objectives = []
    for iteration, share in enumerate(shares):
        n_drawn = max(1, round(schedule.expansion_factor * len(selected)))
        drawn = draw_rows(selected, n_drawn, random_state)
        n_epochs = schedule.epochs_per_iteration if iteration else schedule.warm_up_epochs
        for _ in range(n_epochs):
            task.train_epoch(model, draw_rows(drawn, schedule.max_epoch_size, random_state))
        losses = task.log_losses(model)
        average = schedule.momentum * average + (1 - schedule.momentum) * losses
        selected = _trim(average, task.y, share, schedule.min_class_share * share)
        objectives.append(float(losses[selected].sum()))
    return selected, objectives


def _trim(losses, y, share, class_share):
    """Return the rows of lowest loss, and those of lowest loss in each class."""
    order = np.argsort(losses, kind="stable")
    chosen = np.zeros(len(y), dtype=bool)
    chosen[order[: max(1, round(share * len(y)))]] = True
    if class_share > 0:
        for label in np.unique(y):
            of_class = order[y[order] == label]
            chosen[of_class[: max(1, round(class_share * len(of_class)))]] = True
    return np.flatnonzero(chosen)
