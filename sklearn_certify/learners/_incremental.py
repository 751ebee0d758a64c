"""Incremental learners: classifiers with `partial_fit`, factories of them, torch modules."""

import sys
from contextlib import contextmanager
from copy import deepcopy

import numpy as np
from scipy.sparse import issparse

from .._compute.global_generators import seeded_global_generators
from .._compute.seeds import LARGEST_SEED, alone_with_seed, seeded_clone
from ..exceptions import InvalidInputError, LearnerError, MissingExtraError, UnsoundVoterError
from ._scaled_network import ScaledNetwork

__all__ = [
    "draw_rows",
    "log_losses",
    "make_learner",
    "probabilities",
    "probe_learner",
    "reproducible",
    "rows_for",
    "train_epoch",
    "train_learner",
]

_SMALLEST_PROBABILITY = 1e-7  # bounds the loss of a row, as the theory asks
_BATCH = 2**12  # rows that are judged at a time


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
    if _is_module(learner):
        return _wrapped(_fresh_module(learner))
    if isinstance(learner, type):
        raise InvalidInputError(
            f"learner must be an instance of {learner.__name__}, not the class itself."
        )
    if not hasattr(learner, "fit") and callable(learner):
        made = deepcopy(_call(learner, seed))  # it may return the same object each time
        made = _wrapped(made) if _is_module(made) else made
    else:
        made = seeded_clone(learner, seed)
        if _is_module(getattr(made, "module", None)) and not isinstance(made.module, type):
            settings = made.get_params(deep=False)
            made = type(made)(**{**settings, "module": _fresh_module(made.module)})
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


def _is_module(learner):
    if "torch" not in sys.modules:
        return False
    module = sys.modules["torch"].nn.Module
    return isinstance(learner, module) or (
        isinstance(learner, type) and issubclass(learner, module)
    )


def _call(factory, seed):
    try:
        return factory(seed)
    except TypeError as error:
        raise InvalidInputError(
            f"A learner that is a function is called with a seed, learner(seed), but: {error}."
        ) from error


def _fresh_module(module):
    """Return a torch module with new weights: what it learned before, it may have from poison."""
    if isinstance(module, type):
        return module()
    fresh = deepcopy(module)
    for part in fresh.modules():
        if hasattr(part, "reset_parameters"):
            part.reset_parameters()
    for (name, old), new in zip(module.named_parameters(), fresh.parameters(), strict=True):
        if old.equal(new) and not (old == old.flatten()[0]).all():
            raise InvalidInputError(
                f"The weights {name} of the torch module cannot be drawn anew, since no "
                "reset_parameters changes them; pass the module's class or a function "
                "learner(seed) that makes one."
            )
    return fresh


def _wrapped(module):
    """Return a torch module as a classifier that one call of `partial_fit` trains for one epoch."""
    try:
        from skorch import NeuralNetClassifier
    except ImportError as error:
        raise MissingExtraError(
            'Torch modules need skorch: pip install "sklearn-certify[torch]"'
        ) from error
    import torch

    return NeuralNetClassifier(
        module,
        criterion=torch.nn.CrossEntropyLoss,
        optimizer=torch.optim.SGD,
        optimizer__momentum=0.9,
        optimizer__weight_decay=5e-4,
        lr=0.02,
        batch_size=16,
        iterator_train__shuffle=True,
        iterator_valid__batch_size=1024,
        max_epochs=1,
        train_split=None,
        verbose=0,
        device="cuda" if torch.cuda.is_available() else "cpu",
    )


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


@contextmanager
def reproducible(learner, seed):
    """Make what a learner does inside the block a function of the seed, on one core.

    Parameters
    ----------
    learner : learner, factory or None
        As `make_learner` takes it.
    seed : int
        At most `LARGEST_SEED`.

    Raises
    ------
    LearnerError
        If a global generator was used in a thread, where it cannot be seeded.
    """
    probe_learner(learner)  # may import torch, whose generator is then seeded
    try:
        with alone_with_seed(seed):
            yield
    except UnsoundVoterError as error:
        raise LearnerError(
            "The learner draws from a global random generator in threads, so that the result "
            "would depend on chance; use joblib's process-based backend or n_jobs=None."
        ) from error


def draw_rows(rows, n_drawn, random_state):
    """Draw some of the rows without replacement; all of them, as they are, if there are no more."""
    if n_drawn >= len(rows):
        return rows
    return np.sort(random_state.choice(rows, n_drawn, replace=False))


