"""Rows of a DataFrame of polars."""

import polars as pl
import pyarrow as pa

from ...exceptions import InvalidInputError
from ._arrow_rows import ArrowRows

__all__ = ["PolarsRows"]

_PLAIN = {
    *("Int8", "Int16", "Int32", "Int64", "UInt8", "UInt16", "UInt32", "UInt64"),
    *("Float32", "Float64", "Boolean", "String", "Binary", "Date", "Datetime", "Duration", "Time"),
}


class PolarsRows:
    """Rows of a DataFrame of polars; what it calls categorical are texts.

    Parameters
    ----------
    schema : str
        Types of the columns in Arrow, as `ArrowRows` writes them.
    enums : dict of list of str
        The categories of the columns that have fixed ones, by their place.
    """

    kind = "polars"

    def __init__(self, schema, enums):
        self.arrow, self.enums = ArrowRows(schema), enums

    @classmethod
    def of(cls, X):
        """Return the form of rows, or None if they are of another kind."""
        if not isinstance(X, pl.DataFrame):
            return None
        enums = {}
        for place, (name, kind) in enumerate(X.schema.items()):
            base = str(kind.base_type())
            if base == "Enum":
                enums[str(place)] = kind.categories.to_list()
            elif base not in _PLAIN:
                raise InvalidInputError(
                    f"column {name!r} is of type {kind}, which a partitioned data set cannot "
                    "keep; leave it out, or cast it to numbers, texts or times."
                )
        return cls(cls._to_arrow(X.clear()).schema, enums)

    @staticmethod
    def _to_arrow(X):
        enums = [name for name, kind in X.schema.items() if kind == pl.Enum]
        return X.with_columns(pl.col(enums).cast(pl.String)).to_arrow()

    def _types(self):
        empty = pl.from_arrow(self.arrow.schema.empty_table())
        kinds = list(empty.schema.items())
        for place, categories in self.enums.items():
            kinds[int(place)] = (kinds[int(place)][0], pl.Enum(categories))
        return dict(kinds)

    def accept(self, X):
        """Return rows of a later block in this form, or raise if they have another."""
        if not isinstance(X, pl.DataFrame) or dict(X.schema) != self._types():
            given = dict(X.schema) if isinstance(X, pl.DataFrame) else type(X).__name__
            raise InvalidInputError(f"the rows are {given}, not {self._types()}.")
        return X

    def encode(self, X):
        """Return the columns of Arrow that hold rows."""
        return self._to_arrow(X).columns

    def decode(self, columns):
        """Return the rows that such columns hold."""
        X = pl.from_arrow(pa.table(columns, schema=self.arrow.schema))
        types = {name: kind for name, kind in self._types().items() if kind == pl.Enum}
        return X.with_columns(pl.col(name).cast(kind) for name, kind in types.items())

    def empty(self):
        """Return no rows, in this form."""
        return pl.DataFrame(schema=self._types())

    def to_json(self):
        return {**self.arrow.to_json(), "enums": self.enums}

    def __str__(self):
        return f"a DataFrame of polars with columns {list(self._types())}"
