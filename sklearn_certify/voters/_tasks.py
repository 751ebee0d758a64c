"""How the work of many voters is shared out among workers."""

import numpy as np
from joblib import effective_n_jobs
from joblib.parallel import get_active_backend
from scipy.sparse import issparse

__all__ = ["n_sharing", "n_workers_for", "room_for_rows", "voters_at_once", "voters_to_ask"]

_TASKS_PER_WORKER = 4  # several, so that a slow one does not leave the other workers idle
_SHARES_TO_WATCH = 8  # into which one worker's voters go where somebody watches
_ROOM = 2**20  # bytes of rows in a task, at least
_MOST_ROOM = 2**24  # and at most: there are two such tasks a worker on their way
_TASKS_FOR_ALL = 64  # a task never holds more than such a part of all rows, if they are many
_LEAST_ROW = 2**10  # bytes that a row is taken to have: texts are longer than their cells


def n_workers_for(n_tasks, n_jobs):
    """Return the `n_jobs` to give to joblib, which never starts more workers than tasks.

    Parameters
    ----------
    n_tasks : int
        Number of tasks.
    n_jobs : int or None
        As in joblib; a number set by ``joblib.parallel_config`` counts too.

    Returns
    -------
    int or None
    """
    return max(n_tasks, 1) if effective_n_jobs(n_jobs) > n_tasks else n_jobs


def n_sharing(n_workers, *, watched):
    """Return among how many workers to share out tasks.

    Parameters
    ----------
    n_workers : int
        Number of workers.
    watched : bool
        Whether somebody watches: then a single one has several tasks too, so that there is
        something to see before all is done.

    Returns
    -------
    int
    """
    return _SHARES_TO_WATCH if watched and n_workers == 1 else n_workers


def voters_to_ask(n_voters, n_jobs, n_together=1, *, watched=False):
    """Share out voters that are to answer the same queries.

    Where workers share memory there are several tasks for each. Elsewhere there is one, because
    the queries go with every task.

    Parameters
    ----------
    n_voters : int
        Number of voters, at least 1.
    n_jobs : int or None
        As in joblib.
    n_together : int, default=1
        How many voters, counted from the first, must be in the same task.
    watched : bool, default=False
        As for `n_sharing`.

    Returns
    -------
    list of ndarray of int
        Consecutive voters of each task.
    """
    n_tasks = effective_n_jobs(n_jobs)
    backend, _ = get_active_backend(prefer="threads")
    if n_tasks > 1 and getattr(backend, "supports_sharedmem", False):
        n_tasks *= _TASKS_PER_WORKER
    n_tasks = n_sharing(n_tasks, watched=watched)
    n_stacks = -(-n_voters // n_together)
    shares = np.array_split(np.arange(n_stacks), min(n_stacks, n_tasks))
    return [
        np.arange(share[0] * n_together, min((share[-1] + 1) * n_together, n_voters))
        for share in shares
    ]


def voters_at_once(n_left, n_workers):
    """Return how many voters to put into the next task: the fewer, the fewer are left.

    So the first tasks are large, which saves time between them, and the last ones small, so that
    all workers are done at about the same time.

    Parameters
    ----------
    n_left : int
        Number of voters that are in no task yet.
    n_workers : int
        Number of workers.

    Returns
    -------
    int
    """
    return n_left if n_workers == 1 else -(-n_left // (_TASKS_PER_WORKER * n_workers))


def room_for_rows(X):
    """Return how many rows the voters of a task may have together, unless it has one voter.

    A task holds a copy of its voters' rows, and there must never be one of all voters' rows.

    Parameters
    ----------
    X : DataFrame, CSR matrix or ndarray of shape (n_rows, ...)
        Training rows.

    Returns
    -------
    int
    """
    n_cells = X.nnz / max(X.shape[0], 1) if issparse(X) else np.prod(X.shape[1:], dtype=float)
    n_bytes = max(8 * n_cells, _LEAST_ROW)
    return int(max(_ROOM // n_bytes, min(_MOST_ROOM // n_bytes, X.shape[0] // _TASKS_FOR_ALL)))
