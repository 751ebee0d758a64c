"""How many of its own labels must change before a voter votes otherwise, as far as it tells."""

import numpy as np

__all__ = ["flip_costs_of"]


def flip_costs_of(estimator, X, classes, known=None):
    """Let one voter tell what each of its votes would cost an attacker who flips labels.

    Parameters
    ----------
    estimator : fitted estimator or None
        What offers no ``flip_costs``, such as a voter whose rows have one label, tells nothing.
    X : DataFrame, CSR matrix or ndarray of shape (n_samples, ...)
        Query rows.
    classes : ndarray of shape (n_classes,)
        All labels that there can be, sorted.
    known : None
        All of them may be voted for; see `votes_of`.

    Returns
    -------
    costs : ndarray of int32, of shape (n_samples, n_classes)
        How many labels of its rows must change before it may vote for each class; one where it
        tells nothing.
    problem : None
    """
    costs = np.ones((X.shape[0], len(classes)), dtype=np.int32)
    if hasattr(estimator, "flip_costs"):
        told = np.asarray(estimator.flip_costs(X, classes))
        if told.shape != costs.shape or told.dtype.kind not in "iu":
            raise ValueError(
                f"its flip_costs are {told.dtype} of shape {told.shape}, not whole numbers of "
                f"shape {costs.shape}"
            )
        costs = np.clip(told, 0, np.iinfo(np.int32).max).astype(np.int32)
    return costs, None
