"""Traces in the rows of something that was fitted on all of them before they came here."""

from collections import Counter

import numpy as np

from .._user_warnings import warn_user
from ..exceptions import FingerprintWarning
from .column_moments import ColumnMoments, columns_of_floats

__all__ = ["warn_of_fingerprints", "warn_of_moments"]

_ROWS_AT_LEAST = 20  # of all, or of each class: fewer have such means by design or by chance
# How far rounding takes a mean, in standard deviations, and a variance from what a scaler meant
# them to be. Raw columns come as near to that only by chance, and not all of them.
_TOLERANCES = {8: 1e-8, 4: 1e-5}


def warn_of_fingerprints(X, y, threat_model, *, y_is_labels=True):
    """Warn if rows look scaled, or resampled, by something that saw all of them.

    Scaled rows are no matter where an attacker only changes labels, which no scaler looks at.

    Parameters
    ----------
    X : table, CSR matrix or ndarray of shape (n_rows, ...)
        Training rows as `check_rows` returns them.
    y : ndarray of shape (n_rows,)
        Their labels, or their targets.
    threat_model : str
        What an attacker may do.
    y_is_labels : bool, default=True
        Whether y holds labels; else it holds the targets of a regression.
    """
    columns = [] if threat_model == "label_flip" else columns_of_floats(X)
    moments = (ColumnMoments.of(cells) for _, cells in columns)
    if y_is_labels:
        warn_of_moments(moments, X.shape[0], labels=Counter(y.tolist()))
    else:
        warn_of_moments(moments, X.shape[0], targets=ColumnMoments.of(y[:, np.newaxis]))


def warn_of_moments(moments, n_rows, *, labels=None, targets=None):
    """Warn as `warn_of_fingerprints` does, of what was counted before.

    Parameters
    ----------
    moments : iterable of ColumnMoments
        Of some columns each; no more of them is asked for than it takes.
    n_rows : int
        Number of rows.
    labels : dict of int, default=None
        How many rows have each label.
    targets : ColumnMoments, default=None
        Of the targets of a regression, in the place of labels.
    """
    if targets is None:
        from_y, kind = _guess_from_labels(labels), "classifier"
    else:
        from_y, kind = _guess_from_targets(targets, n_rows), "regressor"
    guesses = [guess for guess in (_guess_from_moments(moments, n_rows), from_y) if guess]
    if guesses:
        warn_user(
            f"{' '.join(guesses)} One poisoned row could then have changed all others, or which "
            "others there are, and no certificate holds: give every voter such a step of its own, "
            f"by moving it into the {kind}'s estimator, as in make_pipeline(StandardScaler(), "
            "estimator). If nothing of the kind was done, ignore sklearn_certify.exceptions."
            "FingerprintWarning.",
            FingerprintWarning,
        )


def _guess_from_labels(labels):
    counts = list(labels.values())
    if len(counts) < 2 or min(counts) < max(*counts, _ROWS_AT_LEAST):
        return None
    return (
        f"Each of the {len(counts)} classes has exactly {counts[0]} rows: were rows drawn or made "
        "so that classes are equal, by SMOTE, by undersampling or by hand?"
    )


def _guess_from_targets(targets, n_rows):
    tolerance = _TOLERANCES[targets.itemsize]
    if n_rows < _ROWS_AT_LEAST or targets.are_whole[0]:
        return None
    if abs(targets.means[0]) > tolerance or not _is_one(targets.variances, tolerance, n_rows):
        return None
    return (
        "y has mean 0 and variance 1 to the last digits: was it scaled by all rows together? "
        "A TransformedTargetRegressor as estimator scales it for every voter alone."
    )


def _guess_from_moments(moments, n_rows):
    means, variances, tolerances = [], [], []
    if n_rows < _ROWS_AT_LEAST:
        return None
    for some in moments:
        if some.itemsize not in _TOLERANCES:
            return None
        means, variances = np.append(means, some.means), np.append(variances, some.variances)
        tolerances = np.append(tolerances, np.full(len(some.means), _TOLERANCES[some.itemsize]))
        varies = variances > 0
        # the scores of a PCA differ in size, and are rounded like the largest, which come first
        largest = np.sqrt(np.max(variances, initial=0.0))
        if not (np.abs(means) <= tolerances * largest)[varies].all():
            return None
        if (some.are_whole & (some.variances > 0)).any():
            return None  # counts and codes of a design, such as -1 and 1
    if np.count_nonzero(np.asarray(variances) > 0) < 2:
        return None
    variances, tolerances = variances[varies], tolerances[varies]
    if _is_one(variances, tolerances, n_rows):
        return (
            "All columns of X have mean 0 and variance 1 to the last digits: were they scaled by "
            "all rows together, by a StandardScaler, a whitening PCA or by hand?"
        )
    return (
        "All columns of X have mean 0 to the last digits: were they centred by all rows together, "
        "by a PCA, a StandardScaler or by hand?"
    )


def _is_one(variances, tolerances, n_rows):
    """Say whether all variances are 1, of the rows or as estimates from a sample of rows."""
    of_population = np.abs(variances - 1) <= 10 * tolerances
    of_sample = np.abs(variances * n_rows / (n_rows - 1) - 1) <= 10 * tolerances
    return bool(np.all(of_population) or np.all(of_sample))
