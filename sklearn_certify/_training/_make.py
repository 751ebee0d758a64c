"""A fresh learner from what a user gave: a classifier, a module of torch, a factory."""

from copy import deepcopy

import numpy as np
from scipy.sparse import issparse
from sklearn.base import BaseEstimator
from sklearn.utils import get_tags

from .._compute.global_generators import seeded_global_generators
from .._compute.seeds import seeded_clone
from ..exceptions import InvalidInputError
from ._scaled_network import ScaledNetwork
from ._torch import fresh_module, is_module, wrapped_module

__all__ = ["make_learner", "probe_learner", "rows_for", "takes_sparse_rows"]


def make_learner(learner, seed):
    """Return a fresh, untrained learner whose randomness is fixed by the seed.

    Parameters
    ----------
    learner : estimator, torch module, callable or None
        A classifier with `partial_fit` and `predict_proba`, which is cloned; a torch module or
        its class, which is wrapped and starts from new weights; a callable
        ``learner(seed)`` that returns either; None for the default.
    seed : int
        Given to every `random_state` and to a factory. Global generators must have been seeded
        by the caller.

    Returns
    -------
    classifier with `partial_fit(X, y, classes=...)` and `predict_proba`

    Raises
    ------
    InvalidInputError
        If the learner cannot learn step by step or gives no probabilities.
    MissingExtraError
        If a torch module is given and skorch is missing.
    """
    if learner is None:
        return ScaledNetwork(random_state=seed)
    if is_module(learner):
        return wrapped_module(fresh_module(learner))
    if isinstance(learner, type):
        raise InvalidInputError(
            f"learner must be an instance of {learner.__name__}, not the class itself."
        )
    if not hasattr(learner, "fit") and callable(learner):
        made = deepcopy(_call(learner, seed))  # it may return the same object each time
        made = wrapped_module(made) if is_module(made) else made
    else:
        made = seeded_clone(learner, seed)
        if is_module(getattr(made, "module", None)) and not isinstance(made.module, type):
            settings = made.get_params(deep=False)
            made = type(made)(**{**settings, "module": fresh_module(made.module)})
    for method, purpose in (
        ("partial_fit", "is trained step by step"),
        ("predict_proba", "is judged by the probability of each row's label"),
    ):
        if not hasattr(made, method):
            raise InvalidInputError(
                f"{type(made).__name__} has no {method}, but a learner {purpose}; use a classifier "
                "that has it, such as MLPClassifier, or a torch module."
            )
    return made


def _call(factory, seed):
    try:
        return factory(seed)
    except TypeError as error:
        raise InvalidInputError(
            f"A learner that is a function is called with a seed, learner(seed), but: {error}."
        ) from error


def probe_learner(learner):
    """Make a learner only to look at it, without a trace in the global generators.

    Parameters
    ----------
    learner : learner, factory or None
        As `make_learner` takes it.

    Returns
    -------
    untrained learner
    """
    with seeded_global_generators(0, watch=False):
        return make_learner(learner, 0)


def rows_for(learner, X):
    """Return rows in the form that a learner takes.

    Parameters
    ----------
    learner : learner, factory or None
        As `make_learner` takes it.
    X : {ndarray, CSR matrix} of shape (n_rows, ...)
        Rows.

    Returns
    -------
    ndarray or CSR matrix
        Single floats for networks of torch; one vector per row for others.
    """
    if hasattr(probe_learner(learner), "module"):
        return X.toarray().astype(np.float32) if issparse(X) else X.astype(np.float32)
    return X.reshape(len(X), -1) if not issparse(X) and X.ndim > 2 else X


def takes_sparse_rows(learner):
    """Say whether a learner takes sparse rows, as far as it tells.

    Parameters
    ----------
    learner : learner, factory or None
        As `make_learner` takes it.

    Returns
    -------
    bool
        True of modules of torch, which get dense rows, and of factories, which do not tell.
    """
    if not isinstance(learner, BaseEstimator) or hasattr(learner, "module"):
        return True
    return get_tags(learner).input_tags.sparse
