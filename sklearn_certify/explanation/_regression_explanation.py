"""What is known of one predicted number."""

from dataclasses import dataclass, field

from ..plotting import MedianDisplay
from ._base_explanation import BaseExplanation
from ._words_of_numbers import intervals_table, remarks, sentence

__all__ = ["RegressionExplanation"]


@dataclass(frozen=True, eq=False, repr=False)
class RegressionExplanation(BaseExplanation):
    """Why a regressor predicts a number, and how far poison can provably move it.

    `explain` makes it. Printed it is a text; a notebook shows tables.

    Attributes
    ----------
    regressor : str
        Name of the certified regressor's class.
    prediction : float
        The median of what voters answer, or of the neighbours' targets; NaN where all abstain.
    intervals : list of dict
        Between which numbers poison leaves the prediction: ``low`` and ``high`` for each
        ``poison_size`` at which they are farther apart than for the size before, from 0 on. Up to
        the next size they stay as they are. Infinite where nothing bounds the prediction.
    tolerance : float or None
        How far the prediction may move, if `explain` was told.
    radius : int or None
        The largest amount of poison, in units of `threat_model`, that provably moves the prediction
        by no more than the tolerance; -1 where nothing is predicted, None without a tolerance.
    threat_model : str
        What one unit of poison may do, see `sklearn_certify.threat`.
    unit : {"row", "group"}
        Whether units of poison are rows, or groups of rows (contributors).
    n_voters : int
        Number of voters, or of neighbours.
    n_abstaining : int
        Voters that gave no answer.
    n_without_model : int
        Those of them that have no model: no rows to learn from, or it failed on them.
    partitions_per_unit : int or None
        How many partitions one unit can corrupt, where voters learn from partitions.
    carriers_are : {"partitions", "voters", "neighbors"}
        Whose answers they are.
    carriers : list of dict
        One for each of them, see `to_frame`.
    place : str
        Where neighbours are, in words.

    See Also
    --------
    explain : Makes an explanation.
    """

    regressor: str
    prediction: float
    intervals: list
    tolerance: float | None
    radius: int | None
    threat_model: str
    unit: str
    n_voters: int
    n_abstaining: int
    carriers_are: str
    carriers: list = field(repr=False)
    n_without_model: int = 0
    partitions_per_unit: int | None = None
    place: str = ""

    @property
    def unbounded_from(self):
        """The smallest poison size at which an end is infinite; None if none was found."""
        infinite = (
            interval["poison_size"]
            for interval in self.intervals
            if abs(interval["low"]) == float("inf") or abs(interval["high"]) == float("inf")
        )
        return next(infinite, None)

    @property
    def sentence(self):
        """The prediction and how much poison moves it how far, in one sentence."""
        return sentence(self)

    @property
    def remarks(self):
        """What else a reader has to know: a list of sentences."""
        return remarks(self)

    def _numbers(self):
        return "Certified intervals", intervals_table(self)

    def _carriers_caption(self):
        if self.carriers_are == "neighbors":
            return "Neighbours, in order of their targets"
        return f"{self.carriers_are.capitalize()}, in order of their answers"

    def _first_carriers(self, most):
        answers = [carrier for carrier in self.carriers if carrier["from_median"] is not None]
        if len(self.carriers) <= most or not answers:
            return super()._first_carriers(most)
        before = min(max(-answers[0]["from_median"] - most // 2, 0), len(self.carriers) - most)
        return self.carriers[before : before + most], f"the {most} around the median"

    def to_frame(self):
        """Return the answers as a table, the smallest first.

        Returns
        -------
        pandas.DataFrame
            ``partition``, its number as in ``partition_``, ``voter``, where voters share
            partitions, as in ``estimators_``, or ``row``, the number of a neighbour as in ``fit``;
            ``value``, what it answers, or its target; ``from_median``, how many places above the
            median that stands, negative below; ``reached_by``, the smallest poison size under
            which the prediction is not proven to stay short of it; ``n_rows``, the training rows
            that it has learned from; ``contributors``, their names, where `explain` was given
            groups; ``distance`` of a neighbour. Those who abstain come last, without a value.

        Raises
        ------
        MissingExtraError
            If pandas is missing.
        """
        return super().to_frame()

    def plot(self, ax=None, *, dot_kwargs=None):
        """Draw the answers, their median, and the intervals by poison size.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw on; a new figure if None.
        dot_kwargs : dict, default=None
            Keyword arguments of matplotlib's ``scatter``, for the answers.

        Returns
        -------
        MedianDisplay

        Raises
        ------
        MissingExtraError
            If matplotlib is missing.
        """
        return MedianDisplay.from_explanation(self, ax=ax, dot_kwargs=dot_kwargs)
