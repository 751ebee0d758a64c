"""Voters fitted in parallel, by workers that get some of them each."""

from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import NamedTuple

import numpy as np
from joblib import delayed, effective_n_jobs

from .._compute.native_threads import one_native_thread
from .._compute.progress import progress_of, run_tasks
from .._compute.seeds import SeededClones, seeded_runs
from .._compute.settings import SAID_OF_LARGE_TASKS, muted
from .._rows import take_rows
from ..learners import stacks
from ._abstentions import SAID_OF_ABSTENTIONS
from ._failures import VoterFailure, describe_error
from ._one_by_one import fit_voter
from ._sealed import call_sealed, sealed
from ._tasks import n_sharing, n_workers_for, room_for_rows, voters_at_once
from ._together import fit_together

__all__ = [
    "FittedVoters",
    "Voter",
    "count_fitted",
    "fit_in_tasks",
    "fit_task",
    "fit_with_workers",
    "is_failure",
    "take_labels",
    "tasks_of",
]


def fit_with_workers(
    learn,
    estimator,
    X,
    y,
    rows_of_voters,
    numbers,
    seeds,
    *,
    memory,
    n_jobs,
    verbose,
    on_voter_error,
):
    """Fit one clone of the estimator per voter, in parallel.

    Many at once if the estimator can do so, else one by one.

    Parameters
    ----------
    learn : callable
        `learn_labels` or `learn_numbers`, by what y holds.
    estimator : estimator
        The base estimator, left as it is.
    X : DataFrame, CSR matrix or ndarray of shape (n_rows, ...)
        Training rows.
    y : ndarray of shape (n_rows,)
        Raw labels, or numbers.
    rows_of_voters : iterable of ndarray of int
        The rows of each voter in canonical order.
    numbers, seeds : sequence of int
        The number of each voter, for messages, and its seed.
    memory : VoterMemory or None
        Voters that are kept there are not fitted; the others are kept from now on.
    n_jobs
        As in joblib.
    verbose : int or Progress
        What is told meanwhile.
    on_voter_error : {"raise", "abstain"}
        What to do if a voter cannot be fitted.

    Returns
    -------
    FittedVoters

    Raises
    ------
    VoterError
        If a voter cannot be fitted and `on_voter_error` is "raise".
    """
    progress = progress_of(verbose)
    voters = zip(numbers, seeds, rows_of_voters, strict=True)
    voters = _TakenVoters(X, y, voters, memory, progress)
    # What workers need is put together when one is about to need it: a worker gets no more than
    # its voters' rows, and at no time is there a copy of all voters' rows. A task holds the rows
    # itself: what Dask scatters beforehand is lost with a worker, and so would be the fit.
    done = fit_in_tasks(
        partial(fit_task, learn, memory=memory, on_voter_error=on_voter_error),
        estimator,
        voters,
        len(seeds),
        room_for_rows(X),
        n_jobs=n_jobs,
        progress=progress,
        count=lambda done: count_fitted(done[0]),
    )
    results = voters.kept | dict(chain.from_iterable(results.items() for results, _, _ in done))
    problems = chain.from_iterable(problems for _, problems, _ in done)
    return FittedVoters.of(numbers, results, voters.keys, len(voters.kept), problems)


def fit_in_tasks(fit, estimator, voters, n_voters, room, *, n_jobs, progress, count):
    """Share out voters among tasks, and fit those of each in parallel, each on one core.

    Parameters
    ----------
    fit : callable
        ``fit(clones, task)`` fits a list of voters, with `SeededClones` of the base estimator.
    estimator : estimator
        The base estimator.
    voters : iterable of Voter
        Or of anything else with `n_rows`.
    n_voters : int
        How many there are, at most.
    room : int
        How many rows the voters of a task may have together.
    n_jobs
        As in joblib.
    progress : Progress
        What is told meanwhile.
    count : callable
        Counts what `fit` returns, for the progress.

    Returns
    -------
    list
        What `fit` returns of each task, in any order.
    """
    n_together = estimator.fit_width() if stacks(estimator) else 1
    n_workers = n_sharing(effective_n_jobs(n_jobs), watched=progress.watches)
    tasks = tasks_of(voters, n_voters, room, n_workers, n_together)
    clones = SeededClones(estimator)
    with (
        progress.on("Voters", n_voters, "fitted"),
        one_native_thread(),
        muted(SAID_OF_LARGE_TASKS),
    ):
        # prefer: voters that are fitted together take less time than their way to a process
        return run_tasks(
            (delayed(call_sealed)(sealed(delayed(fit)(clones, task))) for task in tasks),
            progress,
            count,
            in_order=False,
            n_jobs=n_workers_for(n_voters, n_jobs),
            batch_size=1,
            prefer="threads" if stacks(estimator) else None,
        )


