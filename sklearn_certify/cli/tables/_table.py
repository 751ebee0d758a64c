"""A table as it stands in a file, before anything is decided about its columns."""

from dataclasses import dataclass, field, replace

from ...exceptions import InvalidInputError

__all__ = ["Table"]


@dataclass
class Table:
    """Names and cells.

    Attributes
    ----------
    path : str
        What to call the file in messages.
    names : list of str
        Names of the columns, each of its own.
    columns : list of list
        The cells of each column: texts, "" where one is missing, or numbers.
    lines : sequence of int
        The line of the file, or the row of the sheet, that each row begins in.
    line_word : str
        "line" or "row", whatever `lines` count.
    kinds : dict of int to str
        "number" or "text" for the columns whose kind the file itself tells, by position.
    left_out : dict of int to str
        Why a column is no feature unless an option names it, by position.
    suggests_comma : bool
        Whether a decimal comma is likely from the outset.
    key_lists : list of tuple or None
        The names in each row, where every row has its own.
    notes : list of str
        What a reader has to know.
    """

    path: str
    names: list
    columns: list
    lines: list
    line_word: str = "line"
    kinds: dict = field(default_factory=dict)
    left_out: dict = field(default_factory=dict)
    suggests_comma: bool = False
    key_lists: list | None = None
    notes: list = field(default_factory=list)

    def position(self, name):
        """Return the position of a column by its name or its number.

        Parameters
        ----------
        name : str
            A name, or a number from 1 up, or from -1 down for the last ones that are not left
            out. A name wins.

        Returns
        -------
        int

        Raises
        ------
        InvalidInputError
            If there is no such column.
        """
        if name in self.names:
            return self.names.index(name)
        try:
            number = int(name)
        except ValueError:
            number = 0
        last = len(self.names)
        while last - 1 in self.left_out:  # an index that pandas put there
            last -= 1
        if self.key_lists is not None:  # rows with names of their own have no order of columns
            last = 0
        if 1 <= number <= last:
            return number - 1
        if 1 <= -number <= last:
            return last + number
        raise InvalidInputError(
            f"There is no column {name!r} in {self.path}; there are {_shortened(self.names)}."
        )

    def take(self, rows):
        """Return a table with some of the rows.

        Parameters
        ----------
        rows : list of int
            Their positions.

        Returns
        -------
        Table
        """
        key_lists = self.key_lists and [self.key_lists[row] for row in rows]
        return replace(
            self,
            columns=[[cells[row] for row in rows] for cells in self.columns],
            lines=[self.lines[row] for row in rows],
            key_lists=key_lists,
        )


def _shortened(names):
    listed = ", ".join(map(repr, names[:10]))
    return listed if len(names) <= 10 else f"{listed}, ... ({len(names)} in all)"
