"""Tables in files: first read, cell by cell, then decided, by the user or by a vote of the rows.

No row changes how another is read. What follows from the rows (which columns are numbers, what
marks decimals) is decided by a vote, and a vote says how much poison it takes to turn it.
"""

from ._cells import as_text
from ._features import Features, read_features
from ._labels import read_labels, spelled_as
from ._numbers import Numbers, NumberStyle, read_numbers
from ._open import PACKED_SUFFIXES, STANDARD_INPUT
from ._own_names import choose_columns
from ._read import read_table
from ._table import Table
from ._targets import read_features_and_targets, with_targets
from ._votes import Limit, Vote, count_votes

__all__ = [
    "PACKED_SUFFIXES",
    "STANDARD_INPUT",
    "Features",
    "Limit",
    "NumberStyle",
    "Numbers",
    "Table",
    "Vote",
    "as_text",
    "choose_columns",
    "count_votes",
    "read_features",
    "read_features_and_targets",
    "read_labels",
    "read_numbers",
    "read_table",
    "spelled_as",
    "with_targets",
]
