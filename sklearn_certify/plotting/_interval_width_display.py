"""How wide the certified intervals of a regressor are, by poison size."""

import numpy as np

from ..exceptions import InvalidInputError
from ..metrics import certified_interval_width
from ..pipelines import predict_interval
from ..threat import check_poison_sizes
from ._common import check_matplotlib, make_axes, poison_label, settings_of, use_whole_ticks

__all__ = ["IntervalWidthDisplay"]

_MOST_SIZES = 50
_MOST_POISON = 2**20
_OUT_OF_SIGHT = 1e3  # times as high as the highest finite number that is drawn


class IntervalWidthDisplay:
    """Curve of the width of certified intervals: how far an attack can move predictions.

    Make one with `from_estimator` or `from_predictions`. A line shows the median width of the rows,
    and a band around it the middle part of the rows. Both leave the picture at the top where
    nothing bounds the predictions any more. They are upper bounds: between two given poison sizes
    they have the width of the larger one, and steps end half a unit after their poison size.

    Parameters
    ----------
    poison_sizes : array-like of int of shape (n_sizes,)
        Poison sizes, ascending.
    widths : array-like of float of shape (n_samples, n_sizes)
        Width of the certified interval of each row at those sizes, in units of y.
    name : str, default=None
        Name of the curve in the legend; without one there is no legend.
    threat_model : str, default=None
        What one unit of poison may do, for the label of the axis.
    grouped : bool, default=False
        Whether one unit of poison is a whole group (a contributor).

    Attributes
    ----------
    line_ : matplotlib Line2D
        The medians.
    band_ : matplotlib collection
        The middle part of the rows.
    ax_ : matplotlib Axes
        Axes with the curve.
    figure_ : matplotlib Figure
        Figure that holds the axes.

    See Also
    --------
    sklearn_certify.metrics.certified_interval_width : The numbers alone.

    Examples
    --------
    >>> from sklearn.datasets import load_diabetes
    >>> from sklearn_certify import CertifiedKNNRegressor
    >>> from sklearn_certify.plotting import IntervalWidthDisplay
    >>> X, y = load_diabetes(return_X_y=True, scaled=False)
    >>> regressor = CertifiedKNNRegressor(n_neighbors=45).fit(X, y)
    >>> display = IntervalWidthDisplay.from_estimator(regressor, X)
    >>> display.ax_.get_xlabel()
    'Poison size (rows inserted or deleted)'
    """

    def __init__(self, poison_sizes, widths, *, name=None, threat_model=None, grouped=False):
        self.poison_sizes = poison_sizes
        self.widths = widths
        self.name = name
        self.threat_model = threat_model
        self.grouped = grouped

    def plot(self, ax=None, *, name=None, middle_share=0.8, curve_kwargs=None):
        """Draw the curve.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw on, which may hold other curves; a new figure if None.
        name : str, default=None
            Name of the curve in the legend; the display's own if None.
        middle_share : float, default=0.8
            Share of the rows that the band shows: without those of the smallest and the largest
            widths, as many of each.
        curve_kwargs : dict, default=None
            Keyword arguments of matplotlib's ``plot``, for the line.

        Returns
        -------
        display : IntervalWidthDisplay

        Raises
        ------
        MissingExtraError
            If matplotlib is missing.
        InvalidInputError
            If there are no rows, `middle_share` is not between 0 and 1, or there is no such threat
            model.
        """
        sizes, widths = np.asarray(self.poison_sizes), np.asarray(self.widths, dtype=np.float64)
        if len(widths) == 0 or len(sizes) == 0:
            raise InvalidInputError("There are no rows or no poison sizes, so nothing to draw.")
        if not 0 <= middle_share <= 1:
            raise InvalidInputError(f"middle_share must be from 0 to 1, got {middle_share!r}.")
        self.ax_ = make_axes(ax)
        self.figure_ = self.ax_.figure
        shares = [(1 - middle_share) / 2, 0.5, (1 + middle_share) / 2]
        # of two numbers between which a share falls the larger one: it may be infinite
        heights = np.quantile(widths, shares, axis=0, method="higher")
        top = 1.05 * np.max(heights, initial=0.0, where=np.isfinite(heights)) or 1.0
        heights = np.minimum(heights, _OUT_OF_SIGHT * top)
        edges = np.append(sizes[:1], sizes + 0.5)
        low, median, high = np.concatenate([heights[:, :1], heights], axis=1)
        style = {"label": self.name if name is None else name, **(curve_kwargs or {})}
        limits = self.ax_.get_ylim() if self.ax_.has_data() else (0.0, 0.0)
        (self.line_,) = self.ax_.plot(edges, median, drawstyle="steps-pre", **style)
        self.band_ = self.ax_.fill_between(
            edges, low, high, step="pre", color=self.line_.get_color(), alpha=0.2, linewidth=0
        )
        self.line_.sticky_edges.x[:] = [0]
        use_whole_ticks(self.ax_)
        self.ax_.set(
            xlabel=poison_label("Poison size", self.threat_model, self.grouped),
            ylabel=f"Width of certified intervals\n(median, middle {middle_share:.0%} of rows)",
            ylim=(0.0, max(top, limits[1])),
        )
        if style["label"] is not None:
            self.ax_.legend()
        return self

    @classmethod
    def from_predictions(
        cls,
        intervals,
        poison_sizes,
        *,
        name=None,
        threat_model=None,
        grouped=False,
        ax=None,
        curve_kwargs=None,
    ):
        """Draw the curve of known intervals.

        Parameters
        ----------
        intervals : array-like of float of shape (n_samples, 2, n_sizes)
            Lower and upper ends, as ``predict_interval`` returns them.
        poison_sizes : array-like of int of shape (n_sizes,)
            Poison sizes, ascending.
        name : str, default=None
            Name of the curve in the legend; without one there is no legend.
        threat_model : str, default=None
            What one unit of poison may do, for the label of the axis.
        grouped : bool, default=False
            Whether one unit of poison is a whole group (a contributor).
        ax : matplotlib Axes, default=None
            Axes to draw on; a new figure if None.
        curve_kwargs : dict, default=None
            Keyword arguments of matplotlib's ``plot``, for the line.

        Returns
        -------
        display : IntervalWidthDisplay

        Raises
        ------
        MissingExtraError
            If matplotlib is missing.
        InvalidInputError
            If intervals and poison sizes do not fit together, poison sizes do not ascend, there are
            no rows, or there is no such threat model.

        Examples
        --------
        >>> from sklearn_certify.plotting import IntervalWidthDisplay
        >>> intervals = [[[3.0, 2.0], [3.0, 4.0]], [[5.0, 5.0], [5.0, 8.0]]]
        >>> display = IntervalWidthDisplay.from_predictions(intervals, [0, 1])
        >>> display.widths
        array([[0., 2.],
               [0., 3.]])
        """
        check_matplotlib()
        sizes = np.atleast_1d(check_poison_sizes(poison_sizes))
        widths = certified_interval_width(intervals)
        if widths.ndim != 2 or widths.shape[1] != len(sizes) or (np.diff(sizes) <= 0).any():
            raise InvalidInputError(
                f"intervals must have shape (n_samples, 2, n_sizes) for {len(sizes)} ascending "
                f"poison sizes, got {np.shape(intervals)}."
            )
        display = cls(sizes, widths, name=name, threat_model=threat_model, grouped=grouped)
        return display.plot(ax=ax, curve_kwargs=curve_kwargs)

    @classmethod
    def from_estimator(
        cls, estimator, X, *, poison_sizes=None, name=None, ax=None, curve_kwargs=None
    ):
        """Draw the curve of a fitted regressor.

        Parameters
        ----------
        estimator : estimator
            A fitted certified regressor, or a fitted `Pipeline` or search object that ends in one.
        X : array-like of shape (n_samples, n_features)
            Query rows.
        poison_sizes : array-like of int of shape (n_sizes,), default=None
            Poison sizes, ascending. None: up to the first at which most intervals are infinite.
        name : str, default=None
            Name of the curve in the legend; the name of the regressor's class if None.
        ax : matplotlib Axes, default=None
            Axes to draw on; a new figure if None.
        curve_kwargs : dict, default=None
            Keyword arguments of matplotlib's ``plot``, for the line.

        Returns
        -------
        display : IntervalWidthDisplay

        Raises
        ------
        MissingExtraError
            If matplotlib is missing.
        UnsoundPipelineError
            If a step before the regressor was fitted on the training set.
        InvalidInputError
            If there is no certified regressor in `estimator`, or poison sizes do not ascend.
        """
        check_matplotlib()
        settings = settings_of(estimator, name)
        if poison_sizes is None:
            poison_sizes = _sizes_to_draw(estimator, X)
        intervals = predict_interval(estimator, X, np.atleast_1d(poison_sizes))
        return cls.from_predictions(
            intervals, poison_sizes, ax=ax, curve_kwargs=curve_kwargs, **settings
        )


def _sizes_to_draw(estimator, X):
    """Return some poison sizes from 0 to about the first at which most intervals are infinite."""
    end = 1
    while end < _MOST_POISON:
        widths = certified_interval_width(predict_interval(estimator, X, end))
        if np.isinf(widths).mean() > 0.5:
            break
        end *= 2
    start = end // 2
    while end - start > max(end // _MOST_SIZES, 1):  # between these most become infinite
        size = (start + end) // 2
        widths = certified_interval_width(predict_interval(estimator, X, size))
        start, end = (start, size) if np.isinf(widths).mean() > 0.5 else (size, end)
    return np.unique(np.linspace(0, end, min(end + 1, _MOST_SIZES)).astype(np.int64))
