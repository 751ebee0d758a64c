"""What is known of one prediction."""

from dataclasses import dataclass, field
from typing import Any

from ..plotting import VoteCountDisplay
from ._base_explanation import BaseExplanation
from ._words import counts, remarks, sentence

__all__ = ["Explanation"]


@dataclass(frozen=True, eq=False, repr=False)
class Explanation(BaseExplanation):
    """Why one prediction stands, and how much poison provably leaves it as it is.

    `explain` makes it. Printed it is a text; a notebook shows tables.

    Attributes
    ----------
    classifier : str
        Name of the certified classifier's class.
    prediction : object
        The predicted label.
    radius : int
        The largest amount of poison, in units of `threat_model`, that provably leaves the
        prediction as it is, or with a `target` never makes it that; -1 where the classifier
        abstains, or the target is predicted already.
    votes : dict of object to int
        Votes for each label, the label with most of them first; of a run-off election those of
        the first round.
    second_round : dict of object to int, or None
        Who backs which finalist in the second round of a run-off election.
    n_voters : int
        Number of voters, or of neighbours that vote.
    n_abstaining : int
        Voters that voted for no label.
    n_without_model : int
        Those of them that have no model: no rows to learn from, or it failed on them.
    runner_up : object or None
        The label that limits the radius; None if it is one that the attacker invents, or if no
        other label can win. With a `target`, that.
    rivals : list
        All labels that limit the radius, None for one that the attacker invents: those that
        nothing proven keeps from winning, or that might together let another win, with one unit
        more than `radius`. Two of them may be needed in the first round of a run-off election.
        With a `target`, the labels that it must pass together, as far as they are what limits the
        radius; of a run-off election the other finalist.
    decided_in_round : int or None
        The round of a run-off election in which one unit more might turn the outcome.
    threat_model : str
        What one unit of poison may do, see `sklearn_certify.threat`.
    unit : {"row", "group"}
        Whether units of poison are rows, or groups of rows (contributors).
    partitions_per_unit : int or None
        How many partitions one unit can corrupt, where voters learn from partitions.
    confidence : float or None
        With which probability the certificate holds, over the choice of the subsamples; None
        where it always does.
    carriers_are : {"partitions", "voters", "neighbors"}
        What the lead is carried by.
    carriers : list of dict
        One for each of them, see `to_frame`.
    place : str
        Where neighbours that vote are, in words.
    target : object or None
        The label that an attacker wants; None if any change counts.
    lacks : dict of object to int, or None
        What the `target` must gain on each other label to stand before it: votes, and one more
        where it loses ties.
    opens_voters : bool
        Whether flipped labels are counted inside the voters (``label_flips="white_box"``).

    See Also
    --------
    explain : Makes an explanation.
    """

    classifier: str
    prediction: Any
    radius: int
    votes: dict
    n_voters: int
    n_abstaining: int
    runner_up: Any
    rivals: list
    threat_model: str
    unit: str
    carriers_are: str
    carriers: list = field(repr=False)
    n_without_model: int = 0
    second_round: dict | None = None
    decided_in_round: int | None = None
    partitions_per_unit: int | None = None
    confidence: float | None = None
    place: str = ""
    target: Any = None
    lacks: dict | None = None
    opens_voters: bool = False

    @property
    def has_target(self):
        """Whether the prediction is the target already."""
        return self.target is not None and self.prediction == self.target

    @property
    def runners_up(self):
        """The labels that stand for the rivals: one, or two of them in the first of two rounds."""
        if self.target is not None and not self.has_target:
            return [self.target]
        shown = self.rivals if self.decided_in_round == 1 else self.rivals[:1]
        return [label for label in shown if label is not None]

    @property
    def sentence(self):
        """The prediction and what it takes to change it, in one sentence."""
        return sentence(self)

    @property
    def remarks(self):
        """What else a reader has to know: a list of sentences."""
        return remarks(self)

    def _numbers(self):
        return "Votes", counts(self)

    def _carriers_caption(self):
        called = self.carriers_are.replace("neighbors", "neighbours")
        return f"{called.capitalize()} that carry the lead"

    def to_frame(self):
        """Return what carries the lead as a table, what matters most first.

        Returns
        -------
        pandas.DataFrame
            *Partitions*: ``partition``, its number as in ``partition_``; ``n_rows``, training
            rows in it; ``for_prediction`` and ``for_runner_up``, how many of the voters that use
            it vote for these (in the round that decides); ``at_stake``, how much of the lead over
            the runner-up poison in it can take, at most; ``vote``, where it has one voter;
            ``contributors``, their names, where `explain` was given groups. With a target it is
            ``for_target``, and at stake is what the labels that it must pass are ahead of it, in
            all.

            *Partitions* whose voters tell what flips do: ``vote``; ``flips_to_leave``, how many of
            the labels in it must change, at least, before a voter for the prediction votes
            otherwise; ``flips_to_runner_up`` (``flips_to_target``), before the voter votes for
            that; both None where they do not count, or no flips do; ``at_stake``;
            ``flips_per_vote``, the cheapest of both by what it takes from the lead.

            *Neighbours*: ``row``, its number as in ``fit``; ``distance``; ``label``;
            ``votes_for``, "prediction", "runner-up" ("target") or "other".

            *Voters* on random subsamples: ``voter``, its number as in ``estimators_``; ``vote``,
            None where it abstains; ``votes_for``.

        Raises
        ------
        MissingExtraError
            If pandas is missing.
        """
        return super().to_frame()

    def plot(self, ax=None, *, bar_kwargs=None):
        """Draw the votes.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw on; a new figure if None.
        bar_kwargs : dict, default=None
            Keyword arguments of matplotlib's ``barh``.

        Returns
        -------
        VoteCountDisplay

        Raises
        ------
        MissingExtraError
            If matplotlib is missing.
        """
        return VoteCountDisplay.from_explanation(self, ax=ax, bar_kwargs=bar_kwargs)
