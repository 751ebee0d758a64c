"""Explain one prediction."""

from ..audit import split_pipeline, transform_queries
from ..ensemble import BaggingCertifiedClassifier
from ..ensemble._partition_ensemble import PartitionEnsembleClassifier
from ..exceptions import InvalidInputError
from ..neighbors import CertifiedKNN, CertifiedRNN
from ._ensembles import explain_partitions, explain_subsamples
from ._explanation import Explanation
from ._neighbors import explain_neighbors
from ._one_row import as_one_row

__all__ = ["explain"]


def explain(estimator, x, *, groups=None):
    """Explain one prediction: who votes for it, who comes next, and what it takes to change it.

    Parameters
    ----------
    estimator : estimator
        A fitted certified classifier, or a fitted `Pipeline` or search object that ends in one.
    x : array-like of shape (n_features,) or (1, n_features)
        One row, by itself or as the only one of an array or table: numbers, an image, a text,
        ``X.iloc[[0]]``.
    groups : array-like of shape (n_rows,), default=None
        The contributor of each training row, in the order of ``fit``, to be told which of them
        fill each partition. A fitted classifier does not keep their names.

    Returns
    -------
    Explanation
        To be printed, shown in a notebook or drawn (``plot()``); its ``to_frame()`` lists the
        partitions, neighbours or voters that carry the lead.

    Raises
    ------
    NotFittedError
        If the classifier was not fitted.
    UnsoundPipelineError
        If a step before the classifier was fitted on the training set.
    InvalidInputError
        If x is not one row, there is no certified classifier of this package in `estimator`, it
        has ``label_flips="white_box"``, or groups are not those of ``fit``.
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
    """
    steps, classifier = split_pipeline(estimator)
    row = as_one_row(x, None if steps else classifier)
    classifier, row = transform_queries(estimator, row)
    if isinstance(classifier, PartitionEnsembleClassifier):
        return Explanation(**explain_partitions(classifier, row, groups))
    if groups is not None:
        raise InvalidInputError(
            f"{type(classifier).__name__} has no partitions that contributors fill: leave groups "
            "out."
        )
    if isinstance(classifier, BaggingCertifiedClassifier):
        return Explanation(**explain_subsamples(classifier, row))
    if isinstance(classifier, (CertifiedKNN, CertifiedRNN)):
        return Explanation(**explain_neighbors(classifier, row))
    raise InvalidInputError(
        f"explain does not know how {type(classifier).__name__} votes; it knows the classifiers of "
        "this package."
    )
