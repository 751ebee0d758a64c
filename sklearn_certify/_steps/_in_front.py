"""Bring rows through the steps in front of a classifier, and try those steps on the way."""

import numpy as np
from scipy.sparse import issparse

from .._compat import _num_samples, _safe_indexing
from ._containers import copied
from ._judge import (
    Fault,
    Finding,
    is_column_transformer,
    is_empty,
    is_frozen,
    is_pipeline,
    is_union,
    must_be_tried,
)
from ._registry import rule_of
from ._trial import fault_in_trial

__all__ = ["has_parts_to_try", "try_step"]


def try_step(name, step, X, circumstances, *, frozen=False):
    """Return what a trial finds against a step that has no known fault, or None.

    Parameters
    ----------
    name : str
        Name of the step.
    step : transformer, composite or str
        A fitted step; composites are taken apart, so that each part is tried on what it gets.
    X : array-like of shape (n_rows, ...)
        Rows as the step gets them.
    circumstances : Circumstances
        Where the step is used.
    frozen : bool, default=False
        Whether it stays as it was fitted.

    Returns
    -------
    Finding or None
    """
    if is_empty(step) or _num_samples(X) == 0 or not has_parts_to_try(step):
        return None
    if is_frozen(step):
        found = try_step(name, step.estimator, X, circumstances, frozen=True)
        is_itself = found is not None and found.step is step.estimator
        return found._replace(step=step) if is_itself else found
    if is_pipeline(step):
        for part_name, part in step.steps:
            found = try_step(part_name, part, X, circumstances, frozen=frozen)
            if found is not None:
                return found
            X = X if is_empty(part) else part.transform(copied(X))
        return None
    if is_union(step):
        parts = ((part_name, part, X) for part_name, part in step.transformer_list)
        return _first(parts, circumstances, frozen)
    if is_column_transformer(step):
        parts = list(_columns_of_parts(step, X))
        found = _first(parts, circumstances, frozen)
        may_follow = not (frozen or circumstances.labels_alone)
        follows_density = may_follow and _follows_density(step, parts)
        return found or (Finding(name, step, Fault.FOLLOWS_DENSITY) if follows_density else None)
    fault = fault_in_trial(step, X, circumstances, frozen=frozen)
    return None if fault is None else Finding(name, step, fault, rule_of(step), frozen)


def has_parts_to_try(step):
    if is_empty(step):
        return False
    if is_frozen(step):
        return has_parts_to_try(step.estimator)
    if is_pipeline(step):
        return any(has_parts_to_try(part) for _, part in step.steps)
    if is_union(step):
        return any(has_parts_to_try(part) for _, part in step.transformer_list)
    return is_column_transformer(step) or must_be_tried(step)


def _first(parts, circumstances, frozen):
    """Return the first thing that trials find against parts, or None."""
    for name, part, X in parts:
        found = try_step(name, part, X, circumstances, frozen=frozen)
        if found is not None:
            return found
    return None


def _columns_of_parts(step, X):
    """Yield the name, the transformer and the columns of each part of a column transformer."""
    if hasattr(X, "columns") and hasattr(step, "feature_names_in_"):
        X = X[list(step.feature_names_in_)]  # columns are found by name
    for name, part, columns in step.transformers_:
        if not (isinstance(part, str) and part == "drop"):
            selected = _safe_indexing(X, columns, axis=1)
            if np.ndim(selected) == 1 or 0 not in np.shape(selected):
                yield name, part, selected


def _follows_density(step, parts):
    """Say whether the cells of all rows may decide if a column transformer gives sparse rows."""
    fewest = most = width = 0
    any_sparse = False
    for _, part, X in parts:
        out = X if is_empty(part) else part.transform(copied(X))
        n_columns = out.shape[1] if np.ndim(out) > 1 or issparse(out) else 1
        low, high = (n_columns, n_columns)
        if issparse(out):
            any_sparse = True
            low, high = _nonzeros(part) or (0, n_columns)
        fewest, most, width = fewest + low, most + high, width + n_columns
    threshold = step.sparse_threshold
    if not any_sparse or threshold == 0:
        return False
    return not (fewest / width >= threshold or most / width < threshold)


def _nonzeros(part):
    """Return the fewest and the most cells of a row that are not zero, None if not known."""
    if is_frozen(part):
        return _nonzeros(part.estimator)
    if is_pipeline(part):
        return _nonzeros(part.steps[-1][1])
    rule = None if is_empty(part) else rule_of(part)
    return None if rule is None or rule.nonzeros is None else rule.nonzeros(part)
