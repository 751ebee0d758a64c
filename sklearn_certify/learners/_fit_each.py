"""How stacked classifiers are fitted whose fits have nothing in common: one after the other."""

from typing import ClassVar

import numpy as np
from sklearn.base import clone
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import validate_data

from .._compat import _fit_context, check_parameters

__all__ = ["FitEachMixin"]


class FitEachMixin:
    """Mixin: a subclass learns from checked rows and the positions of their labels (`_learn`)."""

    _least_classes: ClassVar[int] = 2
    _rows_of_fit: ClassVar[dict] = {"dtype": [np.float64, np.float32]}  # as `validate_data` takes

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y):
        """Fit the classifier.

        Parameters
        ----------
        X : array-like of shape (n_rows, n_features)
            Training rows.
        y : array-like of shape (n_rows,)
            Labels.

        Returns
        -------
        self : object
            The fitted classifier.

        Raises
        ------
        ValueError
            If X holds NaN or infinity, or y too few labels.
        """
        return self._fit(*self._check_fit(X, y))

    def _check_fit(self, X, y):
        X, y = validate_data(self, X, y, order="C", **self._rows_of_fit)
        check_classification_targets(y)
        return X, y

    def fit_stack(self, samples):
        """Fit a clone on each sample.

        Parameters
        ----------
        samples : list of tuple
            ``(X, y, seed)`` of each voter; nothing is random here.

        Returns
        -------
        list of fitted estimators
            Each is the same as if fitted alone.

        Raises
        ------
        ValueError
            If a sample holds NaN or infinity, or too few labels.
        """
        check_parameters(self)
        parameters = clone(self).get_params(deep=False)
        return [type(self)(**parameters)._fit_plain(X, y) for X, y, _ in samples]

    def _fit_plain(self, X, y):
        X = np.ascontiguousarray(X, dtype=X.dtype if X.dtype == np.float32 else np.float64)
        if not np.isfinite(X).all():
            raise ValueError("Input X contains NaN or infinity.")
        self.n_features_in_ = X.shape[1]
        return self._fit(X, y)

    def _fit(self, X, y, **weights):
        self.classes_, codes = np.unique(y, return_inverse=True)
        if len(self.classes_) < self._least_classes:
            raise ValueError(
                f"{type(self).__name__} needs rows of at least two classes, but the data contains "
                f"only one class: {self.classes_.tolist()[0]!r}."
            )
        self._learn(X, codes, **weights)
        return self
