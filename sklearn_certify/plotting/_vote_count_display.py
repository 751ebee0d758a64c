"""Bars of the votes that one prediction got."""

import numpy as np

from ..exceptions import InvalidInputError
from ._common import check_matplotlib, make_axes, use_whole_ticks, write_title

__all__ = ["VoteCountDisplay"]

_MOST_BARS = 12
# from the palette of Okabe and Ito, which stays distinct for the colour-blind
_STYLES = {
    "prediction": {"facecolor": "#0072B2"},
    "runner-up": {"facecolor": "#D55E00", "hatch": "////", "edgecolor": "white"},
    "target": {"facecolor": "#D55E00", "hatch": "////", "edgecolor": "white"},
    "other": {"facecolor": "#999999"},
}
_BAR_STYLE = {"height": 0.7}
_LABEL_PADDING = 3


class VoteCountDisplay:
    """Votes for each label on one row, the predicted label first.

    Make one with `explain(...).plot()`.

    Parameters
    ----------
    votes : dict of object to int
        Votes for each label.
    prediction : object, default=None
        The label that is predicted.
    rivals : list, default=()
        The labels that stand between the prediction and a larger radius.
    second_round : dict of object to int, default=None
        The votes of a second round between two labels, which are drawn instead.
    n_abstaining : int, default=0
        How many voters voted for none.
    target : object, default=None
        The label that an attacker wants.
    name : str, default=None
        Title of the plot.

    Attributes
    ----------
    bars_ : matplotlib BarContainer
        One bar per label, that of the prediction on top.
    ax_ : matplotlib Axes
        Axes with the bars.
    figure_ : matplotlib Figure
        Figure that holds the axes.

    Examples
    --------
    >>> from sklearn_certify.plotting import VoteCountDisplay
    >>> display = VoteCountDisplay(
    ...     {"stayed": 42, "churned": 8}, prediction="stayed", rivals=["churned"]
    ... ).plot()
    >>> [int(bar.get_width()) for bar in display.bars_]
    [42, 8]
    """

    def __init__(
        self,
        votes,
        *,
        prediction=None,
        rivals=(),
        second_round=None,
        n_abstaining=0,
        target=None,
        name=None,
    ):
        self.votes = votes
        self.prediction = prediction
        self.rivals = rivals
        self.second_round = second_round
        self.n_abstaining = n_abstaining
        self.target = target
        self.name = name

    def plot(self, ax=None, *, name=None, bar_kwargs=None):
        """Draw the bars.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw on; a new figure if None.
        name : str, default=None
            Title of the plot; the display's own if None.
        bar_kwargs : dict, default=None
            Keyword arguments of matplotlib's ``barh``.

        Returns
        -------
        display : VoteCountDisplay

        Raises
        ------
        MissingExtraError
            If matplotlib is missing.
        InvalidInputError
            If there are no labels.
        """
        check_matplotlib()
        if not self.votes:
            raise InvalidInputError("There are no labels to plot.")
        self.ax_ = make_axes(ax)
        self.figure_ = self.ax_.figure
        names, numbers, roles = self._bars()
        places = np.arange(len(names))
        self.bars_ = self.ax_.barh(places, numbers, **{**_BAR_STYLE, **(bar_kwargs or {})})
        for bar, role in zip(self.bars_, roles, strict=True):
            bar.set(**_STYLES[role])
        marks = [
            f"{number:,}" if role == "other" else f"{number:,} ({role})"
            for number, role in zip(numbers, roles, strict=True)
        ]
        self.ax_.bar_label(self.bars_, labels=marks, padding=_LABEL_PADDING)
        self._dress_axes(name, names)
        return self

    def _bars(self):
        """Return names, lengths and roles of the bars."""
        votes = self.votes if self.second_round is None else self.second_round
        order = sorted(votes, key=lambda label: (label != self.prediction, -votes[label]))
        shown, rest = order[:_MOST_BARS], order[_MOST_BARS:]
        if self.target in rest:
            shown, rest = [*shown, self.target], [label for label in rest if label != self.target]
        names = [str(label) for label in shown]
        numbers = [votes[label] for label in shown]
        roles = [self._role(label) for label in shown]
        for name, number in (
            (
                "1 other" if len(rest) == 1 else f"{len(rest)} others",
                sum(votes[label] for label in rest),
            ),
            ("(abstain)", self.n_abstaining),
        ):
            if number:
                names, numbers, roles = [*names, name], [*numbers, number], [*roles, "other"]
        return names, numbers, roles

    def _role(self, label):
        if label == self.prediction:
            return "prediction"
        if label == self.target:
            return "target"
        return "runner-up" if label in self.rivals else "other"

    def _dress_axes(self, name, names):
        self.ax_.set_yticks(np.arange(len(names)), names)
        self.ax_.invert_yaxis()
        use_whole_ticks(self.ax_)
        longest = max(max(bar.get_width() for bar in self.bars_), 1)
        self.ax_.set_xlim(0, 1.35 * longest)  # room for the words behind a bar
        self.ax_.spines[["top", "right"]].set_visible(False)
        self.ax_.set_xlabel("Votes" if self.second_round is None else "Votes in the second round")
        write_title(self.ax_, name, self.name, wrap=True)

    @classmethod
    def from_explanation(cls, explanation, *, name=None, ax=None, bar_kwargs=None):
        """Draw the votes of an explanation.

        Parameters
        ----------
        explanation : Explanation
            What `explain` returned.
        name : str, default=None
            Title of the plot; the prediction with its certified radius if None.
        ax : matplotlib Axes, default=None
            Axes to draw on; a new figure if None.
        bar_kwargs : dict, default=None
            Keyword arguments of matplotlib's ``barh``.

        Returns
        -------
        display : VoteCountDisplay

        Raises
        ------
        MissingExtraError
            If matplotlib is missing.
        """
        check_matplotlib()
        if name is None:
            radius = explanation.radius
            certified = "abstains" if radius < 0 else f"certified radius {radius:,}"
            if explanation.target is not None and radius >= 0:
                certified += f" toward {explanation.target}"
            if explanation.has_target:
                certified = "which is the target"
            name = f"{explanation.classifier}: {explanation.prediction}, {certified}"
        display = cls(
            explanation.votes,
            prediction=explanation.prediction,
            rivals=explanation.runners_up,
            second_round=explanation.second_round,
            n_abstaining=explanation.n_abstaining,
            target=explanation.target,
            name=name,
        )
        return display.plot(ax=ax, bar_kwargs=bar_kwargs)
