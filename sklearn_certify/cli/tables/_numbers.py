"""Read cells as numbers, each on its own, as people write them."""

import re
from dataclasses import dataclass
from decimal import Decimal
from numbers import Real

import numpy as np

from ._cells import WORDS_FOR_MISSING

__all__ = ["NumberStyle", "Numbers", "read_numbers"]

_SPACES = " \u00a0\u2009\u202f"
_APOSTROPHES = "'\u2019"
_SEPARATORS = ",." + _SPACES + _APOSTROPHES
_CURRENCY = "(?:[$€£¥₹₽₩₪₺₫₴₦₱฿]|EUR|USD|GBP|CHF)"
_NUMBER = re.compile(
    rf"(?P<sign>[+-]?)\s*{_CURRENCY}?\s*(?P<late_sign>[+-]?)"
    rf"(?P<digits>[0-9.,](?:[{_SEPARATORS}]?[0-9])*[.,]?(?:[eE][+-]?[0-9]+)?)"
    rf"\s*(?:{_CURRENCY}|%)?"
)
_AMBIGUOUS = re.compile(r"[+-]?[1-9][0-9]{0,2}\.[0-9]{3}")  # 1.234: a fraction, or thousands
_EXPONENT = "(?:[eE][+-]?[0-9]+)?"
_PLAIN = frozenset("0123456789+-eE\n")
_POINT, _COMMA = ".", ","
_PLAIN_NUMBERS = {
    mark: re.compile(
        rf"|[+-]?(?:[0-9]+[{mark}]?[0-9]*|[{mark}][0-9]+)(?:[eE][+-]?[0-9]+)?"
    ).fullmatch
    for mark in (_POINT, _COMMA)
}
_WITHOUT_SEPARATORS = {
    mark: str.maketrans(dict.fromkeys(_SEPARATORS, "") | {mark: _POINT})
    for mark in (_POINT, _COMMA)
}


@dataclass(frozen=True)
class NumberStyle:
    """How numbers are written, as far as it is known beforehand.

    Parameters
    ----------
    decimal : {".", ","}, default=None
        The decimal mark; None leaves it to the cells.
    thousands : str, default=None
        What separates groups of three digits, "" if nothing does; None allows the mark that is
        not the decimal one, spaces and apostrophes.
    """

    decimal: str | None = None
    thousands: str | None = None

    @property
    def fixed_mark(self):
        """The decimal mark that follows from the options, or None."""
        other = {_COMMA: _POINT, _POINT: _COMMA}
        return self.decimal or other.get(self.thousands)

    def separators(self, mark):
        """Return the characters that may separate groups where `mark` marks decimals."""
        allowed = _SEPARATORS if self.thousands is None else self.thousands
        if allowed == " ":
            allowed = _SPACES
        elif allowed == "'":
            allowed = _APOSTROPHES
        return allowed.replace(mark, "")

    def pattern(self, mark):
        """Return the pattern of the digits of a number with this decimal mark."""
        mark_, separators = re.escape(mark), self.separators(mark)
        whole = f"[0-9]+(?:{mark_}[0-9]*)?{_EXPONENT}|{mark_}[0-9]+{_EXPONENT}"
        if not separators:
            return re.compile(whole)
        groups = rf"[1-9][0-9]{{0,2}}(?P<separator>[{separators}])[0-9]{{3}}"
        groups += r"(?:(?P=separator)[0-9]{3})*"
        if _COMMA in separators:  # 12,34,567, as in India
            groups += "|[1-9][0-9]?(?:,[0-9]{2})+,[0-9]{3}"
        return re.compile(f"(?:{groups})(?:{mark_}[0-9]*)?|{whole}")


@dataclass
class Numbers:
    """What the cells of a column are as numbers.

    Attributes
    ----------
    with_point, with_comma : ndarray of float64 of shape (n_rows,)
        Values if cells that can be read in two ways have a decimal point, or a comma; NaN for
        what is no number.
    is_odd : ndarray of bool of shape (n_rows,)
        Cells that are neither numbers nor missing.
    tells : ndarray of int8 of shape (n_rows,)
        1 for a cell that only a decimal comma explains, -1 for one that only a point does.
    """

    with_point: np.ndarray
    with_comma: np.ndarray
    is_odd: np.ndarray
    tells: np.ndarray

    @property
    def votes(self):
        """Whether each cell is for a column of numbers (1), against it (-1), or missing (0)."""
        return np.where(np.isnan(self.with_point), -self.is_odd.astype(np.int8), 1)

    @property
    def is_ambiguous(self):
        """Which cells can be read in two ways."""
        return (self.with_point != self.with_comma) & ~np.isnan(self.with_point)

    def replaced(self, rows, numbers):
        """Return a copy with other cells at some rows.

        Parameters
        ----------
        rows : list of int
            Their positions.
        numbers : Numbers
            The cells there.

        Returns
        -------
        Numbers
        """
        columns = {name: column.copy() for name, column in vars(self).items()}
        for name, column in columns.items():
            column[rows] = getattr(numbers, name)
        return Numbers(**columns)


