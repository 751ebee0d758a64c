"""What one voter says about queries where y holds numbers."""

import numpy as np

__all__ = ["values_of"]


def values_of(estimator, X, classes=None, known=None):
    """Let one voter predict a number for every row.

    Parameters
    ----------
    estimator : fitted estimator or None
        None abstains.
    X : DataFrame, CSR matrix or ndarray of shape (n_samples, ...)
        Query rows.
    classes, known : None
        There are no labels; see `votes_of`.

    Returns
    -------
    values : ndarray of float64, of shape (n_samples,)
        NaN = abstains.
    problem : str or None
        What is wrong with some of the predictions.
    """
    values = np.full(X.shape[0], np.nan)
    if estimator is None:
        return values, None
    answers = np.asarray(estimator.predict(X))
    if answers.shape[:1] != values.shape or answers.size != values.size:
        raise ValueError(f"it predicted an array of shape {answers.shape} for {len(values)} rows")
    if answers.dtype.kind not in "biuf":
        raise ValueError(f"it predicted {answers.dtype}, which are no numbers")
    values[:] = answers.reshape(values.shape)
    unusable = ~np.isfinite(values)
    values[unusable] = np.nan
    return values, "it predicted NaN or infinity" if unusable.any() else None
