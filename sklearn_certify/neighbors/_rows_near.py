"""Training rows and queries as all nearest-neighbour estimators take them."""

from typing import ClassVar

import numpy as np
from joblib import effective_n_jobs
from scipy.sparse import issparse
from sklearn.utils.validation import check_array, check_is_fitted

from .._compat import HasMethods, Integral, StrOptions
from .._rows import check_number_rows, check_rows
from .._steps import RowTransformerMixin
from ..exceptions import InvalidInputError
from ..threat import THREAT_MODELS
from ._search import METRICS

__all__ = ["RowsNearMixin"]


class RowsNearMixin(RowTransformerMixin):
    """Mixin of the estimators that compare queries with their training rows.

    In ``fit`` a subclass calls `_fit_transformer`, brings rows into their form (`_check_rows`) and
    makes numbers of them (`_numbers`), and sets ``_training_rows``, which are in the order
    ``_order``. Where queries come in it calls `_queries`.
    """

    _parameter_constraints: ClassVar[dict] = {
        "metric": [StrOptions(set(METRICS)), callable],
        "metric_params": [dict, None],
        "transformer": [HasMethods(["fit", "transform"]), None],
        "threat_model": [StrOptions(set(THREAT_MODELS))],
        "n_jobs": [Integral, None],
        "verbose": ["verbose"],
    }

    def _check_rows(self, X, *, reset):
        """Return rows as they come, checked: without a transformer they must be numbers."""
        fitted = None if reset else self._row_form
        if self._row_transformer is None:
            X, self._row_form = check_number_rows(self, X, fitted)
        else:  # a transformer decides for itself which rows it takes, as a composite does
            X, self._row_form = check_rows(self, X, self, fitted)
        return X

    def _numbers(self, X):
        """Return what distances are computed of: a C-ordered float64 table of finite numbers."""
        if self._row_transformer is None:
            return X
        rows = self._transform_rows(X)
        if issparse(rows):
            rows = rows.toarray()
        elif np.ndim(rows) > 2:
            rows = np.reshape(rows, (len(rows), -1))
        try:
            return check_array(rows, dtype=np.float64, order="C")
        except ValueError as error:
            raise InvalidInputError(
                f"{type(self).__name__} compares rows of finite numbers, which transformer does "
                f"not make of these: {error}"
            ) from error

    def _queries(self, X):
        """Return query rows as the kernels take them; set_params may have changed parameters."""
        check_is_fitted(self)
        self._check_parameters()
        X = self._numbers(self._check_rows(X, reset=False))
        return np.require(X, requirements="W")  # each kind of array takes a kernel of its own

    def _n_threads(self):
        """Return how many threads count votes, by joblib's meaning of `n_jobs`."""
        return effective_n_jobs(self.n_jobs)

    def _queries_to_list(self, X):
        """Return query rows, and which training row each of them is if X is None."""
        if X is not None:
            return self._queries(X), None
        check_is_fitted(self)
        self._check_parameters()
        own = np.empty_like(self._order)
        own[self._order] = np.arange(len(own))
        return np.require(self._training_rows.rows[own], requirements="W"), own

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags = self._input_tags_of_transformer(tags.input_tags)
        return tags
