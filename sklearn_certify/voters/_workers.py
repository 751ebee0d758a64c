"""How many workers there are for voters to share."""

from joblib import effective_n_jobs

__all__ = ["n_workers_for"]


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
    return n_tasks if effective_n_jobs(n_jobs) > n_tasks else n_jobs
