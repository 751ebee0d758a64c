"""What DPA and Finite Aggregation share as regressors: targets, and the median of the voters."""

from abc import abstractmethod
from functools import partial
from typing import ClassVar

import numpy as np
from sklearn.base import RegressorMixin
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from .._compat import _fit_context
from .._rows import check_targets, warn_of_fingerprints
from ..base_regression import CertifiedRegressorMixin
from ._base_ensemble import BaseVoterEnsemble
from ._base_estimator import check_learns_numbers
from ._partitions_mixin import PartitionsMixin

__all__ = ["PartitionEnsembleRegressor"]


class PartitionEnsembleRegressor(
    PartitionsMixin, CertifiedRegressorMixin, RegressorMixin, BaseVoterEnsemble
):
    """Base class of the regressors whose voters learn from partitions of the training rows.

    A subclass names its parameters, says which voters use which partition (`_make_spread`) and
    which election certifies their answers (`_make_election`, a `Median`).
    """

    _parameter_constraints: ClassVar[dict] = {
        **BaseVoterEnsemble._parameter_constraints,
        **PartitionsMixin._constraints_of_partitions,
    }

    _may_change_after_fit: ClassVar[frozenset] = BaseVoterEnsemble._may_change_after_fit

    @_fit_context(prefer_skip_nested_validation=False)
    def fit(self, X, y=None, groups=None):
        """Share out the rows and fit a voter on each share.

        Parameters
        ----------
        X : {array-like, sparse matrix, table} of shape (n_rows, ...)
            Training rows: numbers, images of any shape, columns of mixed types, or one text per
            row; whatever `estimator` takes. Tables are DataFrames of pandas and polars and tables
            of Arrow. A list is numbers or texts: pass an array of objects, or a table, for both.
            A `PartitionedDataset` on disk, written with ``target_type="numbers"``, has targets and
            groups too: ``fit(dataset)``. A Dask DataFrame or array is written to such a data set
            for as long as the fit takes.
        y : array-like of shape (n_rows,)
            Targets: finite numbers, which voters get as float64.
        groups : array-like of shape (n_rows,), default=None
            The contributor of each row. With groups, one unit of poison is one contributor,
            whatever they do to their own rows. Names count as texts: 17, 17.0, "17" and "17.0"
            are one contributor, and so one unit.

        Returns
        -------
        self : object
            The fitted regressor.

        Raises
        ------
        VoterError
            If the base estimator fails on the rows of a voter and `on_voter_error` is "raise",
            or if it fails on those of all voters.
        InvalidInputError
            If y holds what is no number, a row has no group, or a row cannot be hashed; if
            `estimator` is a classifier; if `poison_unit` and `groups` contradict each other; if
            `memory` is in no folder or cannot tell `estimator` from others; or if a data set was
            written for another ensemble, or for labels.
        DatasetError
            If a data set is damaged, or was changed since it was opened.
        UnsoundPipelineError
            If `estimator` is frozen, so that all voters would be one, or `transformer` still has
            something to learn.
        """
        return self._fit_rows_or_dataset(X, y, groups)

    def _check_y(self, y):
        return check_targets(self, y)

    def _resolve_classes(self, y):
        return None

    def _warn_of_traces(self, X, y):
        warn_of_fingerprints(X, y, self.threat_model, y_is_labels=False)

    def _get_estimator(self):
        if self.estimator is None:
            return make_pipeline(StandardScaler(), Ridge())
        if not isinstance(self.estimator, type):  # which `clone` refuses with a better word
            check_learns_numbers(self.estimator)
        return self.estimator

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        # few rows a voter, of scikit-learn's 200, of which ten features have noise and one a slope
        tags.regressor_tags.poor_score = True
        return tags

    @abstractmethod
    def _make_election(self):
        """Return the `Median` of the fitted ensemble, by its parameters as they are now."""

    def values(self, X):
        """Return the answer of every voter on every row.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Query rows.

        Returns
        -------
        ndarray of float64, of shape (n_samples, n_voters)
            What each voter predicts, in units of y; NaN = abstains.

        Raises
        ------
        NotFittedError
            If the regressor was not fitted.
        VoterError
            If a voter fails and `on_voter_error` is "raise", or if all voters fail on all rows.
        """
        return self._collect(self._open_election(), np.asarray, X)

    def predict(self, X):
        """Predict the lower median of what the voters answer.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Query rows.

        Returns
        -------
        ndarray of float64, of shape (n_samples,)
            The middle one of the answers, the lower of both middle ones if their number is even;
            NaN on a row on which all voters abstain or fail, where nothing is certified.

        Raises
        ------
        NotFittedError
            If the regressor was not fitted.
        VoterError
            If a voter fails and `on_voter_error` is "raise", or if all voters fail on all rows.
        """
        election = self._open_election()
        return self._collect(election, election.predictions, X)

    def _predict_intervals(self, X, poison_sizes):
        election = self._open_election()
        return self._collect(election, partial(election.intervals, poison_sizes=poison_sizes), X)

    def _radii_within(self, X, low, high):
        election = self._open_election()
        return self._collect(election, election.radii, X, low, high)
