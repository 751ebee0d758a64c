"""What a base estimator must be able to do."""

from functools import partial

from sklearn.base import is_classifier, is_regressor
from sklearn.frozen import FrozenEstimator

from ..exceptions import InvalidInputError, UnsoundPipelineError
from ..learners import stacks
from ..voters import SCORES

__all__ = ["check_learns_labels", "check_learns_numbers", "check_scores"]


def check_learns_labels(estimator):
    """Raise if a base estimator will not predict labels from each voter's own rows.

    Some classifiers, such as a `StackingClassifier`, have ``predict`` only since ``fit``.

    Parameters
    ----------
    estimator : estimator
        Not fitted.

    Raises
    ------
    InvalidInputError
        If it has no ``predict``, or is a regressor.
    UnsoundPipelineError
        If it holds a frozen classifier.
    """
    _check_predicts(estimator, "classifier")
    if _is(is_regressor, estimator):
        raise InvalidInputError(
            f"estimator must be a classifier, but {type(estimator).__name__} is a regressor; "
            "DPARegressor and FiniteAggregationRegressor take one."
        )
    _refuse_frozen(estimator, "classifier", is_classifier)


def check_learns_numbers(estimator):
    """Raise if a base estimator will not predict numbers from each voter's own rows.

    Parameters
    ----------
    estimator : estimator
        Not fitted.

    Raises
    ------
    InvalidInputError
        If it has no ``predict``, or is a classifier.
    UnsoundPipelineError
        If it holds a frozen regressor.
    """
    _check_predicts(estimator, "regressor")
    if _is(is_classifier, estimator) or stacks(estimator):
        raise InvalidInputError(
            f"estimator must be a regressor, but {type(estimator).__name__} is a classifier; "
            "DPAClassifier and FiniteAggregationClassifier take one."
        )
    _refuse_frozen(estimator, "regressor", is_regressor)


def _check_predicts(estimator, kind):
    if not _will_have(estimator, "predict"):
        raise InvalidInputError(
            f"estimator must be a {kind}, with fit and predict, but "
            f"{type(estimator).__name__} has no predict."
        )


def _refuse_frozen(estimator, kind, is_kind):
    if any(
        isinstance(part, FrozenEstimator) and is_kind(part)
        for part in (estimator, *estimator.get_params(deep=True).values())
    ):
        raise UnsoundPipelineError(
            f"estimator holds a {kind} in a FrozenEstimator: all voters would be the same model, "
            "and what it was fitted on is unknown, so no certificate holds. Pass an estimator that "
            "learns from each voter's rows; frozen transformers before it are fine."
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
        hasattr(type(estimator), method)
        and (_is(is_classifier, estimator) or _is(is_regressor, estimator))
    )


def _is(is_kind, estimator):
    """Ask `is_classifier` or `is_regressor`, which not every estimator has an answer for."""
    try:
        return is_kind(estimator)
    except (AttributeError, NotImplementedError):  # not derived from BaseEstimator
        return False
