"""A bag: rounds of inverse self-paced learning over all rows, one weak learner per component."""

from typing import NamedTuple

import numpy as np
from sklearn.utils import check_random_state

from ._self_paced_learning import SelfPacedSchedule, inverse_self_paced_learning

__all__ = ["BagSettings", "run_bag", "shares_of_round"]

_ITERATIONS_OF_FALL = 2  # from the initial share to the target
_SMALLEST_REST = 0.04  # of the rows: fewer are no component of their own


class BagSettings(NamedTuple):
    """How a bag splits rows into components and lets these vote; see `InverseSelfPacedFilter`."""

    n_rounds: int
    initial_share: float
    weak_epochs: int
    schedule: SelfPacedSchedule


def shares_of_round(n_rounds_left, initial_share):
    """Return the share of the remaining rows that is selected after each iteration of a round.

    Parameters
    ----------
    n_rounds_left : int
        Number of rounds, this one included, that share out the remaining rows.
    initial_share : float
        The first share, as a multiple of the last.

    Returns
    -------
    list of float
        Two falling steps, then the last share, 1 / n_rounds_left: longer if that is small.

    References
    ----------
    Appendix B.1 of "Defending Against Backdoor Attacks Using Ensembles of Weak Learners".
    """
    target = 1 / n_rounds_left
    fall = np.linspace(min(1.0, initial_share * target), target, _ITERATIONS_OF_FALL + 1)
    n_iterations = 2 + min(3, n_rounds_left)
    return fall.tolist() + [target] * (n_iterations - len(fall))


def run_bag(task, settings, seed, report=None):
    """Split the rows into components, and let a weak learner of each vote on every row.

    Parameters
    ----------
    task : LearningTask
        Rows, labels and learner.
    settings : BagSettings
        How many rounds, and how each component is found.
    seed : int
        Fixes everything that is drawn.
    report : callable, default=None
        Called with one line about each round.

    Returns
    -------
    votes : ndarray of int64, of shape (n_rows, n_components)
        Index of the class that each weak learner predicts.
    components : list of ndarray of int64
        The rows of each component, ascending.
    """
    random_state = check_random_state(seed)
    rest = np.arange(task.n_rows)
    votes, components = [], []
    with task.reproducible(seed):
        for number in range(settings.n_rounds):
            n_rounds_left = settings.n_rounds - number
            component = rest
            if n_rounds_left > 1:
                selected, _ = inverse_self_paced_learning(
                    task.part(rest),
                    task.new_model(random_state),
                    shares_of_round(n_rounds_left, settings.initial_share),
                    settings.schedule,
                    random_state,
                )
                component = rest[selected]
            weak_learner = task.train(
                component, settings.weak_epochs, settings.schedule.max_epoch_size, random_state
            )
            votes.append(task.probabilities(weak_learner).argmax(axis=1))
            components.append(component)
            if report is not None:
                report(
                    f"round {number + 1} of {settings.n_rounds}: {len(component)} of "
                    f"{len(rest)} rows"
                )
            rest = np.setdiff1d(rest, component, assume_unique=True)
            if len(rest) <= _SMALLEST_REST * task.n_rows:
                break
    return np.column_stack(votes), components
