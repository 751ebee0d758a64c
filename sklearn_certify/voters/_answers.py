"""What one voter says about queries, in terms of the labels that all voters share."""

import numpy as np

from ._abstentions import abstention_labels

__all__ = ["SCORES", "has_scores", "scores_of", "votes_of", "without_unknown"]

SCORES = ("predict_proba", "decision_function")  # the first that there is counts


def has_scores(estimator):
    """Say whether an estimator scores classes."""
    return any(hasattr(estimator, method) for method in SCORES)


def votes_of(estimator, X, classes, known=None):
    """Let one voter predict every row.

    Parameters
    ----------
    estimator : fitted estimator or None
        None abstains.
    X : DataFrame, CSR matrix or ndarray of shape (n_samples, ...)
        Query rows.
    classes : ndarray of shape (n_classes,)
        All labels, sorted.
    known : ndarray of bool, of shape (n_classes,), default=None
        The labels that the voter may vote for: those of its rows. None: all of them. What it says
        of others depends on its rows alone, but whether they are labels at all on the rows of
        others.

    Returns
    -------
    votes : ndarray of the smallest integer type, of shape (n_samples,)
        Index into `classes`; -1 = abstains.
    problem : str or None
        What is wrong with some of the predictions. That a voter says "none of them" is not.
    """
    votes = np.full(X.shape[0], -1, dtype=np.min_scalar_type(-len(classes)))
    if estimator is None:
        return votes, None
    labels = np.asarray(estimator.predict(X))
    if labels.shape[:1] != votes.shape or labels.size != votes.size:
        raise ValueError(f"it predicted an array of shape {labels.shape} for {len(votes)} rows")
    labels = labels.reshape(votes.shape)
    indices = _class_indices(labels, classes)
    votes[:] = np.where(_may_count(indices, known), indices, -1)
    return votes, _problem_with("predicted", labels[indices == -1], estimator)


def _may_count(indices, known):
    """Say which labels, by their positions among all, a voter may vote for."""
    are_labels = indices >= 0
    return are_labels if known is None else are_labels & known[indices]


def without_unknown(answer, known):
    """Take from an answer what is said of labels that the voter may not vote for.

    Parameters
    ----------
    answer : ndarray
        Votes of shape (n_samples,), or scores of shape (n_samples, n_classes); written to.
    known : ndarray of bool, of shape (n_classes,), or None
        The labels that the voter may vote for; None: all of them.

    Returns
    -------
    ndarray
    """
    if known is not None and answer.ndim == 1:
        answer[(answer >= 0) & ~known[answer]] = -1
    elif known is not None:
        answer[:, ~known] = -np.inf
    return answer


def _problem_with(deed, strangers, estimator):
    """Return what is wrong with answers that are no labels, unless they mean "none of them"."""
    if len(strangers):
        nobody = abstention_labels(estimator)
        for label in strangers.tolist():
            if label not in nobody:
                return f"it {deed} {label!r}, which is no label of y"
    return None


def _class_indices(labels, classes):
    """Return the position of each label in `classes`, -1 where it has none."""
    try:
        indices = np.minimum(np.searchsorted(classes, labels), len(classes) - 1)
        return np.where(classes[indices] == labels, indices, -1)
    except TypeError:  # labels of several kinds have no order
        positions = {label: index for index, label in enumerate(classes.tolist())}
        return np.array([positions.get(label, -1) for label in labels.tolist()])


def scores_of(estimator, X, classes, known=None):
    """Let one voter score every class on every row.

    Parameters
    ----------
    estimator, X, classes, known
        As for `votes_of`.

    Returns
    -------
    scores : ndarray of float64, of shape (n_samples, n_classes)
        Probabilities or decision values; -inf for a class that the voter never saw, and for all
        where it abstains: where a label that it may not vote for has the highest score, or where
        one that says "none of them" has no probabilities but zeros.
    problem : str or None
        What is wrong with some of the scores.
    """
    scores = np.full((X.shape[0], len(classes)), -np.inf)
    if estimator is None:
        return scores, None
    if not has_scores(estimator):
        raise AttributeError("it has neither predict_proba nor decision_function")
    method = next(method for method in SCORES if hasattr(estimator, method))
    values = np.asarray(getattr(estimator, method)(X), dtype=scores.dtype)
    if values.ndim == 1 and method == "decision_function":
        values = np.column_stack([-values, values])
    own = np.asarray(estimator.classes_)
    values = _outputs_of_labels(values, own)
    if values.shape != (len(scores), len(own)):
        raise ValueError(
            f"its scores have shape {values.shape}, but there are {len(scores)} rows and it knows "
            f"{len(own)} classes"
        )
    columns = _class_indices(own, classes)
    count = _may_count(columns, known)
    scores[:, columns[count]] = values[:, count]
    if not count.all():
        scores[~count[values.argmax(axis=1)]] = -np.inf
    if method == "predict_proba" and not values.any(axis=1).all():
        _let_zeros_abstain(scores, values, estimator, classes, known)
    unusable = ~(values < np.inf).all(axis=1)
    scores[unusable] = -np.inf
    if unusable.any():
        return scores, "its scores hold NaN or infinity"
    return scores, _problem_with("scores", own[columns == -1], estimator)


def _let_zeros_abstain(scores, values, estimator, classes, known):
    """Turn probabilities that are all zero into the label that they stand for, if they do."""
    nobody = abstention_labels(estimator)
    if nobody:
        zeros = ~values.any(axis=1)
        scores[zeros] = -np.inf
        # a label that others have is a vote like any other
        indices = _class_indices(np.array(nobody[:1]), classes)
        scores[np.ix_(zeros, indices[_may_count(indices, known)])] = 0.0


def _outputs_of_labels(values, labels):
    """Leave out the outputs of a network whose labels, their positions, the voter never saw."""
    are_positions = labels.dtype.kind in "iu" and labels.min() >= 0
    if values.ndim == 2 and values.shape[1] > len(labels) and are_positions:
        return values[:, labels] if labels.max() < values.shape[1] else values
    return values
