"""Voters that are fitted and asked one by one, by workers that get some of them each."""

from itertools import chain

import numpy as np
from joblib import Parallel, delayed, effective_n_jobs
from sklearn.dummy import DummyClassifier

from .._compute.native_threads import one_native_thread
from .._compute.seeds import SeededClones, seeded_clone, seeded_runs
from .._compute.torch_generators import torch_generators
from .._rows import all_rows, protected, take_rows
from ..exceptions import UnsoundVoterError
from ._encoded import EncodedLabelsClassifier, knows_labels
from ._failures import VoterFailure, describe_error, refuse_if_all_failed
from ._tasks import n_workers_for, room_for_rows, voters_at_once, voters_to_ask

__all__ = ["ask_one_by_one", "fit_one_by_one"]

_PLAIN = (int, float, str, np.generic, np.ndarray, type(None))  # attributes with nothing inside
_PREDICT_SEED = 0  # of the global generators, which torch draws from without using the number


def fit_one_by_one(
    estimator, X, y, rows_of_voters, numbers, seeds, *, n_jobs, verbose, on_voter_error
):
    """Fit one clone of the estimator per voter, in parallel.

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
    tasks = _tasks(X, y, voters, len(seeds), effective_n_jobs(n_jobs))
    clones = SeededClones(estimator)
    with one_native_thread():
        # max_nbytes: rows that are memory-mapped cannot be written to, and voters would notice
        done = Parallel(
            n_workers_for(len(seeds), n_jobs), verbose=verbose, max_nbytes=None, batch_size=1
        )(delayed(_fit_task)(clones, task, on_voter_error) for task in tasks)
    results = list(chain.from_iterable(done))
    failures = [result for result in results if isinstance(result, VoterFailure)]
    return [None if isinstance(result, VoterFailure) else result for result in results], failures


def _tasks(X, y, voters, n_left, n_workers):
    """Yield, for each task, the number, the seed, the rows and the labels of some voters."""
    room = room_for_rows(X)
    task, n_rows, size = [], 0, voters_at_once(n_left, n_workers)
    for number, seed, rows in voters:
        if task and (len(task) == size or n_rows + len(rows) > room):
            yield task
            task, n_rows, size = [], 0, voters_at_once(n_left, n_workers)
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
    with seeded_runs() as run:
        return [_fit_voter(run, clones, *voter, on_voter_error) for voter in task]


def _fit_voter(run, clones, number, seed, X, y, on_voter_error):
    """Return a fitted voter, None for one without rows, or what went wrong."""
    if len(y) == 0:
        return None
    if (y == y[0]).all():
        return DummyClassifier(strategy="prior").fit(X, y)
    try:
        return _fit_on_labels(run, clones, seed, X, y)
    except UnsoundVoterError:
        raise
    except Exception as error:
        failure = VoterFailure(
            number, type(clones.estimator).__name__, describe_error(error), n_rows=len(y)
        )
        if on_voter_error == "abstain":
            return failure
        raise failure.error() from error


def _fit_on_labels(run, clones, seed, X, y):
    """Fit on the labels as they are or, if the estimator cannot, on their positions."""
    labels = np.unique(y)
    are_positions = y.dtype == np.intp and np.array_equal(labels, np.arange(len(labels)))
    try:
        fitted = run(seed, _fit_once, clones.make, seed, X, y)
    except UnsoundVoterError:
        raise
    except Exception:
        encoded = None if are_positions else _fit_on_positions(run, clones, seed, X, y)
        if encoded is None:
            raise
        return encoded
    if are_positions or knows_labels(fitted, labels):
        return fitted
    encoded = _fit_on_positions(run, clones, seed, X, y)
    return fitted if encoded is None else encoded


def _fit_on_positions(run, clones, seed, X, y):
    def make(seed):
        return seeded_clone(EncodedLabelsClassifier(clones.estimator), seed)

    try:
        return run(seed, _fit_once, make, seed, X, y)
    except UnsoundVoterError:
        raise
    except Exception:  # the error on the labels themselves tells more
        return None


def _fit_once(make, seed, X, y):
    return make(seed).fit(all_rows(X), y.copy())  # estimators may write to them


def ask_one_by_one(ask, estimators, X, classes, *, n_jobs, verbose, on_voter_error):
    """Ask every voter about every row, in parallel.

    Parameters
    ----------
    ask : callable
        `votes_of` or `scores_of`.
    estimators : list of fitted estimators or None
        None abstains.
    X : DataFrame, CSR matrix or ndarray of shape (n_samples, ...)
        Query rows.
    classes : ndarray of shape (n_classes,)
        All labels, sorted.
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
        The voters that failed on some rows.

    Raises
    ------
    VoterError
        If a voter fails and `on_voter_error` is "raise", or if all fail on all rows.
    """
    shares = voters_to_ask(len(estimators), n_jobs)
    with one_native_thread():
        done = Parallel(n_workers_for(len(shares), n_jobs), verbose=verbose, prefer="threads")(
            delayed(_ask_task)(
                ask, {int(i): estimators[i] for i in share}, X, classes, on_voter_error
            )
            for share in shares
        )
    answers, failures = zip(*done, strict=True)
    answers, failures = np.concatenate(answers), list(chain(*failures))
    silence, _ = ask(None, X, classes)
    silent = [failure for failure in failures if np.array_equal(answers[failure.voter], silence)]
    n_asked = sum(estimator is not None for estimator in estimators)
    refuse_if_all_failed(silent, n_left=n_asked - len(silent))
    return np.ascontiguousarray(np.moveaxis(answers, 0, 1)), failures


def _ask_task(ask, voters, X, classes, on_voter_error):
    answers, failures = [], []
    with seeded_runs(torch_may_draw=True) as run:
        for number, estimator in voters.items():
            problem = caught = None
            try:
                answer, problem = _ask_voter(run, ask, estimator, X, classes)
            except UnsoundVoterError:
                raise
            except Exception as error:
                (answer, _), problem, caught = ask(None, X, classes), describe_error(error), error
            if problem is not None:
                failures.append(VoterFailure(number, type(estimator).__name__, problem))
                if on_voter_error == "raise":
                    raise failures[-1].error() from caught
            answers.append(answer)
    return np.stack(answers), failures


def _ask_voter(run, ask, estimator, X, classes):
    if estimator is None:
        return ask(None, X, classes)
    if not _uses_torch(estimator):  # torch warns of rows that cannot be written to
        try:
            return run(_PREDICT_SEED, _ask_on, protected, ask, estimator, X, classes)
        except ValueError as error:
            if "read-only" not in str(error):
                raise
    return run(_PREDICT_SEED, _ask_on, all_rows, ask, estimator, X, classes)


def _ask_on(form, ask, estimator, X, classes):
    return ask(estimator, form(X), classes)


def _uses_torch(estimator):
    """Say whether torch or skorch is anywhere in an estimator."""
    if not torch_generators():
        return False
    parts = [estimator, *getattr(estimator, "__dict__", {}).values()]
    if len(parts) == 1 or not all(isinstance(part, _PLAIN) for part in parts[1:]):
        parts += estimator.get_params(deep=True).values()
    kinds = (part if isinstance(part, type) else type(part) for part in parts)
    return any(
        base.__module__.split(".")[0] in ("torch", "skorch")
        for kind in kinds
        for base in kind.__mro__
    )
