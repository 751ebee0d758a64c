"""What a base estimator must be able to do."""

from functools import partial

from sklearn.base import is_classifier

from ..exceptions import InvalidInputError
from ..voters import SCORES

__all__ = ["check_predicts", "check_scores"]


def check_predicts(estimator):
    """Raise if a base estimator will not predict, even when it is fitted.

    Some classifiers, such as a `StackingClassifier`, have the method only since ``fit``.

    Parameters
    ----------
    estimator : estimator
        Not fitted.

    Raises
    ------
    InvalidInputError
        If it has no ``predict``.
    """
    if not _will_have(estimator, "predict"):
        raise InvalidInputError(
            "estimator must be a classifier, with fit and predict, but "
            f"{type(estimator).__name__} has no predict."
        )


def check_scores(estimator, voters=None):
    """Raise if a base estimator does not score classes, as the run-off needs.

    Parameters
    ----------
    estimator : estimator
        Not fitted.
    voters : Voters, default=None
        Its fitted clones, which know better; before there are any, its class decides.

    Raises
    ------
    InvalidInputError
        If there is neither ``predict_proba`` nor ``decision_function``.
    """
    if voters is None:
        scores = any(map(partial(_will_have, estimator), SCORES))
    else:
        scores = voters.has_scores
    if not scores:
        raise InvalidInputError(
            f"aggregation='runoff' needs scores per class, but {type(estimator).__name__} has "
            "neither predict_proba nor decision_function; use aggregation='plurality'."
        )


def _will_have(estimator, method):
    return hasattr(estimator, method) or (
        is_classifier(estimator) and hasattr(type(estimator), method)
    )
