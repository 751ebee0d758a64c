"""How one certificate compares with another on the same rows."""

import numpy as np

from ._predictions import read_predictions

__all__ = ["certified_radius_gain"]


def certified_radius_gain(y_true, y_pred, radii, baseline_radii, *, baseline_pred=None):
    """Return the share of rows whose certified radius rises over a baseline, and by how much.

    A prediction that is wrong has radius -1, so a row counts only if it is predicted correctly.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n_samples,)
        True and predicted labels. A true label that is missing is predicted wrongly.
    radii, baseline_radii : array-like of int of shape (n_samples,)
        Certified radii, -1 = abstains, and those of the baseline, in the same units.
    baseline_pred : array-like of shape (n_samples,), default=None
        The labels that the baseline predicts. By default `y_pred`, as for two certificates of
        the same votes.

    Returns
    -------
    share : float
        Rows with a larger radius / all rows.
    mean_gain : float
        By how much those radii are larger, on average; 0 if there are none.

    Raises
    ------
    InvalidInputError
        If radii are no whole numbers, there are no rows, or true labels are of another kind
        than predicted ones, such as texts and numbers.

    See Also
    --------
    mean_voter_accuracy : How good the voters are by themselves.

    Notes
    -----
    Rows whose radius falls are not counted: exchange the radii to see them.

    References
    ----------
    Wang, Levine and Feizi, "Improved Certified Defenses against Data Poisoning with
    (Deterministic) Finite Aggregation", ICML 2022, Table 2: the last two columns compare
    Theorem 2 with the radii of Deep Partition Aggregation on the same votes, which are those of
    `plurality_radius` divided by the spreading degree and rounded down.

    Examples
    --------
    >>> from sklearn_certify.metrics import certified_radius_gain
    >>> certified_radius_gain([0, 1, 1, 0], [0, 1, 0, 0], [5, 6, 9, 2], [5, 3, 2, 1])
    (0.5, 2.0)
    """
    if baseline_pred is None:
        baseline_pred = y_pred
    radius, baseline = (
        np.where(correct, found, -1)
        for found, correct in (
            read_predictions(y_true, y_pred, radii),
            read_predictions(y_true, baseline_pred, baseline_radii),
        )
    )
    gains = (radius - baseline)[radius > baseline]
    return len(gains) / len(radius), float(gains.mean()) if len(gains) else 0.0
