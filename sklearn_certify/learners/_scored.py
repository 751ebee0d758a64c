"""What learners share that score the classes and predict the one of the highest score."""

from typing import ClassVar

import numpy as np
from sklearn.utils.validation import check_is_fitted, validate_data

__all__ = ["ScoredMixin", "signed_targets"]


class ScoredMixin:
    """Mixin: a subclass scores checked rows (`_scores`).

    With two classes there is one column of scores, whose sign tells them apart, as scikit-learn's
    linear classifiers have it.
    """

    _form_of_queries: ClassVar[dict] = {}  # as `validate_data` takes it

    def decision_function(self, X):
        """Return the score of each class.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Query rows, dense or sparse as ``fit`` takes them.

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_classes)
            The higher, the more a row is like the class; with two classes, that of the second.

        Raises
        ------
        NotFittedError
            If the classifier was not fitted.
        """
        check_is_fitted(self)
        X = validate_data(
            self, X, dtype=[np.float64, np.float32], reset=False, **self._form_of_queries
        )
        scores = self._scores(X)
        return scores.ravel() if scores.shape[1] == 1 else scores

    def predict(self, X):
        """Predict the label of the highest score; the first in ``classes_`` of several.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Query rows, dense or sparse as ``fit`` takes them.

        Returns
        -------
        ndarray of shape (n_samples,)
            Labels.

        Raises
        ------
        NotFittedError
            If the classifier was not fitted.
        """
        scores = self.decision_function(X)
        indices = (scores > 0).astype(int) if scores.ndim == 1 else scores.argmax(axis=1)
        return self.classes_[indices]


def signed_targets(codes, n_classes):
    """Return what scores are to be: 1 for the class of a row, -1 for the others.

    Parameters
    ----------
    codes : ndarray of int, of shape (n_rows,)
        The class of each row.
    n_classes : int
        Number of classes.

    Returns
    -------
    ndarray of float64, of shape (n_rows, n_classes) or (n_rows, 1)
        With two classes only the column of the second.
    """
    targets = np.full((len(codes), n_classes), -1.0)
    targets[np.arange(len(codes)), codes] = 1
    return targets[:, 1:] if n_classes == 2 else targets
