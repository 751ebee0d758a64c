"""Rows that an attacker may send: copies that were moved a little, and the oddest there are."""

from datetime import date, datetime

import numpy as np
from scipy.sparse import issparse
from sklearn.feature_extraction import FeatureHasher

from .._compat import _num_samples, _safe_indexing
from .._rows import stack_rows

__all__ = ["as_numbers", "moved_copies", "odd_rows"]

_LONG_TEXT = "long " * 400
_ODD_NUMBERS = (1e6, 1e200, -1e200, 0.0, float("nan"), float("inf"))
_ODD_TEXTS = (_LONG_TEXT, "", "\x00 ٣ é 😀\ud83d", "nan", "?")
_ODD_DATES = (datetime(1700, 1, 1), datetime(2250, 1, 1), None)
_N_HASHED = 256  # dimensions in which rows of texts and mixed cells are compared


def odd_rows(row, rng):
    """Return rows with odd cells that the container of a row can hold.

    Parameters
    ----------
    row : array-like of shape (1, ...)
        A row like those of the training set.
    rng : Generator
        Chooses the cells that are odd alone.

    Returns
    -------
    list of (str, array-like of shape (1, ...))
        What is odd, and the row.
    """
    cells = _cells(row)
    alone = int(rng.integers(len(cells)))
    found = []
    for turn in range(max(len(_choices(cell)) for cell in cells)):
        choices = [_choices(cell) for cell in cells]
        everywhere = [values[turn % len(values)] for values in choices]
        found.append((f"all cells odd, {everywhere[0]!r:.20}", everywhere))
        one = [*cells[:alone], everywhere[alone], *cells[alone + 1 :]]
        found.append((f"one cell odd, {everywhere[alone]!r:.20}", one))
    rows = ((name, _with_cells(row, changed)) for name, changed in found)
    return [(name, changed) for name, changed in rows if changed is not None]


def moved_copies(row, others, n_copies, rng):
    """Return copies of a row that differ from it as little as its cells allow.

    Parameters
    ----------
    row : array-like of shape (1, ...)
        The row to copy.
    others : array-like of shape (n_rows, ...)
        Rows whose cells may stand in for cells that cannot be moved.
    n_copies : int
        Number of copies.
    rng : Generator
        Moves the cells.

    Returns
    -------
    array-like of shape (n_copies, ...)
    """
    if _has_floats(row) and not issparse(row):
        step = 1e-6 if row.dtype.itemsize >= 8 else 1e-3
        copies = np.repeat(row, n_copies, axis=0)
        return copies + rng.uniform(-step, step, size=copies.shape).astype(row.dtype)
    cells = _cells(row)
    movable = [place for place, cell in enumerate(cells) if _can_move(cell)]
    copies = []
    for _ in range(n_copies):
        changed = list(cells)
        if movable:
            place = movable[rng.integers(len(movable))]
            changed[place] = _moved(cells[place], rng)
        else:
            place = int(rng.integers(len(cells)))
            other = _safe_indexing(others, [int(rng.integers(_num_samples(others)))])
            changed[place] = _cells(other)[place]
        copies.append(_with_cells(row, changed))
    return stack_rows([row if copy is None else copy for copy in copies])


def as_numbers(X):
    """Return rows as float64 vectors whose distances tell which rows are alike.

    Parameters
    ----------
    X : array-like of shape (n_rows, ...)
        Rows of any kind.

    Returns
    -------
    ndarray of float64, of shape (n_rows, n_dimensions)
    """
    if issparse(X):
        return X.toarray().astype(np.float64)
    if hasattr(X, "dtype") and getattr(X.dtype, "kind", "O") in "biuf" and hasattr(X, "reshape"):
        return np.nan_to_num(X.reshape(len(X), -1).astype(np.float64), posinf=1e9, neginf=-1e9)
    hashed = []
    for number in range(_num_samples(X)):
        cells = _cells(_safe_indexing(X, [number]))
        tokens = []
        for place, cell in enumerate(cells):
            if isinstance(cell, (bool, int, float)):
                tokens.append((f"{place}", float(np.clip(np.nan_to_num(cell), -1e9, 1e9))))
            else:
                tokens += [(f"{place} {word}", 1.0) for word in str(cell).split() or [""]]
        hashed.append(tokens)
    return FeatureHasher(_N_HASHED, input_type="pair").transform(_encodable(hashed)).toarray()


