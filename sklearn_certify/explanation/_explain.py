"""Explain one prediction."""

from ..audit import split_pipeline, transform_queries
from ..ensemble import BaggingCertifiedClassifier, TemporalAggregationClassifier
from ..ensemble._partition_ensemble import PartitionEnsembleClassifier
from ..ensemble._partition_regressor import PartitionEnsembleRegressor
from ..ensemble._partitions_mixin import PartitionsMixin
from ..exceptions import InvalidInputError
from ..neighbors import CertifiedKNN, CertifiedKNNRegressor, CertifiedRNN
from ..pipelines import _needs_tolerance
from ._ensembles import explain_partitions, explain_subsamples
from ._explanation import Explanation
from ._medians import explain_median_of_neighbors, explain_median_of_voters
from ._neighbors import explain_neighbors
from ._one_row import as_one_row
from ._periods import explain_periods
from ._regression_explanation import RegressionExplanation
from ._temporal_explanation import TemporalExplanation

__all__ = ["explain"]


def explain(estimator, x, *, groups=None, target=None, tolerance=None):
    """Explain one prediction: who votes for it, who comes next, and what it takes to change it.

    Parameters
    ----------
    estimator : estimator
        A fitted certified classifier or regressor, or a fitted `Pipeline` or search object that
        ends in one.
    x : array-like of shape (n_features,) or (1, n_features)
        One row, by itself or as the only one of an array or table: numbers, an image, a text,
        ``X.iloc[[0]]``.
    groups : array-like of shape (n_rows,), default=None
        The contributor of each training row, in the order of ``fit``, to be told which of them
        fill each partition. A fitted classifier does not keep their names.
    target : label, default=None
        The label that an attacker wants, to be told how much poison never makes it the prediction,
        as in ``certified_radius``. Unless the labels are fixed it may be one that no row has.
    tolerance : float, default=None
        How far poison may move the prediction of a regressor, in units of y, to be told how much
        of it does not.

    Returns
    -------
    Explanation, TemporalExplanation or RegressionExplanation
        To be printed, shown in a notebook or drawn (``plot()``); its ``to_frame()`` lists the
        partitions, neighbours or voters that the prediction is made of. A
        `TemporalAggregationClassifier` has an explanation that counts periods, and a regressor one
        of the median and its intervals.

    Raises
    ------
    NotFittedError
        If the estimator was not fitted.
    UnsoundPipelineError
        If a step before it was fitted on the training set.
    InvalidInputError
        If x is not one row, there is no certified estimator of this package in `estimator`, groups
        are not those of ``fit``, a regressor is given a target or a classifier a tolerance, or
        these are not valid.
    VoterError
        If a voter fails and `on_voter_error` is "raise", or if all voters fail.

    Notes
    -----
    The sentence says what the certificate says: with `radius` units of poison nothing changes,
    and for one more nothing is proven. It never says that an attack exists.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn_certify import DPAClassifier, explain
    >>> X, y = load_iris(return_X_y=True)
    >>> explanation = explain(DPAClassifier(n_partitions=15).fit(X, y), X[100])
    >>> print(explanation.sentence)
    10 of 15 voters say 2, 5 say 1; it takes at least 3 rows inserted or deleted to change that.
    >>> explanation.prediction, explanation.radius
    (2, 2)
    >>> explanation.to_frame().loc[0, ["for_prediction", "at_stake"]].tolist()
    [1, 2]

    What an attacker needs who wants this flower to be of class 0, for which nobody votes:

    >>> aimed = explain(DPAClassifier(n_partitions=15).fit(X, y), X[100], target=0)
    >>> print(aimed.sentence)
    10 of 15 voters say 2, none says 0; it takes at least 5 rows inserted or deleted to make it 0.
    >>> aimed.lacks
    {2: 10, 1: 5}

    A regressor predicts the median of what its voters answer, which poison moves from one of them
    to the next:

    >>> from sklearn_certify import CertifiedKNNRegressor
    >>> regressor = CertifiedKNNRegressor(n_neighbors=15).fit(X[:, :3], X[:, 3])
    >>> width = explain(regressor, X[100, :3], tolerance=0.2)
    >>> width.prediction, width.radius
    (2.3, 5)
    >>> width.intervals[1]
    {'poison_size': 1, 'low': 2.2, 'high': 2.3}
    """
    steps, certified = split_pipeline(estimator)
    row = as_one_row(x, None if steps else certified)
    certified, row = transform_queries(estimator, row)
    is_regressor = _needs_tolerance(certified, target)
    if not is_regressor:
        _needs_tolerance(certified, tolerance=tolerance)
    is_partitioned = isinstance(certified, PartitionsMixin)
    if groups is not None and not is_partitioned:
        raise InvalidInputError(
            f"{type(certified).__name__} has no partitions that contributors fill: leave groups "
            "out."
        )
    of_groups = {"groups": groups} if is_partitioned else {}
    if is_regressor:
        for kind, explain_kind in _REGRESSORS.items():
            if isinstance(certified, kind):
                return RegressionExplanation(**explain_kind(certified, row, tolerance, **of_groups))
    else:
        for kind, (explain_kind, explanation) in _CLASSIFIERS.items():
            if isinstance(certified, kind):
                return explanation(**explain_kind(certified, row, target, **of_groups))
    raise InvalidInputError(
        f"explain does not know how {type(certified).__name__} predicts; it knows the classifiers "
        "and regressors of this package."
    )


_CLASSIFIERS = {
    PartitionEnsembleClassifier: (explain_partitions, Explanation),
    BaggingCertifiedClassifier: (explain_subsamples, Explanation),
    CertifiedKNN: (explain_neighbors, Explanation),
    CertifiedRNN: (explain_neighbors, Explanation),
    TemporalAggregationClassifier: (explain_periods, TemporalExplanation),
}
_REGRESSORS = {
    PartitionEnsembleRegressor: explain_median_of_voters,
    CertifiedKNNRegressor: explain_median_of_neighbors,
}
