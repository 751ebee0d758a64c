"""A digest of rows and labels: of all that what learns from them could see."""

from hashlib import sha256

import numpy as np
from scipy.sparse import issparse

from .columns import is_instance
from .exact_bytes import bits_of, cells_as_bytes, joined
from .tables import column_names, exact_column, is_table

__all__ = ["content_digest"]


def content_digest(X, y):
    """Return a digest of rows and labels, in their order, to the last bit.

    An attacker who chooses rows cannot find others of the same digest, unlike those with the same
    64-bit hash.

    Parameters
    ----------
    X : table, CSR matrix or ndarray of shape (n_rows, ...)
        Rows as `check_rows` returns them.
    y : ndarray of shape (n_rows,)
        Labels as `check_labels` returns them.

    Returns
    -------
    bytes of length 32

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_certify._rows import content_digest
    >>> X, y = np.array([[0.0, 1.0]]), np.array([1])
    >>> content_digest(X, y) == content_digest(X.copy(), y)
    True
    >>> content_digest(X, y) == content_digest(-X, y)
    False
    """
    digest = sha256()
    for part in (*_parts_of(X), *_parts_of_array(y)):
        digest.update(len(part).to_bytes(8, "little"))
        digest.update(part)
    return digest.digest()


def _parts_of(X):
    kind = f"{type(X).__module__}.{type(X).__qualname__} {X.shape}".encode()
    if is_table(X):
        names = joined(cells_as_bytes(_objects(column_names(X))))
        columns = (_parts_of_column(X, place) for place in range(X.shape[1]))
        return [kind, names, *(part for column in columns for part in column)]
    if issparse(X):
        arrays = (X.data, X.indices.astype(np.int64), X.indptr.astype(np.int64))
        return [kind, *(part for array in arrays for part in _parts_of_array(array))]
    return [kind, *_parts_of_array(X)]


def _parts_of_column(table, place):
    """Return the type of a column, with its categories if it has some, and its cells."""
    kind = table.dtypes.iloc[place] if hasattr(table, "iloc") else table.dtypes[place]
    yield repr(kind).encode("utf-8", "surrogatepass")
    if is_instance(kind, "pandas", "CategoricalDtype"):
        yield from _parts_of_array(np.asarray(kind.categories))
        yield bytes([bool(kind.ordered)])
    yield from _parts_of_array(exact_column(table, place, np.arange(table.shape[0])))


def _parts_of_array(array):
    """Return type, shape and cells of an array."""
    form = f"{array.dtype.str} {array.shape}".encode()
    if array.dtype.kind == "O":
        return [form, joined(cells_as_bytes(array.reshape(-1)))]
    return [form, bits_of(array).tobytes()]


def _objects(values):
    cells = np.empty(len(values), dtype=object)
    for place, value in enumerate(values):
        cells[place] = value
    return cells