def _encodable(rows):
    for tokens in rows:
        yield [(name.encode("utf-8", "replace").decode(), value) for name, value in tokens]


def _has_floats(X):
    return isinstance(getattr(X, "dtype", None), np.dtype) and X.dtype.kind == "f"


def _cells(row):
    """Return the cells of one row as plain Python values."""
    if issparse(row):
        return row.toarray().ravel().tolist()
    if hasattr(row, "iloc") and hasattr(row, "columns"):
        return [row.iloc[:, column].tolist()[0] for column in range(row.shape[1])]
    if hasattr(row, "to_pydict"):  # Arrow
        return [values[0] for values in row.to_pydict().values()]
    if hasattr(row, "rows"):  # polars
        return list(row.rows()[0])
    if isinstance(row, list):
        return list(row[0]) if isinstance(row[0], (list, tuple)) else [row[0]]
    return np.asarray(row).ravel().tolist()


def _with_cells(row, cells):
    """Return a row of the same container with other cells, or None if it cannot hold them."""
    try:
        with np.errstate(all="ignore"):
            return _build(row, cells)
    except (ValueError, TypeError, OverflowError, UnicodeError):
        return None


def _build(row, cells):
    if issparse(row):
        return type(row)(np.array(cells, dtype=np.float64).astype(row.dtype).reshape(1, -1))
    if hasattr(row, "iloc"):
        if not hasattr(row, "columns"):  # a Series of texts
            return type(row)(cells, dtype=row.dtype)
        frame = row.copy()
        for column, cell in enumerate(cells):
            old = row.iloc[:, column]
            unknown = hasattr(old, "cat") and cell not in old.cat.categories
            cells_of_column = [None if unknown else cell]  # the categories belong to the form
            values = type(old)(cells_of_column, index=row.index, dtype=old.dtype)
            frame.isetitem(column, values)
        return frame
    if hasattr(row, "schema"):  # polars and Arrow
        names = row.column_names if hasattr(row, "column_names") else row.columns
        columns = {name: [cell] for name, cell in zip(names, cells, strict=True)}
        make = getattr(type(row), "from_pydict", type(row))
        return make(columns, schema=row.schema)
    if isinstance(row, list):
        nested = isinstance(row[0], (list, tuple))
        return [type(row[0])(cells)] if nested else [cells[0]]
    if row.dtype.kind in "US":
        return np.array(cells, dtype=row.dtype.kind).reshape(row.shape)
    if row.dtype.kind in "biu":
        limits = (0, 1) if row.dtype.kind == "b" else _limits(row.dtype)
        cells = [min(max(int(cell), limits[0]), limits[1]) for cell in cells]
    changed = np.empty(len(cells), dtype=row.dtype)
    changed[:] = cells
    return changed.reshape(row.shape)


def _limits(dtype):
    return int(np.iinfo(dtype).min), int(np.iinfo(dtype).max)


def _choices(cell):
    """Return odd values that may stand in for a cell."""
    if isinstance(cell, bool):
        return (not cell,)
    if isinstance(cell, (int, float)):
        return _ODD_NUMBERS
    if isinstance(cell, str):
        return (*_ODD_TEXTS, None)
    if isinstance(cell, bytes):
        return (b"", _LONG_TEXT.encode(), b"\x00\xff", b"?")
    if isinstance(cell, date):
        return _ODD_DATES
    return (None,)


def _can_move(cell):
    is_number = isinstance(cell, (int, float)) and not isinstance(cell, bool)
    return (is_number and np.isfinite(cell)) or isinstance(cell, (str, bytes))


def _moved(cell, rng):
    if isinstance(cell, int):
        return cell + int(rng.integers(-2, 3))
    if isinstance(cell, float):
        return cell + float(rng.uniform(-1e-6, 1e-6))
    tail = " " * int(rng.integers(1, 30)) + "." * int(rng.integers(30))
    return cell + (tail.encode() if isinstance(cell, bytes) else tail)
