"""A histogram of how many weak learners vote for the labels that rows were given."""

import numpy as np
from sklearn.utils.validation import check_consistent_length, check_is_fitted, column_or_1d

from ..exceptions import InvalidInputError
from ._common import check_matplotlib, make_axes, write_title

__all__ = ["VoteShareDisplay"]

_FEW_BARS, _MANY_BARS = 10, 40
# from the palette of Okabe and Ito, which stays distinct for the colour-blind
_KEPT, _DROPPED, _CLEAN, _POISONED = "#0072B2", "#E69F00", "#0072B2", "#D55E00"
_BAR_STYLE = {"edgecolor": "white", "linewidth": 0.5}
_DROPPED_STYLE = {"hatch": "////"}


class VoteShareDisplay:
    """Histogram of vote shares: rows that are kept above the line, dropped ones below it.

    Poison that a filter finds has a low share. Make one with `from_filter`. Counts are on a
    logarithmic scale, as there are few poisoned rows among many clean ones.

    Parameters
    ----------
    vote_share : array-like of shape (n_rows,)
        The share of the weak learners that vote for the row's own label, from 0 to 1.
    keep_mask : array-like of bool of shape (n_rows,)
        Which rows the filter keeps.
    poisoned : array-like of bool of shape (n_rows,), default=None
        Which rows are poisoned, if that is known, as in an experiment.
    threshold : float, default=None
        The share above which rows are kept, for a line; none is drawn if None.
    name : str, default=None
        Title of the plot.

    Attributes
    ----------
    bars_ : dict of str to matplotlib BarContainer
        The bars, "kept" and "dropped"; with `poisoned` "clean, kept", "clean, dropped",
        "poisoned, kept" and "poisoned, dropped".
    line_ : matplotlib Line2D or None
        The line at the threshold.
    ax_ : matplotlib Axes
        Axes with the histogram.
    figure_ : matplotlib Figure
        Figure that holds the axes.

    See Also
    --------
    SuspiciousRowsDisplay : The most suspicious rows themselves.

    Notes
    -----
    The filters are empirical defences: a high share is no proof that a row is clean. Where a
    filter trains itself after the vote, it may drop rows above the threshold and keep some below.

    Examples
    --------
    >>> from sklearn_certify.plotting import VoteShareDisplay
    >>> display = VoteShareDisplay(
    ...     [1.0, 0.9, 0.1, 0.4], [True, True, False, False], threshold=0.5
    ... ).plot()
    >>> sorted(display.bars_)
    ['dropped', 'kept']
    """

    def __init__(self, vote_share, keep_mask, *, poisoned=None, threshold=None, name=None):
        self.vote_share = vote_share
        self.keep_mask = keep_mask
        self.poisoned = poisoned
        self.threshold = threshold
        self.name = name

    def plot(self, ax=None, *, name=None, bar_kwargs=None):
        """Draw the histogram.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw on; a new figure if None.
        name : str, default=None
            Title of the plot; the display's own if None.
        bar_kwargs : dict, default=None
            Keyword arguments of matplotlib's ``bar``, for all bars alike.

        Returns
        -------
        display : VoteShareDisplay

        Raises
        ------
        MissingExtraError
            If matplotlib is missing.
        InvalidInputError
            If there are no rows, a share is not between 0 and 1, or a mask is not of bool.
        """
        check_matplotlib()
        shares, groups = self._check()
        self.ax_ = make_axes(ax)
        self.figure_ = self.ax_.figure
        edges = _bins(shares)
        width = (edges[1] - edges[0]) * (0.5 if self.poisoned is not None else 1)
        self.bars_ = {}
        for label, (chosen, is_kept, place, style) in groups.items():
            counts = np.histogram(shares[chosen], edges)[0]
            style = {**_BAR_STYLE, **style, **(bar_kwargs or {})}
            style["label"] = f"{label} ({np.count_nonzero(chosen):,})"
            self.bars_[label] = self.ax_.bar(
                edges[:-1] + place * width,
                counts if is_kept else -counts,
                width,
                align="edge",
                **style,
            )
        self._dress_axes(name, edges)
        return self

    def _check(self):
        """Return the shares, and for each group its rows, side of the line, place and style."""
        shares = column_or_1d(self.vote_share).astype(np.float64)
        masks = {"keep_mask": self.keep_mask}
        if self.poisoned is not None:
            masks["poisoned"] = self.poisoned
        masks = {name: column_or_1d(mask) for name, mask in masks.items()}
        check_consistent_length(shares, *masks.values())
        if len(shares) == 0:
            raise InvalidInputError("There are no rows to plot.")
        if not (shares.min() >= 0 and shares.max() <= 1):  # False for NaN
            raise InvalidInputError("vote_share must lie between 0 and 1.")
        for name, mask in masks.items():
            if mask.dtype.kind != "b":
                raise InvalidInputError(f"{name} must be a mask of bool, got {mask.dtype}.")
        keep = masks["keep_mask"]
        if self.poisoned is None:
            dropped = {"color": _DROPPED, **_DROPPED_STYLE}
            return shares, {
                "kept": (keep, True, 0, {"color": _KEPT}),
                "dropped": (~keep, False, 0, dropped),
            }
        groups = {}
        kinds = (("clean", ~masks["poisoned"], _CLEAN), ("poisoned", masks["poisoned"], _POISONED))
        for place, (kind, rows, color) in enumerate(kinds):
            style = {"color": color}
            groups[f"{kind}, kept"] = (rows & keep, True, place, style)
            groups[f"{kind}, dropped"] = (rows & ~keep, False, place, {**style, **_DROPPED_STYLE})
        return shares, groups

    def _dress_axes(self, name, edges):
        from matplotlib.ticker import FuncFormatter

        self.line_ = None
        if self.threshold is not None:
            self.line_ = self.ax_.axvline(
                self.threshold, color="black", linestyle="--", label=f"threshold {self.threshold:g}"
            )
        self.ax_.axhline(0, color="black", linewidth=0.8)
        self.ax_.set_yscale("symlog", linthresh=1, linscale=0.5)
        # dropped rows hang below the line, but their number is no negative one
        self.ax_.yaxis.set_major_formatter(FuncFormatter(lambda count, _: f"{abs(count):,g}"))
        largest = max(abs(bar.get_height()) for bars in self.bars_.values() for bar in bars)
        self.ax_.set_ylim(-3 * largest, 3 * largest)
        self.ax_.set_xlim(edges[0], edges[-1])
        self.ax_.set(
            xlabel="Share of votes for the row's own label",
            ylabel="Rows: kept above, dropped below",
        )
        write_title(self.ax_, name, self.name)
        # outside of the axes, where it covers no bar
        self.ax_.legend(loc="upper center", bbox_to_anchor=(0.5, -0.18), ncols=2, frameon=False)

    @classmethod
    def from_filter(cls, filter, poisoned=None, *, name=None, ax=None, bar_kwargs=None):
        """Draw the histogram of a fitted filter.

        Parameters
        ----------
        filter : filter
            A fitted filter whose weak learners vote, such as `InverseSelfPacedFilter`, or a
            `SanitizedClassifier` that was fitted with one.
        poisoned : array-like of bool of shape (n_rows,), default=None
            Which of the rows that it was fitted on are poisoned, if that is known.
        name : str, default=None
            Title of the plot; the name of the filter's class if None.
        ax : matplotlib Axes, default=None
            Axes to draw on; a new figure if None.
        bar_kwargs : dict, default=None
            Keyword arguments of matplotlib's ``bar``, for all bars alike.

        Returns
        -------
        display : VoteShareDisplay

        Raises
        ------
        MissingExtraError
            If matplotlib is missing.
        NotFittedError
            If the filter was not fitted.
        InvalidInputError
            If nobody votes in the filter, or a mask is not of bool.
        """
        check_matplotlib()
        check_is_fitted(filter)
        filter = getattr(filter, "sanitizer_", filter)
        if not hasattr(filter, "vote_share_"):
            raise InvalidInputError(
                f"{type(filter).__name__} has no vote_share_: nobody votes in it. Use "
                "SuspiciousRowsDisplay, which takes any filter."
            )
        display = cls(
            filter.vote_share_,
            filter.keep_mask_,
            poisoned=poisoned,
            threshold=getattr(filter, "threshold_", None),
            name=type(filter).__name__ if name is None else name,
        )
        return display.plot(ax=ax, bar_kwargs=bar_kwargs)


def _bins(shares):
    """Return the edges of bars, from 10 to 40 of them.

    Where a few learners vote, shares are fractions with one denominator, and each of them has a
    bar of its own: bars of another width would hold one share more than their neighbours.
    """
    for n_voters in range(1, _MANY_BARS):
        if np.allclose(shares * n_voters, np.round(shares * n_voters), rtol=0, atol=1e-9):
            n_bars = n_voters * -(-_FEW_BARS // n_voters)
            return (np.arange(n_bars + 2) - 0.5) / n_bars
    return np.linspace(0, 1, _MANY_BARS // 2 + 1)
