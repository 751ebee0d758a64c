"""Let a transformer have one row at a time, so that no other row can matter."""

from functools import partial

import numpy as np
from joblib import delayed, effective_n_jobs
from scipy import sparse
from sklearn.base import clone

from .._compat import _num_samples
from .._compute.native_threads import one_native_thread
from .._compute.progress import progress_of, run_tasks
from .._compute.settings import SAID_OF_LARGE_TASKS, muted
from .._rows import stack_rows
from ..exceptions import InvalidInputError, UnsoundPipelineError
from ._containers import take
from ._judge import (
    find_faults,
    goes_row_by_row,
    is_column_transformer,
    is_declared_stateless,
    is_empty,
    is_frozen,
    parts_of,
)
from ._outcomes import outcome
from ._registry import Circumstances, rule_of
from ._words import refusal

__all__ = ["check_transformer", "transform_each"]

_TASKS_PER_JOB = 4  # several, so that no worker waits for a slow one
_TASKS_TO_WATCH = 20  # where somebody wants to see how it goes on
_ROWS_PER_TASK = 200  # fewer are not worth a worker


def check_transformer(transformer, place):
    """Raise if a transformer has something to learn, or draws without a seed.

    Parameters
    ----------
    transformer : transformer
        What a classifier was given as `transformer`.
    place : Place
        The classifier.

    Raises
    ------
    UnsoundPipelineError
        The message names the step and the mend.
    """
    # each row goes alone, so whatever the attacker may do to rows, it stays with them
    circumstances = Circumstances("insert_delete")
    found = find_faults("transformer", transformer, circumstances, row_by_row=True)
    if found:
        raise UnsoundPipelineError(refusal(found[0], place))


def transform_each(transformer, X, *, n_jobs=None, verbose=0):
    """Return what a transformer makes of each row alone.

    Parameters
    ----------
    transformer : transformer
        One that `check_transformer` lets pass. What must be fitted though it learns nothing is
        fitted on the row itself.
    X : DataFrame, CSR matrix or ndarray of shape (n_rows, ...)
        Rows, at least one.
    n_jobs
        As in joblib.
    verbose : int or Progress, default=0
        What is told meanwhile.

    Returns
    -------
    ndarray, CSR matrix or DataFrame of shape (n_rows, ...)

    Raises
    ------
    InvalidInputError
        If the transformer fails on a row, does not make one row of it, or makes rows of several
        widths or types.
    UnsoundPipelineError
        If it makes something else of the same row when it is asked again.
    """
    n_rows, n_jobs = _num_samples(X), effective_n_jobs(n_jobs)
    progress, n_tasks = progress_of(verbose), 1
    if n_jobs > 1 or progress.watches:
        n_most = max(n_jobs * _TASKS_PER_JOB, _TASKS_TO_WATCH if progress.watches else 1)
        n_tasks = max(min(n_most, n_rows // _ROWS_PER_TASK), 1)
    transform = partial(_transform_block, clone(transformer), _must_be_fitted(transformer))
    numbers = np.array_split(np.arange(n_rows), n_tasks)
    with (
        one_native_thread(),
        muted(SAID_OF_LARGE_TASKS),
        progress.on("Rows", n_rows, "transformed"),
    ):
        # a tuple: Dask scatters an array of its own beforehand, and it is lost with its worker
        calls = (delayed(transform)((take(X, rows), rows[0])) for rows in numbers)
        blocks = run_tasks(calls, progress, _count_rows, n_jobs=min(n_jobs, n_tasks))
    for rows, block in zip(numbers, blocks, strict=True):
        _check_form(block, blocks[0], rows[0], 0)
    return stack_rows(blocks)


def _count_rows(block):
    return {"n_done": _num_samples(block)}


def _must_be_fitted(step):
    """Say whether a step cannot transform, or may do so otherwise, without a fit."""
    if is_empty(step) or is_frozen(step):
        return False
    if is_column_transformer(step):
        return True
    parts = parts_of(step)
    if parts is None:
        return rule_of(step) is None or not is_declared_stateless(step)
    return any(_must_be_fitted(part) for _, part in parts)


def _transform_block(transformer, must_be_fitted, block):
    """Return what is made of some rows, stacked, with its form."""
    X, first_row = block
    with one_native_thread():
        outs = _transform_together(transformer, must_be_fitted, X) or [
            _transform_row(transformer, must_be_fitted, take(X, [row]), first_row + row)
            for row in range(_num_samples(X))
        ]
        if len(outs) > 1:
            again = _transform_row(transformer, must_be_fitted, take(X, [0]), first_row)
            if not outcome(again).is_like(outcome(outs[0])):
                raise UnsoundPipelineError(
                    f"transformer makes something else of row {first_row} when it is asked again, "
                    "so that no certificate holds. Give it a seed, or leave it out."
                )
    for row, out in enumerate(outs):
        _check_form(out, outs[0], first_row + row, first_row)
    return stack_rows(outs)


def _transform_together(transformer, must_be_fitted, X):
    """Return what is made of each row by a transformer that itself takes them one by one.

    None if there is no such transformer, or if it fails: then each row is asked about alone, so
    that an error names it.
    """
    if must_be_fitted or not goes_row_by_row(transformer):
        return None
    try:
        made = transformer.transform(X)
    except Exception:
        return None
    if not isinstance(made, np.ndarray) or len(made) != _num_samples(X):
        return None
    return [made[row : row + 1] for row in range(len(made))]


def _transform_row(transformer, must_be_fitted, X, row):
    try:
        if not must_be_fitted:
            out = transformer.transform(X)
        elif hasattr(transformer, "fit_transform"):
            out = clone(transformer).fit_transform(X)
        else:
            out = clone(transformer).fit(X).transform(X)
    except Exception as error:
        raise InvalidInputError(
            f"transformer failed on row {row} ({type(error).__name__}: {error})."
        ) from error
    out = _plain(out)
    if _num_samples(out) != 1:
        raise InvalidInputError(
            f"transformer must make one row of a row, but made {_num_samples(out)} of row {row}."
        )
    return out


def _plain(out):
    """Return what was made of a row as an array, a CSR matrix or a table."""
    if sparse.issparse(out):
        return out.tocsr()
    if hasattr(out, "columns"):
        return out
    out = np.asarray(out)
    return out.astype(object) if out.dtype.kind in "US" else out  # without the width of a text


def _check_form(out, first, row, first_row):
    """Raise if a row has come out with another width or type than the first."""
    form, first_form = _form(out), _form(first)
    if form != first_form:
        raise InvalidInputError(
            f"transformer makes {form} of row {row}, but {first_form} of row {first_row}; all "
            "rows need one width and one type."
        )


def _form(out):
    """Describe the form of a row."""
    if hasattr(out, "columns"):
        return f"a table of {dict(zip(out.columns, map(str, out.dtypes), strict=True))}"
    kind = "a sparse row" if sparse.issparse(out) else "an array"
    return f"{kind} of shape {out.shape[1:]} and type {out.dtype}"
