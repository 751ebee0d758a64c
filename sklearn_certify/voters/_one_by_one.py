"""One voter fitted, or asked, by itself."""

import numpy as np
from sklearn.dummy import DummyClassifier

from .._compute.seeds import seeded_clone
from .._compute.torch_generators import torch_generators
from .._rows import all_rows, protected
from ..exceptions import UnsoundVoterError
from ._abstentions import abstention_parameters
from ._encoded import EncodedLabelsClassifier, knows_labels
from ._failures import VoterFailure, describe_error

__all__ = ["PREDICT_SEED", "ask_voter", "fit_voter", "learn_labels", "learn_numbers"]

PREDICT_SEED = 0  # of the global generators, which torch draws from without using the number
_PLAIN = (int, float, str, np.generic, np.ndarray, type(None))  # attributes with nothing inside


def fit_voter(run, clones, learn, number, seed, X, y, on_voter_error):
    """Return a fitted voter, None for one without rows, or what went wrong.

    `learn` is `learn_labels` or `learn_numbers`.
    """
    if len(y) == 0:
        return None
    try:
        return learn(run, clones, seed, X, y)
    except UnsoundVoterError:
        raise
    except Exception as error:
        failure = VoterFailure(
            number, type(clones.estimator).__name__, describe_error(error), n_rows=len(y)
        )
        if on_voter_error == "abstain":
            return failure
        raise failure.error() from error


def learn_numbers(run, clones, seed, X, y):
    """Fit a voter on rows whose y are numbers."""
    return run(seed, _fit_once, clones.make, seed, X, y)


def learn_labels(run, clones, seed, X, y):
    """Fit a voter on rows whose y are labels; if there is but one, it votes for it."""
    has_one_label = (y == y[0]).all()
    if has_one_label and not abstention_parameters(clones.estimator):
        return _voter_for_one_label(X, y)
    try:
        return _fit_on_labels(run, clones, seed, X, y)
    except UnsoundVoterError:
        raise
    except Exception:
        if has_one_label:
            return _voter_for_one_label(X, y)
        raise


def _voter_for_one_label(X, y):
    return DummyClassifier(strategy="prior").fit(X, y)


def _fit_on_labels(run, clones, seed, X, y):
    """Fit on the labels as they are or, if the estimator cannot, on their positions."""
    labels = np.unique(y)
    are_positions = y.dtype == np.intp and np.array_equal(labels, np.arange(len(labels)))
    try:
        fitted = run(seed, _fit_once, clones.make, seed, X, y)
    except UnsoundVoterError:
        raise
    except Exception:
        same_again = are_positions and not abstention_parameters(clones.estimator)
        encoded = None if same_again else _fit_on_positions(run, clones, seed, X, y)
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


def ask_voter(run, ask, estimator, X, classes):
    if estimator is None:
        return ask(None, X, classes)
    if not _uses_torch(estimator):  # torch warns of rows that cannot be written to
        try:
            return run(PREDICT_SEED, _ask_on, protected, ask, estimator, X, classes)
        except ValueError as error:
            if "read-only" not in str(error):
                raise
    return run(PREDICT_SEED, _ask_on, all_rows, ask, estimator, X, classes)


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
