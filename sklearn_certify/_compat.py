"""All private names of scikit-learn that the package leans on; no other module imports one.

They may move with any release of scikit-learn, and then this module alone has to follow.
"""

from contextlib import contextmanager

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

try:
    from sklearn.callback import CallbackSupportMixin
except ImportError:  # before scikit-learn 1.9

    class CallbackSupportMixin:
        """This release of scikit-learn has no callbacks."""


__all__ = [
    "BaseSearchCV",
    "CallbackSupportMixin",
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
    "callback_context",
    "callbacks_of_fit",
    "check_parameters",
    "pca_solver",
    "without_callbacks",
]


@contextmanager
def callbacks_of_fit(estimator, X, y):
    """Let the callbacks of an estimator, if it has any, hear that it is fitted in the block.

    It has to be inside a ``fit`` with `_fit_context`, which tears them down, also after an error.

    Parameters
    ----------
    estimator : estimator
        With a `CallbackSupportMixin`.
    X, y : object
        What it is fitted on.
    """
    if not getattr(estimator, "_skl_callbacks", None):
        yield
        return
    context = estimator._init_callback_context(max_subtasks=1)
    context.call_on_fit_task_begin(estimator=estimator, X=X, y=y)
    yield
    context.call_on_fit_task_end(estimator=estimator, X=X, y=y, reconstruction_attributes={})


def callback_context(estimator):
    """Return the callbacks' context of the fit of an estimator, or None if there is none."""
    return getattr(estimator, "_callback_fit_ctx", None)


def without_callbacks(estimator):
    """Take its callbacks, if it has any, from an estimator that is nobody else's; return it."""
    vars(estimator).pop("_skl_callbacks", None)
    return estimator


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
