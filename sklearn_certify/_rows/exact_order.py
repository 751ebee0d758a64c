"""A finer order for rows whose hashes are equal: by all that a voter could tell them apart by."""

from hashlib import blake2b

import numpy as np
from scipy.sparse import issparse

from .exact_bytes import bits_of, cell_as_bytes, cells_as_bytes, joined
from .tables import column_names, exact_column, is_table

__all__ = ["ExactContent"]

_CELLS_AT_A_TIME = 1 << 20


class ExactContent:
    """Rows and labels to the last bit, where their hashes see one value.

    Hashes count -0.0 as 0.0, None as NaN, ``True`` as 1, whole numbers as float64 and times as
    microseconds, and two rows may have one hash by chance or by design. A voter can tell such
    rows apart, so their order must not be the one in which they came.

    Parameters
    ----------
    X : table, CSR matrix or ndarray of shape (n_rows, ...)
        Rows as `check_rows` returns them.
    y : ndarray of shape (n_rows,)
        Labels as `check_labels` returns them.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_certify._rows import ExactContent
    >>> content = ExactContent(np.array([[0.0], [-0.0], [0.0]]), np.array([1, 1, 1]))
    >>> keys = content.keys(np.arange(3))
    >>> (keys[0] == keys[2]).all(), (keys[0] == keys[1]).all()
    (np.True_, np.False_)
    """

    def __init__(self, X, y):
        self.X, self.y = X, y

    def are_equal(self, rows, others):
        """Say quickly which rows are surely the same as others; where in doubt, they are not.

        Parameters
        ----------
        rows, others : ndarray of int64, of shape (n,)
            Row numbers.

        Returns
        -------
        ndarray of bool, of shape (n,)
        """
        equal = rows == others
        n_cells = self.X.nnz // len(self.y) if issparse(self.X) else np.prod(self.X.shape[1:])
        step = max(_CELLS_AT_A_TIME // max(int(n_cells), 1), 1)
        for start in range(0, len(rows), step):
            part = slice(start, start + step)
            equal[part] |= self._look_equal(rows[part], others[part])
        return equal

    def _look_equal(self, rows, others):
        equal = _equal_cells(self.y[rows], self.y[others])
        if issparse(self.X):
            return equal & _equal_sparse_rows(self.X, rows, others)
        if not is_table(self.X):
            return equal & _equal_cells(self.X[rows], self.X[others])
        for position in range(len(column_names(self.X))):
            first, second = (exact_column(self.X, position, which) for which in (rows, others))
            equal &= first.dtype == second.dtype and _equal_cells(first, second)
        return equal

    def keys(self, rows):
        """Return a digest of each row and its label that follows from their content alone.

        Parameters
        ----------
        rows : ndarray of int64, of shape (n,)
            Row numbers.

        Returns
        -------
        ndarray of uint64, of shape (n, 2)
        """
        contents = zip(self._contents(rows), cells_as_bytes(self.y[rows]), strict=True)
        digests = (blake2b(joined(parts), digest_size=16).digest() for parts in contents)
        return np.frombuffer(b"".join(digests), dtype="<u8").reshape(-1, 2)

    def _contents(self, rows):
        """Yield bytes for each row."""
        if is_table(self.X):
            positions = range(len(column_names(self.X)))
            columns = [cells_as_bytes(exact_column(self.X, j, rows)) for j in positions]
            return map(joined, zip(*columns, strict=True))
        if issparse(self.X):
            cells, columns, starts = (
                bits_of(self.X.data[:, np.newaxis]),
                self.X.indices,
                self.X.indptr,
            )
            parts = (slice(starts[row], starts[row + 1]) for row in rows)
            return (columns[part].tobytes() + cells[part].tobytes() for part in parts)
        if self.X.dtype.kind == "O":
            cells = self.X.reshape(len(self.X), -1)
            return (joined(map(cell_as_bytes, cells[row])) for row in rows)
        cells = bits_of(self.X)
        return (cells[row].tobytes() for row in rows)


def _equal_cells(first, second):
    """Say which rows are surely equal cell for cell."""
    first, second = first.reshape(len(first), -1), second.reshape(len(second), -1)
    if first.dtype.kind in "biufmM":
        return (bits_of(first) == bits_of(second)).all(axis=1)
    if first.dtype.kind == "O":
        return np.asarray(_are_the_same(first, second), dtype=bool).all(axis=1)
    return (first == second).all(axis=1)


def _equal_sparse_rows(X, rows, others):
    n_stored = np.diff(X.indptr)
    alike = n_stored[rows] == n_stored[others]
    pairs, n_cells = np.flatnonzero(alike), n_stored[rows[alike]]
    offsets = np.arange(n_cells.sum()) - np.repeat(np.cumsum(n_cells) - n_cells, n_cells)
    first, second = (
        offsets + np.repeat(X.indptr[which[alike]], n_cells) for which in (rows, others)
    )
    bits = bits_of(X.data[:, np.newaxis])
    differ = (X.indices[first] != X.indices[second]) | (bits[first] != bits[second]).any(axis=1)
    alike[np.repeat(pairs, n_cells)[differ]] = False
    return alike


def _same(first, second):
    if first is second:
        return True
    kind = type(first)
    if kind is not type(second) or kind not in _PLAIN:
        return False
    return first == second and (kind is not float or first != 0)  # which has two signs


_PLAIN = {str, bytes, int, bool, float}
_are_the_same = np.frompyfunc(_same, 2, 1)
