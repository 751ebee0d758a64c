"""What is known of one prediction by voters on consecutive periods."""

from dataclasses import dataclass
from typing import Any

from ..plotting import VotesInTimeDisplay
from ._explanation import Explanation
from ._words_of_time import remarks, sentence

__all__ = ["TemporalExplanation"]


@dataclass(frozen=True, eq=False, repr=False)
class TemporalExplanation(Explanation):
    """Why one prediction stands, and within which periods poison provably leaves it as it is.

    `explain` makes it of a `TemporalAggregationClassifier`: an `Explanation` whose radius is the
    certified duration.

    Attributes
    ----------
    earliness : int
        The largest number of last periods within which no poison changes the prediction.
    window : int
        Number of consecutive periods that a voter learns from.
    first_period, last_period : int or pandas.Period
        The first period and the last, as ``fit`` got them.
    weakest : dict or None
        The consecutive periods, one more than the duration, in which poison may do most:
        ``first_period`` and ``last_period``; ``rival``, the label that comes nearest to winning,
        None for one that the attacker invents; ``damage``, what may be taken from the lead over it,
        and ``bears``, what that bears; ``n_spans``, how many spans of this length are not proven
        harmless; ``n_added``, voters reached that are in periods which nobody has declared. None if
        no other label can win.
    timeline : list of dict
        All voters in order of time, as the table of `to_frame` has those that the weakest periods
        reach.

    See Also
    --------
    explain : Makes an explanation.
    Explanation : The other attributes.
    """

    earliness: int = 0
    window: int = 1
    first_period: Any = None
    last_period: Any = None
    weakest: dict | None = None
    timeline: list = ()

    @property
    def sentence(self):
        """The prediction and which poison does not change it, in one sentence."""
        return sentence(self)

    @property
    def remarks(self):
        """What else a reader has to know: a list of sentences."""
        return remarks(self)

    def _carriers_caption(self):
        if self.weakest is None:
            return "Voters"
        first, last = self.weakest["first_period"], self.weakest["last_period"]
        where = f"period {first}" if first == last else f"the periods from {first} to {last}"
        return f"Voters that poison in {where} reaches"

    def to_frame(self):
        """Return the voters that the weakest periods reach as a table, in order of time.

        Returns
        -------
        pandas.DataFrame
            ``voter``, its number as in ``estimators_``; ``first_period`` and ``last_period`` that
            it learns from; ``vote``, None where it abstains; ``votes_for``, "prediction",
            "runner-up", "other" or "abstains", where the runner-up is the rival of `weakest`;
            ``at_stake``, how much of the lead over that poison can take. All voters, if no other
            label can win.

        Raises
        ------
        MissingExtraError
            If pandas is missing.
        """
        return super().to_frame()

    def plot(self, ax=None, *, bar_kwargs=None):
        """Draw the votes along time, with the weakest periods.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw on; a new figure if None.
        bar_kwargs : dict, default=None
            Keyword arguments of matplotlib's ``bar``.

        Returns
        -------
        VotesInTimeDisplay

        Raises
        ------
        MissingExtraError
            If matplotlib is missing.
        """
        return VotesInTimeDisplay.from_explanation(self, ax=ax, bar_kwargs=bar_kwargs)
