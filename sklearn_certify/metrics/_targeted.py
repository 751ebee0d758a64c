"""How often an attacker who wants one label can get it, at most."""

import numpy as np

from .._rows import check_same_kind, column_cells
from ..exceptions import InvalidInputError
from ..threat import check_poison_sizes
from ._predictions import are_label, read_radii

__all__ = ["certified_attack_success_rate"]


def certified_attack_success_rate(y_true, targeted_radii, poison_size, *, target, source=None):
    """Return an upper bound on the success rate of attacks that want one label.

    The attack success rate is the share of the rows of other labels that are predicted as
    `target`. No attack of the given size has a higher one, even if each row has an attacker of its
    own.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        True labels. Rows of `target` itself are left out.
    targeted_radii : array-like of int of shape (n_samples,)
        Certified radii toward `target`, as ``certified_radius(X, target=target)`` returns them; -1
        counts as a success.
    poison_size : int or array-like of int of shape (n_sizes,)
        Poison sizes in the same units.
    target : label
        What the attacker wants rows to be taken for.
    source : label, default=None
        The true label of the rows that count. None: all but `target`.

    Returns
    -------
    float or ndarray of float64 of shape (n_sizes,)
        0 is best for the defender. With poison size 0 it is the share that is predicted as
        `target` without poison.

    Raises
    ------
    InvalidInputError
        If radii or poison sizes are no whole numbers, no row counts, `source` and `target` are the
        same, or labels are of several kinds, such as texts and numbers.

    See Also
    --------
    sklearn_certify.neg_certified_attack_success_rate : The scorer for searches.
    targeted_misclassification_rate : A measurement of one attack with a trigger.

    Examples
    --------
    Three stop signs; one turns into a speed limit with three units of poison, another is taken for
    one as it is.

    >>> from sklearn_certify.metrics import certified_attack_success_rate
    >>> y_true = ["stop", "stop", "stop", "yield"]
    >>> radii = [2, -1, 7, 0]
    >>> certified_attack_success_rate(y_true, radii, [0, 3, 8], target="50", source="stop").round(2)
    array([0.33, 0.67, 1.  ])
    """
    sizes = check_poison_sizes(poison_size)
    y_true = column_cells(y_true, "y_true")
    radii = read_radii(targeted_radii, y_true)
    check_same_kind(y_true, [target], ("y_true", "target"))
    counts = ~are_label(y_true, target)
    if source is not None:
        check_same_kind([source], [target], ("source", "target"))
        if source == target:
            raise InvalidInputError(f"source and target are the same label, {source!r}.")
        counts = are_label(y_true, source)
    if not counts.any():
        wanted = "is not of the target" if source is None else f"is of the class source={source!r}"
        raise InvalidInputError(f"No row of y_true {wanted}, so there is nothing to score.")
    rate = (radii[counts, np.newaxis] < np.atleast_1d(sizes)).mean(axis=0)
    return float(rate[0]) if sizes.ndim == 0 else rate
