"""Rows of a table of Arrow, such as those of Parquet and CSV files."""

from base64 import b64decode, b64encode

import pyarrow as pa

from ..._rows.columns import plain_arrow
from ...exceptions import InvalidInputError

__all__ = ["ArrowRows"]


class ArrowRows:
    """Rows of a table of Arrow; dictionaries, which know the cells of all rows, are dropped.

    Parameters
    ----------
    schema : pyarrow.Schema or str
        Names and types of the columns; a str is what `to_json` made.
    """

    kind = "arrow"

    def __init__(self, schema):
        if isinstance(schema, str):
            schema = pa.ipc.read_schema(pa.py_buffer(b64decode(schema)))
        self.schema = schema

    @classmethod
    def of(cls, X):
        """Return the form of rows, or None if they are of another kind."""
        if not isinstance(X, pa.Table):
            return None
        for field in X.schema:
            if not _may_be_kept(field.type):
                raise InvalidInputError(
                    f"column {field.name!r} is of type {field.type}, which a partitioned data set "
                    "cannot keep; leave it out, or cast it to numbers, texts or times."
                )
        return cls(cls._plain(X).schema)

    @staticmethod
    def _plain(X):
        columns = [plain_arrow(column) for column in X.columns]
        return pa.table(columns, names=X.column_names) if columns else X

    def accept(self, X):
        """Return rows of a later block in this form, or raise if they have another."""
        if not isinstance(X, pa.Table):
            raise InvalidInputError(f"the rows are a {type(X).__name__}, not a table of Arrow.")
        X = self._plain(X)
        if not X.schema.equals(self.schema):
            raise InvalidInputError(
                f"the columns are {_in_words(X.schema)}, not {_in_words(self.schema)}."
            )
        return X

    def encode(self, X):
        """Return the columns of Arrow that hold rows."""
        return X.columns

    def decode(self, columns):
        """Return the rows that such columns hold."""
        return pa.table(columns, schema=self.schema)

    def empty(self):
        """Return no rows, in this form."""
        return self.schema.empty_table()

    def to_json(self):
        return {"schema": b64encode(self.schema.serialize().to_pybytes()).decode()}

    def __str__(self):
        return f"a table of Arrow with columns {_in_words(self.schema)}"


def _may_be_kept(kind):
    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    return not (pa.types.is_nested(kind) or isinstance(kind, pa.BaseExtensionType)) and (
        pa.types.is_primitive(kind)
        or pa.types.is_string(kind)
        or pa.types.is_large_string(kind)
        or pa.types.is_binary(kind)
        or pa.types.is_large_binary(kind)
        or pa.types.is_decimal128(kind)
    )


def _in_words(schema):
    return ", ".join(f"{field.name} ({field.type})" for field in schema)
