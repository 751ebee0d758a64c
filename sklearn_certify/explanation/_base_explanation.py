"""What all explanations look like."""

from abc import ABC, abstractmethod

from .._rows import data_frame
from ._page import page
from ._words import table_lines

__all__ = ["BaseExplanation"]


class BaseExplanation(ABC):
    """Base class of explanations: a text, a page, tables.

    A subclass has `carriers`, what the prediction is made of, a list of dict, and says what there
    is to say.
    """

    @property
    @abstractmethod
    def sentence(self):
        """The prediction and what it takes to change it, in one sentence."""

    @property
    @abstractmethod
    def remarks(self):
        """What else a reader has to know: a list of sentences."""

    @abstractmethod
    def _numbers(self):
        """Return the caption and the rows of the table that sums up, its head first.

        The last of each row's cells is a mark that stands behind the others.
        """

    @abstractmethod
    def _carriers_caption(self):
        """Return what the table of carriers is headed by."""

    def _first_carriers(self, most):
        """Return some carriers to show, and which they are in words, "" if they are all."""
        if len(self.carriers) <= most:
            return self.carriers, ""
        return self.carriers[:most], f"the first {most}"

    def __str__(self):
        lines = table_lines(self._numbers()[1])
        return "\n".join([self.sentence, "", *lines, "", *self.remarks])

    __repr__ = __str__

    def _repr_html_(self):
        return page(self)

    def to_frame(self):
        """Return what the prediction is made of as a table.

        Returns
        -------
        pandas.DataFrame

        Raises
        ------
        MissingExtraError
            If pandas is missing.
        """
        return data_frame(self.carriers)

    @abstractmethod
    def plot(self, ax=None):
        """Draw what the prediction is made of."""
