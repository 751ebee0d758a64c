"""Rows, labels and groups as users bring them, in a form that no single row decides.

checks       rows as voters get them; numbers, for what takes finite numbers alone
lists        a list of rows is numbers or texts; tables, columns, names of every library; missing
form         what is remembered of the rows of fit
taking       some rows, all, stacked, lent out
labels       of one kind, label_kinds; targets, which are numbers; groups, the names of contributors
periods      in which rows came, as numbers; moments, dates of every library
cell_tokens  one number per cell, for hashes, by object_tokens, one_cell_token and token_parts
exact_order  finer than any hash
exact_bytes  cells to the last bit; content_digest, of rows and labels that nobody can imitate
fingerprints, form_suspicions  warnings of what only its traces tell, by column_moments and
             form_tallies; notes, of some rows at a time
data_frames  what was found, as a table of pandas
"""

from .cell_tokens import cell_tokens
from .checks import check_rows, is_c_ordered
from .content_digest import content_digest
from .data_frames import data_frame
from .exact_order import ExactContent
from .fingerprints import warn_of_fingerprints
from .form import RowForm
from .form_suspicions import warn_of_form
from .groups import check_groups
from .label_kinds import check_same_kind, equal_labels
from .labels import check_labels, column_cells, read_classes, truth_of
from .moments import read_moments
from .notes import Notes, may_be_centred, warn_of_notes
from .numbers import check_number_rows
from .periods import check_periods
from .taking import all_rows, protected, slice_rows, stack_rows, take_rows
from .targets import check_targets, read_numbers

__all__ = [
    "ExactContent",
    "Notes",
    "RowForm",
    "all_rows",
    "cell_tokens",
    "check_groups",
    "check_labels",
    "check_number_rows",
    "check_periods",
    "check_rows",
    "check_same_kind",
    "check_targets",
    "column_cells",
    "content_digest",
    "data_frame",
    "equal_labels",
    "is_c_ordered",
    "may_be_centred",
    "protected",
    "read_classes",
    "read_moments",
    "read_numbers",
    "slice_rows",
    "stack_rows",
    "take_rows",
    "truth_of",
    "warn_of_fingerprints",
    "warn_of_form",
    "warn_of_notes",
]
