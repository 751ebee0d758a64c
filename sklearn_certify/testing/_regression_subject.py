"""A regressor under attack: predictions that are to stay near what they are without poison."""

import warnings

import numpy as np
from sklearn.base import is_regressor
from sklearn.dummy import DummyRegressor
from sklearn.pipeline import Pipeline

from ..audit import split_pipeline, transform_queries
from ..base_regression import CertifiedRegressorMixin
from ..ensemble import DPARegressor
from ..exceptions import InvalidInputError
from ..metrics._intervals import interval_around
from ._subject import Answers, Subject, inside, make_subject

__all__ = ["RegressionSubject", "make_any_subject"]

_ROWS_PER_PARTITION = 15  # of the ensemble around a plain regressor
_SIZES = (1, 2, 3, 5)  # of poison: a query is to stay in its interval under one of them each


class RegressionSubject(Subject):
    """An unfitted regressor with certificates, asked as if it were a classifier.

    Every query gets an interval around the prediction without poison, and the labels are "within"
    and what lies around it: a certified radius of a classifier is then that of the interval.
    """

    def __init__(self, estimator):
        super().__init__(estimator)
        self.centers = self.ranges = None

    def answer(self, fitted, queries, *, claims=True):
        """Ask a fitted clone what it says about the queries, as `Subject.answer` does.

        The first answer decides on the intervals. Votes are the voters' answers, to the last bit.
        """
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            # which refuses steps that void certificates
            regressor, rows = (transform_queries if claims else inside)(fitted, queries)
            predictions = np.asarray(regressor.predict(rows), dtype=np.float64)
            if self.ranges is None:
                self._choose_ranges(regressor, rows, predictions)
            labels = list(map(self._label, predictions.tolist(), range(len(predictions))))
            radii = None
            if claims:
                radii = regressor.certified_radius(rows, self.centers, self.tolerances)
            votes = _values(regressor, rows)
        counts = [{value: 1} for value in predictions.tolist()] if votes is None else None
        return Answers(labels, labels, radii, votes, counts=counts)

    def radii_against(self, fitted, queries, target):
        """Return None: no label is wanted of a prediction, only that it leaves its interval."""
        return None

    def votes(self, fitted, query):
        """Return what each voter answers on one query; None where it abstains."""
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            return _values(*inside(fitted, query))[0]

    def partitions(self, fitted):
        """Return the partition of each training row and the voters that use each partition."""
        regressor = split_pipeline(fitted)[1]
        if not all(hasattr(regressor, name) for name in ("partition_", "spread_", "values")):
            return None
        return np.asarray(regressor.partition_), np.asarray(regressor.spread_)

    def partitions_of_new_rows(self, training_set):
        """Return the partitions that rows would fall into, or None if nobody can tell."""
        if not self.has_parameter("estimator"):
            return None
        try:
            fitted = self.with_parameters(estimator=DummyRegressor()).fit(training_set)
            return self.partitions(fitted)[0]
        except (ValueError, TypeError):
            return None

    def _choose_ranges(self, regressor, rows, predictions):
        """Choose intervals that are certified under some poison, where there are such."""
        predicted = np.isfinite(predictions)
        self.centers = np.where(predicted, predictions, 0.0)
        intervals = regressor.predict_interval(rows, list(_SIZES))
        reach = np.abs(intervals - self.centers[:, np.newaxis, np.newaxis]).max(axis=1)
        wanted = np.arange(len(predictions)) % len(_SIZES)
        self.tolerances = np.where(predicted, 0.0, np.inf)
        for row, last in zip(
            *np.nonzero(predicted[:, np.newaxis] & np.isfinite(reach)), strict=True
        ):
            if last <= wanted[row]:
                self.tolerances[row] = reach[row, last]
        self.ranges = np.column_stack(interval_around(self.centers, self.tolerances))

    def _label(self, prediction, query):
        low, high = self.ranges[query]
        if np.isnan(prediction):
            return "no prediction"
        if low <= prediction <= high:
            return f"within [{low:.6g}, {high:.6g}]"
        return "above it" if prediction > high else "below it"


def _values(regressor, rows):
    """Return what each voter answers, None where it abstains: one list per query."""
    if not hasattr(regressor, "values"):
        return None
    return [
        [None if np.isnan(value) else value for value in values]
        for values in regressor.values(rows).tolist()
    ]


def make_any_subject(estimator, training_set, threat_model):
    """Make a subject of whatever a person brings, as `make_subject` does, also of regressors.

    Parameters
    ----------
    estimator : estimator
        What `make_subject` takes; a certified regressor, a `Pipeline` or search around one, or a
        plain regressor, which becomes the voter of a `DPARegressor`.
    training_set, threat_model
        As for `make_subject`.

    Returns
    -------
    subject : Subject
        Unfitted; a `RegressionSubject` of regressors.
    threat_model : str
        The threat model whose attacks to try.
    """
    if not _predicts_numbers(estimator):
        return make_subject(estimator, training_set, threat_model)
    if not hasattr(estimator, "error_score"):  # which searches have
        try:
            split_pipeline(estimator)
        except InvalidInputError:  # a plain regressor
            n_partitions = int(np.clip(len(training_set) // _ROWS_PER_PARTITION, 3, 20))
            estimator = DPARegressor(estimator, n_partitions=n_partitions)
    subject, threat_model = make_subject(estimator, training_set, threat_model)
    return RegressionSubject(subject.estimator), threat_model


def _predicts_numbers(estimator):
    """Say whether an estimator is a regressor, or one behind the steps of pipelines."""
    while isinstance(estimator, Pipeline):
        estimator = estimator.steps[-1][1]
    try:
        return isinstance(estimator, CertifiedRegressorMixin) or is_regressor(estimator)
    except (AttributeError, NotImplementedError):  # not derived from BaseEstimator
        return False
