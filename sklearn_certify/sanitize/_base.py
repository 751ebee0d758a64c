"""What all filters share: they look at a whole training set and say which rows to keep."""

from abc import ABC, abstractmethod

import numpy as np
from scipy.sparse import issparse
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_consistent_length

from .._compat import _fit_context, _safe_indexing
from .._rows import check_labels, check_number_rows
from .._user_warnings import warn_user
from ..base import all_or_nothing
from ..exceptions import FilterWarning, InvalidInputError

__all__ = ["TrainingSetFilter"]


class TrainingSetFilter(BaseEstimator, ABC):
    """Base class of the filters that drop suspicious rows from a training set.

    A subclass says which rows to keep (`_keep_rows`). If it takes other rows than numbers, dense or
    sparse, it says so too (`_check_rows`, `_takes_sparse_rows`).
    """

    @abstractmethod
    def _keep_rows(self, X, y):
        """Return which rows to keep, a bool array of shape (n_rows,).

        X is what `_check_rows` returned, y holds the position of each label in ``classes_``. Other
        fitted attributes are set here; if ``fit`` fails, those of an earlier fit come back.
        """

    def _takes_sparse_rows(self):
        """Say whether X may be a sparse matrix."""
        return True

    def _check_rows(self, X):
        """Validate rows and return them in the form that `_keep_rows` takes."""
        X, _ = check_number_rows(
            self,
            X,
            allow_nd=True,
            accept_sparse="csr",
            dtype="numeric",
            ensure_all_finite=False,
        )
        if not np.isfinite(X.data if issparse(X) else X).all():
            raise InvalidInputError(
                "Input X contains NaN or infinity; fill in or drop such values before filtering."
            )
        return X

    @_fit_context(prefer_skip_nested_validation=False)
    def fit(self, X, y):
        """Decide for every row of the training set whether to keep it.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_rows, ...)
            Training rows, some of them perhaps poisoned.
        y : array-like of shape (n_rows,)
            Labels as given, some of them perhaps wrong.

        Returns
        -------
        self : object
            The fitted filter; ``keep_mask_`` is its answer.

        Raises
        ------
        InvalidInputError
            If y has fewer than two classes, or no row would be kept.
        """
        with all_or_nothing(self):
            X = self._check_rows(X)
            y = check_labels(self, y)
            check_consistent_length(X, y)
            classes, indices = np.unique(y, return_inverse=True)
            if len(classes) < 2:
                raise InvalidInputError(
                    f"{type(self).__name__} tells poison by how rows of one class differ from the "
                    f"others, but y has one class only: {classes.tolist()[0]!r}."
                )
            self.classes_ = classes
            self.keep_mask_ = self._keep_rows(X, indices)
            if not self.keep_mask_.any():
                raise InvalidInputError(
                    f"{type(self).__name__} would keep none of the {len(y)} rows; loosen its "
                    "threshold, or give it a learner that learns something from them."
                )
            lost = np.bincount(indices[self.keep_mask_], minlength=len(classes)) == 0
            if lost.any():
                warn_user(
                    f"{type(self).__name__} keeps no row of {classes[lost][:5].tolist()}: what "
                    "learns from the rest does not know these labels.",
                    FilterWarning,
                )
        return self

    def fit_resample(self, X, y):
        """Drop the suspicious rows.

        The name is that of imbalanced-learn's samplers, so that a filter works as a step of its
        `Pipeline`, which filters in ``fit`` only.

        Parameters
        ----------
        X : {array-like, sparse matrix, DataFrame} of shape (n_rows, ...)
            Training rows, some of them perhaps poisoned.
        y : array-like of shape (n_rows,)
            Labels as given.

        Returns
        -------
        X_kept : of the type of X, of shape (n_kept, ...)
            The rows that are kept, in their order.
        y_kept : of the type of y, of shape (n_kept,)
            Their labels.

        Raises
        ------
        InvalidInputError
            If y has fewer than two classes, or no row would be kept.
        """
        rows = np.flatnonzero(self.fit(X, y).keep_mask_)
        if issparse(X):
            X = X.tocsr()  # some formats have no rows to take
        return _safe_indexing(X, rows), _safe_indexing(y, rows)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        tags.input_tags.three_d_array = True
        tags.input_tags.sparse = self._takes_sparse_rows()
        return tags
