"""Judge the steps in front of a certified classifier by what is known about their kind."""

import sys
from enum import Enum
from typing import NamedTuple

from sklearn.compose import ColumnTransformer, make_column_selector
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.utils import get_tags

from . import _rules  # noqa: F401 - what is known about scikit-learn's steps
from ._registry import Rule, behaves_like, rule_of

__all__ = [
    "Fault",
    "Finding",
    "find_faults",
    "goes_row_by_row",
    "is_column_transformer",
    "is_declared_stateless",
    "is_empty",
    "is_filter",
    "is_frozen",
    "is_pipeline",
    "is_union",
    "must_be_tried",
    "parts_of",
]


class Fault(Enum):
    """Why no certificate holds behind a step."""

    CHOOSES_ROWS = "chooses or makes training rows"
    LEARNS = "is fitted on all training rows"
    UNKNOWN = "may be fitted on all training rows"
    CHOOSES_COLUMNS = "chooses columns by looking at all rows"
    DRAWS = "draws without a seed"
    NOT_ALONE = "is known to compute with several rows at once"
    FOLLOWS_MEMORY = "depends on how the rows lie in memory"
    # what trials find
    MIXES = "treats a row otherwise when others are around it"
    CHANGES_TYPES = "gives a row another type when others are around it"
    CUTS_TEXTS = "treats a text otherwise when a longer one is around it"
    LEARNS_UNSAID = "says that it learns nothing, and learns"
    UNSTEADY = "answers otherwise when it is asked again"
    FOLLOWS_DENSITY = "is dense or sparse as all rows together are"


class Finding(NamedTuple):
    """A step that voids certificates, and why."""

    name: str
    step: object
    fault: Fault
    rule: Rule | None = None
    frozen: bool = False


def find_faults(name, step, circumstances, *, frozen=False, row_by_row=False):
    """List what voids certificates behind a step, as far as its kind tells.

    Parameters
    ----------
    name : str
        Name of the step.
    step : transformer, composite or str
        The step; composites are taken apart.
    circumstances : Circumstances
        Where it is used.
    frozen : bool, default=False
        Whether it stays as it was fitted.
    row_by_row : bool, default=False
        Whether it gets one row at a time, so that it must have nothing to learn and no other row
        can matter.

    Returns
    -------
    list of Finding
    """
    if is_empty(step):
        return []
    if is_filter(step):  # even a frozen one is fitted anew
        return [Finding(name, step, Fault.CHOOSES_ROWS, frozen=frozen)]
    if is_frozen(step):
        found = find_faults(name, step.estimator, circumstances, frozen=True, row_by_row=row_by_row)
        # it is the frozen step that the user put there
        return [f._replace(step=step) if f.step is step.estimator else f for f in found]
    parts = parts_of(step)
    if parts is None:
        fault = _fault_of_kind(step, circumstances, frozen, row_by_row)
        return [] if fault is None else [Finding(name, step, fault, rule_of(step), frozen)]
    found = []
    if is_column_transformer(step) and not (frozen or row_by_row or circumstances.labels_alone):
        found = [
            Finding(part, step, Fault.CHOOSES_COLUMNS)
            for part, _, columns in step.transformers
            if callable(columns) and type(columns) is not make_column_selector
        ]
    for part_name, part in parts:
        found += find_faults(part_name, part, circumstances, frozen=frozen, row_by_row=row_by_row)
    return found


def _fault_of_kind(step, circumstances, frozen, row_by_row):
    rule = rule_of(step)
    if rule is None:
        return None if frozen or is_declared_stateless(step) else Fault.UNKNOWN
    if not frozen:
        learns = rule.what_it_learns(step)
        may_learn = ("nothing", "features") if circumstances.labels_alone else ("nothing",)
        if learns not in (("nothing",) if row_by_row else may_learn):
            return Fault.LEARNS
        if rule.is_drawn(step, circumstances.n_rows):
            return Fault.DRAWS
    if row_by_row or circumstances.labels_alone:
        return None
    alone = rule.is_alone(step)
    if alone is False:
        return Fault.NOT_ALONE
    if alone and rule.follows_memory(step) and not circumstances.lay_as_usual:
        return Fault.FOLLOWS_MEMORY
    return None


def must_be_tried(step):
    """Say whether only a trial can tell how a step, that has no known fault, treats its rows."""
    rule = rule_of(step)
    return rule is None or rule.is_alone(step) is None


def goes_row_by_row(step):
    """Say whether a step that learns nothing, or no more, calls the same code for each row."""
    if is_empty(step):
        return True
    if is_frozen(step):
        return goes_row_by_row(step.estimator)
    parts = parts_of(step)
    if parts is not None:
        return not is_column_transformer(step) and all(goes_row_by_row(part) for _, part in parts)
    rule = rule_of(step)
    if rule is None or not rule.goes_row_by_row(step):
        return False
    return all(map(goes_row_by_row, rule.steps_inside(step)))


def parts_of(step):
    """Return the names and steps that a composite is made of, None if it is no composite."""
    if is_pipeline(step):
        return [(name, part) for name, part in step.steps if not is_empty(part)]
    if is_union(step):
        return [(name, part) for name, part in step.transformer_list if not is_empty(part)]
    if is_column_transformer(step):
        fitted = getattr(step, "transformers_", None)
        parts = (
            [*step.transformers, ("remainder", step.remainder, None)] if fitted is None else fitted
        )
        return [(name, part) for name, part, _ in parts if not is_empty(part)]
    return None


def is_empty(step):
    """Say whether a step does nothing, or drops columns."""
    return step is None or (isinstance(step, str) and step in ("passthrough", "drop"))


def is_filter(step):
    """Say whether a step chooses or makes training rows, as filters and samplers do."""
    return hasattr(step, "fit_resample")


def is_frozen(step):
    """Say whether a step stays as it was fitted."""
    return type(step) is FrozenEstimator  # whose methods are those of what it holds


def is_pipeline(step):
    """Say whether a step is a pipeline as scikit-learn or imblearn makes them."""
    imblearns = getattr(sys.modules.get("imblearn.pipeline"), "Pipeline", Pipeline)
    return behaves_like(step, Pipeline) or behaves_like(step, imblearns)


def is_union(step):
    """Say whether a step is a `FeatureUnion`."""
    return behaves_like(step, FeatureUnion)


def is_column_transformer(step):
    """Say whether a step is a `ColumnTransformer`."""
    return behaves_like(step, ColumnTransformer)


def is_declared_stateless(step):
    """Say whether a step says that its fit learns nothing."""
    try:
        return not get_tags(step).requires_fit
    except (AttributeError, NotImplementedError):  # not derived from BaseEstimator
        return False
