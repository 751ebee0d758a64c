"""Certified regression by the k nearest neighbours."""

from typing import ClassVar

import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils.validation import check_consistent_length

from .._compat import Integral, Interval, _fit_context
from .._rows import check_targets, warn_of_fingerprints
from ..base import all_or_nothing
from ..base_regression import CertifiedRegressorMixin
from ..certificates import knn_median_interval, knn_median_radius, lower_median
from ..partition import ExactContent, canonical_order, hash_labels, hash_rows
from ..threat import find_threat_model
from ._kneighbors import KNeighborsMixin
from ._rows_near import RowsNearMixin
from ._search import OrderedRows

__all__ = ["CertifiedKNNRegressor"]

_TARGETS_AT_A_TIME = 2**22


class CertifiedKNNRegressor(
    KNeighborsMixin, RowsNearMixin, CertifiedRegressorMixin, RegressorMixin, BaseEstimator
):
    """K nearest neighbours, regression: the median of the targets of the nearest training rows.

    A poisoned row is one neighbour more, one less or another one, and moves the median by one place
    or so. So the prediction provably stays between two targets of other neighbours, and where these
    are near to each other it hardly moves.

    Parameters
    ----------
    n_neighbors : int, default=5
        Number of neighbours whose median is predicted (k in the papers). If there are fewer rows,
        that of all. The larger it is, the more poison is survived, and the coarser is the
        prediction.
    metric : str or callable, default="manhattan"
        Distance between two rows: a metric of scikit-learn's `DistanceMetric`, or a function of
        two rows. "manhattan", "euclidean" and "chebyshev" have compiled kernels, also by their
        other names, such as "minkowski" with a `p` of 1, 2 or infinity.
    metric_params : dict, default=None
        Further arguments of the metric. They must not be computed from the training rows.
    transformer : transformer, default=None
        What each training row and each query goes through, alone, before distances are computed:
        image features, hashed texts, a network in a `FrozenEstimator`. It must have nothing left
        to learn: what still has to be fitted is fitted beforehand, on data that the attacker
        cannot touch, and wrapped in a `FrozenEstimator`. It makes numbers of a row; certificates
        speak of the rows as they come.
    threat_model : {"insert_delete", "insert", "delete", "modify", "label_flip"}, \
            default="insert_delete"
        What one unit of poison may do, see `sklearn_certify.threat`. Targets are the labels:
        "label_flip" changes the target of one row, to any number.
    n_jobs : int, default=None
        Number of threads that look for neighbours, where the metric has compiled kernels, and of
        rows that go through the `transformer` at the same time. As in joblib, None is 1 except in a
        ``joblib.parallel_config`` context, and -1 all cores; numba sets a limit to threads
        (``NUMBA_NUM_THREADS``). Predictions are the same whatever `n_jobs` is.
    verbose : int, default=0
        With 1, a line every ten seconds tells how many rows have gone through the `transformer`,
        and the time left; with 2 every second, from 10 on after each task.

    Attributes
    ----------
    n_features_in_ : int
        Number of features seen during ``fit``.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of the features, if X is a DataFrame with string names.
    n_samples_fit_ : int
        Number of training rows.

    See Also
    --------
    CertifiedKNN : Classification by the votes of the nearest rows.

    Notes
    -----
    The prediction is the median of `n_neighbors` targets, the lower one of the two in the middle if
    their number is even, and so the target of some training row: no targets are averaged, since one
    of them could move a mean to anywhere. Distances depend on two rows alone and are computed in
    double precision, feature by feature. Rows at equal distances are ranked by the hash of their
    content, so that no prediction depends on the order of the training rows. Certificates are exact
    for each threat model as long as no row equals the query or, where labels are flipped, another
    row. They speak about training sets with the same columns, under the same parameters: parameters
    chosen by looking at the poisoned rows are outside them, and so is a step that was fitted on all
    rows before this regressor, or a scaler that was fitted on all targets.

    `n_neighbors` and `threat_model` may be changed after ``fit``, by ``set_params``; the others
    that predictions rest on (`metric`, `metric_params`, `transformer`) are refused then.

    References
    ----------
    Hammoudeh and Lowd, "Reducing Certified Regression to Certified Classification for General
    Poisoning Attacks", SaTML 2023, whose kNN-CR has the intervals under "modify".

    Examples
    --------
    What counts as a large difference is known from elsewhere: a scaler that was fitted on the
    training rows would see poisoned ones too.

    >>> from sklearn.datasets import load_diabetes
    >>> from sklearn.model_selection import train_test_split
    >>> from sklearn.preprocessing import FunctionTransformer
    >>> from sklearn_certify import CertifiedKNNRegressor
    >>> def in_usual_units(X):  # years, sex, body mass index, blood pressure, six of blood serum
    ...     return X / [13, 0.5, 4, 14, 35, 30, 13, 1.3, 0.5, 11]
    >>> X, y = load_diabetes(return_X_y=True, scaled=False)
    >>> X, X_test, y, y_test = train_test_split(X, y, random_state=0)
    >>> regressor = CertifiedKNNRegressor(45, transformer=FunctionTransformer(in_usual_units))
    >>> regressor.fit(X, y).predict(X_test[:3])
    array([237., 220., 129.])

    No four rows that an attacker adds or removes move them out of these intervals:

    >>> regressor.predict_interval(X_test[:3], poison_size=4)
    array([[220., 257.],
           [212., 236.],
           [122., 155.]])

    How many such rows leave a prediction within 60 of the truth, and for how many predictions four
    do so:

    >>> regressor.certified_radius(X_test[:3], y_test[:3], tolerance=60)
    array([-1, 16, 12])
    >>> round(regressor.certified_accuracy(X_test, y_test, poison_size=4, tolerance=60), 2)
    0.62
    """

    _parameter_constraints: ClassVar[dict] = {
        **RowsNearMixin._parameter_constraints,
        "n_neighbors": [Interval(Integral, 1, None, closed="left")],
    }

    _may_change_after_fit: ClassVar[frozenset] = frozenset(
        {*CertifiedRegressorMixin._may_change_after_fit, "n_neighbors"}
    )

    def __init__(
        self,
        n_neighbors=5,
        metric="manhattan",
        *,
        metric_params=None,
        transformer=None,
        threat_model="insert_delete",
        n_jobs=None,
        verbose=0,
    ):
        self.n_neighbors = n_neighbors
        self.metric = metric
        self.metric_params = metric_params
        self.transformer = transformer
        self.threat_model = threat_model
        self.n_jobs = n_jobs
        self.verbose = verbose

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y=None):
        """Keep the training rows, in an order that follows from their content.

        Parameters
        ----------
        X : {array-like, DataFrame} of shape (n_rows, n_features)
            Training rows: finite numbers. With a `transformer` whatever it makes such rows of:
            images of any shape, texts, tables, sparse rows.
        y : array-like of shape (n_rows,)
            Targets: finite numbers.

        Returns
        -------
        self : object
            The fitted regressor.

        Raises
        ------
        ValueError
            If X or y holds what is no finite number.
        TypeError
            If X is sparse, and there is no transformer that takes it.
        InvalidInputError
            If the metric cannot compare these rows, or the transformer fails on a row.
        UnsoundPipelineError
            If the transformer still has something to learn.
        """
        with all_or_nothing(self):
            self._fit_transformer()
            X = self._check_rows(X, reset=True)
            y = check_targets(self, y)
            check_consistent_length(X, y)
            warn_of_fingerprints(X, y, self.threat_model, y_is_labels=False)
            self._order = canonical_order(hash_rows(X), hash_labels(y), ExactContent(X, y))
            rows = self._numbers(X)[self._order]
            self._training_rows = OrderedRows(rows, self.metric, self.metric_params)
            self._targets = y[self._order]
            self.n_samples_fit_ = len(y)
            self._keep_parameters()
        return self

    def predict(self, X):
        """Predict the lower median of the targets of the nearest training rows.

        Parameters
        ----------
        X : {array-like, DataFrame} of shape (n_samples, n_features)
            Query rows.

        Returns
        -------
        ndarray of float64, of shape (n_samples,)
            Targets of training rows.

        Raises
        ------
        NotFittedError
            If the regressor was not fitted.
        """
        queries = self._queries(X)
        predictions = np.empty(len(queries))
        for part, targets in self._nearest_targets(queries, self.n_neighbors):
            predictions[part] = lower_median(targets)
        return predictions

    def _nearest_targets(self, queries, n_ranked):
        """Yield slices of the queries with the targets of their nearest rows, nearest first."""
        n_ranked = min(n_ranked, self.n_samples_fit_)
        size = max(_TARGETS_AT_A_TIME // n_ranked, 1)
        for start in range(0, len(queries), size):
            part = slice(start, start + size)
            nearest = self._training_rows.find_nearest(queries[part], n_ranked, self._n_threads())
            yield part, self._targets[nearest]

    def _reserve(self):
        """Return how many rows behind the nearest decide about radii; None where all may do."""
        attacker = find_threat_model(self.threat_model)
        if attacker.relabels or not attacker.deletes:
            return 0  # no row moves up whose target the attacker would not rather choose
        # with insertions no radius is larger than this reserve, as so many make half of k
        return self.n_neighbors // 2 + 2 if attacker.inserts else None

    def _certificate(self):
        """Return the arguments of both certificates."""
        return {"threat_model": self.threat_model, "n_rows": self.n_samples_fit_}

    def _predict_intervals(self, X, poison_sizes):
        queries, reserve = self._queries(X), self._reserve()
        if reserve is None:
            reserve = min(int(poison_sizes.max(initial=0)), self.n_samples_fit_)
        low, high = np.empty((2, len(queries), len(poison_sizes)))
        for part, targets in self._nearest_targets(queries, self.n_neighbors + reserve):
            low[part], high[part] = knn_median_interval(
                targets, self.n_neighbors, poison_size=poison_sizes, **self._certificate()
            )
        return low, high

    def _radii_within(self, X, low, high):
        queries, reserve = self._queries(X), self._reserve()
        look_farther = reserve is None
        n_ranked = self.n_neighbors + (self.n_neighbors // 2 + 2 if look_farther else reserve)
        radii = np.empty(len(queries), dtype=np.int64)
        undecided = np.arange(len(queries))
        while len(undecided):
            for part, targets in self._nearest_targets(queries[undecided], n_ranked):
                rows = undecided[part]
                radii[rows] = knn_median_radius(
                    targets, self.n_neighbors, low[rows], high[rows], **self._certificate()
                )
            if not look_farther or n_ranked >= self.n_samples_fit_:
                break
            undecided = undecided[radii[undecided] == n_ranked - self.n_neighbors]
            n_ranked = self.n_neighbors + 2 * (n_ranked - self.n_neighbors)
        return radii
