"""Rows, labels and groups as one table of Arrow, and back."""

import numpy as np
import pyarrow as pa

from ._form import form_from_json, form_of, form_to_json
from ._label_form import LabelForm, decode_texts, encode_texts

__all__ = ["RowsInArrow"]


class RowsInArrow:
    """The one form of all rows, labels and groups of a data set.

    Parameters
    ----------
    form : NumberRows, ObjectRows, SparseRows, PandasRows, PolarsRows or ArrowRows
        Of rows.
    labels : LabelForm
        Of labels.
    grouped : bool
        Whether rows have groups.
    """

    def __init__(self, form, labels, grouped):
        self.form, self.labels, self.grouped = form, labels, grouped

    @classmethod
    def of(cls, X, y, groups):
        """Return the form of a block."""
        return cls(form_of(X), LabelForm.of(y), groups is not None)

    @classmethod
    def from_json(cls, form, label_dtype, grouped):
        """Return the form that a manifest describes."""
        return cls(form_from_json(form), LabelForm(label_dtype), grouped)

    def form_to_json(self):
        return form_to_json(self.form)

    def encode(self, X, y, groups):
        """Return a table that holds a block."""
        columns = {f"x{place}": column for place, column in enumerate(self.form.encode(X))}
        columns["y"] = self.labels.encode(y)
        if self.grouped:
            columns["group"] = encode_texts(groups)
        return pa.table(columns)

    def empty_table(self):
        """Return a table that holds no row."""
        X = self.form.empty()
        return self.encode(X, self.labels.from_list([]), np.empty(0, dtype=object))

    def decode(self, table):
        """Return the block that a table holds."""
        columns = [_one_chunk(column) for column in table.columns]
        groups = decode_texts(columns.pop()) if self.grouped else None
        y = self.labels.decode(columns.pop())
        return self.form.decode(columns), y, groups


def _one_chunk(column):
    if column.num_chunks == 1:
        return column.chunk(0)
    whole = column.combine_chunks()
    # texts with more bytes than one chunk can have stay in several, which tables of Arrow can do
    is_one = isinstance(whole, pa.ChunkedArray) and whole.num_chunks == 1
    return whole.chunk(0) if is_one else whole
