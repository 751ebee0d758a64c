"""Whether a backdoor works, and what a filter found of it."""

import numpy as np
from sklearn.utils.validation import check_consistent_length, column_or_1d

from .._rows import check_same_kind, column_cells
from ..exceptions import InvalidInputError
from ._predictions import are_label

__all__ = ["false_negatives", "false_positives", "targeted_misclassification_rate"]


def targeted_misclassification_rate(y_true, y_pred, y_pred_triggered, *, source, target):
    """Return the share of the source class that a trigger turns into the target.

    A row counts if it is classified correctly as it is, and as `target` with the trigger on it.
    Rows of other classes are ignored: the attack does not speak about them.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        True labels of test rows.
    y_pred : array-like of shape (n_samples,)
        Predictions on these rows.
    y_pred_triggered : array-like of shape (n_samples,)
        Predictions on the same rows with the trigger on each.
    source, target : label
        The class that is attacked, and what its rows shall be taken for.

    Returns
    -------
    float
        Rows that count / rows of the source class; 0 is best for the defender.

    Raises
    ------
    InvalidInputError
        If no row is of the class `source`, `source` and `target` are the same, or labels are of
        several kinds, such as texts and numbers.

    See Also
    --------
    sklearn_certify.datasets.make_backdoor : Training sets with a backdoor, and its trigger.

    Notes
    -----
    This is a measurement of one attack, and no certificate against others. A model that is
    wrong without the trigger scores low here, so read it together with the accuracy.

    References
    ----------
    "Defending Against Backdoor Attacks Using Ensembles of Weak Learners", equation 7, divided by
    the number of rows of the source class.

    Examples
    --------
    >>> from sklearn_certify.metrics import targeted_misclassification_rate
    >>> targeted_misclassification_rate(
    ...     ["stop", "stop", "stop", "stop", "go"],
    ...     ["stop", "stop", "stop", "go", "go"],
    ...     ["go", "stop", "yield", "go", "go"],
    ...     source="stop",
    ...     target="go",
    ... )
    0.25
    """
    given = {"y_true": y_true, "y_pred": y_pred, "y_pred_triggered": y_pred_triggered}
    labels = {name: column_cells(y, name) for name, y in given.items()}
    check_consistent_length(*labels.values())
    check_same_kind([target], [source], ("target", "source"))
    for name, y in labels.items():
        check_same_kind(y, [source], (name, "source"))
    if source == target:
        raise InvalidInputError(f"source and target are the same label, {source!r}.")
    of_source = are_label(labels["y_true"], source)
    if not of_source.any():
        raise InvalidInputError(f"No row of y_true is of the class source={source!r}.")
    hit = are_label(labels["y_pred"], source) & are_label(labels["y_pred_triggered"], target)
    return float(hit[of_source].mean())


def false_negatives(poisoned, keep_mask, *, normalize=False):
    """Count the poisoned rows that a filter kept.

    Parameters
    ----------
    poisoned : array-like of bool, of shape (n_rows,)
        True where a training row is poisoned.
    keep_mask : array-like of bool, of shape (n_rows,)
        True where the filter kept the row, as its ``keep_mask_``.
    normalize : bool, default=False
        Whether to return the share of the poisoned rows.

    Returns
    -------
    int or float

    Raises
    ------
    InvalidInputError
        If an array does not hold True or False for every row, or a share of no rows is asked for.

    References
    ----------
    "Defending Against Backdoor Attacks Using Ensembles of Weak Learners", table 3, column FN.

    Examples
    --------
    >>> from sklearn_certify.metrics import false_negatives
    >>> false_negatives([True, True, False, False], [True, False, True, False])
    1
    """
    poisoned, keep_mask = _check_masks(poisoned, keep_mask)
    return _count(poisoned & keep_mask, poisoned, normalize, "poisoned")


def false_positives(poisoned, keep_mask, *, normalize=False):
    """Count the clean rows that a filter dropped.

    Parameters
    ----------
    poisoned : array-like of bool, of shape (n_rows,)
        True where a training row is poisoned.
    keep_mask : array-like of bool, of shape (n_rows,)
        True where the filter kept the row, as its ``keep_mask_``.
    normalize : bool, default=False
        Whether to return the share of the clean rows.

    Returns
    -------
    int or float

    Raises
    ------
    InvalidInputError
        If an array does not hold True or False for every row, or a share of no rows is asked for.

    References
    ----------
    "Defending Against Backdoor Attacks Using Ensembles of Weak Learners", table 3, column FP.

    Examples
    --------
    >>> from sklearn_certify.metrics import false_positives
    >>> false_positives([True, False, False, False, False], [True, False, True, True, True],
    ...                 normalize=True)
    0.25
    """
    poisoned, keep_mask = _check_masks(poisoned, keep_mask)
    return _count(~poisoned & ~keep_mask, ~poisoned, normalize, "clean")


def _check_masks(poisoned, keep_mask):
    masks = []
    for name, mask in (("poisoned", poisoned), ("keep_mask", keep_mask)):
        mask = column_or_1d(mask)
        if mask.dtype.kind != "b":  # row numbers would be taken for True
            raise InvalidInputError(
                f"{name} must hold True or False for every row, got values of type {mask.dtype}."
            )
        masks.append(mask)
    check_consistent_length(*masks)
    return masks


def _count(errors, rows, normalize, kind):
    n_errors, n_rows = int(np.count_nonzero(errors)), int(np.count_nonzero(rows))
    if not normalize:
        return n_errors
    if n_rows == 0:
        raise InvalidInputError(f"There is no {kind} row to take a share of.")
    return n_errors / n_rows
