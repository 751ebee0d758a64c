"""Voters fitted and asked many at once, where the base estimator can do so."""

import numpy as np

from .._compute.global_generators import generators_now
from ..exceptions import UnsoundVoterError
from ..learners import stacks
from ._answers import scores_of, votes_of
from ._encoded import knows_labels
from ._one_by_one import PREDICT_SEED

__all__ = ["ask_together", "fit_together"]


def fit_together(run, estimator, task):
    """Fit the voters of a task in one call, as far as that goes.

    Parameters
    ----------
    run : callable
        As `seeded_runs` yields it.
    estimator : estimator
        The base estimator.
    task : list of tuple
        Number, seed, rows and labels of each voter.

    Returns
    -------
    dict of fitted estimators
        By the voter's number. A voter that is not there is to be fitted by itself, which gives the
        same estimator or an error: it has too few rows or labels, or the call failed.
    """
    if not stacks(estimator):
        return {}
    numbers, samples = [], []
    for number, seed, X, y in task:
        rows = estimator.rows_for_stack(X) if len(y) and (y != y[0]).any() else None
        if rows is not None:
            numbers.append(number)
            samples.append((rows, y, seed))
    if not samples:
        return {}
    try:
        fitted = run(samples[0][2], _fit_stack, estimator, samples)
    except UnsoundVoterError:
        raise
    except Exception:  # one by one, the error is that of a voter
        return {}
    pairs = zip(numbers, fitted or [None] * len(numbers), strict=True)
    return {number: voter for number, voter in pairs if voter is not None}


def _fit_stack(estimator, samples):
    before = generators_now()
    fitted = estimator.fit_stack(samples)
    if generators_now() != before:  # what a voter drew would depend on the others
        return None
    for voter, (_, y, _) in zip(fitted, samples, strict=True):
        if voter is not None and not knows_labels(voter, y):
            return None
    return fitted


def ask_together(run, ask, estimator, voters, rows, classes):
    """Ask the voters of a task in as few calls as possible, as far as that goes.

    Parameters
    ----------
    run : callable
        As `seeded_runs` yields it.
    ask : callable
        `votes_of` or `scores_of`; of nothing else can many be asked together.
    estimator : estimator
        The base estimator.
    voters : dict of fitted estimators or None
        By the voter's number: all those of some stacks.
    rows : ndarray of shape (n_samples, ...) or None
        Query rows, as the estimator's `rows_for_stack` returns them.
    classes : ndarray of shape (n_classes,)
        All labels, sorted.

    Returns
    -------
    dict of ndarray
        What `ask` returns first, by the voter's number. A voter that is not there is to be asked by
        itself: it is of another kind, or it failed.
    """
    if rows is None or ask not in (votes_of, scores_of):
        return {}
    width, answers = estimator.stack_width(), {}
    for first in range(min(voters) // width * width, max(voters) + 1, width):
        # a voter has its place by its number, so that no other voter can move it
        places = [voters.get(number) for number in range(first, first + width)]
        places = [voter if type(voter) is type(estimator) else None for voter in places]
        try:
            stacked = [(range(width), run(PREDICT_SEED, _ask_stack, ask, places, rows, classes))]
        except UnsoundVoterError:
            raise
        except Exception:
            stacked = list(_one_place_at_a_time(run, ask, places, rows, classes))
        for occupied, answer in stacked:
            answers.update(
                {
                    first + i: answer[i]
                    for i in occupied
                    if places[i] is not None and _is_usable(answer[i])
                }
            )
    return answers


def _is_usable(answer):
    """Say whether scores are numbers; a voter whose are not says so when asked by itself."""
    return answer.dtype.kind != "f" or bool((answer < np.inf).all())


def _one_place_at_a_time(run, ask, places, rows, classes):
    """Yield the answers of the voters that do answer, each in its place."""
    for place, voter in enumerate(places):
        alone = [None] * len(places)
        alone[place] = voter
        try:
            yield [place], run(PREDICT_SEED, _ask_stack, ask, alone, rows, classes)
        except UnsoundVoterError:
            raise
        except Exception:  # asked by itself, it says why
            continue


def _ask_stack(ask, places, rows, classes):
    asked = next((voter for voter in places if voter is not None), None)
    if asked is None:
        return np.stack([ask(None, rows, classes)[0]] * len(places))
    if ask is votes_of:
        return asked.vote_stack(places, rows, classes)
    return asked.score_stack(places, rows, classes)
