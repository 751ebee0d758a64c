"""Fit certified regressors, certify the test rows, and keep the numbers."""

import warnings
from dataclasses import dataclass, field, replace

import numpy as np

from ...audit import split_pipeline
from ...metrics import (
    certified_accuracy_curve,
    certified_accuracy_score,
    certified_interval_width,
    median_certified_radius,
)
from ...pipelines import certified_radius, predict_interval
from ...plotting._common import settings_of
from .._results import capped, check_unit, fit_and_ask, fit_parameters

__all__ = ["RegressionResult", "fit_and_certify_targets", "with_intervals"]


@dataclass(frozen=True)
class RegressionResult:
    """What a regressor proved about the test rows.

    Attributes
    ----------
    name : str
        What the report calls it.
    estimator : estimator
        The fitted regressor, with what is around it.
    X_test : array-like of shape (n_test, ...)
        The test rows.
    y_true, y_pred : ndarray of float64, of shape (n_test,)
        True and predicted targets.
    radii : ndarray of int64, of shape (n_test,)
        The largest poison sizes that keep predictions within the tolerance of the truth; -1 where
        they are not there without poison.
    fit_seconds, certify_seconds : float
        How long it took.
    largest_radius : int
        The largest radius before poison that can change the form of the rows capped it.
    warnings : list of str
        What was warned of on the way.
    row_numbers : ndarray of int64, of shape (n_test,)
        Numbers of the test rows among all rows, from 0.
    intervals : ndarray of float64, of shape (n_test, 2, n_sizes), default=None
        Ends of the certified intervals at the poison sizes of the report.
    """

    name: str
    estimator: object
    X_test: object = field(repr=False)
    y_true: np.ndarray
    y_pred: np.ndarray
    radii: np.ndarray
    fit_seconds: float
    certify_seconds: float
    largest_radius: int
    warnings: list
    row_numbers: np.ndarray
    intervals: np.ndarray | None = None

    @property
    def regressor(self):
        """The certified regressor itself, without what is around it."""
        return split_pipeline(self.estimator)[1]

    @property
    def right(self):
        """Whether each prediction is within the tolerance of the truth."""
        return self.radii >= 0

    @property
    def mean_absolute_error(self):
        """How far predictions are from the truth without poison, on average."""
        return float(np.abs(self.y_pred - self.y_true).mean())

    def accuracies(self, poison_sizes):
        """Return the shares of rows that are certified within the tolerance at poison sizes."""
        return certified_accuracy_score(self.y_true, self.y_true, self.radii, poison_sizes)

    def curve(self):
        """Return all poison sizes at which that share changes, and its values."""
        return certified_accuracy_curve(self.y_true, self.y_true, self.radii)

    def median_radius(self):
        """Return the largest poison size at which half of the rows are within the tolerance."""
        return median_certified_radius(self.y_true, self.y_true, self.radii)

    def median_widths(self):
        """Return the median width of the certified intervals at the report's poison sizes."""
        # of two numbers in the middle the larger one: it may be infinite
        return np.quantile(certified_interval_width(self.intervals), 0.5, axis=0, method="higher")


def fit_and_certify_targets(name, estimator, *, dataset, split, tolerance, threat_model, step):
    """Fit an estimator on the training rows and find radii of the test rows.

    Parameters
    ----------
    name : str
        What the report calls it.
    estimator : estimator
        The certified regressor, or a pipeline or search around one; it is fitted.
    dataset : TargetDataset
        Where the rows come from: what their readers decided caps every radius.
    split : Split
        The rows.
    tolerance : float
        How far a prediction may be from the truth.
    threat_model : str
        What one unit of the report may do.
    step : Step
        Is told what is being done.

    Returns
    -------
    RegressionResult
        Without intervals.

    Raises
    ------
    InvalidInputError
        If radii count anything else than the report does.
    Exception
        Whatever the estimator raises.
    """
    groups = {} if split.groups_train is None else fit_parameters(estimator, split.groups_train)

    def ask(X, y):
        y_pred = predict_interval(estimator, X, 0)[:, 0]
        return y_pred, certified_radius(estimator, X, y=y, tolerance=tolerance)

    (y_pred, radii), told = fit_and_ask(estimator, groups, ask, dataset, split, step)
    check_unit(settings_of(estimator, name), threat_model, grouped=bool(groups))
    return RegressionResult(
        name,
        estimator,
        split.X_test,
        split.y_test,
        y_pred,
        capped(radii, dataset.radius_limit),
        largest_radius=int(radii.max()),
        row_numbers=split.row_numbers,
        **told,
    )


def with_intervals(result, poison_sizes, radius_limit):
    """Add the certified intervals to a result.

    Parameters
    ----------
    result : RegressionResult
        What is known of a regressor.
    poison_sizes : list of int
        The sizes of the report.
    radius_limit : float
        The largest poison size that leaves the form of the rows as it is.

    Returns
    -------
    RegressionResult
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the report has told of them
        intervals = predict_interval(result.estimator, result.X_test, poison_sizes)
    beyond = np.asarray(poison_sizes) > radius_limit
    intervals[:, 0, beyond], intervals[:, 1, beyond] = -np.inf, np.inf
    return replace(result, intervals=intervals)