def count_fitted(results, n_kept=0):
    """Return what is to be counted of voters, from a dict by their numbers."""
    n_failed = sum(map(is_failure, results.values()))
    return {
        "n_done": len(results),
        "n_kept": n_kept,
        "n_failed": n_failed,
        "numbers": results.keys(),
    }


@dataclass(frozen=True)
class FittedVoters:
    """What became of some voters.

    Attributes
    ----------
    estimators : list of fitted estimators or None
        None for a voter without rows, or that failed.
    failures : list of VoterFailure
        The voters that failed.
    keys : list of str or None
        The name of each in the memory; None without one.
    n_kept : int
        How many were not fitted, since they were in the memory.
    problems : list of str
        Why some are not kept in the memory.
    """

    estimators: list
    failures: list
    keys: list
    n_kept: int
    problems: list

    @classmethod
    def of(cls, numbers, results, keys, n_kept, problems):
        """Put together what became of voters, from dicts by their numbers."""
        results = [results[number] for number in numbers]
        return cls(
            estimators=[None if is_failure(result) else result for result in results],
            failures=[result for result in results if is_failure(result)],
            keys=[keys.get(number) for number in numbers],
            n_kept=n_kept,
            problems=list(problems),
        )


def is_failure(result):
    return isinstance(result, VoterFailure)


class _TakenVoters:
    """Voters with the rows that they are to be fitted on, without those that are kept."""

    def __init__(self, X, y, voters, memory, progress):
        self._X, self._y, self._voters, self._memory = X, y, voters, memory
        self._progress = progress
        self.keys = {}
        self.kept = {}

    def __iter__(self):
        for number, seed, rows in self._voters:
            voter = Voter(number, seed, take_rows(self._X, rows), take_labels(self._y, rows))
            if self._memory is not None and len(rows):
                voter = voter._replace(key=self._memory.key(seed, voter.X, voter.y))
                self.keys[number] = voter.key
                kept = None if voter.key is None else self._memory.load(voter.key)
                if kept is not None:
                    self.kept[number] = kept
                    self._progress.count(1, n_kept=1, numbers=[number])
                    continue
            yield voter


class Voter(NamedTuple):
    """A voter with the rows that it is to be fitted on."""

    number: int
    seed: int
    X: object
    y: np.ndarray
    key: str | None = None  # in the memory

    @property
    def n_rows(self):
        return len(self.y)


def tasks_of(voters, n_left, room, n_workers, n_together=1):
    """Yield lists of voters, some for each task.

    Parameters
    ----------
    voters : iterable of Voter
        Or of anything else with `n_rows`.
    n_left : int
        How many there are, at most.
    room : int
        How many rows the voters of a task may have together.
    n_workers, n_together : int
        Number of workers, and the fewest voters of a task.
    """
    task, n_rows, size = [], 0, max(voters_at_once(n_left, n_workers), n_together)
    for voter in voters:
        is_full = len(task) == size or n_rows + voter.n_rows > room
        if len(task) >= n_together and is_full:
            yield task
            task, n_rows, size = [], 0, max(voters_at_once(n_left, n_workers), n_together)
        task.append(voter)
        n_rows += voter.n_rows
        n_left -= 1
    if task:
        yield task


def take_labels(y, rows):
    """Return the labels of some rows, without a trace of the labels of others."""
    labels = y[rows]
    # the width of a string type tells how long the longest label of all rows is
    return np.array(labels.tolist()) if labels.dtype.kind in "US" and len(rows) else labels


def fit_task(learn, clones, task, memory, on_voter_error):
    """Return the voters of a task by their numbers, why some are not kept, and which."""
    results, problems, unsaved = {}, [], set()
    with seeded_runs() as run, muted(SAID_OF_ABSTENTIONS):
        results.update(fit_together(run, clones.estimator, [voter[:4] for voter in task]))
        for number, *rest, key in task:
            if number not in results:
                results[number] = fit_voter(run, clones, learn, number, *rest, on_voter_error)
            if key is not None and not is_failure(results[number]):
                try:
                    memory.save(key, results[number])
                except Exception as error:  # the voter is there all the same
                    problems.append(describe_error(error))
                    unsaved.add(number)
    return results, problems, unsaved
