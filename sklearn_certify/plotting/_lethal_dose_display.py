"""Forecast curves of certified accuracy, one for each number of partitions."""

from ..lethal_dose import lethal_dose_curve
from ._common import check_matplotlib, make_axes, poison_label, use_whole_ticks

__all__ = ["LethalDoseDisplay"]


class LethalDoseDisplay:
    """Forecasts of certified accuracy by poison size, and the conjectured lethal dose.

    Make one with `from_estimator` or `from_result`. One curve with a band for each number of
    partitions; a dotted line where the Lethal Dose Conjecture puts the dose that no defence
    survives, up to a constant. **Nothing in it is a certificate**: the ensembles were not fitted.

    Parameters
    ----------
    result : LethalDoseCurve
        What `sklearn_certify.lethal_dose.lethal_dose_curve` returns.

    Attributes
    ----------
    lines_ : list of matplotlib Line2D
        The curves, by number of partitions.
    bands_ : list of matplotlib PolyCollection
        Their bands.
    dose_line_ : matplotlib Line2D or None
        The conjectured dose; None if the learning curve ends before it.
    ax_ : matplotlib Axes
        Axes with the curves.
    figure_ : matplotlib Figure
        Figure that holds the axes.

    See Also
    --------
    CertifiedAccuracyDisplay : The curve of a fitted ensemble, which is proved.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn_certify.plotting import LethalDoseDisplay
    >>> X, y = load_digits(return_X_y=True)
    >>> display = LethalDoseDisplay.from_estimator(None, X, y, partition_counts=[20, 50, 100])
    >>> display.ax_.get_ylabel()
    'Expected certified accuracy'
    """

    def __init__(self, result):
        self.result = result

    def plot(self, ax=None, *, confidence=0.95, curve_kwargs=None, band_kwargs=None):
        """Draw the curves.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw on; a new figure if None.
        confidence : float, default=0.95
            Confidence of the bands.
        curve_kwargs, band_kwargs : dict, default=None
            Keyword arguments of matplotlib's ``plot`` and ``fill_between``.

        Returns
        -------
        display : LethalDoseDisplay

        Raises
        ------
        MissingExtraError
            If matplotlib is missing.
        """
        self.ax_ = make_axes(ax)
        self.figure_ = self.ax_.figure
        result = self.result
        low, high = result.band(confidence)
        self.lines_, self.bands_ = [], []
        for i, n_partitions in enumerate(result.partition_counts):
            (line,) = self.ax_.plot(
                result.poison_sizes,
                result.certified_accuracy[i],
                **{
                    "label": f"{n_partitions} ({result.rows_per_voter[i]:.3g} rows each)",
                    **(curve_kwargs or {}),
                },
            )
            band = self.ax_.fill_between(
                result.poison_sizes,
                low[i],
                high[i],
                **{"color": line.get_color(), "alpha": 0.2, "linewidth": 0, **(band_kwargs or {})},
            )
            line.sticky_edges.x[:] = [0]
            self.lines_.append(line)
            self.bands_.append(band)
        self.dose_line_ = None
        if result.lethal_dose_is == "about":
            self.dose_line_ = self.ax_.axvline(
                result.lethal_dose,
                color="0.4",
                linestyle=":",
                label="lethal dose N / n (conjecture,\nup to a constant)",
            )
        use_whole_ticks(self.ax_)
        self.ax_.set(
            xlabel=poison_label("Poison size", result.threat_model, result.grouped),
            ylabel="Expected certified accuracy",
            ylim=(-0.01, 1.01),
        )
        self.ax_.legend(title="Partitions (a forecast)")
        return self

    @classmethod
    def from_result(cls, result, *, ax=None, confidence=0.95, curve_kwargs=None, band_kwargs=None):
        """Draw forecasts that were made before.

        Parameters
        ----------
        result : LethalDoseCurve
            What `lethal_dose_curve` returned.
        ax, confidence, curve_kwargs, band_kwargs
            As for `plot`.

        Returns
        -------
        display : LethalDoseDisplay

        Raises
        ------
        MissingExtraError
            If matplotlib is missing.
        """
        return cls(result).plot(
            ax, confidence=confidence, curve_kwargs=curve_kwargs, band_kwargs=band_kwargs
        )

    @classmethod
    def from_estimator(
        cls, estimator, X, y, *, ax=None, curve_kwargs=None, band_kwargs=None, **options
    ):
        """Make forecasts and draw them.

        Parameters
        ----------
        estimator, X, y
            As for `lethal_dose_curve`: a base learner, or a `DPAClassifier`, neither of them
            fitted, training rows and labels.
        ax, curve_kwargs, band_kwargs
            As for `plot`.
        **options
            Further arguments of `lethal_dose_curve`, such as `partition_counts`.

        Returns
        -------
        display : LethalDoseDisplay

        Raises
        ------
        MissingExtraError
            If matplotlib is missing.
        """
        check_matplotlib()
        result = lethal_dose_curve(estimator, X, y, **options)
        return cls.from_result(result, ax=ax, curve_kwargs=curve_kwargs, band_kwargs=band_kwargs)
