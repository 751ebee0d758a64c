"""Voters fitted and asked in parallel, by workers that get some of them each."""

from dataclasses import replace
from functools import partial
from itertools import chain

import numpy as np
from joblib import Parallel, delayed, effective_n_jobs

from .._compute.native_threads import one_native_thread
from .._compute.seeds import SeededClones, seeded_runs
from .._compute.settings import muted
from .._rows import take_rows
from ..exceptions import UnsoundVoterError
from ..learners import stacks
from ._answers import without_unknown
from ._failures import VoterFailure, describe_error
from ._one_by_one import ask_voter, fit_voter
from ._tasks import n_workers_for, room_for_rows, voters_at_once, voters_to_ask
from ._together import ask_together, fit_together

__all__ = ["ask_with_workers", "fit_with_workers"]

_SAID_OF_ABSTENTIONS = "Outlier label .* is not in training classes"  # for each voter


def fit_with_workers(
    estimator, X, y, rows_of_voters, numbers, seeds, *, n_jobs, verbose, on_voter_error
):
    """Fit one clone of the estimator per voter, in parallel.

    Many at once if the estimator can do so, else one by one.

    Parameters
    ----------
    estimator : estimator
        The base estimator, left as it is.
    X : DataFrame, CSR matrix or ndarray of shape (n_rows, ...)
        Training rows.
    y : ndarray of shape (n_rows,)
        Raw labels.
    rows_of_voters : iterable of ndarray of int
        The rows of each voter in canonical order.
    numbers, seeds : sequence of int
        The number of each voter, for messages, and its seed.
    n_jobs, verbose
        As in joblib.
    on_voter_error : {"raise", "abstain"}
        What to do if a voter cannot be fitted.

    Returns
    -------
    estimators : list of fitted estimators or None
        None for a voter without rows, or that failed.
    failures : list of VoterFailure
        The voters that failed.

    Raises
    ------
    VoterError
        If a voter cannot be fitted and `on_voter_error` is "raise".
    """
    voters = zip(numbers, seeds, rows_of_voters, strict=True)
    # What workers need is put together when one is about to need it: a worker gets no more than
    # its voters' rows, and at no time is there a copy of all voters' rows.
    n_together = estimator.fit_width() if stacks(estimator) else 1
    tasks = _tasks(X, y, voters, len(seeds), effective_n_jobs(n_jobs), n_together)
    clones = SeededClones(estimator)
    with one_native_thread():
        # max_nbytes: rows that are memory-mapped cannot be written to, and voters would notice;
        # prefer: voters that are fitted together take less time than their way to a process
        done = Parallel(
            n_workers_for(len(seeds), n_jobs),
            verbose=verbose,
            max_nbytes=None,
            batch_size=1,
            prefer="threads" if stacks(estimator) else None,
        )(delayed(_fit_task)(clones, task, on_voter_error) for task in tasks)
    results = list(chain.from_iterable(done))
    failures = [result for result in results if isinstance(result, VoterFailure)]
    return [None if isinstance(result, VoterFailure) else result for result in results], failures


def _tasks(X, y, voters, n_left, n_workers, n_together=1):
    """Yield, for each task, the number, the seed, the rows and the labels of some voters."""
    room = room_for_rows(X)
    task, n_rows, size = [], 0, max(voters_at_once(n_left, n_workers), n_together)
    for number, seed, rows in voters:
        is_full = len(task) == size or n_rows + len(rows) > room
        if len(task) >= n_together and is_full:
            yield task
            task, n_rows, size = [], 0, max(voters_at_once(n_left, n_workers), n_together)
        task.append((number, seed, take_rows(X, rows), _take_labels(y, rows)))
        n_rows += len(rows)
        n_left -= 1
    if task:
        yield task


def _take_labels(y, rows):
    labels = y[rows]
    # the width of a string type tells how long the longest label of all rows is
    return np.array(labels.tolist()) if labels.dtype.kind in "US" and len(rows) else labels


def _fit_task(clones, task, on_voter_error):
    with seeded_runs() as run, muted(_SAID_OF_ABSTENTIONS):
        together = fit_together(run, clones.estimator, task)
        return [
            together[number]
            if number in together
            else fit_voter(run, clones, number, *voter, on_voter_error)
            for number, *voter in task
        ]


def ask_with_workers(
    ask, estimator, estimators, X, classes, known, *, n_jobs, verbose, on_voter_error
):
    """Ask every voter about every row, in parallel.

    Parameters
    ----------
    ask : callable
        `votes_of` or `scores_of`.
    estimator : estimator
        The base estimator, whose fitted clones may answer together.
    estimators : list of fitted estimators or None
        None abstains.
    X : DataFrame, CSR matrix or ndarray of shape (n_samples, ...)
        Query rows.
    classes : ndarray of shape (n_classes,)
        All labels, sorted.
    known : ndarray of bool, of shape (n_voters, n_classes), or None
        The labels that each voter may vote for; None: all of them.
    n_jobs, verbose
        As in joblib. Voters answer in threads, so that nothing is copied, unless a backend was
        chosen with ``joblib.parallel_config``.
    on_voter_error : {"raise", "abstain"}
        What to do if a voter fails, or answers what is no label.

    Returns
    -------
    answers : ndarray of shape (n_samples, n_voters, ...)
        What `ask` returns for each voter; where a voter fails, as for None.
    failures : list of VoterFailure
        The voters that failed on some rows, or on all.

    Raises
    ------
    VoterError
        If a voter fails and `on_voter_error` is "raise".
    """
    n_together = estimator.stack_width() if stacks(estimator) else 1
    shares = voters_to_ask(len(estimators), n_jobs, n_together)
    with one_native_thread():
        rows = estimator.rows_for_stack(X) if stacks(estimator) else None  # once for all tasks
        done = Parallel(n_workers_for(len(shares), n_jobs), verbose=verbose, prefer="threads")(
            delayed(_ask_task)(
                ask,
                estimator,
                {int(i): estimators[i] for i in share},
                X,
                rows,
                classes,
                None if known is None else known[share],
                on_voter_error,
            )
            for share in shares
        )
    answers, failures = zip(*done, strict=True)
    answers, failures = np.concatenate(answers), list(chain(*failures))
    silence, _ = ask(None, X, classes)
    failures = [
        replace(failure, everywhere=np.array_equal(answers[failure.voter], silence))
        for failure in failures
    ]
    return np.ascontiguousarray(np.moveaxis(answers, 0, 1)), failures


def _ask_task(ask, estimator, voters, X, rows, classes, known, on_voter_error):
    answers, failures = [], []
    with seeded_runs(torch_may_draw=True) as run, muted(_SAID_OF_ABSTENTIONS):
        together = ask_together(run, ask, estimator, voters, rows, classes)
        for place, (number, voter) in enumerate(voters.items()):
            own = None if known is None or known[place].all() else known[place]
            if number in together:
                answers.append(without_unknown(together[number], own))
                continue
            problem = caught = None
            try:
                answer, problem = ask_voter(run, partial(ask, known=own), voter, X, classes)
            except UnsoundVoterError:
                raise
            except Exception as error:
                (answer, _), problem, caught = ask(None, X, classes), describe_error(error), error
            if problem is not None:
                failures.append(VoterFailure(number, type(voter).__name__, problem))
                if on_voter_error == "raise":
                    raise failures[-1].error() from caught
            answers.append(answer)
    return np.stack(answers), failures
