"""All private names of scikit-learn that the package leans on; no other module imports one.

They may move with any release of scikit-learn, and then this module alone has to follow.
"""

from sklearn.base import _fit_context  # checks the parameters before fit
from sklearn.impute._iterative import IterativeImputer  # its public name needs a switch first
from sklearn.model_selection._search import BaseSearchCV  # what all searches derive from
from sklearn.utils import _safe_indexing  # rows or columns of arrays, lists, frames, sparse rows
from sklearn.utils._param_validation import (  # what `_parameter_constraints` are written in
    HasMethods,
    Hidden,
    Integral,
    Interval,
    InvalidParameterError,
    Options,
    StrOptions,
)
from sklearn.utils.validation import _num_samples  # the length of whatever holds rows

__all__ = [
    "BaseSearchCV",
    "HasMethods",
    "Hidden",
    "Integral",
    "Interval",
    "InvalidParameterError",
    "IterativeImputer",
    "Options",
    "StrOptions",
    "_fit_context",
    "_num_samples",
    "_safe_indexing",
    "check_parameters",
    "pca_solver",
]


def check_parameters(estimator):
    """Raise if a parameter of an estimator is out of the range that the estimator declares.

    ``fit`` does so through `_fit_context`; this is for parameters that were set since.

    Parameters
    ----------
    estimator : estimator
        One with `_parameter_constraints`.

    Raises
    ------
    InvalidParameterError
        Names the parameter.
    """
    estimator._validate_params()


def pca_solver(pca):
    """Return the solver that a PCA has used, or that it is told to use if it is not fitted.

    Parameters
    ----------
    pca : PCA
        Fitted or not.

    Returns
    -------
    str
        What "auto" has come to, once it is fitted.
    """
    return getattr(pca, "_fit_svd_solver", pca.svd_solver)
