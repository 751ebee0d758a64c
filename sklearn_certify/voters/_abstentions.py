"""Voters that may say "none of them": with which labels they do."""

__all__ = ["SAID_OF_ABSTENTIONS", "abstention_labels", "abstention_parameters"]

SAID_OF_ABSTENTIONS = "Outlier label .* is not in training classes"  # a warning for each voter
_PARAMETERS = ("outlier_label", "abstention_label")
_MOST_FREQUENT = "most_frequent"  # to scikit-learn, that of the voter's labels
_FITTED_INSIDE = ("best_estimator_", "estimator_")  # what answers for a search, or a wrapper


def abstention_parameters(estimator):
    """Return the parameters of an estimator that name a label for "none of them".

    Parameters
    ----------
    estimator : estimator
        Its parameters `outlier_label` and `abstention_label` count, and those of its parts.

    Returns
    -------
    dict of label by name of the parameter
        Without those that name no label.
    """
    if not hasattr(estimator, "get_params"):
        return {}
    found = {}
    for name, value in estimator.get_params(deep=True).items():
        if name.rpartition("__")[2] in _PARAMETERS:
            label = _one_label(value)
            if label is not None and label != _MOST_FREQUENT:
                found[name] = label
    return found


def _one_label(value):
    """Return a label that may come in a list, one for each of a number of outputs."""
    if isinstance(value, str) or not hasattr(value, "__len__"):
        return value
    return value[0] if len(value) == 1 else None


def abstention_labels(fitted):
    """Return the labels with which a voter says that none of its labels is right.

    Parameters
    ----------
    fitted : fitted estimator
        It says so by a parameter `outlier_label` or `abstention_label`, its own or that of a part,
        or by a fitted attribute ``abstention_label_``, its own or that of what answers for it: the
        last step of a pipeline, the choice of a search, the ``estimator_`` of a wrapper.

    Returns
    -------
    list of labels
    """
    labels = list(abstention_parameters(fitted).values())
    while fitted is not None:
        label = getattr(fitted, "abstention_label_", None)
        if label is not None:
            labels.append(label)
        fitted = _what_answers(fitted)
    return labels


def _what_answers(fitted):
    steps = getattr(fitted, "steps", None)
    if steps:
        return steps[-1][1]
    return next((getattr(fitted, name) for name in _FITTED_INSIDE if hasattr(fitted, name)), None)