def train_learner(learner, X, y, n_classes, rows, n_epochs, epoch_size, random_state):
    """Make a learner and train it on some rows.

    Parameters
    ----------
    learner : learner, factory or None
        As `make_learner` takes it.
    X : {ndarray, CSR matrix} of shape (n_rows, ...)
        Rows.
    y : ndarray of int64, of shape (n_rows,)
        Index of each row's class.
    n_classes : int
        Number of classes.
    rows : ndarray of int64
        The rows to learn from.
    n_epochs : int
        Number of epochs.
    epoch_size : int
        The most rows that an epoch visits, so that the number of steps is bounded.
    random_state : RandomState
        Source of the learner's seed and of the rows of each epoch.

    Returns
    -------
    trained learner
    """
    model = make_learner(learner, random_state.randint(LARGEST_SEED))
    for _ in range(n_epochs):
        visited = draw_rows(rows, epoch_size, random_state)
        train_epoch(model, X[visited], y[visited], n_classes)
    return model


def train_epoch(model, X, y, n_classes):
    """Train a learner for one epoch on these rows.

    Parameters
    ----------
    model : learner
        As `make_learner` returns it.
    X : {ndarray, CSR matrix} of shape (n_rows, ...)
        Rows.
    y : ndarray of int64, of shape (n_rows,)
        Index of each row's class.
    n_classes : int
        Number of classes.

    Raises
    ------
    LearnerError
        If the learner fails.
    """
    try:
        model.partial_fit(X, y, classes=np.arange(n_classes))
    except Exception as error:
        raise LearnerError(
            f"The learner {type(model).__name__} failed on {len(y)} rows of shape "
            f"{tuple(X.shape[1:])} with {n_classes} classes ({type(error).__name__}: {error})."
        ) from error


def probabilities(model, X, n_classes, rows=None):
    """Return the probability of every class on every row, or on some rows.

    Parameters
    ----------
    model : learner
        A trained learner.
    X : {ndarray, CSR matrix} of shape (n_rows, ...)
        Rows.
    n_classes : int
        Number of classes.
    rows : ndarray of int64, default=None
        The rows to look at; all if None.

    Returns
    -------
    ndarray of float, of shape (n_rows, n_classes)

    Raises
    ------
    LearnerError
        If the learner fails or its answer is no table of numbers, one column per class.
    """
    rows = np.arange(X.shape[0]) if rows is None else rows
    batches = [rows[start : start + _BATCH] for start in range(0, len(rows), _BATCH)]
    try:  # what is taken by row numbers is a copy: a learner may write to it
        answers = [np.asarray(model.predict_proba(X[batch])) for batch in batches]
    except Exception as error:
        raise LearnerError(
            f"The learner {type(model).__name__} failed to predict "
            f"({type(error).__name__}: {error})."
        ) from error
    for batch, answer in zip(batches, answers, strict=True):
        if answer.shape != (len(batch), n_classes):
            raise LearnerError(
                f"The learner {type(model).__name__} gave probabilities of shape {answer.shape} "
                f"for {len(batch)} rows and {n_classes} classes; it must give one column per class."
            )
        if not np.isfinite(answer).all():
            raise LearnerError(
                f"The learner {type(model).__name__} gave probabilities that are no numbers; lower "
                "its learning rate or scale the features."
            )
    return np.concatenate(answers) if answers else np.empty((0, n_classes))


def log_losses(model, X, y, n_classes):
    """Return the loss of every row: minus the logarithm of its label's probability.

    Parameters
    ----------
    model : learner
        A trained learner.
    X : {ndarray, CSR matrix} of shape (n_rows, ...)
        Rows.
    y : ndarray of int64, of shape (n_rows,)
        Index of each row's class.
    n_classes : int
        Number of classes.

    Returns
    -------
    ndarray of float64, of shape (n_rows,)
        At most 16.2.
    """
    own = probabilities(model, X, n_classes)[np.arange(len(y)), y]
    return -np.log(np.maximum(own.astype(np.float64), _SMALLEST_PROBABILITY))


def rows_for(learner, X):
    """Return rows in the form that the learner takes.

    Parameters
    ----------
    learner : learner
        As `make_learner` returns it.
    X : {ndarray, CSR matrix} of shape (n_rows, ...)
        Rows.

    Returns
    -------
    ndarray or CSR matrix
        Single floats for networks of torch; one vector per row for others.
    """
    if hasattr(learner, "module"):
        return X.toarray().astype(np.float32) if issparse(X) else X.astype(np.float32)
    return X.reshape(len(X), -1) if not issparse(X) and X.ndim > 2 else X