def read_numbers(cells, style):
    """Read each cell as a number.

    A sign of percent or of a currency is dropped. A cell that can be read in one way only is read
    in that way, whatever other cells are like: 1,5 and 1.234,5 have a decimal comma, 1.5 and
    1,234.5 a point.

    Parameters
    ----------
    cells : list
        Texts, "" for missing ones, or numbers.
    style : NumberStyle
        What is known beforehand.

    Returns
    -------
    Numbers

    Examples
    --------
    >>> from sklearn_certify.cli.tables import NumberStyle, read_numbers
    >>> numbers = read_numbers(["1.234", "1,5", "$ 7", "12 %", "?", ""], NumberStyle())
    >>> numbers.with_point.tolist()
    [1.234, 1.5, 7.0, 12.0, nan, nan]
    >>> numbers.with_comma.tolist()
    [1234.0, 1.5, 7.0, 12.0, nan, nan]
    >>> numbers.is_odd.tolist()
    [False, False, False, False, True, False]
    """
    if not any(isinstance(cell, str) and cell for cell in cells):
        return _read_typed_cells(cells)
    numbers = _read_plain_cells(cells, style)
    if numbers is not None:
        return numbers
    # most cells may be plain all the same
    text = "".join(map(str, cells))
    is_plain = _PLAIN_NUMBERS[_COMMA if text.count(_COMMA) > text.count(_POINT) else _POINT]
    others = [row for row, cell in enumerate(cells) if not is_plain(str(cell))]
    plain = list(cells)
    for row in others:
        plain[row] = ""
    numbers = _read_plain_cells(plain, style)
    if numbers is None:
        return _read_any_cells(cells, style)
    return numbers.replaced(others, _read_any_cells([cells[row] for row in others], style))


def _read_typed_cells(cells):
    """Read cells that are numbers or missing already."""
    values = np.array([np.nan if cell == "" else _as_float(cell) for cell in cells])
    is_odd = np.isinf(values)
    values[is_odd] = np.nan
    return Numbers(values, values, is_odd, np.zeros(len(cells), dtype=np.int8))


def _read_plain_cells(cells, style):
    """Read cells that are but digits, signs and one kind of mark, or return None: the quick way."""
    try:
        text = "\n".join(cells)
    except TypeError:  # there are numbers among them
        return None
    marks = set(text) - _PLAIN
    if not marks <= {_POINT} and not marks <= {_COMMA}:
        return None
    mark = marks.pop() if marks else _POINT
    other = _COMMA if mark == _POINT else _POINT
    texts = cells if mark == _POINT else [cell.replace(_COMMA, _POINT) for cell in cells]
    try:
        values = np.array([float(cell) if cell else np.nan for cell in texts])
    except ValueError:
        return None
    if np.isinf(values).any():
        return None
    grouped, tells = values, np.zeros(len(cells), dtype=np.int8)
    if mark in text:
        tells[[_POINT in cell for cell in texts]] = -1 if mark == _POINT else 1
        if mark in style.separators(other):
            of_such_size = np.flatnonzero((np.abs(values) >= 1) & (np.abs(values) < 1000))
            ambiguous = [i for i in of_such_size.tolist() if _AMBIGUOUS.fullmatch(texts[i])]
            if ambiguous:
                tells[ambiguous] = 0
                grouped = values.copy()
                grouped[ambiguous] = [float(texts[i].replace(_POINT, "")) for i in ambiguous]
    pair = (values, grouped) if mark == _POINT else (grouped, values)
    return Numbers(*pair, np.zeros(len(cells), dtype=bool), tells)


def _read_any_cells(cells, style):
    patterns = {mark: style.pattern(mark) for mark in (_POINT, _COMMA)}
    known = {}
    for cell in cells:
        # True == 1 == 1.0, and all three are read alike
        if cell not in known:
            known[cell] = _read_cell(cell, patterns)
    with_point, with_comma, is_odd, tells = zip(*(known[cell] for cell in cells), strict=True)
    return Numbers(
        np.array(with_point), np.array(with_comma), np.array(is_odd), np.array(tells, np.int8)
    )


def _read_cell(cell, patterns):
    """Return the two values of a cell, whether it is odd, and what mark it tells."""
    missing, odd = (np.nan, np.nan, False, 0), (np.nan, np.nan, True, 0)
    if isinstance(cell, (Real, Decimal)):
        value = _as_float(cell)
        return odd if np.isinf(value) else (value, value, False, 0)
    if cell == "" or cell.lower() in WORDS_FOR_MISSING:
        return missing
    found = _NUMBER.fullmatch(cell.replace("\u2212", "-"))
    if found is None or (found["sign"] and found["late_sign"]):
        return odd
    sign = found["sign"] or found["late_sign"]
    values = [
        _value(sign, found["digits"], mark, pattern.fullmatch(found["digits"]))
        for mark, pattern in patterns.items()
    ]
    with_point, with_comma = values
    if with_point is None and with_comma is None:
        return odd
    if with_comma is None:
        return with_point, with_point, False, -1
    if with_point is None:
        return with_comma, with_comma, False, 1
    return with_point, with_comma, False, 0


def _value(sign, digits, mark, matches):
    if not matches:
        return None
    value = float(sign + digits.translate(_WITHOUT_SEPARATORS[mark]))
    return None if np.isinf(value) else value


def _as_float(number):
    try:
        return float(number)
    except OverflowError:  # a whole number of more than 308 digits
        return np.inf
