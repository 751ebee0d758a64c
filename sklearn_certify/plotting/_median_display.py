"""The answers on one row, their median, and how far poison can move it."""

import numpy as np

from ..exceptions import InvalidInputError
from ._common import check_matplotlib, make_axes, poison_label, write_title

__all__ = ["MedianDisplay"]

# from the palette of Okabe and Ito, which stays distinct for the colour-blind
_PREDICTION, _TOLERANCE, _OTHER = "#0072B2", "#D55E00", "#666666"
_DOT_STYLE = {"s": 22, "color": _OTHER, "linewidths": 0}
_MARGIN = 0.06  # of the width of all answers, on either side
_UNTOLD = 1.25  # times the height of what is told, where nothing bounds is not reached


class MedianDisplay:
    """Answers of voters on one row, with the intervals that poison cannot move their median from.

    Make one with `explain(...).plot()`. Intervals grow upwards with the poison size. An answer
    stands at the smallest size whose interval reaches it: poison of less is proven not to move the
    prediction there.

    Parameters
    ----------
    values : array-like of float of shape (n_voters,)
        Answers, or targets of neighbours.
    reached_by : array-like of shape (n_voters,)
        The smallest poison size whose interval reaches each; None or NaN where that is unknown.
    intervals : list of dict
        ``low`` and ``high`` for each ``poison_size`` from which on they hold, ascending from 0.
    prediction : float
        The median.
    tolerance : float, default=None
        How far the prediction may move; a band shows it.
    threat_model : str, default=None
        What one unit of poison may do, for the label of the axis.
    grouped : bool, default=False
        Whether one unit of poison is a whole group (a contributor).
    name : str, default=None
        Title of the plot.

    Attributes
    ----------
    band_ : matplotlib collection
        The intervals.
    dots_ : matplotlib PathCollection
        The answers.
    ax_ : matplotlib Axes
        Axes with the picture.
    figure_ : matplotlib Figure
        Figure that holds the axes.

    Examples
    --------
    >>> from sklearn_certify.plotting import MedianDisplay
    >>> intervals = [
    ...     {"poison_size": 0, "low": 3.0, "high": 3.0},
    ...     {"poison_size": 1, "low": 2.0, "high": 5.0},
    ... ]
    >>> display = MedianDisplay([2.0, 3.0, 5.0], [1, 0, 1], intervals, prediction=3.0).plot()
    >>> display.dots_.get_offsets().tolist()
    [[2.0, 1.0], [3.0, 0.0], [5.0, 1.0]]
    """

    def __init__(
        self,
        values,
        reached_by,
        intervals,
        *,
        prediction,
        tolerance=None,
        threat_model=None,
        grouped=False,
        name=None,
    ):
        self.values = values
        self.reached_by = reached_by
        self.intervals = intervals
        self.prediction = prediction
        self.tolerance = tolerance
        self.threat_model = threat_model
        self.grouped = grouped
        self.name = name

    def plot(self, ax=None, *, name=None, dot_kwargs=None):
        """Draw answers and intervals.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw on; a new figure if None.
        name : str, default=None
            Title of the plot; the display's own if None.
        dot_kwargs : dict, default=None
            Keyword arguments of matplotlib's ``scatter``, for the answers.

        Returns
        -------
        display : MedianDisplay

        Raises
        ------
        MissingExtraError
            If matplotlib is missing.
        InvalidInputError
            If nobody answers.
        """
        check_matplotlib()
        values = np.asarray(self.values, dtype=np.float64)
        if not len(values):
            raise InvalidInputError("There are no answers to plot.")
        self.ax_ = make_axes(ax)
        self.figure_ = self.ax_.figure
        sizes = np.array([interval["poison_size"] for interval in self.intervals])
        reached = np.array(self.reached_by, dtype=np.float64)
        height = sizes[-1] if np.isnan(reached).any() else max(np.nanmax(reached), sizes[-1])
        top = max(np.ceil(_UNTOLD * height), height + 1) if np.isnan(reached).any() else height
        reached = np.where(np.isnan(reached), top, reached)
        margin = _MARGIN * (np.ptp(values) or 1.0)
        limits = values.min() - margin, values.max() + margin
        self._draw_tolerance()
        self.band_ = self._draw_intervals(sizes, top, limits)
        style = {**_DOT_STYLE, "zorder": 3, "label": "answers", **(dot_kwargs or {})}
        self.dots_ = self.ax_.scatter(values, reached, **style)
        self.ax_.scatter(
            [self.prediction], [0], s=60, color=_PREDICTION, zorder=4, label="prediction (median)"
        )
        self.ax_.set(xlim=limits, ylim=(-0.5, top + 0.5))
        self._dress_axes(name)
        return self

    def _draw_tolerance(self):
        if self.tolerance is None:
            return
        ends = self.prediction - self.tolerance, self.prediction + self.tolerance
        for place, end in enumerate(ends):
            label = f"within {self.tolerance:g}" if place == 0 else None
            self.ax_.axvline(end, color=_TOLERANCE, linestyle="--", linewidth=1.2, label=label)

    def _draw_intervals(self, sizes, top, limits):
        """Fill from the lower to the upper end, and grey where nothing bounds a side."""
        edges = np.append(sizes, top + 1) - 0.5
        heights = np.repeat(edges, 2)[1:-1]
        ends = {
            name: np.repeat([float(interval[name]) for interval in self.intervals], 2)
            for name in ("low", "high")
        }
        low, high = (np.clip(ends[name], *limits) for name in ("low", "high"))
        is_bounded = np.isfinite(ends["low"]) & np.isfinite(ends["high"])
        self.ax_.fill_betweenx(
            heights,
            low,
            high,
            where=~is_bounded,
            color="#999999",
            alpha=0.18,
            linewidth=0,
            label="nothing bounds a side" if not is_bounded.all() else None,
        )
        for values in (low, high):
            self.ax_.plot(
                np.where(is_bounded, values, np.nan), heights, color=_PREDICTION, linewidth=1.2
            )
        return self.ax_.fill_betweenx(
            heights,
            low,
            high,
            where=is_bounded,
            color=_PREDICTION,
            alpha=0.2,
            linewidth=0,
            label="certified interval",
        )

    def _dress_axes(self, name):
        from matplotlib.ticker import MaxNLocator

        self.ax_.yaxis.set_major_locator(MaxNLocator(integer=True))
        self.ax_.spines[["top", "right"]].set_visible(False)
        self.ax_.set(
            xlabel="Prediction, and answers",
            ylabel=poison_label("Poison size", self.threat_model, self.grouped),
        )
        self.ax_.legend(loc="best", fontsize="small")
        write_title(self.ax_, name, self.name, wrap=True)

    @classmethod
    def from_explanation(cls, explanation, *, name=None, ax=None, dot_kwargs=None):
        """Draw the answers of an explanation.

        Parameters
        ----------
        explanation : RegressionExplanation
            What `explain` returned.
        name : str, default=None
            Title of the plot; the prediction, and with a tolerance its certified radius, if None.
        ax : matplotlib Axes, default=None
            Axes to draw on; a new figure if None.
        dot_kwargs : dict, default=None
            Keyword arguments of matplotlib's ``scatter``, for the answers.

        Returns
        -------
        display : MedianDisplay

        Raises
        ------
        MissingExtraError
            If matplotlib is missing.
        InvalidInputError
            If nobody answers.
        """
        check_matplotlib()
        if name is None:
            name = f"{explanation.regressor}: {explanation.prediction:.6g}"
            if explanation.tolerance is not None:
                name += (
                    f", certified radius {explanation.radius:,} within {explanation.tolerance:g}"
                )
        answers = [carrier for carrier in explanation.carriers if carrier["value"] is not None]
        display = cls(
            [answer["value"] for answer in answers],
            [answer["reached_by"] for answer in answers],
            explanation.intervals,
            prediction=explanation.prediction,
            tolerance=explanation.tolerance,
            threat_model=explanation.threat_model,
            grouped=explanation.unit == "group",
            name=name,
        )
        return display.plot(ax=ax, dot_kwargs=dot_kwargs)
