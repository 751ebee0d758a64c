"""Ask many voters, and let those that cannot answer abstain."""

from itertools import chain

import numpy as np
from joblib import Parallel, delayed, effective_n_jobs

from .._compute.draws import watched_draws
from .._compute.global_generators import seeded_global_generators, torch_is_loaded
from .._compute.native_threads import one_native_thread
from .._rows import all_rows, protected
from ..exceptions import UnsoundVoterError
from ._failures import VoterFailure, describe_error, refuse_if_all_failed
from ._workers import n_workers_for

__all__ = ["SCORES", "collect_scores", "collect_votes", "has_scores"]

SCORES = ("predict_proba", "decision_function")  # the first that there is counts

_PREDICT_SEED = 0  # of the global generators, which torch draws from without using the number
_BATCHES_PER_WORKER = 4  # several, so that a slow one does not leave the other workers idle


def collect_votes(voters, X, classes, *, n_jobs, verbose, on_voter_error):
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
    on_voter_error : {"raise", "abstain"}
        What to do if a voter fails, or answers what is no label.

    Returns
    -------
    votes : ndarray of the smallest integer type, of shape (n_samples, n_voters)
        Index into `classes`; -1 = abstains.
    failures : list of VoterFailure
        The voters that failed on some rows.

    Raises
    ------
    VoterError
        If a voter fails and `on_voter_error` is "raise", or if all fail on all rows.
    """
    empty = np.full(X.shape[0], -1, dtype=np.min_scalar_type(-len(classes)))
    return _collect(_votes_of_voter, voters, X, classes, empty, n_jobs, verbose, on_voter_error)


def collect_scores(voters, X, classes, *, n_jobs, verbose, on_voter_error):
    """Let every voter score every class on every row.

    Parameters
    ----------
    voters, X, classes, n_jobs, verbose, on_voter_error
        As for `collect_votes`.

    Returns
    -------
    scores : ndarray of float64, of shape (n_samples, n_voters, n_classes)
        Probabilities or decision values; -inf for a class that the voter never saw, and for all
        where it abstains.
    failures : list of VoterFailure
        The voters that failed on some rows.

    Raises
    ------
    VoterError
        If a voter fails and `on_voter_error` is "raise", or if all fail on all rows.
    """
    empty = np.full((X.shape[0], len(classes)), -np.inf)
    return _collect(_scores_of_voter, voters, X, classes, empty, n_jobs, verbose, on_voter_error)


def has_scores(estimator):
    """Say whether an estimator scores classes."""
    return any(hasattr(estimator, method) for method in SCORES)


def _collect(ask, voters, X, classes, empty, n_jobs, verbose, on_voter_error):
    n_batches = min(len(voters), _BATCHES_PER_WORKER * effective_n_jobs(n_jobs))
    batches = np.array_split(np.arange(len(voters)), n_batches)
    with one_native_thread():
        done = Parallel(n_workers_for(n_batches, n_jobs), verbose=verbose, prefer="threads")(
            delayed(_ask_batch)(
                ask, [voters[i] for i in batch], batch[0], X, classes, empty, on_voter_error
            )
            for batch in batches
        )
    answers, failures = zip(*done, strict=True)
    answers, failures = np.concatenate(answers), list(chain(*failures))
    silent = [failure for failure in failures if np.array_equal(answers[failure.voter], empty)]
    refuse_if_all_failed(silent, n_asked=sum(voter is not None for voter in voters))
    return np.ascontiguousarray(np.moveaxis(answers, 0, 1)), failures


def _ask_batch(ask, voters, first, X, classes, empty, on_voter_error):
    answers, failures = [], []
    with one_native_thread(), watched_draws():  # once, not anew for each voter
        for voter, estimator in enumerate(voters, start=int(first)):
            answer, problem, error = empty, None, None
            if estimator is not None:
                try:
                    answer, problem = _ask_with_seed(ask, estimator, X, classes, empty)
                except UnsoundVoterError:
                    raise
                except Exception as caught:
                    problem, error = describe_error(caught), caught
            if problem is not None:
                failures.append(VoterFailure(voter, type(estimator).__name__, problem))
                if on_voter_error == "raise":
                    raise failures[-1].error() from error
            answers.append(answer)
    return np.stack(answers), failures


def _ask_with_seed(ask, estimator, X, classes, empty):
    if not _uses_torch(estimator):  # torch warns of rows that cannot be written to
        try:
            with seeded_global_generators(_PREDICT_SEED, torch_may_draw=True):
                return ask(estimator, protected(X), classes, empty.copy())
        except ValueError as error:
            if "read-only" not in str(error):
                raise
    with seeded_global_generators(_PREDICT_SEED, torch_may_draw=True):
        return ask(estimator, all_rows(X), classes, empty.copy())


def _uses_torch(estimator):
    """Say whether torch or skorch is anywhere in an estimator."""
    if not torch_is_loaded():
        return False
    attributes = getattr(estimator, "__dict__", {})
    parts = [estimator, *estimator.get_params(deep=True).values(), *attributes.values()]
    kinds = (part if isinstance(part, type) else type(part) for part in parts)
    return any(
        base.__module__.split(".")[0] in ("torch", "skorch")
        for kind in kinds
        for base in kind.__mro__
    )


def _votes_of_voter(estimator, X, classes, votes):
    labels = np.asarray(estimator.predict(X))
    if labels.shape[:1] != votes.shape or labels.size != votes.size:
        raise ValueError(f"it predicted an array of shape {labels.shape} for {len(votes)} rows")
    labels = labels.reshape(votes.shape)
    votes[:] = _class_indices(labels, classes)
    unknown = labels[votes == -1].tolist()
    return votes, f"it predicted {unknown[0]!r}, which is no label of y" if unknown else None


def _class_indices(labels, classes):
    """Return the position of each label in `classes`, -1 where it has none."""
    try:
        indices = np.minimum(np.searchsorted(classes, labels), len(classes) - 1)
        return np.where(classes[indices] == labels, indices, -1)
    except TypeError:  # labels of several kinds have no order
        positions = {label: index for index, label in enumerate(classes.tolist())}
        return np.array([positions.get(label, -1) for label in labels.tolist()])


def _scores_of_voter(estimator, X, classes, scores):
    if not has_scores(estimator):
        raise AttributeError("it has neither predict_proba nor decision_function")
    method = next(method for method in SCORES if hasattr(estimator, method))
    values = np.asarray(getattr(estimator, method)(X), dtype=scores.dtype)
    if values.ndim == 1 and method == "decision_function":
        values = np.column_stack([-values, values])
    own = np.asarray(estimator.classes_)
    values = _outputs_of_labels(values, own)
    if values.shape != (len(scores), len(own)):
        raise ValueError(
            f"its scores have shape {values.shape}, but there are {len(scores)} rows and it knows "
            f"{len(own)} classes"
        )
    columns = _class_indices(own, classes)
    if (columns == -1).any():
        raise ValueError(f"it scores {own[columns == -1].tolist()[0]!r}, which is no label of y")
    silent = np.isnan(values).any(axis=1)
    scores[:, columns] = np.where(silent[:, np.newaxis], -np.inf, values)
    return scores, "its scores hold NaN" if silent.any() else None


def _outputs_of_labels(values, labels):
    """Leave out the outputs of a network whose labels, their positions, the voter never saw."""
    are_positions = labels.dtype.kind in "iu" and labels.min() >= 0
    if values.ndim == 2 and values.shape[1] > len(labels) and are_positions:
        return values[:, labels] if labels.max() < values.shape[1] else values
    return values
