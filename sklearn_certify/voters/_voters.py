"""Fit many voters, each on its own rows, and collect what they say."""

import numpy as np
from joblib import Parallel, delayed, effective_n_jobs
from sklearn.dummy import DummyClassifier

from .._global_generators import seeded_global_generators, torch_is_loaded
from .._native_threads import one_native_thread
from .._rows import protected, take_rows
from .._seeds import LARGEST_SEED, alone_with_seed, seeded_clone
from ..exceptions import UnsoundVoterError, VoterError

__all__ = ["collect_scores", "collect_votes", "fit_voters", "voter_seeds"]

_PREDICT_SEED = 0  # of the global generators, which torch draws from without using the number


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


def fit_voters(estimator, X, y, rows_of_voters, seeds, *, n_jobs, verbose, on_voter_error):
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
    rows_of_voters : list of ndarray of int
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
        If a voter cannot be fitted and `on_voter_error` is "raise".
    """
    # The rows are taken here, when a worker is about to need them: a worker gets no more than its
    # voter's rows, and at no time is there a copy of all voters' rows.
    with one_native_thread():
        # max_nbytes: rows that are memory-mapped cannot be written to, and voters would notice
        return Parallel(n_jobs=n_jobs, verbose=verbose, max_nbytes=None)(
            delayed(_fit_voter)(
                estimator, take_rows(X, rows), _take_labels(y, rows), voter, seed, on_voter_error
            )
            for voter, (rows, seed) in enumerate(zip(rows_of_voters, seeds, strict=True))
        )


def _take_labels(y, rows):
    labels = y[rows]
    # the width of a string type tells how long the longest label of all rows is
    return np.array(labels.tolist()) if labels.dtype.kind in "US" and len(rows) else labels


def _fit_voter(estimator, X, y, voter, seed, on_voter_error):
    if len(y) == 0:
        return None
    if (y == y[0]).all():
        return DummyClassifier(strategy="prior").fit(X, y)
    try:
        if torch_is_loaded():
            return _fit_with_seed(estimator, X, y, seed)
        spare = X.copy()  # estimators may write to their rows
        fitted = _fit_with_seed(estimator, X, y, seed)
        # a fit that imported torch drew from a generator that had no seed: once more
        return _fit_with_seed(estimator, spare, y, seed) if torch_is_loaded() else fitted
    except UnsoundVoterError:
        raise
    except Exception as error:
        if on_voter_error == "abstain":
            return None
        raise VoterError(
            f"{type(estimator).__name__} failed to fit voter {voter} on its {len(y)} rows "
            f"({type(error).__name__}: {error}). Give voters more rows (fewer partitions, "
            "a larger max_samples), an estimator that can learn from so few, or "
            "on_voter_error='abstain'."
        ) from error


def _fit_with_seed(estimator, X, y, seed):
    estimator = seeded_clone(estimator, seed)
    with alone_with_seed(seed):
        return estimator.fit(X, y)


def collect_votes(voters, X, classes, *, n_jobs, verbose=0):
    """Let every voter predict every row.

    Parameters
    ----------
    voters : list of fitted estimators or None
        None abstains.
    X : DataFrame, CSR matrix or ndarray of shape (n_samples, ...)
        Query rows.
    classes : ndarray of shape (n_classes,)
        All labels, sorted.
    n_jobs, verbose
        As in joblib. Voters predict in threads, so that nothing is copied, unless a backend was
        chosen with ``joblib.parallel_config``.

    Returns
    -------
    ndarray of the smallest integer type, of shape (n_samples, n_voters)
        Index into `classes`; -1 = abstains.

    Raises
    ------
    VoterError
        If a voter cannot predict.
    """
    dtype = np.min_scalar_type(-len(classes))
    return _collect(_votes_of_voter, voters, X, classes, dtype, n_jobs, verbose)


def collect_scores(voters, X, classes, *, n_jobs, verbose=0):
    """Let every voter score every class on every row.

    Parameters
    ----------
    voters, X, classes, n_jobs, verbose
        As for `collect_votes`.

    Returns
    -------
    ndarray of float64, of shape (n_samples, n_voters, n_classes)
        Probabilities or decision values; -inf for a class that the voter never saw.

    Raises
    ------
    VoterError
        If a voter has no scores to give.
    """
    return _collect(_scores_of_voter, voters, X, classes, np.float64, n_jobs, verbose)


def _collect(ask, voters, X, classes, dtype, n_jobs, verbose):
    n_batches = min(len(voters), 4 * effective_n_jobs(n_jobs))
    batches = np.array_split(np.arange(len(voters)), n_batches)
    with one_native_thread():
        answers = Parallel(n_jobs=n_jobs, verbose=verbose, prefer="threads")(
            delayed(_ask_batch)(ask, [voters[i] for i in batch], batch[0], X, classes, dtype)
            for batch in batches
        )
    return np.ascontiguousarray(np.moveaxis(np.concatenate(answers), 0, 1))


def _ask_batch(ask, voters, first, X, classes, dtype):
    answers = []
    with one_native_thread():
        for voter, estimator in enumerate(voters, start=first):
            try:
                with seeded_global_generators(_PREDICT_SEED, watch=False):
                    answers.append(ask(estimator, protected(X), classes, dtype))
            except Exception as error:
                raise VoterError(
                    f"{type(estimator).__name__} of voter {voter} failed to predict "
                    f"({type(error).__name__}: {error})."
                ) from error
    return np.stack(answers)


def _votes_of_voter(estimator, X, classes, dtype):
    if estimator is None:
        return np.full(X.shape[0], -1, dtype=dtype)
    return _class_indices(np.asarray(estimator.predict(X)).ravel(), classes).astype(dtype)


def _class_indices(labels, classes):
    indices = np.minimum(np.searchsorted(classes, labels), len(classes) - 1)
    unknown = classes[indices] != labels
    if unknown.any():
        raise ValueError(f"it predicted {labels[unknown].tolist()[0]!r}, which is no label of y")
    return indices


def _scores_of_voter(estimator, X, classes, dtype):
    scores = np.full((X.shape[0], len(classes)), -np.inf, dtype=dtype)
    if estimator is None:
        return scores
    if hasattr(estimator, "predict_proba"):
        values = np.asarray(estimator.predict_proba(X))
    elif hasattr(estimator, "decision_function"):
        values = np.asarray(estimator.decision_function(X))
        if values.ndim == 1:
            values = np.column_stack([-values, values])
    else:
        raise AttributeError("it has neither predict_proba nor decision_function")
    if values.shape[1:] != (len(estimator.classes_),):
        raise ValueError(
            f"its scores have shape {values.shape}, but it knows {len(estimator.classes_)} classes"
        )
    scores[:, _class_indices(estimator.classes_, classes)] = values
    return scores
