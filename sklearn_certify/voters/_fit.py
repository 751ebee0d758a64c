"""Fit many voters, each on its own rows."""

import numpy as np
from joblib import Parallel, delayed
from sklearn.dummy import DummyClassifier

from .._compute.global_generators import torch_is_loaded
from .._compute.native_threads import numba_has_threads, one_native_thread
from .._compute.seeds import LARGEST_SEED, alone_with_seed, seeded_clone
from .._rows import all_rows, take_rows
from ..exceptions import UnsoundVoterError
from ._encoded import EncodedLabelsClassifier, knows_labels
from ._failures import VoterFailure, describe_error, refuse_if_all_failed, warn_of_failures
from ._voters import Voters
from ._workers import n_workers_for

__all__ = ["fit_voters", "voter_seeds"]


def voter_seeds(n_voters, random_state):
    """Draw one seed per voter.

    The seeds depend on the random state and on the voter's number alone, never on the data.

    Parameters
    ----------
    n_voters : int
        Number of voters.
    random_state : RandomState
        Source of the seeds.

    Returns
    -------
    list of int
    """
    return random_state.randint(LARGEST_SEED, size=n_voters).tolist()


def fit_voters(estimator, X, y, rows_of_voters, seeds, classes, *, n_jobs, verbose, on_voter_error):
    """Fit one clone of the estimator per voter, in parallel.

    A voter is a function of its rows, in the order given, and of its seed; it never sees the
    other rows. A voter without rows is None, and one whose rows have a single label votes it.

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
    seeds : list of int
        The seed of each voter.
    n_jobs, verbose
        As in joblib.
    on_voter_error : {"raise", "abstain"}
        What to do if a voter cannot be fitted.

    Returns
    -------
    list of fitted estimators or None

    Raises
    ------
    VoterError
        If a voter cannot be fitted and `on_voter_error` is "raise", or if none can.
    """
    # The rows are taken here, when a worker is about to need them: a worker gets no more than its
    # voter's rows, and at no time is there a copy of all voters' rows.
    with one_native_thread():
        # max_nbytes: rows that are memory-mapped cannot be written to, and voters would notice
        done = Parallel(n_workers_for(len(seeds), n_jobs), verbose=verbose, max_nbytes=None)(
            delayed(_fit_voter)(
                estimator, take_rows(X, rows), _take_labels(y, rows), voter, seed, on_voter_error
            )
            for voter, (rows, seed) in enumerate(zip(rows_of_voters, seeds, strict=True))
        )
    failures = [result for result in done if isinstance(result, VoterFailure)]
    refuse_if_all_failed(failures, n_asked=sum(result is not None for result in done))
    warn_of_failures(failures, len(done))
    estimators = [None if isinstance(result, VoterFailure) else result for result in done]
    return Voters(estimator, classes, seeds, estimators)


def _take_labels(y, rows):
    labels = y[rows]
    # the width of a string type tells how long the longest label of all rows is
    return np.array(labels.tolist()) if labels.dtype.kind in "US" and len(rows) else labels


def _fit_voter(estimator, X, y, voter, seed, on_voter_error):
    """Return a fitted voter, None for one without rows, or what went wrong."""
    if len(y) == 0:
        return None
    if (y == y[0]).all():
        return DummyClassifier(strategy="prior").fit(X, y)
    try:
        return _fit_on_labels(estimator, X, y, seed)
    except UnsoundVoterError:
        raise
    except Exception as error:
        failure = VoterFailure(
            voter, type(estimator).__name__, describe_error(error), n_rows=len(y)
        )
        if on_voter_error == "abstain":
            return failure
        raise failure.error() from error


def _fit_on_labels(estimator, X, y, seed):
    """Fit on the labels as they are or, if the estimator cannot, on their positions."""
    labels = np.unique(y)
    are_positions = y.dtype == np.intp and np.array_equal(labels, np.arange(len(labels)))
    try:
        fitted = _fit_with_seed(estimator, X, y, seed)
    except UnsoundVoterError:
        raise
    except Exception:
        encoded = None if are_positions else _fit_on_positions(estimator, X, y, seed)
        if encoded is None:
            raise
        return encoded
    if are_positions or knows_labels(fitted, labels):
        return fitted
    encoded = _fit_on_positions(estimator, X, y, seed)
    return fitted if encoded is None else encoded


def _fit_on_positions(estimator, X, y, seed):
    try:
        return _fit_with_seed(EncodedLabelsClassifier(estimator), X, y, seed)
    except UnsoundVoterError:
        raise
    except Exception:  # the error on the labels themselves tells more
        return None


def _fit_with_seed(estimator, X, y, seed):
    before = _engines()
    fitted = _fit_once(estimator, X, y, seed)
    # a fit that imported torch drew from a generator that had no seed, and one that ran the first
    # parallel loop ran it on all cores: once more
    return fitted if _engines() == before else _fit_once(estimator, X, y, seed)


def _fit_once(estimator, X, y, seed):
    X, y = all_rows(X), y.copy()  # estimators may write to them
    estimator = seeded_clone(estimator, seed)
    with alone_with_seed(seed):
        return estimator.fit(X, y)


def _engines():
    return torch_is_loaded(), numba_has_threads()
