"""A curve of certified accuracy by poison size."""

import numpy as np

from ..metrics import certified_accuracy_curve, certified_accuracy_score
from ._common import (
    certified_predictions,
    check_matplotlib,
    draw_steps,
    make_axes,
    poison_label,
)

__all__ = ["CertifiedAccuracyDisplay"]


class CertifiedAccuracyDisplay:
    """Curve of certified accuracy: the share of rows that stay right, by poison size.

    Make one with `from_estimator` or `from_predictions`. The curve is a step function and a lower
    bound: between two given poison sizes it has the accuracy of the larger one. A step ends half
    a unit after its poison size, so that the curve is level at every whole size.

    Parameters
    ----------
    poison_sizes : array-like of int of shape (n_sizes,)
        Poison sizes, ascending.
    accuracies : array-like of float of shape (n_sizes,)
        Certified accuracy at those sizes, from 0 to 1.
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
    CertifiedRadiusDisplay : How the radii of single predictions are distributed.
    sklearn_certify.metrics.certified_accuracy_curve : The numbers alone.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn_certify import DPAClassifier
    >>> from sklearn_certify.plotting import CertifiedAccuracyDisplay
    >>> X, y = load_iris(return_X_y=True)
    >>> classifier = DPAClassifier(n_partitions=15).fit(X, y)
    >>> display = CertifiedAccuracyDisplay.from_estimator(classifier, X, y)
    >>> display.ax_.get_xlabel()
    'Poison size (rows inserted or deleted)'
    """

    def __init__(self, poison_sizes, accuracies, *, name=None, threat_model=None, grouped=False):
        self.poison_sizes = poison_sizes
        self.accuracies = accuracies
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
        display : CertifiedAccuracyDisplay

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
        self.line_ = draw_steps(self.ax_, self.poison_sizes, self.accuracies, style)
        self.ax_.set(
            xlabel=poison_label("Poison size", self.threat_model, self.grouped),
            ylabel="Certified accuracy",
        )
        return self

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
        ax=None,
        curve_kwargs=None,
    ):
        """Draw the curve of predictions with known radii.

        Parameters
        ----------
        y_true, y_pred : array-like of shape (n_samples,)
            True and predicted labels.
        radii : array-like of int of shape (n_samples,)
            Certified radii, -1 = abstains.
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
        display : CertifiedAccuracyDisplay
            Its `poison_sizes` are the first and the last one of every step.

        Raises
        ------
        MissingExtraError
            If matplotlib is missing.
        InvalidInputError
            If radii are no whole numbers, there are no rows, or there is no such threat model.

        Examples
        --------
        >>> from sklearn_certify.plotting import CertifiedAccuracyDisplay
        >>> display = CertifiedAccuracyDisplay.from_predictions(
        ...     [0, 1, 1, 0], [0, 1, 0, 0], [5, 2, 7, 5]
        ... )
        >>> display.poison_sizes, display.accuracies
        (array([0, 2, 3, 5, 6]), array([0.75, 0.75, 0.5 , 0.5 , 0.  ]))
        """
        check_matplotlib()
        starts, _ = certified_accuracy_curve(y_true, y_pred, radii)
        sizes = np.union1d(starts, starts[1:] - 1)
        accuracies = certified_accuracy_score(y_true, y_pred, radii, sizes)
        display = cls(sizes, accuracies, name=name, threat_model=threat_model, grouped=grouped)
        return display.plot(ax=ax, curve_kwargs=curve_kwargs)

    @classmethod
    def from_estimator(cls, estimator, X, y, *, name=None, ax=None, curve_kwargs=None):
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
        name : str, default=None
            Name of the curve in the legend; the name of the classifier's class if None.
        ax : matplotlib Axes, default=None
            Axes to draw on; a new figure if None.
        curve_kwargs : dict, default=None
            Keyword arguments of matplotlib's ``plot``.

        Returns
        -------
        display : CertifiedAccuracyDisplay

        Raises
        ------
        MissingExtraError
            If matplotlib is missing.
        UnsoundPipelineError
            If a step before the classifier was fitted on the training set.
        InvalidInputError
            If there is no certified classifier in `estimator`.
        """
        check_matplotlib()
        labels, radii, settings = certified_predictions(estimator, X, name)
        return cls.from_predictions(y, labels, radii, ax=ax, curve_kwargs=curve_kwargs, **settings)
