"""Read the first sheet of an Excel file."""

from io import BytesIO

from ...exceptions import InvalidInputError, MissingExtraError
from ...report._words import counted
from ._cells import as_text, to_cell
from ._names import check_names, distinct_names
from ._table import Table

__all__ = ["read_excel"]


def read_excel(file, path, *, has_names=None):
    """Read a table from an Excel file; each cell keeps the type it has in the sheet.

    Parameters
    ----------
    file : binary file
        The file.
    path : str
        What to call it in messages.
    has_names : bool, default=None
        Whether the first row that is not blank holds the names of the columns; None = it has
        to, and a first row that looks like any other is refused.

    Returns
    -------
    Table

    Raises
    ------
    InvalidInputError
        If the file cannot be read, or a row is longer than the row of the names.
    MissingExtraError
        If openpyxl is missing.
    """
    try:
        from openpyxl import load_workbook
    except ImportError as error:
        raise MissingExtraError(f"{path} needs openpyxl: pip install openpyxl") from error
    try:
        book = load_workbook(BytesIO(file.read()), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        numbered = [
            (number, list(map(to_cell, row)))
            for number, row in enumerate(sheet.iter_rows(values_only=True), start=1)
        ]
    except Exception as error:  # a broken file fails anywhere in the parsers of its parts
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise InvalidInputError(f"Cannot read {path}: {reason}") from error
    numbered = [(number, row) for number, row in numbered if any(cell != "" for cell in row)]
    names = []
    if numbered and has_names is not False:
        names = [" ".join(as_text(cell).split()) for cell in numbered.pop(0)[1]]
    elif numbered:
        names = [f"column {number + 1}" for number in range(len(_trimmed(numbered[0][1])))]
    rows = [_fitted(row, number, len(names), path) for number, row in numbered]
    columns = [list(cells) for cells in zip(*rows, strict=True)]
    if has_names is None and rows:
        check_names(names, columns, path)
    distinct, left_out, notes = distinct_names(names)
    if len(book.worksheets) > 1:
        notes.append(f"Only the first of {len(book.worksheets)} sheets is read, {sheet.title!r}.")
    starts = [number for number, _ in numbered]
    return Table(path, distinct, columns, starts, "row", left_out=left_out, notes=notes)


def _trimmed(row):
    while row and row[-1] == "":
        row = row[:-1]
    return row


def _fitted(row, number, width, path):
    """Return a row with as many cells as there are columns."""
    if len(_trimmed(row)) > width:
        raise InvalidInputError(
            f"Row {number} of {path} has {counted(len(_trimmed(row)), 'cell')}, but its first row "
            f"has {width}."
        )
    return row[:width] + [""] * (width - len(row))
