"""The private parts of scikit-learn that the package leans on, in one place."""

from sklearn.base import _fit_context
from sklearn.impute._iterative import IterativeImputer
from sklearn.model_selection._search import BaseSearchCV
from sklearn.utils import _safe_indexing
from sklearn.utils._param_validation import HasMethods, Hidden, Integral, Interval, StrOptions
from sklearn.utils.validation import _num_samples

__all__ = [
    "BaseSearchCV",
    "HasMethods",
    "Hidden",
    "Integral",
    "Interval",
    "IterativeImputer",
    "StrOptions",
    "_fit_context",
    "_num_samples",
    "_safe_indexing",
]
