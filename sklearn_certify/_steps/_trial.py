"""Try whether a step treats each row alone, where its kind does not tell."""

import warnings
from contextlib import suppress
from itertools import cycle, islice

import numpy as np
from sklearn.base import clone

from .._compat import _num_samples
from .._rows import stack_rows
from ._altered import altered_rows, of_other_types
from ._containers import copied, number_of_cells, plain_rows, take, types_of
from ._judge import Fault
from ._outcomes import outcome
from ._registry import rule_of

__all__ = ["fault_in_trial"]

_N_ALONE = 20  # rows that are compared with themselves alone
_N_ALTERED = 3  # rows that are altered, each in every way
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
    X = take(X, _spread(_num_samples(X), _BATCHES[-1]))
    few = take(X, _spread(_num_samples(X), _N_ALONE))
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        if not _made(step, few).is_like(_made(step, few)):
            return Fault.UNSTEADY
        says_so = not frozen and rule_of(step) is None
        if says_so and _learns_unsaid(step, few, circumstances.labels_alone):
            return Fault.LEARNS_UNSAID
        if circumstances.labels_alone:
            return None
        fault = _fault_among(step, X, few)
        if fault is None and _cuts_texts(step, few):
            fault = Fault.CUTS_TEXTS
        if fault is None and not circumstances.lay_as_usual and _follows_memory(step, few):
            fault = Fault.FOLLOWS_MEMORY
        return fault


def _spread(n_rows, n_chosen):
    """Choose row numbers, far apart."""
    return np.unique(np.linspace(0, n_rows - 1, num=min(n_rows, n_chosen), dtype=int))


def _made(step, X):
    return outcome(step.transform(copied(X)))


def _fault_among(step, X, few):
    """Return what is wrong if rows come out otherwise beside others than apart, or None."""
    for apart, together in _apart_and_together(step, X, few):
        if apart is None or not apart.has_cells_of(together):
            return Fault.MIXES
        if apart.form != together.form:
            return Fault.CHANGES_TYPES
    return None


def _apart_and_together(step, X, few):
    """Yield what rows become apart, None if they cannot do without others, and together."""
    together = _made(step, few)
    n_rows, n_few = _num_samples(X), _num_samples(few)
    for row in range(n_few):
        try:
            yield _made_alone(step, few, row), together.take([row])
        except Exception:
            yield None, together
    largest = max(_CELLS // number_of_cells(few), _BATCHES[2])
    for size in _BATCHES:
        rows = list(islice(cycle(range(n_few)), min(size, largest)))
        yield together.take(rows), _made(step, take(few, rows))
    others = np.arange(n_rows)[:0:-1]
    if n_rows > 1:
        yield _made(step, X).take(others), _made(step, take(X, others))
    rows = take(few, range(min(n_few, _N_ALTERED)))
    companions = list(altered_rows(rows))
    taken = []  # one row of each batch that the step takes
    known = together.take(range(_num_samples(rows)))
    for i, others in enumerate(companions):
        with suppress(Exception):  # tells nothing: some row may be none that the step takes
            batch = stack_rows([rows, others])
            is_known = types_of(batch) == types_of(rows)  # a gap makes other types of some columns
            yield from _among(step, batch, companions, known if is_known else None)
            taken.append(take(others, [i % _num_samples(others)]))
    batches = [stack_rows(taken)] if taken else []
    batches += [converted for batch in batches for converted in of_other_types(batch)]
    for batch in batches:
        with suppress(Exception):
            yield from _among(step, batch, companions)


def _among(step, batch, companions, known=None):
    """Yield what the rows of a made-up batch, the first of which may be known, become."""
    together = _made(step, batch)
    n_rows, n_known = _num_samples(batch), 0 if known is None else known.n_rows
    if together.n_rows != n_rows:
        yield None, together
    if n_known:
        yield known, together.take(range(n_known))
    for row in range(n_known, n_rows):
        for apart in _made_apart(step, batch, row, companions):
            yield apart, together.take([row])


def _made_apart(step, batch, row, companions):
    """Yield what a row becomes alone or, where that fails, beside each of some other rows."""
    try:
        yield _made_alone(step, batch, row)
    except Exception:
        alone = take(batch, [row])
        for others in companions:
            with suppress(Exception):
                yield _made(step, stack_rows([alone, others])).take([0])


def _made_alone(step, X, row):
    """Return what a row becomes without the others.

    The numbers of a table lie column by column in memory, but not those of a single row, and sums
    along rows may round otherwise: a row of a table is accompanied by itself.
    """
    times = 2 if hasattr(X, "columns") else 1
    made = _made(step, take(X, [row] * times))
    if made.n_rows != times:
        raise ValueError(f"{times} rows became {made.n_rows}")
    return made.take([0])


def _cuts_texts(step, few):
    """Say whether the width of an array of texts, which is that of the longest, matters."""
    if not isinstance(few, np.ndarray) or few.dtype.kind not in "US":
        return False
    narrow = np.array(few.tolist())
    wide = narrow.astype(f"{narrow.dtype.kind}{narrow.dtype.itemsize + 100}")
    return not _made(step, narrow).is_like(_made(step, wide))


def _follows_memory(step, few):
    """Say whether the order in which cells lie in memory matters."""
    if not isinstance(few, np.ndarray) or few.ndim < 2:
        return False
    return not _made(step, np.asfortranarray(few)).is_like(_made(step, few))


def _learns_unsaid(step, few, labels_alone):
    """Say whether fitting changes what a step does that declares to learn nothing."""
    labels = np.arange(_num_samples(few)) % 2
    try:
        if labels_alone:
            return not _same_with_other_labels(step, few, labels)
        batches = [few, *islice(altered_rows(few), 1)]
        if not all(_same_unfitted(step, batch, labels) for batch in batches):
            return True
    except Exception:  # it cannot do without a fit
        return True
    try:
        fitted = clone(step).fit(batches[-1], labels)
    except Exception:
        return False
    return not _made(fitted, few).is_like(_made(step, few))


def _same_unfitted(step, batch, labels):
    expected = _made(step, batch)
    if not _made(clone(step), batch).is_like(expected):
        return False
    # of training rows, pipelines make features by fit_transform
    return not hasattr(step, "fit_transform") or outcome(
        clone(step).fit_transform(batch, labels)
    ).is_like(expected)


def _same_with_other_labels(step, few, labels):
    made = [_made(clone(step).fit(few, y), few) for y in (labels, 1 - labels)]
    if hasattr(step, "fit_transform"):
        made += [outcome(clone(step).fit_transform(few, y)) for y in (labels, 1 - labels)]
    return all(made[0].is_like(other) for other in made)
