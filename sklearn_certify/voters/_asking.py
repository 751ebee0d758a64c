"""Voters asked in parallel, by workers that get some of them each."""

from concurrent.futures import CancelledError
from dataclasses import replace
from functools import partial
from itertools import chain

import numpy as np
from joblib import delayed

from .._compute.native_threads import one_native_thread
from .._compute.progress import Progress, progress_of, run_tasks
from .._compute.seeds import seeded_runs
from .._compute.settings import SAID_OF_LARGE_TASKS, muted
from ..exceptions import UnsoundVoterError
from ..learners import stacks
from ._abstentions import SAID_OF_ABSTENTIONS
from ._answers import without_unknown
from ._failures import VoterFailure, describe_error
from ._kept import voters_of
from ._one_by_one import ask_voter
from ._tasks import n_workers_for, voters_to_ask
from ._together import ask_together

__all__ = ["ask_with_workers"]


def ask_with_workers(
    ask, estimator, estimators, X, classes, known, *, n_jobs, verbose, on_voter_error
):
    """Ask every voter about every row, in parallel.

    Parameters
    ----------
    ask : callable
        `votes_of`, `scores_of`, `values_of` or `flip_costs_of`.
    estimator : estimator
        The base estimator, whose fitted clones may answer together.
    estimators : list of fitted estimators or None
        None abstains.
    X : DataFrame, CSR matrix or ndarray of shape (n_samples, ...)
        Query rows.
    classes : ndarray of shape (n_classes,), or None
        All labels, sorted; None where voters answer numbers.
    known : ndarray of bool, of shape (n_voters, n_classes), or None
        The labels that each voter may vote for; None: all of them.
    n_jobs
        As in joblib. Voters answer in threads, so that nothing is copied, unless a backend was
        chosen with ``joblib.parallel_config``.
    verbose : int or Progress
        What is told meanwhile.
    on_voter_error : {"raise", "abstain"}
        What to do if a voter fails, or answers what is no label, or no number.

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
    progress = progress_of(verbose)
    shares = voters_to_ask(len(estimators), n_jobs, n_together, watched=progress.watches)
    with (
        one_native_thread(),
        muted(SAID_OF_LARGE_TASKS),
        progress.on("Votes", X.shape[0] * len(estimators), "cast"),
    ):
        rows = estimator.rows_for_stack(X) if stacks(estimator) else None  # once for all tasks
        tasks = [
            (
                ask,
                estimator,
                voters_of(estimators, share),
                X,
                rows,
                classes,
                None if known is None else known[share],
                on_voter_error,
            )
            for share in shares
        ]
        options = {"n_jobs": n_workers_for(len(shares), n_jobs), "prefer": "threads"}
        try:
            calls = (delayed(_ask_task)(*task) for task in tasks)
            done = run_tasks(calls, progress, _count_votes, **options)
        except CancelledError:
            # Dask sends large arguments beforehand, and they are lost with the worker that has
            # them; what a task holds in a tuple goes with it, to another worker if one dies
            calls = (delayed(_ask_held_task)(task) for task in tasks)
            done = run_tasks(calls, Progress(), _count_votes, **options)  # some were counted
    answers, failures = zip(*done, strict=True)
    answers = np.concatenate(answers, axis=1) if len(answers) > 1 else answers[0]
    silence, _ = ask(None, X, classes)
    failures = [
        replace(
            failure,
            everywhere=np.array_equal(answers[:, failure.voter], silence, equal_nan=True),
        )
        for failure in chain(*failures)
    ]
    return answers, failures


def _ask_held_task(task):
    return _ask_task(*task)


def _count_votes(done):
    answers, _ = done
    return {"n_done": answers.shape[0] * answers.shape[1]}


def _ask_task(ask, estimator, voters, X, rows, classes, known, on_voter_error):
    """Return answers of shape (n_samples, n_voters, ...), and the voters that failed."""
    silence, _ = ask(None, X, classes)
    # written where they stay: there are as many votes as queries times voters
    answers = np.empty((X.shape[0], len(voters), *silence.shape[1:]), dtype=silence.dtype)
    failures = []
    with seeded_runs(torch_may_draw=True) as run, muted(SAID_OF_ABSTENTIONS):
        together = ask_together(run, ask, estimator, voters, rows, classes)
        for place, number in enumerate(voters):
            own = None if known is None or known[place].all() else known[place]
            if number in together:
                answers[:, place] = without_unknown(together.pop(number), own)
                continue
            voter, problem, caught = voters[number], None, None
            try:
                answer, problem = ask_voter(run, partial(ask, known=own), voter, X, classes)
            except UnsoundVoterError:
                raise
            except Exception as error:
                answer, problem, caught = silence, describe_error(error), error
            if problem is not None:
                failures.append(VoterFailure(number, type(voter).__name__, problem))
                if on_voter_error == "raise":
                    raise failures[-1].error() from caught
            answers[:, place] = answer
    return answers, failures
