"""A bag: rounds of inverse self-paced learning over all rows, one weak learner per component."""

import numpy as np
from sklearn.utils import check_random_state

from .._compute.seeds import LARGEST_SEED
from ..learners._incremental import make_learner, probabilities, reproducible, train_learner
from ._self_paced_learning import inverse_self_paced_learning

__all__ = ["run_bag", "shares_of_round"]

_ITERATIONS_OF_FALL = 2  # from the initial share to the target
_SMALLEST_REST = 0.04  # of the rows: fewer are no component of their own


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


def run_bag(learner, X, y, n_classes, n_rounds, schedule, weak_epochs, seed, report):
    """Split the rows into components, and let a weak learner of each vote on every row.

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
    n_rounds : int
        Number of rounds.
    schedule : SelfPacedSchedule
        How each component is found.
    weak_epochs : int
        Number of epochs of each weak learner.
    seed : int
        Fixes everything that is drawn.
    report : callable or None
        Called with one line about each round.

    Returns
    -------
    votes : ndarray of int64, of shape (n_rows, n_components)
        Index of the class that each weak learner predicts.
    components : list of ndarray of int64
        The rows of each component, ascending.
    """
    random_state = check_random_state(seed)
    rest = np.arange(len(y))
    votes, components = [], []
    with reproducible(learner, seed):
        for number in range(n_rounds):
            component = rest
            if number < n_rounds - 1:
                selected = inverse_self_paced_learning(
                    make_learner(learner, random_state.randint(LARGEST_SEED)),
                    X[rest],
                    y[rest],
                    n_classes,
                    shares_of_round(n_rounds - number, schedule.initial_share),
                    schedule,
                    random_state,
                )[0]
                component = rest[selected]
            weak_learner = train_learner(
                learner,
                X,
                y,
                n_classes,
                component,
                weak_epochs,
                schedule.max_epoch_size,
                random_state,
            )
            votes.append(probabilities(weak_learner, X, n_classes).argmax(axis=1))
            components.append(component)
            if report is not None:
                report(f"round {number + 1} of {n_rounds}: {len(component)} of {len(rest)} rows")
            rest = np.setdiff1d(rest, component, assume_unique=True)
            if len(rest) <= _SMALLEST_REST * len(y):
                break
    return np.column_stack(votes), components
