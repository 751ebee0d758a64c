"""What one voter says about queries, in terms of the labels that all voters share."""

import numpy as np

__all__ = ["SCORES", "has_scores", "scores_of", "votes_of"]

SCORES = ("predict_proba", "decision_function")  # the first that there is counts


def has_scores(estimator):
    """Say whether an estimator scores classes."""
    return any(hasattr(estimator, method) for method in SCORES)


def votes_of(estimator, X, classes):
    """Let one voter predict every row.

    Parameters
    ----------
    estimator : fitted estimator or None
        None abstains.
    X : DataFrame, CSR matrix or ndarray of shape (n_samples, ...)
        Query rows.
    classes : ndarray of shape (n_classes,)
        All labels, sorted.

    Returns
    -------
    votes : ndarray of the smallest integer type, of shape (n_samples,)
        Index into `classes`; -1 = abstains.
    problem : str or None
        What is wrong with some of the predictions.
    """
    votes = np.full(X.shape[0], -1, dtype=np.min_scalar_type(-len(classes)))
    if estimator is None:
        return votes, None
    labels = np.asarray(estimator.predict(X))
    if labels.shape[:1] != votes.shape or labels.size != votes.size:
        raise ValueError(f"it predicted an array of shape {labels.shape} for {len(votes)} rows")
    labels = labels.reshape(votes.shape)
    votes[:] = _class_indices(labels, classes)
    unknown = labels[votes == -1].tolist()
    return votes, f"it predicted {unknown[0]!r}, which is no label of y" if unknown else None


def _class_indices(labels, classes):
    """Return the position of each label in `classes`, -1 where it has none."""
    try:
        indices = np.minimum(np.searchsorted(classes, labels), len(classes) - 1)
        return np.where(classes[indices] == labels, indices, -1)
    except TypeError:  # labels of several kinds have no order
        positions = {label: index for index, label in enumerate(classes.tolist())}
        return np.array([positions.get(label, -1) for label in labels.tolist()])


def scores_of(estimator, X, classes):
    """Let one voter score every class on every row.

    Parameters
    ----------
    estimator, X, classes
        As for `votes_of`.

    Returns
    -------
    scores : ndarray of float64, of shape (n_samples, n_classes)
        Probabilities or decision values; -inf for a class that the voter never saw, and for all
        where it abstains.
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
    if (columns == -1).any():
        raise ValueError(f"it scores {own[columns == -1].tolist()[0]!r}, which is no label of y")
    silent = np.isnan(values).any(axis=1)
    scores[:, columns] = np.where(silent[:, np.newaxis], -np.inf, values)
    return scores, "its scores hold NaN" if silent.any() else None


def _outputs_of_labels(values, labels):
    """Leave out the outputs of a network whose labels, their positions, the voter never saw."""
    are_positions = labels.dtype.kind in "iu" and labels.min() >= 0
    if values.ndim == 2 and values.shape[1] > len(labels) and are_positions:
        return values[:, labels] if labels.max() < values.shape[1] else values
    return values
