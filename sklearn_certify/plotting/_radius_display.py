"""A histogram of certified radii."""

import numpy as np

from ..metrics._predictions import read_predictions
from ..pipelines import certified_radius
from ._common import (
    certified_predictions,
    check_matplotlib,
    make_axes,
    poison_label,
    radius_bins,
    use_whole_ticks,
    write_title,
)

__all__ = ["CertifiedRadiusDisplay"]

# from the palette of Okabe and Ito, which stays distinct for the colour-blind
_CORRECT_STYLE = {"color": "#0072B2", "label": "right"}
_WRONG_STYLE = {"color": "#D55E00", "label": "wrong", "hatch": "////"}
_LEGEND_HEIGHT = 26  # in points, between the axes and the title
_BAR_STYLE = {"edgecolor": "white", "linewidth": 0.5}


class CertifiedRadiusDisplay:
    """Histogram of certified radii: right predictions above the line, wrong ones below it.

    Make one with `from_estimator` or `from_predictions`. Bars show the share of all rows.

    Parameters
    ----------
    radii : array-like of int of shape (n_samples,)
        Certified radii, -1 = abstains.
    correct : array-like of bool of shape (n_samples,)
        Whether the prediction is right.
    name : str, default=None
        Title of the plot.
    threat_model : str, default=None
        What one unit of poison may do, for the label of the axis.
    grouped : bool, default=False
        Whether one unit of poison is a whole group (a contributor).
    target : label, default=None
        What the attackers want, if radii are about that label, for the label of the axis.

    Attributes
    ----------
    bars_ : tuple of two matplotlib BarContainer
        The bars of right and of wrong predictions.
    ax_ : matplotlib Axes
        Axes with the histogram.
    figure_ : matplotlib Figure
        Figure that holds the axes.

    See Also
    --------
    CertifiedAccuracyDisplay : The share of rows that stay right, by poison size.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn_certify import DPAClassifier
    >>> from sklearn_certify.plotting import CertifiedRadiusDisplay
    >>> X, y = load_iris(return_X_y=True)
    >>> classifier = DPAClassifier(n_partitions=15).fit(X, y)
    >>> display = CertifiedRadiusDisplay.from_estimator(classifier, X, y)
    >>> display.ax_.get_xlabel()
    'Certified radius (rows inserted or deleted)'
    """

    def __init__(self, radii, correct, *, name=None, threat_model=None, grouped=False, target=None):
        self.radii = radii
        self.correct = correct
        self.name = name
        self.threat_model = threat_model
        self.grouped = grouped
        self.target = target

    def plot(self, ax=None, *, name=None, bar_kwargs=None):
        """Draw the histogram.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw on; a new figure if None.
        name : str, default=None
            Title of the plot; the display's own if None.
        bar_kwargs : dict, default=None
            Keyword arguments of matplotlib's ``bar``, for right and wrong predictions alike.

        Returns
        -------
        display : CertifiedRadiusDisplay

        Raises
        ------
        MissingExtraError
            If matplotlib is missing.
        InvalidInputError
            If there is no such threat model.
        """
        self.ax_ = make_axes(ax)
        self.figure_ = self.ax_.figure
        radii, correct = np.asarray(self.radii), np.asarray(self.correct, dtype=bool)
        left, width, edges = radius_bins(radii)
        bars = []
        for chosen, sign, style in ((correct, 1, _CORRECT_STYLE), (~correct, -1, _WRONG_STYLE)):
            shares = np.histogram(radii[chosen], edges)[0] / len(radii)
            style = {**_BAR_STYLE, **style, **(bar_kwargs or {})}
            style["label"] = f"{style['label']} ({shares.sum():.1%} of rows)"
            bars.append(self.ax_.bar(left, sign * shares, width, align="edge", **style))
        self.bars_ = tuple(bars)
        self._dress_axes(name, below_zero=(radii < 0).any())
        return self

    def _dress_axes(self, name, *, below_zero):
        from matplotlib.ticker import FuncFormatter

        quantity, none = "Certified radius", "abstains"
        if self.target is not None:
            quantity, none = f"{quantity} toward {self.target!r}", "no proof"
        if below_zero:
            quantity = f"{quantity}, -1 = {none}"
        self.ax_.axhline(0, color="black", linewidth=0.8)
        use_whole_ticks(self.ax_)
        # wrong predictions hang below the line, but their share is no negative number
        self.ax_.yaxis.set_major_formatter(FuncFormatter(lambda share, _: f"{abs(100 * share):g}"))
        self.ax_.margins(x=0.01)
        bottom, top = self.ax_.dataLim.intervaly
        self.ax_.set_ylim(1.1 * bottom, bottom + 1.05 * (top - bottom))
        self.ax_.set(
            xlabel=poison_label(quantity, self.threat_model, self.grouped),
            ylabel="Share of rows (%)",
        )
        write_title(self.ax_, name, self.name, pad=_LEGEND_HEIGHT)
        # outside of the axes, where it covers no bar
        self.ax_.legend(
            loc="lower left", bbox_to_anchor=(0, 1), borderaxespad=0.3, ncols=2, frameon=False
        )

    @classmethod
    def from_predictions(
        cls,
        y_true,
        y_pred,
        radii,
        *,
        name=None,
        threat_model=None,
        grouped=False,
        target=None,
        ax=None,
        bar_kwargs=None,
    ):
        """Draw the histogram of predictions with known radii.

        Parameters
        ----------
        y_true, y_pred : array-like of shape (n_samples,)
            True and predicted labels.
        radii : array-like of int of shape (n_samples,)
            Certified radii, -1 = abstains.
        name : str, default=None
            Title of the plot.
        threat_model : str, default=None
            What one unit of poison may do, for the label of the axis.
        grouped : bool, default=False
            Whether one unit of poison is a whole group (a contributor).
        target : label, default=None
            What the attackers want, if radii are about that label.
        ax : matplotlib Axes, default=None
            Axes to draw on; a new figure if None.
        bar_kwargs : dict, default=None
            Keyword arguments of matplotlib's ``bar``, for right and wrong predictions alike.

        Returns
        -------
        display : CertifiedRadiusDisplay

        Raises
        ------
        MissingExtraError
            If matplotlib is missing.
        InvalidInputError
            If radii are no whole numbers, there are no rows, or there is no such threat model.

        Examples
        --------
        >>> from sklearn_certify.plotting import CertifiedRadiusDisplay
        >>> display = CertifiedRadiusDisplay.from_predictions(
        ...     [0, 1, 1, 0], [0, 1, 0, 0], [5, 2, 7, 5]
        ... )
        >>> display.correct
        array([ True,  True, False,  True])
        """
        check_matplotlib()
        radii, correct = read_predictions(y_true, y_pred, radii)
        display = cls(
            radii, correct, name=name, threat_model=threat_model, grouped=grouped, target=target
        )
        return display.plot(ax=ax, bar_kwargs=bar_kwargs)

    @classmethod
    def from_estimator(cls, estimator, X, y, *, name=None, target=None, ax=None, bar_kwargs=None):
        """Draw the histogram of a fitted classifier.

        Parameters
        ----------
        estimator : estimator
            A fitted certified classifier, or a fitted `Pipeline` or search object that ends in
            one.
        X : array-like of shape (n_samples, n_features)
            Query rows.
        y : array-like of shape (n_samples,)
            True labels.
        name : str, default=None
            Title of the plot; the name of the classifier's class if None.
        target : label, default=None
            The label that attackers want. If given, radii are about attacks that make it the
            prediction; -1 where that is so already, or the classifier abstains.
        ax : matplotlib Axes, default=None
            Axes to draw on; a new figure if None.
        bar_kwargs : dict, default=None
            Keyword arguments of matplotlib's ``bar``, for right and wrong predictions alike.

        Returns
        -------
        display : CertifiedRadiusDisplay

        Raises
        ------
        MissingExtraError
            If matplotlib is missing.
        UnsoundPipelineError
            If a step before the classifier was fitted on the training set.
        InvalidInputError
            If there is no certified classifier in `estimator`, or `target` is not valid.
        """
        check_matplotlib()
        labels, radii, settings = certified_predictions(estimator, X, name)
        if target is not None:
            radii, settings["target"] = certified_radius(estimator, X, target=target), target
        return cls.from_predictions(y, labels, radii, ax=ax, bar_kwargs=bar_kwargs, **settings)
