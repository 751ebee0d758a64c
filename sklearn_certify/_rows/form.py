"""The form of the rows of ``fit``, which queries must have too."""

from typing import NamedTuple

from ..exceptions import InvalidInputError

__all__ = ["RowForm"]


class RowForm(NamedTuple):
    """What is remembered of the rows of ``fit`` besides what scikit-learn remembers.

    Attributes
    ----------
    shape : tuple of int or None
        Shape of a row: () of a text, None where rows stay a table, which is compared by its names.
    column_names : list or None
        Names of a table's columns, strings or whatever its library allows; None for a missing
        one, and for rows that came in something else.
    c_ordered : bool
        Whether the cells lay in memory row by row when they came: steps in front may have summed
        them in the order in which they lay.
    """

    shape: tuple | None
    column_names: list | None
    c_ordered: bool

    def compare_shape(self, shape, name):
        """Raise if rows to ask about have another shape.

        Parameters
        ----------
        shape : tuple of int or None
            As `shape` above. A table and an array of as many columns are alike.
        name : str
            What was fitted.

        Raises
        ------
        InvalidInputError
            Names both shapes.
        """
        if shape is None or shape == self.shape or (self.shape is None and len(shape) == 1):
            return
        given = f"rows of shape {shape}" if shape else "one text per row"
        raise InvalidInputError(f"X has {given}, but {name} was fitted on {self._in_words()}.")

    def _in_words(self):
        if self.shape is None:
            return "a table"
        return f"rows of shape {self.shape}" if self.shape else "one text per row"

    def compare_names(self, names):
        """Raise if a table to ask about has other columns, or has them in another order.

        scikit-learn compares strings alone, and not those of every table.

        Parameters
        ----------
        names : list
            As `column_names` above.

        Raises
        ------
        InvalidInputError
            If columns are missing, new or in another order.
        """
        if self.column_names is None or names == self.column_names:
            return
        known, given = set(self.column_names), set(names)
        new = [name for name in names if name not in known]
        missing = [name for name in self.column_names if name not in given]
        lines = ["The feature names should match those that were passed during fit."]
        for what, those in (
            ("Feature names unseen at fit time", new),
            ("Feature names seen at fit time, yet now missing", missing),
        ):
            if those:
                lines.append(f"{what}: {', '.join(map(repr, those[:5]))}.")
        if known == given:
            lines.append("Feature names must be in the same order as they were in fit.")
        raise InvalidInputError(" ".join(lines))
