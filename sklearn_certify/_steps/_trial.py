"""Try whether a step treats each row alone, where its kind does not tell."""

import warnings
from itertools import cycle, islice

import numpy as np
from sklearn.base import clone

from .._compat import _num_samples
from ._alike import alike
from ._batches import altered_batches, number_of_cells, plain_rows, take
from ._judge import Fault
from ._registry import rule_of

__all__ = ["fault_in_trial"]

_N_ALONE = 20  # rows that are compared with themselves alone
_N_ALTERED = 4  # rows that are altered, each in every way
_BATCHES = (2, 3, 7, 64, 1000)  # rows in a batch: matrix products round by that
_CELLS = 2**19  # in the largest batch


def fault_in_trial(step, X, circumstances, *, frozen):
    """Return what a trial finds against a step, or None.

    Parameters
    ----------
    step : transformer
        A fitted step that is no composite.
    X : array-like of shape (n_rows, ...)
        Rows as the step gets them, at least one.
    circumstances : Circumstances
        Where the step is used.
    frozen : bool
        Whether it stays as it was fitted.

    Returns
    -------
    Fault or None
    """
    X = plain_rows(X)
    n_rows = _num_samples(X)
    few = take(X, np.unique(np.linspace(0, n_rows - 1, num=min(n_rows, _N_ALONE), dtype=int)))
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        if not alike(_transformed(step, few), _transformed(step, few)):
            return Fault.UNSTEADY
        says_so = not frozen and rule_of(step) is None
        if says_so and _learns_unsaid(step, few, circumstances.labels_alone):
            return Fault.LEARNS_UNSAID
        if circumstances.labels_alone:
            return None
        if _mixes(step, X, few):
            return Fault.MIXES
        if _cuts_texts(step, few):
            return Fault.CUTS_TEXTS
        if not circumstances.c_ordered and _follows_memory(step, few):
            return Fault.FOLLOWS_MEMORY
    return None


def _transformed(step, X):
    return step.transform(X.copy() if hasattr(X, "copy") else X)


def _mixes(step, X, few):
    """Say whether rows come out otherwise in some batch than alone."""
    together = _transformed(step, few)
    try:
        if not all(alike(alone, take(together, [i])) for i, alone in _each_alone(step, few)):
            return True
    except Exception:  # it cannot do without the others
        return True
    n_rows, n_few = _num_samples(X), _num_samples(few)
    largest = max(_CELLS // number_of_cells(few), _BATCHES[2])
    for size in _BATCHES:
        rows = list(islice(cycle(range(n_few)), min(size, largest)))
        if not alike(_transformed(step, take(few, rows)), take(together, rows)):
            return True
    others = np.arange(n_rows)[:0:-1]
    if n_rows > 1 and not alike(
        _transformed(step, take(X, others)), take(_transformed(step, X), others)
    ):
        return True
    altered = take(few, list(range(min(n_few, _N_ALTERED))))
    return any(_mixes_among(step, batch) for batch in altered_batches(altered))


def _mixes_among(step, batch):
    """Say whether a row of a made-up batch comes out otherwise alone; failures tell nothing."""
    try:
        together = _transformed(step, batch)
    except Exception:
        return False
    n_rows = _num_samples(batch)
    if _num_samples(together) != n_rows:
        return True
    for row in range(n_rows):
        try:
            _, alone = next(_each_alone(step, batch, [row]))
        except Exception:
            continue
        if not alike(alone, take(together, [row])):
            return True
    return False


def _each_alone(step, X, rows=None):
    """Yield row numbers, and what the step makes of each row without the others.

    The numbers of a table lie column by column in memory, but not those of a single row, and sums
    along rows may round otherwise: a row of a table is accompanied by itself.
    """
    times = 2 if hasattr(X, "columns") else 1
    for row in range(_num_samples(X)) if rows is None else rows:
        out = _transformed(step, take(X, [row] * times))
        if _num_samples(out) != times:
            raise ValueError(f"{times} rows became {_num_samples(out)}")
        yield row, take(out, [0])


def _cuts_texts(step, few):
    """Say whether the width of an array of texts, which is that of the longest, matters."""
    if not isinstance(few, np.ndarray) or few.dtype.kind not in "US":
        return False
    narrow = np.array(few.tolist())
    wide = narrow.astype(f"{narrow.dtype.kind}{narrow.dtype.itemsize + 100}")
    return not alike(_transformed(step, narrow), _transformed(step, wide))


def _follows_memory(step, few):
    if not isinstance(few, np.ndarray) or few.ndim < 2:
        return False
    return not alike(_transformed(step, few), _transformed(step, np.asfortranarray(few)))


def _learns_unsaid(step, few, labels_alone):
    """Say whether fitting changes what a step does that declares to learn nothing."""
    labels = np.arange(_num_samples(few)) % 2
    try:
        if labels_alone:
            fits = [clone(step).fit(few, y) for y in (labels, 1 - labels)]
            fitted = [_transformed(fit, few) for fit in fits]
            if hasattr(step, "fit_transform"):
                fitted += [clone(step).fit_transform(few, y) for y in (labels, 1 - labels)]
            return not all(alike(fitted[0], other) for other in fitted)
        batches = [few, *islice(altered_batches(few), 1)]
        if not all(_is_the_same_unfitted(step, batch) for batch in batches):
            return True
    except Exception:  # it cannot do without a fit
        return True
    other = batches[-1]
    try:
        fitted = clone(step).fit(other, np.arange(_num_samples(other)) % 2)
    except Exception:
        return False
    return not alike(_transformed(fitted, few), _transformed(step, few))


def _is_the_same_unfitted(step, batch):
    expected = _transformed(step, batch)
    if not alike(_transformed(clone(step), batch), expected):
        return False
    labels = np.arange(_num_samples(batch)) % 2
    # of training rows, pipelines make features by fit_transform
    return not hasattr(step, "fit_transform") or alike(
        clone(step).fit_transform(batch, labels), expected
    )
