"""Votes on one row of voters on consecutive periods, along time."""

import numpy as np

from ..exceptions import InvalidInputError
from ._common import check_matplotlib, make_axes, write_title

__all__ = ["VotesInTimeDisplay"]

# from the palette of Okabe and Ito, which stays distinct for the colour-blind
_COLORS = {
    "prediction": "#0072B2",
    "runner-up": "#D55E00",
    "other": "#999999",
    "abstains": "#CCCCCC",
}
_WEAKEST = "#E69F00"
_BAR_STYLE = {"width": 0.85, "linewidth": 0}


class VotesInTimeDisplay:
    """Votes in order of time, a lane for each role, with the periods that a vote bears least.

    Make one with `explain(...).plot()`. A voter stands in the middle of the periods that it has
    learned from.

    Parameters
    ----------
    first_period, last_period : array-like of int of shape (n_voters,)
        The periods that each voter has learned from.
    roles : array-like of str of shape (n_voters,)
        For whom each votes: "prediction", "runner-up", "other" or "abstains".
    names : dict of str to str, default=None
        What the label of a role is called.
    weakest : (int, int), default=None
        The first and the last of the periods to mark.
    name_of_period : callable, default=None
        Names a period, for ticks; as a number if None.
    name : str, default=None
        Title of the plot.

    Attributes
    ----------
    bars_ : dict of str to matplotlib BarContainer
        The votes by role.
    ax_ : matplotlib Axes
        Axes with the bars.
    figure_ : matplotlib Figure
        Figure that holds the axes.

    Examples
    --------
    >>> from sklearn_certify.plotting import VotesInTimeDisplay
    >>> display = VotesInTimeDisplay(
    ...     range(4), range(4), ["prediction", "other", "prediction", "prediction"], weakest=(2, 3)
    ... ).plot()
    >>> {role: len(bars) for role, bars in display.bars_.items()}
    {'prediction': 3, 'other': 1}
    """

    def __init__(
        self,
        first_period,
        last_period,
        roles,
        *,
        names=None,
        weakest=None,
        name_of_period=None,
        name=None,
    ):
        self.first_period = first_period
        self.last_period = last_period
        self.roles = roles
        self.names = names
        self.weakest = weakest
        self.name_of_period = name_of_period
        self.name = name

    def plot(self, ax=None, *, name=None, bar_kwargs=None):
        """Draw the votes.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw on; a new figure if None.
        name : str, default=None
            Title of the plot; the display's own if None.
        bar_kwargs : dict, default=None
            Keyword arguments of matplotlib's ``bar``.

        Returns
        -------
        display : VotesInTimeDisplay

        Raises
        ------
        MissingExtraError
            If matplotlib is missing.
        InvalidInputError
            If there are no voters.
        """
        check_matplotlib()
        roles = np.array(self.roles, dtype=object)
        if not len(roles):
            raise InvalidInputError("There are no voters to plot.")
        self.ax_ = make_axes(ax)
        self.figure_ = self.ax_.figure
        first, last = np.asarray(self.first_period), np.asarray(self.last_period)
        lanes = [role for role in _COLORS if (roles == role).any()]
        self._mark_weakest((last - first).max())
        self.bars_ = {}
        for lane, role in enumerate(lanes):
            places = (first + last)[roles == role] / 2
            style = {**_BAR_STYLE, "color": _COLORS[role], "zorder": 2, **(bar_kwargs or {})}
            self.bars_[role] = self.ax_.bar(places, 0.7, bottom=lane - 0.35, **style)
        self._dress_axes(name, lanes)
        return self

    def _mark_weakest(self, overlap):
        if self.weakest is None:
            return
        start, stop = self.weakest
        is_one = start == stop
        self.ax_.axvspan(
            start - 0.5 - overlap / 2,
            stop + 0.5 + overlap / 2,
            color=_WEAKEST,
            alpha=0.15,
            linewidth=0,
            label="voters reached" if overlap else None,
        )
        self.ax_.axvspan(
            start - 0.5,
            stop + 0.5,
            color=_WEAKEST,
            alpha=0.3,
            linewidth=0,
            label="weakest period" if is_one else f"weakest {stop - start + 1:,} periods",
        )

    def _dress_axes(self, name, lanes):
        from matplotlib.ticker import FuncFormatter, MaxNLocator

        names = self.names or {}
        marks = [
            f"{names[role]} ({role}): {len(self.bars_[role]):,}"
            if role in names
            else f"({role}): {len(self.bars_[role]):,}"
            for role in lanes
        ]
        self.ax_.set_yticks(range(len(lanes)), marks)
        self.ax_.set_ylim(len(lanes) - 0.5, -0.5)
        self.ax_.tick_params(axis="y", length=0)
        self.ax_.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=7))
        if self.name_of_period is not None:
            self.ax_.xaxis.set_major_formatter(
                FuncFormatter(lambda place, _: str(self.name_of_period(int(place))))
            )
        self.ax_.spines[["top", "right", "left"]].set_visible(False)
        self.ax_.set_xlabel("Period")
        if self.weakest is not None:
            self.ax_.legend(
                loc="upper center",
                bbox_to_anchor=(0.5, -0.2),
                ncols=2,
                frameon=False,
                fontsize="small",
            )
        write_title(self.ax_, name, self.name, wrap=True)

    @classmethod
    def from_explanation(cls, explanation, *, name=None, ax=None, bar_kwargs=None):
        """Draw the votes of an explanation.

        Parameters
        ----------
        explanation : TemporalExplanation
            What `explain` returned.
        name : str, default=None
            Title of the plot; the prediction with its certified duration if None.
        ax : matplotlib Axes, default=None
            Axes to draw on; a new figure if None.
        bar_kwargs : dict, default=None
            Keyword arguments of matplotlib's ``bar``.

        Returns
        -------
        display : VotesInTimeDisplay

        Raises
        ------
        MissingExtraError
            If matplotlib is missing.
        """
        check_matplotlib()
        if name is None:
            name = f"{explanation.classifier}: {explanation.prediction}"
            if explanation.radius >= 0:
                name += f", certified duration {explanation.radius:,}"
        weakest, voters = explanation.weakest, explanation.timeline
        names = {"prediction": str(explanation.prediction)}
        marked = None
        if weakest is not None:
            marked = _number(weakest["first_period"]), _number(weakest["last_period"])
            if weakest["rival"] is not None:
                names["runner-up"] = str(weakest["rival"])
        display = cls(
            [_number(voter["first_period"]) for voter in voters],
            [_number(voter["last_period"]) for voter in voters],
            [voter["votes_for"] for voter in voters],
            names=names,
            weakest=marked,
            name_of_period=_naming(explanation.first_period),
            name=name,
        )
        return display.plot(ax=ax, bar_kwargs=bar_kwargs)


def _number(period):
    return period if isinstance(period, int) else period.ordinal


def _naming(period):
    """Return a function that names numbers as the periods of pandas that they stand for."""
    if isinstance(period, int):
        return None
    return lambda number: type(period)(ordinal=number, freq=period.freq)
