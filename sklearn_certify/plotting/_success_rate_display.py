"""A curve of what attacks toward one label achieve at most, by poison size."""

import numpy as np

from ..metrics import certified_attack_success_rate
from ..metrics._predictions import read_radii
from ..pipelines import certified_radius
from ._common import check_matplotlib, draw_steps, make_axes, poison_label, settings_of

__all__ = ["AttackSuccessRateDisplay"]


class AttackSuccessRateDisplay:
    """Curve of the attack success rate toward one label, at most, by poison size.

    Make one with `from_estimator` or `from_predictions`. The curve is a step function and an upper
    bound: between two given poison sizes it has the rate of the larger one. A step ends half a unit
    after its poison size, so that the curve is level at every whole size.

    Parameters
    ----------
    poison_sizes : array-like of int of shape (n_sizes,)
        Poison sizes, ascending.
    rates : array-like of float of shape (n_sizes,)
        Upper bounds on the attack success rate at those sizes, from 0 to 1.
    target : label
        What the attackers want, for the label of the axis.
    name : str, default=None
        Name of the curve in the legend; without one there is no legend.
    threat_model : str, default=None
        What one unit of poison may do, for the label of the axis.
    grouped : bool, default=False
        Whether one unit of poison is a whole group (a contributor).

    Attributes
    ----------
    line_ : matplotlib Line2D
        The curve.
    ax_ : matplotlib Axes
        Axes with the curve.
    figure_ : matplotlib Figure
        Figure that holds the axes.

    See Also
    --------
    CertifiedAccuracyDisplay : What any attack leaves right.
    sklearn_certify.metrics.certified_attack_success_rate : The numbers alone.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn_certify import DPAClassifier
    >>> from sklearn_certify.plotting import AttackSuccessRateDisplay
    >>> X, y = load_iris(return_X_y=True)
    >>> classifier = DPAClassifier(n_partitions=15).fit(X, y)
    >>> display = AttackSuccessRateDisplay.from_estimator(classifier, X, y, target=2)
    >>> display.ax_.get_ylabel()
    'Attack success rate toward 2, at most'
    """

    def __init__(self, poison_sizes, rates, *, target, name=None, threat_model=None, grouped=False):
        self.poison_sizes = poison_sizes
        self.rates = rates
        self.target = target
        self.name = name
        self.threat_model = threat_model
        self.grouped = grouped

    def plot(self, ax=None, *, name=None, curve_kwargs=None):
        """Draw the curve.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw on, which may hold other curves; a new figure if None.
        name : str, default=None
            Name of the curve in the legend; the display's own if None.
        curve_kwargs : dict, default=None
            Keyword arguments of matplotlib's ``plot``.

        Returns
        -------
        display : AttackSuccessRateDisplay

        Raises
        ------
        MissingExtraError
            If matplotlib is missing.
        InvalidInputError
            If there is no such threat model.
        """
        self.ax_ = make_axes(ax)
        self.figure_ = self.ax_.figure
        style = {"label": self.name if name is None else name, **(curve_kwargs or {})}
        self.line_ = draw_steps(self.ax_, self.poison_sizes, self.rates, style)
        self.ax_.set(
            xlabel=poison_label("Poison size", self.threat_model, self.grouped),
            ylabel=f"Attack success rate toward {self.target!r}, at most",
        )
        return self

    @classmethod
    def from_predictions(
        cls,
        y_true,
        targeted_radii,
        *,
        target,
        source=None,
        name=None,
        threat_model=None,
        grouped=False,
        ax=None,
        curve_kwargs=None,
    ):
        """Draw the curve of rows with known radii toward a label.

        Parameters
        ----------
        y_true : array-like of shape (n_samples,)
            True labels.
        targeted_radii : array-like of int of shape (n_samples,)
            Certified radii toward `target`; -1 counts as a success.
        target : label
            What the attackers want.
        source : label, default=None
            The true label of the rows that count. None: all but `target`.
        name : str, default=None
            Name of the curve in the legend; without one there is no legend.
        threat_model : str, default=None
            What one unit of poison may do, for the label of the axis.
        grouped : bool, default=False
            Whether one unit of poison is a whole group (a contributor).
        ax : matplotlib Axes, default=None
            Axes to draw on; a new figure if None.
        curve_kwargs : dict, default=None
            Keyword arguments of matplotlib's ``plot``.

        Returns
        -------
        display : AttackSuccessRateDisplay
            Its `poison_sizes` are the first and the last one of every step.

        Raises
        ------
        MissingExtraError
            If matplotlib is missing.
        InvalidInputError
            If radii are no whole numbers, no row counts, or labels make no sense.

        Examples
        --------
        >>> from sklearn_certify.plotting import AttackSuccessRateDisplay
        >>> display = AttackSuccessRateDisplay.from_predictions(
        ...     ["stop", "stop", "50"], [4, 2, 1], target="50"
        ... )
        >>> display.poison_sizes, display.rates
        (array([0, 1, 2, 3, 4, 5]), array([0. , 0. , 0. , 0.5, 0.5, 1. ]))
        """
        check_matplotlib()
        radii = read_radii(targeted_radii, y_true)
        ends = np.unique(np.maximum(radii, 0))
        sizes = np.unique(np.concatenate([[0], ends, ends + 1]))
        rates = certified_attack_success_rate(y_true, radii, sizes, target=target, source=source)
        about = {"name": name, "threat_model": threat_model, "grouped": grouped}
        return cls(sizes, rates, target=target, **about).plot(ax=ax, curve_kwargs=curve_kwargs)

    @classmethod
    def from_estimator(
        cls, estimator, X, y, *, target, source=None, name=None, ax=None, curve_kwargs=None
    ):
        """Draw the curve of a fitted classifier.

        Parameters
        ----------
        estimator : estimator
            A fitted certified classifier, or a fitted `Pipeline` or search object that ends in
            one.
        X : array-like of shape (n_samples, n_features)
            Query rows.
        y : array-like of shape (n_samples,)
            True labels.
        target : label
            What the attackers want.
        source : label, default=None
            The true label of the rows that count. None: all but `target`.
        name : str, default=None
            Name of the curve in the legend; the name of the classifier's class if None.
        ax : matplotlib Axes, default=None
            Axes to draw on; a new figure if None.
        curve_kwargs : dict, default=None
            Keyword arguments of matplotlib's ``plot``.

        Returns
        -------
        display : AttackSuccessRateDisplay

        Raises
        ------
        MissingExtraError
            If matplotlib is missing.
        UnsoundPipelineError
            If a step before the classifier was fitted on the training set.
        InvalidInputError
            If there is no certified classifier in `estimator`, no row counts, or labels make no
            sense.
        """
        check_matplotlib()
        radii = certified_radius(estimator, X, target=target)
        return cls.from_predictions(
            y,
            radii,
            target=target,
            source=source,
            ax=ax,
            curve_kwargs=curve_kwargs,
            **settings_of(estimator, name),
        )
