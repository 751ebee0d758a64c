"""How good voters are, each by itself."""

import numpy as np
from sklearn.utils.validation import check_consistent_length

from .._rows import truth_of
from ..exceptions import InvalidInputError

__all__ = ["mean_voter_accuracy"]


def mean_voter_accuracy(y_true, votes, *, classes=None):
    """Return the accuracy of an ensemble's voters, each by itself, on average.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        True labels, or class indices if `classes` is None. Where one is missing or unknown, every
        voter is wrong.
    votes : array-like of int of shape (n_samples, n_voters)
        Index of the class that each voter chooses, as the `votes` method of an ensemble returns
        it. A voter that abstains, -1, is not right.
    classes : array-like of shape (n_classes,), default=None
        The labels that votes are indices into, such as the `classes_` of the ensemble.

    Returns
    -------
    float

    Raises
    ------
    InvalidInputError
        If there are no votes, if they are no whole numbers from -1 up or lie beyond `classes`,
        or if true labels are of another kind than `classes`, such as texts and numbers.

    See Also
    --------
    certified_radius_gain : What a certificate gains over another.

    References
    ----------
    Wang, Levine and Feizi, "Improved Certified Defenses against Data Poisoning with
    (Deterministic) Finite Aggregation", ICML 2022, Table 2: the accuracy of base classifiers.

    Examples
    --------
    >>> from sklearn_certify.metrics import mean_voter_accuracy
    >>> mean_voter_accuracy(["cat", "dog"], [[0, 0, 1], [1, -1, 1]], classes=["cat", "dog"])
    0.6666666666666666
    """
    votes = np.asarray(votes)
    if votes.ndim != 2 or votes.size == 0:
        raise InvalidInputError(
            f"votes must have shape (n_samples, n_voters), at least one of each; got {votes.shape}."
        )
    if votes.dtype.kind not in "iu" or votes.min() < -1:
        raise InvalidInputError(
            "votes must be class indices, or -1 where a voter abstains; got "
            f"{votes.dtype} values from {votes.min()} up."
        )
    if classes is not None:
        classes = np.asarray(classes)
        if votes.max() >= len(classes):
            raise InvalidInputError(
                f"votes must be indices into the {len(classes)} classes, got {votes.max()}."
            )
    truth = truth_of(y_true, classes)
    check_consistent_length(truth, votes)
    labels = range(int(votes.max()) + 1) if classes is None else classes.tolist()
    index_of = {label: index for index, label in enumerate(labels)}
    truth = np.array([index_of.get(label, -2) for label in truth], dtype=np.int64)
    n_right = sum(
        int(np.count_nonzero(row == label)) for row, label in zip(votes, truth, strict=True)
    )
    return n_right / votes.size
