"""What every certified regressor can do, once it knows how far poison moves its predictions."""

from abc import ABC, abstractmethod

import numpy as np
from sklearn.utils.validation import check_consistent_length, check_is_fitted

from ._fixed_parameters import FixedParametersMixin
from .metrics._intervals import certified_interval_width, interval_around
from .threat import check_poison_sizes

__all__ = ["CertifiedRegressorMixin"]


class CertifiedRegressorMixin(FixedParametersMixin, ABC):
    """Mixin of the regressors that prove how far poison can move a prediction.

    A subclass says between which numbers its predictions stay (`_predict_intervals`) and how much
    poison keeps them within given ones (`_radii_within`). Both check the queries themselves.

    Certificates rest on what ``fit`` did. So a subclass names the parameters that have a
    documented effect afterwards (`_may_change_after_fit`), calls `_keep_parameters` at the end of
    ``fit`` and `_check_parameters` before it looks at queries.
    """

    @abstractmethod
    def _predict_intervals(self, X, poison_sizes):
        """Return ends of intervals, two float64 arrays of shape (n_samples, n_sizes).

        poison_sizes is an int64 array of shape (n_sizes,). Ends belong to their intervals, and are
        infinite where nothing bounds a prediction.
        """

    @abstractmethod
    def _radii_within(self, X, low, high):
        """Return radii, an int64 array of shape (n_samples,).

        The largest poison size that provably keeps the prediction of each row within
        [low, high], -1 where it is not there now. Both ends are float64 arrays of shape
        (n_samples,), and may be infinite.
        """

    def predict_interval(self, X, poison_size):
        """Return the interval of each row that no attack of the given size moves a prediction from.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Query rows.
        poison_size : int or array-like of int of shape (n_sizes,)
            Poison sizes in units of `threat_model`.

        Returns
        -------
        ndarray of float64, of shape (n_samples, 2) or (n_samples, 2, n_sizes)
            The lower and the upper end, which belong to the interval. Infinite where nothing bounds
            the prediction. Under poison size 0 both are the prediction.

        Raises
        ------
        NotFittedError
            If the regressor was not fitted.
        InvalidInputError
            If a poison size is negative or no whole number.
        """
        check_is_fitted(self)
        sizes = check_poison_sizes(poison_size)
        intervals = np.stack(self._predict_intervals(X, np.atleast_1d(sizes)), axis=1)
        return intervals if sizes.ndim else intervals[:, :, 0]

    def certified_interval_width(self, X, poison_size):
        """Return how wide the interval of each row is that no attack moves a prediction from.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Query rows.
        poison_size : int or array-like of int of shape (n_sizes,)
            Poison sizes in units of `threat_model`.

        Returns
        -------
        ndarray of float64, of shape (n_samples,) or (n_samples, n_sizes)
            Widths of what `predict_interval` returns, in units of y; infinite where nothing bounds
            the prediction.

        Raises
        ------
        NotFittedError
            If the regressor was not fitted.
        InvalidInputError
            If a poison size is negative or no whole number.
        """
        return certified_interval_width(self.predict_interval(X, poison_size))

    def certified_radius(self, X, y, tolerance):
        """Return the largest poison size that provably keeps each prediction near its truth.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Query rows.
        y : array-like of shape (n_samples,)
            True values, or whatever else the predictions are to stay near: with
            ``y=regressor.predict(X)`` a radius says how much poison moves the prediction by no more
            than the tolerance.
        tolerance : float or array-like of float of shape (n_samples,)
            How far a prediction may be from y, in units of y, for all rows or for each.

        Returns
        -------
        ndarray of int64, of shape (n_samples,)
            Radii in units of `threat_model`; -1 where the prediction is farther from y than the
            tolerance without any poison.

        Raises
        ------
        NotFittedError
            If the regressor was not fitted.
        InvalidInputError
            If y does not hold one finite number per row, or a tolerance is negative or NaN.
        """
        check_is_fitted(self)
        check_consistent_length(X, y)
        return self._radii_within(X, *interval_around(y, tolerance))

    def certify(self, X, y, poison_size, tolerance):
        """Say which predictions provably stay near their truth under an attack of the given size.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Query rows.
        y : array-like of shape (n_samples,)
            True values, or what else the predictions are to stay near.
        poison_size : int or array-like of int of shape (n_sizes,)
            Poison sizes in units of `threat_model`.
        tolerance : float or array-like of float of shape (n_samples,)
            How far a prediction may be from y, in units of y, for all rows or for each.

        Returns
        -------
        ndarray of bool, of shape (n_samples,) or (n_samples, n_sizes)
            True where no attack of that size moves the prediction farther from y than the
            tolerance.

        Raises
        ------
        NotFittedError
            If the regressor was not fitted.
        InvalidInputError
            If a poison size is negative or no whole number, y does not hold one finite number per
            row, or a tolerance is negative or NaN.
        """
        check_is_fitted(self)
        sizes = check_poison_sizes(poison_size)
        radii = self.certified_radius(X, y, tolerance)
        return radii >= sizes if sizes.ndim == 0 else radii[:, np.newaxis] >= sizes

    def certified_accuracy(self, X, y, poison_size, *, tolerance):
        """Return the share of predictions that stay near their truth under every attack of a size.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Query rows.
        y : array-like of shape (n_samples,)
            True values.
        poison_size : int or array-like of int of shape (n_sizes,)
            Poison sizes in units of `threat_model`.
        tolerance : float or array-like of float of shape (n_samples,)
            How far a prediction may be from y, in units of y, for all rows or for each.

        Returns
        -------
        float or ndarray of float64 of shape (n_sizes,)
            The share of rows that `certify` certifies. Every row may be attacked with the whole
            budget, as if each had an attacker of its own.

        Raises
        ------
        NotFittedError
            If the regressor was not fitted.
        InvalidInputError
            If a poison size is negative or no whole number, y does not hold one finite number per
            row, or a tolerance is negative or NaN.
        """
        certified = self.certify(X, y, poison_size, tolerance)
        return float(certified.mean()) if certified.ndim == 1 else certified.mean(axis=0)
