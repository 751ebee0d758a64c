"""What stacked classifiers share whose class scores are linear in the query."""

from typing import ClassVar

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.extmath import safe_sparse_dot

from ._linear_stack import WIDTH, LinearStack
from ._scored import ScoredMixin
from ._stacked import StackedClassifierMixin

__all__ = ["StackedLinearClassifier"]


class StackedLinearClassifier(ScoredMixin, StackedClassifierMixin, ClassifierMixin, BaseEstimator):
    """Base class: a subclass fits `coef_`, `intercept_` and `classes_`.

    With two classes there is one row of coefficients.
    """

    _form_of_queries: ClassVar[dict] = {"accept_sparse": "csr"}

    def stack_width(self):
        """Return how many voters are asked together: a constant.

        Returns
        -------
        int
        """
        return WIDTH

    def _scores(self, X):
        return safe_sparse_dot(X, self.coef_.T, dense_output=True) + self.intercept_

    def vote_stack(self, voters, X, classes):
        return _stack(voters, X, classes).votes(X)

    def score_stack(self, voters, X, classes):
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
