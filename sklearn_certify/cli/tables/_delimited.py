"""Read lines of text: names and cells with a separator between them."""

import csv
import io
import re

from ...exceptions import InvalidInputError
from ...report._words import counted
from ._decode import decoded
from ._names import check_names, distinct_names
from ._table import Table

__all__ = ["read_delimited"]

_DELIMITERS = ",;\t|"
_QUOTED = re.compile(r'(?:^|(?<=[,;\t| ]))"(?:[^"]|"")*"', re.MULTILINE)
_OPEN_QUOTE = re.compile(r'(?:^|[,;\t|])"')
_QUOTED_OR_WORD = re.compile(r'"(?:[^"]|"")*"(?![^ \t\r\n])|[^ \t\r\n]+')


def read_delimited(file, path, *, encoding=None, delimiter=None, has_names=None):
    """Read a table from text.

    Whatever is decided about the file follows from the line of the names, so that no row changes
    how others are read. Without names, a delimiter counts only if all rows agree about it.

    Parameters
    ----------
    file : binary file
        The text.
    path : str
        What to call it in messages.
    encoding : str, default=None
        Its encoding; UTF-8, or what the mark at its beginning says, if None.
    delimiter : str, default=None
        What separates cells, " " for runs of spaces; found in the line of the names if None.
    has_names : bool, default=None
        Whether the first line holds the names of the columns; None = it has to, and a first line
        that looks like a row is refused.

    Returns
    -------
    Table

    Raises
    ------
    InvalidInputError
        If the text cannot be decoded, or is no table.
    """
    lines = io.StringIO(decoded(file.read(), path, encoding), newline="")
    n_skipped, first, said = _skip_to_table(lines)
    delimiter = delimiter or said
    if has_names is False:
        rest = ["\n" if line.startswith("#") else line for line in [first, *lines]]
        delimiter = delimiter or _delimiter_of_rows(rest, path)
        rows, starts = _read_rows(rest, delimiter, n_skipped, path)
        raw_names = None
        names = [f"column {number + 1}" for number in range(len(rows[0]) if rows else 0)]
    else:
        first += _rest_of_quotes(first, lines)
        delimiter = delimiter or _delimiter_of_names(first)
        raw_names = next(iter(_read_rows([first], delimiter, n_skipped, path)[0]), [])
        names = [" ".join(cell.split()) for cell in raw_names]
        n_skipped += len(io.StringIO(first, newline="").readlines())
        rows, starts = _read_rows(lines, delimiter, n_skipped, path)
    n_repeated = sum(row == raw_names for row in rows)
    if n_repeated:
        starts = [start for start, row in zip(starts, rows, strict=True) if row != raw_names]
        rows = [row for row in rows if row != raw_names]
    _check_widths(rows, starts, len(names), path, raw_names is not None)
    columns = [list(map(str.strip, cells)) for cells in zip(*rows, strict=True)]
    columns = columns or [[] for _ in names]
    if has_names is None:
        check_names(names, columns, path)
    distinct, left_out, notes = distinct_names(names)
    if n_repeated:
        repeat = "lines that repeat" if n_repeated > 1 else "line that repeats"
        are = "are" if n_repeated > 1 else "is"
        notes.append(f"{n_repeated} {repeat} the names of the columns {are} left out.")
    return Table(
        path,
        distinct,
        columns,
        starts,
        left_out=left_out,
        suggests_comma=delimiter == ";",
        notes=notes,
    )


def _rest_of_quotes(line, lines):
    """Return the lines that a line within quotes goes on with."""
    rest = ""
    while _OPEN_QUOTE.search(_QUOTED.sub("x", line + rest)) and (more := lines.readline()):
        rest += more
    return rest


def _skip_to_table(lines):
    """Skip blank lines and remarks; return how many, the first line, and a delimiter said there."""
    n_skipped, said = 0, None
    for line in iter(lines.readline, ""):
        if found := re.fullmatch(r'sep=([^\w"\r\n])\s*', line):  # written for spreadsheets
            said = found[1]
        elif line.strip() and not line.startswith("#"):
            return n_skipped, line, said
        n_skipped += 1
    return n_skipped, "", said


def _delimiter_of_names(line):
    unquoted = _QUOTED.sub("x", line).strip()
    counts = {delimiter: unquoted.count(delimiter) for delimiter in _DELIMITERS}
    if any(counts.values()):
        return max(counts, key=counts.get)
    return " " if len(unquoted.split()) > 1 else ","


def _delimiter_of_rows(lines, path):
    """Return the one delimiter that splits all rows alike.

    One row can at worst leave none, or several, and the file is refused. Spaces count only if
    nothing else could separate cells anywhere.
    """
    unquoted = _QUOTED.sub("x", "".join(lines))
    fit = []
    for delimiter in [c for c in _DELIMITERS if c in unquoted] or " ":
        try:
            widths = {len(row) for row in _split(lines, delimiter) if row}
        except csv.Error:
            continue
        if len(widths) == 1 and widths != {1}:
            fit.append(delimiter)
    if len(fit) == 1:
        return fit[0]
    raise InvalidInputError(
        f"The separator of {path} does not follow from its rows: "
        + (f"{' and '.join(map(repr, fit))} split all alike" if fit else "none splits all alike")
        + "; name it with --delimiter."
    )


def _split(lines, delimiter):
    if delimiter == " ":
        return (_unquote(_QUOTED_OR_WORD.findall(line)) for line in lines)
    # strict: a quote that is not closed is an error, not the rest of the file
    return csv.reader(lines, delimiter=delimiter, skipinitialspace=True, strict=True)


def _unquote(words):
    return [
        word[1:-1].replace('""', '"') if len(word) > 1 and word[0] == word[-1] == '"' else word
        for word in words
    ]


def _read_rows(lines, delimiter, n_skipped, path):
    """Return the rows that are not blank, and the line that each begins in."""
    rows, starts = [], []
    reader = _split(lines, delimiter)
    start = n_skipped + 1
    try:
        for number, row in enumerate(reader, start=1):
            if row:
                rows.append(row)
                starts.append(start)
            # a row within quotes may be several lines long
            start = n_skipped + getattr(reader, "line_num", number) + 1
    except csv.Error as error:
        raise InvalidInputError(f"Cannot read {path}, line {start}: {error}.") from error
    return rows, starts


def _check_widths(rows, starts, width, path, named):
    """Drop empty cells beyond the last column; refuse rows of another width."""
    for number, (row, start) in enumerate(zip(rows, starts, strict=True)):
        while len(row) > width and not row[-1].strip():
            row.pop()
        if len(row) != width:
            names = "its first line names" if named else "its first line has"
            hint = " (does the column of the row names have no name?)"
            raise InvalidInputError(
                f"Line {start} of {path} has {counted(len(row), 'cell')}, but {names} "
                f"{counted(width, 'column')}"
                + (hint if named and number == 0 and len(row) == width + 1 else "")
                + "."
            )
