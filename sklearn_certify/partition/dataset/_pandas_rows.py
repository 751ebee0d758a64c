"""Rows of a DataFrame of pandas."""

import numpy as np
import pandas as pd

from ...exceptions import InvalidInputError
from ._pandas_columns import decode_column, dtype_from_json, dtype_to_json, encode_column

__all__ = ["PandasRows"]


class PandasRows:
    """Rows of a DataFrame of pandas.

    Parameters
    ----------
    names : list of (str or int)
        Names of the columns, or what ``range`` takes if they are a range.
    names_dtype : str
        Type of the index that names them; "range" if they are a range.
    dtypes : list of dict
        Types of the columns, as `dtype_to_json` returns them.
    """

    kind = "pandas"

    def __init__(self, names, names_dtype, dtypes):
        self.names, self.names_dtype, self.dtypes = names, names_dtype, dtypes

    @classmethod
    def of(cls, X):
        """Return the form of rows, or None if they are of another kind."""
        if not isinstance(X, pd.DataFrame):
            return None
        dtypes = [dtype_to_json(dtype) for dtype in X.dtypes]
        for name, given, dtype in zip(X.columns, X.dtypes, dtypes, strict=True):
            if dtype is None:
                raise InvalidInputError(
                    f"column {name!r} is of type {given}, which a partitioned data set cannot "
                    "keep; leave it out, or cast it to numbers, texts, categories or times."
                )
        index = X.columns
        if isinstance(index, pd.RangeIndex):
            return cls([index.start, index.stop, index.step], "range", dtypes)
        names = index.tolist()
        if not all(type(name) in (str, int) for name in names):
            raise InvalidInputError("columns must be named by texts or whole numbers.")
        return cls(names, str(index.dtype), dtypes)

    def _index(self):
        if self.names_dtype == "range":
            return pd.RangeIndex(*self.names)
        return pd.Index(self.names, dtype=self.names_dtype)

    def accept(self, X):
        """Return rows of a later block in this form, or raise if they have another."""
        if not isinstance(X, pd.DataFrame):
            raise InvalidInputError(f"the rows are a {type(X).__name__}, not a DataFrame.")
        if X.columns.tolist() != self._index().tolist():
            raise InvalidInputError(
                f"the columns are {X.columns.tolist()}, not {self._index().tolist()}."
            )
        return self._cast(X)

    def _cast(self, X):
        columns = {}
        for place, form in enumerate(self.dtypes):
            series, dtype = X.iloc[:, place], dtype_from_json(form)
            given = series.dtype
            if dtype_to_json(given) != form:
                both = isinstance(given, np.dtype) and isinstance(dtype, np.dtype)
                if not (both and "O" not in (given.kind, dtype.kind)) or not np.can_cast(
                    given, dtype, "safe"
                ):
                    raise InvalidInputError(
                        f"column {X.columns[place]!r} is of type {given}, not {dtype}."
                    )
                series = series.astype(dtype)
            columns[place] = series
        cast = pd.DataFrame(columns)
        cast.columns = X.columns
        return cast

    def encode(self, X):
        """Return the columns of Arrow that hold rows."""
        columns = []
        for place, form in enumerate(self.dtypes):
            try:
                columns.append(encode_column(X.iloc[:, place], form))
            except InvalidInputError as error:
                raise InvalidInputError(f"Column {X.columns[place]!r}: {error}") from error
        return columns

    def decode(self, columns):
        """Return the rows that such columns hold."""
        pairs = zip(columns, self.dtypes, strict=True)
        X = pd.DataFrame({place: decode_column(*pair) for place, pair in enumerate(pairs)})
        X.columns = self._index()
        return X

    def empty(self):
        """Return no rows, in this form."""
        dtypes = map(dtype_from_json, self.dtypes)
        X = pd.DataFrame({place: pd.Series([], dtype=d) for place, d in enumerate(dtypes)})
        X.columns = self._index()
        return X

    def to_json(self):
        return {"names": self.names, "names_dtype": self.names_dtype, "dtypes": self.dtypes}

    def __str__(self):
        return f"a DataFrame with columns {self._index().tolist()}"
