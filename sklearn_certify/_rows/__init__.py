"""Rows, labels and groups as users bring them, in a form that no single row decides."""

from .cell_tokens import MISSING, cell_tokens
from .checks import check_rows, is_c_ordered
from .exact_order import ExactContent
from .fingerprints import warn_of_fingerprints
from .form import RowForm
from .form_suspicions import warn_of_form
from .groups import check_groups
from .label_kinds import check_same_kind, equal_labels
from .labels import check_labels, column_cells, read_classes, truth_of
from .numbers import check_number_rows
from .taking import all_rows, protected, slice_rows, stack_rows, take_rows

__all__ = [
    "MISSING",
    "ExactContent",
    "RowForm",
    "all_rows",
    "cell_tokens",
    "check_groups",
    "check_labels",
    "check_number_rows",
    "check_rows",
    "check_same_kind",
    "column_cells",
    "equal_labels",
    "is_c_ordered",
    "protected",
    "read_classes",
    "slice_rows",
    "stack_rows",
    "take_rows",
    "truth_of",
    "warn_of_fingerprints",
    "warn_of_form",
]
