"""What stacked classifiers share whose class scores are linear in the query."""

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.extmath import safe_sparse_dot
from sklearn.utils.validation import check_is_fitted, validate_data

from ._linear_stack import WIDTH, LinearStack
from ._stacked import StackedClassifierMixin

__all__ = ["StackedLinearClassifier"]


class StackedLinearClassifier(StackedClassifierMixin, ClassifierMixin, BaseEstimator):
    """Base class: a subclass fits `coef_`, `intercept_` and `classes_`.

    With two classes there is one row of coefficients, whose sign tells them apart, as
    scikit-learn's linear classifiers have it.
    """

    def stack_width(self):
        """Return how many voters are asked together: a constant.

        Returns
        -------
        int
        """
        return WIDTH

    def decision_function(self, X):
        """Return the score of each class.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Query rows.

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
        X = validate_data(self, X, accept_sparse="csr", dtype=[np.float64, np.float32], reset=False)
        scores = safe_sparse_dot(X, self.coef_.T, dense_output=True) + self.intercept_
        return scores.ravel() if scores.shape[1] == 1 else scores

    def predict(self, X):
        """Predict the label of the highest score; the first in ``classes_`` of several.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Query rows.

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

    def vote_stack(self, voters, X, classes):
        """Let each of some fitted classifiers vote on every row.

        Parameters
        ----------
        voters : list of fitted estimators or None
            At most `stack_width`; None is a place without a voter.
        X : ndarray of shape (n_samples, n_features)
            Query rows.
        classes : ndarray of shape (n_classes,)
            All labels, sorted.

        Returns
        -------
        ndarray of the smallest integer type, of shape (n_voters, n_samples)
            Index into `classes`; -1 = no voter.
        """
        return _stack(voters, X, classes).votes(X)

    def score_stack(self, voters, X, classes):
        """Let each of some fitted classifiers score every class on every row.

        Parameters
        ----------
        voters, X, classes
            As for `vote_stack`.

        Returns
        -------
        ndarray of float64, of shape (n_voters, n_samples, n_classes)
            -inf for a class that the voter never saw.
        """
        return _stack(voters, X, classes).scores(X)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags


def _stack(voters, X, classes):
    models = [None if voter is None else _model(voter, classes) for voter in voters]
    kinds = [voter.coef_.dtype for voter in voters if voter is not None]
    return LinearStack(models, len(classes), X.shape[1], np.result_type(X.dtype, *kinds))


def _model(voter, classes):
    columns = np.searchsorted(classes, voter.classes_)
    if len(columns) == 2:
        weights = np.concatenate([-voter.coef_, voter.coef_])
        return columns, weights, np.concatenate([-voter.intercept_, voter.intercept_])
    return columns, voter.coef_, voter.intercept_
