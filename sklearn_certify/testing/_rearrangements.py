"""No poison at all: the same rows in another order, layout, process, or once more."""

import pickle
from dataclasses import replace

import numpy as np
from scipy.sparse import issparse
from sklearn.base import clone

from ..neighbors import CertifiedKNN, CertifiedRNN

__all__ = ["rearrangements"]


def rearrangements(subject, training_set, rng):
    """Yield ways to fit without poison, after which every answer must be what it was.

    Parameters
    ----------
    subject : Subject
        What is attacked.
    training_set : TrainingSet
        Clean rows.
    rng : Generator
        Permutes rows.

    Yields
    ------
    name : str
        What is done.
    fit : callable
        Called as ``fit(subject, training_set)``; returns a fitted classifier.
    """
    yield "fitted once more", lambda subject, rows: subject.fit(rows)
    yield "fitted twice, with the rows in another order the first time", _fit_twice
    can_be_sent = _can_be_pickled(subject.estimator)  # a lambda inside cannot, which is no fault
    if can_be_sent:
        yield "copied by pickle before and after fit", _fit_pickled
    orders = {
        "rows in reverse order": np.arange(len(training_set))[::-1],
        "rows in another order": rng.permutation(len(training_set)),
    }
    for name, order in orders.items():
        yield name, lambda subject, rows, order=order: subject.fit(rows.take(order))
    # what a step in front makes of another layout is the step's affair, and no attacker's choice
    layouts = [] if subject.path else _other_layouts(training_set.X, subject.classifier)
    for name, X in layouts:
        yield (
            name,
            lambda subject, rows, X=X: subject.fit(replace(rows, X=X)),
        )
    if can_be_sent and subject.has_parameter("n_jobs"):
        yield "n_jobs=2", lambda subject, rows: subject.with_parameters(n_jobs=2).fit(rows)


def _can_be_pickled(estimator):
    try:
        pickle.dumps(estimator)
    except Exception:  # whatever the parts of an estimator raise
        return False
    return True


def _fit_twice(subject, training_set):
    estimator = clone(subject.estimator)
    subject.fit(training_set.take(np.arange(len(training_set))[::-1]), estimator)
    return subject.fit(training_set, estimator)


def _fit_pickled(subject, training_set):
    unfitted = pickle.loads(pickle.dumps(clone(subject.estimator)))
    return pickle.loads(pickle.dumps(subject.fit(training_set, unfitted)))


def _other_layouts(X, classifier):
    """Return the same rows, stored in other ways."""
    if issparse(X):
        X = X.tocsr()
        backwards = type(X)(X)
        for start, stop in zip(X.indptr[:-1], X.indptr[1:], strict=True):
            backwards.indices[start:stop] = X.indices[start:stop][::-1]
            backwards.data[start:stop] = X.data[start:stop][::-1]
        backwards.has_sorted_indices = False
        return [("columns of a sparse row in reverse order", backwards)]
    if not isinstance(X, np.ndarray):
        return []
    spaced = np.repeat(X, 2, axis=0)[::2]  # a view of every other row
    layouts = [("rows in a view with gaps", spaced)]
    if X.ndim > 1:
        layouts.append(("rows in Fortran order", np.asfortranarray(X)))
        layouts.append(("rows in a view with negative strides", X[:, ::-1].copy()[:, ::-1]))
    if isinstance(classifier, (CertifiedKNN, CertifiedRNN)) and X.dtype.kind in "biuf":
        for dtype in (np.float64, np.float32, np.int64):
            with np.errstate(invalid="ignore"):
                same = X.astype(dtype)
            if dtype != X.dtype and (same.astype(np.float64) == X.astype(np.float64)).all():
                layouts.append((f"rows as {np.dtype(dtype)}", same))
    return layouts
